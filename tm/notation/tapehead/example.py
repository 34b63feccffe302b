"""An example of what a machine does, as a comment line beside its rules says it.

    # example: [INPUT] [at HEAD] [seed N] -> [TAPE] [accept | reject] [in N steps]

INPUT and TAPE are words in the library's own notation, a symbol for each character; `""` is the empty one, and for
several tapes one for each is joined by commas (an INPUT alone is the first tape's). Without INPUT all tapes are blank.
TAPE is what stands from the first to the last cell that is not blank. What an example leaves out, it does not claim.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tm.errors import MachineError
from tm.inputs import Sample
from tm.machine import Machine
from tm.notation.common.builder import Builder
from tm.notation.tapehead.line import Word, fields, positive
from tm.text import json_shown, quoted

__all__ = ["RunExample", "examples_in", "sample_in", "sample_line"]

_LINE = re.compile(r"\s*#\s*example:")
_SAMPLE = re.compile(r"(?m)^\s*#\s*sample:\s*(\{.*\})")
_FORM = "[INPUT] [at HEAD] [seed N] -> [TAPE] [accept | reject] [in N steps]"


@dataclass(frozen=True)
class RunExample:
    """A run, as `simulate` takes it, and what it gives: `tape`, `accepted` and `steps`, None where not claimed.

    `input` is a string, or one for each tape; `tape` has one for each tape.
    """

    input: str | tuple[str, ...] = ""
    head: tuple[int, ...] | int = 0
    seed: int | None = None
    tape: tuple[str, ...] | None = None
    accepted: bool | None = None
    steps: int | None = None


def examples_in(text: str, source: str | None = None) -> tuple[RunExample, ...]:
    """The examples in a text in the library's own notation. Raises MachineError for every line that is none.

    >>> examples_in("# example: 101 -> 110 accept in 6 steps")
    (RunExample(input='101', head=0, seed=None, tape=('110',), accepted=True, steps=6),)
    """
    builder = Builder(text, source)
    examples = tuple(_examples(builder))
    if builder.problems:
        raise MachineError(*builder.problems)
    return examples


def _examples(builder: Builder) -> Iterator[RunExample]:
    """The examples of a text; every line that is none becomes a problem of the builder."""
    for line, words in enumerate(builder.lines, 1):
        match = _LINE.match(words)
        if match:
            scanned = fields(builder, line, match.end() + 1)
            example = _example(scanned) if scanned is not None else None
            if example is not None:
                yield example
            elif scanned is not None:
                builder.problem(
                    "no example", (line, match.end() + 1), expected=_FORM, found=words[match.end() :].strip()
                )


def sample_in(text: str, machine: Machine) -> Sample | None:
    """The file's own input: that of its first `# sample:` (JSON) or else of its first `# example:`, if it has one.

    >>> sample_in("# example: 101 at 2 -> 110", Machine.read("a 0 -> b 1 R"))
    Sample(tapes=(('1', '0', '1'),), heads=(2,))
    """
    comment = _SAMPLE.search(text)
    if comment is not None and (sample := Sample.from_json(comment[1])) is not None:
        return sample
    example = next(_examples(Builder(text)), None)
    if example is None:
        return None
    tapes = (example.input,) if isinstance(example.input, str) else example.input
    tapes = (*tapes, *[""] * (machine.tapes - len(tapes)))
    heads = (example.head,) * machine.tapes if isinstance(example.head, int) else example.head
    return Sample(tuple(map(tuple, tapes)), heads)


def sample_line(sample: Sample) -> str:
    """The comment that says a file's own input: an example, as JSON where symbols are longer than a character.

    >>> sample_line(Sample((("1", "0"), ()), (0, 3)))
    '# example: 10,"" at 0,3 ->'
    """
    symbols = [symbol for tape in sample.tapes for symbol in tape]
    if any(len(symbol) > 1 for symbol in symbols):
        return f"# sample: {sample.json()}"
    tapes = [quoted("".join(tape)) for tape in sample.tapes]
    if tapes[0] in ("at", "seed"):  # would be taken for a keyword
        tapes[0] = json_shown("".join(sample.tapes[0]))
    at = f" at {','.join(map(str, sample.heads))}" if any(sample.heads) else ""
    return f"# example: {','.join(tapes)}{at} ->"


def _example(scanned: list[list[Word]]) -> RunExample | None:
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
    return None if rest else RunExample(input if len(input) > 1 else input[0], head, seed, tape, accepted, steps)


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
