"""The prover: where it is, and how the theorem's files are checked by it, each after those that it rests on."""

from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter
from pathlib import Path

from tm import Problem, TapeheadError

__all__ = ["SOURCES", "ProverError", "ProverMissing", "check", "check_sources", "prover_version", "recheck"]

SOURCES = Path(__file__).parent
_LIBRARY = "Tapehead"
_REQUIRED = re.compile(rf"From {_LIBRARY} Require (?:Import )?([\w\s]+)\.")


class ProverMissing(TapeheadError, RuntimeError):
    """There is no prover on this machine."""


class ProverError(TapeheadError, RuntimeError):
    """The prover rejects a file of the theorem."""


def prover_version() -> str:
    """The version of the prover on this machine.

    Raises:
        ProverMissing: saying how to install it, if there is none.
    """
    if (coqc := shutil.which("coqc")) is None:
        hint = "on Debian and Ubuntu: apt-get install coq"
        raise ProverMissing(Problem("the prover is missing", "the command coqc of Coq 8.16 or newer", "none", hint))
    return subprocess.run([coqc, "-print-version"], capture_output=True, text=True, check=True).stdout.split()[0]


def check_sources(folder: Path, jobs: int = 2) -> None:
    """Have the prover check the theorem; what it has checked in this folder already, unchanged, it does not again.

    Raises:
        ProverMissing: if there is no prover.
        ProverError: if it rejects a file.
        OSError: if the folder cannot be written.
    """
    version = prover_version()
    folder.mkdir(parents=True, exist_ok=True)
    sources = {path.stem: path.read_text(encoding="utf-8") for path in sorted(SOURCES.glob("*.v"))}
    needs = {name: _needed(text) & sources.keys() for name, text in sources.items()}
    digests: dict[str, str] = {}
    for name in TopologicalSorter(needs).static_order():
        parts = [version, sources[name], *(digests[other] for other in sorted(needs[name]))]
        digests[name] = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    with _alone(folder), ThreadPoolExecutor(jobs) as pool:
        order, running = TopologicalSorter(needs), dict[Future[None], str]()
        order.prepare()
        while order.is_active():
            for name in order.get_ready():
                running[pool.submit(_check_source, folder, name, sources[name], digests[name])] = name
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                future.result()
                order.done(running.pop(future))


def check(folder: Path, name: str, text: str) -> str:
    """What the prover prints about one more file, which may rest on the theorem's.

    Raises:
        ProverError: if it rejects the file.
    """
    (folder / f"{name}.v").write_text(text, encoding="utf-8")
    done = _coqc(folder, name)
    if done.returncode:
        raise ProverError(Problem(f"the prover rejects {name}.v", found=done.stderr.strip()[-600:]))
    return done.stdout


_NO_AXIOMS = "* Axioms: <none>"


def recheck(folder: Path, names: list[str]) -> str:
    """What `coqchk`, the prover's kernel as a program of its own, says of files that were checked.

    Raises:
        ProverError: if it rejects them, or finds an axiom.
    """
    command = ["coqchk", "-silent", "-o", "-R", ".", _LIBRARY, *(f"{_LIBRARY}.{name}" for name in names)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    said = (done.stdout + done.stderr).strip()  # its summary goes to the latter
    if done.returncode:
        raise ProverError(Problem("coqchk rejects the theorem", found=said[-600:]))
    if _NO_AXIOMS not in said:
        raise ProverError(Problem("coqchk finds axioms", expected=_NO_AXIOMS, found=said[-600:]))
    return said


def _needed(text: str) -> set[str]:
    return {name for names in _REQUIRED.findall(text) for name in names.split()}


def _check_source(folder: Path, name: str, text: str, digest: str) -> None:
    stamp = folder / f"{name}.checked"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == digest and (folder / f"{name}.vo").exists():
        return
    stamp.unlink(missing_ok=True)
    check(folder, name, text)
    stamp.write_text(digest, encoding="utf-8")


def _coqc(folder: Path, name: str) -> subprocess.CompletedProcess[str]:
    command = ["coqc", "-q", "-R", ".", _LIBRARY, f"{name}.v"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time checks the theorem in a folder."""
    try:
        import fcntl
    except ImportError:  # not on Windows, where tests of several processes do not run
        yield
        return
    with open(folder / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
