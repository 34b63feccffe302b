"""The model tuned on a dataset: in closed form to its optimum, and by gradient descent.

In closed form it is the maximum-likelihood policy, compiled into weights.

What is trained is the base network with a feed-forward layer in DECIDE: only there can a policy come in. Rows `state`,
`symbol` and `one` of W_gate and W_in (a row that sees p + M would get a gradient of 10^15), and the columns of W_out
that say what to do. W_out starts at zero, W_gate and W_in at random: with all of it at zero the gradient is zero.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from compiled_models.elicit.learning.reader import PolicyReader, query
from construction import Codec, NetworkConfig, Transformer, compile_machine, draw_base_network, exact_arithmetic
from construction.base_network import BLOCKS, residual_stream
from construction.transformer import FeedForward
from tm import Machine
from tm.dataset import Dataset
from tm.policy import Policy

__all__ = [
    "READ_OUTS",
    "Read",
    "Trained",
    "decide_layer",
    "squared_error",
    "train",
    "trainable_network",
    "tuned_network",
    "tuned_probabilities",
]

UNITS = 64
_OPTIMIZERS: dict[str, Callable[..., torch.optim.Optimizer]] = {"AdamW": torch.optim.AdamW, "SGD": torch.optim.SGD}
READ_OUTS = ("squared error", "cross-entropy")


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


def trainable_network(config: NetworkConfig, seed: int, *, units: int = UNITS) -> Transformer:
    """The base network of a capacity with so many feed-forward units in DECIDE that do nothing yet.

    >>> network = trainable_network(NetworkConfig.of(states=2, symbols=2), seed=0)
    >>> layer = decide_layer(network)
    >>> tuple(layer.W_out.shape), bool(layer.W_out.any()), int(layer.W_in.any(1).sum())
    ((64, 47), False, 5)
    """
    blueprint = draw_base_network(config)
    blueprint.blocks["DECIDE"].units.extend(f"free {i}" for i in range(units))
    network, rows = blueprint.network(config, dtype=config.dtype), _rows_that_train(config)
    random, layer = np.random.default_rng(seed), decide_layer(network)
    for weight in (layer.W_gate, layer.W_in):
        start = torch.from_numpy(random.standard_normal((len(rows), units)))
        weight.data[rows] = start.to(weight.dtype)
    return network


def decide_layer(network: Transformer) -> FeedForward:
    """The feed-forward layer of DECIDE, the only part of a network in which a policy can be.

    >>> from construction import base_network
    >>> len(decide_layer(base_network(2, 2)).W_out)
    0
    """
    layer = network.get_submodule(f"blocks.{BLOCKS.index('DECIDE')}.mlp")
    if not isinstance(layer, FeedForward):
        raise TypeError(f"DECIDE has no feed-forward layer but a {type(layer).__name__}")
    return layer


def _rows_that_train(config: NetworkConfig) -> list[int]:
    stream = residual_stream(config)
    spaces = ["state", *(f"symbol {i}" for i in range(1, config.tapes + 1)), "one"]
    return [direction.column for name in spaces for direction in stream[name]]


def _columns_that_train(config: NetworkConfig) -> list[int]:
    stream = residual_stream(config)
    return [direction.column for name in ("decided action", "stop") for direction in stream[name]]


@dataclass(frozen=True, slots=True)
class Read:
    """What DECIDE's feed-forward layer sees in each situation of a policy, and how its answer is read.

    Everything before that layer is frozen, so the residual stream [s m] before it need be computed only once.
    """

    residual: Tensor  # [s m]
    actions: Tensor  # [m V]: the unembedding of each situation's outcomes, and
    stop: Tensor  # [m 1]: of STOP
    offset: Tensor  # [m s]: of what is common to a situation's STEPs: the kind, the state and the symbol

    @classmethod
    def of(cls, network: Transformer, policy: Policy, machine: Machine | None = None) -> Read:
        """For a policy with the same actions in every situation, without examples in the prompt.

        `machine` is the one that a tuned network was compiled from: it has the same names, maybe in other slots.
        """
        codec = Codec(network.config, machine or policy.machine)
        bos = codec.vocabulary.token("BOS")
        tokens = torch.tensor([[bos, *query(codec, situation)] for situation in policy.situations])
        residuals: list[Tensor] = []
        hook = decide_layer(network).register_forward_pre_hook(lambda _, inputs: residuals.append(inputs[0][:, -1]))
        try:
            with torch.no_grad(), exact_arithmetic(network.device, network.dtype):
                network(tokens.to(network.device), logits_from=-1)
        finally:
            hook.remove()
        steps = np.array([[codec.step(rule) for rule in policy.rules(s)] for s in policy.situations])  # [s V w]
        unembed = network.unembed.W_U.detach()
        common = unembed[:, torch.from_numpy(steps[:, 0, :-1])].sum(-1)  # [m s]
        return cls(residuals[0], unembed[:, torch.from_numpy(steps[0, :, -1])], unembed[:, [codec.stop[0]]], common)

    def logits(self, layer: FeedForward) -> Tensor:
        """The logits [s V + 1] of every outcome's token, and of STOP, with this layer in place."""
        x = self.residual + layer(self.residual)
        steps = x @ self.actions + (x * self.offset.T).sum(1, keepdim=True)
        return torch.cat([steps, x @ self.stop], dim=1)


