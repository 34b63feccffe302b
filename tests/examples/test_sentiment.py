"""The sentiment example: its data, its two readers, and how good they may claim to be."""

from collections import Counter
from itertools import product

import numpy as np
import pytest

from compiled_models.elicit.learning.separator import draft_separator
from construction.fingerprint import fingerprint
from examples.sentiment.__main__ import divided, label
from examples.sentiment.by_margin import Words, by_margin, reading_network
from examples.sentiment.by_policy import LexiconReader, base_reader
from examples.sentiment.reviews import lexicon, reviews, tokens, wilson

TEXTS, LABELS = reviews()


@pytest.fixture(scope="module")
def base():
    return base_reader()


@pytest.fixture(scope="module")
def margin():
    return reading_network()


def test_the_reviews_are_a_few_hundred_balanced_and_all_different():
    assert len(TEXTS) >= 200
    assert Counter(LABELS.tolist()) == {1: len(TEXTS) // 2, -1: len(TEXTS) // 2}
    assert len(set(TEXTS)) == len(TEXTS)
    assert all(3 <= len(tokens(text)) <= 30 for text in TEXTS)


def test_no_pair_is_split():
    for shown, _, asked, _ in divided(0):
        pairs = [{TEXTS.index(text) // 2 for text in texts} for texts in (shown, asked)]
        assert not pairs[0] & pairs[1]


def test_the_margin_machine_answers_as_the_draft_and_better_than_guessing(margin):
    before, right, asked = fingerprint(margin).sha256, 0, 0
    for number, (shown, labels, questions, truth) in enumerate(divided(0)):
        words = Words.of(shown)
        draft = draft_separator(words(shown), labels, certify="1/2", slack=1, limit=2_000)
        guesses = draft.predict(words(questions))
        right, asked = right + int((guesses == truth).sum()), asked + len(truth)
        if number == 0:  # the network itself, on one fold; the example does it on all
            answers, separator = by_margin(margin, shown, labels, questions)
            assert separator.stopped
            assert separator.choices.tolist() == draft.choices.tolist()
            assert answers.tolist() == guesses.tolist()
    assert fingerprint(margin).sha256 == before
    assert wilson(right, asked)[0] > 0.5


def test_the_base_network_reads_what_it_was_shown(base):
    words = {"good": 1, "dull": -1}
    phrases = [" ".join(few) for few in product(("good", "dull", "not", ".", "film"), repeat=3)]
    reader, tuned = (LexiconReader(words, phrases, base, tuned=t) for t in (False, True))
    for text, verdict in (("A good film", 1), ("dull", -1), ("a film", 0), ("not dull", 1), ("not good.", -1)):
        assert reader.read(text) == tuned.read(text) == verdict


def test_a_word_that_was_not_demonstrated_is_any_word(base):
    assert LexiconReader({"good": 1, "dull": -1}, ["good film", "a film"], base).read("dull film") == 0


def test_one_hash_whatever_the_lexicon(base):
    before = fingerprint(base).sha256
    LexiconReader(lexicon(), TEXTS[:20], base).read(TEXTS[0])
    assert fingerprint(base).sha256 == before


def test_one_review(capsys, monkeypatch):
    monkeypatch.setattr("examples.sentiment.__main__.reviews", lambda: (TEXTS[:40], LABELS[:40]))
    label("A lovely, warm and funny film.")
    out = capsys.readouterr().out
    assert "margin machine: " in out
    assert "lexicon machine" in out
    assert out.rstrip().endswith("praise")


def test_the_interval():
    low, high = wilson(50, 100)
    assert (round(low, 3), round(high, 3)) == (0.404, 0.596)
    assert np.isclose(wilson(0, 10)[0], 0)
