"""Snapshots: a decoder's state and its transcript in a file, from which a run goes on as if it had never stopped."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import Any

from compiled_models.atomic import alone, remove_leftovers, replacing, require_name
from compiled_models.decoding.decoder import Decoder, DecoderState, Resumable
from compiled_models.decoding.entries import Entries
from compiled_models.decoding.weights import read_weights
from compiled_models.sealed import Arrays, SealError, read_sealed, write_sealed
from compiled_models.transcript import Transcript
from construction.codec import Prompt
from construction.config import physical_memory
from construction.fingerprint import fingerprint
from construction.network import Network
from tm import FileError, FileWarning, Problem, TapeheadError
from tm.file import regular_file

__all__ = ["SNAPSHOT_VERSION", "SnapshotError", "SnapshotFile", "Snapshots"]

SNAPSHOT_VERSION = "2"
TITLE = b"tapehead snapshot, version "
ARCHIVE = b"PK"  # how a snapshot of the first version began, as every zip archive does
PARTS = "keys", "sums", "counts"  # of a head


class SnapshotError(TapeheadError, ValueError):
    """A file that is no snapshot, or one of another run."""


class Snapshots:
    """Writes the snapshots of one run to a file every so often, and reads one back.

    A snapshot belongs to a network (the hash of its weights), a prompt and a seed; any decoder that has a state can go
    on from it.

    Args:
        network: the network that runs.
        prompt: its prompt.
        seed: of the draws, or None.
        every: seconds between two snapshots; more where writing one takes longer than a twentieth of that.
    """

    def __init__(self, network: Network, prompt: Prompt, seed: int | None, *, every: float = 1.0) -> None:
        self.network, self.prompt, self.seed = network, prompt, seed
        self.every, self._last, self._cost = every, time.monotonic(), 0.0

    @cached_property
    def run(self) -> dict[str, Any]:
        """What says which run a snapshot is of."""
        prompt = hashlib.sha256(self.prompt.tokens.tobytes()).hexdigest()
        return {"network": fingerprint(self.network).sha256, "prompt": prompt, "seed": self.seed}

    def due(self) -> bool:
        """Whether the last snapshot, or the last attempt at one, was long enough ago."""
        return time.monotonic() - self._last >= max(self.every, 20 * self._cost)

    @contextmanager
    def keeping(
        self,
        decoder: Decoder,
        transcript: Transcript,
        limit: int,
        *,
        file: str | Path | None,
        resume: str | Path | None,
        force: bool = False,
    ) -> Iterator[SnapshotFile | None]:
        """Go on from the snapshot `resume`, if there is one; give the file for new ones, if `file` is one.

        Raises:
            SnapshotError: for a snapshot of another run or beyond the limit of steps, for a decoder without a state,
                and where `file` cannot be written, is another run's or something else (the latter not with `force`).
        """
        if file is None and resume is None:
            yield None
            return
        if not isinstance(decoder, Resumable):
            hint = "the kernels and the streaming decoder have them: on the CPU, in float64 or float32"
            raise SnapshotError(Problem("this decoder keeps every token and has no snapshots", hint=hint))
        with nullcontext() if file is None else self.place(file, force=force):
            state = None if resume is None else self.read(resume, transcript)
            if transcript.steps > limit:
                steps, hint = f"{transcript.steps} steps or more", "the limit counts from the start of the run"
                raise SnapshotError(Problem("the snapshot is beyond the limit", steps, str(limit), hint))
            if state is not None:
                decoder.restore(state)
            yield None if file is None else SnapshotFile(self, file, decoder, transcript)

    @contextmanager
    def place(self, file: str | Path, *, force: bool = False) -> Iterator[None]:
        """A file to write snapshots to, this run's alone meanwhile; nothing is lost by it but a snapshot of this run.

        With `force`, whatever file stands there.

        Raises:
            SnapshotError: for a folder that is not there or cannot be written to, for a file that another run writes
                snapshots to, for one that is no snapshot, and for a snapshot of another run.
        """
        try:
            require_name(file)
        except FileError as error:
            raise SnapshotError(*error.problems) from None
        path = Path(os.path.realpath(file))
        if path.parent == Path("/dev") or (path.exists() and not path.is_file()):
            raise SnapshotError(_no_place(file, "not a file"))
        with ExitStack() as stack:
            try:
                stack.enter_context(alone(path))
                remove_leftovers(path)
                with tempfile.TemporaryFile(dir=path.parent):
                    pass
            except FileError as error:
                raise SnapshotError(*error.problems) from error
            except OSError as error:
                raise SnapshotError(_no_place(file, error.strerror or str(error))) from error
            if not force:
                self._require_replaceable(path)
            yield

    def _require_replaceable(self, path: Path) -> None:
        if path.exists() and path.stat().st_size:
            try:
                self._require_same_run(path, _contents(path)[0])
            except SnapshotError as error:
                hint = "name a new file, or say --force (in Python force=True) to lose this one"
                reasons = "; ".join(problem.message for problem in error.problems)
                problem = Problem("a snapshot would overwrite something else", "", reasons, hint, source=str(path))
                raise SnapshotError(problem) from error

    def write(self, file: str | Path, decoder: Resumable, transcript: Transcript) -> None:
        """Write a snapshot of where a run is: beside the file, then renamed, so that there always is a whole one.

        Raises:
            FileError: if the file cannot be written.
        """
        began, state = time.monotonic(), decoder.state()
        arrays: Arrays = {**transcript.arrays(), "pending": state.pending}
        for number, entries in enumerate(state.heads.values()):
            arrays |= {f"{part} {number}": array for part, array in zip(PARTS, entries, strict=True)}
        numbers = {"length": state.length, "stopped": state.stopped, "draws": state.draws}
        header = self.run | numbers | {"heads": list(state.heads)}
        try:
            with replacing(file, force=True) as beside, beside.open("wb") as stream:
                write_sealed(stream, _title(), header, arrays)
        finally:
            self._last = time.monotonic()
            self._cost = self._last - began

    def read(self, file: str | Path, transcript: Transcript) -> DecoderState | None:
        """Read a snapshot of the same run: take the transcript to where it was, return the decoder's state.

        Its digest is compared before anything in it is looked at, and its parts with each other before any is used.
        The state is None where nothing had been generated.

        Raises:
            SnapshotError: for a file that is missing, damaged, of another version, network, prompt or seed, and for
                one whose parts contradict each other.
        """
        path = Path(file)
        header, arrays = _contents(path)
        self._require_same_run(path, header)
        try:
            state = _state(header, arrays)
            transcript.restore({name: arrays[name] for name in transcript.arrays()})
        except (KeyError, TypeError) as error:
            raise SnapshotError(_contradictory(path, f"something is missing or of another kind: {error}")) from error
        except ValueError as error:
            raise SnapshotError(*(_contradictory(path, str(reason)) for reason in error.args)) from error
        if reasons := list(self._contradictions(state, transcript)):
            raise SnapshotError(*(_contradictory(path, reason) for reason in reasons))
        return state if state.length else None

    def _contradictions(self, state: DecoderState, transcript: Transcript) -> Iterator[str]:
        """Where the decoder's state and the transcript do not speak of the same run."""
        if state.stopped is not transcript.stopped:
            yield f"stopped = {state.stopped} in one place, {transcript.stopped} in another"
        elif generated := transcript.steps + transcript.stopped:
            wrong = list(state.contradictions(read_weights(self.network), self.prompt, generated))
            if not wrong and not state.stopped and not transcript.ends_with(state.pending[0]):
                wrong.append("a last token that did not lead to this state and these tapes")
            yield from wrong
        elif state.length or state.draws:
            yield f"length {state.length} and draws {state.draws} before the first token"

    def _require_same_run(self, path: Path, header: dict[str, Any]) -> None:
        differ = [name for name, value in self.run.items() if header.get(name) != value]
        if "network" in differ and "prompt" in differ:
            differ.remove("prompt")  # another network has other tokens
        problems = []
        for name in differ:
            sides, hint = (str(self.run[name])[:16], str(header.get(name))[:16]), HINTS.get(name, "")
            problems.append(Problem(f"a snapshot of another {name}", *sides, hint=hint, source=str(path)))
        if problems:
            raise SnapshotError(*problems)


