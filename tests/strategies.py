"""Hypothesis strategies: names that are awkward to write down, and machines made of them."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from tm import MOVES, Machine, Rule

AWKWARD = [
    "*",
    "->",
    "#",
    ",",
    '"',
    " ",
    "\n",
    "\t",
    "\\",
    "x",
    "L",
    "start:",
    "machine:",
    "0",
    "_",
    "\ufeff",
    "\u2028",
]

LOOKALIKES = [
    *("init", "init:", "name", "name:", "accept", "accept:", "start:", "start state", "blank:", "machine:", "states:"),
    *("loop:", "A:", "table", "table:", "source code: |", "A", "B", "Z", "0", "1", "42", "1RB", "0LA", "---", "..."),
    *("1RB1LB_1LA1RZ", "https://bbchallenge.org/1RB1LB_1LA1RZ", "mAQACAQECAQEBAAAA", "u1", "cR2", "10<L1", "10<-"),
    *(
        "'a'",
        '"a"',
        "it's",
        "a,0",
        "b,1,>",
        ">",
        "<",
        "-",
        "l",
        "r",
        "R",
        "S",
        "*",
        "->",
        "# a",
        "// b",
        "; c",
        "{",
        "}",
    ),
    *("{a: b}", "[0]", "<structure>", "<automaton>", "DTM(", "transitions=", "digraph {", "stateDiagram-v2", "halt"),
    *(
        "0 1 0 r 0",
        "a 0 -> b 1 R",
        "a,0\nb,1,>",
        "tapehead: {}",
        "null",
        "non-deterministic variant of the simulator",
        "1e3",
        "~",
        "!a",
        "a}x",
        "|",
        "_",
        " ",
        "\t",
    ),
]
"""Names that mean something in some notation, or are whole lines of one."""

names = st.one_of(st.sampled_from(AWKWARD), st.text(min_size=1, max_size=4), st.sampled_from("abc01_"))
"""Names of states and symbols: any nonempty text, those that mean something in a notation above all."""


@st.composite
def machines(
    draw: st.DrawFn,
    max_tapes: int = 3,
    weights: bool = True,
    others: bool = True,
    choices: bool = True,
    names: st.SearchStrategy[str] = names,
) -> Machine:
    """Any machine: awkward names, several tapes, final states, weights, choices, names that no rule mentions, no rules.

    Some decide without accept states, some have rules for symbols that they do not name.
    """
    tapes = draw(st.integers(1, max_tapes))
    states = draw(st.lists(names, min_size=1, max_size=6, unique=True))
    symbols = draw(st.lists(names, min_size=1, max_size=5, unique=True))
    final = draw(st.integers(0, len(states) - 1))
    accepting = draw(st.integers(0, final))
    stochastic = draw(st.booleans()) if weights else False
    nondeterministic = draw(st.booleans()) if choices and not stochastic else False
    some, any_state = st.sampled_from(symbols), st.sampled_from(states)
    each = st.tuples(*[some] * tapes)
    rule = st.builds(
        Rule,
        state=st.sampled_from(states[final:]),
        read=each,
        next_state=any_state,
        write=each,
        moves=st.tuples(*[st.sampled_from(MOVES)] * tapes),
        weight=st.integers(1, 10**6) if stochastic else st.none(),
    )
    by_action, by_situation = (lambda rule: (rule.situation, rule.action)), (lambda rule: rule.situation)
    key = by_action if stochastic or nondeterministic else by_situation
    return Machine(
        name=draw(st.one_of(st.text(max_size=8), st.sampled_from(AWKWARD))),
        tapes=tapes,
        blank=symbols[0],
        start=draw(st.sampled_from(states)),
        accept=states[:accepting],
        reject=states[accepting:final],
        rules=draw(st.lists(rule, max_size=8, unique_by=key)),
        others=draw(st.lists(_other(rule, tapes), max_size=2, unique_by=lambda rule: rule.situation)) if others else (),
        decides=draw(st.booleans()),
        nondeterministic=nondeterministic,
        states=draw(st.permutations(states)),
        symbols=draw(st.permutations(symbols)),
    )


def _other(rule: st.SearchStrategy[Rule], tapes: int) -> st.SearchStrategy[Rule]:
    """A rule that reads a symbol that the machine does not name, and writes it back or another one."""

    def opened(rule: Rule, tape: int, kept: bool) -> Rule:
        read = tuple("" if index == tape else symbol for index, symbol in enumerate(rule.read))
        write = tuple("" if index == tape and kept else symbol for index, symbol in enumerate(rule.write))
        return replace(rule, read=read, write=write, weight=None)

    return st.builds(opened, rule, st.integers(0, tapes - 1), st.booleans())
