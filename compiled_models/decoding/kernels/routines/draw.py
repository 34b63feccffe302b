"""A draw in a kernel: the same token for the same number as `Sampler` draws."""

from __future__ import annotations

from math import inf

import numpy as np

from compiled_models.decoding.kernels.routines.types import Floats, Integers

__all__ = ["ROUTINES"]


def draw(logits: Floats, drawn: float, kinds: Integers, token: Integers) -> bool:  # noqa: C901
    """Write the first token, in the order of rows, whose cumulative share exceeds `drawn`; False if there is none."""
    most = (kinds.shape[1] - 2) // 2
    rest, score, label = np.zeros(most + 1), np.zeros(most + 1), np.zeros(most + 1, dtype=np.int64)
    target = inf
    for _ in range(2):
        total = 0.0
        for k in range(len(kinds)):
            n = kinds[k, 1]
            rest[n] = 0.0
            for i in range(n - 1, -1, -1):
                first = kinds[k, 2 + 2 * i]
                rest[i] = rest[i + 1] + logits[first : first + kinds[k, 3 + 2 * i]].max()
            depth, score[0], label[0] = 0, logits[kinds[k, 0]], 0
            if not score[0] + rest[0] > 0.0:
                continue
            while depth >= 0:
                if depth == n:
                    total += score[n]
                    if total > target:
                        token[:] = 0
                        token[0] = kinds[k, 0]
                        for i in range(n):
                            token[1 + i] = kinds[k, 2 + 2 * i] + label[i] - 1
                        return True
                    depth -= 1
                elif label[depth] == kinds[k, 3 + 2 * depth]:
                    depth -= 1
                else:
                    score[depth + 1] = score[depth] + logits[kinds[k, 2 + 2 * depth] + label[depth]]
                    label[depth] += 1
                    if score[depth + 1] + rest[depth + 1] > 0.0:
                        depth += 1
                        label[depth] = 0
        if total == 0.0:
            return False
        target = drawn * total
    return False


def likeliest(logits: Floats, kinds: Integers, token: Integers) -> None:
    """Write the token with the largest logit, as `Vocabulary.best` finds it."""
    best, parts, rows = -inf, np.zeros_like(logits[: kinds.shape[1]]), np.zeros(kinds.shape[1], dtype=np.int64)
    for k in range(len(kinds)):
        n = kinds[k, 1]
        rows[0], parts[0] = kinds[k, 0], logits[kinds[k, 0]]
        for i in range(n):
            first = kinds[k, 2 + 2 * i]
            rows[1 + i] = first + logits[first : first + kinds[k, 3 + 2 * i]].argmax()
            parts[1 + i] = logits[rows[1 + i]]
        score = parts[0]
        if n + 1 >= 8:
            sums = parts[:8].copy()
            whole = (n + 1) // 8 * 8
            for i in range(8, whole):
                sums[i % 8] += parts[i]
            score = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]))
            for i in range(whole, n + 1):
                score += parts[i]
        else:
            for i in range(1, n + 1):
                score += parts[i]
        if score > best:
            best = score
            token[:] = 0
            token[: n + 1] = rows[: n + 1]


ROUTINES = (draw, likeliest)
