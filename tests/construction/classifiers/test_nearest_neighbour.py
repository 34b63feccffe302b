"""The nearest-neighbour network against sorting by distance, and against an index in front of it."""

import numpy as np
import pytest

from compiled_models.decoding.dense import DenseDecoder
from construction.classifiers.nearest_neighbour import (
    NeighbourConfig,
    draw_nearest_neighbour,
    nearest_neighbour_network,
    neighbour_prompt,
    neighbour_vocabulary,
)
from construction.codec import Prompt
from construction.config import CapacityError
from construction.fingerprint import fingerprint
from tm import InputError

NETWORK = nearest_neighbour_network(dimensions=4, examples=64, levels=6, outcomes=3, rounds=12)
VOCABULARY = neighbour_vocabulary(NETWORK.config)


def generated(x, outcomes, question, k):
    prompt = neighbour_prompt(VOCABULARY, x, outcomes, question, k)
    decoder = DenseDecoder(NETWORK, VOCABULARY, Prompt(prompt, VOCABULARY.token("BOS")))
    return [VOCABULARY.parse(tokens[0]) for tokens in decoder.generate(k)], decoder


@pytest.mark.parametrize("seed", range(12))
def test_the_k_nearest_in_order(seed):
    rng = np.random.default_rng(seed)
    n, d, k = int(rng.integers(12, 65)), int(rng.integers(1, 5)), int(rng.integers(1, 13))
    x, outcomes = rng.integers(-6, 7, size=(n, d)), rng.integers(0, 3, size=n)
    question = rng.integers(-6, 7, size=d)
    output, _ = generated(x, outcomes, question, k)
    order = np.argsort(((x - question) ** 2).sum(axis=1), kind="stable")[:k]
    assert output == [("NEIGHBOUR", (int(i), k - 1 - r)) for r, i in enumerate(order)]


@pytest.mark.parametrize("k", [1, 3, 7, 12])
def test_the_answer_is_the_share_among_the_neighbours(k):
    from compiled_models.decoding.dense import logits_after
    from construction.transformer import KeyValueCache

    rng = np.random.default_rng(k)
    x, outcomes, question = rng.integers(-2, 3, size=(40, 3)), rng.integers(0, 3, size=40), rng.integers(-2, 3, size=3)
    output, _ = generated(x, outcomes, question, k)
    context = [*neighbour_prompt(VOCABULARY, x, outcomes, question, k)]
    context += [VOCABULARY.token("NEIGHBOUR", *fields) for _, fields in output]
    (logits,) = logits_after(NETWORK, np.array(context), KeyValueCache(), last_only=True)
    order = np.argsort(((x - question) ** 2).sum(axis=1), kind="stable")[:k]
    shares = np.bincount(outcomes[order], minlength=3) / k
    probabilities = {VOCABULARY.parse(token)[1][0]: p for token, p in VOCABULARY.positive(logits[-1])}
    assert [probabilities.get(y, 0.0) for y in range(3)] == pytest.approx(shares, abs=1e-15)


def test_one_hash_whatever_the_examples():
    again = nearest_neighbour_network(dimensions=4, examples=64, levels=6, outcomes=3, rounds=12)
    before = fingerprint(NETWORK)
    generated(np.array([[1], [2]]), np.array([0, 1]), np.array([2]), 1)
    assert fingerprint(NETWORK) == before == fingerprint(again)
    entries = draw_nearest_neighbour(NETWORK.config).entries
    assert all(entry.because for entry in entries)
    assert len(entries) == before.nonzero


@pytest.mark.parametrize(
    ("n", "k", "outcome", "said"),
    [(65, 1, 0, "too many examples"), (2, 3, 0, "neighbours"), (2, 0, 0, "neighbours"), (2, 1, 3, "outcome")],
)
def test_what_it_cannot_be_told(n, k, outcome, said):
    with pytest.raises(InputError, match=said):
        neighbour_prompt(VOCABULARY, np.ones((n, 2), dtype=int), np.full(n, outcome), np.zeros(2, dtype=int), k)


def test_the_nearest_legal_capacities():
    right = {"dimensions": 1, "examples": 1, "levels": 1, "outcomes": 1, "rounds": 1}
    NeighbourConfig(**right)
    for wrong in ({"examples": 3}, {"examples": 2**15}, {"levels": 4096}, *({name: 0} for name in right)):
        with pytest.raises(CapacityError):
            NeighbourConfig(**(right | wrong))
