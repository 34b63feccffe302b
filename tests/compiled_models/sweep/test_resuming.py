"""A sweep that is killed at any moment, and begun again, leaves the same file: no row lost, none doubled."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from compiled_models.capacity import Capacity
from compiled_models.sweep import sweep as module
from compiled_models.sweep.jobs import Job, Source, StartText
from compiled_models.sweep.parts import Parts
from compiled_models.sweep.rows import Options, Row
from compiled_models.sweep.sweep import Swept, sweep
from compiled_models.workers import DaskCluster
from tests.commands import tapehead
from tm import FileError, InputError

KILLS = 10
MACHINES = ["1RB1LB_1LA1RZ", "1RB1RZ_1LB0RC_1LC1LA", "1RB0LB_0LA0RB", "no machine"]
JOBS = [Job(Source(text, text), StartText()) for text in MACHINES * 60]
FEW = JOBS[:64]
OPTIONS = Options(40)


class Killed(BaseException):
    """What a step on the disk raises at which a process is killed."""


class Quick:
    """Workers that need no network: of each job a row with its number alone."""

    def __init__(self, seconds: float = 0) -> None:
        self.seconds = seconds

    def answers(self, function: Callable[[Any], Any], tasks: Iterable[Any]) -> Iterator[tuple[int, Any]]:
        numbered = list(enumerate(tasks))
        for number, part in reversed(numbered):  # the last first: workers are done in any order
            time.sleep(self.seconds)
            yield number, [self.row(part.first + i) for i in range(len(part.jobs))]

    @staticmethod
    def row(number: int) -> Row:
        return Row(number=number, machine="m", machine_sha256="", input="", network_sha256="n", halted=True)


def killing(results: str, answer: Connection) -> None:
    """In a process without threads: begin a sweep ten times and kill it; send how many parts there were each time."""
    draws = random.Random(1)
    parts: list[int] = []
    while len(parts) < KILLS:
        child = os.fork()
        if not child:
            sweep(JOBS, results, OPTIONS, workers=Quick(0.02))
            os._exit(0)
        time.sleep(draws.uniform(0.02, 0.4))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            parts.append(len(list(Path(f"{results}.parts").glob("part-*"))))
        else:  # it was done: once more
            Path(results).unlink()
    answer.send(parts)


def stopped_after(parts: int) -> Callable[[Swept], None]:
    """What is told how far a sweep is, and stops it once so many parts are done."""

    def progress(swept: Swept) -> None:
        if swept.done == parts:
            raise KeyboardInterrupt

    return progress


def test_killed_ten_times_at_random_moments(tmp_path):
    whole, results = tmp_path / "whole.csv", tmp_path / "a.csv"
    sweep(JOBS, whole, OPTIONS, workers=Quick())
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=killing, args=(str(results), theirs))
    process.start()
    theirs.close()
    parts = ours.recv()
    process.join()
    assert len(parts) == KILLS
    assert len(set(parts)) > 2  # it went on from where it was
    sweep(JOBS, results, OPTIONS, workers=Quick())
    assert results.read_bytes() == whole.read_bytes()
    assert not [file for file in tmp_path.iterdir() if "part" in file.name or "lock" in file.name]


def test_killed_at_every_step_on_the_disk(tmp_path, monkeypatch):
    whole = tmp_path / "whole.csv"
    sweep(FEW, whole, OPTIONS, workers=Quick())
    left = 0

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any, **options: Any) -> Any:
            nonlocal left
            counts = not str(arguments[0]).endswith(".lock")  # it ends with its process
            left -= counts
            if counts and left < 0:
                raise Killed
            return function(*arguments, **options)

        return step

    for name in ("mkdir", "replace", "rmdir", "unlink"):
        monkeypatch.setattr(Path, name, counted(getattr(Path, name)))
    steps = 0
    while True:
        results = tmp_path / f"{steps}.csv"
        left = steps
        try:
            sweep(FEW, results, OPTIONS, workers=Quick())
            break
        except Killed:
            left = 10**6
        sweep(FEW, results, OPTIONS, workers=Quick())
        assert results.read_bytes() == whole.read_bytes()
        assert not (tmp_path / f"{steps}.csv.parts").exists()
        assert not list(tmp_path.glob(".*"))
        steps += 1
    assert steps > 20


def begun(results: Path) -> None:
    """A sweep that is stopped after its second part."""

    def stop(swept: module.Swept) -> None:
        if swept.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(JOBS, results, OPTIONS, workers=Quick(), progress=stop)


def test_what_is_there_is_not_done_again(tmp_path):
    results = tmp_path / "a.csv"
    begun(results)
    seen: list[tuple[int, int]] = []
    done = sweep(JOBS, results, OPTIONS, workers=Quick(), progress=lambda s: seen.append((s.done, s.ready)))
    assert seen[0] == (2, 32)
    assert (done.found, done.done, done.ready, done.rows) == (2, done.parts, len(JOBS), len(JOBS))
    again = sweep(JOBS, results, OPTIONS, workers=Quick())
    assert (again.found, again.ready, again.networks) == (again.parts, len(JOBS), done.networks)


@pytest.mark.parametrize("finished", [False, True])
def test_another_sweep_is_refused(finished, tmp_path):
    results = tmp_path / "a.csv"
    if finished:
        sweep(JOBS, results, OPTIONS, workers=Quick())
    else:
        begun(results)
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    for jobs, options, name in [
        (JOBS, Options(41), "max_steps"),
        (JOBS[:-1], OPTIONS, "machines_and_inputs_sha256"),
        (JOBS, Options(40, seed=1), "seed"),
        (JOBS, Options(40, capacity=Capacity(states=32)), "network_sha256"),
    ]:
        with pytest.raises(FileError, match=f"another sweep: {name} differs"):
            sweep(jobs, results, options, workers=Quick())
    assert before == {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    done = sweep(JOBS[:20], results, Options(41), workers=Quick(), force=True)
    assert (done.found, done.rows) == (0, 20)
    assert len(results.read_text().splitlines()) == 21


def test_a_damaged_part_is_done_again(tmp_path):
    results, whole = tmp_path / "a.csv", tmp_path / "whole.csv"
    sweep(JOBS, whole, OPTIONS, workers=Quick())
    for damage in ("", "{", '{"rows": []}', None):
        begun(results)
        file = sorted((tmp_path / "a.csv.parts").glob("part-*"))[0]
        text = file.read_text()
        file.write_text(text.replace('"m"', '"x"', 1) if damage is None else damage)
        assert sweep(JOBS, results, OPTIONS, workers=Quick()).found == 1
        assert results.read_bytes() == whole.read_bytes()
        results.unlink()


def test_files_of_others_are_not_lost(tmp_path):
    results = tmp_path / "a.csv"
    results.write_text("precious")
    with pytest.raises(FileError, match="a file stands there already"):
        sweep(JOBS, results, OPTIONS, workers=Quick())
    results.unlink()
    (tmp_path / "a.csv.parts").mkdir()
    (tmp_path / "a.csv.parts" / "thesis.txt").write_text("precious")
    for force in (False, True):
        with pytest.raises(FileError, match="a folder stands there already"):
            sweep(JOBS, results, OPTIONS, workers=Quick(), force=force)
    assert (tmp_path / "a.csv.parts" / "thesis.txt").read_text() == "precious"


def test_two_at_once_are_refused(tmp_path):
    results = tmp_path / "a.csv"

    def second(swept: module.Swept) -> None:
        with pytest.raises(FileError, match="another run is writing"):
            sweep(JOBS, results, OPTIONS, workers=Quick())

    sweep(JOBS, results, OPTIONS, workers=Quick(), progress=second)


def test_results_that_were_changed_are_not_taken_for_done(tmp_path):
    results = tmp_path / "a.csv"
    sweep(JOBS, results, OPTIONS, workers=Quick())
    results.write_text("changed")
    with pytest.raises(FileError, match="a file stands there already"):
        sweep(JOBS, results, OPTIONS, workers=Quick())


def test_a_part_knows_its_rows(tmp_path):
    parts = Parts(tmp_path / "a.csv", {"n": 1}, 2)
    parts.begin()
    parts.write(0, [{"text": "é\ud800"}])
    assert parts.rows(0) == [{"text": "é\ud800"}]
    assert (parts.missing(), parts.complete) == ([1], False)
    with pytest.raises(FileError, match="a part is missing"):
        list(parts.all_rows())


def test_ctrl_c_says_how_to_go_on(tmp_path, monkeypatch, capsys):
    def interrupted(*arguments: Any, progress: Callable[[module.Swept], None], **options: Any) -> None:
        progress(module.Swept(rows=100, parts=10, done=3))
        raise KeyboardInterrupt

    monkeypatch.setattr("compiled_models.cli.sweep.sweep", interrupted)
    status, _, said = tapehead(capsys, "sweep", "bb2", "--out", str(tmp_path / "a.csv"))
    assert status == 130
    assert "holds 3 of 10 parts" in said
    assert "the same command goes on from there" in said


def test_json(tmp_path, capsys):
    status, out, _ = tapehead(
        capsys, "sweep", "bb2", "--out", str(tmp_path / "a.csv"), "--json", "--states=8", "--symbols=4", "--tapes=1"
    )
    said = json.loads(out)
    assert (status, said["rows"], said["halted"], said["resumed"]) == (0, 1, 1, 0)
    assert os.path.exists(said["file"])


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("begun", [False, True])
def test_a_cluster_that_does_not_answer_costs_nothing(begun, force, tmp_path):
    pytest.importorskip("distributed")
    results = tmp_path / "a.csv"
    if begun:
        with pytest.raises(KeyboardInterrupt):
            sweep(FEW, results, OPTIONS, workers=Quick(), progress=stopped_after(3))

    def there() -> dict[Path, bytes]:
        return {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file() and "part" in str(file)}

    before, folders = there(), list(tmp_path.glob("*.parts"))
    assert len(before) == 4 * begun  # the manifest, and three parts
    with pytest.raises(InputError, match="no Dask scheduler answers"):
        sweep(FEW, results, OPTIONS, workers=DaskCluster("tcp://127.0.0.1:1", seconds=0.2), force=force)
    assert (there(), list(tmp_path.glob("*.parts"))) == (before, folders)
