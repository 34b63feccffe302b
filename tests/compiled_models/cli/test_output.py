"""Where the command line writes to: pipes that nobody reads, full disks, names that no file can have, huge pictures."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from compiled_models import load, run, save
from compiled_models.cli import main
from construction import base_network
from tests.compiled_models.test_foreign_text import COMMANDS
from tm import FileError, Machine, TapeheadError, library


@pytest.mark.parametrize(
    ("arguments", "closed"),
    [
        (["run", "bb2", "--trace"], "stdout"),
        (["convert", "bb2", "--to", "mermaid"], "stdout"),
        (["--help"], "stdout"),
        (["convert", "bb2", "--to", "klingon"], "stderr"),
    ],
)
def test_a_pipe_that_nobody_reads_is_no_answer(arguments, closed):
    """Not 1, which says "rejected"."""
    reading, writing = os.pipe()
    os.close(reading)
    out, err = (writing, subprocess.PIPE) if closed == "stdout" else (subprocess.PIPE, writing)
    done = subprocess.run([sys.executable, "-m", "compiled_models", *arguments], check=False, stdout=out, stderr=err)
    os.close(writing)
    assert done.returncode == 141
    assert not done.stdout
    assert not done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no such device")
def test_a_full_disk_is_no_answer_either():
    with open("/dev/full", "w", encoding="utf-8") as full:
        command = [sys.executable, "-m", "compiled_models", "convert", "bb2", "--to", "busy-beaver"]
        done = subprocess.run(command, check=False, stdout=full, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (2, b"tapehead: the output cannot be written: No space left on device\n")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no such device")
@pytest.mark.parametrize(
    "arguments", ["convert no-such-machine --to jflap", "convert bb2 --to klingon", "convert bb2 --no-such-option"]
)
@pytest.mark.parametrize("where", ["2>&-", "2>/dev/full", ">/dev/full 2>&1", ">&- 2>&-"])
def test_an_error_that_cannot_be_written_is_no_answer_either(arguments, where):
    """Not 1, with which Python ends where it cannot even write a traceback."""
    done = subprocess.run(
        f"'{sys.executable}' -m compiled_models {arguments} {where}", shell=True, check=False, capture_output=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (2, b"", b"")


def test_a_name_that_no_file_can_have(capsys):
    machine, network = library.load("bb2"), base_network(4, 2)
    for name in ("a\0b", "half \ud800", "x" * 5_000):
        with pytest.raises(FileError, match="no file can have this name"):
            save(network, name)
        with pytest.raises(TapeheadError, match="no file can have this name"):
            run(network, machine, snapshot=name)
        for read in (load, Machine.read, lambda name: run(network, machine, resume=name)):
            with pytest.raises(TapeheadError):
                read(Path(name))
    for option in ("--network", "--snapshot", "--resume"):
        status = main(["run", "bb2", option, "x" * 5_000])
        out, err = capsys.readouterr()
        assert (status, out, err.startswith("tapehead: ")) == (2, "", True)


def test_a_picture_of_thousands_of_states_is_refused(capsys, tmp_path):
    """It would take minutes, and show nothing; as text for other tools it is written."""
    path = tmp_path / "long.tm"
    path.write_text("\n".join(f"s{i} 0 -> s{i + 1} 1 R" for i in range(2_000)))
    status = main(["graph", str(path), "-o", str(tmp_path / "long.svg")])
    assert (status, "at most 1,000 states" in capsys.readouterr().err) == (2, True)
    assert not (tmp_path / "long.svg").exists()
    assert main(["graph", str(path), "-o", str(tmp_path / "long.dot")]) == 0


FILES = [
    (path, parameter)
    for path, command in COMMANDS.items()
    for parameter in command.params
    if isinstance(parameter.type, click.Path | click.File)
]


def call_with(path, parameter, value) -> list[str]:
    """The arguments of a command with one of its files named so, and beside it only what it cannot do without."""
    option = isinstance(parameter, click.Option)
    machine = ["bb2"] * any(p.name in ("machine", "machines") and p.required for p in COMMANDS[path].params)
    target = {("convert",): ["--to", "mermaid"], ("sweep",): ["--out", "rows.csv"]}.get(path, [])
    if parameter.opts[0] in target:
        target = []
    return [*path, *machine, *target, *([parameter.opts[0]] if option else []), value]


def test_the_files_of_commands_are_known_as_such():
    """What is written or read by name, so that the tests below leave none out."""
    named = {f"{path[-1]} {parameter.name}" for path, parameter in FILES}
    assert named >= {"run choice", "run snapshot", "run resume", "run input_file", "certify network", "base output"}
    assert named >= {"show output", "show site", "bench output", "convert output", "tuning output"}


@pytest.mark.parametrize(("path", "parameter"), FILES, ids=lambda value: getattr(value, "name", None))
def test_a_file_without_a_name_is_not_the_folder_that_we_are_in(capsys, monkeypatch, tmp_path, path, parameter):
    monkeypatch.chdir(tmp_path)
    assert main(call_with(path, parameter, "")) == 2
    out, err = capsys.readouterr()
    assert not out
    assert "''" in err
    assert "a folder" not in err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "x" * 5_000], ids=["zero byte", "half a pair", "long"])
@pytest.mark.parametrize(("path", "parameter"), FILES, ids=lambda value: getattr(value, "name", None))
def test_a_name_that_no_file_can_have_is_one_error(capsys, monkeypatch, tmp_path, path, parameter, name):
    monkeypatch.chdir(tmp_path)
    assert main(call_with(path, parameter, name)) == 2
    assert capsys.readouterr().err.startswith("tapehead: ")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", ["run", "check", "prompt", "compare"])
def test_nor_is_a_machine_without_a_text(capsys, command):
    assert main([command, ""]) == 2
    assert "an empty text" in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes under paths")
@pytest.mark.parametrize(
    ("kind", "said"), [("pipe", "a pipe"), ("folder", "a folder"), ("/dev/zero", "a device"), ("gone", "no such")]
)
@pytest.mark.parametrize("call", [["run", "bb2", "--network"], ["run", "bb2", "--resume"], ["certify"], ["check"]])
def test_what_is_read_and_is_no_file_is_called_what_it_is(capsys, monkeypatch, tmp_path, call, kind, said):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    os.mkdir("folder")
    assert main([*call, kind]) == 2
    assert said in capsys.readouterr().err
