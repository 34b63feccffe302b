"""`tapehead sweep`: every row is that of a run of its own, whatever it was run beside."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from compiled_models import runner
from compiled_models.cli import main
from compiled_models.decoding import batched, choice
from compiled_models.decoding.dense_rows import DenseRows
from compiled_models.input_text import input_of
from compiled_models.sweep import rows
from compiled_models.sweep.rows import SHORT
from tests.commands import tapehead
from tm import Machine, library, outcome

FLIP = "accept: done\ngo 0 -> go 1 R\ngo 1 -> go 0 R\ngo _ -> done _ S\n"
SMALL = ("--states", "8", "--symbols", "4", "--tapes", "1")
"""The network of the other tests of batches: its kernel is compiled once."""
BEAVERS = ["1RB1LB_1LA1RZ", "1RB1RZ_1LB0RC_1LC1LA", "1RB1LB_1LA0LC_1RZ1LD_1RD0RA", "1RB0LB_0LA0RB", "1RA1RA"]


def swept(*arguments: str) -> list[dict[str, str]]:
    """The rows of a sweep, with one process."""
    out = arguments[arguments.index("--out") + 1]
    assert main(["sweep", *arguments, "--workers", "1"]) == 0
    with Path(out).open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(autouse=True)
def many(monkeypatch):
    """However few jobs there are, they are run as many are: in batches."""
    monkeypatch.setattr("compiled_models.sweep.sweep.FEW", 0)


@pytest.fixture
def out(tmp_path: Path) -> str:
    return str(tmp_path / "results.csv")


def test_every_machine_of_the_library_on_its_own_inputs(tmp_path, out, capsys):
    folder = tmp_path / "machines"
    folder.mkdir()
    names = ("increment", "bb4", "divisible_by_3", "complement", "bb2x3")
    for name in names:
        (folder / f"{name}.tm").write_text(library.text(name))
    made = swept(str(folder), "--out", out, *SMALL)
    assert len(made) == sum(len({(e.input, e.head) for e in library.examples(name)}) for name in names)
    for row in made:
        machine = Machine.read(row["machine"])
        heads = [int(cell) for cell in row["start_head"].split(",")]
        end = outcome(machine, input_of(machine, row["input"]), head=heads, max_steps=1000)
        assert (row["halted"], row["error"]) == ("true", "")
        assert (int(row["steps"]), row["state"]) == (end.steps, end.state)
        tapes = [end.tape] if machine.tapes == 1 else end.tape
        assert row["tape"] == ",".join("".join(tape) for tape in tapes)
        assert row["accepted"] == {True: "true", False: "false", None: ""}[end.accepted]
    assert len({row["network_sha256"] for row in made}) == 1


@pytest.mark.parametrize("steps", [1, 5, 6, 106, 107, SHORT - 1, SHORT, SHORT + 50])
def test_a_limit_is_a_limit_in_batches_and_alone(steps, tmp_path, out, capsys):
    file = tmp_path / "list.txt"
    file.write_text("# some\n\n" + "\n".join(BEAVERS))
    made = swept(str(file), "--out", out, "--max-steps", str(steps), *SMALL)
    assert [row["machine"] for row in made] == BEAVERS
    for row in made:
        end = outcome(Machine.read(row["machine"]), max_steps=steps)
        assert (int(row["steps"]), row["halted"] == "true") == (end.steps, end.halted)
        assert (row["reason"], row["tape"]) == ("no rule" if end.halted else "step limit", "".join(end.tape))
    assert len({row["network_sha256"] for row in made}) == 1


@pytest.fixture
def dense(monkeypatch):
    """The module's own forward pass, for which nothing is compiled."""
    monkeypatch.setattr(rows, "rows_of", lambda *given, device: DenseRows(*given))
    monkeypatch.setattr(rows, "usual", lambda network, device: "dense")


