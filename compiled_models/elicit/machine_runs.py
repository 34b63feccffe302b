"""Runs of a probabilistic machine, known from examples: TV of whole runs, against the bound by expected visits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from compiled_models.elicit.bounds import examples_for_sequence, expected_tv, hybrid_tv, run_tv
from compiled_models.elicit.learning.prompted import PromptedPolicy
from compiled_models.elicit.report.estimate import Estimate, mean_of
from compiled_models.elicit.report.total_variation import sampled_total_variation
from tm import Input, Machine
from tm.policy import Policy

__all__ = ["MachineRuns"]

RUNS = 2000  # of the machine, to measure with


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineRuns:
    """What was measured of a machine's runs.

    Attributes:
        machine: its name.
        examples: of each situation in which it draws.
        steps: a run takes, on average.
        mean_tv: of whole runs, over the datasets.
        bound: by the expected visits of each situation.
        hybrid: the bound that adds up the steps' errors.
        sha256: of the network's weights.
    """

    machine: str
    examples: int
    steps: Estimate
    mean_tv: Estimate
    bound: float
    hybrid: float
    sha256: str

    @property
    def holds(self) -> bool:
        """Whether the mean is below its bound, or above it by no more than chance explains."""
        return not self.mean_tv.surely_above(self.bound)

    @classmethod
    def measure(
        cls, machine: Machine, input: Input, head: int, epsilon: float, datasets: int, random: np.random.Generator
    ) -> MachineRuns:
        """Put datasets with enough examples for epsilon (by the bound) into the prompt, add-one smoothed.

        >>> from tm import library
        >>> runs = MachineRuns.measure(library.load("gambler"), "<.....>", 3, 0.2, 20, np.random.default_rng(0))
        >>> runs.holds, runs.bound <= 0.2
        (True, True)
        """
        policy = Policy(machine)
        prompted = PromptedPolicy(policy)
        runs = list(policy.runs([input] * RUNS, random, head=head))
        rules = [rule.situation + rule.action for rule in policy.all_rules]
        at = {rule: i for i, rule in enumerate(rules)}
        taken = np.zeros((RUNS, len(rules)))
        for i, run in enumerate(runs):
            for rule, n in run.counts.items():
                taken[i, at[rule.situation + rule.action]] = n
        visits = prompted.reader.by_situation(taken).mean(0)
        outcomes = [len(policy.rules(situation)) for situation in policy.situations]
        drawn = visits[np.array(outcomes) > 1].sum()  # steps at which the machine draws
        n = examples_for_sequence(max(1.0, float(drawn)), max(outcomes), epsilon)
        probabilities = prompted(policy.draw_counts(n, datasets, random) + 1).probabilities
        log_ratios = taken @ np.log(probabilities / prompted.truth).T  # [runs datasets]
        return cls(
            machine=machine.name,
            examples=n,
            steps=mean_of(taken.sum(1)),
            mean_tv=mean_of(sampled_total_variation(log_ratios.T)),
            bound=run_tv(visits.tolist(), outcomes, [n] * len(outcomes)),
            hybrid=hybrid_tv(float(drawn), expected_tv(max(outcomes), n)),
            sha256=prompted.sha256,
        )

    def facts(self) -> dict[str, Any]:
        """Under names that people read."""
        return {
            f"{self.machine}: steps of a run, on average": self.steps,
            "  examples of each situation in which it draws": self.examples,
            "  mean TV of whole runs": self.mean_tv,
            "  bound, by expected visits": self.bound,
            "  hybrid bound, steps that draw times the error of a step": self.hybrid,
        }
