"""What makes a machine a machine: every check, every reason at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from tm.errors import MachineError, Problem
from tm.inputs import UNKNOWN, Inputs
from tm.integers import is_integer
from tm.rule import MOVES, OTHER, Rule, Situation
from tm.text import is_name, quoted

__all__ = ["checked"]

_NAME = "a string of at least one character"


def checked(
    name: object,
    tapes: object,
    blank: object,
    start: object,
    accept: Iterable[object],
    reject: Iterable[object],
    rules: Iterable[object],
    states: Iterable[object],
    symbols: Iterable[object],
    others: Iterable[object] = (),
    nondeterministic: object = False,
    inputs: object = None,
) -> dict[str, Any]:
    """The fields of a machine, put in order. Raises MachineError with every reason why they make none.

    >>> fields = checked("", 1, "_", "a", (), (), (), ("b",), ("0",))
    >>> fields["states"], fields["symbols"]
    (('a', 'b'), ('_', '0'))
    """
    problems: list[Problem] = []
    if not is_integer(tapes, 1):
        problems.append(Problem("the number of tapes is a positive integer", found=repr(tapes), about="tapes"))
        tapes = 0  # no rule is blamed for it
    if not isinstance(name, str) or (name and not is_name(name)):
        problems.append(Problem("the machine's name is a string", found=repr(name), about="machine"))
    if not is_name(blank):
        problems.append(Problem("the blank is a symbol's name", _NAME, repr(blank), about="blank"))
    if inputs is not None and (not isinstance(inputs, Inputs) or inputs.unknown not in UNKNOWN):
        expected = f"tm.Inputs, unknown: {' or '.join(UNKNOWN)}"
        problems.append(Problem("how inputs are typed is not said", expected, repr(inputs), about="inputs"))
    lists = {
        key: list(_names(key, value, problems))
        for key, value in {"accept": accept, "reject": reject, "states": states, "symbols": symbols}.items()
    }
    sound = list(_sound_rules(rules, tapes, problems))
    for_others = list(_sound_others(others, tapes, problems))
    all_rules = sound + for_others
    if nondeterministic:
        sound, for_others = (_choices(group, problems) for group in (sound, for_others))
    elif weighted := [rule for rule in for_others if rule.weight is not None]:
        problems += [Problem("a rule for symbols not named has a weight", found=str(r), about=r) for r in weighted]
    if start is None and sound:
        start = sound[0].state
    if not is_name(start) and not (start is None and problems):
        hint = "name the start state, or give a rule" if start is None else ""
        problems.append(Problem("a machine needs a start state", _NAME, repr(start), hint, about="start"))
    merged = _merged(sound, problems)
    _merged(for_others, problems)
    problems += _final_state_problems(all_rules, lists["accept"], lists["reject"])
    if problems:
        raise MachineError(*problems)
    mentioned = [state for rule in (*merged, *for_others) for state in (rule.state, rule.next_state)]
    used = [symbol for rule in merged for symbol in rule.read + rule.write]
    used += [symbol for rule in for_others for symbol in rule.read + rule.write if symbol != OTHER]
    return {
        "name": name,
        "tapes": tapes,
        "blank": blank,
        "start": start,
        "accept": _once(lists["accept"]),
        "reject": _once(lists["reject"]),
        "rules": tuple(merged),
        "others": tuple(dict.fromkeys(for_others)),
        "states": _once([start, *mentioned, *lists["accept"], *lists["reject"], *lists["states"]]),
        "symbols": _once([blank, *used, *lists["symbols"]]),
        "nondeterministic": any(rule.weight is not None for rule in (*merged, *for_others) if nondeterministic),
        "inputs": inputs or Inputs(),
    }


def _once(names: Iterable[object]) -> tuple[object, ...]:
    return tuple(dict.fromkeys(names))


def _names(key: str, names: Iterable[object], problems: list[Problem]) -> Iterator[str]:
    """The names in a list of them; a problem for each entry that is none, and for a string, which is no list."""
    if isinstance(names, str):
        problems.append(Problem(f"{key} is a list of names", found=repr(names), hint=f"{key}=[{names!r}]", about=key))
        return
    for name in names:
        if isinstance(name, str) and is_name(name):
            yield name
        else:
            problems.append(Problem(f"{key} holds something that is no name", _NAME, repr(name), about=key))


def _sound_rules(rules: Iterable[object], tapes: int, problems: list[Problem]) -> Iterator[Rule]:
    """The well-formed rules among `rules`; a problem for each fault of the others."""
    for rule in rules:
        if not isinstance(rule, Rule):
            problems.append(Problem("the rules hold something that is no Rule", found=repr(rule), about=rule))
            continue
        faults = list(_rule_problems(rule, tapes))
        problems += faults
        if not faults:
            yield rule


def _sound_others(others: Iterable[object], tapes: int, problems: list[Problem]) -> Iterator[Rule]:
    """The well-formed rules for symbols not named: sound once a name stands in the place of the empty string."""
    for other in others:
        filled = other
        if isinstance(other, Rule) and isinstance(other.read, tuple) and isinstance(other.write, tuple):
            read, write = (tuple(symbol or "other" for symbol in part) for part in (other.read, other.write))
            filled = replace(other, read=read, write=write)
        for _ in _sound_rules([filled], tapes, problems):
            if isinstance(other, Rule):
                problems += _wildcard_problems(other)
                yield other


def _wildcard_problems(rule: Rule) -> Iterator[Problem]:
    """What a rule for symbols that the machine does not name says that makes no sense."""
    if OTHER not in rule.read:
        yield Problem("a rule for symbols not named reads none of them", found=str(rule), about=rule)
    if any(new == OTHER != old for new, old in zip(rule.write, rule.read, strict=False)):
        yield Problem("a rule writes a symbol that it does not read", found=str(rule), about=rule)


def _rule_problems(rule: Rule, tapes: int) -> Iterator[Problem]:
    for state in (rule.state, rule.next_state):
        if not is_name(state):
            yield Problem("a rule's state is no name", _NAME, repr(state), text=repr(rule), about=rule)
    parts: list[tuple[str, object]]
    parts = [("symbols read", rule.read), ("symbols written", rule.write), ("moves", rule.moves)]
    for what, values in parts:
        if not isinstance(values, tuple):
            yield Problem(f"a rule's {what} stand in a tuple", found=repr(values), text=repr(rule), about=rule)
            continue
        if tapes and len(values) != tapes:
            expected = f"{tapes}, one for each tape"
            yield Problem(f"wrong number of {what}", expected, _counted(values), text=_text(rule), about=rule)
        for value in values:
            if what == "moves" and value not in MOVES:
                yield Problem("no such move", "L, S or R", repr(value), text=_text(rule), about=rule)
            elif not is_name(value):
                yield Problem("a rule's symbol is no name", _NAME, repr(value), text=repr(rule), about=rule)
    weight: object = rule.weight
    if weight is not None and not is_integer(weight, 1):
        yield Problem("a weight is a positive integer", found=repr(weight), text=_text(rule), about=rule)


def _counted(values: tuple[object, ...]) -> str:
    return f"{len(values)} ({','.join(str(value) for value in values)})"


def _text(rule: Rule) -> str:
    """The rule in the library's own notation, or its repr where that cannot be written."""
    try:
        return str(rule)
    except (AttributeError, TypeError):
        return repr(rule)


