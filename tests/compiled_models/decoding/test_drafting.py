"""Drafts and their verification: the same tokens as without, whatever is drafted; and where there can be none."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
import torch

from compiled_models.decoding import DenseDecoder, KernelDecoder, StreamingDecoder, teacher_forced
from compiled_models.decoding.kernels.drafting import drafter as drafting
from compiled_models.decoding.kernels.drafting.drafted_network import TOKEN_BITS
from compiled_models.decoding.kernels.routines import drafts
from construction import Codec, base_network, compile_machine
from construction.transformer import Transformer
from tests.compiled_models.decoding import interpreted
from tests.compiled_models.decoding.agreement import scrambled_network
from tests.compiled_models.decoding.drafts import WALK, tokens_of, what
from tests.effort import some
from tests.emulation import base_for, run_of
from tests.machines import TABLE, Case, random_case
from tm import Machine, library

CASES = [case for case in TABLE if case.seed is None]
RANDOM = [random_case(seed) for seed in some(range(300), every=12)]
SEVERAL_TAPES = [
    Case("multiply", library.load("three_tape_multiply"), ["1" * 9, "1" * 7, ""]),
    Case("palindrome", library.load("two_tape_palindrome"), ["0110" * 9, ""]),
    *(random_case(seed) for seed in (13, 41, 24, 105)),
]


@pytest.fixture(autouse=True)
def _interpreted(monkeypatch):
    interpreted.use(monkeypatch)
    monkeypatch.setattr(drafting, "AGAIN", 1)


def drafted(case: Case, network: Transformer | None = None) -> KernelDecoder:
    """A decoder that drafts at once."""
    network = network or base_for(case)
    codec = Codec(network.config, case.machine)
    return KernelDecoder(network, codec.vocabulary, codec.prompt(case.input, head=case.head), drafts="at once")


def agrees(case: Case, most: int = 250) -> tuple[int, int]:
    """The drafted decoder generates the simulator's tokens; how many there are, and how many were drafted."""
    decoder, run = drafted(case), run_of(Codec(base_for(case).config, case.machine), case)[:most]
    assert np.array_equal(tokens_of(decoder, len(run), at_a_time=10) if len(run) else run, run), case
    assert decoder.streaming is None
    assert decoder._drafter.wrong == 0
    return len(run), decoder._drafter.drafted


def test_the_library():
    counts = np.array([agrees(case) for case in some(CASES, every=3) if case.machine.tapes == 1])
    assert counts[:, 1].sum() > counts[:, 0].sum() / 4


def test_several_tapes():
    counts = np.array([agrees(case) for case in SEVERAL_TAPES])
    assert counts[:, 1].sum() > counts[:, 0].sum() / 4


@pytest.mark.parametrize("tapes", [2, 3])
def test_tapes_that_no_head_moves_on(tapes):
    """A machine of one tape on a network of several, as `tapehead run` has it: one cell of the others is written to."""
    network = base_network(states=5, symbols=3, tapes=tapes)
    right = tokens_of(StreamingDecoder(network, *what(network, WALK)), 300)
    decoder = drafted(WALK, network)
    assert np.array_equal(tokens_of(decoder, 300, at_a_time=10), right)
    assert decoder._drafter.drafted > 150
    assert decoder._drafter.wrong == 0


def test_a_head_that_begins_to_move_when_there_are_drafts():
    rules = ["a 1,_ -> a 1,_ R,S", "a _,_ -> b _,1 L,R", "b 1,_ -> b 1,1 L,R", "b _,_ -> a _,_ R,S"]
    case = Case("late", Machine.read("blank: _\ntapes: 2\n" + "\n".join(rules)), ["1" * 60, ""])
    decoder, run = drafted(case), run_of(Codec(base_for(case).config, case.machine), case)
    head = decoder._drafter._heads[1]
    assert np.array_equal(tokens_of(decoder, 55, at_a_time=5), run[:55])
    usual = int(head.latest[0])
    single = int(head.single[usual])
    assert single >= 0
    cells: Any = head.arrays()[head.name]
    block = decoder._drafter._learnt.drafted[1]  # a token in a new cell, taken back
    block.place[0], block.before[0] = head.only[usual] + 1, 0
    cells.cells[single + 2], cells.distinct[usual], cells.single[usual] = 1, 2, -1
    drafts.roll_back(cells, block, 0, 1)
    assert (head.cells[single + 2], head.distinct[usual], head.single[usual]) == (0, 1, single)
    before = decoder._drafter.drafted
    assert before > 20
    assert np.array_equal(tokens_of(decoder, 200, at_a_time=5), run[55:255])
    assert head.single[usual] < 0
    assert decoder._drafter.drafted > before + 50
    assert decoder._drafter.wrong == 0


