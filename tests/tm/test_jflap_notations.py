from __future__ import annotations

import pytest

from tests.tm.reading import problems, rules, warned
from tm import Machine, MachineError, outcome, search
from tm.registry import detect, read


def state(id: int, name: str = "", inside: str = "") -> str:
    return f'<state id="{id}" name="{name or f"q{id}"}">{inside}</state>\n'


def step(a: int, b: int, read: str, write: str = "~", move: str = "R") -> str:
    ends, done = f"<from>{a}</from><to>{b}</to>", f"<read>{read}</read><write>{write}</write><move>{move}</move>"
    return f"<transition>{ends}{done}</transition>\n"


def jff(*parts: str, tapes: str = "") -> str:
    inside = "".join(parts)
    return f"<structure>\n<type>turing</type>{tapes}\n<automaton>\n{inside}</automaton>\n</structure>\n"


ENDS = state(0, inside="<initial/>") + state(1, inside="<final/>")


def found(*parts: str) -> Machine:
    return warned(jff(*parts), "jflap")[0]


def test_a_file_of_version_7_and_one_of_version_4():
    text = jff(ENDS, step(0, 0, "a", "b"), step(0, 1, "", "", "S"))
    old = text.replace("<automaton>", "").replace("</automaton>", "")
    for version in (text, old, text.replace("<state", "<block").replace("</state", "</block")):
        machine = read(version, "jflap")
        assert rules(machine) == {"q0 a -> q0 b R", "q0 □ -> q1 □ S"}
        assert (machine.blank, machine.accept, machine.decides) == ("□", ("q1",), True)
    assert detect(text) == "jflap"


def test_without_a_final_state_every_run_rejects():
    machine = found(state(0, inside="<initial/>"), step(0, 0, "a"))
    assert outcome(machine, "a").accepted is False


def test_a_run_stops_in_a_final_state():
    machine, messages = warned(jff(ENDS, step(0, 1, "a"), step(1, 0, "a")), "jflap")
    assert outcome(machine, "aa").steps == 1
    assert messages == ["5 state q1 is final, so JFLAP stops there: its transitions never apply"]


def test_of_several_transitions_all_may_apply():
    machine, messages = warned(jff(ENDS, step(0, 0, "a", "b"), step(0, 1, "a", "c")), "jflap")
    assert machine.nondeterministic
    assert rules(machine) == {"q0 a -> q0 b R x 1", "q0 a -> q1 c R x 1"}
    assert messages == []
    assert search(machine, "aa").run[-1].tapes[0].cells() == ["c", "a"]
    assert not found(ENDS, step(0, 0, "a", "b"), step(0, 0, "a", "b")).nondeterministic  # the same twice is no choice


PATTERNS = [step(1, 0, "~"), step(1, 0, "!b"), step(1, 0, "b,c}x")]
INSIDE = state(0, "in", "<initial/>") + step(0, 0, "d")
BLOCK = f'<block id="2" name="block"><tag>M0</tag></block>\n<M0><automaton>{INSIDE}</automaton></M0>\n'


@pytest.mark.parametrize("part", [*(state(1) + pattern for pattern in PATTERNS), BLOCK + state(1)])
def test_the_first_transition_applies_where_jflaps_nondeterministic_simulator_does_not_know_the_file(part):
    parts = (state(0, inside="<initial/>"), part, step(0, 0, "a", "b"), step(0, 1, "a", "c"))
    machine, messages = warned(jff(*parts), "jflap")
    assert not machine.nondeterministic
    assert "q0 a -> q0 b R" in rules(machine)
    assert any("never applies: others match before it" in message for message in messages)


def test_any_symbol_and_any_but():
    assert rules(found(ENDS, step(0, 1, "~", "~"), step(0, 0, "", "x"))) == {"q0 □ -> q1 □ R", "q0 x -> q1 x R"}
    machine = found(ENDS, step(0, 1, "b", "c"), step(0, 0, "!a", "~"))
    assert rules(machine) == {"q0 b -> q1 c R", "q0 □ -> q0 □ R", "q0 c -> q0 c R"}
    assert outcome(machine, "xyb").tape == [*"xyc"]


