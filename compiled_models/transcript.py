"""The transcript: what a run's generated tokens say, replayed onto tapes.

It reads finished tokens only; nothing here is told to the network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compiled_models.decoding.decoder import GenerationError, NumberedTokens, rows_of
from compiled_models.machine_code.stored import stored
from construction.codec import Codec
from construction.vocabulary import Tokens
from tm import Heads, Input, Start

__all__ = ["Transcript"]

Integers = NDArray[np.int64]
SHORT = 1_000
"""Steps of a run that are replayed as they are: numba takes as long to load as these take."""
RECENT = 8
"""STEPs, the last of a run, that are kept as they were generated."""


class Transcript:
    """The tapes, heads and state that a run's STEP tokens lead to.

    A token's effect is the sum of its rows' effects, as its embedding is the sum of their embeddings: the next state's
    slot, the symbol written on each tape, and the move on each. `lowest` and `highest`: the cells that heads reached;
    `recent`: the last STEPs [n w], up to 8.

    Args:
        codec: of the network and the machine.
        input: what stands on the tapes at first; or the start of the run, with the heads.
        head: where the heads stand at first.
        record: called with the transcript at first, and then after as many steps as it returned the time before.

    >>> from construction import NetworkConfig
    >>> from tm import Machine
    >>> machine = Machine.read("blank: 0\\nA 0 -> B 1 R")
    >>> codec = Codec(NetworkConfig.of(states=2, symbols=2), machine)
    >>> transcript = Transcript(codec)
    >>> transcript.absorb(np.array([codec.step(machine.rules[0]), codec.stop]))
    >>> transcript.steps, transcript.stopped, transcript.state, transcript.tapes(), transcript.heads
    (1, True, 'B', [['1']], [1])
    """

    def __init__(
        self,
        codec: Codec,
        input: Input | Start = "",
        head: Heads = 0,
        record: Callable[[Transcript], int] | None = None,
    ) -> None:
        self.codec, self.steps, self.stopped = codec, 0, False
        self.recent: Tokens = np.zeros((0, codec.vocabulary.width), dtype=np.int64)
        self._slot = 0  # of the state; the start state's is 0
        self._effects = _effects(codec)
        self._deeds, self._places = _deeds(codec, self._effects), _places(codec)
        k, n = codec.config.tapes, codec.machine.tapes
        self._heads = np.zeros(k, dtype=np.int64)
        start = codec.start(input, head)
        self._heads[:n] = start.head
        self._bounds = np.array([min(0, *self._heads, 0), max(0, *self._heads, 0)], dtype=np.int64)
        inputs = start.input
        self._origin = 64 - int(self._bounds[0])  # the column of cell 0
        width = self._origin + max([int(self._bounds[1]), *map(len, inputs)]) + 64
        self._cells = np.zeros((k, width), dtype=np.int32)
        for tape, symbols in enumerate(inputs):
            self._cells[tape, self._origin : self._origin + len(symbols)] = codec.symbol_slots(symbols)
        self._last_of_input = max(map(len, inputs)) - 1
        self._record, self._unrecorded = record, 0 if record is None else record(self)  # steps until the next time

    def absorb(self, tokens: Tokens | NumberedTokens) -> None:
        """Replay generated tokens, [n w] or by number: STEPs, and STOP at the end.

        Raises:
            GenerationError: for any other token, after the steps before it are replayed, and for a step that leaves a
                state or a symbol behind for which the machine has no name.
        """
        while self._record is not None and len(tokens) >= self._unrecorded:
            due, tokens = tokens[: self._unrecorded], tokens[self._unrecorded :]
            self._absorb(due)
            if self.stopped:  # STOP is no step
                return
            self._unrecorded = self._record(self)
        self._absorb(tokens)
        self._unrecorded -= len(tokens)

    def _absorb(self, tokens: Tokens | NumberedTokens) -> None:
        if count := self._steps_before_another_kind(tokens):
            self._take(tokens[:count])
        if count < len(tokens):
            if (token := tuple(int(row) for row in rows_of(tokens[count : count + 1])[0])) != self.codec.stop:
                raise GenerationError(
                    f"after {self.steps} steps the network generated {self.codec.text(token)}, no step"
                )
            self.stopped = True

    def _steps_before_another_kind(self, tokens: Tokens | NumberedTokens) -> int:
        step = self.codec.vocabulary["STEP"].row
        if isinstance(tokens, NumberedTokens):
            others = tokens.distinct[:, 0] != step
            other = others[tokens.numbers] if others.any() else others[:0]
        else:
            other = tokens[:, 0] != step
        return int(other.argmax()) if other.any() else len(tokens)

    def _take(self, steps: Tokens | NumberedTokens) -> None:
        """Replay STEPs."""
        self._make_room(len(steps))
        replay = _replay.plain if self.steps + len(steps) < SHORT else _replay
        most = replay(*self._done_by(steps), self._cells, self._origin, self._heads, self._bounds)
        last = rows_of(steps[-RECENT:])
        self._slot = int(self._effects[last[-1], 0].sum())
        if self._slot >= len(self.codec.machine.states) or most >= len(self.codec.machine.symbols):
            raise GenerationError(self._nameless(rows_of(steps)))
        self.recent = np.concatenate([self.recent, last])[-RECENT:]
        self.steps += len(steps)

    def _done_by(self, steps: Tokens | NumberedTokens) -> tuple[NDArray[Any], Integers, Integers]:
        """Steps as numbers [n _], what each number does on each tape [k _], and which of its numbers say so [k _]."""
        if not isinstance(steps, NumberedTokens):
            return steps, self._deeds, self._places
        each = [deed[steps.distinct[:, at]].sum(1) for deed, at in zip(self._deeds, self._places, strict=True)]
        return steps.numbers[:, None], np.stack(each), np.zeros((len(each), 1), dtype=np.int64)

    def _nameless(self, steps: Tokens) -> str:
        """Which of these steps leads to a state, or writes a symbol, that only the network has a slot for."""
        limits = [len(self.codec.machine.states), *[len(self.codec.machine.symbols)] * len(self._heads)]
        effects = self._effects[steps].sum(1)[:, : len(limits)]
        number = int(np.flatnonzero((effects >= limits).any(1))[0])
        before, text = self.steps + number, self.codec.text(tuple(int(row) for row in steps[number]))
        return f"after {before} steps the network generated {text}, and the machine has no such state or symbol"

    def arrays(self) -> dict[str, NDArray[np.int64] | NDArray[np.int32]]:
        """All that a snapshot has to keep of the transcript."""
        numbers = np.array([self.steps, self.stopped, self._slot, self._origin], dtype=np.int64)
        return {"tapes": self._cells, "heads": self._heads, "bounds": self._bounds, "numbers": numbers}

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take over what `arrays` gave, into a transcript of the same machine, input and start that is still empty.

        Raises:
            ValueError: where it can be no such transcript's, with every reason.
        """
        for wrong in (self._unfit(arrays), self._impossible(arrays)):
            if reasons := list(wrong):
                raise ValueError(*reasons)
        self._cells, self._heads, self._bounds = (arrays[name] for name in ("tapes", "heads", "bounds"))
        self.steps, stopped, self._slot, self._origin = (int(number) for number in arrays["numbers"])
        self.stopped = bool(stopped)

    def _unfit(self, arrays: Mapping[str, NDArray[Any]]) -> Iterator[str]:
        """What is wrong with the shapes and number formats of arrays that are to be taken over."""
        for name, own in self.arrays().items():
            array = arrays.get(name)
            if array is None:
                yield f"{name} is missing"
            elif array.dtype != own.dtype or array.ndim != own.ndim:
                yield f"{name} is {array.dtype} {array.shape}"
            elif array.shape != own.shape if name != "tapes" else array.shape[0] != own.shape[0]:
                yield f"{name} has the shape {array.shape}"

    def _impossible(self, arrays: Mapping[str, NDArray[Any]]) -> Iterator[str]:
        """What no run of so many steps leads to from this start: a head moves, and writes, one cell a step at most."""
        cells, heads = arrays["tapes"], arrays["heads"]
        steps, stopped, slot, origin = (int(number) for number in arrays["numbers"])
        low, high = (int(bound) for bound in arrays["bounds"])
        states, symbols = len(self.codec.machine.states), len(self.codec.machine.symbols)
        if steps < 0 or stopped not in (0, 1) or not 0 <= slot < states:
            yield f"{steps} steps, stopped = {stopped}, state number {slot} of {states}"
            return
        if (cells < 0).any() or (cells >= symbols).any():
            yield f"a symbol beyond the machine's {symbols}"
        if (np.abs(heads - self._heads) > steps).any():
            yield f"heads on {heads.tolist()}, which began on {self._heads.tolist()}, after {steps} steps"
        first, last = (int(bound) for bound in self._bounds)
        left, right = min(first, int(heads.min())), max(last, int(heads.max()))
        if not (first - steps <= low <= left and right <= high <= last + steps):
            yield f"cells {low} to {high} reached, and heads on {heads.tolist()}, after {steps} steps"
        elif not 0 <= origin + low <= origin + high < cells.shape[1]:
            yield f"cell 0 in column {origin} of {cells.shape[1]}, and cells {low} to {high} reached"
        else:
            changes = [_changes(*tapes, self._origin, origin) for tapes in zip(self._cells, cells, strict=True)]
            if any(len(at) > steps or (len(at) and not low <= at.min() <= at.max() <= high) for at in changes):
                yield f"cells that are neither the input's nor written within {steps} steps on cells {low} to {high}"

    def ends_with(self, token: NDArray[np.int64]) -> bool:
        """Whether the last STEP absorbed can have been this token [w]: the state and the cells are as it left them."""
        try:
            kind, _ = self.codec.vocabulary.parse(token.tolist())
        except (ValueError, IndexError):
            return False
        effect, k = self._effects[token].sum(0), len(self._heads)
        columns = self._origin + self._heads - effect[1 + k :]
        inside = (columns >= 0).all() and (columns < self._cells.shape[1]).all()
        return bool(
            kind == "STEP"
            and effect[0] == self._slot
            and inside
            and (self._cells[np.arange(k), columns] == effect[1 : 1 + k]).all()
        )

    def _make_room(self, steps: int) -> None:
        """See to it that no head can leave the arrays within so many steps."""
        low = self._origin + int(self._heads.min()) - steps
        high = self._origin + int(self._heads.max()) + steps + 1
        if low < 0 or high > self._cells.shape[1]:
            tapes, spare = self._cells.shape  # doubling: growing costs O(1) a cell
            before, after = max(0, -low) + spare, max(0, high - spare) + spare
            grown = np.zeros((tapes, before + spare + after), dtype=np.int32)  # untouched pages cost nothing
            first, last = self._origin + self.lowest, self._origin + max(self.highest, self._last_of_input) + 1
            grown[:, before + first : before + last] = self._cells[:, first:last]
            self._cells = grown
            self._origin += before

    @property
    def state(self) -> str:
        """The name of the present state."""
        return self.codec.machine.states[self._slot]

    @property
    def heads(self) -> list[int]:
        """The cells of the machine's heads."""
        return [int(cell) for cell in self._heads[: self.codec.machine.tapes]]

    @property
    def lowest(self) -> int:
        """The leftmost cell that a head was on (or 0)."""
        return int(self._bounds[0])

    @property
    def highest(self) -> int:
        """The rightmost cell that a head was on (or 0)."""
        return int(self._bounds[1])

    def slots(self) -> Integers:
        """The symbols' slots [k n] on the machine's tapes, from the cell `lowest` to the last of input and heads."""
        last = max(self.highest, self._last_of_input)
        inside = slice(self._origin + self.lowest, self._origin + last + 1)
        return self._cells[: self.codec.machine.tapes, inside].astype(np.int64)

    def symbols(self) -> tuple[str, ...]:
        """The symbols under the machine's heads."""
        columns = self._origin + self._heads[: self.codec.machine.tapes]
        return tuple(self.codec.machine.symbols[self._cells[tape, column]] for tape, column in enumerate(columns))

    def tapes(self) -> list[list[str]]:
        """The symbols on each of the machine's tapes, from the first to the last that is not blank."""
        return [cells for _, cells in self.placed_tapes()]

    def placed_tapes(self) -> list[tuple[int, list[str]]]:
        """The same, each with the number of its first cell (0 for a blank tape)."""
        names, placed = self.codec.machine.symbols, []
        for cells in self._cells[: self.codec.machine.tapes]:
            columns = np.flatnonzero(cells)
            first, last = (int(columns[0]), int(columns[-1])) if columns.size else (self._origin, self._origin - 1)
            placed.append((first - self._origin, [names[slot] for slot in cells[first : last + 1].tolist()]))
        return placed


