"""Errors of readers that no other test raises, found by what a run with coverage did not reach; one row each."""

import warnings

import pytest

from tm import Machine, MachineError, NotationWarning

STATES = '<state id="0" name="q0"><initial/></state><state id="1" name="q1"><final/></state>'
STEP = "<transition><from>0</from><to>1</to><read>a</read><write>b</write><move>R</move></transition>"


def jflap(inside: str, kind: str = "<type>turing</type>") -> str:
    return f"<structure>{kind}<automaton>{inside}</automaton></structure>"


def jflap8(transition: str, final: str = "<state><name>q1</name><id>1</id></state>") -> str:
    start = "<state><name>q0</name><id>0</id></state>"
    return f"""<?xml version="1.0"?><structure type="transition_graph">
    <structure type="turing"><structure type="start_state">{start}</structure>
    <structure type="final_states">{final}</structure><structure type="blank_symbol"><value>_</value></structure>
    <structure type="state_set">{start}{final}</structure><tapes>1</tapes>
    <structure type="transition_set">{transition}</structure></structure></structure>"""


BROKEN = {
    "a state without an id": ("jflap", jflap(f'<state name="lost"/>{STATES}{STEP}'), "a state without an id"),
    "another tape": (
        "jflap",
        jflap(STATES + STEP.replace("<read>", '<read tape="7">')),
        "no such tape",
    ),
    "a tape that is no number": ("jflap", jflap(STATES + STEP.replace("<read>", '<read tape="x">')), "no such tape"),
    "another format": ("jflap", "<svg><automaton/></svg>", "this is no JFLAP file"),
    "no type": ("jflap", jflap(STATES, kind=""), "this JFLAP file holds no Turing machine"),
    "another kind": ("jflap", jflap(STATES, kind="<type>fa</type>"), "this JFLAP file holds no Turing machine"),
    "no end": ("jflap8", jflap8("<transition><from><id>0</id></from></transition>"), "a transition without an end"),
    "no name": (
        "jflap8",
        jflap8("<transition><from/><to><id>1</id></to><read0>a</read0><write0>b</write0><move0>R</move0></transition>"),
        "a state without a name",
    ),
    "nameless": ("turingmachine.io", "start state: a\ntable:\n  a:\n  '':\n    1: R\n", "a state without a name"),
    "a table of other states": ("turingmachine.io", "start state: q\ntable:\n  a:\n    1: R\n", "is not in the table"),
    "a state that is a word": ("turingmachine.io", "start state: a\ntable:\n  a: word\n", "is no mapping"),
    "too many situations": (
        "tapehead",
        "tapes: 9\nsymbols: 0 1 2 3 4 5 6 7 8 9\na *,*,*,*,*,*,*,*,* -> a 0,0,0,0,0,0,0,0,0 R,R,R,R,R,R,R,R,R\n",
        "a rule that stands for more than",
    ),
}


@pytest.mark.parametrize(("notation", "text", "message"), BROKEN.values(), ids=BROKEN)
def test_what_is_wrong_is_said(notation, text, message):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotationWarning)
        with pytest.raises(MachineError) as raised:
            Machine.parse(text, notation=notation)
    assert message in str(raised.value)


def test_what_jflap_does_without_a_word_is_warned_of():
    second = '<state id="2" name="q2"><initial/></state>'
    with pytest.warns(NotationWarning, match="a second initial state"):
        assert Machine.parse(jflap(STATES + second + STEP), notation="jflap").start == "q2"
    never = STEP.replace("<from>0</from><to>1</to>", "<from><id>1</id></from><to><id>0</id></to>")
    never = never.replace("read>", "read0>").replace("write>", "write0>").replace("move>", "move0>")
    with pytest.warns(NotationWarning, match="is final: the run stops there"):
        assert Machine.parse(jflap8(never), notation="jflap8").rules == ()
