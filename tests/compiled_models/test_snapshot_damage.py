"""A snapshot that is damaged, or made by hand, is refused before anything in it is used."""

from __future__ import annotations

import hashlib
import random
from contextlib import nullcontext

import numpy as np
import pytest

from compiled_models import run
from compiled_models.sealed import SealError, read_sealed, write_sealed
from compiled_models.snapshot import SNAPSHOT_VERSION, TITLE, SnapshotError, Snapshots
from compiled_models.transcript import Transcript
from construction import Codec, base_network
from tm import Machine, library

NETWORK = base_network(states=8, symbols=4)


@pytest.fixture
def snapshot(tmp_path):
    run(NETWORK, library.load("increment"), "1011", max_steps=4, snapshot=tmp_path / "snapshot")
    return tmp_path / "snapshot"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no snapshot can be read"),
        (b"junk" * 50, "no snapshot can be read"),
        (b"PK\x03\x04 as the first version began", "a snapshot of another version"),
        (TITLE + b"9\n", "a snapshot of another version"),
        (TITLE + SNAPSHOT_VERSION.encode() + b"\n", "damaged, or a part of one"),
    ],
)
def test_what_is_no_snapshot_is_refused(tmp_path, content, reason):
    (tmp_path / "damaged").write_bytes(content)
    with pytest.raises(SnapshotError, match=reason):
        run(NETWORK, library.load("increment"), "1", resume=tmp_path / "damaged")
    with pytest.raises(SnapshotError, match="overwrite something else") if content else nullcontext():
        run(NETWORK, library.load("increment"), "1", snapshot=tmp_path / "damaged")


