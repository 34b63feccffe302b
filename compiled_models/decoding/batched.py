"""Batches: many prompts through one network, a row a prompt; the tokens of every row are those of a run of its own.

Two ways, behind one door: a compiled loop over rows (`kernels.kernel_rows`), and the module's own forward pass with a
batch dimension (`dense_rows`), the reference, on the CPU or a GPU.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from compiled_models.decoding.choice import dense_alone, placed
from compiled_models.decoding.kernels.kernel_rows import GeneratedRows, Integers, KernelRows
from construction.network import Network
from construction.plain import departure
from construction.vocabulary import Tokens, Vocabulary

__all__ = ["Rows", "rows_of"]


class Rows(Protocol):
    """Generates what follows each of many prompts."""

    def generate(
        self, prompts: Sequence[Sequence[int]] | Integers, limit: int, seeds: Sequence[int | None] | None = None
    ) -> Iterator[GeneratedRows]:
        """What follows each prompt, up to `limit` tokens a row, some rows at a time, in order.

        Args:
            prompts: each a sequence of numbers of tokens in the table; or an array [r p], where -1 stands for none.
            limit: tokens a row, 1 or more.
            seeds: draw each row by its seed, as a decoder of its own does; None, for all or for one: greedily.
        """
        ...


def rows_of(
    network: Network, vocabulary: Vocabulary, table: Tokens, stop: tuple[int, ...], *, device: str | None = None
) -> Rows:
    """The batched decoder of a network: kernels where they can run (see `choice.usual`), else the forward pass.

    Args:
        network: the network.
        vocabulary: its tokens.
        table: all tokens [t w] that a prompt may hold.
        stop: the token that stops the generation.
        device: "cpu" or "cuda"; None: where the network is.

    Raises:
        InputError: for a device that is not there.

    >>> from construction import Codec, base_network
    >>> from tm import Machine
    >>> network = base_network(states=3, symbols=2, dtype="bfloat16")
    >>> codec = Codec(network.config, Machine.read("1RB1LB_1LA1RZ"))
    >>> type(rows_of(network, codec.vocabulary, codec.prompt().tokens, codec.stop)).__name__
    'DenseRows'
    """
    network = placed(network, device)
    if dense_alone(network) or departure(network) is not None:
        from compiled_models.decoding.dense_rows import DenseRows

        return DenseRows(network, vocabulary, table, stop)
    return KernelRows(network, vocabulary, table, stop)
