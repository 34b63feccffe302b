"""A stock Llama that runs every Turing machine written in its prompt: its weights, set by hand.

LOCATE   layer 0: which token came before, and which cell did this one write? The next cell: copy the address, add 1
READ     layer 1, head 0: what is in the cell under the head?
DECIDE   layer 1, head 1: which rule in the prompt is for this situation? An induction head
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
import torch

from construction.llama import gadgets
from construction.llama.blueprint import LlamaBlueprint
from construction.llama.config import LlamaConfig
from construction.llama.gadgets import CONSTANT, GAIN, POSTING, UNIT
from construction.llama.slots import Slots
from construction.llama.transformer import LlamaTransformer
from construction.llama.unembedding import unembed
from construction.llama.vocabulary import KINDS
from construction.residual import Direction, ResidualStream, Space
from tm import Machine, Rule

__all__ = ["draw_llama", "llama_network", "llama_stream"]

ALLOWED = {
    ("bos", "bos"),
    ("bos", "situation"),
    ("bos", "address"),
    ("bos", "state"),
    ("situation", "action"),
    ("action", "situation"),
    ("action", "address"),
    ("action", "state"),
    ("address", "symbol"),
    ("address", "situation"),
    ("symbol", "address"),
    ("symbol", "state"),
    ("symbol", "situation"),
    ("state", "address"),
}
"""Which kind of word may follow which; all other pairs are bad."""
IN_PROMPTS = tuple(kind for kind in KINDS if kind not in ("edge", "error", "halt", "unknown"))


def llama_network(
    config: LlamaConfig | None = None, *, dtype: torch.dtype = torch.float32, attention: str = "sdpa"
) -> LlamaTransformer:
    """The Llama of a capacity (by default 8 states, 4 symbols, 4,096 cells), in a number format.

    Args:
        config: the capacity, and the policy if it is a tuned network.
        dtype: torch.float32, torch.bfloat16 or torch.float16; the weights are the same numbers in all of them.
        attention: "sdpa" or "eager".

    >>> network = llama_network()
    >>> sum(weight.numel() for weight in network.parameters())
    1315968
    """
    return draw_llama(config or LlamaConfig()).network(dtype=dtype, attention=attention)


def draw_llama(config: LlamaConfig) -> LlamaBlueprint:
    """The blueprint: every non-zero weight with the sentence that justifies it."""
    blueprint = LlamaBlueprint(config, llama_stream(config))
    gadgets.constant_norm(blueprint, tuple(blueprint.stream["constant"]))
    embed(blueprint)
    locate(blueprint)
    read(blueprint)
    decide(blueprint)
    unembed(blueprint)
    return blueprint


def llama_stream(config: LlamaConfig) -> ResidualStream:
    """The directions of the residual stream; the constants are alone in the first block of 32."""
    stream = ResidualStream()
    states, symbols, address = (
        [str(j) for j in range(n)] for n in (config.state_bits, config.symbol_bits, config.address_bits)
    )
    stream.add("constant", "integer", [str(j) for j in range(config.constants)])
    stream.add("unused", "flag", [str(j) for j in range(32 - config.constants)])
    stream.add("kind", "one-hot", KINDS)
    stream.add("state", "bits", states)
    stream.add("symbol", "bits", symbols)
    stream.add("write", "bits", symbols)
    stream.add("move", "bits", ["right", "left"])
    stream.add("address", "bits", address)
    stream.add("previous kind", "one-hot", KINDS)
    stream.add("previous state", "bits", states)
    stream.add("previous symbol", "bits", symbols)
    stream.add("at", "bits", address)
    stream.add("before input", "flag")
    stream.add("delta", "integer", address)
    stream.add("edge", "flag")
    stream.add("bad", "flag")
    stream.add("read", "fraction", symbols)
    stream.add("decided write", "fraction", symbols)
    stream.add("decided move", "fraction", ["right", "left"])
    stream.add("decided state", "fraction", states)
    stream.add("halt", "fraction")
    stream.add("decided bad", "fraction")
    stream.add("cell", "fraction", symbols)
    stream.add("free", "flag", [str(j) for j in range(config.hidden - stream.width)])
    return stream


def kind(stream: ResidualStream, name: str, space: str = "kind") -> Direction:
    """The flag of a kind of word."""
    return stream[space][KINDS.index(name)]


def one_of(stream: ResidualStream) -> Direction:
    """The direction that is 1 at every token, after the norm."""
    return stream["constant"][0]


# -- the embedding ---------------------------------------------------------------------------------------------------


def embed(blueprint: LlamaBlueprint) -> None:
    """Every word carries the constants, the flag of its kind, and the bits of its fields."""
    stream, vocabulary = blueprint.stream, blueprint.vocabulary
    everything = np.arange(len(vocabulary))
    for constant in stream["constant"]:
        why = "Every word carries the constants: they fix the norm, and are the biases that Llama does not have."
        blueprint.embed(everything, constant, CONSTANT, "every word", why)
    for name, rows in vocabulary.of_kind.items():
        why = "A word says of what kind it is."
        blueprint.embed(rows, kind(stream, name), float(UNIT), f"every {name} word", why)
    for field in ("state", "symbol", "write", "move", "address"):
        rows = vocabulary.rows_with(field)
        for number, direction in enumerate(stream[field]):
            values = vocabulary.bit(field, number, rows) * float(UNIT)
            what = f"every word with a {field}"
            blueprint.embed(rows, direction, values, what, "A word carries its fields as bits, +u or -u.")
    why = "A word that the vocabulary does not have makes a prompt bad."
    blueprint.embed(vocabulary.of_kind["unknown"], stream["bad"].only, float(UNIT), "<unk>", why)


# -- the two layers --------------------------------------------------------------------------------------------------


def locate(blueprint: LlamaBlueprint) -> None:
    """Layer 0. What came before, which cell this token writes, and the cell next to it: copy the address, add 1.

    An action stands two behind the address of the cell that it writes, an input symbol one behind.
    """
    stream, layer = blueprint.stream, blueprint.layers[0]
    one, bos = one_of(stream), kind(stream, "bos")
    before = layer.head("previous token")
    gadgets.offset_key(before, one)
    gadgets.offset_query(before, [one], 1, "Every token attends to the one before it.")
    for space in ("state", "symbol", "kind"):
        for source, target in stream[space].pairs(stream[f"previous {space}"]):
            before.move(
                {source: 1}, target, UNIT, "What the previous token was, for the grammar and for DECIDE's keys."
            )

    address = layer.head("address")
    gadgets.offset_key(address, one)
    two_back = [kind(stream, "situation"), kind(stream, "action")]
    gadgets.offset_query(address, two_back, 2, "An action writes the cell of the address two words back.")
    gadgets.offset_query(address, [kind(stream, "symbol")], 1, "An input symbol stands behind its own address.")
    rest = [kind(stream, name) for name in KINDS if name not in ("situation", "action", "symbol")]
    because = "A word that writes nothing attends to <bos>, which has no address."
    address.query(address.content("<bos>"), dict.fromkeys(rest, gadgets.OFFSET), because)
    address.key(address.content("<bos>"), {bos: 1}, because)
    for source, target in stream["address"].pairs(stream["at"]):
        address.move({source: 1}, target, UNIT, "The address of the cell that this token writes.")
    because = "Whether what stands two words before a situation is no step: then an address before it lacks its symbol."
    address.move({bos: 1, kind(stream, "symbol"): 1}, stream["before input"].only, UNIT, because)

    right, left = stream["move"]
    for when, step, verb in ((right, 1, "adds 1 to"), (left, -1, "subtracts 1 from")):
        bits, delta, edge = tuple(stream["at"]), tuple(stream["delta"]), stream["edge"].only
        why = f"A move to the {when.label} {verb} the address."
        gadgets.carry(layer, when, bits, delta, edge, one, step=step, because=why)
    grammar(blueprint)


def grammar(blueprint: LlamaBlueprint) -> None:
    """One unit for each pair of kinds that may not follow one another."""
    stream, layer = blueprint.stream, blueprint.layers[0]
    one, bad = one_of(stream), stream["bad"].only
    for first, second in product(IN_PROMPTS, IN_PROMPTS):
        if (first, second) not in ALLOWED:
            conditions = {kind(stream, first, "previous kind"): 1, kind(stream, second): 1}
            why = "A word that may not follow the one before it makes a prompt bad."
            gadgets.and_unit(layer, f"{second} after {first}", conditions, one, {bad: 1}, why)
    names = [("kind", "situation"), ("previous kind", "address")]
    conditions = {kind(stream, name, space): 1 for space, name in names} | {stream["before input"].only: 1}
    why = "An address of the input without a symbol makes a prompt bad."
    gadgets.and_unit(layer, "address without a symbol", conditions, one, {bad: 1}, why)


def read(blueprint: LlamaBlueprint) -> None:
    """Layer 1, head 0. What is in the cell under the head?

    The query is the address at which the run stands, the key the address that a token wrote. A token posts what it
    wrote less what was there: the postings on a cell add up to its content, as in the base network.
    """
    stream, layer = blueprint.stream, blueprint.layers[1]
    one, bos = one_of(stream), kind(stream, "bos")
    head = layer.head("READ")
    pairs = list(stream["address"].pairs(stream["at"]))
    gadgets.bits_match(head, pairs, one, [bos], "Which tokens wrote to the cell at this address?")
    because = "A sink that outweighs every match: weights hardly depend on how often a cell was visited."
    gadgets.heavy_sink(head, bos, one, because)
    symbol = kind(stream, "symbol")
    for written, previous, target in zip(stream["write"], stream["previous symbol"], stream["read"], strict=True):
        terms = {written: POSTING, previous: -POSTING, symbol: POSTING}
        why = (
            "A ledger: an action posts the bit that it wrote less the bit that was there; a cell of the input, less 0."
        )
        head.move(terms, target, UNIT * GAIN / (2 * POSTING), why)
    for source, target in stream["read"].pairs(stream["cell"]):
        gadgets.saturate(layer, one, source, target, "However often a cell was visited, its bit becomes 0 or 2.")


def decide(blueprint: LlamaBlueprint) -> None:
    """Layer 1, head 1, an induction head: attend to what followed the same situation before, and repeat it.

    A tuned network has its rules in the feed-forward layer instead; its head says halt, and a rule takes that back.
    """
    stream, layer, config = blueprint.stream, blueprint.layers[1], blueprint.config
    one, bos, bad = one_of(stream), kind(stream, "bos"), stream["bad"].only
    head = layer.head("DECIDE")
    pairs = [
        pair for space in ("state", "symbol") for pair in stream[space].pairs(stream[f"previous {space}"])
    ]  # what this token is, what the token before the key is
    gadgets.bits_match(head, pairs, one, [bos, bad], "What followed this situation before?")
    because = "The sink: where no rule matches, <bos> says halt; 32 below a match, 32 above the best mismatch."
    channel = head.content("sink")
    head.query(channel, {one: -gadgets.BETA}, because)
    head.key(channel, {bos: 1}, because)
    because = "A bad word draws all attention: 64 and more, whatever else its key says."
    for number in range(len(pairs) + 2):
        channel = head.content(f"bad {number}")
        head.query(channel, {one: gadgets.BETA}, because)
        head.key(channel, {bad: 1}, because)
    machine = config.machine()
    if machine is None:
        for source, target in _decided(stream):
            head.move({source: 1}, target, UNIT, "The action that followed is copied, bit by bit.")
    head.move({bos: 1}, stream["halt"].only, UNIT, "Attending to <bos> is to halt.")
    head.move({bad: 1}, stream["decided bad"].only, UNIT, "Attending to a bad word is to say <error>.")
    if machine is not None:
        for rule in machine.rules:
            _tuned_unit(blueprint, machine, rule)


def _decided(stream: ResidualStream) -> Iterator[tuple[Direction, Direction]]:
    for space in ("write", "move", "state"):
        yield from stream[space].pairs(stream[f"decided {space}"])


def _tuned_unit(blueprint: LlamaBlueprint, machine: Machine, rule: Rule) -> None:
    """One AND unit: in the rule's situation, its action, and no halt."""
    stream, layer = blueprint.stream, blueprint.layers[1]
    words, slots = blueprint.vocabulary, Slots.of(blueprint.config, machine)
    situation = words.words[words.ids[slots.situation(rule.state, rule.read[0])]]
    action = words.words[words.ids[slots.action(rule)]]
    conditions = signs(stream["state"], situation.state) | signs(stream["symbol"], situation.symbol)
    out = signs(stream["decided write"], action.write) | signs(stream["decided state"], action.state)
    right, left = stream["decided move"]
    out |= {right: 1 if action.move == 2 else -1, left: 1 if action.move == 0 else -1, stream["halt"].only: -1}
    why = f"The rule {situation.text} {action.text} of the machine that the network is tuned to."
    gadgets.and_unit(layer, f"{situation.text} {action.text}", conditions, one_of(stream), out, why)


def signs(space: Space, number: int) -> dict[Direction, int]:
    """The bits of a number as +1 and -1, lowest first."""
    return {direction: 1 if number >> j & 1 else -1 for j, direction in enumerate(space)}
