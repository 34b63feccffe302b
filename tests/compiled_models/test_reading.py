"""No command waits for a pipe that nobody writes into, or reads a device without end."""

from __future__ import annotations

import json
import os
import sys

import pytest

from compiled_models.cli import main
from tm.file import LARGEST

COMMANDS = {
    "check": ["check", "PATH"],
    "run": ["run", "PATH"],
    "convert": ["convert", "PATH", "--to", "tapehead"],
    "a network": ["run", "bb2", "--network", "PATH"],
    "certify": ["certify", "PATH"],
    "resume": ["run", "bb2", "--resume", "PATH"],
    "snapshot": ["run", "bb2", "--snapshot", "PATH"],
}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes under paths")
@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_what_is_no_file_is_one_clear_error(capsys, tmp_path, arguments, kind):
    os.mkfifo(tmp_path / "pipe")
    path = {"pipe": str(tmp_path / "pipe"), "device": "/dev/zero", "folder": str(tmp_path)}[kind]
    status = main([argument.replace("PATH", path) for argument in arguments])
    out, err = capsys.readouterr()
    assert (status, out) == (2, "")
    assert path in err
    assert "Traceback" not in err


@pytest.mark.skipif(sys.platform == "win32", reason="no devices under paths")
def test_an_input_file_may_be_a_pipe_but_has_a_bound(capsys, tmp_path):
    with (tmp_path / "long").open("wb") as file:
        file.truncate(LARGEST + 1)
    for path in ("/dev/zero", str(tmp_path / "long")):
        assert main(["run", "increment", "--input-file", path]) == 2
        assert "the input is too long" in capsys.readouterr().err
    reader, writer = os.pipe()
    os.write(writer, b"1011\n")
    os.close(writer)
    try:
        assert main(["run", "increment", "--input-file", f"/dev/fd/{reader}", "--json"]) == 0
    finally:
        os.close(reader)
    assert json.loads(capsys.readouterr().out)["tape"] == list("1100")


@pytest.mark.skipif(not os.path.exists("/proc/self/mem"), reason="no file whose reading fails")
def test_an_input_file_that_cannot_be_read_is_said_to_be_that(capsys):
    assert main(["run", "increment", "--input-file", "/proc/self/mem"]) == 2
    assert capsys.readouterr().err.startswith("tapehead: /proc/self/mem: the input cannot be read\n")
