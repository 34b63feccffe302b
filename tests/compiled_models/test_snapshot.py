"""A run that is stopped at any moment and resumed gives exactly the uninterrupted result."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from compiled_models import run
from compiled_models.atomic import replacing
from compiled_models.decoding import KernelDecoder, StreamingDecoder
from compiled_models.snapshot import SnapshotError, Snapshots
from compiled_models.transcript import Transcript
from construction import Codec, base_network
from tests.compiled_models.decoding import interpreted
from tests.emulation import base_for
from tests.machines import TABLE, random_case
from tm import FileError, FileWarning, Problem, library

NETWORK = base_network(states=8, symbols=4)
CASES = [case for case in TABLE if case.machine.tapes == 2][:2] + [case for case in TABLE if case.seed is not None][:2]
CASES += [random_case(seed, max_tapes=1, max_steps=200) for seed in range(4)]


def said(result):
    names = ("halted", "reason", "steps", "state", "accepted", "tape", "head")
    return {name: getattr(result, name) for name in names}


@pytest.fixture
def by_python(monkeypatch) -> None:
    """Kernels are interpreted: those of several sizes would be compiled for a few steps each."""
    interpreted.use(monkeypatch)


@pytest.mark.parametrize("decoders", [("streaming", "streaming"), ("kernels", "streaming"), ("streaming", "kernels")])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_resumed_is_uninterrupted(by_python, case, decoders, tmp_path):
    network, file = base_for(case), tmp_path / "snapshot"
    arguments = {"head": case.head, "seed": case.seed}
    whole = run(network, case.machine, case.input, max_steps=150, **arguments)
    half = random.Random(case.name).randint(1, max(1, whole.steps))
    first, then = decoders
    run(network, case.machine, case.input, max_steps=half, decoder=first, snapshot=file, **arguments)
    resumed = run(network, case.machine, case.input, max_steps=150, decoder=then, resume=file, **arguments)
    assert said(resumed) == said(whole)
    assert os.listdir(tmp_path) == ["snapshot"]


def test_a_run_that_is_interrupted_leaves_a_snapshot_to_go_on_from(tmp_path):
    machine, file = library.load("bb5"), tmp_path / "snapshot"

    def interrupt(transcript):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(NETWORK, machine, max_steps=20_000_000, progress=interrupt, snapshot=file)
    resumed = run(NETWORK, machine, max_steps=5_000_000, resume=file)
    assert said(resumed) == said(run(NETWORK, machine, max_steps=5_000_000, decoder="kernels"))


def test_progress_sees_the_run_grow():
    seen = []
    run(NETWORK, library.load("bb5"), max_steps=20_000_000, progress=lambda transcript: seen.append(transcript.steps))
    assert seen
    assert seen == sorted(seen)


@pytest.fixture
def snapshot(tmp_path):
    run(NETWORK, library.load("increment"), "1011", max_steps=4, snapshot=tmp_path / "snapshot")
    return tmp_path / "snapshot"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"input": "1010"}, "another prompt"),
        ({"machine": library.load("complement")}, "another prompt"),
        ({"network": base_network(states=9, symbols=4)}, "another network"),
        ({"seed": 1}, "another seed"),
        ({"decoder": "dense"}, "keeps every token"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else None,
)
def test_a_snapshot_of_another_run_is_refused(snapshot, change, said):
    arguments = {"network": NETWORK, "machine": library.load("increment"), "input": "1011", **change}
    with pytest.raises(SnapshotError, match=said):
        run(arguments.pop("network"), arguments.pop("machine"), arguments.pop("input"), resume=snapshot, **arguments)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes under paths")
def test_a_snapshot_is_a_regular_file_and_nothing_waits(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/zero", tmp_path, tmp_path / "nowhere"):
        with pytest.raises(SnapshotError, match="no snapshot can be read"):
            run(NETWORK, library.load("increment"), "1011", resume=path)
    for force in (False, True):
        with pytest.raises(SnapshotError, match="not a file"):
            run(NETWORK, library.load("increment"), "1011", snapshot=tmp_path / "pipe", force=force)


def test_a_snapshot_beyond_the_limit_is_refused(snapshot):
    with pytest.raises(SnapshotError, match="beyond the limit"):
        run(NETWORK, library.load("increment"), "1011", resume=snapshot, max_steps=3)
    assert run(NETWORK, library.load("increment"), "1011", resume=snapshot, max_steps=4).steps == 4


def test_how_many_steps_a_snapshot_brought_along(snapshot):
    result = run(NETWORK, library.load("increment"), "1011", resume=snapshot)
    assert (result.resumed, result.steps) == (4, 8)
    assert run(NETWORK, library.load("increment"), "1011").resumed == 0


def test_a_snapshot_overwrites_nothing_but_a_snapshot(snapshot, tmp_path):
    machine = library.load("increment")
    (tmp_path / "text").write_text("precious")
    for place in ("text", "nowhere/snapshot", "", "."):
        with pytest.raises(SnapshotError, match=r"overwrite|can be written|can have this name"):
            run(NETWORK, machine, "1011", snapshot=tmp_path / place if place else "")
    assert (tmp_path / "text").read_text() == "precious"
    if os.path.exists(os.devnull):
        with pytest.raises(SnapshotError, match="not a file"):
            run(NETWORK, machine, "1011", snapshot=os.devnull)
    np.savez(tmp_path / "other.npz", header=np.array([1, 2]))
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere" / "file")
    for place in ("other.npz", "dangling"):
        with pytest.raises(SnapshotError):
            run(NETWORK, machine, "1011", snapshot=tmp_path / place)
    with pytest.raises(SnapshotError, match="overwrite"):  # one of another run
        run(NETWORK, machine, "1010", snapshot=snapshot)
    (tmp_path / ".snapshot.abcd1234.part").touch()
    (tmp_path / ".snapshot.swp").touch()  # by a process that was killed while it wrote
    (tmp_path / "empty").touch()
    (tmp_path / "link").symlink_to(snapshot)
    for place in ("empty", "link", "snapshot"):
        run(NETWORK, machine, "1011", snapshot=tmp_path / place)
    assert (tmp_path / "link").is_symlink()
    assert not (tmp_path / ".snapshot.abcd1234.part").exists()
    assert (tmp_path / ".snapshot.swp").exists()
    assert run(NETWORK, machine, "1011", resume=snapshot).resumed == 8


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_state_that_is_written_contradicts_itself(by_python, case, tmp_path):
    """Both decoders, at several moments: what is written is read, also before the first token and after the last."""
    network, file = base_for(case), tmp_path / "snapshot"
    arguments = {"head": case.head, "seed": case.seed, "snapshot": file}
    for steps in (1, 2, 3, 10, 150):
        for decoder in ("streaming", "kernels"):
            written = run(network, case.machine, case.input, max_steps=steps, decoder=decoder, **arguments)
            again = run(network, case.machine, case.input, max_steps=steps, resume=file, **arguments)
            assert (again.resumed, again.state, again.tape) == (written.steps, written.state, written.tape)


def test_a_run_that_is_stopped_before_its_first_token_is_resumed(tmp_path):
    file, machine = tmp_path / "snapshot", library.load("increment")
    codec = Codec(NETWORK.config, machine)
    prompt = codec.prompt("1011")
    for decoder in (StreamingDecoder, KernelDecoder):
        at_first = decoder(NETWORK, codec.vocabulary, prompt)
        Snapshots(NETWORK, prompt, None).write(file, at_first, Transcript(codec, "1011"))
        for then in ("streaming", "kernels"):
            assert run(NETWORK, machine, "1011", decoder=then, resume=file).tape == list("1100")


def test_two_runs_do_not_write_to_one_file(tmp_path):
    file, machine = tmp_path / "snapshot", library.load("bb5")
    refused = []

    def another(transcript):
        with pytest.raises(SnapshotError, match="another run is writing to this file"):
            run(NETWORK, machine, max_steps=10, snapshot=file)
        run(NETWORK, machine, max_steps=10, snapshot=tmp_path / "other")
        refused.append(transcript.steps)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(NETWORK, machine, max_steps=20_000_000, progress=another, snapshot=file)
    assert refused
    assert sorted(os.listdir(tmp_path)) == ["other", "snapshot"]
    run(NETWORK, machine, max_steps=10, snapshot=tmp_path / "other")


def test_a_full_disk_is_a_warning_and_is_tried_again(tmp_path, monkeypatch):
    file, machine, tries = tmp_path / "snapshot", library.load("bb4"), []

    def full(path, **how):
        tries.append(path)
        if len(tries) in (2, 3, 5):
            raise FileError(Problem("the file cannot be written", found="No space left on device"))
        return replacing(path, **how)

    monkeypatch.setattr("compiled_models.snapshot.replacing", full)
    monkeypatch.setattr(Snapshots, "due", lambda self: len(tries) < 8)
    with pytest.warns(FileWarning, match="No space left") as warned:
        result = run(NETWORK, machine, snapshot=file)
    assert [("tries again" in str(each.message), each.category) for each in warned] == [(True, FileWarning)] * 2
    assert said(result) == said(run(NETWORK, machine))
    monkeypatch.setattr(Snapshots, "due", lambda self: False)
    tries[:] = [None]
    with pytest.warns(FileWarning, match="the last snapshot could not be written"):
        assert said(run(NETWORK, machine, snapshot=file)) == said(result)
    assert os.listdir(tmp_path) == ["snapshot"]
    assert run(NETWORK, machine, resume=file).steps == result.steps


LIMITED = """
import resource, sys
from compiled_models.__main__ import main
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
sys.exit(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limits")
def test_a_disk_that_fills_up_keeps_the_printed_result(tmp_path):
    command = [
        sys.executable,
        "-c",
        LIMITED,
        "run",
        "increment",
        "1011",
        "--json",
        "--snapshot",
        str(tmp_path / "snapshot"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert json.loads(done.stdout)["tape"] == list("1100")
    assert "warning" in done.stderr
    assert "File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(sys.platform == "win32", reason="no signals")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_run_with_a_last_snapshot(tmp_path, number, status):
    file = tmp_path / "snapshot"
    sizes = ["--states=8", "--symbols=4", "--tapes=1"]
    program = (  # a suite that a shell started in the background ignores Ctrl-C, and so would its children
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from compiled_models.__main__ import main; sys.exit(main())"
    )
    command = [sys.executable, "-c", program, "run", "bb5", "--decoder=streaming", f"--snapshot={file}", *sizes]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        until = time.monotonic() + 60
        while not file.exists() and time.monotonic() < until:
            time.sleep(0.05)
        before = file.read_bytes()
        time.sleep(0.3)  # less than until the next one
        process.send_signal(number)
        try:
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()  # else a failure would wait for the whole run
    assert (process.returncode, out, err.strip()) == (status, "", "tapehead: stopped")
    assert os.listdir(tmp_path) == ["snapshot"]
    assert file.read_bytes() != before
    resumed = run(NETWORK, library.load("bb5"), max_steps=100_000, resume=file)
    assert resumed.resumed > 0
    assert said(resumed) == said(run(NETWORK, library.load("bb5"), max_steps=100_000, decoder="kernels"))


def test_a_run_that_is_killed_goes_on_from_its_last_snapshot(tmp_path):
    file, machine = tmp_path / "snapshot", library.load("bb5")
    program = f"""
from compiled_models import run
from construction import base_network
from tm import library
network = base_network(states=8, symbols=4)
run(network, library.load("bb5"), max_steps=10**8, decoder="streaming", snapshot={str(file)!r})
"""
    with subprocess.Popen([sys.executable, "-c", program]) as process:
        until = time.monotonic() + 60
        while not file.exists() and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(random.Random(time.time()).random())
        process.kill()
    resumed = run(NETWORK, machine, max_steps=200_000, resume=file)
    assert resumed.resumed > 0
    assert said(resumed) == said(run(NETWORK, machine, max_steps=200_000, decoder="kernels"))
