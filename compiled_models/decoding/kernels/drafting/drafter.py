"""Speculative decoding for a kernel: drafts from what it has generated so far, verified by the weights."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from compiled_models.decoding.decoder import NumberedTokens
from compiled_models.decoding.kernels.drafting.drafted_network import DraftedNetwork
from compiled_models.decoding.kernels.drafting.extend import drafting_source
from compiled_models.decoding.kernels.drafting.table import DraftTable
from compiled_models.decoding.kernels.heads import ParabolaHead
from compiled_models.decoding.kernels.recognise import Unsupported
from compiled_models.decoding.kernels.routines import Arrays
from compiled_models.decoding.kernels.routines.drafts import Drafted
from compiled_models.decoding.kernels.routines.logits import Wide
from compiled_models.decoding.kernels.source import WRONG, KernelSource
from compiled_models.machine_code.kernels import compile_beside, kernel
from construction.vocabulary import Tokens

__all__ = ["Drafter", "Drafts", "Stretch"]

logger = logging.getLogger(__name__)

Drafts = Literal["when worth while", "at once", "never"]
WORTH_LOADING, WORTH_COMPILING = 1 << 18, 1 << 25
"""Generated tokens after which drafting is loaded, and after which it is compiled beside the run."""
AGAIN = 1 << 10  # generated tokens until a run that is not ready for drafts is looked at again
LONGEST = 1 << 16  # tokens that a kernel generates alone before drafting is tried again


class Stretch(NamedTuple):
    """What is about to be generated: the numbers `out` [m] from n on, up to `limit`, after the token `known` [1 w]."""

    known: Tokens
    out: NDArray[np.int32]
    n: int
    limit: int
    gaps: NDArray[np.float64]
    progress: NDArray[np.int64]
    arrays: dict[str, Arrays]


class Drafter:
    """Drafts what a kernel would generate next, and keeps what the weights confirm.

    Compiling takes seconds, once for a network; it happens beside the run, and outlasts it if need be.

    Args:
        kernel: what is drafted for.
        drafts: "at once": from the start, waiting for the compiler.

    Attributes:
        drafted: how many tokens were drafted and verified.
        wrong: how many blocks of them had to be taken back.
        refusal: why this run has no drafts, if that is so.
    """

    def __init__(self, kernel: KernelSource, drafts: Drafts) -> None:
        self.drafted, self.wrong, self.refusal = 0, 0, "" if drafts != "never" else "none are wanted"
        self._kernel, self._at_once = kernel, drafts == "at once"
        self._look_at = 0 if self._at_once else WORTH_LOADING
        self._patience = self._alone = 1
        self._heads = [head for head in kernel.heads if isinstance(head, ParabolaHead)]
        self._text = ""
        self._function: Callable[..., tuple[int, int]] | None = None
        self._compiler: subprocess.Popen[bytes] | None = None
        self._offsets: list[int] = []

    def extend(self, stretch: Stretch) -> tuple[int, int]:
        """Draft and verify as far as it goes; return how far that is, and up to where the kernel is to go on alone."""
        if self._function is None or not self._may_go_on(stretch):
            return stretch.n, stretch.limit if self._function is None else min(stretch.limit, stretch.n + LONGEST)
        reached, status = self._function(*self._arguments(stretch))
        if status == WRONG:
            self.wrong += 1
            self._wait()
        elif reached > stretch.n:
            self._patience = self._alone = 1
        self.drafted += reached - stretch.n
        return int(reached), min(stretch.limit, int(reached) + self._alone)

    def learn(self, before: Tokens, after: Tokens) -> int | None:
        """Learn from what the kernel generated alone: `after` [m w], where `before` [1 w] was its last token.

        Returns the number of `after` where it is a single token that has one.
        """
        if self._function is None:
            return None
        if len(after) == 1 and not self._learnt.learn(before[0], after[0]):
            self._wait()
        else:
            self._learnt.look()
            self._alone = 1
        number = self._learnt.token(after[0]) if len(after) == 1 else None
        return number if number is not None and (self._learnt.distinct()[number] == after).all() else None

    def tokens(self, numbers: NDArray[np.int32]) -> NumberedTokens:
        """The tokens that have these numbers."""
        return NumberedTokens(self._learnt.distinct(), numbers)

    def _wait(self) -> None:
        """Leave the kernel alone for twice as long as the last time."""
        self._alone = self._patience = min(2 * self._patience, LONGEST)

    def _may_go_on(self, stretch: Stretch) -> bool:
        """Whether the pending token can be drafted from, and the heads' offsets are still those that were compiled."""
        number = self._learnt.token(stretch.known[0])
        if number is None or not all(map(_stays, self._heads, self._learnt.drafted, self._offsets)):
            return False
        self._learnt.ids[0] = number
        return True

    # -- getting ready -----------------------------------------------------------------------------------------------

    def prepare(self, stretch: Stretch) -> None:
        """Get ready, once there are tokens enough."""
        generated = int(stretch.progress[0] - stretch.progress[2])
        if self._function is not None or self.refusal or generated < self._look_at:
            return
        try:
            if not self._text:
                if not generated:
                    raise NotYet("no generated token has been taken in")
                self._text = drafting_source(self._learn_from(stretch.known))
            self._load(self._text, self._arguments(stretch), generated)
        except NotYet:
            self._look_at = max(2 * generated, AGAIN)
        except Unsupported as reason:
            self.refusal = str(reason)
        except Exception as error:  # whatever ails the compiler: the kernel goes on alone
            self.refusal = f"drafting cannot be compiled: {(str(error) or type(error).__name__).splitlines()[0]}"
        if self.refusal:
            logger.info("no drafts: %s", self.refusal)

    def _learn_from(self, known: Tokens) -> DraftedNetwork:
        """Begin to learn, from where the heads are now."""
        kinds = self._kernel.network.vocabulary.kinds.values()
        kind = next(kind for kind in kinds if kind.row == known[0, 0])
        offsets = [_offsets(head) for head in self._heads]
        network = DraftedNetwork(self._kernel, kind, [len(of) - 1 for of in offsets])
        self._learnt = DraftTable(network)
        self._offsets = [len(of) for of in offsets]
        for drafted, of in zip(self._learnt.drafted, offsets, strict=True):
            drafted.usual[: len(of)] = of
        rows, dtype = self._kernel.network.vocabulary.rows, self._kernel.network.weights.dtype
        self._wide = Wide(np.zeros(rows, dtype), np.full(rows, -1, dtype=np.int64), self._kernel.read_out.special)
        return network

    def _load(self, text: str, arguments: tuple[Any, ...], generated: int) -> None:
        """Load the machine code if it is there or this run waits for it; have it compiled if that is worth while."""
        if self._compiler is not None and self._compiler.poll() is None:
            return
        function: Any = kernel(text, "extend")
        if hasattr(function, "kept"):
            import numba  # imported already: there is a kernel

            types = tuple(numba.typeof(argument) for argument in arguments)
            if not self._at_once and not function.kept(types):
                if self._compiler is not None:
                    self.refusal = "drafting cannot be compiled, or its machine code not be kept"
                elif generated >= WORTH_COMPILING:
                    logger.info("compiling what drafts and verifies tokens, beside the run: once for a network")
                    self._compiler = compile_beside(text, "extend", types)
                self._look_at = max(self._look_at, WORTH_COMPILING)
                return
            function.compile(types)
        self._learnt.look()
        self._function = function

    def _arguments(self, stretch: Stretch) -> tuple[Any, ...]:
        every = stretch.arrays | self._learnt.arrays() | {"wide": self._wide}
        fixed = stretch.out, stretch.n, stretch.limit, stretch.gaps, stretch.progress
        return *fixed, *(every[name] for name in self._learnt.network.arguments)


class NotYet(Unsupported):
    """The run has not come far enough."""


def _stays(head: ParabolaHead, drafted: Drafted, size: int) -> bool:
    """Whether a head has as many offsets as it had, and a single key still in each but the usual one."""
    singles = drafted.usual[1:size]
    return bool(head.known[0] == size and (head.single[singles] >= 0).all())


def _offsets(head: ParabolaHead) -> list[int]:
    """The offset that generated tokens have, with as many keys as it may be, and those with a single one.

    Raises:
        NotYet: where there are others.
    """
    usual = int(head.latest[0])
    others = [j for j in range(int(head.known[0])) if j != usual]
    if not others or (head.single[others] < 0).any():
        raise NotYet(f"{head.name} has not a single key in each offset but one")
    return [usual, *others]
