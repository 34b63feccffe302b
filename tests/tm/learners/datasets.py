"""Random data for learners, from a seed: separable and not, one example, one feature, equal ones with other labels."""

from __future__ import annotations

from random import Random

from tm.learners.examples import Example

__all__ = ["random_dataset"]


def random_dataset(rng: Random, most: int = 10, features: int = 6) -> tuple[list[Example], list[list[int]]]:
    """Examples, and queries of the same width.

    Half of the data follow a separator; one in eight has an example again with the other label.
    """
    d, n = rng.randint(1, features), rng.randint(1, most)
    vectors = [[rng.randint(0, 1) for _ in range(d)] for _ in range(n)]
    true = [rng.choice([-2, -1, 1, 2]) for _ in range(d)]
    separable = rng.random() < 0.5
    labels = [
        (1 if sum(w * x for w, x in zip(true, vector, strict=True)) > 0 else -1) if separable else rng.choice([1, -1])
        for vector in vectors
    ]
    examples: list[Example] = list(zip(vectors, labels, strict=True))
    if rng.random() < 0.125:
        vector, label = rng.choice(examples)
        examples.append((vector, -label))
    return examples, [[rng.randint(0, 1) for _ in range(d)] for _ in range(rng.randint(0, 3))]