class SnapshotFile:
    """A file that takes snapshots of a run while it goes on: whenever one is due, and at the end.

    One that cannot be written, on a full disk, say, is a FileWarning: the run goes on, and tries again.
    """

    def __init__(self, snapshots: Snapshots, file: str | Path, decoder: Resumable, transcript: Transcript) -> None:
        self.snapshots, self.file, self.decoder, self.transcript = snapshots, file, decoder, transcript
        self._warned = False

    def save_if_due(self) -> None:
        """Write a snapshot, if the last one was long enough ago; between two tokens only."""
        if self.snapshots.due():
            self.save()

    def save(self, *, last: bool = False) -> None:
        """Write a snapshot; of several that cannot be written the first is told, and the last."""
        try:
            self.snapshots.write(self.file, self.decoder, self.transcript)
            self._warned = False
        except FileError as error:
            if last or not self._warned:
                what = "the last snapshot could not be written" if last else "no snapshot could be written"
                goes_on = "the result is not in it" if last else "the run goes on, and tries again"
                reasons = "; ".join(problem.found for problem in error.problems)
                problem = Problem(f"{what}: {goes_on}", found=reasons, source=str(self.file))
                warnings.warn(FileWarning(problem), stacklevel=2)
            self._warned = True


HINTS = {
    "network": "give the same --network, --states, --symbols, --tapes, --code and --dtype",
    "prompt": "give the same machine, input and --head",
    "seed": "give the same --seed",
}


