"""The compiled network is an ordinary, differentiable network at its optimum: training from its weights stays put.

By gradient descent, that is. AdamW divides a gradient by its own size, so near an optimum it makes steps of the size of
its rate out of rounding errors, and wanders by that much.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compiled_models.elicit.learning.trainable import decide_layer, train
from compiled_models.elicit.learning.tuned import tuned_network
from construction import NetworkConfig
from tm.dataset import Dataset
from tm.policy import Policy

__all__ = ["StayingPut"]

UPDATES = 100
RATES = {"SGD": 0.1, "AdamW": 1e-3}


@dataclass(frozen=True, slots=True)
class StayingPut:
    """What 100 updates do to the network tuned in closed form on a dataset.

    Attributes:
        gradient: the largest entry of the first gradient.
        moved: the largest change of a weight.
        distance: half the L1 distance to the empirical distribution afterwards, the largest over situations.
    """

    gradient: float
    moved: float
    distance: float

    @classmethod
    def measure(
        cls, config: NetworkConfig, policy: Policy, counts: NDArray[np.int64], optimizer: str = "SGD"
    ) -> StayingPut:
        """Tune on counts [s V] of the policy's outcomes in closed form, then train on the same.

        >>> from compiled_models.elicit.learning.fixed_network import random_policy
        >>> policy = random_policy(2, 2, np.random.default_rng(0))
        >>> put = StayingPut.measure(NetworkConfig.of(states=2, symbols=8), policy, np.array([[1, 3], [5, 5]]))
        >>> put.gradient < 1e-12, put.moved < 1e-12, put.distance < 1e-12
        (True, True, True)
        """
        data = Dataset(dict(zip(policy.all_rules, counts.ravel().tolist(), strict=True)))
        network = tuned_network(config, policy, data)
        layer = decide_layer(network)
        before = [weight.detach().clone() for weight in layer.parameters()]
        gradient, last = float("nan"), None
        names = data.machine(policy.machine)
        rate = RATES[optimizer]
        for last in train(network, policy, counts, updates=UPDATES, rate=rate, optimizer=optimizer, machine=names):
            if last.updates == 1:
                gradient = max(float(w.grad.abs().max()) for w in layer.parameters() if w.grad is not None)
        pairs = zip(before, layer.parameters(), strict=True)
        moved = max(float((weight.detach() - old).abs().max()) for old, weight in pairs)
        if last is None or not np.isfinite(gradient):
            raise RuntimeError("training made no update")
        shares = counts / counts.sum(1, keepdims=True)
        off = np.abs(last.probabilities[:, :-1] - shares).sum(1) + last.probabilities[:, -1]
        return cls(gradient, moved, float(off.max() / 2))
