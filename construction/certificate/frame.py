"""The frame: a network's weights, entry by entry, against the template of its configuration.

Each weight equals its template: a literal, or a literal times named parameters (beta, M, L, K, g). The parameters are
read out of the weights, every use of one has to be the same, and every entry that the template does not name is zero.
The template is the blueprint as arrays, so that a thousand weights are compared at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from construction.blueprint import Blueprint, Entry
from construction.config import NetworkConfig
from construction.network import Network, Tensor, kinds_of, tensors_of
from construction.number_format import Constants, Weight
from construction.plain import departure
from construction.tuned_network import draw_network

__all__ = ["Frame", "Template", "TensorTemplate", "Violation", "read_frame", "template_of"]

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
POWERS_OF_TWO = ("beta", "L", "K")
LISTED = 100  # violations that are named one by one
ALL_ELSE_IS_ZERO = "Every weight that the construction does not draw is zero."
ALONE = "Nothing but its weights says what a network computes: no hook, no other module."


@dataclass(frozen=True, slots=True)
class TensorTemplate:
    """One tensor: where its non-zero weights stand (flat), and which of the template's weights each is."""

    name: str
    size: tuple[int, ...]
    places: Integers  # [e], ascending
    weights: Integers  # [e], numbers of Template.weights
    entries: tuple[Entry, ...]  # [e]


@dataclass(frozen=True, slots=True)
class Template:
    """All tensors of a network, and the different weights in them: a literal times named parameters."""

    blueprint: Blueprint
    weights: tuple[Weight, ...]
    tensors: dict[str, TensorTemplate]


@lru_cache(maxsize=16)
def template_of(config: NetworkConfig) -> Template:
    """The template of the network that a configuration describes.

    >>> template = template_of(NetworkConfig.of(states=2, symbols=2))
    >>> len(template.tensors), sorted(map(str, template.weights))[-1]
    (31, 'g')
    """
    blueprint = draw_network(config)
    numbers: dict[Weight, int] = {}
    sizes = blueprint.shape.tensors
    entries: dict[str, list[Entry]] = {name: [] for name in sizes}
    for entry in blueprint.entries:
        entries[entry.tensor].append(entry)
        numbers.setdefault(entry.weight, len(numbers))
    tensors = {name: _tensor(name, size, entries[name], numbers) for name, size in sizes.items()}
    return Template(blueprint, tuple(numbers), tensors)


def _tensor(name: str, size: tuple[int, ...], entries: list[Entry], numbers: dict[Weight, int]) -> TensorTemplate:
    index = np.array([entry.index for entry in entries], dtype=np.int64).reshape(len(entries), len(size))
    flat = np.asarray(np.ravel_multi_index(tuple(index.T), size), dtype=np.int64).reshape(len(entries))
    order = np.argsort(flat)
    weights = np.array([numbers[entry.weight] for entry in entries], dtype=np.int64)[order]
    return TensorTemplate(name, size, flat[order], weights, tuple(entries[i] for i in order))


@dataclass(frozen=True, slots=True)
class Violation:
    """A weight that is not its template's: where it is, what it joins, what it is and should be, and why.

    `because` is the sentence that the weight breaks.
    """

    tensor: str
    index: tuple[int, ...]
    source: str
    target: str
    found: str
    expected: str
    because: str

    def __str__(self) -> str:
        joins = f" {self.source} -> {self.target}" if self.source else ""
        return f"{self.tensor}{joins} is {self.found}, expected {self.expected}: {self.because}"


@dataclass(frozen=True, slots=True)
class Frame:
    """What came of comparing a network with its template.

    Attributes:
        constants: the named parameters as the weights have them.
        checked: how many weights were compared, the zeros included.
        nonzero: how many of them the template draws.
        count: how many violate it.
        violations: the first of these.
        units: the units of the last feed-forward layer: a tuned network's rules.
    """

    constants: Constants
    checked: int
    nonzero: int
    count: int
    violations: tuple[Violation, ...]
    units: int

    @property
    def holds(self) -> bool:
        """Whether every weight is its template's."""
        return not self.count


