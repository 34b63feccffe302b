"""The last steps of a run, from its last tokens: what each says of the tape can be taken back, one after the other."""

from __future__ import annotations

from collections.abc import Sequence

from compiled_models.view.step import Moment, Step
from construction.codec import Codec
from construction.vocabulary import Tokens

__all__ = ["last_steps"]


def last_steps(codec: Codec, tokens: Tokens, last: Moment, number: int, *, stopped: bool) -> list[Step]:
    """The steps that the last STEP tokens [n w] of a run are, and STOP at its end; without what they attended to.

    A STEP says what it read and wrote and how it moved, so that the tape before it is the one after it with that
    undone: no run has to be kept for it, or made again.

    Args:
        codec: of the run's network and machine.
        tokens: the run's last STEPs.
        last: the state and the tapes at its end.
        number: how many steps it had.
        stopped: whether it ended with STOP.

    >>> from compiled_models import run
    >>> from compiled_models.machine_run import MachineRun
    >>> from construction import base_network
    >>> from tm import Start, library
    >>> network, start = base_network(states=5, symbols=2), Start.of(library.load("bb4"))
    >>> codec, result = Codec(network.config, start.machine), run(network, start.machine)
    >>> tokens = MachineRun.of(codec, start, max_steps=200).tokens[-3:-1]
    >>> last = Moment(result.state, ((result.first_cell, tuple(result.tape)),), (result.head,))
    >>> [(step.number, step.text) for step in last_steps(codec, tokens, last, result.steps, stopped=True)]
    [(106, 'B1>0LC'), (107, 'C0>1RZ'), (108, '<stop>')]
    """
    steps = [Step(number + 1, codec.text(codec.stop), last, last, (), ())] if stopped else []
    for back, token in enumerate(tokens[::-1].tolist()):
        before = _before(codec, last, token)
        steps.insert(0, Step(number - back, codec.text(token), before, last, (), ()))
        last = before
    return steps


def _before(codec: Codec, after: Moment, token: Sequence[int]) -> Moment:
    rule = codec.rule(token)
    heads = tuple(head - "LSR".index(move) + 1 for head, move in zip(after.heads, rule.moves, strict=True))
    tapes = []
    for (first, symbols), head, read in zip(after.tapes, heads, rule.read, strict=True):
        cells = {first + i: symbol for i, symbol in enumerate(symbols)} | {head: read or codec.machine.blank}
        filled = [cell for cell, symbol in cells.items() if symbol != codec.machine.blank]
        low, high = min(filled, default=0), max(filled, default=-1)
        tapes.append((low, tuple(cells.get(cell, codec.machine.blank) for cell in range(low, high + 1))))
    return Moment(rule.state or after.state, tuple(tapes), heads)