def test_dense_rows_are_the_same(dense, tmp_path, capsys):
    file = tmp_path / "list.txt"
    file.write_text("\n".join(BEAVERS[:4]))
    made = swept(str(file), "--out", str(tmp_path / "dense.csv"), "--max-steps", "150")
    assert {row.pop("decoder") for row in made} == {"dense"}
    assert [(row["steps"], row["reason"]) for row in made] == [
        ("6", "no rule"),
        ("21", "no rule"),
        ("107", "no rule"),
        ("150", "step limit"),
    ]


def test_several_tapes(dense, tmp_path, out, capsys):
    (tmp_path / "inputs.txt").write_text("1,1\n11,1\n")
    made = swept("two_tape_add", str(tmp_path / "inputs.txt"), "--out", out)
    assert [(row["input"], row["start_head"], row["tape"]) for row in made] == [
        ("1,1", "0,0", "10,1"),
        ("11,1", "0,0", "100,1"),
    ]


def test_what_cannot_be_read_or_run_is_a_row(dense, tmp_path, out, capsys):
    folder, inputs = tmp_path / "class", tmp_path / "inputs.tsv"
    folder.mkdir()
    (folder / "anna.tm").write_text(FLIP)
    (folder / "ben.tm").write_text("no machine {")
    (folder / "chris.tm").write_bytes(b"\xff\xfe\xff")
    (folder / "coin.tm").write_text("nondeterministic: yes\na _ -> b 0 R\na _ -> b 1 R\n")
    (folder / "dice.tm").write_text(library.text("coin_flips"))
    (folder / "large.tm").write_text("".join(f"s{n} _ -> s{n + 1} 1 R\n" for n in range(20)))
    inputs.write_text('01\n2\n""\n')
    made = swept(str(folder), str(inputs), "--out", out)
    assert len(made) == 18
    errors = {(Path(row["machine"]).stem, row["input"]): row["error"] for row in made}
    assert errors["anna", "01"] == errors["anna", ""] == ""
    assert errors["anna", "2"] == "the machine has no symbol 2"
    assert "neither a header nor a rule" in errors["ben", "01"]
    assert errors["chris", "01"]
    assert "stochastic" in errors["dice", ""]
    by_name = {(Path(row["machine"]).stem, row["input"]): row for row in made}
    assert errors["coin", ""] == ""
    assert by_name["coin", ""]["decoder"] == "dense"  # searched for, and checked
    assert by_name["large", ""]["steps"] == "20"
    assert by_name["large", ""]["network_sha256"] != by_name["anna", ""]["network_sha256"]
    assert f"{sum(map(bool, errors.values()))} not run" in capsys.readouterr().out


def test_inputs_are_for_all_machines_or_for_one(dense, tmp_path, out, capsys):
    (tmp_path / "m").mkdir()
    for name in ("one", "two"):
        (tmp_path / "m" / f"{name}.tm").write_text(FLIP)
    table = tmp_path / "t.tsv"
    table.write_text("machine\tinput\thead\n\t1\t\n\ntwo\t00\t1\n")
    made = swept(str(tmp_path / "m"), str(table), "--out", out)
    said = [(Path(row["machine"]).stem, row["input"], row["start_head"], row["tape"]) for row in made]
    assert said == [("one", "1", "0", "0"), ("two", "1", "0", "0"), ("two", "00", "1", "01")]
    table.write_text("one\t1\ntwo\t0\n")
    made = swept(str(tmp_path / "m"), str(table), "--out", f"{out}.2.csv")
    assert [(Path(row["machine"]).stem, row["tape"]) for row in made] == [("one", "0"), ("two", "1")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("three\t1\n", "an input is for a machine that is not there"),
        ("machine\tinput\tcolour\none\t1\tred\n", "no such column"),
        ("increment\t1\t2\n", "the wrong number of cells"),
        ("machine\tinput\thead\nincrement\t1\n", "the wrong number of cells"),
        ("input\thead\tinput\n1\t0\t1\n", "this column is named twice"),
        ("input\thead\n1\tx\n", "--head takes a cell"),
        ("input\tseed\n1\t-1\n", "no seed"),
        ("\n\n", "there is no input in this file"),
    ],
)
def test_a_file_of_inputs_that_is_none(text, message, tmp_path, out, capsys):
    table = tmp_path / "t.tsv"
    table.write_text(text)
    status, _, said = tapehead(capsys, "sweep", "increment", str(table), "--out", out)
    assert (status, message in said) == (2, True)
    assert str(table) in said  # what is wrong, and where
    assert not Path(out).exists()


