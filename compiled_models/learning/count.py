"""Counting on the base network, beside ordinary counts, and beside the distribution of its DECIDE head."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import torch

from compiled_models.learning.data import MOST_PROBLEMS, read_rows
from compiled_models.learning.learner import Learnt
from compiled_models.transcript import Transcript
from construction import Codec, base_network
from tm import InputError, Machine, Problem, Rule
from tm.learners.count import (
    COUNT_BITS,
    Pair,
    count_machine,
    count_reference,
    count_steps,
    count_tapes,
    counts,
    names_of,
    replies,
)

__all__ = ["CountLearner", "decide_distribution", "read_pairs"]

OWN = 6
"""Symbols that the machine needs beside the names of contexts and tokens: blank, # ? | 0 1."""


class CountLearner:
    """Counting with its data.

    Args:
        pairs: contexts and the tokens after them.
        bits: W, of a count.
    """

    name, reference_name, curve_name = "count", "collections.Counter", ""

    def __init__(self, pairs: Sequence[Pair], *, bits: int = COUNT_BITS) -> None:
        self.pairs, self.bits = tuple(pairs), bits

    def machine(self) -> Machine:
        """The machine, for the names in the data."""
        return count_machine(*names_of(self.pairs))

    def tapes(self, queries: Sequence[str]) -> list[list[str]]:
        """Pairs and queries, the table, the largest count so far."""
        return count_tapes(self.pairs, queries, bits=self.bits)

    def read(self, tapes: Sequence[Sequence[str]]) -> Learnt:
        """The counts on tape 2, the answers on tape 1."""
        return Learnt(counts(tapes[1], self.pairs, bits=self.bits), list(replies(tapes[0], self.pairs)))

    def reference(self, queries: Sequence[str]) -> Learnt:
        """The same by `collections.Counter`."""
        weights, answers = count_reference(self.pairs, queries)
        return Learnt(weights, list(answers))

    def steps(self, queries: Sequence[str]) -> int:
        """By `count_steps`.

        Raises:
            OverflowError: where a count needs more digits.
        """
        if max(Counter(self.pairs).values()) >= 1 << self.bits:
            raise OverflowError(f"a count needs more than {self.bits} bits")
        return count_steps(self.pairs, queries, bits=self.bits)

    def least_steps(self, queries: Sequence[str]) -> int:
        """0: the exact number is found as fast."""
        return 0

    def position(self, transcript: Transcript) -> str:
        """The pair that head 1 is on."""
        return f"pair {min(transcript.heads[0] // 2 + 1, len(self.pairs))} of {len(self.pairs)}"

    def too_small(self) -> Problem:
        """The word is too small."""
        return Problem(f"words of {self.bits} bits are too small for these counts", hint="more --bits")


def read_pairs(path: str, room: int, *, seen: Sequence[str] | None = None) -> tuple[Pair, ...]:
    """Contexts and the tokens after them, a pair a line with white space between.

    Args:
        path: the file.
        room: symbols of the network.
        seen: the contexts that there may be; None: any.

    Raises:
        FileError: for a file that cannot be read.
        InputError: with every reason and its line, for what is no pair, for contexts that were never seen, and for
            more names than there is room for.
    """
    rows = read_rows(path, "a pair a line: a context and the token after it")
    wrong = []
    for row in rows:
        if len(row.fields) != 2:
            wrong.append(row.problem("this is no pair", "a context and a token", str(len(row.fields))))
        elif seen is not None and row.fields[0] not in seen:
            wrong.append(row.problem("this context was never seen", " ".join(seen), row.fields[0]))
    if wrong:
        raise InputError(*wrong[:MOST_PROBLEMS])
    pairs = tuple((row.fields[0], row.fields[1]) for row in rows)
    names = len({name for pair in pairs for name in pair})
    if seen is None and names > room - OWN:
        expected = f"{room - OWN} at most, for a network of {room} symbols"
        raise InputError(Problem("too many names of contexts and tokens", expected, str(names), source=path))
    return pairs


def decide_distribution(pairs: Sequence[Pair], query: str) -> dict[str, float]:
    """The distribution of the next token by the DECIDE head, where the pairs themselves are the prompt's examples.

    There nothing is counted on a tape: attention averages over the examples that match, which is the maximum-likelihood
    table at once.

    >>> decide_distribution([("a", "x"), ("a", "y"), ("a", "y"), ("b", "x")], "a")
    {'x': 0.333..., 'y': 0.666...}
    """
    contexts, tokens = names_of(pairs)
    rules = [Rule(c, ("_",), "end", (f"={t}",), ("S",), n) for (c, t), n in Counter(pairs).items()]
    machine = Machine(start=query, rules=rules, states=[*contexts, "end"], symbols=[f"={t}" for t in tokens])
    network = base_network(states=len(machine.states), symbols=len(machine.symbols), tapes=1, code="joint")
    codec = Codec(network.config, machine)
    prompt = torch.from_numpy(codec.prompt().tokens)[None]
    with torch.inference_mode():
        logits = network(prompt, logits_from=-1)[0, -1].numpy()
    steps = {codec.step(rule): rule.write[0][1:] for rule in rules if rule.state == query}
    found = {steps[token]: p for token, p in codec.vocabulary.positive(logits) if token in steps}
    return {token: found[token] for token in tokens if token in found}
