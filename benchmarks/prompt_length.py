"""How many examples a learner's prompt needs, and how many it would need if an example could say more.

Counted for each state by itself: an example names it. "*" stands for any symbol (examples have that), "=" for the
symbol that was read, to be written again, and a set for one of several symbols (examples have neither). An example may
cover situations for which there is no rule, as no run comes there. Covers are greedy; where there are as many rules of
which no two fit into one example, no cover is smaller.

    python -m benchmarks.prompt_length
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import product
from typing import Any

from tm import Machine, Rule
from tm.learners.averaged import averaged_machine
from tm.learners.count import count_machine
from tm.learners.network import network_machine
from tm.learners.perceptron import perceptron_machine

Read = tuple[str, ...]
Action = tuple[Any, ...]
"""Next state, what is written (None: what was read) and moves."""
Rules = dict[Read, Rule]
"""Of one state."""
Actions = Callable[[Rule], Iterable[Action]]


def written_out(rule: Rule) -> Iterator[Action]:
    """The action of a rule as examples have it."""
    yield rule.next_state, rule.write, rule.moves


def same_or_written_out(rule: Rule) -> Iterator[Action]:
    """The ways to say the action of a rule where "=" may stand for what was read."""
    ways = [(new,) if new != old else (new, None) for old, new in zip(rule.read, rule.write, strict=True)]
    return ((rule.next_state, write, rule.moves) for write in product(*ways))


def with_any(rules: Rules, actions: Actions) -> list[set[Read]]:
    """What each example with "*" covers, of those that say nothing wrong of any rule."""
    covered, meant = defaultdict[Any, set[Read]](set), defaultdict[Any, set[Read]](set)
    for read, rule in rules.items():
        for some in product(*((symbol, None) for symbol in read)):
            meant[some].add(read)
            for action in actions(rule):
                covered[some, action].add(read)
    return [cover for (some, _), cover in covered.items() if cover == meant[some]]


def with_sets(rules: Rules, actions: Actions) -> list[set[Read]]:
    """What examples with sets cover: from each rule on, sets grow symbol by symbol, while nothing is wrong."""
    says = {read: set(actions(rule)) for read, rule in rules.items()}
    symbols = [list(dict.fromkeys(each)) for each in zip(*rules, strict=True)]
    covers = []
    for read, ways in says.items():
        for action in ways:
            sets = [[symbol] for symbol in read]
            for tape, each in enumerate(symbols):
                for symbol in each:
                    new = product(*sets[:tape], [symbol], *sets[tape + 1 :])
                    if symbol not in sets[tape] and all(action in says[r] for r in new if r in says):
                        sets[tape].append(symbol)
            covers.append({r for r in product(*sets) if r in says})
    return covers


def greedy(rules: Rules, covers: list[set[Read]]) -> int:
    """How many examples a greedy cover takes."""
    left, taken = set(rules), 0
    while left:
        left -= max(covers, key=lambda cover: len(cover & left))
        taken += 1
    return taken


def apart(rules: Rules, covers: list[set[Read]]) -> int:
    """How many rules there are, by a greedy search, of which no two fit into one example: no cover has fewer."""
    beside = {read: set[Read]().union(*(cover for cover in covers if read in cover)) for read in rules}
    left, taken = set(rules), 0
    while left:
        left -= beside[min(left, key=lambda read: (len(beside[read] & left), read))]
        taken += 1
    return taken


def examples(machine: Machine) -> tuple[int, int, int, int]:
    """How many examples with "*"; with "*" and "=", and no fewer than how many; with sets and "="."""
    states: dict[str, Rules] = defaultdict(dict)
    for rule in machine.rules:
        states[rule.state][rule.read] = rule
    counts = [0, 0, 0, 0]
    for rules in states.values():
        same = with_any(rules, same_or_written_out)
        counts[0] += greedy(rules, with_any(rules, written_out))
        counts[1] += greedy(rules, same)
        counts[2] += apart(rules, same)
        counts[3] += greedy(rules, with_sets(rules, same_or_written_out))
    return counts[0], counts[1], counts[2], counts[3]


def main() -> None:
    """Print a line for each learner."""
    for machine in (perceptron_machine(), averaged_machine(), count_machine(("a", "b"), ("x", "y")), network_machine()):
        wild, same, least, sets = examples(machine)
        print(
            f"{machine.name:10}  {len(machine.rules):5,} rules   with * {wild:5,}   with * and = {same:5,} "
            f"(no cover has fewer than {least:,})   with sets and = {sets:5,}"
        )


if __name__ == "__main__":
    main()
