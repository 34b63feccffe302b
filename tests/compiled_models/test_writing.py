"""Files that are written: whole or not at all, and never over something that nobody meant to lose."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from compiled_models.atomic import alone, remove_leftovers, replacing
from compiled_models.cli import main
from tm import FileError

WRITERS = {
    "convert": ["convert", "bb2", "--to", "busy-beaver", "-o", "FILE.txt"],
    "graph as a picture": ["graph", "bb2", "-o", "FILE.svg"],
    "graph as a text": ["graph", "bb2", "-o", "FILE.dot"],
    "compile": ["compile", "bb2", "-o", "FILE.safetensors"],
    "base": ["base", "-o", "FILE.safetensors"],
    "run": ["run", "bb2", "--snapshot", "FILE.snapshot"],
    "elicit": ["elicit", "linear", "--dimension", "2", "--examples", "32", "--seeds", "1", "-o", "FILE.png"],
}


def said(capsys, tmp_path, arguments):
    status = main([argument.replace("FILE", str(tmp_path / "file")) for argument in arguments])
    return status, capsys.readouterr().err


@pytest.mark.parametrize("arguments", WRITERS.values(), ids=WRITERS)
def test_one_rule_what_stands_there_is_lost_only_by_force(capsys, tmp_path, arguments):
    path = tmp_path / next(argument for argument in arguments if "FILE" in argument).replace("FILE", "file")
    path.write_text("precious")
    status, err = said(capsys, tmp_path, arguments)
    assert (status, path.read_text()) == (2, "precious")
    assert "--force" in err
    assert said(capsys, tmp_path, [*arguments, "--force"])[0] == 0
    assert not path.read_bytes().startswith(b"precious")
    for written in tmp_path.iterdir():
        written.write_bytes(b"")  # an empty file holds nothing
    assert said(capsys, tmp_path, arguments)[0] == 0
    assert path.stat().st_size


def test_the_numbers_beside_a_plot_are_not_lost_either(capsys, tmp_path):
    (tmp_path / "file.csv").write_text("precious")
    status, _ = said(capsys, tmp_path, WRITERS["elicit"])
    assert (status, os.listdir(tmp_path)) == (2, ["file.csv"])
    (tmp_path / "performance.png").write_text("precious")
    status, _ = said(capsys, tmp_path, ["bench", "-o", str(tmp_path)])
    assert (status, (tmp_path / "performance.png").read_text()) == (2, "precious")


def test_a_file_is_on_the_disk_before_it_takes_its_place(tmp_path, monkeypatch):
    done, fsync, replace = [], os.fsync, os.replace

    def synced(handle):
        done.append(os.readlink(f"/proc/self/fd/{handle}") if os.path.exists("/proc/self/fd") else "")
        fsync(handle)

    def replaced(source, target, **more):
        done.append("replaced")
        replace(source, target, **more)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "rename", replaced)
    monkeypatch.setattr(os, "replace", replaced)
    with replacing(tmp_path / "file") as beside:
        beside.write_text("whole")
    assert done[1] == "replaced"
    assert len(done) == 3
    if done[0]:
        assert (done[0], done[2]) == (str(beside), str(tmp_path))


def test_what_goes_wrong_leaves_the_old_file_and_no_part(tmp_path):
    (tmp_path / "file").write_text("old")
    with pytest.raises(UnicodeEncodeError), replacing(tmp_path / "file", force=True) as beside:
        beside.write_text("half \ud800", encoding="utf-8")
    with pytest.raises(FileError, match="No space left"), replacing(tmp_path / "file", force=True):
        raise OSError(28, "No space left on device")
    assert os.listdir(tmp_path) == ["file"]
    assert (tmp_path / "file").read_text() == "old"


HOLDING = """
import sys, time
from compiled_models.atomic import replacing
from compiled_models.atomic import alone
with alone(sys.argv[1]), replacing(sys.argv[1]) as beside:
    print(beside, flush=True)
    time.sleep(600)
"""


def test_a_living_process_keeps_its_lock_and_its_part_and_a_dead_one_leaves_none(tmp_path):
    path, command = tmp_path / "file", [sys.executable, "-c", HOLDING, str(tmp_path / "file")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            part = process.stdout.readline().strip()
            with pytest.raises(FileError, match="another run"), alone(path):
                pass
            remove_leftovers(path)
            assert os.path.exists(part)
            with alone(tmp_path / "other"):
                pass
        finally:
            process.kill()
    with alone(path):
        remove_leftovers(path)
        assert os.listdir(tmp_path) == [".file.lock"]
    assert os.listdir(tmp_path) == []
