"""What a network does in each situation: its probabilities of the actions, read off the linear read-out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from compiled_models.decoding.dense import logits_after
from compiled_models.elicit.learning.shared_prompt import SharedPrompt
from construction import Codec, Example, KeyValueCache, Transformer
from tm import Machine, Rule, Situation

__all__ = ["PolicyReader", "TokenByToken"]


class PolicyReader:
    """Reads the probability of each of some rules from a network, for any number of counted prompts at once.

    Args:
        network: a base network, or a tuned one.
        machine: whose names the prompt uses.
        rules: the rules whose probabilities are asked for, each in its own situation.
        examples: the examples that prompts may show; a tuned network needs none.

    >>> from construction import base_network
    >>> coin = Machine.read("toss _ -> toss 0 R x 1\\ntoss _ -> toss 1 R x 1")
    >>> reader = PolicyReader(base_network(2, 4), coin, coin.rules, coin.rules)
    >>> probabilities, stop = reader.probabilities(np.array([[1, 3], [0, 0]]))
    >>> probabilities.round(12).tolist(), stop.round(12).tolist()
    ([[0.25, 0.75], [0.0, 0.0]], [[0.0], [1.0]])
    """

    def __init__(
        self, network: Transformer, machine: Machine, rules: Sequence[Rule], examples: Sequence[Rule | Example] = ()
    ) -> None:
        self.codec = codec = Codec(network.config, machine)
        self.situations: tuple[Situation, ...] = tuple(dict.fromkeys(rule.situation for rule in rules))
        bos = codec.vocabulary.token("BOS")
        tokens = [bos, *(codec.example(example) for example in examples)]
        self.prompt = SharedPrompt(network, np.array(tokens, dtype=np.int64))
        self.queries = np.array([query(codec, situation) for situation in self.situations], dtype=np.int64)
        steps = np.array([codec.step(rule) for rule in rules], dtype=np.int64)
        self.situation_of = np.array([self.situations.index(rule.situation) for rule in rules])
        self._rows, places = np.unique(np.concatenate([steps.ravel(), [codec.stop[0]]]), return_inverse=True)
        self._steps, self._stop = places[:-1].reshape(steps.shape), places[-1]

    def probabilities(self, counts: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The probability of each rule [d rules] and of STOP in each situation [d situations], by prompt.

        Args:
            counts: how often each example stands in the prompt [d examples].
        """
        counts = np.asarray(counts, dtype=np.int64)
        with_bos = np.concatenate([np.ones((len(counts), 1), dtype=np.int64), counts], axis=1)
        logits = self.prompt.logits(with_bos, self.queries, self._rows)  # [d s r]
        of_rule = logits[:, self.situation_of[:, None], self._steps].sum(-1)  # row 0, "no field", has logit 0
        return np.maximum(of_rule, 0), np.maximum(logits[:, :, self._stop], 0)

    def by_situation(self, of_rules: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sums over the rules of each situation [d situations] of numbers by rule [d rules]."""
        return of_rules @ (self.situation_of[:, None] == np.arange(len(self.situations)))


def query(codec: Codec, situation: Situation) -> list[tuple[int, ...]]:
    """The end of a prompt that puts the network into a situation: the cell under the head, then RUN."""
    state, symbols = situation
    slot_of_state, read, _ = codec.slots(Rule(state, symbols, state, symbols, ("S",) * len(symbols)))
    cells = [codec.vocabulary.token("CELL", tape * codec.config.symbols + slot) for tape, slot in enumerate(read)]
    return [*cells, codec.vocabulary.token("RUN", slot_of_state)]


class TokenByToken:
    """The same from one prompt in which every copy of every example is a token of its own: the reference.

    Args:
        network: a base network.
        machine: whose names the prompt uses.
        rules: the rules whose probabilities are asked for, each in its own situation.
        examples: what the prompt shows, in this order; one of weight n stands n times.

    >>> from construction import base_network
    >>> coin = Machine.read("toss _ -> toss 0 R x 1\\ntoss _ -> toss 1 R x 3")
    >>> of_rules, stop = TokenByToken(base_network(2, 4), coin, coin.rules, coin.rules).probabilities()
    >>> of_rules, bool(stop < 1e-28)
    (array([0.25, 0.75]), True)
    """

    def __init__(
        self, network: Transformer, machine: Machine, rules: Sequence[Rule], examples: Iterable[Rule | Example]
    ) -> None:
        self.network, self.codec, self.cache = network, Codec(network.config, machine), KeyValueCache()
        self.situations: tuple[Situation, ...] = tuple(dict.fromkeys(rule.situation for rule in rules))
        self._steps = np.array([self.codec.step(rule) for rule in rules], dtype=np.int64)
        self._situation_of = np.array([self.situations.index(rule.situation) for rule in rules])
        tokens = [self.codec.vocabulary.token("BOS"), *self.codec.examples(examples)]
        self.length = len(tokens)
        self._take_in(tokens)

    def probabilities(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The probability of each rule [rules] and of STOP in each situation [situations]."""
        logits = []
        for situation in self.situations:
            self.cache.length = self.length  # every query goes on from the same examples
            logits.append(self._take_in(query(self.codec, situation)))
        of_rows = np.array(logits, dtype=np.float64)  # [s r]
        of_rules = of_rows[self._situation_of[:, None], self._steps].sum(-1)  # row 0, "no field", has logit 0
        return np.maximum(of_rules, 0), np.maximum(of_rows[:, self.codec.stop[0]], 0)

    def _take_in(self, tokens: list[tuple[int, ...]]) -> NDArray[np.floating]:
        """Read tokens; the logits [r] after the last of them."""
        for logits in logits_after(self.network, np.array(tokens, dtype=np.int64), self.cache, last_only=True):
            last = logits[-1]
        return last
