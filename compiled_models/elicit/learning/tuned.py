"""The model tuned on a dataset to its optimum, in closed form: the maximum-likelihood policy compiled into weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from compiled_models.elicit.learning.reader import PolicyReader
from construction import NetworkConfig, Transformer, compile_machine
from tm.dataset import Dataset
from tm.policy import Policy

__all__ = ["tuned_network", "tuned_probabilities"]


def tuned_network(config: NetworkConfig, policy: Policy, data: Dataset) -> Transformer:
    """The network of a capacity, tuned on the data in closed form; the policy lends only names.

    >>> from tm import Machine
    >>> coin = Policy(Machine.read("toss _ -> toss 0 R x 1\\ntoss _ -> toss 1 R x 1"))
    >>> config = NetworkConfig.of(states=2, symbols=4)
    >>> tuned_network(config, coin, Dataset({coin.all_rules[0]: 3})).config.kind
    'tuned'
    """
    return compile_machine(
        data.machine(policy.machine),
        states=config.states,
        symbols=config.symbols,
        tapes=config.tapes,
        code=config.code,
        dtype=config.dtype,
    )


def tuned_probabilities(
    config: NetworkConfig, policy: Policy, data: Dataset
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What it does, read off its own read-out: the probability of each of the policy's rules, and of STOP by situation.

    >>> from tm import Machine
    >>> coin = Policy(Machine.read("toss _ -> toss 0 R x 1\\ntoss _ -> toss 1 R x 1"))
    >>> config = NetworkConfig.of(states=2, symbols=4)
    >>> tuned_probabilities(config, coin, Dataset({coin.all_rules[0]: 3, coin.all_rules[1]: 1}))
    (array([0.75, 0.25]), array([0.]))
    """
    network = tuned_network(config, policy, data)
    reader = PolicyReader(network, data.machine(policy.machine), policy.all_rules)
    of_rules, stop = reader.probabilities(np.zeros((1, 0), dtype=np.int64))
    return of_rules[0], stop[0]