def read_frame(network: Network) -> Frame:
    """Compare every weight of a network with the template of its configuration.

    Raises:
        TypeError: for a network without a configuration.

    >>> from construction import base_network
    >>> network = base_network(states=2, symbols=2)
    >>> frame = read_frame(network)
    >>> frame.holds, frame.constants == Constants.of("float64")
    (True, True)
    >>> network.embed.W_E.data[1, 0] = -1
    >>> print(*read_frame(network).violations)
    embed.W_E BOS -> one is -1, expected 1: Every token carries a 1: the network has no biases.
    """
    if not isinstance(network.config, NetworkConfig):
        raise TypeError("the network has no configuration; expected one from base_network, compile_machine or load")
    template = template_of(network.config)
    shape, number_format = template.blueprint.shape, network.config.number_format
    nonzero, checked, units = len(template.blueprint.entries), shape.parameters, shape.blocks[-1].d_mlp
    misfits = tuple(_misfits(network, template))
    if misfits:
        return Frame(Constants.of(number_format), checked, nonzero, len(misfits), misfits, units)
    tensors = tensors_of(network)
    numbers = {name: _values(tensors[name], part.places) for name, part in template.tensors.items()}
    constants = _read_constants(template, numbers, number_format)
    expected = np.array([_value(weight.value(constants)) for weight in template.weights])
    count, violations = 0, []
    for name, part in template.tensors.items():
        wrong = np.flatnonzero(numbers[name] != expected[part.weights])
        violations += [_wrong(part, int(i), numbers[name], constants) for i in wrong[:LISTED]]
        extra = _extra(tensors[name], part, numbers[name])
        violations += [_unexpected(template.blueprint, part, int(place), tensors[name]) for place in extra[:LISTED]]
        count += len(wrong) + len(extra)
    return Frame(constants, checked, nonzero, count, tuple(violations[:LISTED]), units)


def _misfits(network: Network, template: Template) -> Iterator[Violation]:
    """Tensors that are missing, too many, of another size or of another number format; another architecture."""
    because = "A network has the architecture and the tensors of its configuration, in its number format."
    if (changed := departure(network)) is not None:
        yield Violation(changed.where, (), "", "", changed.found, changed.expected, ALONE)
    kinds = kinds_of(network)
    for name in sorted(template.tensors.keys() | kinds.keys()):
        size = template.tensors[name].size if name in template.tensors else None
        expected = "no tensor" if size is None else f"{size} torch.{network.config.number_format}"
        actual = kinds.get(name, "no tensor")
        if expected != actual:
            yield Violation(name, (), "", "", actual, expected, because)


def _values(tensor: Tensor, places: NDArray[np.int64]) -> Floats:
    return tensor.array.reshape(-1)[places].astype(np.float64)


def _value(value: Fraction) -> float:
    """The number as a float64; NaN, which equals no weight, where it is none."""
    try:
        return float(value) if Fraction(float(value)) == value else math.nan
    except OverflowError:
        return math.nan


def _read_constants(template: Template, numbers: dict[str, Floats], number_format: str) -> Constants:
    """Each parameter as most of its uses have it; where uses are tied, as the number format has it."""
    usual = Constants.of(number_format)
    values = {name: _read_parameter(name, template, numbers, getattr(usual, name)) for name in usual.__slots__}
    return Constants(**values)


def _read_parameter(name: str, template: Template, numbers: dict[str, Floats], usual: Fraction) -> Fraction:
    alone = [i for i, weight in enumerate(template.weights) if weight.parameters == (name,)]
    factors = np.full(len(template.weights), np.nan)
    factors[alone] = [float(template.weights[i].coefficient) for i in alone]
    uses = [numbers[tensor] / factors[part.weights] for tensor, part in template.tensors.items()]
    values, counts = np.unique(np.concatenate(uses), return_counts=True)
    candidates = [
        (int(count), Fraction(float(value)) == usual, Fraction(float(value)))
        for value, count in zip(values, counts, strict=True)
        if _possible(name, float(value))
    ]
    return max(candidates)[2] if candidates else usual


def _possible(name: str, value: float) -> bool:
    if not math.isfinite(value) or value <= 0:
        return False
    return name not in POWERS_OF_TWO or math.frexp(value)[0] == 0.5


def _wrong(part: TensorTemplate, number: int, numbers: Floats, constants: Constants) -> Violation:
    entry = part.entries[number]
    value = f"{float(entry.weight.value(constants)):.17g}"
    expected = f"{entry.weight} = {value}" if entry.weight.parameters else value
    actual = f"{numbers[number]:.17g}"
    return Violation(part.name, entry.index, entry.source, entry.target, actual, expected, entry.because)


def _extra(tensor: Tensor, part: TensorTemplate, numbers: Floats) -> NDArray[np.int64]:
    """The places of non-zero weights that the template does not draw."""
    if np.count_nonzero(tensor.array) == np.count_nonzero(numbers):
        return np.zeros(0, dtype=np.int64)
    return np.setdiff1d(np.flatnonzero(tensor.array), part.places)


def _unexpected(blueprint: Blueprint, part: TensorTemplate, place: int, tensor: Tensor) -> Violation:
    index = tuple(int(i) for i in np.unravel_index(place, part.size))
    source, target = blueprint.joins(part.name, index)
    return Violation(part.name, index, source, target, f"{float(tensor.array[index]):.17g}", "0", ALL_ELSE_IS_ZERO)
