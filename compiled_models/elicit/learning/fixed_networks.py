"""The fixed networks of the experiments, and how contexts and outcomes become situations and actions of the first.

Network A: the base network with 16 states and 8 symbols, so 128 contexts and 384 outcomes. Every experiment that fits
uses these very weights; one that does not uses the base network of the next power of two, and says so.

Networks B and D classify labelled vectors: B is the margin machine, with slack or without; D finds nearest neighbours.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from compiled_models.elicit.data.half_space import LEVELS
from construction import CapacityError, Transformer, base_network
from construction.classifiers.margin_machine import margin_machine
from construction.classifiers.nearest_neighbour import nearest_neighbour_network
from construction.fingerprint import fingerprint
from tm import MOVES, Situation
from tm.policy import Action, Policy

__all__ = [
    "STATES",
    "SYMBOLS",
    "fixed_network",
    "network_b",
    "network_b_with_slack",
    "network_d",
    "outcome_actions",
    "random_policy",
    "sha256_of",
    "situations",
]

STATES, SYMBOLS = 16, 8
LARGEST = 128  # states: 3 GB of weights; it grows with the square


def fixed_network(contexts: int = 1, outcomes: int = 1) -> Transformer:
    """The network for so many contexts and outcomes: network A wherever they fit.

    Raises:
        CapacityError: for more than can be held in memory.

    >>> fixed_network(12, 8) is fixed_network(128, 384), fixed_network().config.code
    (True, 'joint')
    """
    return _network(_states(contexts, outcomes))


def _states(contexts: int, outcomes: int) -> int:
    needed = max(-(-contexts // SYMBOLS), -(-outcomes // (SYMBOLS * len(MOVES))))
    states = max(STATES, 1 << max(0, needed - 1).bit_length())
    if states > LARGEST:
        raise CapacityError(
            f"{contexts} contexts and {outcomes} outcomes are too many for the memory of most machines; "
            f"{LARGEST * SYMBOLS} and {LARGEST * SYMBOLS * len(MOVES)} are the most here"
        )
    return states


@cache
def _network(states: int) -> Transformer:
    return base_network(states, SYMBOLS, code="joint")


def sha256_of(network: Transformer) -> str:
    """The hash of a network's weights."""
    return fingerprint(network).sha256


def situations(contexts: int) -> list[Situation]:
    """The situations that stand for contexts 0, 1, ...: state c // 8, symbol c % 8 (the first symbol is the blank).

    >>> situations(10)[8:]
    [('q1', ('_',)), ('q1', ('s1',))]
    """
    return [(f"q{c // SYMBOLS}", (_symbol(c % SYMBOLS),)) for c in range(contexts)]


def outcome_actions(outcomes: int) -> list[Action]:
    """The actions that stand for outcomes 0, 1, ...

    >>> outcome_actions(4)[3]
    ('q0', ('s1',), ('L',))
    """
    actions: list[Action] = []
    for outcome in range(outcomes):
        rest, move = divmod(outcome, len(MOVES))
        next_state, symbol = divmod(rest, SYMBOLS)
        actions.append((f"q{next_state}", (_symbol(symbol),), (MOVES[move],)))
    return actions


def random_policy(contexts: int, outcomes: int, random: np.random.Generator) -> Policy:
    """A policy with a random distribution over so many outcomes in each of so many contexts.

    >>> len(random_policy(12, 8, np.random.default_rng(0)).situations)
    12
    """
    _states(contexts, outcomes)  # says so if they are too many, before they are drawn
    return Policy.random(situations(contexts), outcome_actions(outcomes), random)


def _symbol(number: int) -> str:
    return f"s{number}" if number else "_"


@cache
def network_b() -> Transformer:
    """Network B: the margin machine of 64 dimensions and 512 examples, for every data set here.

    >>> network_b() is network_b(), network_b().config.levels
    (True, 16)
    """
    return margin_machine(dimensions=64, examples=512, levels=LEVELS)


@cache
def network_b_with_slack() -> Transformer:
    """The same with slack: a support vector machine with C = 1/32, for data that no half-space separates.

    >>> network_b_with_slack().config.slack
    4
    """
    return margin_machine(dimensions=64, examples=512, levels=LEVELS, slack=4)


@cache
def network_d() -> Transformer:
    """Network D: nearest neighbours in 64 dimensions among 128 examples of 10 outcomes, up to 8 rounds.

    >>> network_d() is network_d()
    True
    """
    return nearest_neighbour_network(dimensions=64, examples=128, levels=16, outcomes=10, rounds=8)
