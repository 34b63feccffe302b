"""What a network is built for: its capacity, the code of its actions, its number format, and the device it is on."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from construction.number_format import FORMATS, format_name, itemsize
from tm import InputError, Machine, Problem, TapeheadError
from tm.integers import is_integer

if TYPE_CHECKING:
    import torch

__all__ = ["JOINT_ACTIONS", "CapacityError", "NetworkConfig", "physical_memory", "usable_device"]

JOINT_ACTIONS = 512  # code="auto" gives every action its own direction up to this many

Code = Literal["joint", "factored"]


class CapacityError(TapeheadError, ValueError):
    """A machine does not fit a network, or a network of that capacity cannot be built."""


class _Dtype:
    """The attribute `dtype` of a configuration: kept by its name, and PyTorch's for whoever reads it, who loads it."""

    def __get__(self, config: NetworkConfig | None, kind: type | None = None) -> torch.dtype:
        if config is None:  # dataclasses ask for a default; there is none
            raise AttributeError("dtype")
        return FORMATS[config.number_format]

    def __set__(self, config: NetworkConfig, dtype: torch.dtype | str) -> None:
        name = format_name(dtype)
        object.__setattr__(config, "number_format", name if name in FORMATS else dtype)


@dataclass(frozen=True, kw_only=True, eq=False)
class NetworkConfig:
    """The capacity, code and number format of a network, and the policy in its weights if it is a tuned one.

    Args:
        states: slots for states, halting ones included.
        symbols: slots for symbols, the blank included.
        tapes: slots for tapes; an attention head each.
        code: "joint" gives every action a direction, "factored" its next state, symbols and moves.
        dtype: the number format of the weights, PyTorch's or its name ("float64"); read, it is PyTorch's.
        policy: the machine in a tuned network's weights, in the library's notation; None in the base network.

    >>> NetworkConfig.of(states=8, symbols=4).code, NetworkConfig.of(states=8, symbols=4, tapes=2).code
    ('joint', 'factored')
    """

    states: int
    symbols: int
    tapes: int
    code: Code
    dtype: _Dtype = _Dtype()
    number_format: str = field(init=False, repr=False)
    policy: str | None = None

    def __post_init__(self) -> None:
        sizes = {"states": (self.states, 1), "symbols": (self.symbols, 2), "tapes": (self.tapes, 1)}
        wrong = [
            f"{name} is {n!r}, expected {low} or more" for name, (n, low) in sizes.items() if not is_integer(n, low)
        ]
        if self.code not in ("joint", "factored"):
            wrong.append(f'code is {self.code!r}, expected "joint", "factored" or "auto"')
        if self.number_format not in FORMATS:
            wrong.append(f"dtype is {self.number_format!r}, expected torch.float64, torch.float32 or torch.bfloat16")
        if not wrong and self.bytes > (memory := physical_memory()):
            wrong = [f"its weights take {_size(self.bytes)}, and this machine has {_size(memory)} of memory"]
        if wrong:
            raise CapacityError("no such network: " + "; ".join(wrong))

    def __eq__(self, other: object) -> bool:
        return vars(self) == vars(other) if isinstance(other, NetworkConfig) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.states, self.symbols, self.tapes, self.code, self.number_format, self.policy))

    @classmethod
    def of(
        cls, *, states: int, symbols: int, tapes: int = 1, code: str = "auto", dtype: torch.dtype | str = "float64"
    ) -> NetworkConfig:
        """A configuration whose code may be "auto": joint up to 512 actions, else factored."""
        if code == "auto":
            sizes = states, symbols, tapes
            code = "joint" if all(is_integer(n, 1) for n in sizes) and _actions(*sizes) <= JOINT_ACTIONS else "factored"
        return cls(states=states, symbols=symbols, tapes=tapes, code=code, dtype=dtype)  # type: ignore[arg-type]

    def machine(self) -> Machine | None:
        """The machine in a tuned network's weights, its states and symbols in the order of its slots; else None.

        Raises MachineError for a policy that is no machine: it is a text, and never taken for a path.

        >>> config = NetworkConfig.of(states=2, symbols=2)
        >>> config.machine(), config.tuned_to("a 0 -> b 1 R").machine().states
        (None, ('a', 'b'))
        """
        return None if self.policy is None else _parsed(self.policy)

    @property
    def kind(self) -> Literal["base", "tuned"]:
        """Whether a policy is in the weights."""
        return "base" if self.policy is None else "tuned"

    @property
    def actions(self) -> int:
        """How many different actions there are."""
        return _actions(self.states, self.symbols, self.tapes)

    @property
    def bytes(self) -> int:
        """What the weights of the base network take at least: its embedding, unembedding and DECIDE's attention."""
        q, a, k = self.states, self.symbols, self.tapes
        action = self.actions if self.code == "joint" else q + k * (a + 3)
        situation = q + k * a
        rows, directions = 2 * (situation + action), 2 * (situation + action)
        weights = directions * (2 * rows + 4 * max(situation, action))
        return weights * itemsize(self.number_format)

    def __str__(self) -> str:
        tapes = f"{self.tapes} tape{'s' * (self.tapes > 1)}"
        return f"{self.kind}, {self.states} states, {self.symbols} symbols, {tapes}, {self.code} code"

    def tuned_to(self, policy: str) -> NetworkConfig:
        """The same configuration with a policy in the weights."""
        return replace(self, policy=policy, dtype=self.number_format)


@lru_cache(maxsize=8)
def _parsed(policy: str) -> Machine:
    """The machine in a policy, read once: it is asked for again and again, and a thousand states take their time."""
    return Machine.parse(policy, "tapehead")


def _actions(states: int, symbols: int, tapes: int) -> int:
    """states * (3 symbols)^tapes, or 2^100 where it is more: enough to say that it is too many."""
    return states * (3 * symbols) ** tapes if tapes * math.log2(3 * symbols) < 100 else 1 << 100


def physical_memory() -> int:
    """Bytes of memory in this machine; where the system does not tell, as much as can be addressed."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return 1 << 47


def _size(bytes: int) -> str:
    return f"{bytes / 1e9:,.1f} GB" if bytes < 10**18 else f"about 10^{len(str(bytes)) - 10} GB"


def usable_device(device: torch.device | str | None) -> torch.device:
    """The device of that name; None is the CPU.

    Raises:
        InputError: for a device that is unknown, or not on this machine.

    >>> usable_device(None)
    device(type='cpu')
    """
    import torch

    try:
        usable = torch.device(device or "cpu")
    except RuntimeError:
        usable = None
    if usable is None or usable.type not in ("cpu", "cuda"):
        raise InputError(Problem("no such device", "cpu or cuda", repr(device)))
    if usable.type == "cuda" and not (torch.cuda.is_available() and (usable.index or 0) < torch.cuda.device_count()):
        hint = "use the CPU, or a PyTorch with CUDA on a machine with a GPU"
        expected = "an NVIDIA GPU that PyTorch can use"
        raise InputError(Problem("there is no CUDA device on this machine", expected, repr(str(usable)), hint))
    return usable
