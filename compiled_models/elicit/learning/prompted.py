"""Datasets in the prompt of the fixed network, against the policy, the counter and the model tuned on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compiled_models.elicit.learning.fixed_networks import fixed_network, sha256_of
from compiled_models.elicit.learning.reader import PolicyReader, TokenByToken
from compiled_models.elicit.learning.tuned import tuned_probabilities
from tm.dataset import Dataset
from tm.policy import Policy

__all__ = ["Prompted", "PromptedPolicy"]

Counts = NDArray[np.int64]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Prompted:
    """What the network does with each dataset in its prompt.

    Attributes:
        counts: of the policy's rules, by dataset [d rules].
        probabilities: the network's [d rules].
        stop: the network's probability of STOP [d situations].
        policy_tv: TV to the policy that the data is from [d situations]; STOP counts as an error.
        counter_error: the largest difference to the empirical distribution, counted directly, anywhere.
    """

    counts: Counts
    probabilities: Numbers
    stop: Numbers
    policy_tv: Numbers
    counter_error: float


class PromptedPolicy:
    """The fixed network, prompted with data from a policy.

    >>> from compiled_models.elicit.learning.fixed_networks import random_policy
    >>> random = np.random.default_rng(0)
    >>> policy = random_policy(2, 3, random)
    >>> prompted = PromptedPolicy(policy)
    >>> done = prompted(policy.draw_counts(100, 4, random))
    >>> done.policy_tv.shape, done.counter_error < 1e-12, prompted.tuned_tv(done, 0) < 1e-12
    ((4, 2), True, True)
    """

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        states, actions = len(policy.machine.states), {rule.action for rule in policy.machine.rules}
        self.network = fixed_network(8 * states, len(actions))
        self.sha256 = sha256_of(self.network)
        self.reader = PolicyReader(self.network, policy.machine, policy.all_rules, policy.all_rules)
        self.truth = np.concatenate([policy.probabilities(situation) for situation in policy.situations])

    def __call__(self, counts: Counts) -> Prompted:
        """Put datasets, as counts [d rules], into the prompt."""
        probabilities, stop = self.reader.probabilities(counts)
        off = self.reader.by_situation(np.abs(probabilities - self.truth))
        error = float(np.abs(probabilities - self.empirical(counts)).max())
        return Prompted(counts, probabilities, stop, (off + stop) / 2, error)

    def empirical(self, counts: Counts) -> Numbers:
        """The shares of each situation's actions, counted directly [d rules]; 0 where there is no example."""
        totals = self.reader.by_situation(counts.astype(float))[:, self.reader.situation_of]
        return counts / np.maximum(totals, 1)

    def tuned_tv(self, prompted: Prompted, number: int) -> float:
        """The largest TV, over all situations, to the network tuned on a dataset, from this one prompted with it."""
        data = Dataset(dict(zip(self.policy.all_rules, prompted.counts[number].tolist(), strict=True)))
        of_rules, stop = tuned_probabilities(self.network.config, self.policy, data)
        return self._largest(prompted, number, of_rules, stop)

    def dense_tv(self, prompted: Prompted, number: int) -> float:
        """The same against a dense run: every copy of every example a token of its own, no cache merged."""
        rules = self.policy.all_rules
        data = Dataset(dict(zip(rules, prompted.counts[number].tolist(), strict=True)))
        of_rules, stop = TokenByToken(self.network, self.policy.machine, rules, data.rules()).probabilities()
        return self._largest(prompted, number, of_rules, stop)

    def _largest(self, prompted: Prompted, number: int, of_rules: Numbers, stop: Numbers) -> float:
        off = self.reader.by_situation(np.abs(prompted.probabilities[number] - of_rules)[None])[0]
        return float((off + np.abs(prompted.stop[number] - stop)).max() / 2)
