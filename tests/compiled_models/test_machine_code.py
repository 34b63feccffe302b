"""Machine code on disk: damage, strangers, bounds; and the memory of kernels that nobody needs any more."""

from __future__ import annotations

import gc
import json
import os
import random
import subprocess
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from compiled_models.cli import main
from compiled_models.decoding.kernels import kernel_decoder
from compiled_models.machine_code import dispatcher, folder, kernels
from compiled_models.machine_code.stored import stored
from compiled_models.runner import run
from construction import base_network
from tests.commands import tapehead
from tm import TapeheadError, library

USERS = hasattr(os, "geteuid")
APART = kernels._apart


@pytest.fixture
def place(tmp_path, monkeypatch) -> Iterator[Path]:
    """An empty folder of one's own."""
    tmp_path.chmod(0o700)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(kernels, "_apart", kernels._compiled)  # a process for each would take its time
    kernels.kernel.cache_clear()
    folder._reported.clear()
    yield tmp_path / "tapehead"
    kernels.kernel.cache_clear()


def add(x, y):
    """A small function to compile."""
    return x + 3 * y


SOURCE = """
import math
import numpy as np
from numba import njit

@njit(error_model='numpy')
def helped(x):
    return {factor} * x

@njit(error_model='numpy')
def advance(numbers, limit):
    total = 0
    for i in range(limit):
        total += helped(numbers[i])
    return total
"""
NUMBERS = np.arange(10)


def total(factor: int) -> int:
    """What a kernel of its own answers, in a process that has it neither in memory nor compiled."""
    kernels.kernel.cache_clear()
    return kernels.kernel(SOURCE.format(factor=factor))(NUMBERS, 4)


def held(place: Path) -> list[Path]:
    """The files that are there."""
    return sorted(path for path, _ in folder.files(place))


# -- damage ----------------------------------------------------------------------------------------------------------


def test_what_a_process_compiled_is_loaded_by_the_next(place, monkeypatch):
    monkeypatch.setattr(kernels, "_apart", APART)
    monkeypatch.setattr(kernels, "_compiled", pytest.fail)
    assert total(2) == 12
    (kept,) = held(place)
    assert (kept.parent.stat().st_mode & 0o777, kept.stat().st_mode & 0o777) == (0o700, 0o600)
    monkeypatch.setattr(kernels, "_apart", pytest.fail)
    assert total(2) == 12


