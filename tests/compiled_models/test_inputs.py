"""What a machine takes for its input, everywhere alike: wildcards, spaces, JSON, unknown letters."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiled_models import assert_emulates, run
from compiled_models.comparison import compare
from construction import Codec, base_network, compile_machine
from tests.commands import tapehead
from tm import InputError, Machine, Start, outcome, renamed

ANY = "0 * * r 0\n0 _ x * halt\n"  # Morphett's: over whatever stands there, to its end
SKIP = 'start: q\naccept: end\nq x -> end x R\nq _ -> end _ S\nq "" -> q "" R'  # all but x
BRACKETS = "a [ -> a x R\na ] -> a y R\na ab -> a z R"
LONG = "start: a\na zero -> a one R\na one -> a zero R"


def ran(capsys, *arguments: str) -> dict[str, Any]:
    status, out, err = tapehead(capsys, "run", *arguments, "--json")
    assert status in (0, 1), err
    return json.loads(out)


# ------------------------------------------------------------------------------- symbols that only a wildcard reads


@pytest.mark.parametrize(("text", "input"), [(ANY, "abcdefgh"), (ANY, ["long", "er"]), (SKIP, "abx"), (SKIP, "ß")])
def test_base_tuned_and_simulator_agree_on_symbols_that_only_a_wildcard_reads(text, input):
    machine = Machine.read(text)
    expected = outcome(machine, input)
    network = base_network(states=4, symbols=16)
    tuned = compile_machine(Start.of(machine, input).machine)
    for result in (run(network, machine, input), run(tuned, machine, input)):
        assert (result.steps, result.state, result.tape) == (expected.steps, expected.state, expected.tape)
        assert len(list(result.trace())) == expected.steps + 1
    assert compare(network, machine, input).equal
    for each in (network, tuned):
        assert_emulates(each, machine, [input])


def test_a_tuned_network_refuses_symbols_that_it_was_not_compiled_for():
    machine = Machine.read(ANY)
    tuned = compile_machine(Start.of(machine, "ab").machine, symbols=16)
    assert run(tuned, machine, "ba").steps == 3
    for attempt in (lambda: run(tuned, machine, "abc"), lambda: assert_emulates(tuned, machine, ["abc"])):
        with pytest.raises(InputError, match="no rules for symbols of this input") as caught:
            attempt()
        assert (caught.value.problems[0].expected, caught.value.problems[0].found) == ("_ x a b", "c")
    with pytest.raises(InputError, match="no rules for symbols"):
        Codec(tuned.config, Start.of(machine, "c").machine)
    flip = Machine.read("a 0 -> a 1 R")
    assert run(compile_machine(flip, symbols=8), flip, ["0", "2"]).steps == 1  # no rule is missing


def test_a_codec_without_slots_for_the_input_says_so():
    codec = Codec(base_network(2, 8).config, Machine.read(ANY))
    with pytest.raises(InputError, match="no slots for symbols") as caught:
        codec.prompt("ab")
    assert caught.value.problems[0].found == "a b"


@pytest.mark.parametrize("command", ["run", "prompt", "compare", "compile"])
def test_every_command_grows_its_network_with_such_an_input(capsys, tmp_path, command):
    path = tmp_path / "any.txt"
    path.write_text(ANY)
    output = ["-o", str(tmp_path / "net")] if command == "compile" else []
    status, out, err = tapehead(capsys, command, str(path), "abcdefgh", *output)
    assert (status, err) == (0, "")
    if command == "compile":
        assert "it takes the symbols _ x a b c d e f g h" in out
        assert ran(capsys, str(path), "hgfedcba", "--network", str(tmp_path / "net"))["steps"] == 9
        assert "no rules for symbols" in tapehead(capsys, "run", str(path), "z", "--network", str(tmp_path / "net"))[2]


def test_one_base_network_for_all_inputs_of_a_comparison(capsys, tmp_path):
    path = tmp_path / "any.txt"
    path.write_text(ANY)
    status, out, _ = tapehead(capsys, "compare", str(path), "ab", "cdefgh", "", "--json")
    assert status == 0
    assert len({json.loads(line)["sha256"] for line in out.splitlines()}) == 1


# ---------------------------------------------------------------------------------------------------- spaces and JSON


def test_a_space_is_a_symbol_like_any_other(capsys, tmp_path):
    path = tmp_path / "space.yaml"
    path.write_text(
        "blank: ' '\nstart state: a\ntable:\n  a:\n    ' ': {write: y, R: b}\n    1: {write: x, R: b}\n  b:\n"
    )
    assert ran(capsys, str(path), " 1")["tape"] == ["y", "1"]
    assert ran(capsys, str(path), "1 1")["tape"] == ["x", " ", "1"]
    (tmp_path / "in").write_text(" 1\n")
    assert ran(capsys, str(path), "--input-file", str(tmp_path / "in"))["tape"] == ["y", "1"]
    status, _, err = tapehead(capsys, "run", "increment", "1 1")
    assert (status, 'the machine has no symbol " "' in err) == (2, True)


def test_what_is_typed_for_morphetts_simulator_means_what_it_means_there(capsys, tmp_path):
    machine = Machine.read("0 1 0 r 0\n0 _ x l halt\n")
    assert Start.of(machine, "1 1*11").input == (("1", "_", "1", "1", "1"),)
    assert Start.of(machine, "1 1*11").head == (3,)
    assert Start.of(machine, ["1", "*"]).input == (("1", "*"),)  # a list is not typed
    assert outcome(machine, "11*1").tape == [*"110x"]
    path = tmp_path / "typed.txt"
    path.write_text("0 1 0 r 0\n0 _ x l halt\n")
    assert ran(capsys, str(path), "1 1")["tape"] == [*"0x1"]
    assert ran(capsys, str(path), "1*1")["tape"] == [*"10x"]
    status, _, err = tapehead(capsys, "run", str(path), "1*1", "--head", "2")
    assert (status, "start cell is said twice" in err) == (2, True)
    star = Machine(start="a", symbols=["*", " "], inputs=machine.inputs)
    assert Start.of(star, "* ").input == (("*", " "),)  # what the machine has as a symbol means that symbol


def test_symbols_longer_than_a_character_are_given_as_json(capsys):
    assert ran(capsys, LONG, '["zero", "one"]')["tape"] == ["one", "zero"]
    for text in ("zero one", "zero"):
        status, _, err = tapehead(capsys, "run", LONG, text)
        assert status == 2
        assert json.dumps(text.split()) in err
    two = "tapes: 2\nstart: a\na zero,one -> a one,zero R,R"
    assert ran(capsys, two, '[["zero"], ["one"]]')["tape"] == [["one"], ["zero"]]
    assert ran(capsys, two, '["", ["one"]]')["steps"] == 0
    assert '[["zero", "zero"], ["one"]]' in tapehead(capsys, "run", two, "zero zero,one")[2]
    assert "as JSON" not in tapehead(capsys, "run", "increment", "1 1")[2]


@pytest.mark.parametrize(
    ("text", "tape"),
    [
        ("[]", ["x", "y"]),  # all characters are symbols: read one by one
        ("[[]]", ["x", "x", "y", "y"]),
        ('["ab", "["]', ["z", "x"]),  # a quotation mark is no symbol: a list
    ],
)
def test_a_bracket_may_begin_a_list_or_a_text(capsys, text, tape):
    assert ran(capsys, BRACKETS, text)["tape"] == tape


@pytest.mark.parametrize("text", ["[" * 100_000, "[1]", '{"a": 1}', '[["a"], 1]', "[[[[]]]]", '["a"'])
def test_what_is_no_list_of_strings_is_a_text(capsys, text):
    status, out, err = tapehead(capsys, "run", "increment", text)
    assert (status, out) == (2, "")
    assert "the machine has no symbol [" in err or "no symbol {" in err
    assert "list of strings" in err
    assert len(err) < 2000


@given(st.text('01 []",x*', max_size=8))
def test_no_text_is_more_than_an_error(text):
    machine = Machine.read("0 0 1 r 0\n0 1 0 r 0\n0 * * r 0")
    start = Start.of(machine, text)
    assert Start.of(start.machine, start.input, start.head) == start
    assert len(start.input[0]) == len(text.replace("*", ""))


# ------------------------------------------------------------------------------------ letters outside the alphabet

DTM = """DTM(transitions={'a': {'0': ('a', '0', 'R'), '.': ('b', '.', 'N')}}, initial_state='a', blank_symbol='.',
states={'a', 'b'}, input_symbols={'0'}, tape_symbols={'0', '.'}, final_states={'b'})"""


def test_a_letter_outside_the_alphabet_is_rejected_where_the_notations_tool_rejects_it(capsys, tmp_path):
    path = tmp_path / "dtm.py"
    path.write_text(DTM)
    status, out, _ = tapehead(capsys, "run", str(path), "02")
    assert (status, "rejected after 1 step" in out) == (1, True)
    assert outcome(Machine.read(path), "02").accepted is False
    status, _, err = tapehead(capsys, "run", str(path), "02", "--unknown", "refuse")
    assert (status, "no symbol 2" in err) == (2, True)


def test_an_unknown_letter_is_an_error_unless_a_verdict_is_asked_for(capsys):
    status, _, err = tapehead(capsys, "run", "brackets", "(y)")
    assert (status, "rejected (`unknown: reject`, --unknown reject)" in err) == (2, True)
    status, out, _ = tapehead(capsys, "run", "brackets", "(y)", "--unknown", "reject", "--network", "tuned")
    assert (status, "rejected after 1 step" in out) == (1, True)
    status, out, _ = tapehead(capsys, "compare", "brackets", "(y)", "--unknown", "reject")
    assert (status, "equal" in out) == (0, True)


def test_how_inputs_are_taken_is_no_part_of_what_a_machine_does():
    machine = Machine.read(DTM)
    again = Machine.read(machine.write("tapehead"))
    assert again == machine
    assert again.inputs.unknown == "reject"
    assert renamed(machine, {"a": "start"}).inputs == machine.inputs
    assert Start.of(machine, "02").machine.inputs == machine.inputs


# -------------------------------------------------------------------------------------------- the file's own input


def test_the_files_own_input_is_used_where_none_is_given_and_said(capsys, tmp_path):
    path = tmp_path / "own.txt"
    path.write_text("; $INITIAL_TAPE: 1*1\n0 1 0 r 0\n0 _ _ l halt\n")
    status, out, _ = tapehead(capsys, "run", str(path))
    assert status == 0
    assert "input    11, head on cell 1 (the file's own)" in out
    assert ran(capsys, str(path))["tape"] == ["1", "0"]
    assert ran(capsys, str(path))["input"] == [["1", "1"]]
    assert ran(capsys, str(path), "--head", "0")["tape"] == ["0", "0"]
    for text, tape in (("", []), ("1", ["0"])):
        assert ran(capsys, str(path), text)["tape"] == tape
        assert "file's own" not in tapehead(capsys, "run", str(path), text)[1]
        assert "input" not in ran(capsys, str(path), text)
    (tmp_path / "in").write_text("111")
    assert ran(capsys, str(path), "--input-file", str(tmp_path / "in"))["steps"] == 4
    assert "given twice" in tapehead(capsys, "run", str(path), "", "--input-file", str(tmp_path / "in"))[2]
    assert "input '11, head on cell 1 (the file's own)'" in tapehead(capsys, "compare", str(path))[1].replace('"', "'")
    status, out, err = tapehead(capsys, "prompt", str(path))
    assert (status, "[1] [1]" in out, "the file's own" in err) == (0, True, True)


def test_a_machine_of_the_library_runs_its_first_example(capsys):
    assert ran(capsys, "increment")["tape"] == ran(capsys, "increment", "1011")["tape"]
    assert ran(capsys, "increment", "")["steps"] == 2
    assert "input" not in ran(capsys, "bb2")  # a blank tape is no input


def test_what_a_file_says_of_its_input_is_taken_as_it_stands(capsys):
    assert ran(capsys, "# example: 12 ->\na 1 -> a 1 R")["steps"] == 1  # it halts on a symbol that no rule reads
    status, _, err = tapehead(capsys, "run", "# example: 1,1 ->\na 1 -> a 1 R")
    assert (status, "wrong number of inputs" in err) == (2, True)
    assert tapehead(capsys, "run", "# example: nonsense\na 1 -> a 1 R", "1")[0] == 0  # a comment that is none


def test_the_api_takes_the_input_that_it_is_given():
    machine = Machine.read("# example: 11 ->\na 1 -> a 1 R")
    assert run(base_network(2, 2), machine).steps == 0
    assert outcome(machine).steps == 0
