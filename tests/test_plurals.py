"""What is counted in text for people: `counted` knows when there is one of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "compiled_models" / "cli").glob("*.py"))
SEVERAL = {"LARGEST", "CAPACITIES", "MOST_SHOWN", "tokens", "largest", "words", "weights", "parameters", "encode"}
"""Names of what is never one: limits, budgets, a network's weights, the bytes of a page."""


def plurals(path: Path) -> Iterator[str]:
    """The places where a text has a number and behind it several of something, however many there are."""
    for text in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(text, ast.JoinedStr):
            continue
        for number, words in zip(text.values, text.values[1:], strict=False):
            if not isinstance(number, ast.FormattedValue) or not isinstance(words, ast.Constant):
                continue
            several = re.match(r" (\w+-?\w* )?[a-z]+s\b", str(words.value))
            if several and _is_whole(number) and not _names(number) & SEVERAL:
                yield f"{path.name}:{text.lineno}: {ast.unparse(number)}{words.value!r}"


def _names(number: ast.AST) -> set[str]:
    nodes = list(ast.walk(number))
    return {node.attr for node in nodes if isinstance(node, ast.Attribute)} | {
        node.id for node in nodes if isinstance(node, ast.Name)
    }


def _is_whole(number: ast.FormattedValue) -> bool:
    """Whether a number is written as a whole one: with commas, or as a length."""
    form = "" if number.format_spec is None else ast.unparse(number.format_spec)
    return ":,}" in ast.unparse(number) or form in ("f','", '","') or "len(" in ast.unparse(number.value)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_number_of_things_is_taken_for_several(path):
    assert list(plurals(path)) == []
