"""`tapehead test`: machines against the examples in their files and in a table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from compiled_models.cli import main
from compiled_models.sweep import Case, cases_in_table
from tm import MachineError, library
from tm.notation.tapehead.example import RunExample

FLIP = "# example: 01 -> 10 accept in 3 steps\naccept: done\ngo 0 -> go 1 R\ngo 1 -> go 0 R\ngo _ -> done _ S\n"


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    status = main(["test", *arguments, "--json"])
    return status, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("name", ["increment", "coin_flips", "two_tape_add", "divisible_by_3", "bb4"])
def test_the_librarys_examples_hold(name, capsys):
    status, result = said(capsys, name)
    (machine,) = result["machines"]
    assert (status, machine["holds"], len(machine["examples"])) == (0, True, len(library.examples(name)))


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        ("# example: 01 -> 11", "tape 10"),
        ('# example: "" -> 1', 'tape ""'),
        ("# example: 01 -> reject", "accept"),
        ("# example: 01 -> in 4 steps", "3 steps"),
        ("# example: 01 -> 11 reject in 4 steps", "tape 10, accept, 3 steps"),
        ("# example: 012 -> 10", "the machine has no symbol 2"),
    ],
)
def test_an_example_that_does_not_hold_says_what_was_found(wrong, found, tmp_path, capsys):
    file = tmp_path / "flip.tm"
    file.write_text(f"{wrong}\n{FLIP}")
    status, result = said(capsys, str(file))
    first, second = result["machines"][0]["examples"]
    assert (status, first["holds"], first["found"], second["holds"]) == (1, False, found, True)
    assert main(["test", str(file)]) == 1
    assert "1 of 2 examples hold" in capsys.readouterr().out


def test_a_run_that_does_not_halt_holds_nothing(tmp_path, capsys):
    file = tmp_path / "on.tm"
    file.write_text("# example: -> accept\na _ -> a _ R\n")
    status, result = said(capsys, str(file), "--max-steps", "20")
    (check,) = result["machines"][0]["examples"]
    assert (status, check["holds"], check["steps"]) == (1, False, 20)
    assert "step limit" in check["found"]


def test_a_folder_is_every_file_in_it(tmp_path, capsys):
    (tmp_path / "b.tm").write_text(FLIP)
    (tmp_path / "a.tm").write_text("no machine {")
    (tmp_path / "c.tm").write_text(FLIP.split("\n", 1)[1])
    (tmp_path / ".hidden").write_text("no machine {")
    (tmp_path / "inside").mkdir()
    status, result = said(capsys, str(tmp_path))
    machines = result["machines"]
    assert [Path(str(machine["machine"])).name for machine in machines] == ["a.tm", "b.tm", "c.tm"]
    assert [machine["holds"] for machine in machines] == [False, True, True]
    assert (status, machines[0]["error"]) == (1, "line 1: neither a header nor a rule")
    assert len({machine["sha256"] for machine in machines if machine["examples"]}) == 1
    assert main(["test", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert "no example" in out
    assert "1 machine not read" in out


def test_a_table_is_for_every_machine_or_for_one(tmp_path, capsys):
    folder, table = tmp_path / "class", tmp_path / "cases.tsv"
    folder.mkdir()
    for name in ("one", "two"):
        (folder / f"{name}.tm").write_text(FLIP.split("\n", 1)[1])
    table.write_text('input\ttape\tverdict\tsteps\tmachine\n\n01\t10\taccept\t3\t\n""\t""\t\t1\ttwo\n')
    assert cases_in_table(table) == (
        Case(RunExample("01", 0, None, ("10",), True, 3)),
        Case(RunExample("", 0, None, ("",), None, 1), "two"),
    )
    status, result = said(capsys, str(folder), "--inputs", str(table))
    assert (status, [len(machine["examples"]) for machine in result["machines"]]) == (0, [1, 2])


def test_several_tapes_in_a_table(tmp_path, capsys):
    table = tmp_path / "cases.tsv"
    table.write_text('input\ttape\n1,1\t10,1\n11\t11,""\n')
    status, result = said(capsys, "two_tape_add", "--inputs", str(table))
    assert (status, result["machines"][0]["holds"]) == (0, True)


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", ["the columns are not named"]),
        ("input\n1\n", ["the columns are not named"]),
        ("input\ttape\tcolour\n1\t1\tred\n", ["no such column"]),
        ("input\tverdict\n1\tyes\n1\taccept\textra\n", ["no verdict", "more cells than columns"]),
        ("input\ttape\tverdict\n1\t1\n1\n", ["fewer cells than columns", "fewer cells than columns"]),
        ("input\ttape\n\n", ["there is no example in this table"]),
        ("input\ttape\tsteps\n1\t\t\n", ["this row claims nothing"]),
        ("input\ttape\ttape\n1\t1\t1\n", ["this column is named twice"]),
        ("input\tsteps\n1\tmany\n1\t-3\n", ["no number in the column steps", "no number in the column steps"]),
    ],
)
def test_a_table_that_is_none(text, problems, tmp_path, capsys):
    table = tmp_path / "cases.tsv"
    table.write_text(text)
    with pytest.raises(MachineError) as error:
        cases_in_table(table)
    assert [problem.message for problem in error.value.problems] == problems
    assert all(problem.source == str(table) and problem.line for problem in error.value.problems)
    assert main(["test", "increment", "--inputs", str(table)]) == 2
    assert "cases.tsv" in capsys.readouterr().err


def test_an_example_for_a_machine_that_is_not_there(tmp_path, capsys):
    table = tmp_path / "cases.tsv"
    wrong = "1\taccept\tincremant\n\n1\taccept\tdecrement\n1\taccept\tincremant\n"
    table.write_text("input\tverdict\tmachine\n1\taccept\tincrement\n" + wrong)
    assert main(["test", "increment", "--inputs", str(table)]) == 2
    said = capsys.readouterr().err
    message = "an example is for a machine that is not there"
    assert said.count(message) == 2
    for line, name in ((3, "incremant"), (5, "decrement")):
        assert f"cases.tsv:{line}: {message}" in said
        assert f"found: {name}\n" in said


def test_nothing_to_test(tmp_path, capsys):
    for arguments in (["1RB1LB_1LA1RZ"], [str(tmp_path)], ["increment", "--inputs", str(tmp_path / "none.tsv")], []):
        assert main(["test", *arguments]) == 2
    assert "Missing argument" in capsys.readouterr().err
