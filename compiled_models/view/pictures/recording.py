"""A run and everything that the network computed in it: one forward pass over the prompt and the generated tokens."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from compiled_models.decoding import CheckingDecoder, DenseDecoder
from compiled_models.result import Result
from construction.activations import ActivationCache
from construction.codec import Codec
from construction.module import module_of
from construction.precision import exact_arithmetic
from construction.residual import Direction
from construction.transformer import Transformer
from tm import InputError, Problem
from tm.text import quoted, shown

__all__ = ["MOST_TOKENS", "Recording"]

MOST_TOKENS = 150
"""Of a picture in which each token has its name: prompt and run together."""
SLOTS = {"state": "states", "next": "states", "symbol": "symbols", "posting": "symbols", "found": "symbols"}
SLOTS |= {"write": "symbols"}
"""What a direction's label numbers, by a word in the name of its space."""


@dataclass(frozen=True, kw_only=True)
class Recording:
    """A run as the network computed it.

    Attributes:
        network: what ran.
        codec: of its machine.
        texts: every token of the context as people read it; the prompt first.
        kinds: the kind of each: BOS, EXAMPLE, CELL, SHIFT, RUN, STEP or STOP.
        prompt: how many of them are the prompt's.
        cache: all activations, by TransformerLens' names, of a batch of this one run.
        logits: [p r], after each token.
        title: the machine and what came of it.
    """

    network: Transformer
    codec: Codec
    texts: tuple[str, ...]
    kinds: tuple[str, ...]
    prompt: int
    cache: ActivationCache
    logits: NDArray[np.float64]
    title: str

    @classmethod
    def of(cls, result: Result) -> Recording:
        """The recording of a run: its tokens are generated once more, densely, and passed through the network at once.

        Raises:
            InputError: for more than 150 tokens, prompt included, and for a run without any.
            GenerationError: where the network does not generate them any more.

        >>> from compiled_models import run
        >>> from construction import base_network
        >>> from tm import library
        >>> recording = Recording.of(run(base_network(states=4, symbols=3), library.load("increment"), "1011"))
        >>> recording.texts[recording.prompt], recording.queries
        ('right/1>1/R/right', range(11, 20))
        """
        run = result.origin
        network, codec, prompt = module_of(run.network), run.codec, run.prompt
        wanted = result.steps + (result.reason in ("no rule", "unseen situation"))
        _require_size(len(prompt) + wanted, wanted)
        decoder = DenseDecoder(network, codec.vocabulary, prompt, seed=run.seed)
        if run.machine_run is not None:
            decoder = CheckingDecoder(network, codec.vocabulary, prompt, run.machine_run.tokens)
        rows = np.concatenate([prompt.tokens, *decoder.generate(wanted)])
        with torch.inference_mode(), exact_arithmetic(network.device, network.dtype):
            logits, cache = network.run_with_cache(torch.from_numpy(rows)[None].to(network.device))
        texts = tuple(codec.text(row) for row in rows.tolist())
        kinds = tuple(codec.vocabulary.parse(row)[0] for row in rows.tolist())
        numbers: NDArray[np.float64] = logits[0].double().cpu().numpy()
        title = f"{shown(codec.machine.name) or 'a machine'}: {result.verdict}"
        return cls(
            network=network,
            codec=codec,
            texts=texts,
            kinds=kinds,
            prompt=len(prompt),
            cache=cache,
            logits=numbers,
            title=title,
        )

    @property
    def queries(self) -> range:
        """The tokens after which another was generated: from RUN, which ends the prompt, to the last but one."""
        return range(self.prompt - 1, len(self.texts) - 1)

    def query(self, step: int) -> int:
        """The place of the token after which a step was generated, counted from 1, as `tapehead run --trace` does.

        Raises:
            InputError: for a step that the run has not.
        """
        if not 1 <= step <= len(self.queries):
            expected = f"1 to {len(self.queries)}, as `tapehead run --trace` numbers them"
            raise InputError(Problem("the run has no such step", expected, str(step)))
        return self.queries[step - 1]

    def numbers(self, name: str, block: int) -> NDArray[np.float64]:
        """An activation of this run by its short name, such as "pattern" of block 2, without the batch."""
        return np.asarray(self.cache[name, block][0].double().cpu().numpy())

    def residual(self, name: str, at: str | tuple[str, int] | None = None) -> NDArray[np.float64]:
        """Directions of the residual stream, as `ActivationCache.residual` has them, without the batch [p n]."""
        values = np.asarray(self.cache.residual(name, at)[0].double().cpu().numpy())
        return values if values.ndim == 2 else values[:, None]

    def direction_name(self, direction: Direction) -> str:
        """A direction with the machine's own names for its slots: `state[carry]` for `state[1]`."""
        if not direction.label:
            return direction.space
        if direction.space.endswith("action"):
            state, *rest = direction.label.split(",")
            writes, moves = rest[: len(rest) // 2], rest[len(rest) // 2 :]
            parts = [self._slot("states", state), *(self._slot("symbols", each) for each in writes), *moves]
            return f"{direction.space}[{' '.join(parts)}]"
        kinds = [SLOTS[word] for word in direction.space.split() if word in SLOTS]
        label = self._slot(kinds[0], direction.label) if kinds else direction.label
        return f"{direction.space}[{label}]"

    def _slot(self, kind: str, label: str) -> str:
        names: tuple[str, ...] = getattr(self.codec.machine, kind)
        return quoted(names[int(label)]) if int(label) < len(names) else f"{kind[:-1]} {label}"


def _require_size(tokens: int, generated: int) -> None:
    if tokens > MOST_TOKENS:
        hint = "stop the run earlier (--max-steps), or take a smaller machine or input"
        raise InputError(Problem("too many tokens for a picture that names each", str(MOST_TOKENS), str(tokens), hint))
    if not generated:
        raise InputError(Problem("nothing was generated that could be drawn", "one token or more", "none"))
