"""The loops of kernels, run by Python, beside what numpy finds by looking at everything."""

from __future__ import annotations

import math
from random import Random

import numpy as np
import pytest

from compiled_models.decoding import KernelDecoder, StreamingDecoder
from compiled_models.decoding.entries import Entries
from compiled_models.decoding.kernels.emit.read_out import ReadOut
from compiled_models.decoding.kernels.emit.writer import finished
from compiled_models.decoding.kernels.heads import sum_table
from compiled_models.decoding.kernels.heads.key_index import KeyIndex
from compiled_models.decoding.kernels.heads.matching import MatchingHead
from compiled_models.decoding.kernels.heads.parabola import ParabolaHead
from compiled_models.decoding.kernels.heads.sum_table import SumTable
from compiled_models.decoding.kernels.recognise import RecognisedNetwork, recognise
from compiled_models.decoding.kernels.routines.cells import Cells, nearest, take_back, take_in
from compiled_models.decoding.kernels.routines.logits import Noted, Wide, likeliest_row
from compiled_models.decoding.kernels.routines.search import Keys, ask, search
from compiled_models.decoding.kernels.sparse import Links
from compiled_models.decoding.weights import read_weights
from construction import Codec, base_network
from construction.vocabulary import machine_vocabulary
from tests.compiled_models.decoding import interpreted
from tm import Machine

MARGIN = 1e-6
NOTHING = np.zeros((0, 4), dtype=np.int64)  # no pending tokens


@pytest.fixture(scope="module")
def small() -> RecognisedNetwork:
    return recognise(read_weights(base_network(3, 3)), machine_vocabulary(3, 3, 1, "joint"))


def head_of(small: RecognisedNetwork) -> ParabolaHead:
    """The parabola head of a small network, without a token yet."""
    number, head = next((i, head) for i, head in enumerate(small.heads) if head.structure.name == "parabola")
    return ParabolaHead(head, small, number, ReadOut(small))


def cells_of(head: ParabolaHead) -> Cells:
    """What its routines work on."""
    cells = head.arrays()[head.name]
    assert isinstance(cells, Cells)
    return cells


def parabola_entries(rng: Random, head: ParabolaHead, size: int) -> Entries:
    """Random entries with keys (2c, f - c^2, rest) of at most two offsets; the values' sums recur."""
    offsets = [[rng.randint(-2, 2) for _ in range(head.match - 1)] for _ in range(2)]
    chosen = {(rng.randint(-60, 60), rng.randrange(2)) for _ in range(size)}
    keys = np.zeros((len(chosen), head.match))
    for key, (c, j) in zip(keys, sorted(chosen), strict=True):
        key[[head.square, *head.rest]] = offsets[j]
        key[head.square] -= c * c
        key[head.linear] = 2 * c
    keys = np.unique(keys, axis=0)
    sums = np.array([[rng.randint(-1, 2) for _ in range(head.channels)] for _ in keys], dtype=float)
    return Entries(keys, sums, np.array([float(rng.randint(1, 5)) for _ in keys]))


def ordered(entries: Entries) -> np.ndarray:
    """Entries as rows in a fixed order."""
    rows = np.column_stack(entries)
    return rows[np.lexsort(rows.T)]


@pytest.mark.parametrize("seed", range(40))
def test_cells_give_back_the_entries_that_they_took(small: RecognisedNetwork, seed: int):
    head = head_of(small)
    entries = parabola_entries(Random(seed), head, 30)
    assert head.take_over(entries, NOTHING)
    assert np.array_equal(ordered(head.entries(0)), ordered(entries))


@pytest.mark.parametrize("seed", range(60))
def test_the_nearest_key_is_the_best_of_all(small: RecognisedNetwork, seed: int):
    rng, head = Random(seed), head_of(small)
    entries = parabola_entries(rng, head, rng.choice([1, 2, 5, 40]))
    assert head.take_over(entries, NOTHING)
    cells = cells_of(head)
    for _ in range(20):
        query = np.array([float(rng.randint(-3, 3)) for _ in range(head.match)])
        query[head.square], query[head.linear] = rng.choice([0.5, 1.0, 4.0]), 4.0 * rng.randint(-30, 30)
        scores = entries.keys @ query
        lead = np.diff(np.sort(scores)[-2:])[0] if len(scores) > 1 else math.inf
        gap = rng.choice([0.25, 1.0, 3.0])
        place = nearest(cells, float(query[head.linear]), tuple(query[[head.square, *head.rest]].tolist()), gap)
        if place >= 0:  # it may give up although the lead is large enough: it has a bound on the others, no more
            best = scores.argmax()
            assert lead >= gap - MARGIN
            assert cells.cells[place] == entries.counts[best]
            number = head.channels * cells.cells[place + 1]
            assert np.array_equal(cells.sums[number : number + head.channels], entries.sums[best])


