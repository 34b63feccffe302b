"""Snapshots: a decoder's state and its transcript in a file, from which a run goes on as if it had never stopped."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from compiled_models.atomic import replacing
from compiled_models.decoding.entries import Entries
from compiled_models.decoding.state import DecoderState
from compiled_models.fingerprints import fingerprint
from compiled_models.transcript import Transcript
from construction.codec import Prompt
from construction.transformer import Transformer
from tm import Problem, TapeheadError

__all__ = ["SNAPSHOT_VERSION", "SnapshotError", "Snapshots"]

SNAPSHOT_VERSION = "1"

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
        every: seconds between two snapshots.
    """

    def __init__(self, network: Transformer, prompt: Prompt, seed: int | None, *, every: float = 10.0) -> None:
        self.every, self._last = every, time.monotonic()
        self.run = {
            "format": "tapehead snapshot",
            "version": SNAPSHOT_VERSION,
            "network": fingerprint(network).sha256,
            "prompt": hashlib.sha256(prompt.tokens.tobytes()).hexdigest(),
            "seed": seed,
        }

    def due(self) -> bool:
        """Whether the last snapshot was long enough ago."""
        return time.monotonic() - self._last >= self.every

    def write(self, file: str | Path, state: DecoderState, transcript: Transcript) -> None:
        """Write a snapshot: beside the file, then renamed, so that there always is a whole one.

        Raises:
            FileError: if the file cannot be written.
        """
        arrays: Arrays = {**transcript.arrays(), **_arrays(state)}
        numbers = {"length": state.length, "stopped": state.stopped, "draws": state.draws}
        arrays["header"] = np.array(json.dumps({**self.run, **numbers, "heads": list(state.heads)}))
        with replacing(file) as beside, beside.open("wb") as stream:
            np.savez(stream, allow_pickle=False, **arrays)
        self._last = time.monotonic()

    def read(self, file: str | Path, transcript: Transcript) -> DecoderState:
        """Read a snapshot of the same run: take the transcript to where it was, return the decoder's state.

        Raises:
            SnapshotError: for a file that is missing, damaged, of another version, network, prompt or seed.
        """
        path = Path(file)
        try:
            with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
                arrays: Arrays = {name: stored[name] for name in stored.files}
            header = json.loads(str(arrays["header"]))
            self._require_same_run(path, header)
            transcript.restore(arrays)
            return _state(header, arrays)
        except (OSError, ValueError, KeyError, TypeError, BadZipFile, EOFError) as error:
            if isinstance(error, SnapshotError):
                raise
            problem = Problem("no snapshot can be read", "a file written with --snapshot", str(error), source=str(path))
            raise SnapshotError(problem) from error

    def _require_same_run(self, path: Path, header: dict[str, Any]) -> None:
        what = {"format": "format", "version": "version", "network": "network", "prompt": "prompt", "seed": "seed"}
        problems = [
            Problem(f"a snapshot of another {what[key]}", str(value), str(header.get(key)), source=str(path))
            for key, value in self.run.items()
            if header.get(key) != value
        ]
        if problems:
            raise SnapshotError(*problems)


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
