"""Names in rules: one that the headers do not list is an error; where they list none, a likely slip is a warning."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable

from tm.name import quoted
from tm.notation.common.builder import Builder
from tm.notation.tapehead.headers import Headers
from tm.rule import OTHER, Rule

__all__ = ["check_names"]


def check_names(builder: Builder, headers: Headers, known_states: list[str], blank: list[str]) -> None:
    """Look at every name in the builder's rules; `known_states` are the start state and the final ones.

    >>> builder = Builder("states: go done\\ngo 0 -> doen 1 R")
    >>> builder.rule(Rule("go", ("0",), "doen", ("1",), ("R",)), (2, 1))
    >>> headers = Headers(builder)
    >>> headers.read(1)
    >>> check_names(builder, headers, ["go"], ["_"])
    >>> print(builder.problems[0])
    line 2:1: state doen is not among the states
        go 0 -> doen 1 R
        ^
        expected: go done
        found: doen
        mend: did you mean done? If it is meant, add it to `states:`
    """
    if listed := headers.names("states"):
        _unlisted(builder, "state", [*known_states, *listed], lambda rule: (rule.state, rule.next_state))
    elif not builder.problems:
        final = set(headers.names("accept") + headers.names("reject"))
        _slips(builder, headers, final, known_states[0])
    if listed := headers.names("symbols"):
        _unlisted(builder, "symbol", [*blank, *listed], lambda rule: (*rule.read, *rule.write))


def _unlisted(builder: Builder, what: str, listed: list[str], named: Callable[[Rule], tuple[str, ...]]) -> None:
    listed = list(dict.fromkeys(listed))
    for rule in builder.rules:
        for name in dict.fromkeys(named(rule)):
            if name not in listed and name != OTHER:
                near = _near(name, listed)
                hint = f"did you mean {quoted(near)}? If it is meant, add" if near else "add"
                builder.problem(
                    f"{what} {quoted(name)} is not among the {what}s",
                    builder.place_of(rule),
                    expected=" ".join(map(quoted, listed)),
                    found=quoted(name),
                    hint=f"{hint} it to `{what}s:`",
                )


def _slips(builder: Builder, headers: Headers, final: set[str], start: str) -> None:
    """Warn of a final state that nothing leads to, and, where final states are named, of other states without rules."""
    ruled = {rule.state for rule in builder.rules}
    targets = {rule.next_state: rule for rule in builder.rules}
    for key in ("accept", "reject"):
        for name in headers.names(key):
            if builder.rules and name not in targets and name != start:
                near = _near(name, targets.keys() - ruled)
                hint = f"did you mean {quoted(near)}?" if near else ""
                builder.warning(f"no rule leads to the {key} state {quoted(name)}", headers.places[key], hint=hint)
    for name in sorted(targets.keys() - ruled - final) if final else ():
        near = _near(name, ruled | final)
        hint = f"did you mean {quoted(near)}? If it is meant, list all states: `states:`" if near else ""
        message = f"state {quoted(name)} has no rules, and neither accepts nor rejects: the machine halts there"
        builder.warning(message, builder.place_of(targets[name]), hint=hint)


def _near(name: str, names: Iterable[str]) -> str:
    return "".join(difflib.get_close_matches(name, sorted(names), 1, 0.5))
