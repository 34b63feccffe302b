"""Writing the source of a kernel: lines, indentation, literals, comments."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache

import numpy as np

from compiled_models.decoding.kernels.emit.comments import Comments

__all__ = ["Writer", "finished", "integer", "listed"]

SHORT_SUM = 8  # terms
COMMENT = re.compile(r"""^( *)(['"]# .*)$""", re.MULTILINE)  # as a statement, which `ast` keeps, a comment is a string


class Writer:
    """Source text, line by line.

    Args:
        dtype: the network's number format.
        comments: the words to explain it in; None: there are no comments.

    >>> source = Writer(np.dtype(np.float32))
    >>> with source.block("if x > 0:"):
    ...     source.line(f"y = {source.weighted([(2.0, 'x'), (-1.0, 'z')])}")
    >>> print(source.text())
    if x > 0:
        y = f32(2.0) * x + f32(-1.0) * z
    """

    def __init__(self, dtype: np.dtype[np.floating], comments: Comments | None = None) -> None:
        self.dtype = dtype
        self.comments, self._commented = comments or Comments(), comments is not None
        self._lines: list[str] = []
        self._indent = 0

    def line(self, text: str) -> None:
        """Append a line."""
        self._lines.append("    " * self._indent + text)

    def lines(self, text: str) -> None:
        """Append several lines, written with their own indentation."""
        for line in text.strip("\n").split("\n"):
            self.line(line)

    def comment(self, *texts: str) -> None:
        """Append comments, a line each; they become comments in `finished` source."""
        if self._commented:
            self._lines += ["    " * self._indent + repr(f"# {text}") for text in texts]

    @contextmanager
    def block(self, header: str) -> Iterator[None]:
        """Append a header and indent what is written inside, which may be nothing."""
        self.line(header)
        before, self._indent = len(self._lines), self._indent + 1
        yield
        if all(COMMENT.match(line) for line in self._lines[before:]):
            self.line("pass")
        self._indent -= 1

    def text(self) -> str:
        """The source so far."""
        return "\n".join(self._lines)

    def literal(self, number: float) -> str:
        """A number of the network's format, to the bit."""
        return f"f32({float(number)!r})" if self.dtype == np.float32 else repr(float(number))

    def rounded(self, expression: str) -> str:
        """A double, rounded to the network's format."""
        return f"f32({expression})" if self.dtype == np.float32 else expression

    def weighted(self, terms: Iterable[tuple[float, str]]) -> str:
        """The sum of weights times variables; every product is one weight.

        Long sums are added up in pairs: one after the other, each addition would wait for the one before.
        """
        products = [f"{self.literal(weight)} * {name}" for weight, name in terms]
        while len(products) > SHORT_SUM:
            pairs = [f"({a} + {b})" for a, b in zip(products[::2], products[1::2], strict=False)]
            products = pairs + products[2 * len(pairs) :]
        return " + ".join(products) or self.literal(0)


def listed(*names: str) -> str:
    """A tuple of variables."""
    return f"({', '.join(names)},)" if names else "()"


def integer(number: int) -> str:
    """A number as an argument: numba would compile a function anew for each literal that it is called with."""
    return f"i64({number})"


@lru_cache(maxsize=16)
def finished(source: str) -> str:
    r"""The source with every index marked as unsigned (no code is spent on indices that count from the end).

    >>> print(finished("x = a[i + 1] + a[0] + b[i, 2]\n'# It is said.'"))
    x = a[unsigned(i + 1)] + a[0] + b[unsigned(i), 2]
    # It is said.
    """
    text = ast.unparse(_Unsigned().visit(ast.parse(source)))
    return COMMENT.sub(lambda found: found[1] + str(ast.literal_eval(found[2])), text)


class _Unsigned(ast.NodeTransformer):
    def visit_Subscript(self, node: ast.Subscript) -> ast.Subscript:
        self.generic_visit(node)
        if isinstance(node.slice, ast.Tuple):
            node.slice.elts = [_marked(index) for index in node.slice.elts]
        else:
            node.slice = _marked(node.slice)
        return node


def _marked(index: ast.expr) -> ast.expr:
    return index if isinstance(index, ast.Constant | ast.Slice) else ast.Call(ast.Name("unsigned"), [index], [])
