"""Round trips: what is written in a notation reads back as the same machine, whatever its names."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ElementTree

import networkx
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tests.machines import TABLE
from tests.strategies import machines
from tm import Machine, MachineError, Sample, library, outcome
from tm.notation.turingmachine_io.writer import without_stays
from tm.registry import detect, read, readers, write, writers

BOTH = sorted(set(readers()) & set(writers()) - {"tapehead", "busy-beaver"})
SEVERAL_TAPES = {"jflap", "jflap8", "automata-lib", "turingmachinesimulator"}
WILDCARDS = {"jflap", "morphett", "morphett-nondeterministic"}
CHOICES = {"jflap", "jflap8", "automata-lib", "morphett-nondeterministic"}
DRAWN = sorted(set(writers()) - set(readers()))


def moving(machine: Machine, notation: str) -> Machine:
    """What the notation is to say: the machine, or the one that always moves."""
    return without_stays(machine)[0] if notation == "turingmachine.io" else machine


@pytest.mark.parametrize("notation", BOTH)
@settings(max_examples=examples(50))
@given(st.data())
def test_every_machine_reads_back_as_it_was_written(notation, data):
    tapes, choices = 3 if notation in SEVERAL_TAPES else 1, notation in CHOICES
    machine = data.draw(machines(max_tapes=tapes, weights=False, others=False, choices=choices))
    if notation == "automata-lib":
        assume(machine.start not in machine.accept and any(rule.state == machine.start for rule in machine.rules))
    try:
        text = write(machine, notation)
    except MachineError as error:
        assert "without rules" in str(error)  # noqa: PT017
        assert not machine.rules
        return
    again = read(text, notation)
    assert again == moving(machine, notation)
    assert again.name == machine.name
    assert detect(text) == notation


@pytest.mark.parametrize("notation", sorted(set(BOTH) - {"turingmachine.io", "automata-lib"}))
@settings(max_examples=examples(40))
@given(st.data())
def test_rules_for_symbols_not_named_read_back(notation, data):
    machine = data.draw(machines(max_tapes=1, weights=False, choices=notation in CHOICES))
    assume(machine.rules)
    text = write(machine, notation)
    assert read(text, notation) == machine
    assert "is left out here" in text or notation in WILDCARDS or not machine.others


@pytest.mark.parametrize("notation", sorted(WILDCARDS))
def test_a_wildcard_is_kept(notation):
    machine = Machine.read('start: a\naccept: b\na 0 -> b 1 R\na _ -> a 0 R\na 1 -> a 1 R\na "" -> a "" R')
    assert read(write(machine, notation), notation) == machine
    assert outcome(read(write(machine, notation)), "xyz0").tape == [*"xyz1"]
    assert "left out" not in write(machine, notation)


@pytest.mark.parametrize("notation", BOTH)
@pytest.mark.parametrize("name", library.names())
def test_the_library_goes_everywhere_or_is_refused_with_a_reason(name, notation):
    machine = library.load(name)
    if machine.stochastic or (machine.tapes > 1 and notation not in SEVERAL_TAPES):
        with pytest.raises(MachineError, match="cannot say it"):
            write(machine, notation)
        return
    again = read(write(machine, notation))
    assert again == moving(machine, notation)
    for example in library.examples(name):
        expected = outcome(machine, example.input, head=example.head, max_steps=3_000)
        if not expected.halted:
            continue
        sample = outcome(again, example.input, head=example.head, max_steps=6_000)
        assert (sample.tape, sample.state, sample.accepted) == (expected.tape, expected.state, expected.accepted)


@pytest.mark.parametrize("case", [case for case in TABLE if case.machine.tapes == 1 and case.seed is None], ids=str)
def test_a_machine_that_always_moves_does_the_same(case):
    moves, added = without_stays(case.machine)
    assert all("S" not in rule.moves for rule in moves.rules)
    assert set(moves.states) - set(case.machine.states) == set(added)
    here = outcome(case.machine, case.input, head=case.head, max_steps=case.max_steps)
    there = outcome(moves, case.input, head=case.head, max_steps=2 * case.max_steps)
    if here.halted:
        assert (there.state, there.tape, there.head) == (here.state, here.tape, here.head)


@pytest.mark.parametrize("notation", DRAWN)
@settings(max_examples=examples(50))
@given(machine=machines())
def test_every_machine_can_be_drawn(notation, machine):
    text = write(machine, notation)
    if notation == "graphml":
        graph = networkx.read_graphml(io.BytesIO(text.encode()), force_multigraph=True)
        assert len(graph) == len(machine.states)
        assert graph.number_of_edges() == len(machine.rules) + len(machine.others)
    elif notation == "graphviz":
        assert text.count("[label=") == 1 + len(machine.states) + text.count("-> s") - 1
    else:
        assert all(line.isprintable() and line.isascii() for line in text.splitlines())


@pytest.mark.parametrize("notation", ["jflap", "jflap8", "graphml"])
@settings(max_examples=examples(50))
@given(machine=machines(max_tapes=1, weights=False, others=False))
def test_what_is_said_to_be_xml_is_xml(notation, machine):
    root = ElementTree.fromstring(write(machine, notation))  # noqa: S314 - our own text
    assert root.tag.rpartition("}")[2] == ("graphml" if notation == "graphml" else "structure")


@pytest.mark.parametrize("notation", sorted(set(BOTH) - SEVERAL_TAPES))
def test_several_tapes_are_refused(notation):
    with pytest.raises(MachineError, match="several tapes"):
        write(library.load("two_tape_copy"), notation)


def test_what_else_is_refused():
    six = Machine(start="a", tapes=6)
    with pytest.raises(MachineError, match="so many tapes"):
        write(six, "jflap")
    with pytest.raises(MachineError, match="start state that is final"):
        write(Machine(start="a", accept=["a"]), "automata-lib")
    with pytest.raises(MachineError, match="without transitions"):
        write(Machine(start="a"), "automata-lib")
    with pytest.raises(MachineError, match="only read"):
        write(Machine(start="a"), "table")
    with pytest.raises(MachineError, match=r"(?s)only written.*found: mermaid"):
        read("stateDiagram-v2\n")


def test_a_comment_says_what_a_text_leaves_out():
    assert "tapehead: " not in write(Machine.read("start: 0\naccept: halt-accept\n0 1 -> halt-accept 1 R"), "morphett")
    text = write(Machine.read("blank: .\nstart: a\naccept: yes\na 1 -> yes 1 S"), "turingmachine.io")
    assert "Where the machine stays, it moves right and back left" in text
    assert '"accept": ["yes"]' in text
    again = read(text)
    assert (again.accept, again.blank) == (("yes",), ".")


@pytest.mark.parametrize(
    "remark",
    ["{}}", '{"start": 5}', '{"accept": "b"}', '{"nonsense": []}', '{"states": {"a": "b"}}', '{"accept": ["a"]}'],
)
def test_a_broken_comment_is_a_clear_error(remark):
    with pytest.raises(MachineError) as caught:
        read(f"; tapehead: {remark}\na 0 1 r b\n", "morphett", "rules.txt")
    assert "rules.txt" in str(caught.value) or remark == '{"accept": ["a"]}'


@pytest.mark.parametrize("notation", sorted(set(BOTH) - CHOICES))
def test_choices_are_refused(notation):
    machine = Machine.read("nondeterministic: yes\naccept: b\na 0 -> a 0 R\na 0 -> b 0 R")
    with pytest.raises(MachineError, match="cannot say it: nondeterminism"):
        write(machine, notation)


@pytest.mark.parametrize("notation", [*BOTH, "tapehead"])
@settings(max_examples=examples(30))
@given(st.data())
def test_the_files_own_input_is_kept(notation, data):
    tapes = 2 if notation in {*SEVERAL_TAPES, "tapehead"} else 1
    machine = data.draw(machines(max_tapes=tapes, weights=False, others=False, choices=False))
    assume(machine.rules and machine.start not in machine.accept)
    assume(any(rule.state == machine.start for rule in machine.rules))
    symbols = st.lists(st.sampled_from(machine.symbols), max_size=5).map(tuple)
    each = [st.tuples(*[one] * machine.tapes) for one in (symbols, st.integers(-3, 7))]
    sample = data.draw(st.builds(Sample, *each))
    assume(any(sample.tapes) or any(sample.heads))
    text = write(machine.sampled(sample), notation)
    assert read(text, notation).inputs.sample == sample
    assert read(text, notation) == moving(machine, notation)
    assert detect(text) == notation


OWN = {
    "turingmachine.io": ("blank: '_'\ninput: '10'\nstart state: a\ntable:\n  a:\n    1: R\n", "10", 0),
    "morphett": ("; $INITIAL_TAPE: 1 *1 0\n0 1 0 r 0\n", "1_1_0", 2),
    "tapehead": ("# example: 10 at 1 -> 11\n# example: 0 ->\na 1 -> a 1 R\n", "10", 1),
}


@pytest.mark.parametrize("notation", OWN)
@pytest.mark.parametrize("target", [*BOTH, "tapehead"])
def test_the_files_own_input_goes_where_the_machine_goes(notation, target):
    text, tape, head = OWN[notation]
    machine = read(text, notation)
    assert machine.inputs.sample == Sample((tuple(tape),), (head,))
    written = write(machine, target)
    again = read(written)
    expected = machine.inputs.sample.renamed({machine.blank: again.blank}) if machine.inputs.sample else None
    assert again.inputs.sample == expected
    if target in OWN and (target != "turingmachine.io" or not head):
        assert "sample" not in written  # it is said as that notation says it


@pytest.mark.parametrize(
    ("said", "tape"),
    [("0011", "9"), ("'0011'", "0011"), ("0", ""), ("'0'", "0"), ("false", ""), ("~", ""), ("0.0", ""), ("1 0", "1 0")],
)
def test_turingmachine_io_takes_its_input_as_a_scalar(said, tape):
    machine = read(f"blank: '_'\ninput: {said}\nstart state: a\ntable:\n  a:\n    1: R\n")
    sample = machine.inputs.sample
    assert (sample.tapes if sample else ((),)) == (tuple(tape),)
