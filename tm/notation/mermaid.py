"""Mermaid state diagrams, written only: what README files and wikis draw by themselves."""

from __future__ import annotations

import re

from tm.machine import Machine
from tm.name import quoted
from tm.notation.common.drawing import arrows
from tm.registry import Notation

__all__ = ["NOTATION", "write"]

_TELLING = re.compile(r"\s*stateDiagram(-v2)?\s*\n")
_PLAIN = re.compile(r"[A-Za-z0-9_ ,./+|()-]")


def share(text: str) -> float:
    """1 for a text that begins as a state diagram does, else 0.

    >>> share("stateDiagram-v2\\n"), share("a 0 -> b 1 R")
    (1.0, 0.0)
    """
    return float(bool(_TELLING.match(text)))


def write(machine: Machine) -> str:
    """The machine's state graph for Mermaid; accept states lead to the end mark, every machine can be drawn.

    >>> print(write(Machine.read("start: a\\naccept: b\\na 0 -> b 1 R")), end="")
    stateDiagram-v2
        direction LR
        state "a" as s0
        state "b" as s1
        [*] --> s0
        s0 --> s1 : 0/1,R
        s1 --> [*]
    """
    ids = {state: f"s{number}" for number, state in enumerate(machine.states)}
    lines = ["direction LR"]
    lines += [f'state "{_escaped(quoted(state))}" as {id}' for state, id in ids.items()]
    lines += [f"[*] --> {ids[machine.start]}"]
    for state, next_state, labels in arrows(machine):
        lines.append(f"{ids[state]} --> {ids[next_state]} : {'<br/>'.join(map(_escaped, labels))}")
    lines += [f"{ids[state]} --> [*]" for state in machine.accept]
    return "\n    ".join(["stateDiagram-v2", *lines]) + "\n"


def _escaped(text: str) -> str:
    """The text with every sign that means something to Mermaid, or is not ASCII, by its number."""
    return "".join(c if _PLAIN.fullmatch(c) else f"#{ord(c)};" for c in text)


NOTATION = Notation("mermaid", (".mmd", ".mermaid"), share, "stateDiagram-v2", None, write)
