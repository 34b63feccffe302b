"""The DECIDE head against a counter, at several temperatures."""

from __future__ import annotations

import copy
import math

import numpy as np

from compiled_models.elicit.learning.fixed_networks import fixed_network, random_policy, sha256_of
from compiled_models.elicit.learning.reader import PolicyReader
from compiled_models.elicit.report.chart import Chart, Role, Roles, Series, series
from compiled_models.elicit.report.experiment import Experiment
from compiled_models.elicit.report.table import Table
from construction import Transformer

__all__ = ["decide_head_experiment", "leak_bound"]

CONTEXTS, OUTCOMES, BUILT = 12, 8, 128
ROLES: dict[int, Role] = {10: "measured", 30: "second", 128: "third", 800: "measured"}


def leak_bound(beta: float, others: int, matches: int) -> float:
    """The softmax weight that does not go to the matches: at most (e^(-beta/2) + others e^(-beta)) / matches.

    BOS scores beta / 2 less than a match, every other token beta less or worse.

    >>> leak_bound(10, 0, 1) == math.exp(-5)
    True
    """
    return (math.exp(-beta / 2) + others * math.exp(-beta)) / matches


def decide_head_experiment(*, seeds: int = 20) -> Experiment:
    """Half the L1 distance between what the head says and what a counter says, over the number of examples."""
    random = np.random.default_rng(0)
    policy = random_policy(CONTEXTS, OUTCOMES, random)
    table = Table(("beta", "examples of each context", "distance to the counter", "bound"))
    sizes = [1, 3, 10, 30, 100, 300, 1000]
    datasets = [policy.draw_counts(size, seeds, random) for size in sizes]
    for beta in ROLES:
        reader = PolicyReader(_at(fixed_network(), beta), policy.machine, policy.all_rules, policy.all_rules)
        for size, counts in zip(sizes, datasets, strict=True):
            probabilities, stop = reader.probabilities(counts)
            off = reader.by_situation(np.abs(probabilities - counts / size)) + stop
            others = (CONTEXTS - 1) * size + 2  # the cell and RUN as well
            table.add(beta, size, float(off.max() / 2), leak_bound(beta, others, size))
    sharp = max(table.where("beta", 800)["distance to the counter"])
    violations = [row for row in table.records() if row["distance to the counter"] > row["bound"] + 1e-15]
    return Experiment(
        name="decide_head",
        title="The DECIDE head is a counter, up to e^(-beta/2)",
        facts={
            "largest distance at beta = 800": sharp,
            "at beta = 128, as built, by the bound": max(table.where("beta", 128)["bound"]),
        },
        table=table,
        charts=(_chart(table, (10, 30)), _chart(table, (128,))),
        networks={"A": sha256_of(fixed_network())},
        falsified_if="there is any mismatch at beta = 800, or the error exceeds (e^(-beta/2) + (n - N) e^(-beta)) / N",
        holds=sharp < 1e-15 and not violations,
    )


def _at(network: Transformer, beta: float) -> Transformer:
    """The network with another inverse temperature in DECIDE: another network, for this figure only."""
    changed = copy.deepcopy(network)
    weight = dict(changed.named_parameters())["blocks.3.attn.W_Q"]
    weight.data *= beta / BUILT
    return changed


def _chart(table: Table, betas: tuple[int, ...]) -> Chart:
    lines: list[Series] = []
    for beta in betas:
        bound: Role = "bound" if beta != 30 else "asymptote"
        roles: Roles = {
            "distance to the counter": (ROLES[beta], f"beta {beta}"),
            "bound": (bound, f"bound, beta {beta}"),
        }
        lines += series(table.where("beta", beta), "examples of each context", roles)
    title = f"beta {' and '.join(map(str, betas))}{' (as built)' if betas == (BUILT,) else ''}"
    return Chart(title, "examples of each context", "distance to the counter", tuple(lines), log="xy")
