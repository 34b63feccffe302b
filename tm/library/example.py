"""An example of what a machine does, as a comment line beside its rules says it.

    # example: [INPUT] [at HEAD] [seed N] -> [TAPE] [accept | reject] [in N steps]

INPUT and TAPE are words in the library's own notation, a symbol for each character; `""` is the empty one, and for
several tapes one for each is joined by commas (an INPUT alone is the first tape's). Without INPUT all tapes are blank.
TAPE is what stands from the first to the last cell that is not blank. What an example leaves out, it does not claim.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tm.errors import MachineError
from tm.notation.draft import Draft
from tm.notation.tapehead.scanner import Word, fields, positive

__all__ = ["Example", "examples_in"]

_LINE = re.compile(r"\s*#\s*example:")
_FORM = "[INPUT] [at HEAD] [seed N] -> [TAPE] [accept | reject] [in N steps]"


@dataclass(frozen=True)
class Example:
    """A run, as `simulate` takes it, and what it gives: `tape`, `accepted` and `steps`, None where not claimed.

    `input` is a string, or one for each tape; `tape` has one for each tape.
    """

    input: str | tuple[str, ...] = ""
    head: tuple[int, ...] | int = 0
    seed: int | None = None
    tape: tuple[str, ...] | None = None
    accepted: bool | None = None
    steps: int | None = None


def examples_in(text: str, source: str | None = None) -> tuple[Example, ...]:
    """The examples in a text in the library's own notation. Raises MachineError for every line that is none.

    >>> examples_in("# example: 101 -> 110 accept in 6 steps")
    (Example(input='101', head=0, seed=None, tape=('110',), accepted=True, steps=6),)
    """
    draft = Draft(text, source)
    found = []
    for line, words in enumerate(draft.lines, 1):
        match = _LINE.match(words)
        if match:
            scanned = fields(draft, line, match.end() + 1)
            example = _example(scanned) if scanned is not None else None
            if example is None and scanned is not None:
                draft.problem("no example", (line, match.end() + 1), expected=_FORM, found=words[match.end() :].strip())
            found += [example] if example else []
    if draft.problems:
        raise MachineError(*draft.problems)
    return tuple(found)


def _example(scanned: list[list[Word]]) -> Example | None:
    """The example that the fields of a line say, or None."""
    arrows = [index for index, field in enumerate(scanned) if field[0].is_bare("->")]
    if len(arrows) != 1:
        return None
    rest = scanned[: arrows[0]]
    input = _texts(rest.pop(0)) if rest and not _is_any(rest[0], "at", "seed") else ("",)
    head = _heads(rest) if rest and _is_any(rest[0], "at") else 0
    seed = _number(rest) if rest and _is_any(rest[0], "seed") else None
    if rest:
        return None
    rest = scanned[arrows[0] + 1 :]
    tape = _texts(rest.pop(0)) if rest and not _is_any(rest[0], "accept", "reject", "in") else None
    accepted = rest.pop(0)[0].text == "accept" if rest and _is_any(rest[0], "accept", "reject") else None
    steps = _number(rest) if rest and _is_any(rest[0], "in") else None
    if steps is not None and rest and _is_any(rest[0], "step", "steps"):
        rest.pop(0)
    return None if rest else Example(input if len(input) > 1 else input[0], head, seed, tape, accepted, steps)


def _is_any(field: list[Word], *texts: str) -> bool:
    return len(field) == 1 and any(field[0].is_bare(text) for text in texts)


def _texts(field: list[Word]) -> tuple[str, ...]:
    return tuple(word.text for word in field)


def _heads(rest: list[list[Word]]) -> tuple[int, ...] | int:
    """The integers that follow `at`, taken off the front; nothing is taken where there are none."""
    if len(rest) < 2 or not all(re.fullmatch(r"-?[0-9]{1,18}", word.text) for word in rest[1]):
        return 0
    return tuple(int(word.text) for word in (rest.pop(0), rest.pop(0))[1])


def _number(rest: list[list[Word]]) -> int | None:
    """The number that follows a keyword, taken off the front; nothing is taken where there is none."""
    number = None
    if len(rest) > 1 and len(rest[1]) == 1:
        number = 0 if rest[1][0].is_bare("0") else positive(rest[1][0])
    if number is not None:
        del rest[:2]
    return number
