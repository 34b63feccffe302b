"""Larger machines from smaller ones: renaming, one after the other, a branch on acceptance; and comparing two."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import product

from tm.errors import MachineError, Problem
from tm.machine import Machine
from tm.rule import OTHER, Rule
from tm.simulator import outcome
from tm.start import Input, declared
from tm.text import quoted

__all__ = ["branched", "equivalent", "renamed", "sequence"]

_Target = Callable[[str], "str | None"]
"""Where a run goes on that halted in a state: a state, or None where it ends."""


def renamed(
    machine: Machine, states: Mapping[str, str] | None = None, symbols: Mapping[str, str] | None = None
) -> Machine:
    """The machine with other names for some of its states and symbols; the other names stay.

    Raises MachineError where a name is not the machine's, or two would become one.

    >>> print(renamed(Machine.read("a 0 -> b 1 R"), {"a": "start"}, {"1": "one"}).rules[0])
    start 0 -> b one R
    """
    state, symbol = (
        _bijection("state", machine.states, states or {}),
        _bijection("symbol", machine.symbols, symbols or {}),
    )

    sample = machine.inputs.sample

    def with_new_names(rule: Rule) -> Rule:
        read, write = (tuple(symbol[name] if name else OTHER for name in part) for part in (rule.read, rule.write))
        return replace(rule, state=state[rule.state], read=read, next_state=state[rule.next_state], write=write)

    return Machine(
        name=machine.name,
        tapes=machine.tapes,
        blank=symbol[machine.blank],
        start=state[machine.start],
        accept=[state[name] for name in machine.accept],
        reject=[state[name] for name in machine.reject],
        rules=[with_new_names(rule) for rule in machine.rules],
        others=[with_new_names(rule) for rule in machine.others],
        states=[state[name] for name in machine.states],
        symbols=[symbol[name] for name in machine.symbols],
        decides=machine.decides,
        nondeterministic=machine.nondeterministic,
        inputs=replace(machine.inputs, sample=sample and sample.renamed(symbol)),
    )


def _bijection(what: str, names: Iterable[str], new: Mapping[str, str]) -> dict[str, str]:
    """Every name with its new one. Raises MachineError for unknown names and for two that become one."""
    full = {name: new.get(name, name) for name in names}
    problems = [
        Problem(f"no such {what}", " ".join(map(quoted, full)), quoted(name)) for name in new if name not in full
    ]
    old_names: dict[str, str] = {}
    for name, target in full.items():
        if old_names.setdefault(target, name) != name:
            problems.append(
                Problem(f"two {what}s would get one name", found=f"{quoted(old_names[target])} and {quoted(name)}")
            )
    if problems:
        raise MachineError(*problems)
    return full


def sequence(first: Machine, second: Machine) -> Machine:
    """The machine that runs `first` and, where it halts, goes on with `second`, the heads staying where they are.

    A state without rules becomes the second machine's start state, at no cost; where a state with rules has none for
    what is read, one step that changes nothing leads there. A state of the second whose name is taken gets a prime.
    Raises MachineError for machines of different blanks or numbers of tapes.

    >>> from tm import outcome
    >>> right = Machine.read("a 1 -> a 1 R")
    >>> append = Machine.read("accept: done\\na _ -> done 1 S")
    >>> outcome(sequence(right, append), "11").tape
    ['1', '1', '1']
    """
    (second,) = _fitted(first, [second])
    return _joined(first, [second], lambda state: second.start)


def branched(test: Machine, *, accept: Machine | None = None, reject: Machine | None = None) -> Machine:
    """The machine that runs `test` and goes on with `accept` where it accepts and with `reject` where it rejects.

    Where the branch is left out, or `test` leaves open whether it accepts, the run ends. What is said of states and
    steps at `sequence` holds here, too. As in every machine, where there are accept states all other halting rejects.

    >>> from tm import outcome
    >>> test = Machine.read("accept: yes\\nreject: no\\na 0 -> no 0 S\\na 1 -> yes 1 S")
    >>> both = branched(test, accept=Machine.read("y 1 -> z 7 S"), reject=Machine.read("n 0 -> z 3 S"))
    >>> outcome(both, "1").tape, outcome(both, "0").tape
    (['7'], ['3'])
    """
    branches = {verdict: machine for verdict, machine in ((True, accept), (False, reject)) if machine is not None}
    fitted = dict(zip(branches, _fitted(test, list(branches.values())), strict=True))

    def target(state: str) -> str | None:
        verdict = test.accepts(state)
        return fitted[verdict].start if verdict in fitted else None

    return _joined(test, list(fitted.values()), target)


def _fitted(first: Machine, others: list[Machine]) -> list[Machine]:
    """The other machines with states of their own. Raises MachineError where blanks or numbers of tapes differ."""
    states, fitted = set(first.states), []
    problems = []
    for other in others:
        if other.tapes != first.tapes:
            problems.append(Problem("the machines have different numbers of tapes", str(first.tapes), str(other.tapes)))
        if other.blank != first.blank:
            hint = "rename the symbols of one of them"
            problems.append(
                Problem("the machines have different blanks", quoted(first.blank), quoted(other.blank), hint)
            )
        names: dict[str, str] = {}
        for state in other.states:
            names[state] = state
            while names[state] in states:
                names[state] += "'"
            states.add(names[state])
        fitted.append((other, names))
    if problems:
        raise MachineError(*problems)
    return [renamed(other, names) for other, names in fitted]


def _joined(first: Machine, others: list[Machine], target: _Target) -> Machine:
    """One machine of several with different states, `first` first; where it halts, `target` says how it goes on."""
    symbols = list(dict.fromkeys(symbol for machine in (first, *others) for symbol in machine.symbols))
    first, *others = (declared(machine, symbols) for machine in (first, *others))
    ruled = {rule.state for rule in first.rules + first.others}
    onward = {state: target(state) for state in first.states}
    landing = {state: onward[state] or state for state in first.states if state not in ruled}
    rules = [
        replace(rule, next_state=landing.get(rule.next_state, rule.next_state)) for rule in first.rules + first.others
    ]
    situations, stay = {rule.situation for rule in rules}, ("S",) * first.tapes
    several = [*symbols, OTHER] if first.others else symbols
    for state, read in product(sorted(ruled, key=first.states.index), product(several, repeat=first.tapes)):
        goal = onward[state]
        if goal is not None and (state, read) not in situations:
            rules.append(Rule(state, read, goal, read, stay, 1 if first.stochastic else None))
    remaining = [state for state in first.states if landing.get(state, state) == state]
    parts = [first, *others]
    return Machine(
        name=" ".join(filter(None, (machine.name for machine in parts))),
        tapes=first.tapes,
        blank=first.blank,
        start=landing.get(first.start, first.start),
        accept=[*(s for s in first.accept if s in remaining), *(s for machine in others for s in machine.accept)],
        reject=[*(s for s in first.reject if s in remaining), *(s for machine in others for s in machine.reject)],
        rules=[*(r for r in rules if OTHER not in r.read), *(rule for machine in others for rule in machine.rules)],
        others=[*(r for r in rules if OTHER in r.read), *(rule for machine in others for rule in machine.others)],
        states=[*remaining, *(state for machine in others for state in machine.states)],
        symbols=symbols,
        decides=any(machine.decides for machine in others),
        nondeterministic=any(machine.nondeterministic for machine in parts),
        inputs=first.inputs,
    )


def equivalent(
    first: Machine, second: Machine, inputs: Iterable[Input], *, max_steps: int = 10_000, seed: int | None = None
) -> bool:
    """Whether two machines do the same with each of the inputs: halt or not, accept or not, and leave the same tapes.

    Names of states and of the blank, numbers of steps and places of the heads are not compared; a run that has not
    halted after `max_steps` steps counts as one that does not halt. Raises InputError for what either cannot run.

    >>> flip = Machine.read("a 0 -> a 1 R\\na 1 -> a 0 R")
    >>> equivalent(flip, renamed(flip, {"a": "b"}), ["", "0110"])
    True
    >>> equivalent(flip, Machine.read("a 0 -> b 1 R"), ["00"])
    False
    """

    def result(machine: Machine, input: Input) -> object:
        run = outcome(machine, input, max_steps=max_steps, seed=seed)
        if not run.halted:
            return None
        tapes = run.tape if machine.tapes > 1 else [run.tape]
        cells = [[None if symbol == machine.blank else symbol for symbol in tape] for tape in tapes]
        return run.accepted, cells

    return all(result(first, input) == result(second, input) for input in inputs)
