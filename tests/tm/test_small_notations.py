"""turingmachinesimulator.com, published tables, older busy-beaver forms, and the notations that draw."""

from __future__ import annotations

import pytest

from tests.tm.reading import problems, rules, warned
from tm import Machine, outcome
from tm.registry import detect, read, write

INCREMENT = """// binary increment
name: increment
init: right
accept: done

right,0
right,0,>
right,1
right,1,>
right,_
carry,_,<

carry,1
carry,0,<
carry, 0
done, 1, -
carry,_
done,1,-
"""


def test_turing_machine_simulator():
    machine = read(INCREMENT)
    assert detect(INCREMENT) == "turingmachinesimulator"
    assert (machine.name, machine.start, machine.accept, machine.decides) == ("increment", "right", ("done",), True)
    assert outcome(machine, "1011").tape == [*"1100"]
    two = read("init: a\naccept: b\na,0,_\na,0,0,>,>\na,_,_\nb,_,_,-,<")
    assert rules(two) == {"a 0,_ -> a 0,0 R,R", "a _,_ -> b _,_ S,L"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("init: a\na,0\nb,1", ["3:1 wrong number of words"]),
        ("init: a\na,0\nb,1,^", ["3:1 no such move"]),
        ("init: a\na,01\nb,1,>", ["2:1 a symbol is one character"]),
        ("init: a\na,0", ["2:1 the second line of a rule is missing"]),
        ("init: a\na,0\n\na,1\nb,1,>\nb,0\nb,1,>", ["2:1 the second line of a rule is missing"]),
        ("init: a\na,0,1\n\na,1,1\nb,1,1,>,>", ["2:1 the second line of a rule is missing"]),
        ("/* x */\ninit: a\na,0\nb,1,>", ["1:1 neither a header nor a line of a rule"]),
        ("init: a\na,0\nso\nb,1,>\nb,0\nb,1,>", ["3:1 neither a header nor a line of a rule"]),
        ("accept: a\na,0\nb,1,>", ["1:1 the start state is missing"]),
        ("init: a\naccpet: b", ["2:1 no such header"]),
        ("init: a\ninit: b", ["2:1 `init:` is said twice"]),
        ("init: a\na,0\nb,1,>\na,0\nb,0,>", ["4:1 two different rules for one situation"]),
    ],
)
def test_mistakes_in_it(text, expected):
    assert problems(text, "turingmachinesimulator") == expected


def test_its_warnings():
    assert warned("init: a\naccept: b\na,0\nb,1,>\nb,0\nb,1,>", "turingmachinesimulator")[1] == [
        "5 state b accepts: the run stops there, so this never applies"
    ]
    assert warned("init: righd\nright,0\nright,1,>", "turingmachinesimulator")[1] == []
    assert warned("init: rightt\nright,0\nright,1,>", "turingmachinesimulator")[1] == ["1 state rightt has no rules"]


@pytest.mark.parametrize("text", ['{"c": "bR2 -", "b": "cL1 bR1"}', "1cbR2 2c-\n1bcL1 2bbR1\n"])
def test_tables(text):
    machine = read(text)
    assert detect(text) == "table"
    assert rules(machine) == {"u1 c -> u2 b R", "u1 b -> u1 c L", "u2 b -> u1 b R"}
    assert (machine.blank, machine.start, machine.accept) == ("c", "u1", ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '{"c": "bR2 -"}',
            ["1:2 a cell writes a symbol without a row", "1:2 a cell leads to a state without a column"][:1],
        ),
        ('{"c": "cR3 -"}', ["1:2 a cell leads to a state without a column"]),
        ('{"c": "cR1 x"}', ["1:2 no cell for state 2"]),
        ('{"c": 5}', ["1:2 this is no row", "1:1 the text holds no table"]),
        ('{"c": "cR1"', ["1:12 this is no JSON", "1:1 the text holds no table"]),
        ("1ccR1 nonsense", ["1:7 no cell"]),
    ],
)
def test_mistakes_in_tables(text, expected):
    assert problems(text, "table") == expected


def test_drawings_name_states_and_rules():
    machine = Machine.read(
        'start: "a \\"b\\""\naccept: y\nreject: n\n"a \\"b\\"" 0 -> y 1 R\n"a \\"b\\"" "<" -> n "\\\\" L'
    )
    dot, mermaid, graphml = (write(machine, notation) for notation in ("graphviz", "mermaid", "graphml"))
    assert "shape=doublecircle" in dot
    assert "shape=octagon" in dot
    assert "s2 --> [*]" not in mermaid
    assert "s1 --> [*]" in mermaid
    assert "&lt;" in graphml
    assert write(Machine.read("a 0 -> b 1 R x 2"), "mermaid").count("x 2") == 1
