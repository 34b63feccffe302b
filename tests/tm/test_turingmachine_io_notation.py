from __future__ import annotations

import pytest

from tests.tm.reading import problems, rules, warned
from tm import MachineError, outcome
from tm.registry import detect, read

NAME = "turingmachine.io"
INCREMENT = """# binary increment
input: '1011'
blank: ' '
start state: right
table:
  # scan to the rightmost digit
  right:
    [1, 0]: R
    ' '   : {L: carry}
  carry:
    1      : {write: 0, L}
    [0, ' ']: {write: 1, L: done}
  done:
"""
EXPORTED = (
    "name: increment\nsource code: |\n"
    + "".join(f"  {line}\n" for line in INCREMENT.splitlines())
    + "positions:\n  right: {x: 1, y: 2}\n"
)


@pytest.mark.parametrize("text", [INCREMENT, EXPORTED, "---\n" + INCREMENT])
def test_a_machine_bare_and_exported(text):
    machine = read(text)
    assert detect(text) == NAME
    assert outcome(machine, "1011").tape == [*"1100"]
    assert (machine.blank, machine.start, machine.accept, machine.reject) == (" ", "right", (), ())
    assert machine.name == ("increment" if text == EXPORTED else "")


def table(rows: str, more: str = "") -> str:
    return f"blank: _\nstart state: a\n{more}table:\n  a: {rows}\n  b:\n  accept:\n"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("{0: L}", {"a 0 -> a 0 L"}),
        ("{0: {R}}", {"a 0 -> a 0 R"}),
        ("{0: {R: ~}}", {"a 0 -> a 0 R"}),
        ("{0: {write: 1, L: b}}", {"a 0 -> b 1 L"}),
        ("{[0, y, no]: R}", {"a 0 -> a 0 R", "a y -> a y R"}),
        ("{'0,1': R}", {"a 0 -> a 0 R", "a 1 -> a 1 R"}),
        ("{['0,1']: R}", {"a 0 -> a 0 R", "a 1 -> a 1 R"}),
        ("{['0,1', x]: R}", {"a 0 -> a 0 R", "a 1 -> a 1 R", "a x -> a x R"}),
        ("{',,': R}", {'a "," -> a "," R'}),
        ("{',': R}", {'a "," -> a "," R'}),
        ("{'x,,,y': R}", {"a x -> a x R", 'a "," -> a "," R', "a y -> a y R"}),
        ("{[',', 0]: R}", {'a "," -> a "," R', "a 0 -> a 0 R"}),
        ("{007: R}", {"a 7 -> a 7 R"}),
        ("{0x9: R}", {"a 9 -> a 9 R"}),
        ("{y: {write: n, R}}", {"a y -> a n R"}),
        ("{0: go}", {"a 0 -> b 1 R"}),
        ("~", set()),
        ("{}", set()),
    ],
)
def test_rows(rows, expected):
    machine, _ = warned(table(rows, "synonyms: {go: {write: 1, R: b}}\n"), NAME)
    assert rules(machine) == expected


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2e0", "2e0"),
        ("1e1", "1e1"),
        ("1.5e3", "1.5e3"),
        ("1.5e+3", "1500"),
        ("+.5", "+.5"),
        (".5", "0.5"),
        ("7.", "7"),
        ("-0.", "0"),
        ("1:30.5", "90.5"),
        ("0o7", "0o7"),
        ("_7", "7"),
        ("0_", "0_"),
        ("08", "08"),
        ("012", "10"),
        ("12:30", "750"),
        ("0b12", "0b12"),
        ("2" * 20, "2" * 16 + "0" * 4),
        ("9" * 400, "Infinity"),
        ("1e-7", "1e-7"),
        ("0.0000001", "1e-7"),
    ],
)
def test_a_scalar_is_the_string_that_the_tool_makes_of_it(written, said):
    machine = read(f"blank: _\nstart state: {written}\ntable:\n  {written}: {{_: {{R: '{said}'}}}}\n", NAME)
    assert machine.states == (said,)


TABBED = """blank:\t' '\t# a space
\t# the table
start state: a\t
\t
table:\t
  a:\t# flip
    0\t:\t{write:\t1,\tR}\t# a tab before
    [x,\ty] : {
\t\twrite: 0, R: b\t}
    ' ':\tL
  b:\t
"""


@pytest.mark.parametrize(
    "text", [TABBED, "name: t\t\nsource code: |\n" + "".join(f"  {line}\n" for line in TABBED.splitlines())]
)
def test_tabs_are_white_space_but_where_they_indent(text):
    machine = read(text, NAME)
    assert rules(machine) == {"a 0 -> a 1 R", "a x -> b 0 R", "a y -> b 0 R", 'a " " -> a " " L'}
    assert machine == read(TABBED.replace("\t", " "), NAME)