def _changes(own: NDArray[np.int32], theirs: NDArray[np.int32], origin: int, other: int) -> Integers:
    """The cells [n] in which two tapes differ, cell 0 being in the columns `origin` and `other`."""
    rest, filled = theirs.copy(), np.flatnonzero(own)
    columns = filled - origin + other
    there = (columns >= 0) & (columns < len(rest))
    rest[columns[there]] -= own[filled[there]]
    return np.concatenate([np.flatnonzero(rest) - other, filled[~there] - origin])


def _effects(codec: Codec) -> Integers:
    """What each row of the vocabulary adds to a step's effect [r 1+2k]: next state, symbols written, moves."""
    k, step = codec.config.tapes, codec.vocabulary["STEP"]
    effects = np.zeros((codec.vocabulary.rows, 1 + 2 * k), dtype=np.int64)
    if codec.config.code == "joint":
        for value, row in enumerate(range(*step["action"].rows.indices(codec.vocabulary.rows))):
            next_state, symbols, moves = codec.action([value])
            effects[row] = (next_state, *symbols, *moves)
        return effects
    names = ["next"] + [f"write {i}" for i in range(1, k + 1)] + [f"move {i}" for i in range(1, k + 1)]
    for column, name in enumerate(names):
        field = step[name]
        effects[field.rows, column] = np.arange(len(field.labels)) - name.startswith("move")
    return effects


