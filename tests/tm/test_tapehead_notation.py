from __future__ import annotations

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import AWKWARD, machines
from tm import Machine, MachineError, Rule
from tm.errors import NotationWarning
from tm.registry import read, write

ALL = """
# every header, in no particular order
   symbols: 7 "a b" 0 1 "#" "\\"" \\
tapes: 2
machine: two heads  # one a tape
reject: no "not so"
start: "q 0"
accept: yes
blank: .
states: spare "q 0"

"q 0" 0,.  -> yes 1,. R,S   # a comment
"q 0" "#" , 1 -> no "\\"", \\ L,R x 3
"""


def problems(text: str) -> list[str]:
    """What is wrong with a text: line, column and message of each problem."""
    with pytest.raises(MachineError) as caught:
        read(text, "tapehead", "wrong.tm")
    all_problems = caught.value.problems
    assert all(problem.source == "wrong.tm" for problem in all_problems)
    assert all(problem.text == text.split("\n")[(problem.line or 0) - 1].replace("\t", " ") for problem in all_problems)
    return [f"{problem.line}:{problem.column} {problem.message}" for problem in all_problems]


def rules(text: str) -> set[str]:
    return set(map(str, read(text, "tapehead").rules))


def test_every_header_and_every_part_of_a_rule():
    machine = read(ALL)
    assert machine == Machine(
        tapes=2,
        blank=".",
        start="q 0",
        accept=["yes"],
        reject=["no", "not so"],
        states=["spare"],
        symbols=["7", "a b"],
        rules=[
            Rule("q 0", ("0", "."), "yes", ("1", "."), ("R", "S")),
            Rule("q 0", ("#", "1"), "no", ('"', "\\"), ("L", "R"), 3),
        ],
    )
    assert machine.name == "two heads"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_ends_of_lines(newline):
    assert read(ALL.replace("\n", newline)) == read(ALL)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("a 0 -> b 1 R", "start: a\nblank: _\ntapes: 1\na 0 -> b 1 R"),
        ("blank:0\na 0 -> b 1 R", "blank : 0\na 0 -> b 1 R"),
        ("accept: b, c\na 0 -> b 1 R\na 1 -> c 1 R", "accept: b c\na 0 -> b 1 R\na 1 -> c 1 R"),
        ("accept:\na 0 -> b 1 R", "a 0 -> b 1 R"),
        ('"a" "0" -> "b" "1" R', "a 0 -> b 1 R"),
        ("start: 0 -> start: 1 R", '"start:" 0 -> "start:" 1 R'),
        ("x x -> x x R x 2", '"x" "x" -> "x" "x" R x 2'),
        ("a 0 -> b 1 R x 1\na 0 -> b 1 R x 02", "a 0 -> b 1 R x 3"),
        ("machine: from a -> b\na 0 -> b 1 R", "a 0 -> b 1 R"),
        ("\ufeffa 0 -> b 1 R", "a 0 -> b 1 R"),
        ('a "\\u00e9" -> b é R', "a é -> b é R"),
    ],
)
def test_texts_that_say_the_same(text, same):
    assert read(text) == read(same)


def test_the_writer_is_what_the_design_shows():
    text = (
        "machine: increment\nblank: _\nstart: right\naccept: done\nright 0 -> right 0 R\nright 1 -> right 1 R\n"
        "right _ -> carry _ L\ncarry 1 -> carry 0 L\ncarry 0 -> done 1 S\ncarry _ -> done 1 S\n"
    )
    assert write(read(text)) == text


@given(machines())
def test_every_machine_reads_back_as_it_was_written(machine):
    again = read(write(machine, "tapehead"), "tapehead")
    assert again == machine
    assert again.name == machine.name
    assert (again.states, again.symbols, again.rules) == (machine.states, machine.symbols, machine.rules)