def test_every_flipped_bit_of_a_large_snapshot_is_refused(tmp_path):
    file = tmp_path / "snapshot"
    run(NETWORK, Machine.read("a _ -> a 1 R"), max_steps=2_000, decoder="streaming", snapshot=file)
    whole, title = file.read_bytes(), TITLE + SNAPSHOT_VERSION.encode()
    assert len(whole) > 100_000
    header = whole.index(b"}") + whole[whole.index(b"}") :].index(b"]]}")  # the title, the length and all of the JSON
    places = [*range(8 * (header + 3)), *range(8 * (len(whole) - 32), 8 * len(whole))]
    places += random.Random(0).sample(range(8 * header, 8 * len(whole)), 300)
    for place in places:
        content = bytearray(whole)
        content[place // 8] ^= 1 << place % 8
        with pytest.raises(SealError):
            read_sealed(bytes(content), title)
    for end in (0, 10, header, len(whole) // 2, len(whole) - 1):
        with pytest.raises(SealError):
            read_sealed(whole[:end], title)
    with pytest.raises(SealError):
        read_sealed(whole + b"\0", title)


class Forgery:
    """A snapshot taken apart, to be changed and sealed again with a digest that is right."""

    def __init__(self, file):
        self.header, self.arrays = read_sealed(file.read_bytes(), TITLE + SNAPSHOT_VERSION.encode())

    def seal(self, file):
        with file.open("wb") as stream:
            write_sealed(stream, TITLE + SNAPSHOT_VERSION.encode(), self.header, self.arrays)

    def change(self, name, index, value):
        self.arrays[name][index] = value

    def rest(self, name):
        """An array of the same kind with nothing in it but what comes before the last."""
        self.arrays[name] = self.arrays[name][:-1]


FORGERIES = {
    "steps fewer": lambda f: f.change("numbers", 0, 3),
    "steps more": lambda f: f.change("numbers", 0, 5),
    "steps below 0": lambda f: f.change("numbers", 0, -1),
    "steps of another length": lambda f: (f.change("numbers", 0, 10**15), f.header.update(length=10**15 + 9)),
    "stopped in one place": lambda f: f.change("numbers", 1, 1),
    "stopped in the other": lambda f: f.header.update(stopped=True),
    "stopped in both": lambda f: (f.change("numbers", 1, 1), f.header.update(stopped=True)),
    "stopped is 2": lambda f: f.change("numbers", 1, 2),
    "another state": lambda f: f.change("numbers", 2, 1),
    "a state beyond the last": lambda f: f.change("numbers", 2, 99),
    "a state below 0": lambda f: f.change("numbers", 2, -1),
    "cell 0 elsewhere": lambda f: f.change("numbers", 3, f.arrays["numbers"][3] + 1),
    "cell 0 outside": lambda f: f.change("numbers", 3, 10**6),
    "cell 0 before the tape": lambda f: f.change("numbers", 3, -5),
    "a number too many": lambda f: f.arrays.update(numbers=np.append(f.arrays["numbers"], 0)),
    "a number too few": lambda f: f.rest("numbers"),
    "a head elsewhere": lambda f: f.change("heads", 0, 2),
    "a head far away": lambda f: f.change("heads", 0, 10**9),
    "a head at the end of the numbers": lambda f: f.change("heads", 0, -(2**63)),
    "another number of heads": lambda f: f.arrays.update(heads=np.zeros(2, dtype=np.int64)),
    "heads as floats": lambda f: f.arrays.update(heads=f.arrays["heads"].astype(float)),
    "bounds too narrow": lambda f: f.change("bounds", 1, 1),
    "bounds too wide": lambda f: f.change("bounds", 1, 10**6),
    "bounds the wrong way round": lambda f: f.arrays.update(bounds=f.arrays["bounds"][::-1].copy()),
    "a symbol beyond the last": lambda f: f.change("tapes", (0, 64), 77),
    "a symbol below the first": lambda f: f.change("tapes", (0, 64), -1),
    "a symbol where no head was": lambda f: f.change("tapes", (0, 80), 1),
    "a symbol of the input changed": lambda f: f.change("tapes", (0, 67), 0),
    "a tape cut off": lambda f: f.arrays.update(tapes=f.arrays["tapes"][:, :66].copy()),
    "a tape too many": lambda f: f.arrays.update(tapes=np.repeat(f.arrays["tapes"], 2, axis=0)),
    "tapes of no cells": lambda f: f.arrays.update(tapes=np.zeros((1, 0), dtype=np.int32)),
    "no tapes": lambda f: f.arrays.pop("tapes"),
    "length shorter": lambda f: f.header.update(length=f.header["length"] - 1),
    "length of text": lambda f: f.header.update(length="10"),
    "length beyond all": lambda f: f.header.update(length=10**40),
    "no length": lambda f: f.header.pop("length"),
    "draws": lambda f: f.header.update(draws=10**6),
    "draws below 0": lambda f: f.header.update(draws=-1),
    "the last token another step": lambda f: f.arrays.update(pending=f.arrays["pending"] + [[0, 0, 0, 1]]),
    "the last token none": lambda f: f.arrays.update(pending=np.zeros_like(f.arrays["pending"])),
    "the last token of rows beyond all": lambda f: f.arrays.update(pending=f.arrays["pending"] + 10**6),
    "two last tokens": lambda f: f.arrays.update(pending=np.repeat(f.arrays["pending"], 2, axis=0)),
    "no last token": lambda f: f.rest("pending"),
    "a narrow last token": lambda f: f.arrays.update(pending=f.arrays["pending"][:, :-1].copy()),
    "a flat last token": lambda f: f.arrays.update(pending=f.arrays["pending"][0]),
    "a head of the network too few": lambda f: f.header.update(heads=f.header["heads"][:-1]),
    "a head of the network twice": lambda f: f.header.update(heads=[*f.header["heads"][:-1], f.header["heads"][0]]),
    "a head of the network that is none": lambda f: f.header.update(heads=[["a", None], *f.header["heads"][1:]]),
    "heads of the network as a number": lambda f: f.header.update(heads=7),
    "heads of the network exchanged": lambda f: f.header.update(heads=f.header["heads"][::-1]),
    "an array too many": lambda f: f.arrays.update(more=np.zeros(1)),
    "no keys": lambda f: f.arrays.pop("keys 1"),
    "keys of another width": lambda f: f.arrays.update({"keys 1": f.arrays["keys 1"][:, :1].copy()}),
    "keys of another format": lambda f: f.arrays.update({"keys 1": f.arrays["keys 1"].astype(np.float32)}),
    "keys not finite": lambda f: f.change("keys 1", (0, 0), np.nan),
    "a key twice": lambda f: f.change("keys 1", 1, f.arrays["keys 1"][0]),
    "fewer keys than counts": lambda f: f.rest("keys 1"),
    "sums not finite": lambda f: f.change("sums 1", (0, 0), np.inf),
    "sums beyond the counts": lambda f: f.change("sums 1", (0, 0), 1e300),
    "broken sums": lambda f: f.change("sums 1", (0, 0), 0.5),
    "fewer sums than counts": lambda f: f.rest("sums 1"),
    "a count more": lambda f: f.change("counts 1", 0, f.arrays["counts 1"][0] + 1),
    "a count of 0": lambda f: f.change("counts 1", 0, 0),
    "counts below 0": lambda f: f.arrays.update({"counts 1": -f.arrays["counts 1"]}),
    "broken counts": lambda f: f.arrays.update({"counts 1": np.full_like(c := f.arrays["counts 1"], c.mean())}),
    "counts not finite": lambda f: f.change("counts 1", 0, np.nan),
    "counts as a table": lambda f: f.arrays.update({"counts 1": f.arrays["counts 1"][:, None]}),
    "a count without a table": lambda f: f.arrays.update({"counts 1": np.array(13.0)}),
}


@pytest.mark.parametrize("decoder", ["streaming", "kernels"])
def test_a_snapshot_that_contradicts_itself_is_refused(snapshot, tmp_path, decoder):
    machine, said = library.load("increment"), {}
    run(NETWORK, machine, "1011", max_steps=4, snapshot=snapshot, decoder=decoder)
    codec = Codec(NETWORK.config, machine)
    snapshots, forged = Snapshots(NETWORK, codec.prompt("1011"), None), tmp_path / "forged"
    for name, change in FORGERIES.items():
        forgery = Forgery(snapshot)
        change(forgery)
        forgery.seal(forged)
        try:
            snapshots.read(forged, Transcript(codec, "1011"))
        except SnapshotError as error:
            said[name] = error.problems[0].message
    assert said == dict.fromkeys(FORGERIES, "the snapshot contradicts itself")
    Forgery(snapshot).seal(forged)
    assert forged.read_bytes() == snapshot.read_bytes()
    assert run(NETWORK, machine, "1011", resume=forged).tape == list("1100")


@pytest.mark.parametrize("header", [b"[]", b'"x"', b"null", b"1", b"{}", b"{", b"[" * 100_000, b"\xff"])
def test_a_strange_header_is_refused(snapshot, header):
    body = TITLE + SNAPSHOT_VERSION.encode() + b"\n" + len(header).to_bytes(8, "little") + header
    snapshot.write_bytes(body + hashlib.sha256(body).digest())
    with pytest.raises(SnapshotError, match="makes no sense"):
        run(NETWORK, library.load("increment"), "1011", resume=snapshot)