def test_seeds(dense, out, tmp_path, capsys):
    made = swept("coin_flips", "--out", out, "--seed", "3")
    assert {row["error"] for row in made} == {""}
    table = tmp_path / "t.tsv"
    table.write_text("input\tseed\n???\t1\n???\t\n")
    made = swept("coin_flips", str(table), "--out", f"{out}.2.csv", "--seed", "2")
    assert [row["seed"] for row in made] == ["1", "2"]
    for row in made:
        end = outcome(library.load("coin_flips"), "???", seed=int(row["seed"]), max_steps=100)
        assert row["tape"] == "".join(end.tape)


def test_parquet_has_the_rows_of_csv(dense, tmp_path, out, capsys):
    parquet = pytest.importorskip("pyarrow.parquet")
    made = swept("increment", "--out", out)
    assert main(["sweep", "increment", "--out", str(tmp_path / "a.parquet"), "--workers", "1"]) == 0
    table = parquet.read_table(tmp_path / "a.parquet")
    texts: list[dict[str, Any]] = [
        {
            name: "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
            for name, value in row.items()
        }
        for row in table.to_pylist()
    ]
    assert texts == made
    manifest = json.loads((tmp_path / "a.parquet.manifest.json").read_text())
    assert json.loads(table.schema.metadata[b"tapehead"]) == manifest["work"]
    assert manifest["networks"] == {made[0]["network_sha256"]: len(made)}
    assert manifest["command"] == f"tapehead sweep increment --out {tmp_path / 'a.parquet'} --workers 1"
    assert {"tapehead", "python", "torch"} <= set(manifest["versions"])


