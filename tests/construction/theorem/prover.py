"""What tests of the theorem share: whether there is a prover, where it works, and machines as its terms."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from construction import Codec, Example
from construction.theorem.proof import action_term
from tm import Rule

__all__ = ["FOLDER", "lists_of", "needs_prover", "rule_term", "words_term"]

FOLDER = Path(__file__).parents[3] / "build" / "theorem"
needs_prover = pytest.mark.skipif(shutil.which("coqc") is None, reason="Coq is not installed: apt-get install coq")


def rule_term(codec: Codec, rule: Rule | Example) -> str:
    """A rule, or an example with wildcards, as a term of the prover's type `rule`."""
    state, symbols, _ = codec.slots(rule)
    read = "; ".join(_option(symbol) for symbol in symbols)
    return f"(Rule {_option(state)} [{read}] {action_term(codec, rule)})"


def _option(slot: int) -> str:
    return "None" if slot < 0 else f"(Some {slot}%nat)"


def words_term(words: list[list[int]]) -> str:
    """Lists of numbers as a term."""
    return "[" + "; ".join("[" + "; ".join(f"{n}%nat" for n in word) + "]" for word in words) + "]"


def lists_of(printed: str) -> list[list[list[int]]]:
    """Every list of lists of numbers that the prover has printed."""
    texts = re.findall(r"=\s*(\[.*?\])\s*:\s*list", printed, re.DOTALL)
    words = (re.findall(r"\[([^\[\]]*)\]", text[1:-1]) for text in texts)
    return [[[int(n.strip().removesuffix("%nat")) for n in word.split(";")] for word in each] for each in words]
