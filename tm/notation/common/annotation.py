"""What a notation cannot say, said in a comment that the notation's own tool skips and our reader takes in.

A writer renames what cannot be spelled, writes, and reads its own text; what is then missing or different (names, the
start state, what accepts) goes into a comment: `tapehead: {"symbols": {"_": "0"}, ...}`, one JSON object.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import product
from typing import Any

from tm.composition import renamed
from tm.errors import MachineError, NotationWarning, Problem
from tm.inputs import Sample
from tm.machine import Machine
from tm.rule import OTHER, Rule

__all__ = ["apply_annotation", "unsupported", "write_annotated"]

_MARK = re.compile(r"(?m)^[^\S\n]*(?:#|;|//|<!--) tapehead: (\{.*\})")
"""A line of comment in any of the notations, so that no name is taken for it."""
_LISTS = ("accept", "reject", "more states", "more symbols")
_MAPS = ("states", "symbols")
_TYPES = {"machine": str, "start": str, "decides": bool}
_MEND = "write it in another notation: tapehead says every machine"

Body = Callable[[Machine, list[str]], str]
"""Writes a machine whose names can all be spelled, with some lines of comment."""


def write_annotated(
    machine: Machine,
    body: Body,
    read: Callable[[str], Machine],
    *,
    states: dict[str, str],
    symbols: dict[str, str],
    comments: Iterable[str] = (),
    wildcards: bool = False,
) -> str:
    """The machine as `body` writes it, its names spelled as the two mappings say, with an annotation if one is needed.

    `wildcards` says that the notation can say rules for symbols that the machine does not name; where it cannot, the
    text goes without them and says so. Raises MachineError where the text would not read back as the same machine, for
    whatever reason.
    """
    plain, comments = renamed(machine, states, symbols), list(comments)
    if machine.others and not (wildcards and _covered(machine)):
        plain = replace(plain, others=(), states=plain.states, symbols=plain.symbols)
        comments.append("What the machine does on symbols that it does not name is left out here, save for our reader:")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotationWarning)
        facts = _missing_facts(machine, read(body(plain, comments)), states, symbols)
        text = body(plain, [*comments, *_comment_lines(facts)])
        if read(text) != machine:
            raise MachineError(Problem("this notation cannot say this machine", hint="write it in another notation"))
    return text


def _missing_facts(
    machine: Machine, seen: Machine, states: dict[str, str], symbols: dict[str, str]
) -> dict[str, object]:
    """What has to be said of a machine beyond what is seen in its text."""
    facts: dict[str, object] = {}
    back = {"states": {new: old for old, new in states.items()}, "symbols": {new: old for old, new in symbols.items()}}
    for key, names in back.items():
        spellings = {name: old for name, old in names.items() if name in getattr(seen, key)}
        facts |= {key: spellings} if spellings else {}
    real = renamed(seen, *(facts.get(key) for key in _MAPS))  # type: ignore[arg-type]
    if machine.name and real.name != machine.name:
        facts["machine"] = machine.name
    for key in ("start", "accept", "reject"):
        if getattr(real, key) != getattr(machine, key):
            facts[key] = getattr(machine, key)
    if bool(real.accept or real.decides) != bool(machine.accept or machine.decides):
        facts["decides"] = machine.decides
    if set(real.others) != set(machine.others):
        facts["others"] = [[r.state, r.read, r.next_state, r.write, r.moves] for r in machine.others]
    if real.inputs.sample != machine.inputs.sample and machine.inputs.sample is not None:
        facts["sample"] = json.loads(machine.inputs.sample.json())
    for key in _MAPS:
        more = [name for name in getattr(machine, key) if name not in getattr(real, key)]
        facts |= {f"more {key}": more} if more else {}
    return facts


def _comment_lines(facts: dict[str, object]) -> list[str]:
    """The annotation, if any, on one line, in ASCII, without what ends a comment in some notation."""
    if not facts:
        return []
    text = json.dumps(facts)
    for sign in "-$;/<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return [f"tapehead: {text}"]


def apply_annotation(machine: Machine, text: str, source: str | None = None) -> Machine:
    """The machine with what an annotation in its text says of it; itself where there is none.

    Raises MachineError for an annotation that cannot be right.

    >>> apply_annotation(Machine.read("a _ -> b 1 R"), '; tapehead: {"symbols": {"_": "0"}, "accept": ["b"]}')
    <Machine without a name: 2 states, 2 symbols, 1 rules, 1 tape>
    """
    match = _MARK.search(text)
    if match is None:
        return machine
    line = text[: match.start()].count("\n") + 1

    def wrong(message: str, found: str) -> MachineError:
        hint = "take the whole comment out, or write the file again"
        return MachineError(Problem(message, "", found, hint, source, line, text=text.split("\n")[line - 1][:200]))

    try:
        facts = json.loads(match[1])
    except (ValueError, RecursionError) as error:
        raise wrong("the remark of this library is no JSON", str(error)) from None
    odd = [key for key, value in facts.items() if not _is_sound(key, value)]
    if odd:
        raise wrong("a remark of this library that says nothing sensible", ", ".join(odd))
    names = [{new: old for new, old in facts.get(key, {}).items() if new in getattr(machine, key)} for key in _MAPS]
    try:
        return _with_facts(renamed(machine, *names), facts)
    except MachineError as error:
        raise MachineError(*(replace(problem, source=source, line=line) for problem in error.problems)) from None


def _with_facts(machine: Machine, facts: dict[str, Any]) -> Machine:
    machine = machine.sampled(Sample.from_value(facts.get("sample")))
    return replace(
        machine,
        name=facts.get("machine", machine.name),
        start=facts.get("start", machine.start),
        accept=facts.get("accept", machine.accept),
        reject=facts.get("reject", machine.reject),
        others=tuple(_rule(*parts) for parts in facts["others"]) if "others" in facts else machine.others,
        states=(*facts.get("more states", ()), *machine.states),
        symbols=(*facts.get("more symbols", ()), *machine.symbols),
        decides=facts.get("decides", machine.decides),
    )


def _covered(machine: Machine) -> bool:
    """Whether a wildcard says the rules for others: a state that has one has a rule for every symbol that is named."""
    situations = {rule.situation for rule in machine.rules + machine.others}
    reads = list(product([*machine.symbols, OTHER], repeat=machine.tapes))
    return all((state, read) in situations for state in {rule.state for rule in machine.others} for read in reads)


def _rule(state: str, read: list[str], next_state: str, write: list[str], moves: list[str]) -> Rule:
    return Rule(state, tuple(read), next_state, tuple(write), tuple(moves))


def _is_sound(key: str, value: object) -> bool:
    if key == "others":
        return isinstance(value, list) and all(_is_rule(parts) for parts in value)
    if key == "sample":
        return Sample.from_value(value) is not None
    if key in _MAPS:
        return isinstance(value, dict) and all(isinstance(name, str) for name in value.values())
    if key in _LISTS:
        return isinstance(value, list) and all(isinstance(name, str) for name in value)
    return key in _TYPES and isinstance(value, _TYPES[key])


def _is_rule(parts: object) -> bool:
    """Whether a value of the annotation has the form of a rule; what it says is for the machine to judge."""
    if not isinstance(parts, list) or len(parts) != 5:
        return False
    lists = (parts[1], parts[3], parts[4])
    return all(isinstance(part, list) and all(isinstance(name, str) for name in part) for part in lists)


# ---------------------------------------------------------------------------------------------- what no comment can say


def unsupported(machine: Machine, notation: str, *, tapes: int = 1, choices: bool = False) -> Iterator[Problem]:
    """A problem for more tapes than the notation has, for rules drawn by weight, and for choices if it has none.

    >>> [problem.message for problem in unsupported(Machine(start="a", tapes=2), "morphett")]
    ['morphett cannot say it: several tapes']
    """
    if machine.tapes > tapes:
        expected = "one tape" if tapes == 1 else f"at most {tapes} tapes"
        what = "several tapes" if tapes == 1 else "so many tapes"
        yield Problem(f"{notation} cannot say it: {what}", expected, str(machine.tapes), _MEND)
    weighted = [rule for rule in machine.rules + machine.others if rule.weight is not None]
    if weighted and machine.nondeterministic:
        if not choices:
            count = len({rule.situation for rule in weighted})
            found = f"{count} situation{'s' * (count > 1)} with several, such as {weighted[0].state}"
            yield Problem(f"{notation} cannot say it: nondeterminism", "one rule for a situation", found, _MEND)
    elif weighted:
        found = str(weighted[0]) + (f" and {len(weighted) - 1} more" if len(weighted) > 1 else "")
        yield Problem(f"{notation} cannot say it: rules drawn by weight", "no weights", found, _MEND)