# ------------------------------------------------------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["1:1 the text holds no machine"]),
        ("# nothing\n\n", ["1:1 the text holds no machine"]),
        ("machine: a", ["1:1 a machine needs a start state"]),
        ("a 0 => b 1 R", ["1:1 neither a header nor a rule"]),
        ("  hello", ["1:3 neither a header nor a rule"]),
        ("begin: a", ["1:1 no such header"]),
        ("start: a\nnondeterministic: maybe", ["2:19 whether the machine is nondeterministic"]),
        ("nondeterministic: yes\na 0 -> b 1 R x 3", ["2:1 a nondeterministic machine has no weights"]),
        ("nondeterministic: no\na 0 -> b 1 R\na 0 -> c 1 R", ["3:1 two different rules for one situation"]),
        ("start: a\nunknown: maybe", ["2:10 what becomes of symbols that the machine does not name"]),
        ("start state: a", ["1:1 no such header"]),
        ("start: a\nstart: b\na 0 -> b 1 R", ["2:1 `start:` is said twice"]),
        ("a 0 -> b 1 R\nstart: a", ["2:1 a header after a rule"]),
        ("start:\na 0 -> b 1 R", ["1:1 `start:` takes one value"]),
        ("start: a b\na 0 -> b 1 R", ["1:1 `start:` takes one value"]),
        ("blank: \na 0 -> b 1 R", ["1:1 `blank:` takes one value"]),
        ("blank: *\na 0 -> b 1 R", ["1:8 a bare * stands for all names"]),
        ('blank: ""\na 0 -> b 1 R', ["1:8 an empty name"]),
        ('machine: "a" b\na 0 -> b 1 R', ["1:1 `machine:` takes one value"]),
        ('machine: "a\na 0 -> b 1 R', ["1:10 no JSON string: Unterminated string starting at"]),
        ("tapes: two\na 0,0 -> b 1,1 R,R", ["1:8 the number of tapes is a positive integer"]),
        ("tapes: 0\na 0,0 -> b 1,1 R,R", ["1:8 the number of tapes is a positive integer"]),
        ('tapes: "2"\na 0,0 -> b 1,1 R,R', ["1:8 the number of tapes is a positive integer"]),
        ("tapes: 2 3\na 0,0 -> b 1,1 R,R", ["1:1 `tapes:` takes one value"]),
        ("start: c\na 0 -> b 1 R", ["1:1 no rule mentions the start state"]),
        ("* 0 -> b 1 R", ["1:1 the first rule's state is *, so the start state is not known"]),
        ("accept: a\na 0 -> b 1 R", ["2:1 the accept state a has a rule"]),
        ("start: a\naccept: b\nreject: b", ["3:1 state b both accepts and rejects"]),
        ("a 0 -> b 1", ["1:1 a rule has 2 fields before the arrow and 3 after it"]),
        ("a -> b 1 R", ["1:1 a rule has 2 fields before the arrow and 3 after it"]),
        ("a 0 -> b 1 R 3", ["1:1 a rule has 2 fields before the arrow and 3 after it"]),
        ("a 0 -> b 1 R y 3", ["1:1 a rule has 2 fields before the arrow and 3 after it"]),
        ("a 0 -> b 1 R x3", ["1:1 a rule has 2 fields before the arrow and 3 after it"]),
        ("a 0 -> b -> 1 R", ["1:1 a rule has 2 fields before the arrow and 3 after it"]),
        ("-> 0 -> b 1 R", ["1:1 a rule has 2 fields before the arrow and 3 after it"]),
        ("a 0 -> -> 1 R", ["1:8 a second arrow"]),
        ("a 0 -> b 1 R x 0", ["1:16 a weight is a positive integer"]),
        ("a 0 -> b 1 R x -1", ["1:16 a weight is a positive integer"]),
        ("a 0 -> b 1 R x 1.5", ["1:16 a weight is a positive integer"]),
        ("a 0 -> b 1 R x " + "9" * 5000, ["1:16 a weight is a positive integer"]),
        ("a 0 -> b 1 R x 1,2", ["1:16 a weight is a positive integer"]),
        ("a 0 -> b 1 r", ["1:12 no such move"]),
        ('a 0 -> b 1 "R"', ["1:12 no such move"]),
        ("a 0 -> b * R", ["1:10 a bare * right of the arrow"]),
        ("a 0 -> * 1 R", ["1:8 a bare * right of the arrow"]),
        ("a,b 0 -> b 1 R", ["1:1 wrong number of states"]),
        ("a 0,1 -> b 1 R", ["1:3 wrong number of symbols"]),
        ("tapes: 2\na 0,1 -> b 1 R,S", ["2:12 wrong number of symbols"]),
        ("tapes: 2\na 0,1 -> b 1,1 R", ["2:16 wrong number of moves"]),
        ('"" 0 -> b 1 R', ["1:1 an empty name"]),
        ('a 0 -> b "" R', ["1:10 an empty name"]),
        ('a "0 -> b 1 R', ["1:3 no JSON string: Unterminated string starting at"]),
        ('a "\\x" -> b 1 R', ["1:3 no JSON string: Invalid \\escape"]),
        ('a "0"1 -> b 1 R', ["1:6 a name that goes on after its quotes"]),
        ("a 0, -> b 1 R", ["1:4 a comma without a name on each side"]),
        ("a 0 ->,b 1 R", ["1:7 a comma without a name on each side"]),
        ("a 0 -> b 1 R,", ["1:13 a comma without a name on each side"]),
        (", 0 -> b 1 R", ["1:1 a comma without a name on each side"]),
        ("a 0,,1 -> b 1 R", ["1:5 a comma without a name on each side"]),
        ("a 0 -> b 1 R\na 0 -> b 1 L", ["2:1 two different rules for one situation"]),
        ("a 0 -> b 1 R\na 0 -> b 1 L x 2", ["2:1 two different rules for one situation"]),
    ],
)
def test_a_mistake_is_named_with_its_place(text, found):
    assert problems(text) == found


