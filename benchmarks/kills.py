"""Runs that are killed at random moments and resumed: each has to end as the uninterrupted run does.

    python benchmarks/kills.py [--kills N]

A command with `--snapshot` gets SIGKILL, SIGTERM or SIGINT at a random moment of its life, while it is being loaded
included; then the same command goes on with `--resume`, from the start where there is no snapshot yet. Between the two
nothing is tidied up: what a killed process leaves behind must not be in the way.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

__all__ = ["killed_and_resumed", "whole"]

SIGNALS = signal.SIGKILL, signal.SIGTERM, signal.SIGINT
STATUS = {signal.SIGKILL: (-signal.SIGKILL,), signal.SIGTERM: (143, -signal.SIGTERM), signal.SIGINT: (130,)}
RUNS = {  # decoder: steps of the BB(5) champion, enough for several snapshots
    "kernels": 20_000_000,
    "streaming": 12_000,
}


def command(decoder: str, *options: str) -> list[str]:
    """The command of a run."""
    steps = str(RUNS[decoder])
    run = [sys.executable, "-m", "compiled_models", "run", "bb5", "--decoder", decoder, "--max-steps", steps, "--json"]
    return [*run, *options]


def said(output: str) -> dict[str, object]:
    """What a run's JSON says, but for how long it took and what was resumed."""
    return {name: value for name, value in json.loads(output).items() if name not in ("seconds", "resumed")}


def whole(decoder: str, folder: Path) -> tuple[dict[str, object], float]:
    """What the uninterrupted run says, and how many seconds its process lived."""
    began = time.monotonic()
    options = ("--snapshot", str(folder / f"whole-{decoder}"))
    done = subprocess.run(command(decoder, *options), capture_output=True, text=True, check=True)
    return said(done.stdout), time.monotonic() - began


def killed_and_resumed(
    decoder: str, number: signal.Signals, seconds: float, file: Path
) -> tuple[dict[str, object], str]:
    """What a run says that was sent a signal after so many seconds and then resumed; and how far it had come."""
    options = ("--snapshot", str(file))
    with subprocess.Popen(
        command(decoder, *options), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as first:
        time.sleep(seconds)
        first.send_signal(number)
        _, err = first.communicate()
    if first.returncode != 0 and first.returncode not in STATUS[number]:
        raise RuntimeError(f"exit status {first.returncode} after {number.name}: {err[-500:]}")
    if "Traceback" in err:
        raise RuntimeError(f"a traceback after {number.name}: {err[-500:]}")
    resume = ("--resume", str(file)) if file.exists() else ()
    done = subprocess.run(command(decoder, *options, *resume), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"exit status {done.returncode} when it was to go on: {done.stderr[-500:]}")
    came = f"{json.loads(done.stdout).get('resumed', 0):,} steps brought along" if resume else "no snapshot yet"
    return said(done.stdout), "had ended already" if first.returncode == 0 else came


def main() -> int:
    """Kill and resume; the exit status says whether any run ended otherwise than the uninterrupted one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    chance, equal = random.Random(asked.seed), 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for decoder in RUNS:
            whole(decoder, folder)  # so that its kernel is compiled
        expected = {decoder: whole(decoder, folder) for decoder in RUNS}
        for i in range(asked.kills):
            decoder, number = list(RUNS)[i % 2], SIGNALS[i % 3]
            right, life = expected[decoder]
            seconds = chance.uniform(0, life)
            try:
                found, came = killed_and_resumed(decoder, number, seconds, folder / f"{i}")
            except RuntimeError as error:
                found, came = {}, str(error)
            equal += found == right
            print(
                f"{i + 1:3} {decoder:10} {number.name:8} after {seconds:5.2f} s: "
                f"{'equal' if found == right else 'NOT EQUAL'} ({came})",
                flush=True,
            )
        left = sorted(path.name for path in folder.iterdir() if path.name.endswith((".part", ".lock")))
        print(f"{equal} of {asked.kills} equal; left behind: {', '.join(left) or 'nothing'}")
    return int(equal != asked.kills or bool(left))


if __name__ == "__main__":
    sys.exit(main())
