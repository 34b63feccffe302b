"""Notations by name: added, listed, imported only when a machine is read, and told from all of a text."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tm.notation
from benchmarks.fuzz import mutants, tally
from tests.effort import examples
from tests.strategies import LOOKALIKES, machines
from tm import Machine, MachineError, Rule, registry
from tm.registry import Notation, detect, read, readers, write, writers

WRITTEN = sorted(set(readers()) & set(writers()) - {"busy-beaver"})
LOOKALIKE = st.one_of(st.sampled_from(LOOKALIKES), st.text("01abLR_-:,", min_size=1, max_size=4))


def test_a_notation_of_ones_own(monkeypatch):
    monkeypatch.setattr(registry, "_NOTATIONS", {n.name: n for n in registry._known()})
    flip = Machine.parse("a 0 -> a 1 R")
    registry.register(
        Notation("shout", (".shout",), lambda text: text.startswith("FLIP!"), "FLIP!", lambda *_: flip, None)
    )
    assert registry.detect("FLIP!") == "shout"
    assert Machine.parse("FLIP!") == flip
    with pytest.raises(ValueError, match="already"):
        registry.register(Notation("shout", (), lambda text: 0.0, "", None, None))


def test_the_page_on_notations_names_every_place():
    folder = Path(tm.notation.__file__).parent
    page = (folder / "README.md").read_text(encoding="utf-8")
    places = [path for path in folder.iterdir() if path.is_dir() or path.suffix == ".py"]
    places += (folder / "common").iterdir()
    for path in places:
        assert path.stem.startswith("__") or f"{path.name}" in page


def test_notations_are_imported_when_the_first_machine_is_read():
    look = "print('tm.notation' in sys.modules)"
    code = f"import sys, tm; {look}; tm.Machine.read('a 0 -> b 1 R'); {look}"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.split() == ["False", "True"]


# ------------------------------------------------------------------------------------------ which notation a text is in


@pytest.mark.parametrize("notation", WRITTEN)
@settings(max_examples=examples(30))
@given(machines(max_tapes=2, weights=False, names=LOOKALIKE))
def test_what_is_written_is_told_for_what_it_is(notation, machine):
    try:
        text = write(machine, notation)
    except MachineError:
        return
    assert detect(text) == notation
    assert read(text) == read(text, notation)


@pytest.mark.parametrize("notation", WRITTEN)
@settings(max_examples=examples(20))
@given(name=st.sampled_from(LOOKALIKES))
def test_one_name_in_every_place_does_not_mislead(name, notation):
    rule = Rule(name, (name,), name, (name,), ("R",))
    text = write(Machine(start=name, name=name, blank=name, rules=[rule]), notation)
    assert detect(text) == notation
    assert read(text).states[0] == name


INIT = """blank: ' '
start state: init
table:
  init: {1: R, ' ': {L: accept}}
  accept:
    1: {write: 0, L}
