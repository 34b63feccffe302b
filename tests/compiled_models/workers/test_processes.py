"""Processes of this machine: each task is done once, whatever becomes of a worker."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from compiled_models.workers import Processes, WorkerError
from tests.compiled_models.workers.tasks import dies_on_three, dies_once, fails_on_three, where

SQUARES = [(n, n * n) for n in range(12)]


@pytest.fixture(autouse=True)
def nobody_is_left():
    before = set(multiprocessing.active_children())
    yield
    assert set(multiprocessing.active_children()) <= before


def test_every_task_is_done_once_by_processes():
    answers = list(Processes(2, patience=0).answers(where, range(12)))
    assert sorted((number, square) for number, (square, _) in answers) == SQUARES
    assert os.getpid() not in {process for _, (_, process) in answers}


def test_short_work_begins_no_process():
    answers = list(Processes(2).answers(where, range(12)))
    assert {process for _, (_, process) in answers} == {os.getpid()}


def test_a_worker_that_dies_is_noticed_and_its_work_done_again(tmp_path):
    tasks = [(number, str(tmp_path)) for number in range(12)]
    assert sorted(Processes(2, patience=0).answers(dies_once, tasks)) == SQUARES
    assert (tmp_path / "died").exists()


def test_a_task_that_workers_die_of_is_named():
    with pytest.raises(WorkerError, match="task 3 ended 3 workers"):
        list(Processes(2, patience=0).answers(dies_on_three, range(12)))


def test_an_error_is_raised_here():
    with pytest.raises(ArithmeticError, match="three"):
        list(Processes(2, patience=0).answers(fails_on_three, range(12)))


def test_who_has_enough_leaves_no_process_behind():
    answers = Processes(2, patience=0).answers(where, range(1_000_000))
    assert next(answers)[1][0] in (0, 1)
    answers.close()


PROGRAM = """
from compiled_models.workers import Processes
from slow import square

if __name__ == "__main__":
    print("begun", flush=True)
    try:
        list(Processes(2, patience=0).answers(square, range(4)))
    except KeyboardInterrupt:
        print("stopped")
"""
SLOW = """
import time

time.sleep(1)  # as a large library does


def square(number):
    time.sleep(5)
    return number * number
"""


@pytest.mark.parametrize("after", [0.4, 2.0], ids=["while workers import", "while they work"])
def test_a_ctrl_c_is_for_whoever_gives_the_tasks(after, tmp_path):
    """A terminal sends it to all of them; none but the first says a word."""
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "slow.py").write_text(SLOW)
    paths = os.pathsep.join((str(tmp_path), str(Path(__file__).parents[3])))
    command = [sys.executable, str(tmp_path / "program.py")]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"PYTHONPATH": paths},
    ) as program:
        assert program.stdout
        assert program.stdout.readline() == "begun\n"
        time.sleep(after)
        os.killpg(program.pid, signal.SIGINT)
        out, said = program.communicate(timeout=30)
    assert (out, said) == ("stopped\n", "")
