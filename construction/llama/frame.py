"""The frame of a stock Llama: its weights, entry by entry, against its blueprint."""

from __future__ import annotations

from construction.certificate import Violation
from construction.llama.blueprint import EMBEDDING, LlamaBlueprint
from construction.llama.transformer import LlamaTransformer

__all__ = ["frame_violations"]

LISTED = 100
ALL_ELSE_IS_ZERO = "Every weight that the construction does not draw is zero."


def frame_violations(blueprint: LlamaBlueprint, network: LlamaTransformer) -> tuple[int, tuple[Violation, ...]]:
    """How many weights are not as drawn, and the first hundred of them.

    >>> from construction.llama import draw_llama, llama_network
    >>> network = llama_network()
    >>> network.lm_head.weight[9, 40] += 1
    >>> count, (violation,) = frame_violations(draw_llama(network.config), network)
    >>> count, violation.source, violation.target
    (1, 'kind[halt]', 'A3')
    """
    expected, count, listed = blueprint.tensors(), 0, list[Violation]()
    found = dict(network.named_parameters())
    because = "A network has the tensors of its configuration."
    for name in sorted(expected.keys() | found.keys()):
        one, other = (str(tuple(part[name].shape)) if name in part else "no tensor" for part in (found, expected))
        if one != other:
            count += 1
            listed.append(Violation(name, (), "", "", one, other, because))
            continue
        wrong = (found[name].detach().float().cpu() != expected[name]).nonzero()
        count += len(wrong)
        for place in wrong[: max(0, LISTED - len(listed))].tolist():
            index = tuple(place)
            source, target = _joins(blueprint, name, index)
            one, other = (f"{float(part[name][index]):.9g}" for part in (found, expected))
            listed.append(Violation(name, index, source, target, one, other, _why(blueprint, name, index)))
    return count, tuple(listed)


def _joins(blueprint: LlamaBlueprint, tensor: str, index: tuple[int, ...]) -> tuple[str, str]:
    """What a weight reads and what it feeds, as far as it has names there."""
    direction = blueprint.stream.direction
    texts = blueprint.vocabulary.texts
    if tensor == EMBEDDING:
        return texts[index[0]], direction(index[1]).name
    if tensor == "lm_head.weight":
        return direction(index[1]).name, texts[index[0]]
    if len(index) == 1:
        return direction(index[0]).name, direction(index[0]).name
    outward = tensor.endswith(("o_proj.weight", "down_proj.weight"))
    inside, named = (index[1], index[0]) if outward else (index[0], index[1])
    part = f"{tensor.split('.')[-2]} {inside}"
    return (part, direction(named).name) if outward else (direction(named).name, part)


def _why(blueprint: LlamaBlueprint, tensor: str, index: tuple[int, ...]) -> str:
    for entry in blueprint.entries:
        if entry.tensor == tensor and entry.index == index:
            return entry.because
    for column in blueprint.columns:
        if column.tensor == tensor and column.direction.column == index[1] and index[0] in column.words:
            return column.because
    return ALL_ELSE_IS_ZERO