def test_what_reads_any_but_one_is_tried_in_the_files_order():
    machine, messages = warned(jff(ENDS, step(0, 0, "!a", "x"), step(0, 1, "b"), step(0, 1, "a")), "jflap")
    assert "q0 b -> q0 x R" in rules(machine)
    assert messages == ["7 a transition of state q0 never applies: others match before it"]
    machine, messages = warned(jff(ENDS, step(0, 0, "!a", "x"), step(0, 1, "~")), "jflap")
    assert rules(machine) >= {"q0 a -> q1 a R", "q0 x -> q0 x R"}
    assert messages == ["7 what this reads is taken by a transition above it that reads !"]
    assert warned(jff(ENDS, step(0, 1, "b"), step(0, 0, "!a", "x")), "jflap")[1] == []


def test_a_lone_exclamation_mark_reads_all_but_the_blank():
    machine, messages = warned(jff(ENDS, step(0, 0, "!"), step(0, 1, "", "x")), "jflap")
    assert outcome(machine, "a!b").tape == [*"a!bx"]
    assert rules(machine) == {"q0 x -> q0 x R", "q0 □ -> q1 x R"}
    assert messages == []


def test_of_what_jflap_looks_at_in_one_character_it_takes_the_first():
    machine, messages = warned(jff(ENDS, step(0, 0, "!ab"), step(0, 1, "a")), "jflap")
    assert rules(machine) == {"q0 a -> q1 a R", "q0 □ -> q0 □ R"}
    assert messages == ["6 JFLAP takes this for !a"]
    two = step(0, 1, "!a").replace("<read>", "<read tape='1'>").replace("<write>", "<write tape='2'>")
    machine, messages = warned(jff(ENDS, two, tapes="<tapes>2</tapes>"), "jflap")
    assert [rule.read for rule in machine.rules] == [("!", "□")]
    assert messages == ["6 JFLAP takes this for !"]


def test_symbols_on_transitions_out_of_final_states_are_the_files():
    machine = found(ENDS, step(0, 1, "a", "b"), step(1, 1, "c", "d"))
    assert machine.symbols == ("□", "a", "b", "c", "d")
    assert (outcome(machine, "ac").accepted, outcome(machine, "ac").tape) == (True, [*"bc"])
    assert outcome(machine, "c").accepted is False
    start = found(state(0, inside="<initial/><final/>"), step(0, 0, "A", "B"))
    for word in ("", "A", "AA", "Z"):
        assert (outcome(start, word).accepted, outcome(start, word).steps) == (True, 0)
    assert problems(jff(ENDS, step(1, 0, "ab")), "jflap") == ["6:1 what is read is no symbol"]


def test_variables_in_a_final_state_matter_to_no_other():
    machine = found(ENDS, step(0, 1, "a,b}x"), step(1, 0, "~", "x"))
    assert set(machine.states) == {"q0", "q1"}


@pytest.mark.parametrize("encoding", ["UTF-16", "UTF-16LE", "UTF-16BE", "ISO-8859-1", "windows-1252", "UTF-8"])
def test_a_file_in_the_encoding_that_it_declares(tmp_path, encoding):
    text = f"<?xml version='1.0' encoding='{encoding}'?>\n" + jff(ENDS, step(0, 1, "é", "ÿ"))
    path = tmp_path / "e.jff"
    mark = {"UTF-16LE": "\ufeff", "UTF-16BE": ""}.get(encoding, "")
    path.write_bytes((mark + text).encode(encoding.lower()))
    assert rules(Machine.read(path)) == {"q0 é -> q1 ÿ R"}
    assert rules(read(text)) == {"q0 é -> q1 ÿ R"}
    assert problems(text.replace("<to>1", "<to>7"), "jflap") == ["7:1 a transition to a state that is not there"]


