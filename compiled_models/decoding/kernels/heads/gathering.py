"""The entries of a head with finitely many keys for tokens that are all known: a prompt's, at once."""

from __future__ import annotations

import numpy as np

from compiled_models.decoding.entries import Entries
from compiled_models.decoding.kernels.recognise import RecognisedHead, RecognisedNetwork
from compiled_models.decoding.kernels.sparse import joined, links
from compiled_models.decoding.weights import Flags, Sparse
from construction.vocabulary import Tokens

__all__ = ["gathered", "of_rows"]


def gathered(network: RecognisedNetwork, head: RecognisedHead, tokens: Tokens, before: Entries | None) -> Entries:
    """The merged entries of `before` and of tokens [n w], whose keys and values are their own."""
    keys, values = of_rows(network, head.weights.key), of_rows(network, head.weights.value)  # [r c], [r v]
    adds: Flags = np.asarray(keys.any(1) | values.any(1))
    kinds, counts = np.unique(np.where(adds[tokens], tokens, 0), axis=0, return_counts=True)
    found: dict[bytes, int] = {}
    merged_keys: list[np.ndarray] = []
    merged_sums: list[np.ndarray] = []
    merged_counts: list[float] = []
    old = [] if before is None else list(zip(*before, strict=True))
    new = [
        (keys[token].sum(0), values[token].sum(0).astype(np.float64) * count, count)
        for token, count in zip(kinds, counts, strict=True)
    ]
    for key, total, count in old + new:
        name = (key + 0.0).tobytes()
        if (row := found.setdefault(name, len(merged_keys))) == len(merged_keys):
            merged_keys.append(key)
            merged_sums.append(np.array(total, dtype=np.float64))
            merged_counts.append(float(count))
        else:
            merged_sums[row] += total
            merged_counts[row] += float(count)
    dtype = network.weights.dtype
    return Entries(
        np.array(merged_keys, dtype).reshape(len(merged_keys), keys.shape[1]),
        np.array(merged_sums).reshape(len(merged_keys), values.shape[1]),
        np.array(merged_counts),
    )


def of_rows(network: RecognisedNetwork, matrix: Sparse) -> np.ndarray:
    """What each row of the vocabulary adds to a key or a value [r c]."""
    paths = joined(links(network.weights.embed), links(matrix.matrix))
    added = np.zeros((len(network.weights.embed), matrix.matrix.shape[1]), network.weights.dtype)
    np.add.at(added, (paths.sources, paths.targets), paths.weights)
    return added
