"""The margin machine against whole numbers, Novikoff, Frank-Wolfe and its own inequality for the sharpness."""

from fractions import Fraction

import numpy as np
import pytest
import torch

from compiled_models.decoding.dense import DenseDecoder
from compiled_models.decoding.speculative import decode_speculatively
from compiled_models.elicit.learning.separator import Separator, ask, draft_separator, largest_margin, learn_separator
from construction.classifiers.margin_machine import draw_margin_machine, margin_machine
from construction.classifiers.margin_prompt import MarginMachineConfig, margin_prompt, margin_vocabulary
from construction.codec import Prompt
from construction.config import CapacityError
from construction.fingerprint import fingerprint
from tm import InputError

MACHINE = margin_machine(dimensions=6, examples=32, levels=8)
FORGIVING = margin_machine(dimensions=6, examples=32, levels=8, slack=4)
VOCABULARY = margin_vocabulary(MACHINE.config)


def separable(rng, n=24, d=5, levels=8):
    """Integer vectors and the labels of a half-space that has none of them on its border."""
    w = rng.normal(size=d)
    x = rng.integers(-levels, levels + 1, size=(n, d))
    x = x[np.abs(x @ w) > 0.3]
    return x, np.where(x @ w > 0, 1, -1)


def inseparable(rng, n=24, d=4):
    x = rng.integers(-6, 7, size=(n, d))
    return x, rng.choice([-1, 1], size=n)