@dataclass(frozen=True, slots=True)
class Trained:
    """How far training is: updates made, the loss, and the probabilities [s V + 1] as its read-out has them."""

    updates: int
    loss: float
    probabilities: NDArray[np.float64]


def train(
    network: Transformer,
    policy: Policy,
    counts: NDArray[np.int64],
    *,
    updates: int,
    read_out: str = "squared error",
    rate: float = 0.01,
    optimizer: str = "AdamW",
    machine: Machine | None = None,
) -> Generator[Trained, None, None]:
    """Train on a dataset, as counts [s V] of outcomes, in place and with all of it in every update; yield each state.

    The rate falls to nothing over a cosine.

    Args:
        network: from `trainable_network`, or a tuned one.
        policy: whose situations and outcomes the counts are of.
        read_out: "squared error" on the linear read-out, P = relu(logit): its optimum is the empirical distribution; or
            "cross-entropy" on a softmax read-out of its own.
        optimizer: "AdamW" (without weight decay) or "SGD".
        machine: the one that a tuned network was compiled from.

    >>> from compiled_models.elicit.learning.fixed_networks import random_policy
    >>> policy = random_policy(2, 2, np.random.default_rng(0))
    >>> network = trainable_network(NetworkConfig.of(states=2, symbols=8), seed=0)
    >>> *_, last = train(network, policy, np.array([[1, 3], [5, 5]]), updates=400)
    >>> last.probabilities.round(4)[:, :2].tolist()
    [[0.25, 0.75], [0.5, 0.5]]
    """
    layer = decide_layer(network)
    read, hooks = Read.of(network, policy, machine), _freeze_all_but(network.config, layer)
    shares = torch.from_numpy(counts / counts.sum()).to(network.device, network.dtype)  # [s V]
    descent = _OPTIMIZERS[optimizer](layer.parameters(), lr=rate, weight_decay=0.0)
    try:
        for update in range(updates + 1):
            with exact_arithmetic(network.device, network.dtype):
                logits = read.logits(layer)
                loss = _loss(logits, shares, read_out)
                state = Trained(update, float(loss.detach()), _probabilities(logits.detach(), read_out).cpu().numpy())
            yield state
            if update == updates:
                break
            for group in descent.param_groups:
                group["lr"] = rate * (1 + math.cos(math.pi * update / updates)) / 2
            descent.zero_grad()
            with exact_arithmetic(network.device, network.dtype):
                loss.backward()
                descent.step()
    finally:  # also where nobody asks for the last state
        for hook in hooks:
            hook.remove()


def _freeze_all_but(config: NetworkConfig, layer: FeedForward) -> list[torch.utils.hooks.RemovableHandle]:
    """Let no gradient through but to the rows and columns that train."""
    hooks = []
    rows, columns = _rows_that_train(config), _columns_that_train(config)
    for weight, at in ((layer.W_gate, (rows,)), (layer.W_in, (rows,)), (layer.W_out, (slice(None), columns))):
        mask = torch.zeros_like(weight)
        mask[at] = 1
        hooks.append(weight.register_hook(lambda gradient, mask=mask: gradient * mask))
    return hooks


def _loss(logits: Tensor, shares: Tensor, read_out: str) -> Tensor:
    """The mean over the examples: of |logits - onehot|^2, or of -ln softmax(logits)."""
    outcomes = torch.nn.functional.pad(shares, (0, 1))  # STOP is never the example
    if read_out == "cross-entropy":
        return -(outcomes * logits.log_softmax(1)).sum()
    weight = outcomes.sum(1)  # of each situation
    squares = (logits**2).sum(1) + 1  # |logits - onehot|^2 = |logits|^2 - 2 <logits, onehot> + 1
    return (weight * squares).sum() - 2 * (outcomes * logits).sum()


def squared_error(counts: NDArray[np.int64]) -> float:
    """The loss "squared error" of the empirical distribution of a dataset [s V]: what the prompted base would have.

    >>> squared_error(np.array([[1, 3]])), squared_error(np.array([[0, 8]]))  # 1 - (1/16 + 9/16), and no error at all
    (0.375, 0.0)
    """
    weight = counts.sum(1) / counts.sum()
    return float(weight @ (1 - ((counts / np.maximum(counts.sum(1, keepdims=True), 1)) ** 2).sum(1)))


def _probabilities(logits: Tensor, read_out: str) -> Tensor:
    return logits.softmax(1) if read_out == "cross-entropy" else logits.relu()
