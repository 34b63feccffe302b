"""A dataset of (situation, action) examples, counted: what a policy was seen to do, and how often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from tm.errors import InputError, Problem
from tm.machine import Machine
from tm.rule import Rule, Situation

__all__ = ["Dataset"]


@dataclass(frozen=True, init=False)
class Dataset:
    """Examples with their counts; the order in which they were drawn is forgotten, for it says nothing.

    >>> heads, tails = Rule("toss", ("_",), "toss", ("1",), ("R",)), Rule("toss", ("_",), "toss", ("0",), ("R",))
    >>> data = Dataset([heads, heads, tails])
    >>> len(data), data.counts[heads], data.share(heads)
    (3, 2, 0.6666666666666666)
    """

    counts: Mapping[Rule, int]

    def __init__(self, examples: Iterable[Rule] | Mapping[Rule, int] = ()) -> None:
        """From examples one by one, or from their counts; a rule's own weight does not matter, and zeros are left out.

        Raises:
            InputError: for a count that is no whole number or is negative.
        """
        counted = examples.items() if isinstance(examples, Mapping) else ((rule, 1) for rule in examples)
        counts: Counter[Rule] = Counter()
        for rule, n in counted:
            if n < 0 or n != int(n):
                raise InputError(Problem("a count is a whole number of 0 or more", found=repr(n)))
            counts[replace(rule, weight=None)] += int(n)
        object.__setattr__(self, "counts", {rule: n for rule, n in counts.items() if n})

    def __len__(self) -> int:
        """How many examples there are, copies counted."""
        return sum(self.counts.values())

    def __add__(self, other: Dataset) -> Dataset:
        return Dataset(Counter(self.counts) + Counter(other.counts))

    def __iter__(self) -> Iterator[Rule]:
        """Every example, copies too."""
        for rule, n in self.counts.items():
            yield from [rule] * n

    def seen(self, situation: Situation) -> int:
        """How many examples of a situation there are."""
        return sum(n for rule, n in self.counts.items() if rule.situation == situation)

    @property
    def situations(self) -> tuple[Situation, ...]:
        """The situations of which there are examples."""
        return tuple(dict.fromkeys(rule.situation for rule in self.counts))

    def share(self, rule: Rule) -> float:
        """The share of a rule's action among the examples of its situation; 0 for a situation never seen."""
        total = self.seen(rule.situation)
        return self.counts.get(replace(rule, weight=None), 0) / total if total else 0.0

    def rules(self) -> tuple[Rule, ...]:
        """The examples as weighted rules: a rule of weight n is n copies of its example in a prompt."""
        return tuple(replace(rule, weight=n) for rule, n in self.counts.items())

    def machine(self, like: Machine) -> Machine:
        """The maximum-likelihood policy: the machine that acts as the examples do, as often as they do.

        Names, start and blank are those of the machine that the data is from.

        >>> coin = Machine.read("toss _ -> toss 1 R x 1\\ntoss _ -> toss 0 R x 1")
        >>> print(*Dataset([coin.rules[0]] * 3).machine(coin).rules)
        toss _ -> toss 1 R x 3
        """
        return Machine(
            name=like.name,
            tapes=like.tapes,
            blank=like.blank,
            start=like.start,
            accept=like.accept,
            reject=like.reject,
            rules=self.rules(),
            states=like.states,
            symbols=like.symbols,
            inputs=like.inputs,
        )

    def subset(self, size: int, random: np.random.Generator, situation: Situation | None = None) -> Dataset:
        """So many of the examples (of one situation), chosen without looking at their actions; all if there are fewer.

        >>> coin = Machine.read("toss _ -> toss 1 R x 1\\ntoss _ -> toss 0 R x 1")
        >>> len(Dataset({coin.rules[0]: 5, coin.rules[1]: 5}).subset(4, np.random.default_rng(0)))
        4
        """
        rules = [rule for rule in self.counts if situation is None or rule.situation == situation]
        counts = np.array([self.counts[rule] for rule in rules], dtype=np.int64)
        sample = random.multivariate_hypergeometric(counts, min(size, int(counts.sum())))
        return Dataset(dict(zip(rules, sample.tolist(), strict=True)))
