"""The back-off network against counting, and the single weighted head that would not do."""

from collections import Counter

import numpy as np
import pytest

from compiled_models.decoding.dense import DenseDecoder, logits_after
from compiled_models.fingerprints import fingerprint
from construction.back_off import BackOffConfig, back_off_network, back_off_prompt, back_off_vocabulary, draw_back_off
from construction.codec import Prompt
from construction.config import CapacityError
from construction.transformer import KeyValueCache
from tm import InputError

NETWORK = back_off_network(symbols=4, order=3)
VOCABULARY = back_off_vocabulary(NETWORK.config)


def counted(text, order, symbols):
    """What followed the longest suffix of up to `order` symbols that was there before, as shares; counting only."""
    for r in range(min(order, len(text)), -1, -1):
        suffix = text[len(text) - r :]
        following = Counter(text[i] for i in range(r, len(text)) if text[i - r : i] == suffix)
        if total := sum(following.values()):
            return [following[a] / total for a in range(symbols)]
    return [1 / symbols] * symbols


def said(network, text):
    vocabulary = back_off_vocabulary(network.config)
    logits = np.concatenate(list(logits_after(network, back_off_prompt(vocabulary, text), KeyValueCache())))
    return np.maximum(logits[:, vocabulary["SYMBOL"]["symbol"].rows], 0)


@pytest.mark.parametrize("seed", range(8))
def test_the_distribution_at_every_position(seed):
    rng = np.random.default_rng(seed)
    symbols, order = int(rng.integers(2, 5)), int(rng.integers(1, 5))
    network = back_off_network(symbols=symbols, order=order)
    text = rng.choice(symbols, size=120, p=rng.dirichlet(np.ones(symbols))).tolist()
    expected = [counted(text[:i], order, symbols) for i in range(len(text) + 1)]
    assert np.abs(said(network, text) - np.array(expected)).max() < 1e-12


def test_long_texts():
    text = np.random.default_rng(0).integers(0, 4, size=3_000).tolist()
    assert np.abs(said(NETWORK, text)[-1] - counted(text, 3, 4)).max() < 1e-12


def test_it_generates_what_it_read():
    prompt = back_off_prompt(VOCABULARY, [0, 1, 2, 3, 3] * 3)
    decoder = DenseDecoder(NETWORK, VOCABULARY, Prompt(prompt, VOCABULARY.token("BOS")))
    text = [VOCABULARY.parse(tokens[0])[1][0] for tokens in decoder.generate(10)]
    assert text == [0, 1, 2, 3, 3] * 2


def test_one_head_with_weights_would_be_wrong():
    """Weights 2^(k-j), j tokens back: a far agreement behind a gap outscores the nearest agreement alone."""
    k, context = 3, (0, 1, 2)
    near, gap = ((3, 3, 2), "near"), ((0, 3, 2), "gap")
    scores = {
        name: sum(2 ** (k - j) for j in range(1, k + 1) if other[-j] == context[-j]) for other, name in (near, gap)
    }
    assert scores["gap"] > scores["near"], "so the head attends to one of the two, and back-off to both"
    text = [3, 3, 2, 0, 0, 3, 2, 1, 0, 1, 2]  # after 2: once 0 and once 1
    assert said(NETWORK, text)[-1] == pytest.approx([0.5, 0.5, 0, 0])


def test_one_hash_whatever_the_text():
    before = fingerprint(NETWORK)
    said(NETWORK, [0, 1, 2])
    assert fingerprint(NETWORK) == before == fingerprint(back_off_network(symbols=4, order=3))
    entries = draw_back_off(NETWORK.config).entries
    assert all(entry.because for entry in entries)
    assert len(entries) == before.nonzero


def test_what_it_cannot_be_told():
    with pytest.raises(InputError, match="no such symbol"):
        back_off_prompt(VOCABULARY, [4])
    for sizes in ({"symbols": 1, "order": 1}, {"symbols": 2, "order": 0}):
        with pytest.raises(CapacityError):
            BackOffConfig(**sizes)