def _title() -> bytes:
    return TITLE + SNAPSHOT_VERSION.encode()


def _contents(path: Path) -> tuple[dict[str, Any], Arrays]:
    """The header and the arrays of a snapshot, its digest compared; of a large file that is none only the beginning."""
    title = _title()
    try:
        with regular_file(path, largest=physical_memory()) as stream:
            begin = stream.read(len(title) + 1) or b""
            if begin == title + b"\n":
                return read_sealed(begin + (stream.read() or b""), title)
    except SealError as error:
        raise SnapshotError(_no_snapshot(path, str(error))) from error
    except FileError as error:
        reasons = "; ".join(f"{problem.message} ({problem.found})" for problem in error.problems)
        raise SnapshotError(_no_snapshot(path, reasons)) from error
    except OSError as error:
        raise SnapshotError(_no_snapshot(path, error.strerror or str(error))) from error
    if begin.startswith((TITLE, ARCHIVE)):
        version = (
            begin.removeprefix(TITLE).decode("ascii", "replace").strip()
            if begin.startswith(TITLE)
            else "1, or no snapshot"
        )
        hint = "start the run anew: it was written by another version of tapehead"
        raise SnapshotError(Problem("a snapshot of another version", SNAPSHOT_VERSION, version, hint, source=str(path)))
    raise SnapshotError(_no_snapshot(path, "something else"))


def _no_snapshot(path: Path, found: str) -> Problem:
    return Problem("no snapshot can be read", "a file written with --snapshot", found, source=str(path))


def _contradictory(path: Path, found: str) -> Problem:
    hint = "it was not written by tapehead as it stands; start the run anew"
    return Problem("the snapshot contradicts itself", found=found, hint=hint, source=str(path))


def _no_place(file: str | Path, found: str) -> Problem:
    return Problem(f"no snapshot can be written to {str(file)!r}", "a file in a folder that can be written to", found)


def _state(header: dict[str, Any], arrays: Arrays) -> DecoderState:
    """The decoder's state. Raises KeyError, TypeError or ValueError where there is none."""
    length, stopped, draws, places = (header[name] for name in ("length", "stopped", "draws", "heads"))
    if type(length) is not int or type(stopped) is not bool or type(draws) is not int:
        raise TypeError(f"length {length!r}, stopped {stopped!r}, draws {draws!r}")
    heads = {
        (block, head): Entries(*(arrays[f"{part} {number}"] for part in PARTS))
        for number, (block, head) in enumerate(places)
    }
    names = {"tapes", "heads", "bounds", "numbers", "pending"} | {f"{p} {n}" for p in PARTS for n in range(len(heads))}
    if len(heads) != len(places) or arrays.keys() != names:
        raise ValueError(f"arrays {' '.join(sorted(arrays.keys() ^ names))} for the heads {places}")
    return DecoderState(length, arrays["pending"], stopped, heads, draws)