def test_every_mistake_is_named_at_once():
    text = "blank: * \nbegin: a\n\ta 0 -> b 1 r\nb 0 -> * 1 N\nc 0 -> d 0 L\nc 0 -> d 0 R\nhello\n"
    assert problems(text) == [
        "1:8 a bare * stands for all names",
        "2:1 no such header",
        "3:13 no such move",
        "4:8 a bare * right of the arrow",
        "4:12 no such move",
        "7:1 neither a header nor a rule",
        "6:1 two different rules for one situation",
    ]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("blnk: a", "did you mean `blank:`"),
        ("strt: a", "`start:`"),
        ("start: rihgt\nright 0 -> right 1 R", "did you mean right?"),
        ("a 0 -> b 1 N", "write S"),
        ("a 0 -> b * R", '"\\*"'),
        ("a 0,1 -> b 1,1 R,R", "tapes: 2"),
        ("a 0 -> b 1 R\na 0 -> c 1 R", "x 1"),
    ],
)
def test_a_mistake_comes_with_a_way_to_mend_it(text, hint):
    with pytest.raises(MachineError, match=hint):
        read(text, "tapehead")


@given(st.lists(st.sampled_from(["a", "0", "->", "*", ",", " ", "\n", '"', "R", "x", "3", "start:", "#", ":", "\\"])))
def test_any_text_is_a_machine_or_a_mistake_with_a_place(parts):
    result = attempt("".join(parts))
    if isinstance(result, Machine):
        assert read(result.write()) == result
    else:
        assert all(problem.line and problem.column for problem in result.problems)


@given(st.text())
def test_any_text_at_all(text):
    result = attempt(text)
    assert read(result.write()) == result if isinstance(result, Machine) else str(result)


def attempt(text: str) -> Machine | MachineError:
    try:
        return read(text, "tapehead")
    except MachineError as error:
        return error


@pytest.mark.parametrize("name", [*AWKWARD, "a:", "x 3", "é", "→", "\U0001f600", "\x00", "-", "S"])
def test_a_name_that_means_something_elsewhere_is_written_so_that_it_reads_back(name):
    there, back = (
        Rule(name, (name, "0"), "b", ("0", name), ("R", "S")),
        Rule("b", ("0", name), name, ("0", "0"), ("L", "L")),
    )
    machine = Machine(tapes=2, rules=[there, back], name=name, blank="_0")
    assert read(write(machine, "tapehead"), "tapehead") == machine
    final = Machine(start="s", accept=[name], reject=["r"], states=[name + name], symbols=[name], blank=name)
    assert read(write(final, "tapehead"), "tapehead") == final


LISTED = "states: go done\nsymbols: 0 1\naccept: done\n"


@pytest.mark.parametrize(
    ("rule", "message", "hint"),
    [
        ("go 0 -> dnoe 1 R", "state dnoe is not among the states", "did you mean done?"),
        ("g0 0 -> go 1 R", "state g0 is not among the states", "did you mean go?"),
        ("go 2 -> go 1 R", "symbol 2 is not among the symbols", "add it to `symbols:`"),
        ("go 0 -> go x R", "symbol x is not among the symbols", "add it to `symbols:`"),
    ],
)
def test_a_name_that_is_not_listed_is_an_error(rule, message, hint):
    assert read(LISTED + "go 0 -> done 1 R").states == ("go", "done")
    with pytest.raises(MachineError) as caught:
        read("start: go\n" + LISTED + rule)
    (problem,) = caught.value.problems
    assert (problem.message, problem.line) == (message, 5)
    assert hint in problem.hint


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("accept: dnoe\ngo 0 -> done 1 R", "no rule leads to the accept state dnoe"),
        ("accept: done\ngo 0 -> g0 1 R\ngo 1 -> done 1 R", "state g0 has no rules, and neither accepts nor rejects"),
    ],
)
def test_what_looks_like_a_slip_is_warned_of(text, message):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        read(text)
    assert any(message in str(warning.message) for warning in caught if warning.category is NotationWarning)


def test_a_halting_state_is_no_slip_where_nothing_is_said_of_accepting():
    assert read("A 0 -> Z 1 R").states == ("A", "Z")


@pytest.mark.parametrize("rule", ["q,0 a -> b 1 R", "a 0 -> q,0 1 R"])
def test_a_state_with_a_comma_is_told_how_to_stand(rule):
    with pytest.raises(MachineError, match='a name with a comma in it stands in quotes: "q,0"'):
        read(rule, "tapehead")
