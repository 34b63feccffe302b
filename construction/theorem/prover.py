"""The prover: where it is, and how the theorem's files are checked by it, each after those that it rests on."""

from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

from construction.theorem.process import POLL, Process, ProverError, ProverMissing, ProverUnfinished, end, run
from tm import Problem

__all__ = ["SOURCES", "check", "check_sources", "prover_version", "recheck", "warnings_of"]

SOURCES = Path(__file__).parent
OLDEST = 8, 16
_LIBRARY = "Tapehead"
_REQUIRED = re.compile(rf"From {_LIBRARY} Require (?:Import )?([\w\s]+)\.")
_NO_AXIOMS = "* Axioms: <none>"


def prover_version() -> str:
    """The version of the prover on this machine.

    Raises:
        ProverMissing: saying how to install it, if there is none or an older one.
        ProverUnfinished: if it does not say its version.
    """
    wanted, hint = "the command coqc of Coq 8.16 or newer", "on Debian and Ubuntu: apt-get install coq"
    if (coqc := shutil.which("coqc")) is None:
        raise ProverMissing(Problem("the prover is missing", wanted, "none", hint))
    done = subprocess.run([coqc, "-print-version"], capture_output=True, text=True, check=False)
    if not (match := re.match(r"(\d+)\.(\d+)\S*", done.stdout)):
        raise ProverUnfinished(Problem("the prover does not say its version", wanted, end(done.stderr), hint))
    if tuple(map(int, match.groups())) < OLDEST:
        raise ProverMissing(Problem("the prover is too old", wanted, match.group(), hint))
    return match.group()


def check_sources(folder: Path, jobs: int = 2) -> None:
    """Have the prover check the theorem; what it has checked in this folder already, unchanged, it does not again.

    Raises:
        ProverMissing: if there is no prover.
        ProverError: if it rejects a file.
        ProverUnfinished: if it ends without a verdict.
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
    order, waiting, running = TopologicalSorter(needs), list[str](), dict[str, Process]()
    order.prepare()
    with _alone(folder), contextlib.ExitStack() as processes:  # whatever ends this ends them
        while order.is_active():
            for name in order.get_ready():
                if _checked(folder, name, digests[name]):
                    order.done(name)
                else:
                    waiting.append(name)
            while waiting and len(running) < jobs:
                name = waiting.pop(0)
                running[name] = processes.enter_context(_begin(folder, name, sources[name]))
            for name in [name for name, process in running.items() if process.ended]:
                said = running.pop(name).verdict(f"this is Coq {version}; docs/proof.md says with which it was checked")
                _stamp(folder, name).write_text(f"{digests[name]}\n{said.besides}", encoding="utf-8")
                order.done(name)
            if running:
                time.sleep(POLL)


def warnings_of(folder: Path) -> str:
    """What the prover said of the theorem's files in a folder, beside that it accepts them: its warnings."""
    names = sorted(path.stem for path in SOURCES.glob("*.v"))
    said = (_stamp(folder, name).read_text(encoding="utf-8").split("\n", 1)[1] for name in names)
    return "".join(said)


def check(folder: Path, name: str, text: str) -> str:
    """What the prover prints about one more file, which may rest on the theorem's.

    Raises:
        ProverError: if it rejects the file.
        ProverUnfinished: if it ends without a verdict.
    """
    (folder / f"{name}.v").write_text(text, encoding="utf-8")
    return run(_coqc(name), folder, f"{name}.v").printed


def recheck(folder: Path, names: list[str]) -> str:
    """What `coqchk`, the prover's kernel as a program of its own, says of files that were checked.

    Raises:
        ProverMissing: if there is no `coqchk`.
        ProverError: if it rejects them, or finds an axiom.
        ProverUnfinished: if it ends without a verdict.
    """
    if (coqchk := shutil.which("coqchk")) is None:
        raise ProverMissing(
            Problem("the second prover is missing", "the command coqchk, which comes with coqc", "none")
        )
    command = [coqchk, "-silent", "-o", "-R", ".", _LIBRARY, *(f"{_LIBRARY}.{name}" for name in names)]
    said = run(command, folder, "the theorem")
    summary = (said.printed + said.besides).strip()  # on stderr, in the versions that we know
    if _NO_AXIOMS not in summary:
        raise ProverError(Problem("coqchk finds axioms", expected=_NO_AXIOMS, found=end(summary)))
    return summary


def _needed(text: str) -> set[str]:
    return {name for names in _REQUIRED.findall(text) for name in names.split()}


def _coqc(name: str) -> list[str]:
    return ["coqc", "-q", "-R", ".", _LIBRARY, f"{name}.v"]


def _begin(folder: Path, name: str, text: str) -> Process:
    _stamp(folder, name).unlink(missing_ok=True)
    (folder / f"{name}.v").write_text(text, encoding="utf-8")
    return Process(_coqc(name), folder, f"{name}.v")


def _stamp(folder: Path, name: str) -> Path:
    """Of a file that was accepted: the digest of all that it rests on, and what the prover said besides."""
    return folder / f"{name}.checked"


def _checked(folder: Path, name: str, digest: str) -> bool:
    stamp = _stamp(folder, name)
    if not (stamp.exists() and (folder / f"{name}.vo").exists()):
        return False
    return stamp.read_text(encoding="utf-8").startswith(f"{digest}\n")


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
