"""The base network: its weights are a function of (states, symbols, tapes, code, dtype) alone, never of a policy.

LOCATE    where is each head, and which cell does each token write?
ADDRESS   the squares of both, so that a dot product can compare cells
READ      what is in the cell under each head?
DECIDE    which examples in the prompt match the situation, and what do they do?
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from construction import gadgets
from construction.blueprint import Blueprint
from construction.config import NetworkConfig
from construction.number_format import Numeric, parameter
from construction.residual import Direction, ResidualStream, Space
from construction.vocabulary import ANY, Field, machine_vocabulary

if TYPE_CHECKING:
    import torch

    from construction.transformer import Transformer

__all__ = ["BLOCKS", "base_network", "draw_base_network", "residual_stream"]

BLOCKS = ("LOCATE", "ADDRESS", "READ", "DECIDE")
M, G = parameter("M"), parameter("g")
STEP_OF_MOVE = {"L": -1, "S": 0, "R": 1}


def base_network(
    states: int,
    symbols: int,
    tapes: int = 1,
    *,
    code: str = "auto",
    dtype: torch.dtype | str = "float64",
    device: torch.device | str | None = None,
) -> Transformer:
    """The one fixed network that runs every machine of up to so many states, symbols and tapes from its prompt.

    Args:
        states: slots for states; halting states count.
        symbols: slots for symbols; the blank counts.
        tapes: attention heads in LOCATE and READ.
        code: "joint", "factored" or "auto" (joint up to 512 actions). Only joint code can carry a distribution.
        dtype: torch.float64 or torch.float32 (torch.bfloat16 can be built; its certificate says how little it holds),
            or the name of one: "float32".
        device: where to build it.

    Raises:
        CapacityError: for sizes, a code or a dtype that make no network.
        InputError: for a device that is not there.

    >>> network = base_network(states=8, symbols=4)
    >>> [len(block.mlp.W_out) for block in network.blocks]
    [4, 4, 7, 0]
    """
    config = NetworkConfig.of(states=states, symbols=symbols, tapes=tapes, code=code, dtype=dtype)
    return draw_base_network(config).network(config, dtype=dtype, device=device)


def draw_base_network(config: NetworkConfig) -> Blueprint:
    """The blueprint of the base network: every non-zero weight with the sentence that justifies it."""
    vocabulary = machine_vocabulary(config.states, config.symbols, config.tapes, config.code)
    blueprint = Blueprint(vocabulary, residual_stream(config), BLOCKS)
    embed(blueprint, config)
    locate(blueprint, config)
    address(blueprint, config)
    read(blueprint, config)
    decide(blueprint, config)
    unembed(blueprint, config)
    return blueprint


def residual_stream(config: NetworkConfig) -> ResidualStream:
    """The directions of the residual stream, those that a token brings along first."""
    stream, vocabulary = ResidualStream(), machine_vocabulary(config.states, config.symbols, config.tapes, config.code)
    states, symbols = [str(q) for q in range(config.states)], [str(a) for a in range(config.symbols)]
    stream.add("one", "flag")
    stream.add("t", "integer")
    stream.add("bos", "flag")
    stream.add("step", "flag")
    stream.add("state", "one-hot", states)
    stream.add("example state", "one-hot", states)
    for i in heads(config):
        stream.add(f"example symbol {i}", "one-hot", symbols)
    for field in action_fields(vocabulary["EXAMPLE"].fields):
        stream.add(f"example {field.name}", "one-hot", field.labels)
    for i in heads(config):
        stream.add(f"move {i}", "integer")
        stream.add(f"input {i}", "flag")
        stream.add(f"posting {i}", "integer", symbols[1:])
        stream.add(f"mean move {i}", "fraction")
        stream.add(f"mean input {i}", "fraction")
        stream.add(f"head {i}", "integer", shifted_in=BLOCKS.index("LOCATE"))
        stream.add(f"cell {i}", "integer", shifted_in=BLOCKS.index("LOCATE"))
        stream.add(f"head {i} squared", "integer")
        stream.add(f"cell {i} squared", "integer")
        stream.add(f"found {i}", "fraction", symbols[1:])
        stream.add(f"symbol {i}", "one-hot", symbols)
    for field in action_fields(vocabulary["EXAMPLE"].fields):
        stream.add(f"decided {field.name}", "fraction", field.labels)
    stream.add("stop", "fraction")
    return stream


def heads(config: NetworkConfig) -> range:
    """The tapes, and so the heads, counted from 1."""
    return range(1, config.tapes + 1)


def action_fields(fields: tuple[Field, ...]) -> list[Field]:
    """The fields that say what is done, not in which situation."""
    return [f for f in fields if f.name != "state" and not f.name.startswith("symbol")]


# -- the embedding: what each token brings along ---------------------------------------------------------------------


def embed(blueprint: Blueprint, config: NetworkConfig) -> None:
    """Every token is a 1 and its number t; the rest depends on its kind and fields."""
    stream, vocabulary = blueprint.stream, blueprint.vocabulary
    for kind in vocabulary.kinds.values():
        blueprint.embed(kind.row, {stream["one"].only: 1}, "Every token carries a 1: the network has no biases.")
    blueprint.position(stream["t"].only, "Position enters only as t, the number of the token, counted from 1.")
    blueprint.embed(vocabulary["BOS"].row, {stream["bos"].only: 1}, "BOS is the attention sink: nothing matched.")
    blueprint.embed(vocabulary["STEP"].row, {stream["step"].only: 1}, "A STEP says so: it writes a cell on every tape.")
    _embed_example(blueprint)
    _embed_input(blueprint, config)
    _embed_step(blueprint, config)


def _embed_example(blueprint: Blueprint) -> None:
    because = "An EXAMPLE carries its situation as a key; a wildcard is all ones and agrees with everything."
    for field in blueprint.vocabulary["EXAMPLE"].fields:
        space = blueprint.stream[f"example {field.name}"]
        wild = int(field.labels[0] == ANY)
        if wild:
            blueprint.embed(field.first, dict.fromkeys(space, 1), because)
        why = because if wild else "An EXAMPLE carries its action as a value."
        for i, direction in enumerate(space):
            blueprint.embed(field.row(i + wild), {direction: 1}, why)


def _embed_input(blueprint: Blueprint, config: NetworkConfig) -> None:
    stream, vocabulary = blueprint.stream, blueprint.vocabulary
    cells, shifts = vocabulary["CELL"]["cell"], vocabulary["SHIFT"]["shift"]
    for index, label in enumerate(cells.labels):
        tape, symbol = label.split(",")
        brought: dict[Direction, Numeric] = {stream[f"input {tape}"].only: 1, stream[f"cell {tape}"].only: -1}
        blueprint.embed(
            cells.row(index), brought, "The n-th CELL of a tape writes cell n - 1; LOCATE counts n and adds it."
        )
        if symbol != "0":
            posted = stream[f"posting {tape}"][int(symbol) - 1]
            blueprint.embed(cells.row(index), {posted: 1}, "A CELL posts its symbol; the blank posts nothing.")
    for index, label in enumerate(shifts.labels):
        tape, move = label.split(",")
        moved: dict[Direction, Numeric] = {stream[f"move {tape}"].only: STEP_OF_MOVE[move]}
        blueprint.embed(shifts.row(index), moved, "A SHIFT moves a head before the run.")
    for index, direction in enumerate(stream["state"]):
        because = "RUN ends the prompt and names the start state."
        blueprint.embed(vocabulary["RUN"]["state"].row(index), {direction: 1}, because)


def _embed_step(blueprint: Blueprint, config: NetworkConfig) -> None:
    """A STEP brings the new state, its moves, and its entry in the ledger: new symbol minus old."""
    for field in blueprint.vocabulary["STEP"].fields:
        for index, label in enumerate(field.labels):
            for terms, because in _brought_by_step(blueprint.stream, config, field.name, label):
                blueprint.embed(field.row(index), terms, because)


def _brought_by_step(
    stream: ResidualStream, config: NetworkConfig, field: str, label: str
) -> Iterator[tuple[dict[Direction, Numeric], str]]:
    parts = label.split(",")
    if field == "action":
        names = ["next"] + [f"write {i}" for i in heads(config)] + [f"move {i}" for i in heads(config)]
        for name, part in zip(names, parts, strict=True):
            yield from _brought_by_step(stream, config, name, part)
        return
    if field == "next":
        yield {stream["state"][int(label)]: 1}, "After a STEP the machine is in the state that its action names."
    role, _, tape = field.partition(" ")
    if role == "symbol" and label != "0":
        yield {stream[f"posting {tape}"][int(label) - 1]: -1}, "A STEP posts minus the symbol that it read ..."
    if role == "write" and label != "0":
        yield (
            {stream[f"posting {tape}"][int(label) - 1]: 1},
            "... plus the one that it wrote: postings sum to the content.",
        )
    if role == "move":
        step = STEP_OF_MOVE[label]
        yield {stream[f"move {tape}"].only: step}, "A STEP moves the head ..."
        yield (
            {stream[f"cell {tape}"].only: -step},
            "... and wrote the cell that it left: the new position minus the move.",
        )


# -- the four blocks -------------------------------------------------------------------------------------------------


def locate(blueprint: Blueprint, config: NetworkConfig) -> None:
    """Where is each head (p = t * mean of the moves), and which cell c does this token write?

    p is the sum of all moves so far. A STEP wrote the cell that it left, c = p - move; the n-th CELL writes c = n - 1.
    Both are kept as p + M and c + M: adding M rounds to the nearest integer, so they are exact again.
    """
    stream, block = blueprint.stream, blueprint.blocks["LOCATE"]
    one, t, step = stream["one"].only, stream["t"].only, stream["step"].only
    shifted: dict[Direction, Numeric] = {}
    for i in heads(config):
        head, layer = block.head(f"LOCATE {i}"), block.feed_forward
        position, cell, is_input = (stream[f"{name} {i}"].only for name in ("head", "cell", "input"))
        mean_move, mean_input = stream[f"mean move {i}"].only, stream[f"mean input {i}"].only
        because = "The mean of the moves over the whole context; times t it is the head's position."
        gadgets.running_mean(head, stream[f"move {i}"].only, mean_move, because)
        because = "The mean of the CELL flag over the whole context; times t it counts the CELLs so far."
        gadgets.running_mean(head, is_input, mean_input, because)
        because = "p = t * mean(move), the sum of the moves: where the head is now."
        gadgets.product(layer, t, mean_move, out=position, because=because)
        because = "A STEP writes at p minus its own move (which its embedding supplies)."
        gadgets.gated_product(layer, t, mean_move, flag=step, one=one, out=cell, because=because)
        because = "The n-th CELL of a tape writes cell n - 1 (its embedding has the -1)."
        gadgets.gated_product(layer, t, mean_input, flag=is_input, one=one, out=cell, because=because)
        shifted |= {position: M, cell: M}
    because = "Adding M rounds to the nearest integer, so that equal cells are equal to the bit; readers subtract M."
    gadgets.constant(block.feed_forward, one, shifted, because)


def address(blueprint: Blueprint, config: NetworkConfig) -> None:
    """The squares p^2 and c^2. This block's attention does nothing."""
    stream, block = blueprint.stream, blueprint.blocks["ADDRESS"]
    for i in heads(config):
        block.head(f"ADDRESS {i}")
        for name, because in ((f"head {i}", "p^2, for the sink's score."), (f"cell {i}", "c^2, for this token's key.")):
            squared = stream[f"{name} squared"].only
            gadgets.square(block.feed_forward, stream[name].only, stream["one"].only, squared, because)