def test_a_declaration_of_two_bytes_that_cannot_be_true_is_passed_over(tmp_path):
    path = tmp_path / "e.jff"
    path.write_text('<?xml version="1.0" encoding="UTF-16"?>' + jff(ENDS, step(0, 1, "é")), encoding="utf-8")
    assert rules(Machine.read(path)) == {"q0 é -> q1 é R"}


def test_a_missing_move_is_to_the_right():
    assert rules(found(ENDS, step(0, 1, "a").replace("<move>R</move>", ""))) == {"q0 a -> q1 a R"}


def test_a_variable_is_written_later():
    machine = found(ENDS, state(2), step(0, 2, "a,b}x", ""), step(2, 1, "c", "x"))
    assert outcome(machine, "bc").tape == ["b"]
    assert outcome(machine, "ac").tape == ["a"]
    assert outcome(machine, "cc").steps == 0
    assert set(machine.states) == {"q0", "q1", "q2", "q2 [x=a]", "q2 [x=b]"}
    assert "q2 c -> q1 x R" in rules(machine)  # without a value it is a symbol


def test_several_tapes():
    inside = "".join(
        f'<read tape="{i}">{a}</read><write tape="{i}">{b}</write>' for i, a, b in [(1, "~", "~"), (2, "", "!")]
    )
    transition = f'<transition><from>0</from><to>1</to>{inside}<move tape="2">S</move></transition>'
    machine = read(
        jff(ENDS, transition, step(0, 0, "a").replace("<read>", '<read tape="2">'), tapes="<tapes>2</tapes>"), "jflap"
    )
    assert "q0 □,□ -> q1 □,! R,S" in rules(machine)
    assert "q0 !,□ -> q1 !,! R,S" in rules(machine)


def test_building_blocks_are_taken_apart():
    inner = state(0, "in", "<initial/>") + state(1, "out") + step(0, 0, "a") + step(0, 1, "b")
    text = jff(
        '<block id="0" name="block"><tag>M0</tag><initial/></block>\n',
        '<block id="1" name="end"><tag>M1</tag><final/></block>\n',
        f"<M0><automaton>{inner}</automaton></M0><M1/>\n",
        step(0, 1, "c", "x", "R").replace("<transition>", '<transition block="true">'),
    )
    machine = read(text, "jflap")
    assert machine.start == "block/in"
    assert outcome(machine, "aabc").state == "end"
    assert outcome(machine, "aabc").tape == [*"aabc"]  # a block's transition writes nothing
    assert outcome(machine, "c").accepted
    assert outcome(machine, "aab").accepted is False


def test_two_states_of_one_name_are_told_apart():
    machine, messages = warned(jff(state(0, "q", "<initial/>"), state(1, "q", "<final/>"), step(0, 1, "a")), "jflap")
    assert machine.states == ("q", "q (id 1)")
    assert messages == ["5 a second state is called q"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (jff(ENDS, step(0, 7, "a")), ["6:1 a transition to a state that is not there"]),
        (jff(state(0)), ["3:1 no initial state"]),
        (jff(ENDS, step(0, 1, "ab")), ["6:1 what is read is no symbol"]),
        (jff(ENDS, step(0, 1, "a!")), ["6:1 what is read is no symbol"]),
        (jff(ENDS, step(0, 1, "a,!}x")), ["6:1 what is read is no symbol"]),
        (jff(ENDS, step(0, 1, ",a}x")), ["6:1 what is read is no symbol"]),
        (jff(ENDS, step(0, 1, "!𝄞")), ["6:1 what is read is no symbol"]),
        (jff(ENDS, step(0, 1, "a", "ab")), ["6:1 what is written is no symbol"]),
        (jff(ENDS, step(0, 1, "a", "b", "X")), ["6:1 no such move"]),
        (jff(ENDS, state(0)), ["6:1 a second state with the id 0"]),
        (jff(ENDS, tapes="<tapes>9</tapes>"), ["1:1 no such number of tapes"]),
        (jff(ENDS).replace("turing", "fa"), ["1:1 this JFLAP file holds no Turing machine"]),
        (jff(ENDS).replace("<read>", "<read tape='3'>"), []),
        ("<structure><a></structure>", ["1:17 this is no XML: mismatched tag"]),
        ("", ["1:1 this is no XML: no element found"]),
    ],
)
def test_every_mistake_has_its_place(text, expected):
    if expected:
        assert problems(text, "jflap") == expected
    else:
        read(text, "jflap")


