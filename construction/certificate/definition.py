"""What the lemmas' inequalities speak of: every symbol with its formula, as docs/proof.md has it, and its value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from construction.certificate.bounds import Bounds, MergedBounds

__all__ = ["Definition", "definitions"]


@dataclass(frozen=True, slots=True)
class Definition:
    """A symbol, its formula (in the symbols before it) and its value.

    S(m, B) = m u B / (1 - m u) stands for what a sum of m additions loses whose partial sums are B at most.
    """

    symbol: str
    formula: str
    value: Fraction


Formula = tuple[str, str, Callable[[Bounds], Fraction]]

GIVEN: tuple[Formula, ...] = (
    ("n", "tokens", lambda b: Fraction(b.tokens)),
    ("P", "radius", lambda b: Fraction(b.radius)),
    ("k", "tapes", lambda b: Fraction(b.size.tapes)),
    ("a", "action fields", lambda b: Fraction(b.size.outputs)),
    ("r", "rules in the weights", lambda b: Fraction(b.size.units)),
    ("N", "2^(significant bits)", lambda b: Fraction(b.arithmetic.integers)),
    ("eta", "smallest normal number", lambda b: b.arithmetic.smallest),
    ("s", "2 (roundings of an operation) - 1", lambda b: Fraction(b.arithmetic.smaller_operand)),
)
ONE_ROUNDING: Formula = ("u", "1 / N", lambda b: b.arithmetic.u)
TWO_ROUNDINGS: Formula = ("u", "1 / N + 2 / N^2", lambda b: b.arithmetic.u)
LEAKS: tuple[Formula, ...] = (
    ("v", "max(n - 2, 1)", lambda b: Fraction(b.visits)),
    ("leak", "n (1.1 exp(-beta / 2) (1 + u) + eta)", lambda b: b.leak),
    ("lost", "n (1 + leak) min(s leak / (1 - n u), u)", lambda b: b.lost_to_leak),
    ("excess", "leak + lost / (1 - n u)", lambda b: b.normaliser),
)
SUMMED: tuple[Formula, ...] = (
    ("moves", "P ((1 + u)^2 - 1) + n S(n - 1, (1 + u)^2 min(1, (n + P) / 2n))", lambda b: b.moves),
    ("cells", "min(n, P + 1)", lambda b: Fraction(b.cells)),
    ("inputs", "cells ((1 + u)^2 - 1) + n S(cells - 1, (1 + u)^2 cells / n)", lambda b: b.inputs),
    ("off", "max(moves, inputs)", lambda b: b.off),
    ("found", "(1 + u)^2 (u (v^2 - 1) / 2v + leak + lost) / (1 - n u)", lambda b: b.found),
    ("least", "(1 - u)^2 / (v (1 + excess)) - found", lambda b: b.least_found),
    ("attended", "excess + (1 + u)^2 - 1 + (1 + u)^2 (leak + S(n, 1 + leak))", lambda b: b.attended),
)
MERGED: tuple[Formula, ...] = (
    ("moves", "P ((1 + u)^8 - 1)", lambda b: b.moves),
    ("inputs", "(P + 1) ((1 + u)^8 - 1)", lambda b: b.inputs),
    ("off", "max(moves, inputs)", lambda b: b.off),
    ("found", "(1 + u)^8 excess + 1e-12", lambda b: b.found),
    ("least", "(2 - (1 + u)^8) / (v (1 + excess)) - found", lambda b: b.least_found),
    ("attended", "2 excess + ((1 + u)^8 - 1) (1 + 2 excess) + 1e-12", lambda b: b.attended),
)
DECIDED: tuple[Formula, ...] = (
    ("decided", "attended + S(2r, 1 + attended)", lambda b: b.decided),
    ("logit", "a decided + S(k + 2a, (k + 1) g + a (1 + decided))", lambda b: b.logit),
)


def definitions(bounds: Bounds) -> tuple[Definition, ...]:
    """Every symbol that the lemmas of these bounds use, each after those in its formula; parameters left aside.

    >>> import torch
    >>> from construction.certificate.arithmetic import Arithmetic
    >>> from construction.certificate.bounds import Size
    >>> from construction.number_format import Constants
    >>> constants, arithmetic = Constants.of(torch.float64), Arithmetic.of(torch.float64)
    >>> [d.symbol for d in definitions(Bounds(constants, arithmetic, Size(1, 1, 0), 5_000, 10))][8:13]
    ['u', 'v', 'leak', 'lost', 'excess']
    """
    rounding = ONE_ROUNDING if bounds.arithmetic.roundings == 1 else TWO_ROUNDINGS
    attention = MERGED if isinstance(bounds, MergedBounds) else SUMMED
    formulas = (*GIVEN, rounding, *LEAKS, *attention, *DECIDED)
    return tuple(Definition(symbol, formula, value(bounds)) for symbol, formula, value in formulas)
