"""A run that is stopped at any moment and resumed gives exactly the uninterrupted result."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time

import numpy as np
import pytest

from compiled_models import run
from compiled_models.snapshot import SnapshotError
from construction import base_network
from tests.emulation import base_for
from tests.machines import TABLE, random_case
from tm import library

NETWORK = base_network(states=8, symbols=4)
CASES = [case for case in TABLE if case.machine.tapes == 2][:2] + [case for case in TABLE if case.seed is not None][:2]
CASES += [random_case(seed, max_tapes=1, max_steps=200) for seed in range(4)]


def said(result):
    names = ("halted", "reason", "steps", "state", "accepted", "tape", "head")
    return {name: getattr(result, name) for name in names}


@pytest.mark.parametrize("decoders", [("streaming", "streaming"), ("kernels", "streaming"), ("streaming", "kernels")])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_resumed_is_uninterrupted(case, decoders, tmp_path):
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
    assert said(resumed) == said(run(NETWORK, machine, max_steps=5_000_000))


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


@pytest.mark.parametrize("content", [b"", b"junk" * 50, b"PK\x03\x04 cut"], ids=["empty", "junk", "cut"])
def test_a_damaged_snapshot_is_refused(tmp_path, content):
    (tmp_path / "damaged").write_bytes(content)
    with pytest.raises(SnapshotError, match="no snapshot can be read"):
        run(NETWORK, library.load("increment"), "1", resume=tmp_path / "damaged")


def test_a_snapshot_of_another_version_or_a_missing_one_is_refused(snapshot, tmp_path):
    with np.load(snapshot) as stored:
        arrays = {name: stored[name] for name in stored.files}
    arrays["header"] = np.array(str(arrays["header"]).replace('"version": "1"', '"version": "0"'))
    with snapshot.open("wb") as file:
        np.savez(file, **arrays)
    with pytest.raises(SnapshotError, match="another version"):
        run(NETWORK, library.load("increment"), "1011", resume=snapshot)
    with pytest.raises(SnapshotError, match="no snapshot can be read"):
        run(NETWORK, library.load("increment"), "1011", resume=tmp_path / "nowhere")


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
        with pytest.raises(SnapshotError, match=r"overwrite|can be written"):
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


def test_any_damage_is_a_snapshot_error_or_none(snapshot, tmp_path):
    whole, damaged, random_ = snapshot.read_bytes(), tmp_path / "damaged", random.Random(0)
    expected, machine, refused = said(run(NETWORK, library.load("increment"), "1011")), library.load("increment"), 0
    for _ in range(300):
        content = bytearray(whole)
        if random_.random() < 0.3:
            del content[random_.randrange(len(content)) :]
        else:
            content[random_.randrange(len(content))] = random_.randrange(256)
        damaged.write_bytes(content)
        try:
            resumed = run(NETWORK, machine, "1011", resume=damaged)
        except SnapshotError:
            refused += 1
        else:
            assert said(resumed) == expected
    assert refused > 200


@pytest.mark.parametrize("header", ["[]", '"x"', "null", "1", "{}", "{"])
def test_a_strange_header_is_refused(snapshot, header):
    with np.load(snapshot) as stored:
        arrays = {name: stored[name] for name in stored.files}
    with snapshot.open("wb") as file:
        np.savez(file, **(arrays | {"header": np.array(header)}))
    with pytest.raises(SnapshotError):
        run(NETWORK, library.load("increment"), "1011", resume=snapshot)


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
    assert said(resumed) == said(run(NETWORK, machine, max_steps=200_000))