def damages(whole: bytes, other: bytes) -> dict[str, bytes]:
    """A file's contents, spoilt in many ways."""
    random_ = random.Random(4)
    flips = {}
    for _ in range(12):
        at, bit = random_.randrange(len(whole)), random_.randrange(8)
        flips[f"bit {bit} of byte {at}"] = whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :]
    cuts = {f"cut at {length}": whole[:length] for length in (0, 1, 31, 32, 33, len(whole) // 2, len(whole) - 1)}
    ends = {"longer": whole + b"\0", "another kernel's": other, "text": b"not machine code\n" * 99}
    return flips | cuts | ends


def test_damaged_files_are_compiled_anew(place):
    assert (total(2), total(5)) == (12, 30)
    one, other = held(place)
    for path, beside in ((one, other), (other, one)):
        whole = path.read_bytes()
        for what, contents in damages(whole, beside.read_bytes()).items():
            path.write_bytes(contents)
            assert folder.read(path.name) is None, what
            assert not path.exists(), what
        path.write_bytes(whole)
        assert folder.read(path.name) == whole[32:]
    one.write_bytes(b"")
    assert (total(2), total(5)) == (12, 30)
    assert held(place) == [one, other]


@pytest.mark.parametrize(
    "contents", [b"", b"cnumba\nnothing\n.", b"\x80\x04]."], ids=["no pickle", "no name", "a list"]
)
def test_whole_files_of_no_use_are_compiled_anew(place, contents: bytes):
    """A file that matches its digest, of a numba that has changed under its own version, say."""
    assert total(2) == 12
    (kept,) = held(place)
    whole = kept.read_bytes()
    folder.write(kept.name, contents)
    assert total(2) == 12
    assert kept.read_bytes() != whole[:32] + contents
    assert folder.read(kept.name) not in (None, contents)


def test_functions_that_every_run_uses_are_compiled_anew(place):
    assert stored(add)(2, 1) == 5
    (kept,) = held(place)
    for contents in (b"", kept.read_bytes()[:-5]):
        kept.write_bytes(contents)
        assert stored(add)(2, 1) == 5
        assert folder.read(kept.name) is not None


def test_a_folder_in_place_of_the_file_is_let_be(place):
    assert total(2) == 12
    (kept,) = held(place)
    kept.unlink()
    kept.mkdir()
    assert total(2) == 12


def test_a_kernel_that_cannot_be_compiled_hands_over_to_streaming(place, monkeypatch):
    def broken(source):
        def advance(*arguments):
            raise RuntimeError("no such register\nLLVM, line 2")

        return advance

    monkeypatch.setattr(kernel_decoder, "kernel", broken)
    result = run(base_network(8, 4), library.load("increment"), "1011", decoder="kernels")
    assert (result.tape, result.decoder) == (["1", "1", "0", "0"], "streaming")
    assert result.fallback == "the kernel cannot be compiled: no such register"


def test_without_another_process_it_is_compiled_in_this_one(place, monkeypatch):
    monkeypatch.setattr(kernels, "_apart", APART)
    monkeypatch.setattr(sys, "executable", str(place / "no-python"))
    assert total(7) == 42
    assert len(held(place)) == 1


def test_runs_over_a_damaged_folder_from_the_command_line(place):
    """Every file of the folder empty, that of the replay among them: exit 0, and whole files again."""
    command = [sys.executable, "-m", "compiled_models", "run", "bb5", "--max-steps", "1200", "--json"]
    for _ in range(2):
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert json.loads(done.stdout)["steps"] == 1200
        assert held(place)
        for path in held(place):
            assert folder.read(path.name) is not None
            path.write_bytes(b"")


def test_an_eof_error_is_no_interrupt(monkeypatch):
    """click takes every EOFError for Ctrl-D: a damaged file said "stopped", exit 130."""

    def at_its_end(place):
        raise EOFError("Ran out of input")

    monkeypatch.setattr(folder, "files", at_its_end)
    with pytest.raises(EOFError, match="Ran out of input"):
        main(["cache"])


# -- strangers -------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not USERS, reason="no users are told apart here")
@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777, 0o722, 0o1777])
def test_a_folder_that_others_can_write_to_is_not_used(place, caplog, mode: int):
    assert total(2) == 12
    (kept,) = held(place)
    kept.write_bytes(b"planted")
    place.chmod(mode)
    assert (total(2), kept.read_bytes()) == (12, b"planted")
    assert caplog.messages == [f"tapehead: machine code is not kept: others can write to {place}"]


@pytest.mark.skipif(not USERS, reason="no users are told apart here")
def test_nor_one_that_lies_in_such_a_folder_unless_it_is_sticky(place):
    place.mkdir(mode=0o700)
    place.parent.chmod(0o777)
    assert "others can write to" in folder.refusal(place)
    place.parent.chmod(0o1777)
    assert folder.refusal(place) == ""
    place.parent.chmod(0o755)
    assert folder.refusal(place) == ""


@pytest.mark.skipif(not USERS, reason="no users are told apart here")
def test_nor_another_users(place, monkeypatch):
    place.mkdir(mode=0o700)
    somebody = place.stat().st_uid + 1
    monkeypatch.setattr(os, "geteuid", lambda: somebody)
    assert folder.refusal(place) == f"{place} belongs to another user"
    folder.write("a", b"x")
    assert held(place) == []


@pytest.mark.skipif(not USERS, reason="no users are told apart here")
def test_a_link_is_followed_to_what_it_means(place, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    place.symlink_to(elsewhere)
    folder.write("a", b"x")
    assert [path.name for path in held(elsewhere)] == ["a"]
    elsewhere.chmod(0o777)
    assert folder.read("a") is None


@pytest.mark.parametrize("parent", ["/proc/nothing", "file"])
def test_where_nothing_can_be_written_nothing_is_kept(tmp_path, monkeypatch, caplog, parent: str):
    (tmp_path / "file").write_text("a file")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / parent))
    monkeypatch.setattr(kernels, "_apart", kernels._compiled)
    folder._reported.clear()
    assert total(2) == 12
    assert caplog.messages == []


# -- bound -----------------------------------------------------------------------------------------------------------