def test_the_nearest_key_is_found_where_it_leads(small: RecognisedNetwork):
    head = head_of(small)
    keys = np.zeros((5, head.match))
    keys[:, head.linear] = 2 * np.arange(5)
    keys[:, head.square] = -(np.arange(5.0) ** 2)
    assert head.take_over(Entries(keys, np.zeros((5, head.channels)), np.arange(1.0, 6.0)), NOTHING)
    cells = cells_of(head)
    for c in range(5):
        place = nearest(cells, 64.0 * c, (64.0, *([0.0] * len(head.rest))), 30.0)
        assert cells.cells[place] == c + 1
    assert nearest(cells, 64.0 * 2.5, (64.0, *([0.0] * len(head.rest))), 30.0) == -1  # a draw
    assert nearest(cells, 64.0, (0.0, *([0.0] * len(head.rest))), 30.0) == -1  # all the same


@pytest.mark.parametrize("seed", range(20))
def test_what_is_taken_back_leaves_no_trace(small: RecognisedNetwork, seed: int):
    rng, head = Random(seed), head_of(small)
    assert head.take_over(parabola_entries(rng, head, 6), NOTHING)
    before, single, distinct = ordered(head.entries(0)), head.single.copy(), head.distinct.copy()
    cells = cells_of(head)
    j = rng.randrange(int(head.known[0]))
    offset = tuple(head.offsets[j * head.offset_size : (j + 1) * head.offset_size].tolist())
    c = float(head.first[j] + rng.randrange(head.width[j]))
    wanted, wanted_offset = np.zeros(3, dtype=np.int64), np.zeros(head.match)
    assert take_in(cells, head.sums.parts, c, offset, (0,), wanted, wanted_offset)
    assert not np.array_equal(ordered(head.entries(0)), before)
    take_back(cells)
    assert np.array_equal(ordered(head.entries(0)), before)
    take_back(cells)  # nothing any more
    assert np.array_equal(ordered(head.entries(0)), before)
    assert np.array_equal(head.single, single)
    assert np.array_equal(head.distinct, distinct)


@pytest.mark.parametrize("seed", range(60))
def test_the_key_found_is_the_best_of_all_and_the_bound_holds(small: RecognisedNetwork, seed: int):
    rng, numbers = Random(seed), np.random.default_rng(seed)
    number, recognised = next((i, head) for i, head in enumerate(small.heads) if head.structure.name == "distinct")
    head = MatchingHead(recognised, small, number, ReadOut(small))
    keys = np.unique(numbers.integers(-1, 3, size=(rng.choice([1, 4, 30]), head.match)).clip(0), axis=0).astype(float)
    head.take_over(Entries(keys, numbers.normal(size=(len(keys), head.channels)), np.ones(len(keys))), NOTHING)
    h = head.arrays()[head.name]
    assert isinstance(h, Keys)
    for _ in range(20):
        h.query[:] = 0
        query, asked = np.zeros(head.match), (0, 0.0, math.inf)
        for c in range(head.match):
            if rng.random() < 0.4:
                query[c] = rng.choice([-64.0, 1.0, 64.0, 96.0])
            asked = ask(h, c, query[c], *asked)
        scores, gap = keys @ query, rng.choice([0.5, 30.0])
        best, following, top, found, bound = search(h, *asked, gap)
        assert best == scores[top] == scores.max()
        looked_at = h.candidate[:found]
        assert np.array_equal(h.score[:found], scores[looked_at])
        assert (np.delete(scores, looked_at) <= bound).all()
        assert len(scores) == 1 or following == np.sort(scores[looked_at])[-2:][0] or found == 1


@pytest.mark.parametrize("seed", range(20))
def test_what_is_merged_is_every_token_by_itself(small: RecognisedNetwork, seed: int):
    """Tokens of all kinds, many times over, some without a key or a value; entries that were there before."""
    rng = Random(seed)
    number, recognised = next((i, head) for i, head in enumerate(small.heads) if head.structure.name == "distinct")
    head = MatchingHead(recognised, small, number, ReadOut(small))
    vocabulary = machine_vocabulary(3, 3, 1, "joint")
    kinds = rng.sample(list(vocabulary.kinds.values()), rng.randint(1, len(vocabulary.kinds)))
    different = [
        vocabulary.token(kind.name, *(rng.randrange(len(field.labels)) for field in kind.fields))
        for kind in rng.choices(kinds, k=6)
    ]
    tokens, merged = np.array(rng.choices(different, k=40)), dict[bytes, list[float]]()
    weights = recognised.weights
    embedded = small.weights.embed[tokens].sum(1)  # [n m]
    for token in embedded:
        key = np.array([token @ weights.key.matrix]) + 0.0
        total = merged.setdefault(key.tobytes(), [0.0] * (1 + head.channels))
        for place, value in enumerate([1.0, *(token @ weights.value.matrix)]):
            total[place] += value
    half = rng.choice([0, 15])
    head.take_over(None, tokens[:half] if half else tokens)
    if half:
        head.take_over(head.index.entries, tokens[half:])
    entries = head.index.entries
    assert len(entries.counts) == len(merged)
    for key, sums, count in zip(*entries, strict=True):
        assert [count, *sums] == merged[(key + 0.0).tobytes()]