"""
LOOP = "start: 1 1 r start:\nstart: _ _ l loop:\nloop: 1 0 l loop:\nloop: _ _ r halt\n"


@pytest.mark.parametrize(
    ("text", "notation"),
    [
        (INIT, "turingmachine.io"),
        (INIT.replace("start state: init", "start state: name").replace("init:", "name:"), "turingmachine.io"),
        ("".join(f"  {line}\n" for line in INIT.splitlines()), "turingmachine.io"),
        ("---\n" + INIT, "turingmachine.io"),
        (INIT.replace("table:", "'table' :").replace("start state:", '"start state":'), "turingmachine.io"),
        ("{blank: 0, start state: a, table: {a: {0: {R: init}}, init: }}", "turingmachine.io"),
        ('{"blank": "_",\n "table": {"a": null},\n "start state": "a"}', "turingmachine.io"),
        (LOOP, "morphett"),
        ("# 1 1 r #\n# _ _ l halt", "morphett"),
        ("-> 1 1 r ->\n-> _ _ l halt", "morphett"),
        ("A 0 1 r A\nA 1 1 l 1RB1LB_1LA1RZ", "morphett"),
        ("accept: b\nstart: init\ninit 0 -> b 1 R", "tapehead"),
        ("machine: table: of a -> b\nstart: 1RB1LB_1LA1RZ\n1RB1LB_1LA1RZ 0 -> l 1 R", "tapehead"),
        ("name: table\ninit: start\naccept: end\n\nstart,0\nend,1,>", "turingmachinesimulator"),
        ("init: 1RB1LB_1LA1RZ\n\n1RB1LB_1LA1RZ,0\nend,1,>", "turingmachinesimulator"),
        ("<structure><!-- <structure type='turing'> --><type>turing</type></structure>", "jflap"),
        ("# DTM(transitions={}, initial_state='a')\na 0 -> b 1 R", "tapehead"),
    ],
)
def test_a_name_or_a_comment_does_not_decide(text, notation):
    assert detect(text) == notation


@pytest.mark.parametrize(
    ("text", "notation", "message"),
    [
        ("a 0 -> b 1", "tapehead", "a rule has 2 fields"),
        ("start: a\na 0 -> b 1 R\nb 0 b 1 L", "tapehead", "neither a header nor a rule"),
        ("0 1 0 r 0\n0 0 1 rigt 0\n0 _ _ l", "morphett", "no such direction"),
        (INIT.replace("start state", "start sate"), "turingmachine.io", "`start state:` is missing"),
        (INIT.replace("table", "tabel"), "turingmachine.io", "`table:` is missing"),
        ("init: a\naccpet: b\n\na,0\nb,1,>", "turingmachinesimulator", "no such header"),
        ("<structure><type>turing</type><automaton><state></automaton></structure>", "jflap", "this is no XML"),
        ("1RB1LB_1XA1RZ", "busy-beaver", "no entry for state B"),
        ("DTM(transitions={'a': {}}, initial_state='a'", "automata-lib", "this is no Python"),
    ],
)
def test_mistakes_are_those_of_the_notation_that_is_meant(text, notation, message):
    assert detect(text) == notation
    with pytest.raises(MachineError, match=message):
        read(text)


PROSE = [
    "The table: what each leg stands for.\nIt was made of oak.",
    "table: for six\nstart state: to be seen\nDear guests,\nplease come in.\nYours",
    "init: the machine begins here.\nThen it goes on.\nAnd on.",
    "name: A. Turing\naccept: with thanks\nYours sincerely",
    "start: the engine, before you drive.",
    "machine: the one in the hall\nIt was big.",
    "The head reads a -> b, and then c -> d.",
    "In state q0 the machine reads 0 -> writes 1 and moves R.",
    "graph TD\n a --> b",
    "We call DTM(states) in a loop.",
    "I think that 1RB1LB_1LA1RZ is the champion.",
    "He said ... and then 1RB.",
    "... and so on",
    "x,y\n1,2\n3,4",
    "key: value\nother: value",
    "<p>A <b>structure</b> of <i>states</i></p>",
    "A <structure> with a <type>",
    '{"name": "x", "version": 1}',
    "# Title\n\nSome *text*, with `code`:\n\n    a 0 -> b 1 R\n\nand no end.",
    "1. one\n2. two\n3. three",
    "import os\nprint(os.name)",
]


@pytest.mark.parametrize("text", PROSE)
def test_prose_is_no_machine(text):
    with pytest.raises(MachineError, match="no notation that is known") as caught:
        detect(text)
    (problem,) = caught.value.problems
    assert all(notation in problem.expected for notation in readers())
    assert problem.hint


def test_a_text_of_two_notations_is_refused_until_one_is_named():
    text = "init: a\nstart: b\naccept: b\n"
    with pytest.raises(MachineError, match="may be in several notations") as caught:
        detect(text)
    (problem,) = caught.value.problems
    assert problem.found == "turingmachinesimulator or tapehead"
    assert "--notation" in problem.hint
    assert detect(text, "b.tm") == "tapehead"


def test_what_is_nearly_a_machine_says_of_which_notation():
    with pytest.raises(MachineError, match="20% of it fits morphett; --notation morphett says"):
        detect("0 1 1 r 0\nand\nso\non\nand on")


# -------------------------------------------------------------------------------------------------------- mutated files


@pytest.mark.parametrize("notation", readers())
def test_a_mutated_file_is_a_machine_or_a_clear_error(notation):
    result = tally(notation, mutants(notation, 200, seed=1))
    assert result.failures == []
    assert result.counts["machines"] + result.counts["machines, and written"] > 0
    assert result.counts["errors"] > 0
