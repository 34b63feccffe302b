"""What the benchmark compares does the same work: its simulators take the reference simulator's steps."""

from __future__ import annotations

import pytest

from compiled_models.bench.measure import BenchError, Measurement, measured_apart
from compiled_models.bench.report import FILES, page, write
from compiled_models.bench.rows import RowsMeasurement, random_machines, steps_of_rows
from compiled_models.bench.simulators import ArraySimulator, AutomataSimulator, DictionarySimulator
from compiled_models.bench.suite import Suite
from compiled_models.bench.workloads import WORKLOADS
from compiled_models.sweep.beaver import BusyBeaver
from construction import base_network
from tests.machines import TABLE, random_case
from tm import FileError, outcome

CASES = [case for case in TABLE if case.seed is None and case.head == 0][::3]
CASES += [case for case in map(random_case, range(30)) if not any(case.head if isinstance(case.head, tuple) else [0])]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_simulators_take_the_same_steps(case):
    expected = outcome(case.machine, case.input, max_steps=300).steps
    assert DictionarySimulator(case.machine, case.input).run(300) == expected
    assert ArraySimulator(case.machine, case.input).run(300) == expected


@pytest.mark.parametrize("name", ["bb4", "increment", "large"])
def test_automata_lib_takes_the_same_steps(name):
    workload = WORKLOADS[name]()
    text = workload.input[:20]
    expected = outcome(workload.machine, text, max_steps=60).steps
    assert AutomataSimulator(workload.machine, text).run(60) == expected


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_workload_is_as_long_as_it_says(name):
    workload = WORKLOADS[name]()
    assert ArraySimulator(workload.machine, workload.input).run(workload.steps) == workload.steps


def test_rows_are_simulated_as_one_by_one():
    machines = random_machines(40)
    tree = BusyBeaver(base_network(states=8, symbols=4), 4, 2, 60)
    expected = [outcome(tree.machine(row), max_steps=60).steps for row in machines]
    assert steps_of_rows(machines, 4, 2, 60) == sum(expected)
    assert len(set(expected)) > 3
    made = next(iter(tree.rows.generate(tree.prompts(machines), 60)))
    assert (made.made - made.stopped).tolist() == expected


def test_a_measurement_in_a_process_of_its_own():
    measurement = measured_apart("streaming", "bb4", 50)
    assert measurement is not None
    assert measurement.steps == 49  # the first is taken before the clock starts
    assert measurement.rate > 0
    assert measurement.megabytes > 10
    assert measured_apart("automata-lib", "three", 50) is None
    with pytest.raises(BenchError, match="nonsense"):
        measured_apart("nonsense", "bb4", 50)


def test_a_suite_is_tabled_and_drawn(tmp_path):
    runs = [Measurement(name, "bb5", 100, 0.1, 0.5, 50.0) for name in ("dense", "kernels", "numba simulator")]
    long = [Measurement("kernels", "bb5", steps, 0.1, 0.5, 50.0 + steps / 1e8) for steps in (100_000, 47_000_000)]
    rows = [RowsMeasurement(name, 10, 100, 0.1) for name in ("batch", "numba simulator")]
    suite = Suite(runs, long, {"first call": 5.0}, rows)
    assert suite.batches().row_count == 2
    assert "| 10 | 1,000 | 1,000 | 1 |" in page(suite)
    assert suite.rate("kernels", "bb5") == 200
    assert suite.growth() == pytest.approx(0.469)
    assert suite.speeds().row_count == 4
    assert suite.memory().row_count == 3
    assert Suite([], long[:1], {}).growth() is None
    write(suite, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)
    assert (tmp_path / "performance.png").stat().st_size > 1_000
    with pytest.raises(FileError):
        write(suite, tmp_path)


def test_the_page_holds_what_was_measured():
    runs = [Measurement(name, "bb5", 100, 0.1, 0.5, 50.0) for name in ("dense", "kernels", "numba simulator")]
    runs[1] = Measurement("kernels", "bb5", 100, 0.1, 0.25, 50.0)
    text = page(Suite(runs, [Measurement("kernels", "bb5", 100_000, 0.1, 0.5, 50.0)], {"first call": 5.04}))
    assert "| BB(5) champion, full: 47,176,870 steps | 400 | - | 200 | 200 | - | 2 | - | - |" in text
    assert "| kernels | 100,000 | 200,000 | 50 |" in text
    assert "| first call | 5.0 |" in text