def _deeds(codec: Codec, effects: Integers) -> Integers:
    """What each row of the vocabulary does on each tape [k r]: 4 x the symbol written, plus 0, 1 or 2 for L, S or R."""
    k, step = codec.config.tapes, codec.vocabulary["STEP"]
    deeds = 4 * effects[:, 1 : 1 + k].T
    for tape in range(k):
        rows = step["action" if codec.config.code == "joint" else f"move {tape + 1}"].rows
        deeds[tape, rows] += effects[rows, 1 + k + tape] + 1
    return np.ascontiguousarray(deeds)


def _places(codec: Codec) -> Integers:
    """The one or two places in a STEP whose rows say what is done on each tape [k 1] or [k 2]."""
    if codec.config.code == "joint":
        fields = [["action"]] * codec.config.tapes
    else:
        fields = [[f"write {tape}", f"move {tape}"] for tape in range(1, codec.config.tapes + 1)]
    place = {field.name: number for number, field in enumerate(codec.vocabulary["STEP"].fields, 1)}
    return np.array([[place[name] for name in names] for names in fields], dtype=np.int64)


@stored
def _replay(
    steps: NDArray[np.integer],
    deeds: Integers,
    places: Integers,
    cells: NDArray[np.int32],
    origin: int,
    heads: Integers,
    bounds: Integers,
) -> int:
    """Replay steps in place; return the largest symbol that they write.

    Tape by tape, a few hundred steps at a time: so few are still near when the next tape comes to them.
    """
    most, low, high, both = 0, bounds[0], bounds[1], places.shape[1] == 2
    for first in range(0, len(steps), 512):
        last = min(first + 512, len(steps))
        for tape in range(len(heads)):
            deed, row, head = deeds[tape], cells[tape], origin + heads[tape]
            one, other = np.uint64(places[tape, 0]), np.uint64(places[tape, -1])
            leftmost, rightmost = head, head
            for n in range(np.uint64(first), np.uint64(last)):
                done = deed[np.uint64(steps[n, one])]
                if both:
                    done += deed[np.uint64(steps[n, other])]
                symbol = done >> 2
                row[np.uint64(head)] = symbol
                most = max(most, symbol)
                head += (done & 3) - 1
                leftmost, rightmost = min(leftmost, head), max(rightmost, head)
            heads[tape] = head - origin
            low, high = min(low, leftmost - origin), max(high, rightmost - origin)
    bounds[0], bounds[1] = low, high
    return most
