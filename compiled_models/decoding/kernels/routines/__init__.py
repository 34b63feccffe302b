"""The loops of a kernel that are the same for every network, as plain functions: their source becomes part of it."""

from __future__ import annotations

import inspect

from compiled_models.decoding.kernels.routines import cells, draw, logits, search

__all__ = ["decorator", "source"]


def decorator(*, drawn: bool, options: str = "") -> str:
    """How numba is to compile a function of a kernel; only a draw makes arrays, and without any it compiles sooner."""
    return f"@njit(error_model='numpy'{'' if drawn else ', _nrt=False'}{options})"


def source(*, drawn: bool) -> str:
    """The source of all routines that a kernel may call.

    >>> "def nearest" in source(drawn=False), "def draw(" in source(drawn=False)
    (True, False)
    """
    parts, alone = [], ", no_cpython_wrapper=True, no_cfunc_wrapper=True"
    for function in (*logits.SELDOM, *search.SELDOM, *(draw.ROUTINES if drawn else ())):
        parts += [decorator(drawn=drawn, options=alone), inspect.getsource(function)]
    for function in (*cells.ROUTINES, *logits.ROUTINES, *search.ROUTINES):
        parts += [decorator(drawn=drawn, options=f"{alone}, forceinline=True"), inspect.getsource(function)]
    return "\n".join(parts)
