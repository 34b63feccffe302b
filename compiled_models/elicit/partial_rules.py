"""A share of a machine's rules missing from the prompt: the run is exact iff every rule that it needs is there."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from compiled_models.elicit.bounds import coverage
from compiled_models.elicit.learning.fixed_network import fixed_network
from compiled_models.elicit.report.estimate import Estimate, share_of
from compiled_models.runner import run
from tm import Input, Machine, outcome, simulate

__all__ = ["PartialRules"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialRules:
    """Runs of a machine from some of its rules, drawn with replacement from those that its run needs.

    Attributes:
        needed: how many rules the run needs.
        draws: how many examples were drawn.
        exact: the share of prompts from which the run was the machine's own.
        formula: what the coupon collector's formula says it should be.
        runs: how many prompts there were.
    """

    needed: int
    draws: int
    exact: Estimate
    formula: float
    runs: int

    @property
    def sigmas(self) -> float:
        """How far measurement and formula are apart, in standard deviations."""
        sigma = math.sqrt(self.formula * (1 - self.formula) / self.runs)
        return abs(self.exact - self.formula) / max(1e-12, sigma)

    @classmethod
    def measure(
        cls, machine: Machine, input: Input, draws: int, runs: int, random: np.random.Generator
    ) -> PartialRules:
        """Draw so many examples for each of so many prompts, and run each on network A.

        >>> from tm import library
        >>> machine = library.load("increment")
        >>> partial = PartialRules.measure(machine, "1", 5, 20, np.random.default_rng(0))
        >>> partial.needed, round(partial.formula, 4), partial.sigmas < 3
        (4, 0.2344, True)
        """
        rules = list(dict.fromkeys(c.rule for c in simulate(machine, input) if c.rule is not None))
        want, network, exact = outcome(machine, input), fixed_network(), 0
        known: dict[frozenset[int], bool] = {}  # the same rules, however often, make the same run
        for _ in range(runs):
            shown = frozenset(random.integers(len(rules), size=draws).tolist())
            if shown not in known:
                examples = [rules[i] for i in sorted(shown)]
                found = run(network, machine, input, examples=examples, decoder="streaming", max_steps=want.steps + 1)
                same = (found.halted, found.steps, found.state, found.tape, found.head)
                known[shown] = same == (want.halted, want.steps, want.state, want.tape, want.head)
            exact += known[shown]
        formula = coverage(len(rules), draws)
        return cls(needed=len(rules), draws=draws, exact=share_of(exact, runs), formula=formula, runs=runs)