def test_random_machines():
    counts = np.array([agrees(case, most=100) for case in RANDOM])
    assert counts[:, 1].sum() > counts[:, 0].sum() / 8


# -- what is wrong is noticed ------------------------------------------------------------------------------------------


def wrong_next(decoder, names):
    learnt = decoder._drafter._learnt
    level, token = learnt.levels[-1], (1 << TOKEN_BITS) - 1
    level[:] = np.where(level < 0, level, np.where(level & token == 0, level + 1, level - (level & token)))


def wrong_entry(decoder, names):
    decoder._drafter._learnt.table.entry[:4] = decoder._drafter._learnt.table.entry[[1, 2, 3, 0]]


def wrong_way_to_an_entry(decoder, names):
    level = decoder._drafter._learnt.levels[0]
    known = np.flatnonzero(level >= 0)
    level[known] = np.roll(level[known], 1)


def wrong_move(decoder, names):
    decoder._drafter._learnt.table.stride[:] *= -1


def wrong_embedding(decoder, names):
    decoder._drafter._learnt.table.brought[:] *= -1


def wrong_rows(decoder, names):
    rows = decoder._drafter._learnt.table.rows
    rows[:8] = rows[[4, 5, 6, 7, 0, 1, 2, 3]]


def wrong_outcome(decoder, names):
    decoder._drafter._learnt.numbers[0].outcome[:] *= -1


def wrong_value(decoder, names):
    decoder._drafter._learnt.numbers[0].value[:] *= 1e-9


def wrong_channel(decoder, names):
    numbers = decoder._drafter._learnt.numbers[0]
    numbers.held[:] = np.where(numbers.held == 0, 1, 0)


def in_a_block(change):
    """Change one thing that was drafted while it is verified: once, somewhere in a block."""

    def corrupt(decoder, names):
        verify, learnt = names["verify"], decoder._drafter._learnt

        def changed(good, *arguments):
            holds = learnt.drafted[0].visits[:good] * (learnt.numbers[0].value[learnt.drafted[0].number[:good]] != 0)
            if not holds.any():
                return verify(good, *arguments)
            array, i, wrong = change(learnt, int(holds.argmax()))
            array[i], before = wrong, array[i]
            names["verify"] = verify
            found = verify(good, *arguments)
            array[i] = before
            return found

        names["verify"] = changed

    corrupt.__name__ = change.__name__
    return corrupt


def token(learnt, i):
    return learnt.ids, i, 1 - min(learnt.ids[i], 1)


def next_token(learnt, i):
    return learnt.ids, i + 1, 1 - min(learnt.ids[i + 1], 1)


def cell_written(learnt, i):
    return learnt.drafted[0].place, i, learnt.drafted[0].place[i] + 1


def cell_asked_for(learnt, i):
    return learnt.drafted[0].after, i, learnt.drafted[0].after[i] - 1


def sum_read(learnt, i):
    return learnt.drafted[0].number, i, 0


def no_visits(learnt, i):
    return learnt.drafted[0].visits, i, 0.0


def too_many_visits(learnt, i):
    return learnt.drafted[0].visits, i, 2.0**29


def running_sum(learnt, i):
    return next(iter(learnt.sums.values())), i, 0.25


TABLES = [wrong_next, wrong_entry, wrong_way_to_an_entry, wrong_move, wrong_embedding, wrong_rows]
TABLES += [wrong_outcome, wrong_value, wrong_channel]
BLOCKS = [in_a_block(change) for change in (token, next_token, cell_written, cell_asked_for)]
BLOCKS += [in_a_block(change) for change in (sum_read, no_visits, too_many_visits, running_sum)]


@pytest.mark.parametrize("corrupt", TABLES + BLOCKS, ids=lambda corrupt: corrupt.__name__)
def test_whatever_is_wrong_is_noticed_and_changes_nothing(corrupt):
    network = base_network(states=5, symbols=3)
    right = tokens_of(StreamingDecoder(network, *what(network, WALK)), 400)
    decoder = drafted(WALK, network)
    begun = tokens_of(decoder, 200)
    assert decoder._drafter.wrong == 0
    assert decoder._drafter.drafted > 50
    function: Any = decoder._drafter._function
    corrupt(decoder, function.__globals__)
    rest = tokens_of(decoder, 200)
    assert decoder._drafter.wrong > 0
    assert np.array_equal(np.concatenate([begun, rest]), right)


# -- other networks ----------------------------------------------------------------------------------------------------


