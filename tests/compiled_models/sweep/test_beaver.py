"""The busy beaver by prompting, against an enumeration by the simulator that shares nothing with it."""

from __future__ import annotations

import json
from itertools import product

import numpy as np
import pytest
import torch

from compiled_models.cli import main
from compiled_models.sweep import busy_beaver
from compiled_models.sweep.beaver import BusyBeaver, Survey
from compiled_models.sweep.deciders import never_halts
from compiled_models.workers import Processes
from construction import base_network
from construction.fingerprint import fingerprint
from construction.transformer import Transformer
from tm import InputError, Machine, outcome

NETWORK = base_network(states=8, symbols=4)
NAMES = "ABCDE"


def ran(rules: dict[tuple[str, int], tuple[str, int, int]], limit: int) -> tuple[str, int, int, int, int]:
    """How a run from the blank tape ends (halts, lacks a rule, goes on), its steps, ones, and where it lacks a rule."""
    tape, head, state = dict[int, int](), 0, "A"
    for steps in range(limit + 1):
        ones = sum(symbol > 0 for symbol in tape.values())
        if state == "Z":
            return "halts", steps, ones, 0, 0
        if (state, tape.get(head, 0)) not in rules:
            return "lacks", steps, ones, NAMES.index(state), tape.get(head, 0)
        state, tape[head], move = rules[state, tape.get(head, 0)]
        head += move
    return "goes on", limit, ones, 0, 0


def enumerated(states: int, symbols: int, limit: int) -> tuple[int, int, int, int]:
    """Machines, halting ones, most steps and most ones, by simulation: what lacks a rule gets each in turn."""
    machines = halted = steps = ones = 0
    waiting = [{("A", 0): (to, 1, 1)} for to in ("B" if states > 1 else "AZ")]
    while waiting:
        rules = waiting.pop()
        end, length, marks, *situation = ran(rules, limit)
        machines += end != "lacks"
        if end == "halts":
            halted, steps, ones = halted + 1, max(steps, length), max(ones, marks)
        if end != "lacks":
            continue
        choices = [("Z", 1, 1)]
        if len(rules) < states * symbols - 1:
            used = {to for to, _, _ in rules.values() if to != "Z"} | {"A"}
            written = max(write for _, write, _ in rules.values())
            nexts, writes = NAMES[: min(states, len(used) + 1)], range(min(symbols, written + 2))
            choices += product(nexts, writes, (-1, 1))
        waiting += [{**rules, (NAMES[situation[0]], situation[1]): choice} for choice in choices]
    return machines, halted, steps, ones


@pytest.mark.parametrize(("states", "symbols", "limit"), [(1, 2, 5), (2, 2, 12), (3, 2, 25), (2, 3, 40)])
def test_the_tree_is_the_simulators(states, symbols, limit):
    survey = busy_beaver(NETWORK, states, symbols, limit=limit)
    assert (survey.machines, survey.halted, survey.steps, survey.ones) == enumerated(states, symbols, limit)
    assert survey.undecided == survey.machines - survey.halted - sum(survey.proven.values())


@pytest.mark.parametrize(
    ("states", "symbols", "steps", "ones"), [(1, 2, 1, 1), (2, 2, 6, 4), (3, 2, 21, 6), (2, 3, 38, 9)]
)
def test_the_values_that_are_known(states, symbols, steps, ones):
    survey = busy_beaver(NETWORK, states, symbols, limit=60)
    assert (survey.steps, survey.ones) == (steps, ones)
    for line, amount in [(survey.longest[0], "steps"), (survey.fullest[0], "ones")]:
        result = outcome(Machine.read(line), max_steps=1000)
        assert {"steps": result.steps, "ones": sum(s != "0" for s in result.tape)}[amount] == getattr(survey, amount)


def test_a_machine_of_the_tree_is_what_its_line_says():
    tree = BusyBeaver(NETWORK, 2, 2, 10)
    row = np.array([tree.root[0, 0], -1, 2, tree.halting])
    line = tree._line(row)
    assert line == "1RB---_1LA1RZ"
    one, other = outcome(tree.machine(row), max_steps=5), outcome(Machine.read(line), max_steps=5)
    assert (one.steps, one.state, one.tape) == (other.steps, other.state, other.tape)


def rows(*lines: str) -> np.ndarray:
    """Machines of two symbols, as the tree has them."""
    states = lines[0].count("_") + 1
    names = NAMES[:states] + "Z"
    made = []
    for line in lines:
        texts = [part[i : i + 3] for part in line.split("_") for i in (0, 3)]
        made.append([-1 if t == "---" else (names.index(t[2]) * 2 + int(t[0])) * 2 + "LR".index(t[1]) for t in texts])
    return np.array(made)