BOMB = '<!DOCTYPE s [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><structure><type>&b;</type></structure>'
OUTSIDE = '<!DOCTYPE s [<!ENTITY a SYSTEM "file:///etc/hostname">]><structure><type>&a;</type></structure>'


@pytest.mark.parametrize("notation", ["jflap", "jflap8"])
@pytest.mark.parametrize("text", [BOMB, OUTSIDE])
def test_entities_are_refused(notation, text):
    with pytest.raises(MachineError, match="entities are not read"):
        read(text, notation)


def test_what_is_far_too_deep_or_long_is_refused():
    with pytest.raises(MachineError, match="too deeply"):
        read("<structure>" + "<a>" * 5_000 + "</a>" * 5_000 + "</structure>", "jflap")
    with pytest.raises(MachineError, match="more than 300,000 elements"):
        read("<structure>" + "<a/>" * 300_000 + "</structure>", "jflap")
    with pytest.raises(MachineError, match="no initial state"):  # a text in a million pieces
        read("<structure><type>turing</type><automaton>" + "x\n&lt;" * 500_000 + "</automaton></structure>", "jflap")
    with pytest.raises(MachineError, match="too long"):
        read("<structure>" + " " * 5_000_000 + "</structure>", "jflap")


# ------------------------------------------------------------------------------------------------------------- JFLAP 8

EIGHT = """<?xml version="1.0" encoding="UTF-8"?><structure type="editor_panel"><structure type="transition_graph">
<structure mode="Default mode" type="turing"><tapes>1</tapes>
<structure type="blank_symbol"><value>□</value></structure>
<structure type="start_state"><state><name>s</name><id>0</id></state></structure>
<structure type="transition_set">
<transition><tapes>1</tapes><write0>b</write0><from><name>s</name><id>0</id></from>
<to><name>s</name><id>0</id></to><move0>R</move0><read0>a</read0></transition>
<transition><tapes>1</tapes><write0>□</write0><from><name>s</name><id>0</id></from>
<to><name>f</name><id>1</id></to><move0>S</move0><read0>□</read0></transition>
</structure>
<structure type="final_states"><state><name>f</name><id>1</id></state></structure>
</structure></structure></structure>
"""


def test_a_file_of_version_8():
    machine = read(EIGHT)
    assert detect(EIGHT) == "jflap8"
    assert rules(machine) == {"s a -> s b R", "s □ -> f □ S"}
    assert (machine.start, machine.accept) == ("s", ("f",))
    assert outcome(machine, "aa").accepted


def test_a_choice_in_a_file_of_version_8():
    machine = read(EIGHT.replace("<read0>□</read0>", "<read0>a</read0>"))
    assert machine.nondeterministic
    assert search(machine, "a").accepted is True


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("<move0>R</move0>", "", "no such move"),
        ('type="turing"', 'type="fsa"', "no single Turing machine"),
        ("start_state", "other", "no single start state"),
        ("<tapes>1</tapes>\n", "<tapes>0</tapes>\n", "no such number of tapes"),
        ('type="transition_graph"', 'type="block_tm"', "building blocks of JFLAP 8 are not read"),
    ],
)
def test_mistakes_in_a_file_of_version_8(old, new, message):
    with pytest.raises(MachineError, match=message):
        read(EIGHT.replace(old, new, 1))
