"""A Dask cluster as workers: one of them is killed, and what it had is done elsewhere."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from compiled_models.cli import main
from compiled_models.workers import DaskCluster, WorkerError
from tests.compiled_models.workers.tasks import dies_on_three, fails_on_three, late_and_where
from tm import InputError

SMALL = ("--states", "8", "--symbols", "4", "--tapes", "1")
distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def cluster():
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster:
        yield cluster


def test_a_worker_is_killed_and_every_task_is_done_once(cluster):
    answers = {}
    for number, (square, process) in DaskCluster(cluster.scheduler_address).answers(late_and_where, range(20)):
        assert number not in answers
        answers[number] = square, process
        if len(answers) == 4:
            os.kill(process, signal.SIGKILL)
            killed = process
    assert {number: square for number, (square, _) in answers.items()} == {n: n * n for n in range(20)}
    assert killed in {process for _, process in answers.values()}
    assert len({process for _, process in answers.values()}) >= 2


def test_a_task_that_workers_die_of_is_named(cluster):
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0") as other:
        other.scheduler.allowed_failures = 0
        with pytest.raises(WorkerError, match=r"task [23] ended a worker"):  # 2: if its answer was still on its way
            list(DaskCluster(other.scheduler_address).answers(dies_on_three, range(4)))


def test_a_sweep_on_the_cluster_is_the_sweep_here(cluster, tmp_path, capsys):
    (tmp_path / "inputs.txt").write_text("1011\n111\n")
    for name, how in (("here", "--workers=1"), ("there", f"--dask={cluster.scheduler_address}")):
        words = ("increment", str(tmp_path / "inputs.txt"), "--out", str(tmp_path / f"{name}.csv"), how, *SMALL)
        assert main(["sweep", *words]) == 0
    assert (tmp_path / "here.csv").read_bytes() == (tmp_path / "there.csv").read_bytes()
    assert "1100" in (tmp_path / "here.csv").read_text()


def test_an_experiment_on_the_cluster_is_the_experiment_here(cluster, capsys):
    words = ("text", "--contexts", "1", "--vocabulary", "2", "--epsilon", "0.3", "--seeds", "30", "--json")
    reports = []
    for how in ("--workers=1", f"--dask={cluster.scheduler_address}"):
        assert main(["elicit", *words, how]) == 0
        reports.append(capsys.readouterr().out)
    assert reports[0] == reports[1]


def test_errors_of_workers_are_raised_here(cluster):
    with pytest.raises(ArithmeticError, match="three"):
        list(DaskCluster(cluster.scheduler_address).answers(fails_on_three, range(6)))


def test_a_scheduler_that_dies_is_one_error():
    program = (
        "import distributed, time\n"
        "if __name__ == '__main__':\n"
        "    cluster = distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=':0')\n"
        "    print(cluster.scheduler_address, flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as scheduler:
        assert scheduler.stdout
        address = scheduler.stdout.readline().strip()
        answers = DaskCluster(address).answers(late_and_where, range(200))
        next(answers)
        os.killpg(scheduler.pid, signal.SIGKILL)
        with pytest.raises(WorkerError, match="the Dask scheduler is gone") as error:
            list(answers)
        assert address in str(error.value)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense://x", "127.0.0.1:1"])
def test_nobody_is_there(address):
    with pytest.raises(InputError, match="no Dask scheduler answers"):
        list(DaskCluster(address, seconds=0.2).answers(late_and_where, range(3)))


def test_a_scheduler_without_workers():
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address=":0") as alone,
        pytest.raises(InputError, match="has no workers"),
    ):
        list(DaskCluster(alone.scheduler_address, seconds=0.2).answers(late_and_where, range(3)))


def test_workers_with_another_version(cluster, monkeypatch):
    monkeypatch.setattr("compiled_models.workers.cluster.version", lambda name: "0.0.1")
    with pytest.raises(InputError, match="another tapehead"):
        list(DaskCluster(cluster.scheduler_address).answers(late_and_where, range(3)))


def test_without_dask(monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main(["sweep", "bb2", "--out", str(tmp_path / "a.csv"), "--dask", "tcp://127.0.0.1:1"]) == 2
    assert "pip install 'tapehead[dask]'" in capsys.readouterr().err