def test_a_row_asks_as_its_channels_one_by_one():
    index = KeyIndex(channels=3, values=1)
    index.take(Entries(np.array([[1.0, 2, 0], [1, 0, 2], [0, 1, 1], [1, 1, 1]]), np.ones((4, 1)), np.ones(4)))
    asks = Links(np.array([1, 1, 2]), np.array([0, 2, 1]), np.array([64.0, -32.0, 8.0]))
    rows = index.asks(asks, 3)
    mark, most, least = (index.arrays()[name] for name in ("mark", "most", "least"))
    assert rows["row_mark"].tolist() == [0, mark[0] + mark[2], mark[1]]
    assert rows["row_total"].tolist() == [0.0, 64 * most[0] + 32 * -least[2], 8 * most[1]]
    assert rows["row_smallest"].tolist() == [math.inf, min(64 * most[0], -32 * least[2]), 8 * most[1]]


@pytest.mark.parametrize("seed", range(60))
def test_the_largest_logit_is_the_first_of_the_largest(seed: int):
    rng = Random(seed)
    first, stop = 2, rng.randint(3, 9)
    rows = 12
    w = Wide(np.zeros(rows), np.full(rows, -1), np.zeros(rows, dtype=bool))
    noted = Noted(np.zeros(8, dtype=np.int64), np.zeros(8))
    for position in range(20):
        n, base, logits = rng.randint(0, 4), float(rng.randint(-2, 2)), np.zeros(rows)
        for i in range(n):
            noted.rows[i], noted.values[i] = rng.randrange(first, stop), float(rng.randint(-1, 1))
            logits[noted.rows[i]] += noted.values[i]
        last, value = (int(noted.rows[n - 1]), float(noted.values[n - 1])) if n else (0, 0.0)
        logit, row = likeliest_row(noted, n, last, value, w, base, first, stop, position)
        expected = base + logits[first:stop]
        assert (logit, row) == (float(expected.max()), first + int(expected.argmax()))


def test_sums_are_numbered_until_there_are_too_many(monkeypatch):
    monkeypatch.setattr(sum_table, "MOST_SUMS", 20)
    table = SumTable(np.array([[0.0], [1.0]]))
    sums, number = 0.0, 0
    while table.learn(number, [1]):
        number, sums = int(table.after[number * table.parts + 1]), sums + 1
        assert table.sums[number] == sums
    assert sums == 19  # 0 is one of them, and one number stands for none
    assert table.number(np.array([7.0])) is not None
    assert table.number(np.array([0.5])) is None


def test_a_network_whose_sums_never_recur_goes_on_streaming(monkeypatch):
    interpreted.use(monkeypatch)
    monkeypatch.setattr(sum_table, "MOST_SUMS", 6)
    machine = Machine.read("1RB1LC_1RC1RB_1RD0LE_1LA1LD_1RZ0LA")
    network = base_network(8, 4)
    network.get_parameter("blocks.2.attn.W_V").data *= 1.0 + 2.0**-20
    embed = network.get_parameter("embed.W_E").data
    codec = Codec(network.config, machine)
    read = codec.vocabulary["STEP"]["read 1"] if codec.config.code != "joint" else codec.vocabulary["STEP"].fields[1]
    embed[read.rows] *= 1.0 + 2.0**-18  # what is read is not quite what was written: it leaves a trace in the sum
    arguments = network, codec.vocabulary, codec.prompt("")
    decoder = KernelDecoder(*arguments)
    generated = np.concatenate(list(decoder.generate(300)))
    assert decoder.streaming is not None
    assert np.array_equal(generated, np.concatenate(list(StreamingDecoder(*arguments).generate(300))))


def test_slices_keep_their_sign():
    assert finished("x = a[i:j] + a[-1 + k, 2]") == "x = a[i:j] + a[unsigned(-1 + k), 2]"