def read(blueprint: Blueprint, config: NetworkConfig) -> None:
    """What is in the cell under each head? One attention head a tape head.

    The postings on a cell sum to its content, so their mean over its v visits is onehot(content) / v; the feed-forward
    layer saturates that to a clean one-hot.
    """
    stream, block = blueprint.stream, blueprint.blocks["READ"]
    one = stream["one"].only
    for i in heads(config):
        head = block.head(f"READ {i}")
        gadgets.integer_lookup(
            head,
            wanted=stream[f"head {i}"].only,
            wanted_square=stream[f"head {i} squared"].only,
            address=stream[f"cell {i}"].only,
            address_square=stream[f"cell {i} squared"].only,
            writes=(stream[f"input {i}"].only, stream["step"].only),
            sink=stream["bos"].only,
            one=one,
        )
        for posted, found in stream[f"posting {i}"].pairs(stream[f"found {i}"]):
            head.move(posted, found, "The mean of the postings on this cell is its content over the number of visits.")
        because = "1/v becomes 1: the symbol is in the cell, however often the cell was visited."
        symbol = stream[f"symbol {i}"]
        gadgets.saturate(block.feed_forward, one, stream[f"found {i}"], symbol, symbol[0], because)


def decide(blueprint: Blueprint, config: NetworkConfig) -> None:
    """Which examples match the situation, and what do they do? The mean of their actions, or STOP from BOS."""
    stream, block = blueprint.stream, blueprint.blocks["DECIDE"]
    situation: list[tuple[Space, Space]] = [(stream["state"], stream["example state"])]
    situation += [(stream[f"symbol {i}"], stream[f"example symbol {i}"]) for i in heads(config)]
    head = block.head("DECIDE")
    because = "An example scores a point for the state and one for the symbol under each head, if they agree."
    gadgets.exact_match(head, pairs=situation, sink=stream["bos"].only, one=stream["one"].only, because=because)
    for field in action_fields(blueprint.vocabulary["EXAMPLE"].fields):
        for carried, decided in stream[f"example {field.name}"].pairs(stream[f"decided {field.name}"]):
            head.move(carried, decided, "The matching examples' actions, averaged: their empirical distribution.")
    head.move(stream["bos"].only, stream["stop"].only, "No example matches: BOS says STOP.")