def test_the_files_used_longest_ago_go_first(place, monkeypatch):
    monkeypatch.setattr(folder, "MOST_BYTES", 5 * 132)
    for number, name in enumerate("abcde"):
        folder.write(name, bytes(100))
        os.utime(place / name, (number, number))
    folder.read("a")
    folder.write("f", bytes(100))
    assert [path.name for path in held(place)] == list("acdef")
    folder.write("big", bytes(10**4))
    assert [path.name for path in held(place)] == ["big"]


def test_what_killed_writers_and_earlier_versions_left_counts_too(place, monkeypatch):
    (place / "__pycache__").mkdir(parents=True, mode=0o700)
    place.chmod(0o700)
    for left in (place / ".a.part", place / "__pycache__" / "kernel.nbc"):
        left.write_bytes(bytes(900))
        os.utime(left, (1, 1))
    monkeypatch.setattr(folder, "MOST_BYTES", 1000)
    folder.write("a", bytes(500))
    assert [path.name for path in held(place)] == ["a"]


def test_processes_that_fill_the_folder_at_once(place):
    text = """
import sys
from compiled_models.machine_code import folder
folder.MOST_BYTES = 3_000
for turn in range(60):
    for name in ("a", "b", "c", "d", "e", "f"):
        contents = folder.read(name)
        assert contents in (None, name.encode() * 600), name
        folder.write(name, name.encode() * 600)
"""
    started = [subprocess.Popen([sys.executable, "-c", text]) for _ in range(3)]
    assert [process.wait() for process in started] == [0, 0, 0]
    assert sum(about.st_size for _, about in folder.files(place)) <= 3_000


# -- the command -----------------------------------------------------------------------------------------------------


def test_the_command_shows_and_clears(place, capsys):
    assert json.loads(tapehead(capsys, "cache", "--json")[1])["files"] == 0
    folder.write("a", bytes(68))
    folder.write("b", bytes(168))
    listing = json.loads(tapehead(capsys, "cache", "--json")[1])
    assert listing == {
        "folder": str(place), "files": 2, "bytes": 300, "most_bytes": folder.MOST_BYTES, "deleted": 0, "refused": None
    }  # fmt: skip
    assert "2 files, 0.0 MB" in tapehead(capsys, "cache")[1]
    assert json.loads(tapehead(capsys, "cache", "--clear", "--json")[1])["deleted"] == 2
    assert held(place) == []
    assert "0 files" in tapehead(capsys, "cache", "--clear")[1]


@pytest.mark.skipif(not USERS, reason="no users are told apart here")
def test_the_command_deletes_nothing_where_others_can_write(place, capsys):
    folder.write("a", b"x")
    place.chmod(0o777)
    assert f"others can write to {place}" in tapehead(capsys, "cache")[1]
    status, out, err = tapehead(capsys, "cache", "--clear")
    assert (status, out, "not the user's own" in err) == (2, "", True)
    assert [path.name for path in held(place)] == ["a"]
    with pytest.raises(TapeheadError):
        folder.clear(place)


# -- memory ----------------------------------------------------------------------------------------------------------


def test_kernels_leave_memory(place):
    """All but the last few: the machine code, its engine and what numba knows of it."""
    gone = []
    modules = set(sys.modules)
    for factor in range(2, 5 + kernels.MOST_KERNELS):
        function: Any = kernels.kernel(SOURCE.format(factor=factor))
        assert function(NUMBERS, 4) == 6 * factor
        (overload,) = function.overloads.values()
        gone += [weakref.ref(function), weakref.ref(overload.library), weakref.ref(overload.target_context)]
        del function, overload
    gc.collect()
    assert sum(ref() is not None for ref in gone) == 3 * kernels.MOST_KERNELS
    kernels.kernel.cache_clear()
    gc.collect()
    assert not any(ref() is not None for ref in gone)
    assert not [name for name in set(sys.modules) - modules if "kernel" in name and "compiled_models" not in name]


def test_a_network_made_again_finds_its_kernel(place, monkeypatch):
    network, machine = base_network(8, 4), library.load("increment")
    monkeypatch.setattr(dispatcher, "StoredFunction", lambda function, *_: function)
    for _ in range(2):
        assert run(network, machine, "1011", decoder="kernels").decoder == "kernels"
        network = base_network(8, 4)
    assert kernels.kernel.cache_info().misses == 1