WEIGHTS = [
    (name, tuple(place.tolist()))
    for name, weight in base_network(states=3, symbols=3).named_parameters()
    for place in weight.detach().nonzero()
]


@pytest.mark.parametrize(("number", "factor"), some([*product(range(len(WEIGHTS)), (0.0, -1.0, 2.0, 1.5))], every=71))
def test_a_changed_weight_changes_the_run_as_it_does_without_drafts(number, factor):
    """Any weight that is not 0, left out, negated, made larger: the kernel's run, and up to the last bits streaming's.

    And dense's, but where cells are no longer whole numbers: it rounds their means otherwise.
    """
    (name, place), network = WEIGHTS[number], base_network(states=3, symbols=3)
    whole = factor != 1.5 and abs(float(network.get_parameter(name).data[place])) < 2**50  # the larger ones are M
    network.get_parameter(name).data[place] *= factor
    vocabulary, prompt = what(network, WALK)
    drafted, alone = (
        tokens_of(KernelDecoder(network, vocabulary, prompt, drafts=drafts), 60, at_a_time=10)
        for drafts in ("at once", "never")
    )
    assert np.array_equal(drafted, alone)
    margins = teacher_forced(network, vocabulary, prompt, alone).margins
    clear = int(np.argmax(np.append(margins, 0) < 1e-9))  # what hangs on the last bits, a kernel may decide otherwise
    for decoder in (StreamingDecoder, DenseDecoder) if whole else (StreamingDecoder,):
        assert np.array_equal(drafted[:clear], tokens_of(decoder(network, vocabulary, prompt), 60)[:clear])


@pytest.mark.parametrize("seed", some(range(12), every=3))
def test_networks_that_are_no_machines_are_drafted_right_or_not_at_all(seed):
    network = scrambled_network(seed)
    codec = Codec(base_network(states=3, symbols=2).config, Machine.read("1RB1LB_1LA1RZ"))
    prompt = codec.prompt()
    plain = tokens_of(KernelDecoder(network, codec.vocabulary, prompt, drafts="never"), 40)
    assert np.array_equal(tokens_of(KernelDecoder(network, codec.vocabulary, prompt, drafts="at once"), 40), plain)


def test_where_there_can_be_no_drafts_it_says_why_and_the_kernel_goes_on():
    case = WALK
    single = base_network(states=3, symbols=2, dtype=torch.float32)
    tuned = compile_machine(case.machine)
    for network, reason in ((single, "float64"), (tuned, "")):
        vocabulary, prompt = what(network, case)
        decoder = KernelDecoder(network, vocabulary, prompt, drafts="at once")
        assert np.array_equal(tokens_of(decoder, 60), tokens_of(StreamingDecoder(network, vocabulary, prompt), 60))
        assert reason in decoder._drafter.refusal
        assert bool(decoder._drafter.refusal) != bool(decoder._drafter.drafted)


def test_drawn_tokens_are_not_drafted():
    case = WALK
    network = base_for(case)
    vocabulary, prompt = what(network, case)
    decoder = KernelDecoder(network, vocabulary, prompt, seed=1, drafts="at once")
    assert len(tokens_of(decoder, 100)) == 100
    assert decoder._drafter.drafted == 0


# -- between two calls -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stop", [57, 151, 203])
def test_the_state_after_drafts_is_the_state_without(stop):
    network = base_for(WALK)
    vocabulary, prompt = what(network, WALK)
    decoder = drafted(WALK)
    tokens_of(decoder, stop, at_a_time=10)
    assert decoder._drafter.drafted > 10
    plain = KernelDecoder(network, vocabulary, prompt, drafts="never")
    tokens_of(plain, stop)
    state, other = decoder.state(), plain.state()
    assert (state.length, state.stopped, state.draws) == (other.length, other.stopped, other.draws)
    assert np.array_equal(state.pending, other.pending)
    assert state.heads.keys() == other.heads.keys()
    for place, entries in state.heads.items():
        for mine, its in zip(entries, other.heads[place], strict=True):
            assert np.array_equal(mine, its), place
    streaming = StreamingDecoder(network, vocabulary, prompt)
    streaming.restore(state)
    assert np.array_equal(tokens_of(streaming, 50), tokens_of(plain, 50))


def test_blocks_end_where_the_limit_is(monkeypatch):
    """Any number of tokens at a time gives the same run."""
    run = tokens_of(StreamingDecoder(base_for(WALK), *what(base_for(WALK), WALK)), 300)
    for at_a_time in (1, 2, 7, 64, 299):
        assert np.array_equal(tokens_of(drafted(WALK), 300, at_a_time=at_a_time), run), at_a_time