# -- the unembedding: a linear read-out, P(token) = relu(logit) ------------------------------------------------------


def unembed(blueprint: Blueprint, config: NetworkConfig) -> None:
    """The STEP of the present situation gets its action's probability as its logit; everything else at most 0."""
    stream, vocabulary = blueprint.stream, blueprint.vocabulary
    one, step = stream["one"].only, vocabulary["STEP"]
    blueprint.unembed({stream["stop"].only: 1}, vocabulary["STOP"].row, "STOP has the probability that BOS gave it.")
    for kind in ("BOS", "EXAMPLE", "CELL", "SHIFT", "RUN"):
        blueprint.unembed({one: -1}, vocabulary[kind].row, "A prompt's token is never generated.")
    because = "A STEP starts out at minus what a right situation adds."
    blueprint.unembed({one: -(config.tapes + 1) * G}, step.row, because)
    for field in step.fields:
        if field not in action_fields(step.fields):
            because = "A STEP tells its situation: a wrong state or symbol costs g."
            for index, direction in enumerate(stream[field.name]):
                blueprint.unembed({direction: G}, field.row(index), because)
            continue
        for index, direction in enumerate(stream[f"decided {field.name}"]):
            blueprint.unembed({direction: 1}, field.row(index), "The action decided on, with its probability.")
            if field.name.startswith(("write", "move")):
                because = "All fields of a factored action but the first start at -1: together they are worth 1."
                blueprint.unembed({one: -1}, field.row(index), because)
