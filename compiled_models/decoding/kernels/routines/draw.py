"""A draw in a kernel: the same token for the same number as `Sampler` draws."""

from __future__ import annotations

from math import inf

import numpy as np

from compiled_models.decoding.kernels.routines import Floats, Integers

__all__ = ["CLEAR", "ROUTINES"]

CLEAR = 1e-6  # the least sum of positive logits to draw from


def draw(logits: Floats, drawn: float, kinds: Integers, token: Integers, edge: float) -> bool:  # noqa: C901
    """Write the first token, in the order of rows, whose cumulative share exceeds `drawn`.

    False, and nothing written, where rounding could decide: within `edge` of where another token's share begins, or
    where the positive logits come to next to nothing.
    """
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
                        if total - target <= edge or target - (total - score[n]) <= edge:
                            return False
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
        if total < CLEAR:
            return False
        target = drawn * total
    return False


ROUTINES = (draw,)
