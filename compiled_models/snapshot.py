"""Snapshots: a decoder's state and its transcript in a file, from which a run goes on as if it had never stopped."""

from __future__ import annotations

import glob
import hashlib
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compiled_models.atomic import replacing
from compiled_models.decoding.decoder import Resumable
from compiled_models.decoding.entries import Entries
from compiled_models.decoding.state import DecoderState
from compiled_models.fingerprints import fingerprint
from compiled_models.transcript import Transcript
from construction.codec import Prompt
from construction.transformer import Transformer
from tm import Problem, TapeheadError

__all__ = ["SNAPSHOT_VERSION", "SnapshotError", "Snapshots"]

SNAPSHOT_VERSION = "1"
FORMAT = "tapehead snapshot"

Arrays = dict[str, NDArray[Any]]


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

    def __init__(self, network: Transformer, prompt: Prompt, seed: int | None, *, every: float = 1.0) -> None:
        self.every, self._last, self._cost = every, time.monotonic(), 0.0
        self.run = {
            "format": FORMAT,
            "version": SNAPSHOT_VERSION,
            "network": fingerprint(network).sha256,
            "prompt": hashlib.sha256(prompt.tokens.tobytes()).hexdigest(),
            "seed": seed,
        }

    def due(self) -> bool:
        """Whether the last snapshot was long enough ago."""
        return time.monotonic() - self._last >= max(self.every, 20 * self._cost)

    def require_place(self, file: str | Path) -> None:
        """See to it that snapshots can be written to a file, and that nothing is lost by it but one of the same run.

        Raises:
            SnapshotError: for a folder that is not there or cannot be written to, for a file that is no snapshot, and
                for a snapshot of another run.
        """
        path = Path(os.path.realpath(file))
        if not str(file) or path.is_dir() or path.parent == Path("/dev"):
            raise SnapshotError(_no_place(file, "not a file"))
        if path.exists() and (not path.is_file() or path.stat().st_size):
            try:
                self._require_same_run(path, _header(path))
            except SnapshotError as error:
                hint = "name a new file, or delete this one"
                problem = Problem("a snapshot would overwrite something else", hint=hint, source=str(path))
                raise SnapshotError(problem) from error
        try:
            for left in path.parent.glob(
                f".{glob.escape(path.name)}.????????.part"
            ):  # by a process that was killed while it wrote
                left.unlink()
            with tempfile.TemporaryFile(dir=path.parent):
                pass
        except OSError as error:
            raise SnapshotError(_no_place(file, error.strerror or str(error))) from error

    def write(self, file: str | Path, decoder: Resumable, transcript: Transcript) -> None:
        """Write a snapshot of where a run is: beside the file, then renamed, so that there always is a whole one.

        Raises:
            FileError: if the file cannot be written.
        """
        began, state = time.monotonic(), decoder.state()
        arrays: Arrays = {**transcript.arrays(), **_arrays(state)}
        numbers = {"length": state.length, "stopped": state.stopped, "draws": state.draws}
        arrays["header"] = np.array(json.dumps({**self.run, **numbers, "heads": list(state.heads)}))
        with replacing(file) as beside, beside.open("wb") as stream:
            np.savez(stream, allow_pickle=False, **arrays)
        self._last = time.monotonic()
        self._cost = self._last - began

    def read(self, file: str | Path, transcript: Transcript) -> DecoderState:
        """Read a snapshot of the same run: take the transcript to where it was, return the decoder's state.

        Raises:
            SnapshotError: for a file that is missing, damaged, of another version, network, prompt or seed.
        """
        path = Path(file)
        header = _header(path)
        self._require_same_run(path, header)
        arrays = _read(path)
        try:
            transcript.restore(arrays)
            return _state(header, arrays)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SnapshotError(_no_snapshot(path, "something else, or a part of one")) from error

    def _require_same_run(self, path: Path, header: dict[str, Any]) -> None:
        differ = [name for name, value in self.run.items() if header.get(name) != value]
        if "network" in differ and "prompt" in differ:
            differ.remove("prompt")  # another network has other tokens
        problems = []
        for name in differ:
            said = (str(self.run[name])[:16], str(header.get(name))[:16])
            problems.append(Problem(f"a snapshot of another {name}", *said, hint=HINTS.get(name, ""), source=str(path)))
        if problems:
            raise SnapshotError(*problems)


HINTS = {
    "network": "give the same --network, --states, --symbols, --tapes, --code and --dtype",
    "prompt": "give the same machine, input and --head",
    "seed": "give the same --seed",
    "version": "it was written by another version of tapehead",
}


def _read(path: Path, *names: str) -> Arrays:
    """The arrays of a file, or some of them."""
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            return {name: stored[name] for name in names or stored.files}
    except OSError as error:
        raise SnapshotError(_no_snapshot(path, error.strerror or str(error))) from error
    except Exception as error:  # of what is no archive, or a damaged one, numpy and zipfile raise nearly anything
        raise SnapshotError(_no_snapshot(path, "something else, or a part of one")) from error


def _header(path: Path) -> dict[str, Any]:
    try:
        header = json.loads(str(_read(path, "header")["header"]))
    except json.JSONDecodeError:
        header = None
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise SnapshotError(_no_snapshot(path, "something else, or a part of one"))
    return header


def _no_snapshot(path: Path, found: str) -> Problem:
    return Problem("no snapshot can be read", "a file written with --snapshot", found, source=str(path))


def _no_place(file: str | Path, found: str) -> Problem:
    return Problem(f"no snapshot can be written to {str(file)!r}", "a file in a folder that can be written to", found)


def _arrays(state: DecoderState) -> Arrays:
    arrays: Arrays = {"pending": state.pending}
    for number, entries in enumerate(state.heads.values()):
        for name, array in zip(("keys", "sums", "counts"), entries, strict=True):
            arrays[f"{name} {number}"] = array
    return arrays


def _state(header: dict[str, Any], arrays: Arrays) -> DecoderState:
    heads = {
        (block, head): Entries(*(arrays[f"{name} {number}"] for name in ("keys", "sums", "counts")))
        for number, (block, head) in enumerate(header["heads"])
    }
    return DecoderState(header["length"], arrays["pending"], header["stopped"], heads, header["draws"])
