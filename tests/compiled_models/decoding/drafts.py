"""What tests of drafts share: a machine that walks to and fro, and its tokens."""

from __future__ import annotations

import numpy as np

from construction import Codec
from construction.codec import Prompt
from construction.transformer import Transformer
from construction.vocabulary import Vocabulary
from tests.machines import Case
from tm import Machine

WALK = Case("walk", Machine.read("1RB1LA_1LA1RC_1RA0LC"), "")  # to and fro, ever further


def tokens_of(decoder, limit: int, at_a_time: int = 50) -> np.ndarray:
    """The tokens [n w] generated, some at a time: a decoder gets ready between two calls."""
    chunks, left = [], limit
    while left > 0 and (chunk := list(decoder.generate(min(left, at_a_time)))):
        chunks += chunk
        left -= sum(map(len, chunk))
    return np.concatenate(chunks) if chunks else np.empty((0, 1), dtype=np.int64)


def what(network: Transformer, case: Case) -> tuple[Vocabulary, Prompt]:
    """The vocabulary and the prompt of a case."""
    codec = Codec(network.config, case.machine)
    return codec.vocabulary, codec.prompt(case.input)
