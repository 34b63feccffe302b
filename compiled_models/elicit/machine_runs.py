"""Runs of a probabilistic machine known from examples; runs of a deterministic one with rules missing.

TV of whole runs is held against the bound by expected visits; a share of exact runs against the coupon collector's
formula, for a run is exact iff every rule that it needs is in the prompt.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from compiled_models.elicit.bounds import coverage, examples_for_sequence, expected_tv, hybrid_tv, run_tv
from compiled_models.elicit.learning.fixed_networks import fixed_network
from compiled_models.elicit.learning.prompted import PromptedPolicy
from compiled_models.elicit.report.chart import Chart, Roles, series
from compiled_models.elicit.report.estimate import Estimate, mean_of, share_of
from compiled_models.elicit.report.experiment import Experiment
from compiled_models.elicit.report.table import Table
from compiled_models.elicit.report.total_variation import sampled_total_variation
from compiled_models.runner import run
from tm import Input, Machine, library, outcome, simulate
from tm.policy import Policy

__all__ = ["MachineRuns", "PartialRules", "machine_experiment"]

RUNS = 2000  # of the machine, to measure with
EPSILONS = [0.4, 0.2, 0.1, 0.05, 0.025]
DRAWS = [10, 20, 30, 40, 50, 60, 80, 100]


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

        >>> runs = MachineRuns.measure(library.load("gambler"), "<.....>", 3, 0.2, 20, np.random.default_rng(0))
        >>> runs.holds, runs.bound <= 0.2
        (True, True)
        """
        policy = Policy(machine)
        prompted = PromptedPolicy(policy)
        drawn_runs = list(policy.runs([input] * RUNS, random, head=head))
        rules = [rule.situation + rule.action for rule in policy.all_rules]
        at = {rule: i for i, rule in enumerate(rules)}
        uses = np.zeros((RUNS, len(rules)))
        for i, drawn_run in enumerate(drawn_runs):
            for rule, n in drawn_run.counts.items():
                uses[i, at[rule.situation + rule.action]] = n
        visits = prompted.reader.by_situation(uses).mean(0)
        outcomes = [len(policy.rules(situation)) for situation in policy.situations]
        draws = visits[np.array(outcomes) > 1].sum()  # steps at which the machine draws
        n = examples_for_sequence(max(1.0, float(draws)), max(outcomes), epsilon)
        probabilities = prompted(policy.draw_counts(n, datasets, random) + 1).probabilities
        log_ratios = uses @ np.log(probabilities / prompted.truth).T  # [runs datasets]
        return cls(
            machine=machine.name,
            examples=n,
            steps=mean_of(uses.sum(1)),
            mean_tv=mean_of(sampled_total_variation(log_ratios.T)),
            bound=run_tv(visits.tolist(), outcomes, [n] * len(outcomes)),
            hybrid=hybrid_tv(float(draws), expected_tv(max(outcomes), n)),
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

        >>> machine = library.load("increment")
        >>> partial = PartialRules.measure(machine, "1", 5, 20, np.random.default_rng(0))
        >>> partial.needed, round(partial.formula, 4), partial.sigmas < 3
        (4, 0.2344, True)
        """
        rules = list(dict.fromkeys(c.rule for c in simulate(machine, input) if c.rule is not None))
        expected, network, exact = outcome(machine, input), fixed_network(), 0
        verdicts: dict[frozenset[int], bool] = {}  # the same rules, however often, make the same run
        for _ in range(runs):
            subset = frozenset(random.integers(len(rules), size=draws).tolist())
            if subset not in verdicts:
                examples = [rules[i] for i in sorted(subset)]
                result = run(
                    network, machine, input, examples=examples, decoder="streaming", max_steps=expected.steps + 1
                )
                same = (result.halted, result.steps, result.state, result.tape, result.head)
                verdicts[subset] = same == (
                    expected.halted,
                    expected.steps,
                    expected.state,
                    expected.tape,
                    expected.head,
                )
            exact += verdicts[subset]
        formula = coverage(len(rules), draws)
        return cls(needed=len(rules), draws=draws, exact=share_of(exact, runs), formula=formula, runs=runs)


def machine_experiment(*, seeds: int = 100, prompts: int = 400) -> Experiment:
    """TV of whole runs of the gambler against the bound by expected visits; the coverage of a palindrome's 12 rules."""
    random, gambler = np.random.default_rng(0), library.load("gambler")
    table = Table(("examples", "mean TV of runs", "bound", "hybrid"))
    for epsilon in EPSILONS:
        runs = MachineRuns.measure(gambler, "<.....>", 3, epsilon, seeds, random)
        table.add(runs.examples, runs.mean_tv, runs.bound, runs.hybrid)
    coverages = Table(("draws", "exact runs", "formula", "sigmas"))
    for draws in DRAWS:
        partial = PartialRules.measure(library.load("palindrome"), "0110", draws, prompts, random)
        coverages.add(draws, partial.exact, partial.formula, partial.sigmas)
    several = math.sqrt(2 * math.log(2 * len(DRAWS) / 0.0027))  # 3 sigma's risk, over all the points
    above = any(map(Estimate.surely_above, table["mean TV of runs"], table["bound"]))
    return Experiment(
        name="machine",
        title="Runs of machines: of a gambler (10 steps on average), and of a palindrome checker that needs 12 rules",
        facts={"coverage: largest deviation in sigmas": max(coverages["sigmas"]), "steps on average": runs.steps},
        table=table,
        charts=_charts(table, coverages),
        networks={"A": runs.sha256},
        falsified_if="mean TV of runs is above the bound beyond twice its interval, or coverage off by more "
        f"than 3 sigma (over 8 points: {several:.1f})",
        holds=not above and max(coverages["sigmas"]) <= several,
        curves=coverages,
    )


def _charts(table: Table, coverages: Table) -> tuple[Chart, ...]:
    roles: Roles = {
        "mean TV of runs": ("measured", "mean"),
        "bound": ("bound", "bound, by expected visits"),
        "hybrid": ("paper", "hybrid bound, steps times eps"),
    }
    x_title, y = "examples of each situation in which it draws", "TV of whole runs"
    gambler = Chart.of(table, "examples", roles, title="the gambler", x_title=x_title, y=y, log="xy")
    exact = series(coverages, "draws", {"exact runs": ("measured", "runs on network A")}, points=True)
    formula = series(coverages, "draws", {"formula": ("bound", "coverage formula")})
    title = "12 rules, examples drawn at random"
    return gambler, Chart(title, "examples drawn", "share of exact runs", (*exact, *formula))
