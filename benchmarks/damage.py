"""Damaged snapshots and checkpoints: none may lead to a wrong result, and none to a traceback.

    python benchmarks/damage.py [--data-bits N] [--checkpoints N]

Every bit of every header of a snapshot of 1.7 MB is flipped (its title, the length of its JSON, the JSON, the digest),
and random bits of its arrays; each time a run is to go on from it. Checkpoints, of a base and a tuned network, are
damaged in all sorts of ways. A damaged file is refused with one clear error, or what comes of it is right all the same.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from compiled_models import fingerprint, load, run, save
from compiled_models.checkpoint import metadata_digest
from compiled_models.runner import Result
from construction import Transformer, base_network, compile_machine
from tm import Machine, TapeheadError, library

__all__ = ["damaged_checkpoints", "damaged_snapshots"]

STEPS = 35_000  # to the right: so many cells make a snapshot of 1.7 MB
WALK = Machine.parse("a _ -> a 1 R")

Content = bytearray


def verdict(attempt: Callable[[], bool]) -> str:
    """What came of a damaged file: "refused", "right", "wrong", or "traceback" and of what."""
    try:
        return "right" if attempt() else "wrong"
    except TapeheadError:
        return "refused"
    except Exception as error:
        return f"traceback: {type(error).__name__}: {error}"[:120]


def flipped(content: bytes, bit: int) -> Content:
    """The content with one bit flipped."""
    damaged = Content(content)
    damaged[bit // 8] ^= 1 << bit % 8
    return damaged


def damaged_snapshots(folder: Path, data_bits: int, chance: random.Random) -> Iterator[tuple[str, str]]:
    """Where each flipped bit was (in a header or in the data), and what came of it."""
    network, file = base_network(states=2, symbols=2), folder / "snapshot"

    def go_on(resume: Path | None) -> Result:
        return run(network, WALK, max_steps=STEPS + 10, uncertified=True, resume=resume)

    run(network, WALK, max_steps=STEPS, decoder="kernels", snapshot=file)
    expected, whole = summary(go_on(None)), file.read_bytes()
    data = len(whole) - 32 - sum(_sizes(whole))
    print(f"a snapshot of {len(whole):,} bytes, {data:,} of them headers, and a digest of 32", flush=True)
    headers = [*range(8 * data), *range(8 * (len(whole) - 32), 8 * len(whole))]
    for where, bits in (
        ("header", headers),
        ("data", chance.sample(range(8 * data, 8 * (len(whole) - 32)), data_bits)),
    ):
        for bit in bits:
            file.write_bytes(flipped(whole, bit))
            yield where, verdict(lambda: summary(go_on(file)) == expected)


def _sizes(whole: bytes) -> list[int]:
    """The bytes of each array of a whole snapshot."""
    begin = whole.index(b"\n") + 1
    end = begin + 8 + int.from_bytes(whole[begin : begin + 8], "little")
    sizes = []
    for _, kind, shape in json.loads(whole[begin + 8 : end])["arrays"]:
        size = int(kind[-1])
        for n in shape:
            size *= n
        sizes.append(size)
    return sizes


def summary(result: Result) -> tuple[object, ...]:
    """What a result says of the run."""
    return result.halted, result.reason, result.steps, result.state, result.tape, result.head


def damaged_checkpoints(folder: Path, number: int, chance: random.Random) -> Iterator[tuple[str, str]]:
    """How each checkpoint was damaged, and what came of it."""
    networks = base_network(states=8, symbols=4), compile_machine(library.load("increment"))
    saved = []
    for network in networks:
        save(network, folder / "network", force=True)
        saved.append((network, (folder / "network").read_bytes()))
    for i in range(number):
        network, whole = saved[i % 2]
        name, damage = list(DAMAGES.items())[i // 2 % len(DAMAGES)]
        (folder / "network").write_bytes(damage(whole, 8 + int.from_bytes(whole[:8], "little"), chance))
        yield name, verdict(partial(_loads, folder / "network", network))


def _loads(file: Path, network: Transformer) -> bool:
    """Whether the network in a file is this one, in weights and configuration."""
    loaded = load(file)
    return fingerprint(loaded) == fingerprint(network) and loaded.config == network.config


def _replaced(whole: bytes, header: int, chance: random.Random, *, of: bytes, by: bytes) -> Content:
    """A header in which something stands instead of something else, its length mended."""
    text = whole[8:header].replace(of, by)
    return Content(len(text).to_bytes(8, "little") + text + whole[header:])


def _signed(whole: bytes, header: int, **changed: str) -> Content:
    """A checkpoint whose metadata are false, with a digest that is right."""
    document = json.loads(whole[8:header])
    document["__metadata__"] |= changed
    document["__metadata__"]["digest"] = metadata_digest(document["__metadata__"])
    text = json.dumps(document).encode()
    return Content(len(text).to_bytes(8, "little") + text + whole[header:])


def _overwritten(whole: bytes, header: int, chance: random.Random) -> Content:
    damaged, at = Content(whole), chance.randrange(len(whole) - 64)
    damaged[at : at + 64] = chance.randbytes(64)
    return damaged


def _digits(whole: bytes, header: int, chance: random.Random) -> Content:
    """A header in which one digit is another one: sizes, offsets, the configuration."""
    damaged = Content(whole)
    at = chance.choice([i for i in range(8, header) if 48 <= whole[i] <= 57])
    damaged[at] = chance.choice([d for d in b"0123456789" if d != whole[at]])
    return damaged


def _exchanged(whole: bytes, header: int, chance: random.Random) -> Content:
    damaged, one, other = Content(whole), chance.randrange(header, len(whole)), chance.randrange(header, len(whole))
    damaged[one], damaged[other] = damaged[other], damaged[one] ^ 1
    return damaged


DAMAGES: dict[str, Callable[[bytes, int, random.Random], Content]] = {
    "a bit of the header": lambda whole, header, chance: flipped(whole, chance.randrange(8 * header)),
    "a bit of the weights": lambda whole, header, chance: flipped(whole, chance.randrange(8 * header, 8 * len(whole))),
    "a digit of the header": _digits,
    "64 bytes overwritten": _overwritten,
    "two bytes exchanged": _exchanged,
    "cut off": lambda whole, header, chance: Content(whole[: chance.randrange(len(whole))]),
    "longer": lambda whole, header, chance: Content(whole + chance.randbytes(chance.randrange(1, 99))),
    "other sizes, well signed": lambda whole, header, chance: _signed(
        whole, header, tapes=str(chance.randrange(2, 999)), code="factored", states=str(chance.randrange(2, 99))
    ),
    "another policy, well signed": lambda whole, header, chance: _signed(
        whole, header, policy=chance.choice(["/dev/zero", "/etc/passwd", "a 0 -> b 1 R", "[" * 9999, ""])
    ),
    "a policy elsewhere": lambda whole, header, chance: _replaced(
        whole, header, chance, of=b'"code"', by=b'"policy":"/dev/zero","x%d":"","code"' % chance.randrange(9)
    ),
    "another capacity": lambda whole, header, chance: _replaced(
        whole, header, chance, of=b'"symbols":"', by=b'"symbols":"%d' % chance.randrange(1, 9)
    ),
}


def main() -> int:
    """Damage and count; the exit status says whether anything was wrong or a traceback."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-bits", type=int, default=2_000, help="bits of the snapshot's arrays that are flipped")
    parser.add_argument("--checkpoints", type=int, default=600, help="checkpoints that are damaged")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    chance, bad, longest = random.Random(asked.seed), 0, 0.0
    with tempfile.TemporaryDirectory() as name:
        snapshots = damaged_snapshots(Path(name), asked.data_bits, chance)
        checkpoints = damaged_checkpoints(Path(name), asked.checkpoints, chance)
        for title, found in (("snapshots", snapshots), ("checkpoints", checkpoints)):
            counted: Counter[tuple[str, str]] = Counter()
            before = time.monotonic()
            for where, came in found:
                counted[where, came] += 1
                longest, before = max(longest, time.monotonic() - before), time.monotonic()
            for (where, came), times in sorted(counted.items()):
                print(f"{title:12} {where:22} {came:40} {times:6,}", flush=True)
                bad += times * (came not in ("refused", "right"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{bad} wrong or with a traceback; the longest took {longest:.1f} s; peak memory {peak:.0f} MB")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