def _choices(rules: list[Rule], problems: list[Problem]) -> list[Rule]:
    """A nondeterministic machine's rules, each once: of weight 1 where several are for a situation, else of none."""
    weighted = [rule for rule in rules if rule.weight not in (None, 1)]
    problems += [Problem("a nondeterministic machine has no weights", found=str(r), about=r) for r in weighted]
    actions: dict[Situation, set[object]] = {}
    for rule in rules:
        actions.setdefault(rule.situation, set()).add(rule.action)
    weights = {situation: 1 if len(several) > 1 else None for situation, several in actions.items()}
    fitted = (r if r.weight == weights[r.situation] else replace(r, weight=weights[r.situation]) for r in rules)
    return list(dict.fromkeys(fitted))


def _merged(rules: Iterable[Rule], problems: list[Problem]) -> list[Rule]:
    """The rules with equal ones merged; a problem for each that contradicts the first of its situation."""
    merged: dict[tuple[object, ...], Rule] = {}
    first: dict[Situation, Rule] = {}
    for rule in rules:
        earlier = first.setdefault(rule.situation, rule)
        if (earlier.weight is None) != (rule.weight is None) or (earlier.action != rule.action and rule.weight is None):
            hint = "keep one of them; to draw between them give both a weight, as our own notation can (x 1)"
            problems.append(
                Problem("two different rules for one situation", f"only {earlier}", str(rule), hint, about=rule)
            )
        key = (rule.situation, rule.action)
        if key in merged and rule.weight is not None:
            rule = replace(rule, weight=(merged[key].weight or 0) + rule.weight)
        merged[key] = rule
    return list(merged.values())


def _final_state_problems(rules: Iterable[Rule], accept: list[str], reject: list[str]) -> Iterator[Problem]:
    for state in dict.fromkeys(accept):
        if state in reject:
            yield Problem(f"state {quoted(state)} both accepts and rejects", hint="keep one", about="reject")
    for rule in rules:
        for kind, states in (("accept", accept), ("reject", reject)):
            if rule.state in states:
                message = f"the {kind} state {quoted(rule.state)} has a rule"
                hint = f"leave out the rule, or take the state from the {kind} states: a machine halts there"
                yield Problem(message, "none", str(rule), hint, about=rule)
