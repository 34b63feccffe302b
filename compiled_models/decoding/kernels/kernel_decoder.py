"""The kernel decoder: a network's weights as machine code."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from compiled_models.decoding.decoder import DecoderState, NumberedTokens, rows_of
from compiled_models.decoding.kernels.drafting.drafter import Drafter, Drafts, Stretch
from compiled_models.decoding.kernels.recognise import Unsupported, recognise
from compiled_models.decoding.kernels.routines import Arrays
from compiled_models.decoding.kernels.source import CLOSE, ROOM, STOPPED, VIOLATED, KernelSource
from compiled_models.decoding.sampler import skip
from compiled_models.decoding.streaming import StreamingDecoder
from compiled_models.decoding.weights import read_weights
from compiled_models.machine_code.kernels import kernel
from construction.codec import Prompt
from construction.network import Network
from construction.vocabulary import Tokens, Vocabulary

__all__ = ["KernelDecoder"]

logger = logging.getLogger(__name__)

REASONS = {
    VIOLATED: "a key or a score is not of the structure that the weights promise",
    CLOSE: "rounding could decide a draw",
}
CHUNK = 1 << 16  # tokens between two returns to Python


class KernelDecoder:
    """Generates tokens with a kernel made of the network's non-zero weights; streaming takes over where it cannot.

    Compiling a kernel takes seconds, once for a network: when the first token is generated.

    Args:
        network: any transformer of this architecture, in float64 or float32.
        vocabulary: its tokens.
        prompt: the tokens before the first generated one, and the one that stops the generation.
        seed: draw tokens by their probability; None: take the likeliest.
        drafts: whether tokens are drafted from those before and verified many at a time (which needs machine code of
            its own, and is for the likeliest tokens only): in long runs, "at once" or "never".
    """

    def __init__(
        self,
        network: Network,
        vocabulary: Vocabulary,
        prompt: Prompt,
        *,
        seed: int | None = None,
        drafts: Drafts = "when worth while",
    ) -> None:
        self._streaming_arguments = (network, vocabulary, prompt, seed)
        self.streaming: StreamingDecoder | None = None
        self.fallback = ""  # why streaming has taken over
        self._random = None if seed is None else np.random.default_rng(seed)
        self._begin = DecoderState(0, prompt.tokens, False, {}, 0)
        self._stopped, self._draws, self._generated = False, 0, False
        self._known: Tokens = prompt.tokens
        self._progress = np.zeros(3, dtype=np.int64)
        try:
            self.source = KernelSource(
                recognise(read_weights(network), vocabulary), prompt.stop, drawn=seed is not None
            )
            self._drafter = Drafter(self.source, drafts if seed is None else "never")
        except Unsupported as reason:
            self._hand_over(str(reason))
        self._kernel: Callable[..., tuple[int, int]] | None = None

    @property
    def name(self) -> str:
        """Which decoder is at work: "kernels", or "streaming" for a reason, the `fallback`."""
        return "kernels" if self.streaming is None else "streaming"

    # -- generating --------------------------------------------------------------------------------------------------

    def generate(self, limit: int) -> Iterator[Tokens]:
        """Chunks of up to 65,536 tokens; see `Decoder.generate`."""
        for tokens in self.numbered(limit):
            yield rows_of(tokens)

    def numbered(self, limit: int) -> Iterator[Tokens | NumberedTokens]:
        """The same, those that were drafted by number; see `Numbering.numbered`."""
        while limit > 0 and not self._stopped and self.streaming is None:
            if self._kernel is None:
                self._take(self._begin)
                continue
            tokens = self._chunk(min(limit, CHUNK))
            if len(tokens):
                limit -= len(tokens)
                yield tokens
        if self.streaming is not None and limit > 0:
            yield from self.streaming.generate(limit)

    def _chunk(self, limit: int) -> Tokens | NumberedTokens:
        """Up to `limit` tokens: fewer where the run stops or streaming has to go on.

        Where it goes from drafts to a single token and back to drafts, that one gets a number as well.
        """
        numbers, n = np.empty(limit, dtype=np.int32), 0
        while n < limit:
            n, goal = self._draft(numbers, n, limit)
            if n == limit or (n and goal - n > 1):
                break
            known = self._known
            tokens = self._alone(goal - n)
            number = self._drafter.learn(known, tokens)
            if number is None or self._stopped or self.streaming is not None:
                return np.concatenate([self._drafter.tokens(numbers[:n]).rows(), tokens]) if n else tokens
            numbers[n] = number
            n += 1
        return self._drafter.tokens(numbers[:n])

    def _draft(self, numbers: NDArray[np.int32], n: int, limit: int) -> tuple[int, int]:
        """Draft as far as it goes; return how far that was, and up to where the kernel is to go on alone."""
        if not self._generated or self._drafter.refusal:
            return n, limit
        stretch = Stretch(self._known, numbers, n, limit, self._gaps(limit), self._progress, self._arrays())
        self._drafter.prepare(stretch)
        reached, goal = self._drafter.extend(stretch)
        self._draws += reached - n
        if reached > n:
            self._known, self._progress[1] = self._drafter.tokens(numbers[reached - 1 : reached]).rows(), 0
        return reached, goal

    def _alone(self, limit: int) -> Tokens:
        """Up to `limit` tokens without drafts."""
        out = np.empty((limit, self._known.shape[1]), dtype=np.int64)
        before = None if self._random is None else self._random.bit_generator.state
        draws = np.zeros(1) if self._random is None else self._random.random(limit)
        n, status = 0, ROOM
        while status == ROOM:
            try:
                n, status = self._advance(out, n, limit, draws)
            except Exception as error:  # the first call loads or compiles; later ones raise nothing
                reason = (str(error) or type(error).__name__).splitlines()[0]
                self._hand_over(f"the kernel cannot be compiled: {reason}")
                break
            if status == ROOM and not self._grow():
                status = VIOLATED
        if self._random is not None and before is not None:
            self._random.bit_generator.state = before
            skip(self._random, n)
        self._draws += n
        self._stopped = status == STOPPED
        if status in REASONS:
            self._hand_over(REASONS[status])
        return out[:n]

    def _advance(self, out: Tokens, n: int, limit: int, draws: np.ndarray) -> tuple[int, int]:
        arrays = self._arrays()
        gaps = self._gaps(limit)
        fixed = (self._known, out, n, limit, draws, gaps, self._progress, self._wanted, self._wanted_offset)
        if self._kernel is None:
            raise RuntimeError("the kernel has not been set up")
        generated, status = self._kernel(*fixed, *(arrays[name] for name in self.source.names))
        if generated > n:
            self._known, self._generated = out[generated - 1 : generated].copy(), True
            self._progress[1] = 0
        return int(generated), int(status)

    def _arrays(self) -> dict[str, Arrays]:
        every = dict(self.source.shared)
        for head in self.source.heads:
            every |= head.arrays()
        return every

    def _gaps(self, limit: int) -> np.ndarray:
        """For each head, how far a score must lie behind the best for all such tokens to weigh less than SKIP."""
        tokens = int(self._progress[0]) + len(self._known) + limit
        return np.array([head.gap(tokens) for head in self.source.heads], dtype=np.float64)

    def _grow(self) -> bool:
        head = self.source.heads[self._wanted[0]]
        return head.make_room(self._wanted[1:].tolist(), self._wanted_offset, self._known[self._progress[1]])

    # -- the state ---------------------------------------------------------------------------------------------------

    def _take(self, state: DecoderState) -> None:
        """Set up the kernel's data for a state."""
        source = self.source
        logger.info("loading the kernel, or compiling it: once for a network")
        self._kernel = kernel(source.text)
        self._wanted = np.zeros(3, dtype=np.int64)  # a head; c, and the number of a sum or -1
        self._wanted_offset = np.zeros(max([1] + [head.match for head in source.heads]))
        self._known = state.pending
        self._progress[:] = state.length, 0, state.length + len(state.pending)
        fits = [head.take_over(state.heads.get(head.recognised.place), state.pending) for head in source.heads]
        if not all(fits):
            self._hand_over("the keys of the state are not of the structure that the weights promise")

    def _hand_over(self, reason: str) -> None:
        network, vocabulary, prompt, seed = self._streaming_arguments
        self.fallback = reason
        streaming = StreamingDecoder(network, vocabulary, prompt, seed=seed)
        state = self._begin if not self._generated else self._now()
        if state.length or state.draws or state.stopped or state.heads:
            streaming.restore(state)
        self.streaming = streaming

    def _now(self) -> DecoderState:
        """The state after the last generated token."""
        length = int(self._progress[0])
        heads = {head.recognised.place: head.entries(length) for head in self.source.heads}
        return DecoderState(length, self._known, self._stopped, heads, self._draws)

    def state(self) -> DecoderState:
        """The state between two tokens, for a snapshot or another decoder."""
        if self.streaming is not None:
            return self.streaming.state()
        return self._now() if self._generated else self._begin

    def restore(self, state: DecoderState) -> None:
        """Go on from a state: of this decoder, or of another one with the same network, prompt and seed.

        Only for a decoder that has generated nothing yet.
        """
        if self.streaming is not None:
            self.streaming.restore(state)
            return
        self._begin, self._stopped, self._draws = state, state.stopped, state.draws
        skip(self._random, state.draws)