# -- the tokens ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_question_first_and_token_by_token(seed):
    """The prompt holds the question; the network generates everything that follows it, with nobody's help."""
    rng = np.random.default_rng(seed)
    (x, y), question = separable(rng), rng.integers(-8, 9, size=5)
    prompt = margin_prompt(VOCABULARY, x, y, certify=["0", "1/2"][seed % 2], question=question)
    decoder = DenseDecoder(MACHINE, VOCABULARY, Prompt(prompt, VOCABULARY.token("LABEL", 0)))
    output = []
    for tokens in decoder.generate(5_000):
        output.append(VOCABULARY.parse(tokens[0]))
        if output[-1][0] == "LABEL":
            break
    expected = draft_separator(x, y, certify=["0", "1/2"][seed % 2])
    assert output[:-2] == [("CHOICE", (i,)) for i in expected.choices]
    assert output[-2] == ("STOP", ())
    assert output[-1] == ("LABEL", ((int(expected.predict(question[None])[0]) + 1) // 2,))


@pytest.mark.parametrize("network", [MACHINE, FORGIVING])
@pytest.mark.parametrize("certify", ["0", "1/2", "7/8"])
def test_every_token_is_the_networks_own(network, certify):
    for seed in range(4):
        rng = np.random.default_rng(seed)
        x, y = separable(rng) if network is MACHINE else inseparable(rng)
        expected = draft_separator(x, y, certify=certify, slack=network.config.slack)
        learnt, cache = learn_separator(network, x, y, certify=certify)
        assert learnt.stopped
        assert learnt.certified
        assert learnt.confirmed == len(expected.choices) + 1
        assert learnt.choices.tolist() == expected.choices.tolist()
        questions = rng.integers(-8, 9, size=(40, x.shape[1]))
        assert ask(network, cache, questions).tolist() == expected.predict(questions).tolist()


def test_a_wrong_draft_changes_nothing():
    x, y = separable(np.random.default_rng(3))
    stop = VOCABULARY.token("STOP")
    prompt = Prompt(margin_prompt(VOCABULARY, x, y), stop)
    choices = draft_separator(x, y).choices
    right = np.array([VOCABULARY.token("CHOICE", i) for i in choices] + [stop])
    wrong = right.copy()
    wrong[len(wrong) // 2] = VOCABULARY.token("CHOICE", (choices[len(wrong) // 2] + 1) % len(x))
    run = decode_speculatively(MACHINE, VOCABULARY, prompt, wrong, limit=1_000)
    assert run.drafted == len(wrong) // 2
    assert run.tokens.tolist() == right.tolist()


def test_ties_are_taken_in_the_order_of_the_numbers():
    x = np.array([[1, 0], [0, 1], [1, 0], [0, 1], [-1, 0]])
    y = np.array([1, 1, 1, 1, -1])
    learnt, _ = learn_separator(MACHINE, x, y, certify="never", limit=7)
    assert (
        learnt.choices.tolist() == draft_separator(x, y, certify="never", limit=7).choices.tolist() == [0, 1] * 3 + [0]
    )


def test_a_question_on_the_plane_is_positive_and_no_examples_are_no_trouble():
    learnt, cache = learn_separator(MACHINE, np.array([[1, 0], [-1, 0]]), np.array([1, -1]))
    assert learnt.choices.tolist() == [0]
    assert ask(MACHINE, cache, np.array([[0, 5], [1, 5], [-1, 5]])).tolist() == [1, 1, -1]
    prompt = Prompt(
        margin_prompt(VOCABULARY, np.empty((0, 2), dtype=int), np.empty(0, dtype=int)), VOCABULARY.token("STOP")
    )
    nothing = np.empty((0, VOCABULARY.width), dtype=np.int64)
    assert len(decode_speculatively(MACHINE, VOCABULARY, prompt, nothing, limit=9).tokens) == 1


def test_order_does_not_matter_and_labels_do():
    rng = np.random.default_rng(5)
    x, y = separable(rng, n=32)
    order, questions = rng.permutation(len(x)), rng.integers(-8, 9, size=(60, 5))
    answers = ask(MACHINE, learn_separator(MACHINE, x, y, certify="15/16")[1], questions)
    shuffled = ask(MACHINE, learn_separator(MACHINE, x[order], y[order], certify="15/16")[1], questions)
    assert np.mean(answers == shuffled) > 0.98
    flipped = ask(MACHINE, learn_separator(MACHINE, x, -y, certify="15/16")[1], questions)
    assert np.mean(answers == flipped) < 0.02


# -- the bounds ------------------------------------------------------------------------------------------------------


def test_novikoff_holds_in_300_runs_and_none_is_wrong():
    over = wrong = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        x, y = separable(rng, n=int(rng.integers(4, 32)), d=int(rng.integers(2, 6)), levels=int(rng.integers(2, 9)))
        if not len(x):
            continue
        learnt, _ = learn_separator(MACHINE, x, y)
        wrong += not learnt.stopped or (learnt.predict(x) != y).any()
        squared_radius = (x * x).sum(axis=1).max()
        over += len(learnt.choices) > squared_radius / largest_margin(x, y) ** 2 + 1e-6
    assert (wrong, over) == (0, 0)


@pytest.mark.parametrize("certify", ["1/2", "3/4", "7/8", "15/16"])
def test_what_stops_it_is_a_certificate_of_the_margin(certify):
    for seed in range(10):
        x, y = separable(np.random.default_rng(seed))
        learnt, _ = learn_separator(MACHINE, x, y, certify=certify)
        z, tokens = y[:, None] * x, len(learnt.choices)
        share = Fraction(certify) * Fraction(tokens, tokens + 1)
        assert min(z @ learnt.sum) * tokens >= share * int(learnt.sum @ learnt.sum)
        margin = (z @ learnt.sum).min() / np.linalg.norm(learnt.sum)
        assert margin >= float(share) * largest_margin(x, y) - 1e-9


def test_without_a_sentinel_it_is_frank_wolfe():
    """v <- v + (z - v) / (t + 1) for the z with the least <v, z>: |v|^2 - min <v, z> bounds how far |v|^2 is off."""
    x, y = separable(np.random.default_rng(8))
    learnt, _ = learn_separator(MACHINE, x, y, certify="never", limit=400)
    z = (y[:, None] * x).astype(float)
    v, least = z[0], largest_margin(x, y) ** 2
    for t, choice in enumerate(learnt.choices[1:], 1):
        margins = z @ v
        assert margins[choice] <= margins.min() + 1e-9
        assert -1e-9 <= v @ v - least <= 2 * (v @ v - margins.min()) + 1e-9
        v = v + (z[choice] - v) / (t + 1)
    assert not learnt.stopped
    assert v == pytest.approx(learnt.sum / 400)
    assert v @ v - least < 0.1 * least


def test_slack_is_the_squared_hinge_of_linear_svc():
    from sklearn.svm import LinearSVC

    x, y = inseparable(np.random.default_rng(2), n=30)
    learnt, _ = learn_separator(FORGIVING, x, y, certify="15/16", limit=20_000)
    stock = LinearSVC(C=1 / (2 * 4**2), loss="squared_hinge", fit_intercept=False, tol=1e-8, max_iter=100_000).fit(x, y)
    direction = stock.coef_[0]
    cosine = learnt.sum @ direction / np.linalg.norm(learnt.sum) / np.linalg.norm(direction)
    assert learnt.stopped
    assert cosine > 0.99


@pytest.mark.parametrize(("n", "tokens"), [(32, 10), (512, 1000)])
def test_the_sharpness_that_the_theory_asks_for(n, tokens):
    """beta >= 2 (t + 1) ln(n / eta): against margins 1 / (2 (t + 1)) apart, the rest weighs at most eta."""
    for eta in (1e-3, 1e-9):
        beta = 2 * (tokens + 1) * np.log(n / eta)
        scores = torch.full((n + 1,), -1 / (tokens + 1), dtype=torch.float64)
        scores[0] = -1 / (2 * (tokens + 1))
        assert 1 - (beta * scores).softmax(0)[0] <= eta
        assert 1 - (0.8 * beta * scores).softmax(0)[0] > eta


def test_the_length_that_is_certified():
    config = MarginMachineConfig(dimensions=64, examples=512, levels=16)
    assert config.certified_tokens(200) > config.certified_tokens(20_000) > 5_000
    learnt = Separator(np.zeros(1, dtype=int), True, np.zeros(2, dtype=int))
    assert not learnt.certified


# -- one network -----------------------------------------------------------------------------------------------------


def test_one_hash_whatever_the_data():
    before = fingerprint(MACHINE).sha256
    for seed in range(3):
        learn_separator(MACHINE, *separable(np.random.default_rng(seed)))
    again = margin_machine(dimensions=6, examples=32, levels=8)
    assert fingerprint(MACHINE).sha256 == before == fingerprint(again).sha256
    assert fingerprint(FORGIVING).sha256 != before


def test_every_weight_is_justified():
    entries = draw_margin_machine(MACHINE.config).entries
    assert all(entry.because for entry in entries)
    assert len(entries) == fingerprint(MACHINE).nonzero


def test_a_fuller_network_agrees():
    x, y = separable(np.random.default_rng(1))
    larger = margin_machine(dimensions=9, examples=64, levels=11)
    assert learn_separator(larger, x, y)[0].choices.tolist() == learn_separator(MACHINE, x, y)[0].choices.tolist()


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        ([[1, 9]], [1], "out of range"),
        ([[1] * 7], [1], "too long"),
        ([[0.5, 1.0]], [1], "integers"),
        ([[1, 2]], [0], "label"),
        ([[1, 2]] * 33, [1] * 33, "too many examples"),
    ],
)
def test_what_it_cannot_be_told(x, y, said):
    with pytest.raises(InputError, match=said):
        margin_prompt(VOCABULARY, np.array(x), np.array(y))


def test_the_nearest_legal_capacities():
    MarginMachineConfig(dimensions=1, examples=1, levels=1)
    for wrong in ({"examples": 3}, {"dimensions": 0}, {"levels": 0}, {"slack": -1}, {"levels": 8_192}):
        with pytest.raises(CapacityError):
            MarginMachineConfig(**({"dimensions": 1, "examples": 1, "levels": 1} | wrong))
