"""A run step by step, generated densely, so that its attention can be watched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import TracebackType

import numpy as np
import torch
from numpy.typing import NDArray

from compiled_models.decoding import CheckingDecoder, DenseDecoder
from compiled_models.transcript import Transcript
from compiled_models.view.step import Attended, Moment, Step
from construction.base_network import BLOCKS
from construction.codec import Codec, Prompt
from construction.module import module_of
from construction.network import Network
from construction.transformer import Transformer
from construction.vocabulary import Tokens
from tm import InputError, Problem

__all__ = ["Watch", "trace"]

SHOWN = 0.005
"""A token is not listed with less than this share of the heaviest weight, if all tokens like it have less together."""


class Watch:
    """Records the attention patterns of named blocks while it is entered: {block: weights [h s] of the last query}."""

    def __init__(self, network: Transformer, blocks: tuple[str, ...] = ("READ", "DECIDE")) -> None:
        self.network, self.blocks = network, blocks
        self.patterns: dict[str, NDArray[np.floating]] = {}

    def __enter__(self) -> Watch:
        patterns = {name: _pattern(self.network, BLOCKS.index(name)) for name in self.blocks}
        self._hooks = [module.register_forward_hook(self._recorder(name)) for name, module in patterns.items()]
        return self

    def _recorder(self, name: str) -> Callable[[torch.nn.Module, object, torch.Tensor], None]:
        def record(_module: torch.nn.Module, _inputs: object, pattern: torch.Tensor) -> None:
            self.patterns[name] = pattern[0, :, -1].double().cpu().numpy()

        return record

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for hook in self._hooks:
            hook.remove()


def _pattern(network: Transformer, block: int) -> torch.nn.Module:
    """What the attention pattern of a block passes through.

    Raises:
        InputError: for a network that was changed so that it has none.
    """
    try:
        return network.get_submodule(f"blocks.{block}.attn.hook_pattern")
    except AttributeError as error:
        raise InputError(
            Problem("there is no attention to watch", f"hook_pattern in block {block}", str(error))
        ) from error


def trace(
    network: Network,
    codec: Codec,
    prompt: Prompt,
    transcript: Transcript,
    *,
    limit: int,
    seed: int | None = None,
    run: Tokens | None = None,
) -> Iterator[Step]:
    """Generate up to `limit` steps (and the token after them) densely, and yield each as a `Step`.

    Where a `run` is given [n w], it is checked instead of drawn.

    >>> from construction import base_network
    >>> from tm import Machine
    >>> machine, network = Machine.read("1RB1LB_1LA1RZ"), base_network(states=3, symbols=2)
    >>> codec = Codec(network.config, machine)
    >>> steps = list(trace(network, codec, codec.prompt(), Transcript(codec), limit=100))
    >>> steps[2].text, steps[2].read[0][0].text, steps[2].decide[0].text
    ('A1>1LB', 'A0>1RB', 'A1:1LB')
    """
    network, texts = module_of(network), [codec.text(token) for token in prompt.tokens]
    decoder = DenseDecoder(network, codec.vocabulary, prompt, seed=seed)
    if run is not None:
        decoder = CheckingDecoder(network, codec.vocabulary, prompt, run)
    watch = Watch(network)
    for _ in range(limit + 1):
        with watch:  # a hook for the time of one token: whoever takes a step at a time finds the network unhooked
            tokens = next(decoder.generate(1), None)
        if tokens is None or (transcript.steps == limit and tuple(tokens[0]) != codec.stop):
            return
        before, number = Moment.of(transcript), transcript.steps + 1
        transcript.absorb(tokens)
        text = codec.text(tokens[0])
        heads = watch.patterns["READ"][: codec.machine.tapes]
        reads = tuple(_attended(weights, texts, len(prompt)) for weights in heads)
        decide = _attended(watch.patterns["DECIDE"][0], texts, len(prompt))
        yield Step(number, text, before, Moment.of(transcript), reads, decide)
        texts.append(text)


def _attended(weights: NDArray[np.floating], texts: list[str], prompt: int) -> tuple[Attended, ...]:
    """The tokens attended to, the heaviest first, without those that are light even with all that equal them."""
    if not weights.max() > 0:  # they are no numbers
        return ()
    sizes = np.round(weights / weights.max(), 6)
    places = [int(i) for i in np.flatnonzero(sizes)]
    kinds = {i: (texts[i], i < prompt, float(sizes[i])) for i in places}
    shares: dict[tuple[str, bool, float], float] = {}
    for i in places:
        shares[kinds[i]] = shares.get(kinds[i], 0.0) + float(sizes[i])
    least = SHOWN * max(shares.values())
    kept = [i for i in places if sizes[i] >= SHOWN or shares[kinds[i]] >= least]
    kept.sort(key=lambda i: (-sizes[i], i))
    return tuple(Attended(i, texts[i], float(weights[i]), i - prompt + 1 if i >= prompt else None) for i in kept)
