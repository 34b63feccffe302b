"""What has been learnt of a run, by which it is drafted: its tokens, and which one follows in which situation.

Nothing here is taken from the machine: each entry is a token that the kernel generated, with what its heads did.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from compiled_models.decoding.kernels.drafting.drafted_network import (
    BLOCK,
    NUMBER_BITS,
    TOKEN_BITS,
    WIDTH,
    DraftedNetwork,
)
from compiled_models.decoding.kernels.heads import OneKeyHead, ParabolaHead
from compiled_models.decoding.kernels.routines import Arrays, drafts
from compiled_models.decoding.memory import MANY_OFFSETS
from construction.vocabulary import Tokens

__all__ = ["DraftTable"]

Integers = NDArray[np.int64]
MOST_TOKENS, MOST_ENTRIES = 1 << TOKEN_BITS, 1 << 16


class DraftTable:
    """The tokens of a run, what follows them, and what heads read; see `routines.drafts` for the arrays.

    Args:
        network: the network as it is drafted, which these arrays are for.
    """

    def __init__(self, network: DraftedNetwork) -> None:
        self.network = network
        width, heads = network.recognised.vocabulary.width, network.readers
        self._numbers: dict[tuple[int, ...], int] = {}
        self._span = 256
        self._known = np.zeros(self._span, dtype=bool)  # of which tokens the stride is known
        self._places = [(head, place) for head in heads for place in head.brought]
        self._adds = network.moving
        self._nodes = [0] * len(heads)  # of each level; those of the last are the entries
        k, span, room = len(heads), self._span, 1024
        self.table = drafts.Table(
            rows=np.zeros(width * span, dtype=np.int64),
            brought=np.zeros(max(1, len(network.varying)) * span),
            stride=np.zeros(k * span, dtype=np.int64),
            part=np.zeros(len(self._places) * span, dtype=np.int64),
            adds=np.zeros(max(1, len(self._adds)) * span),
            entry=np.zeros(room),
            used=np.zeros(room, dtype=np.int64),
            using=np.zeros(BLOCK, dtype=np.int64),
            call=np.zeros(1, dtype=np.int64),
            checked=np.zeros(1, dtype=np.int64),
        )
        self.after = [np.full(WIDTH * span, -1, dtype=np.int64) for _ in heads]
        self.levels = [np.full(WIDTH * size, -1, dtype=np.int64) for size in (span, *[room] * (k - 1))]
        self.numbers = [_numbers(network, i) for i in range(k)]
        self.drafted = [_drafted() for _ in heads]
        counters = [head for head in network.kernel.heads if isinstance(head, OneKeyHead)]
        self.sums = {head.name: np.zeros(head.channels * (BLOCK + 1)) for head in counters}
        self.ids, self.entries = np.zeros(BLOCK + 1, dtype=np.int32), np.zeros(BLOCK, dtype=np.int32)
        self.place = np.zeros(k, dtype=np.int64)

    def arrays(self) -> dict[str, Arrays]:
        """What the source refers to, by name."""
        every: dict[str, Arrays] = {
            "table": self.table,
            "ids": self.ids,
            "following": self.ids[1:],
            "entries": self.entries,
            "place": self.place,
        }
        for i, head in enumerate(self.network.readers):
            every |= {f"after{i}": self.after[i], f"level{i}": self.levels[i], f"{head.name}_drafted": self.drafted[i]}
            every[f"{head.name}_numbers"] = self.numbers[i]
        return every | {f"{name}_drafted": sums for name, sums in self.sums.items()}

    def distinct(self) -> Tokens:
        """The tokens [t w] that have numbers, in their order."""
        width = self.network.recognised.vocabulary.width
        return self.table.rows.reshape(-1, width)[: len(self._numbers)]

    # -- tokens ------------------------------------------------------------------------------------------------------

    def token(self, rows: Integers) -> int | None:
        """The number of a token; None if it cannot be drafted, or there are too many."""
        name = tuple(rows.tolist())
        if (number := self._numbers.get(name)) is not None:
            return number
        network = self.network
        kind, adds = network.kind, network.kernel.embedding.adds
        if name[0] != kind.row or adds[[row for row in name if row]].any() or len(self._numbers) == MOST_TOKENS:
            return None
        number = self._numbers[name] = len(self._numbers)
        if number == self._span:
            self._widen()
        width, table = len(name), self.table
        table.rows[width * number : width * (number + 1)] = name
        embed = network.recognised.weights.embed
        for i, d in enumerate(network.varying):
            in_order = embed[[row for row in name if row], d].cumsum()  # as kernels add; numpy's sum is by pairs
            table.brought[i * self._span + number] = in_order[-1]
        for i, (head, place) in enumerate(self._places):
            table.part[len(self._places) * number + i] = head.sums.part[name[place]]
        for i, (counter, v) in enumerate(self._adds):
            value = counter.recognised.weights.value.matrix[:, v]
            table.adds[len(self._adds) * number + i] = (embed[[row for row in name if row]] @ value).sum()
        return number

    def _widen(self) -> None:
        """Make room for twice as many tokens."""
        table, old = self.table, self._span
        self._span *= 2
        brought = np.zeros((len(table.brought) // old, self._span))
        brought[:, :old] = table.brought.reshape(-1, old)
        doubled = {name: _doubled(getattr(table, name)) for name in ("rows", "stride", "part", "adds")}
        self.table = table._replace(brought=brought.reshape(-1), **doubled)
        self.after = [_doubled(after, -1) for after in self.after]
        self._known, self.levels[0] = _doubled(self._known), _doubled(self.levels[0], -1)

    # -- situations --------------------------------------------------------------------------------------------------

    def learn(self, rows: Integers, after: Integers) -> bool:
        """Learn from one step of the kernel: the token `rows` came in, the heads moved, and `after` was generated.

        Returns False where nothing could be learnt.
        """
        d, following = self.token(rows), self.token(after)
        here, before = self._situation(), self.place.copy()
        self.look()
        moved = self.place - before
        if d is None or following is None or here is None:
            return False
        k = len(moved)
        if not self._known[d]:
            self._known[d] = True
            self.table.stride[k * d : k * (d + 1)] = moved
        elif (self.table.stride[k * d : k * (d + 1)] != moved).any():
            return False
        return self._enter(d, here, following)

    def look(self) -> None:
        """See where the heads are."""
        self.place[:] = [head.asked[0] for head in self.network.readers]

    def _situation(self) -> list[int] | None:
        """The number of the sum that each head found; None where it is none that can be drafted."""
        numbers = []
        for i, head in enumerate(self.network.readers):
            top = int(head.asked[1])
            number = int(head.cells[top + 1])
            if (
                number >= WIDTH
                or not self._answered(i, head, top)
                or not self._read(i, head, number, float(head.cells[top]))
            ):
                return None
            numbers.append(number)
        return numbers

    def _answered(self, i: int, head: ParabolaHead, top: int) -> bool:
        """Whether the cell that answered is the one that a draft would look into."""
        offsets = self.drafted[i].usual
        usual, singles = int(offsets[0]), offsets[1 : int(head.known[0])]
        cell = 2 * (int(head.start[usual]) + int(head.asked[0]) - int(head.first[usual]))
        if top == cell:
            return True
        for j, offset in enumerate(singles.tolist(), 1):
            if top == head.single[offset]:  # the key that answers for empty cells
                offsets[1], offsets[j] = offset, offsets[1]
                return True
        return False

    def _read(self, i: int, head: ParabolaHead, number: int, count: float) -> bool:
        """Learn what is read from a sum; False if more than one of its channels is not 0."""
        numbers = self.numbers[i]
        if numbers.held[number] != -2:
            return numbers.held[number] != -3
        channels = np.flatnonzero(head.sums.sum_of(number))
        if len(channels) > 1:
            numbers.held[number] = -3
            return False
        numbers.held[number] = channels[0] if len(channels) else -1
        numbers.value[number] = head.sums.sum_of(number)[channels[0]] if len(channels) else 0.0
        outcome = self.network.read(i, float(numbers.value[number]) / count)
        numbers.outcome[len(outcome) * number : len(outcome) * (number + 1)] = outcome
        return True

    def _enter(self, d: int, here: list[int], following: int) -> bool:
        at, last = d, len(here) - 1
        for i, number in enumerate(here):
            place = WIDTH * at + number
            at = int(self.levels[i][place]) >> (TOKEN_BITS if i == last else 0)
            if at < 0:
                at = self._nodes[i]
                if at == MOST_ENTRIES:
                    return False
                self._nodes[i] += 1
                if i == last:
                    self._make_entry(at)
                    break
                self.levels[i][place] = at
                if WIDTH * self._nodes[i] == len(self.levels[i + 1]):
                    self.levels[i + 1] = _doubled(self.levels[i + 1], -1)
        numbers = sum(number << NUMBER_BITS * i for i, number in enumerate(here))
        self.table.entry[at] = d + (following << TOKEN_BITS) + (numbers << 2 * TOKEN_BITS)
        self.levels[last][place] = (at << TOKEN_BITS) + following
        return True

    def _make_entry(self, entry: int) -> None:
        if entry == len(self.table.entry):
            names = ("entry", "used")
            self.table = self.table._replace(**{name: _doubled(getattr(self.table, name)) for name in names})


def _doubled(array: NDArray[Any], fill: float = 0) -> NDArray[Any]:
    return np.concatenate([array, np.full_like(array, fill)])


def _numbers(network: DraftedNetwork, i: int) -> drafts.Numbers:
    """Nothing is known of any sum (held: -2) but what is read where there is none."""
    nothing = network.read(i, 0.0)
    outcome = np.full(WIDTH * len(nothing), np.nan)
    outcome[: len(nothing)] = nothing
    return drafts.Numbers(np.full(WIDTH, -2, dtype=np.int64), np.zeros(WIDTH), outcome)


def _drafted() -> drafts.Drafted:
    place = np.zeros(BLOCK + 1)
    return drafts.Drafted(
        place=place,
        after=place[1:],
        before=np.zeros(BLOCK, dtype=np.int64),
        visits=np.zeros(BLOCK),
        number=np.zeros(BLOCK, dtype=np.int32),
        usual=np.zeros(MANY_OFFSETS, dtype=np.int64),
    )
