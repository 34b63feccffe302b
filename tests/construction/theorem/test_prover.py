"""How the prover can end: with a verdict, or without one. What stands in for it here is a script."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from construction import base_network
from construction.fingerprint import fingerprint
from construction.theorem import CAPACITIES, ProverError, ProverMissing, ProverUnfinished, prove, recheck
from tests.commands import tapehead

REJECTED = 'File "./Sums.v", line 3, characters 0-5:\nError: The term "x" has type "nat".'


@pytest.fixture
def prover(tmp_path, monkeypatch):
    """Put in place of a command a script that does what the test says."""

    def put(name: str, script: str, version: str = "8.16.1 4.13.1") -> None:
        command = tmp_path / name
        asked = f'if [ "$1" = -print-version ]; then echo "{version}"; exit; fi\n'
        command.write_text(f"#!/bin/sh\n{asked}{script}\n")
        command.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    return put


def _says(text: str, status: int) -> str:
    return f"cat >&2 <<'END'\n{text}\nEND\nexit {status}"


@pytest.mark.parametrize(
    ("script", "error", "problem"),
    [
        (_says(REJECTED, 1), ProverError, "coqc rejects"),
        ("kill -9 $$", ProverUnfinished, "SIGKILL"),
        ("kill -XCPU $$", ProverUnfinished, "SIGXCPU"),
        (_says("Killed", 137), ProverUnfinished, "SIGKILL"),
        (_says("Error: Out of memory.", 1), ProverUnfinished, "Out of memory"),
        (_says("Error: Stack overflow.", 1), ProverUnfinished, "Stack overflow"),
        (_says("Error:\nAnomaly \"Uncaught exception\"", 129), ProverUnfinished, "Anomaly"),
        (_says("Fatal error: exception Sys_error(\"No space left on device\")", 2), ProverUnfinished, "No space left"),
        (_says("Error: System error: \"x.vo: No space left on device\"", 1), ProverUnfinished, "No space left"),
        (_says("Error: Cannot find a physical path bound to logical path List.", 1), ProverMissing, "libcoq-stdlib"),
    ],
)  # fmt: skip
def test_no_verdict_is_no_rejection(script, error, problem, prover, tmp_path, capsys):
    prover("coqc", script)
    with pytest.raises(error, match=problem):
        prove(base_network(1, 2), tmp_path / "files")
    status, out, err = tapehead(capsys, "prove", "--folder", str(tmp_path / "files"))
    assert (status, out) == (1 if error is ProverError else 2, "")
    assert problem in err
    assert "not the theorem's" not in err


def test_a_file_that_was_not_finished_is_checked_again(prover, tmp_path):
    prover("coqc", "touch ${5%.v}.vo")
    files = tmp_path / "files"
    prove(base_network(1, 2), files)
    (files / "Statements.checked").unlink()
    prover("coqc", "kill -9 $$")
    for _ in range(2):
        with pytest.raises(ProverUnfinished, match=r"checking Statements\.v"):
            prove(base_network(1, 2), files)


@pytest.mark.parametrize(
    ("version", "error", "problem"),
    [("8.15.2 4.13.1", ProverMissing, "too old"), ("", ProverUnfinished, "does not say its version")],
)
def test_a_prover_that_cannot_be_the_right_one(version, error, problem, prover, tmp_path):
    prover("coqc", "exit 0", version)
    with pytest.raises(error, match=problem):
        prove(base_network(1, 2), tmp_path / "files")


@pytest.mark.parametrize("version", ["8.16.1 4.13.1", "8.20.1 5.3.0", "9.2 5.4.1", "9.0+rc1 5.3.0", "10.0 5.4.1"])
def test_a_newer_prover_is_one(version, prover, tmp_path):
    prover("coqc", "touch ${5%.v}.vo", version)
    network = base_network(1, 2)
    assert prove(network, tmp_path / "files").sha256 == fingerprint(network).sha256


def test_the_statement_stands_above_the_networks_that_it_is_of(prover, tmp_path, capsys):
    prover("coqc", "touch ${5%.v}.vo; echo Closed under the global context")
    status, out, err = tapehead(capsys, "prove", "--all", "--folder", str(tmp_path / "files"))
    paragraphs = [part.splitlines() for part in out.strip().split("\n\n")]
    assert (status, err, len(paragraphs)) == (0, "", 6)
    lines = [paragraphs[i] for i in (1, 3, 5)]
    assert all(line.startswith("proved: ") and line.endswith(", no axioms") for group in lines for line in group)
    assert [len(group) for group in lines] == [len(CAPACITIES) - 1, 1, 1]
    for words, tokens in zip(paragraphs[::2], ("134,217,728", "4,096", "134,217,728"), strict=True):
        assert f" up to {tokens} tokens" in " ".join(words)


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
def test_ctrl_c_ends_the_prover_too(prover, tmp_path):
    """Only this process gets the signal here, as from `kill`; a terminal sends it to the prover as well."""
    prover("coqc", f"echo $$ >> {tmp_path}/pids; exec sleep 60")
    command = [sys.executable, "-m", "compiled_models", "prove", "--folder", str(tmp_path / "files")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        pids = tmp_path / "pids"
        while not (pids.exists() and len(pids.read_text().split()) == 2):
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err.strip()) == (130, "tapehead: stopped")
    for pid in pids.read_text().split():
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid), 0)


@pytest.mark.parametrize(
    ("says", "status", "problem"),
    [
        ("* Axioms: <none>", 0, None),
        ("* Axioms:\n  Tapehead.Sums.cheat", 0, "coqchk finds axioms"),
        ("", 0, "coqchk finds axioms"),
        ("Fatal Error: Type error", 1, "coqchk rejects the theorem"),
        ("Killed", 137, "coqchk could not finish"),
    ],
)
def test_a_second_check_is_believed_where_it_finds_no_axiom(says, status, problem, prover, tmp_path):
    prover("coqchk", _says(says, status))
    if problem is None:
        assert recheck(tmp_path, ["Network"]) == says
    else:
        with pytest.raises((ProverError, ProverUnfinished), match=problem):
            recheck(tmp_path, ["Network"])
