"""The same weights for every task; the order of examples does not matter, their labels do."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from compiled_models.elicit.data.chain import chain_policy
from compiled_models.elicit.learning.fixed_networks import random_policy
from compiled_models.elicit.learning.prompted import PromptedPolicy
from compiled_models.elicit.learning.reader import TokenByToken
from compiled_models.elicit.report.chart import Chart, Roles, series
from compiled_models.elicit.report.experiment import Experiment
from compiled_models.elicit.report.table import Table
from tm import Rule, library
from tm.policy import Policy

__all__ = ["one_network_experiment"]

EXAMPLES = 40


def one_network_experiment() -> Experiment:
    """Three tasks, one hash; TV to the policy with the examples in order, shuffled, and with their labels shuffled."""
    random = np.random.default_rng(0)
    transitions = random.dirichlet([0.3] * 6, size=6)
    tasks = {
        "12 contexts": random_policy(12, 8, random),
        "text by the last token": chain_policy(transitions),
        "coin_flips": Policy(library.load("coin_flips")),
    }
    table, hashes = Table(("task", "in order", "shuffled", "difference", "labels shuffled", "sha256")), set()
    for name, policy in tasks.items():
        prompted = PromptedPolicy(policy)
        hashes.add(prompted.sha256)
        data = list(policy.draw_each(EXAMPLES, random))
        order = [data[i] for i in random.permutation(len(data))]
        labels = _labels_shuffled(data, random)
        answers = [_probabilities(prompted, prompt) for prompt in (data, order, labels)]
        tv = [float(np.abs(p - prompted.truth).sum() / 2 / len(policy.situations)) for p in answers]
        table.add(name, *tv[:2], float(np.abs(answers[0] - answers[1]).max()), tv[2], prompted.sha256)
    names = tuple(tasks)
    roles: Roles = {
        "in order": "measured",
        "shuffled": ("third", "examples shuffled (the same)"),
        "labels shuffled": "second",
    }
    chart = Chart(
        f"{EXAMPLES} examples of each situation, dense runs",
        "task",
        "TV to the policy, mean over situations (one dataset)",
        series(table, range(len(tasks)), roles, points=True),
        y_range=(-0.02, 0.6),
        x_labels=names,
    )
    skill_gone = all(row["labels shuffled"] > 2 * row["in order"] for row in table.records())
    return Experiment(
        name="one_network",
        title="One network, one hash, three tasks",
        facts={"different hashes": len(hashes), "largest difference by order": max(table["difference"])},
        table=table,
        charts=(chart,),
        networks={"A": hashes.pop()} if len(hashes) == 1 else dict(zip(names, table["sha256"], strict=True)),
        falsified_if="the hash changes, the order of the examples matters, or skill survives shuffled labels",
        holds=len(set(table["sha256"])) == 1 and max(table["difference"]) < 1e-12 and skill_gone,
    )


def _labels_shuffled(data: list[Rule], random: np.random.Generator) -> list[Rule]:
    """The same situations and the same actions, put together at random."""
    actions = [data[i].action for i in random.permutation(len(data))]
    return [Rule(*rule.situation, *action) for rule, action in zip(data, actions, strict=True)]


def _probabilities(prompted: PromptedPolicy, data: list[Rule]) -> NDArray[np.float64]:
    """Of the policy's rules, each example a token of its own, in this very order."""
    return TokenByToken(prompted.network, prompted.policy.machine, prompted.policy.all_rules, data).probabilities()[0]
