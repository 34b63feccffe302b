"""Processes of this machine: each task is done once, whatever becomes of a worker."""

from __future__ import annotations

import multiprocessing
import os

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
