"""The decoder that `run` takes unless told otherwise: streaming while a run is short, a kernel once it is long.

Compiling a kernel takes seconds, and loading one takes two, in which streaming generates thousands of tokens. The
kernel goes on from the state in which streaming leaves off; both generate the same tokens.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from compiled_models.decoding.decoder import DecoderState, NumberedTokens, generated, rows_of
from compiled_models.decoding.streaming import StreamingDecoder
from construction.codec import Prompt
from construction.network import Network
from construction.vocabulary import Tokens, Vocabulary

if TYPE_CHECKING:
    from compiled_models.decoding.kernels import KernelDecoder

__all__ = ["LONG", "SHORT", "AdaptiveDecoder"]

SHORT = 3_000  # tokens, those of the prompt included, after which a run that may be long goes on with a kernel
LONG = 15_000  # tokens; of a run that is asked for no more streaming generates all: a kernel would take longer to load


class AdaptiveDecoder:
    """Streaming for the first 3,000 tokens, or for 15,000 if no more are asked for; a kernel from then on.

    See `Decoder` and `Resumable`.

    Args:
        network: any transformer of this architecture, in float64 or float32.
        vocabulary: its tokens.
        prompt: the tokens before the first generated one, and the one that stops the generation.
        seed: draw tokens by their probability; None: take the likeliest.
    """

    def __init__(self, network: Network, vocabulary: Vocabulary, prompt: Prompt, *, seed: int | None = None) -> None:
        self._arguments, self._seed = (network, vocabulary, prompt), seed
        self._left, self._generated = SHORT - len(prompt), 0
        self._now: StreamingDecoder | KernelDecoder
        self._now = StreamingDecoder(*self._arguments, seed=seed) if self._left > 0 else self._kernel()

    def _kernel(self) -> KernelDecoder:
        from compiled_models.decoding.kernels import KernelDecoder

        return KernelDecoder(*self._arguments, seed=self._seed)

    @property
    def name(self) -> str:
        """Which decoder is at work now."""
        return self._now.name

    @property
    def fallback(self) -> str:
        """Why no kernel is at work although the run is long enough; else empty."""
        return self._now.fallback

    def generate(self, limit: int) -> Iterator[Tokens]:
        """Chunks of tokens; see `Decoder.generate`."""
        for tokens in self.numbered(limit):
            yield rows_of(tokens)

    def numbered(self, limit: int) -> Iterator[Tokens | NumberedTokens]:
        """The same, some by number; see `Numbering.numbered`."""
        if isinstance(self._now, StreamingDecoder):
            all_of_it = self._generated + limit <= LONG
            for tokens in self._now.generate(limit if all_of_it else max(0, min(limit, self._left))):
                self._left -= len(tokens)
                self._generated += len(tokens)
                limit -= len(tokens)
                yield tokens
            if self._left <= 0 and limit > 0 and not self._now.state().stopped:
                state, self._now = self._now.state(), self._kernel()
                self._now.restore(state)
        if limit > 0:
            yield from generated(self._now, limit)

    def state(self) -> DecoderState:
        """The state after the last generated token."""
        return self._now.state()

    def restore(self, state: DecoderState) -> None:
        """Go on from a state; only for a decoder that has generated nothing yet."""
        self._left = SHORT - state.length
        if self._left <= 0 and isinstance(self._now, StreamingDecoder):
            self._now = self._kernel()
        self._now.restore(state)