def test_without_pyarrow(monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    status, _, said = tapehead(capsys, "sweep", "bb2", "--out", str(tmp_path / "a.parquet"))
    assert (status, "pip install 'tapehead[parquet]'" in said) == (2, True)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["bb2", "--out", "a.txt"], ".parquet or .csv"),
        (["no_such.tm", "--out", "a.csv"], "no such file"),
        (["folder", "--out", "a.csv"], "there is no file in this folder"),
        (["bb2", "none.txt", "--out", "a.csv"], "no such file"),
        (["bb2", "--out", "nowhere/a.csv"], "nowhere"),
        (["bb2", "--out", "a.csv", "--workers", "2", "--dask", "x"], "the workers are said twice"),
        (["bb2", "--out", "a.csv", "--dtype", "float16"], "number format"),
        (["bb2"], "--out"),
    ],
)
def test_bad_input_is_one_clear_error(words, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    status, _, said = tapehead(capsys, "sweep", *words)
    assert (status, message in said, "Traceback" in said) == (2, True, False), said


def test_one_of_a_thing_is_not_several(tmp_path, capsys):
    status, said, _ = tapehead(capsys, "sweep", "bb2", "--out", str(tmp_path / "a.csv"), *SMALL)
    assert status == 0
    assert "1 row of 1 machine" in said
    assert "network  1 row by sha256" in said


def test_a_device_that_is_not_there_leaves_nothing_behind(out, capsys, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    for words in (["sweep", "bb2", "--out", out], ["beaver", "2"], ["beaver", "2", "--workers", "1"]):
        status, _, said = tapehead(capsys, *words, "--device", "cuda")
        assert (status, "there is no CUDA device on this machine" in said) == (2, True)
    assert list(Path(out).parent.iterdir()) == []
    for how in (["--workers", "2"], ["--dask", "tcp://127.0.0.1:1"]):
        status, _, said = tapehead(capsys, "beaver", "2", "--device", "cuda", *how)
        assert (status, "workers run their branches of the tree on the CPU" in said) == (2, True)


def test_a_device_is_said_all_the_way_down(tmp_path, monkeypatch, capsys):
    """As on a GPU: the forward pass alone, batches and runs of their own, on the device that was asked for."""
    devices = []

    def as_on_a_gpu(network: object, device: str | None = None) -> bool:
        devices.append(device)
        return True

    for module in (batched, choice, runner):
        monkeypatch.setattr(module, "dense_alone", as_on_a_gpu)
    (tmp_path / "list.txt").write_text("\n".join(BEAVERS[:2]))
    (tmp_path / "coin.tm").write_text("a _ -> b 1 R x 1\na _ -> b 0 R x 3\n")
    for name in ("list.txt", "coin.tm"):
        made = swept(str(tmp_path / name), "--out", str(tmp_path / f"{name}.csv"), "--device", "cpu", "--seed", "1")
        assert {row["decoder"] for row in made} == {"dense"}
        assert {row["halted"] for row in made} == {"true"}
    assert {device for device in devices if device is not None} == {"cpu"}
    assert devices.count("cpu") == 2  # once for the network of each list; None: of a batch, where its network is


@pytest.mark.parametrize("text", ["nosuch", "", "machins", "neither a file nor a machine"])
def test_what_is_neither_a_file_nor_a_machine_is_no_list_of_one(text, out, capsys):
    status, _, said = tapehead(capsys, "sweep", text, "--out", out)
    assert (status, bool(said)) == (2, True)
    assert not Path(out).exists()


def test_a_line_of_a_list_that_is_no_machine_is_a_row_that_says_so(out, tmp_path, capsys):
    """Even of a list of two: a line is never passed over."""
    for number, lines in enumerate((["1RB1LB_1LA1RZ", "1RB1LB_"], ["no machine", *BEAVERS[:1], "nor this"])):
        (tmp_path / "list.txt").write_text("\n".join(lines))
        made = swept(str(tmp_path / "list.txt"), "--out", f"{out}.{number}.csv", *SMALL)
        assert [row["machine"] for row in made] == lines
        assert [row["halted"] for row in made] == ["true" if line == BEAVERS[0] else "" for line in lines]
        assert [bool(row["error"]) for row in made] == [line != BEAVERS[0] for line in lines]


def test_for_few_jobs_nothing_is_compiled_and_the_rows_are_the_same(tmp_path, capsys, monkeypatch):
    (tmp_path / "list.txt").write_text("\n".join(BEAVERS))
    (tmp_path / "inputs.txt").write_text('""\n1\n0110\n')
    words = (str(tmp_path / "list.txt"), str(tmp_path / "inputs.txt"), "--max-steps", "200", *SMALL)
    batch = swept(*words, "--out", str(tmp_path / "batch.csv"))

    def compiled(*_given: object, **_options: object) -> None:
        raise AssertionError("something was compiled")

    monkeypatch.setattr("compiled_models.sweep.sweep.FEW", 500)
    monkeypatch.setattr("compiled_models.decoding.kernels.kernel_rows.kernel", compiled)
    monkeypatch.setattr("compiled_models.decoding.kernels.kernel_decoder.kernel", compiled)
    assert swept(*words, "--out", str(tmp_path / "alone.csv")) == batch
    assert {row["decoder"] for row in batch} == {"merged"}
    assert len({row["steps"] for row in batch}) > 5


def test_draws_of_many_short_runs_compile_nothing(tmp_path, out, capsys, monkeypatch):
    def compiled(*_given: object, **_options: object) -> None:
        raise AssertionError("something was compiled")

    monkeypatch.setattr("compiled_models.decoding.kernels.kernel_decoder.kernel", compiled)
    (tmp_path / "seeds.tsv").write_text("input\tseed\n" + "".join(f"????\t{seed}\n" for seed in range(20)))
    made = swept("coin_flips", str(tmp_path / "seeds.tsv"), "--out", out)
    for seed, row in enumerate(made):
        end = outcome(library.load("coin_flips"), "????", seed=seed, max_steps=100)
        assert (row["tape"], row["error"]) == ("".join(end.tape), "")
    assert len({row["tape"] for row in made}) > 5