@pytest.mark.parametrize("row", ["\t0: R", "  \t0: R", "\t\t0: R"])
def test_a_tab_that_indents_is_refused(row):
    text = f"blank: _\nstart state: a\ntable:\n  a:\n{row}\n"
    column = row.index("\t") + 1
    assert problems(text, NAME) == [f"5:{column} this is no YAML: a tab indents this line, where YAML wants spaces"]


def test_of_overlapping_keys_the_last_applies_numbers_counting_as_first():
    machine, messages = warned(table("{[0, 1]: R, 0: {L: b}}"), NAME)
    assert rules(machine) == {"a 0 -> a 0 R", "a 1 -> a 1 R"}
    assert messages == ["4 state a has a second instruction for 0; this one applies"]
    machine, messages = warned(table("{[x, y]: R, x: {L: b}}"), NAME)
    assert rules(machine) == {"a x -> b x L", "a y -> a y R"}


def test_what_the_tool_passes_over_is_a_warning():
    assert warned(table("{ab: R}"), NAME)[1] == ["4 this never applies: a symbol is one character"]
    assert len(warned(table("{0: N}"), NAME)[1]) == 1


def test_a_halting_state_accepts_by_its_name():
    machine = read(
        "blank: _\nstart state: a\ntable: {a: {0: {R: accept}, 1: {R: qrej}, 2: {R: end}}, accept: , qrej: , end: }"
    )
    assert [machine.accepts(state) for state in ("accept", "qrej", "end")] == [True, False, False]
    machine = read("blank: _\nstart state: accept\ntable: {accept: {0: {R: end}}, end: }")
    assert machine.accepts("end") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["1:1 the text holds no machine"]),
        ("- a", ["1:1 the text holds no machine"]),
        (
            "blank: ~\nstart state:\ntable:",
            ["1:1 `blank:` has no value", "3:1 `table:` has no value", "2:1 `start state:` has no value"],
        ),
        ("table: {a: }", ["1:1 `blank:` is missing", "1:1 `start state:` is missing"]),
        (table("{0: {L: carryy}}").replace("b:", "carry:"), ["4:14 state carryy is never defined"]),
        (table("{0: {L, R}}"), ["4:10 an instruction has one move"]),
        (table("{0: {write: 1}}"), ["4:10 an instruction has one move"]),
        (table("{0: {wirte: 1, R}}"), ["4:11 no such key in an instruction"]),
        (table("{0: {write: 10, R}}"), ["4:18 what is written is one character"]),
        (table("{0: RR}"), ["4:10 no such instruction"]),
        (table("{0: }"), ["4:9 a missing instruction"]),
        (table("{<<: R}"), ["4:7 a merge key"]),
        (table("{0: R, 0: L}"), ["4:13 the symbol 0 comes twice"]),
        (table("5"), ["4:6 state a is no mapping"]),
        (table("{0: R}", "synonyms: {x: R, y: x}\n"), ["3:21 no such instruction"]),
        (table("{0: R}").replace("state: a", "state: c"), ["2:14 the start state is not in the table"]),
        (table("{0: R}").replace("blank: _", "blank: ab"), ["1:8 the blank is one character"]),
        ("blank: _\nstart state: a\ntable: [a]", ["3:8 `table:` is a mapping"]),
        ("blank: _\n  start state: a\ntable:", ["2:14 this is no YAML: mapping values are not allowed here"]),
    ],
)
def test_every_mistake_has_its_place(text, expected):
    assert problems(text, NAME) == expected


def test_mistakes_in_an_exported_document_have_their_place_in_the_file():
    text = EXPORTED.replace("L: done", "L: don")
    (result,) = problems(text, NAME)
    line = next(number for number, row in enumerate(text.split("\n"), 1) if "L: don" in row)
    assert result == f"{line}:{text.split(chr(10))[line - 1].index('don}') + 1} state don is never defined"
    with pytest.raises(MachineError, match="did you mean done"):
        read(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: &a [0]\nb: *a\n", "^line 2:4: an alias"),
        ("table: !!python/object/apply:os.system [ls]", "^line 1:8: a tag"),
        ("a: 1\n---\nb: 1", "^line 2:1: a second document"),
        ("table: " + "[" * 50, r"^line 1:\d+: nested too deeply"),
        ("table: " + "x" * 500_000, "too long"),
        ("%YAML 9.9\n---\n{", "no YAML"),
        ("a: \x01", "no YAML"),
    ],
)
def test_what_is_refused_outright(text, message):
    with pytest.raises(MachineError, match=message):
        read(text, NAME)


def test_a_billion_laughs_are_refused_at_once():
    rows = ["a0: &a0 [lol, lol]"] + [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 40)]
    with pytest.raises(MachineError, match="an alias"):
        read("\n".join(rows), NAME)
