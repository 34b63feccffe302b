"""Reviews read by a Turing machine with a lexicon in its transitions, taught to the base network by demonstrations.

On its first way to the right the machine replaces every word by a mark, + or - for a word of its lexicon; on its
second it counts the marks, the other way round between a negation and the end of the clause. A demonstration is its
run on one review. The prompt holds the steps of all demonstrations, so the base network knows the words that were
demonstrated, and no others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import torch

from compiled_models.decoding.dense import logits_after
from compiled_models.decoding.speculative import Branches, likeliest
from construction import Codec, KeyValueCache, Transformer, base_network, compile_machine
from examples.sentiment.reviews import NEGATIONS, tokens
from tm import Machine, Rule, simulate
from tm.policy import Policy

__all__ = ["LexiconReader", "base_reader"]

HIGHEST = 2  # a score beyond it counts as it
OTHER = "…"


def base_reader() -> Transformer:
    """The base network for 16 states and 256 symbols: it knows no word."""
    return base_network(states=16, symbols=256)


def lexicon_machine(lexicon: Mapping[str, int]) -> Machine:
    """Marks the words, goes back, counts the marks; it accepts praise and rejects blame.

    >>> machine = lexicon_machine({"good": 1})
    >>> [str(rule) for rule in machine.rules if "good" in rule.read]
    ['read good -> read + R']
    """
    marks = {word: "+" if good > 0 else "-" for word, good in lexicon.items()}
    marks |= dict.fromkeys(NEGATIONS, "n") | {".": ".", OTHER: "0"}
    rules = [_rule("read", word, "read", mark, "R") for word, mark in marks.items()]
    rules += [_rule("read", "_", "back", "_", "L"), _rule("back", "_", "score 0", "_", "R")]
    rules += [_rule("back", mark, "back", mark, "L") for mark in "+-n.0"]
    for score, denied in product(range(-HIGHEST, HIGHEST + 1), (False, True)):
        state, sign = _state(score, denied), -1 if denied else 1
        for mark, worth in (("+", sign), ("-", -sign), ("0", 0)):
            following = max(-HIGHEST, min(HIGHEST, score + worth))
            rules.append(_rule(state, mark, _state(following, denied), mark, "R"))
        rules += [_rule(state, "n", _state(score, True), "n", "R"), _rule(state, ".", _state(score, False), ".", "R")]
        verdict = "praise" if score > 0 else "blame" if score < 0 else "undecided"
        rules.append(_rule(state, "_", verdict, "_", "S"))
    return Machine(rules=rules, accept=["praise"], reject=["blame"], name="lexicon")


def _state(score: int, denied: bool) -> str:
    return f"score {score}{', not' if denied else ''}"


def _rule(state: str, read: str, following: str, write: str, move: str) -> Rule:
    return Rule(state, (read,), following, (write,), (move,))


class LexiconReader:
    """The base network with the steps of a lexicon machine's demonstrations in its prompt.

    Args:
        lexicon: words and whether they are good (1) or bad (-1).
        texts: what the machine demonstrates itself on.
        network: from `base_reader`; with `tuned`, the network tuned to the demonstrated steps takes its place, and
            its prompt holds none.
    """

    def __init__(
        self, lexicon: Mapping[str, int], texts: Sequence[str], network: Transformer, *, tuned: bool = False
    ) -> None:
        teacher = lexicon_machine(lexicon)
        data = Policy(teacher).demonstrations([_symbols(teacher, text) for text in texts], np.random.default_rng(0))
        self.machine = Machine(
            rules=list(data.counts), start="read", accept=["praise"], reject=["blame"], states=teacher.states
        )
        self.network = compile_machine(self.machine, states=16, symbols=256) if tuned else network
        self.codec = Codec(self.network.config, self.machine)
        self._trunk = KeyValueCache()
        examples = [] if tuned else self.codec.examples(self.machine.rules)
        first = np.array([self.codec.vocabulary.token("BOS"), *examples])
        for _ in logits_after(self.network, first, self._trunk, last_only=True):
            pass

    def read(self, text: str) -> int:
        """What the network says of a text: 1 praise, -1 blame, 0 undecided.

        A word that no demonstration had is any other word; in any other situation that none had the network stops, and
        is undecided. The run is drafted by the simulator; each token of it is
        checked to be the network's own.

        Raises:
            RuntimeError: if the network would generate something else.
        """
        symbols, codec = _symbols(self.machine, text), self.codec
        *_, last = run = list(simulate(self.machine, symbols))
        draft = [codec.step(configuration.rule) for configuration in run if configuration.rule] + [codec.stop]
        prompt = codec.prompt(symbols, examples=()).tokens[1:]
        tokens = torch.from_numpy(np.concatenate([prompt, draft[:-1]]))[None]
        with torch.inference_mode():
            logits = self.network(tokens, Branches(self._trunk), logits_from=len(prompt) - 1)[0].numpy()
        if not (likeliest(codec.vocabulary, logits) == np.array(draft)).all():
            raise RuntimeError(f"the network does not do what the simulator does on {text!r}")
        return {"praise": 1, "blame": -1}.get(last.state, 0)


def _symbols(machine: Machine, text: str) -> list[str]:
    return [word if word in machine.symbols else OTHER for word in tokens(text)]