DECIDED = {
    "1RA1RA": "translated cycler",
    "0LA---": "translated cycler",
    "1RB1RB_1LA1LA": "cycler",
    "0RB---_0LA---": "cycler",
    "1RB1LA_0LA0RB": "",  # its ends move apart, ever more slowly: it counts
    "1RB1LB_1LA1RZ": "",  # it halts
}


@pytest.mark.parametrize("line", DECIDED)
def test_what_deciders_say(line):
    states = line.count("_") + 1
    assert never_halts(rows(line), states, 2, 200) == [DECIDED[line]]


def test_deciders_never_say_it_of_a_machine_that_halts():
    # of machines cut short well before they halt; the limit decides nothing
    lines = [line for limit in (60,) for line in busy_beaver(NETWORK, 3, limit=limit).longest]
    for steps in range(1, 21):
        assert never_halts(rows(*lines), 3, 2, steps) == [""] * len(lines)
    survey = busy_beaver(NETWORK, 3, limit=4)  # machines that run longer than 4 steps are looked at for 40
    assert survey.machines - survey.halted - sum(survey.proven.values()) > 0
    exact = busy_beaver(NETWORK, 3, limit=40)
    assert sum(exact.proven.values()) <= exact.running


@pytest.mark.parametrize(
    ("states", "symbols", "limit", "message"),
    [
        (0, 2, 5, "no number of states"),
        (26, 2, 5, "no number of states"),
        (2, 1, 5, "no number of symbols"),
        (2, 2, 0, "no limit of steps"),
        (8, 2, 5, "do not fit"),
        (2, 5, 5, "do not fit"),
    ],
)
def test_sizes_that_are_none(states, symbols, limit, message):
    with pytest.raises(InputError, match=message):
        busy_beaver(NETWORK, states, symbols, limit=limit)


def test_a_network_that_is_none():
    with pytest.raises(InputError, match="cannot be shown every machine"):
        busy_beaver(base_network(states=4, symbols=2, tapes=2), 2, limit=9)


def test_a_size_whose_network_would_be_factored(monkeypatch, capsys):
    shown: list[tuple[str, int]] = []

    def surveyed(network: Transformer, *sizes: int, **options: object) -> Survey:
        shown.append((network.config.code, network.config.states))
        return Survey()

    monkeypatch.setattr("compiled_models.cli.beaver.busy_beaver", surveyed)
    assert main(["beaver", "20"]) == 0
    assert shown == [("joint", 32)]


def test_the_command(capsys):
    assert main(["beaver", "2", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["steps"], said["ones"], said["machines"], said["halted"]) == (6, 4, 41, 15)
    assert said["limit"] + said["halted"] == said["machines"]
    assert said["proven"] + said["open"] == said["limit"]
    assert said["network"]["sha256"] == fingerprint(NETWORK).sha256
    assert "1RB1LB_1LA1RZ" in said["champions"]["ones"]
    assert main(["beaver", "2"]) == 0
    assert "6 steps" in capsys.readouterr().out
    for wrong in ("x", "2x", "0", "2x3x4", "4.5", "26", "2x1", "2x11"):
        assert main(["beaver", wrong]) == 2
    assert "STATESxSYMBOLS" in capsys.readouterr().err


@pytest.mark.parametrize("count", [1, 2])
def test_workers_find_what_one_finds(count, monkeypatch):
    monkeypatch.setattr("compiled_models.sweep.survey.BRANCHES", 40)
    one = busy_beaver(NETWORK, 3, limit=60)
    seen: list[int] = []
    workers = Processes(count, patience=0)
    several = busy_beaver(
        NETWORK, 3, limit=60, workers=workers, progress=lambda so_far, _: seen.append(so_far.machines)
    )
    for name in ("machines", "halted", "running", "prompts", "tokens", "proven", "steps", "ones", "undecided"):
        assert getattr(one, name) == getattr(several, name), name
    for name in ("longest", "fullest", "open"):
        assert sorted(getattr(one, name)) == sorted(getattr(several, name))
    assert len(seen) > 40
    assert seen == sorted(seen)
    assert seen[-1] == one.machines
    assert several.open == busy_beaver(NETWORK, 3, limit=60, workers=Processes(1)).open  # whoever is done first


def test_workers_would_build_another_network():
    changed = base_network(states=8, symbols=4)
    with torch.no_grad():
        changed.unembed.W_U[0, 0] += 1
    with pytest.raises(InputError, match="this one was changed"):
        busy_beaver(changed, 2, limit=10, workers=Processes(1))
