"""A policy: in each situation, a distribution over actions. It is a machine whose rules are weighted.

Data comes from it in two ways: as single examples, of situations drawn from a distribution, or as whole demonstrations,
runs on inputs whose every step is an example.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tm.dataset import Dataset
from tm.errors import InputError, Problem
from tm.machine import Machine
from tm.rule import Rule, Situation
from tm.simulator import simulate
from tm.start import Heads, Input

__all__ = ["Action", "Policy"]

Action = tuple[str, tuple[str, ...], tuple[str, ...]]
"""What is done: the next state, the symbols written, the moves."""

WEIGHTS = 1_000_000  # what the weights of a situation's rules sum to, about, where they come from probabilities


class Policy:
    """A machine read as a policy: situations, the rules of each, and their probabilities.

    >>> policy = Policy(Machine.read("toss _ -> toss 1 R x 3\\ntoss _ -> end 0 S x 1"))
    >>> policy.situations, policy.probabilities(policy.situations[0])
    ((('toss', ('_',)),), array([0.75, 0.25]))
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.situations: tuple[Situation, ...] = tuple(dict.fromkeys(rule.situation for rule in machine.rules))

    @classmethod
    def of(
        cls, probabilities: ArrayLike, situations: Sequence[Situation], actions: Sequence[Action], *, blank: str = "_"
    ) -> Policy:
        """The policy with these probabilities [situations actions], rounded to whole weights; 0 leaves a rule out.

        Every action stands for itself in every situation.

        Raises:
            InputError: for a wrong number of rows or columns, or a negative probability.

        >>> policy = Policy.of([[0.5, 0.5]], [("a", ("_",))], [("a", ("0",), ("R",)), ("b", ("1",), ("S",))])
        >>> print(policy.rules(policy.situations[0])[1])
        a _ -> b 1 S x 500000
        """
        shares = np.asarray(probabilities, dtype=float)
        if shares.shape != (len(situations), len(actions)):
            expected = f"{len(situations)} situations, {len(actions)} actions"
            raise InputError(Problem("a probability for each action in each situation", expected, str(shares.shape)))
        if (shares < 0).any() or not (shares.sum(1) > 0).all():
            raise InputError(Problem("probabilities are 0 or more, and not all of them 0"))
        weights = np.maximum(1, np.rint(shares / shares.sum(1, keepdims=True) * WEIGHTS)).astype(np.int64)
        rules = [
            Rule(state, read, next_state, written, moves, weight=int(weights[c, a]))
            for c, (state, read) in enumerate(situations)
            for a, (next_state, written, moves) in enumerate(actions)
            if shares[c, a] > 0
        ]
        return cls(Machine(blank=blank, tapes=len(situations[0][1]), rules=rules))

    @classmethod
    def random(
        cls,
        situations: Sequence[Situation],
        actions: Sequence[Action],
        random: np.random.Generator,
        *,
        concentration: float = 1.0,
        blank: str = "_",
    ) -> Policy:
        """A policy whose distributions are drawn from a symmetric Dirichlet law (concentration 1: every one alike).

        >>> actions = [("a", ("0",), ("R",)), ("b", ("1",), ("S",))]
        >>> len(Policy.random([("a", ("_",))], actions, np.random.default_rng(0)).machine.rules)
        2
        """
        shares = random.dirichlet([concentration] * len(actions), size=len(situations))
        return cls.of(np.maximum(shares, 1e-9), situations, actions, blank=blank)

    def rules(self, situation: Situation) -> tuple[Rule, ...]:
        """The rules of a situation, in the order in which a seeded run draws among them."""
        return self.machine.rules_for(*situation)

    @property
    def all_rules(self) -> tuple[Rule, ...]:
        """The rules of all situations, one situation after the other."""
        return tuple(rule for situation in self.situations for rule in self.rules(situation))

    def probabilities(self, situation: Situation) -> NDArray[np.float64]:
        """The probability of each of `rules(situation)`."""
        weights = np.array([rule.weight or 1 for rule in self.rules(situation)], dtype=float)
        return weights / weights.sum()

    def draw(self, n: int, random: np.random.Generator, shares: ArrayLike | None = None) -> Dataset:
        """A dataset of n examples, their situations drawn by `shares` (None: all equally likely).

        >>> coin = Policy(Machine.read("toss _ -> toss 1 R x 1\\ntoss _ -> end 0 S x 1"))
        >>> len(coin.draw(100, np.random.default_rng(0)))
        100
        """
        m = len(self.situations)
        mu = np.full(m, 1 / m) if shares is None else np.asarray(shares, dtype=float)
        return self.draw_each(random.multinomial(n, mu / mu.sum()).tolist(), random)

    def draw_each(self, sizes: int | Sequence[int], random: np.random.Generator) -> Dataset:
        """A dataset with so many examples of each situation (one number for all, or one each)."""
        return Dataset(dict(zip(self.all_rules, self.draw_counts(sizes, 1, random)[0].tolist(), strict=True)))

    def draw_counts(self, sizes: int | Sequence[int], datasets: int, random: np.random.Generator) -> NDArray[np.int64]:
        """Many such datasets at once, as counts [datasets rules] of `all_rules`.

        >>> coin = Policy(Machine.read("toss _ -> toss 1 R x 1\\ntoss _ -> end 0 S x 1"))
        >>> coin.draw_counts(100, 5, np.random.default_rng(0)).sum(1)
        array([100, 100, 100, 100, 100])
        """
        each = [sizes] * len(self.situations) if isinstance(sizes, int) else sizes
        pairs = zip(self.situations, each, strict=True)
        return np.concatenate([random.multinomial(n, self.probabilities(s), size=datasets) for s, n in pairs], axis=1)

    def runs(
        self,
        inputs: Iterable[Input],
        random: np.random.Generator,
        *,
        head: Heads = 0,
        max_steps: int = 10_000,
    ) -> Iterator[Dataset]:
        """The steps of a run on each input, each run of at most so many steps."""
        for input in inputs:
            seed = int(random.integers(2**63)) if self.machine.stochastic else None
            run = simulate(self.machine, input, head=head, max_steps=max_steps, seed=seed)
            yield Dataset(configuration.rule for configuration in run if configuration.rule is not None)

    def demonstrations(
        self, inputs: Iterable[Input], random: np.random.Generator, *, head: Heads = 0, max_steps: int = 10_000
    ) -> Dataset:
        """The steps of whole runs, one on each input, as one dataset.

        >>> coin = Policy(Machine.read("toss _ -> toss 1 R x 1\\ntoss _ -> end 0 S x 1"))
        >>> data = coin.demonstrations([""] * 100, np.random.default_rng(0))
        >>> sum(n for rule, n in data.counts.items() if rule.next_state == "end")
        100
        """
        steps: Counter[Rule] = Counter()
        for run in self.runs(inputs, random, head=head, max_steps=max_steps):
            steps.update(run.counts)
        return Dataset(steps)

    def visits(
        self, inputs: Sequence[Input], random: np.random.Generator, *, head: Heads = 0, max_steps: int = 10_000
    ) -> NDArray[np.float64]:
        """How often a run visits each situation, on average over runs on these inputs.

        >>> coin = Policy(Machine.read("toss _ -> toss 1 R x 1\\ntoss _ -> end 0 S x 1"))
        >>> abs(float(coin.visits([""] * 1000, np.random.default_rng(0))[0]) - 2) < 0.2
        True
        """
        data = self.demonstrations(inputs, random, head=head, max_steps=max_steps)
        return np.array([data.seen(situation) for situation in self.situations]) / len(inputs)
