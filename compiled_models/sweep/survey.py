"""The busy beaver's tree, run from end to end: in this process, or its branches by workers."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from compiled_models.sweep.beaver import BusyBeaver, Integers, Survey
from compiled_models.workers import Workers
from construction.config import NetworkConfig
from construction.fingerprint import fingerprint
from construction.network import Network
from construction.plain import departure
from construction.tuned_network import construct_weights
from tm import InputError, Problem

__all__ = ["Branch", "busy_beaver", "survey_of"]

BRANCHES = 200
"""How many branches there are at least for workers to share: the largest of them is small, then, beside all."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A part of the tree: what it is of, and the machines that it begins with [r s]."""

    config: NetworkConfig
    states: int
    symbols: int
    limit: int
    machines: Integers


def busy_beaver(
    network: Network,
    states: int,
    symbols: int = 2,
    *,
    limit: int,
    device: str | None = None,
    workers: Workers | None = None,
    progress: Callable[[Survey, float], None] | None = None,
) -> Survey:
    """Run every machine of so many states and symbols from the blank tape, each as a prompt of the same network.

    Args:
        network: a base network of one tape in joint code, with room for the states and one more.
        states, symbols: of the machines.
        limit: steps after which a machine is left; those that reach it may be proven to go on for ever.
        device: "cpu" or "cuda"; None: where the network is.
        workers: who runs the branches of the tree, each on a network that it builds; None: this process.
        progress: called now and then with the survey so far, and the seconds since the beginning.

    Raises:
        InputError: see `BusyBeaver`; and for workers where the network is not as it was built.

    >>> from construction import base_network
    >>> survey = busy_beaver(base_network(states=8, symbols=4), 2, limit=20)
    >>> survey.steps, survey.ones, survey.machines, survey.undecided
    (6, 4, 41, 0)
    """
    tree, survey, began = BusyBeaver(network, states, symbols, limit, device), Survey(), time.perf_counter()

    def report(so_far: Survey) -> None:
        if progress is not None:
            progress(so_far, time.perf_counter() - began)

    if workers is None:
        for so_far in tree.survey([tree.root], survey):
            report(so_far)
        return survey
    config = _require_rebuilt(network)
    branches = [Branch(config, states, symbols, limit, rows) for rows in tree.branches(BRANCHES, survey)]
    report(survey)
    found: dict[int, Survey] = {}
    so_far = Survey()
    so_far.add(survey)
    for number, found[number] in workers.answers(survey_of, branches):
        so_far.add(found[number])
        report(so_far)
    for number in sorted(found):  # in an order that does not depend on who was done first
        survey.add(found[number])
    return survey


def survey_of(branch: Branch) -> Survey:
    """What comes of the machines of a branch."""
    survey = Survey()
    for _ in _tree(branch.config, branch.states, branch.symbols, branch.limit).survey([branch.machines], survey):
        pass
    return survey


@lru_cache(maxsize=2)
def _tree(config: NetworkConfig, states: int, symbols: int, limit: int) -> BusyBeaver:
    return BusyBeaver(construct_weights(config), states, symbols, limit)


def _require_rebuilt(network: Network) -> NetworkConfig:
    """The configuration that workers build the same network from. Raises InputError where it would be another one."""
    config = network.config
    same = config is not None and fingerprint(construct_weights(config)).sha256 == fingerprint(network).sha256
    if config is None or not same or departure(network) is not None:
        hint = "leave out the workers"
        raise InputError(Problem("workers build their network themselves, and this one was changed", hint=hint))
    return config
