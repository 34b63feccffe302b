"""Runs that are killed at random moments and resumed: each has to end as the uninterrupted run does.

    python benchmarks/kills.py [--kills N]

A command with `--snapshot` gets SIGKILL, SIGTERM or SIGINT at a random moment of its life, while it is being loaded
included; then the run goes on from the snapshot, or from the start where there is none yet. Between the two
nothing is tidied up: what a killed process leaves behind must not be in the way. A signal that came too late is sent
again, to another run.
"""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from compiled_models import run
from construction import base_network
from tm import TapeheadError, library

__all__ = ["finished", "killed"]

NETWORK, BB5 = base_network(states=8, symbols=4, tapes=1), library.load("bb5")
SIZES = "--states=8", "--symbols=4", "--tapes=1"

SIGNALS = signal.SIGKILL, signal.SIGTERM, signal.SIGINT
STATUS = {  # a negative one is Python's own, before a line of ours
    signal.SIGKILL: (-signal.SIGKILL,),
    signal.SIGTERM: (143, -signal.SIGTERM),
    signal.SIGINT: (130, -signal.SIGINT),
}
RUNS = {  # decoder: steps of the BB(5) champion, enough for several snapshots
    "kernels": 20_000_000,
    "streaming": 12_000,
}


def finished(decoder: str, file: Path | None = None) -> tuple[dict[str, object], int]:
    """What the run says, from the start or going on from a file (and writing to it); the steps brought along."""
    resume = file if file is not None and file.exists() else None
    result = run(NETWORK, BB5, max_steps=RUNS[decoder], decoder=decoder, snapshot=file, resume=resume)
    names = ("halted", "reason", "steps", "state", "accepted", "tape", "head")
    return {name: getattr(result, name) for name in names}, result.resumed


def killed(decoder: str, number: signal.Signals, seconds: float, file: Path) -> bool:
    """Start the command and send it a signal after so many seconds; whether it had not ended before.

    Raises RuntimeError for an end that is none of this signal's.
    """
    asked = ["run", "bb5", "--decoder", decoder, "--max-steps", str(RUNS[decoder]), "--snapshot", str(file)]
    command = [sys.executable, "-m", "compiled_models", *asked, *SIZES]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(number)
        _, err = process.communicate()
    if process.returncode not in (0, *STATUS[number]) or (process.returncode != -number and "Traceback" in err):
        raise RuntimeError(f"exit status {process.returncode}: {err[-500:]}")
    return process.returncode != 0


def main() -> int:
    """Kill and resume; the exit status says whether any run ended otherwise than the uninterrupted one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a command in the background would ignore it
    chance, equal = random.Random(asked.seed), 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        expected = {decoder: finished(decoder)[0] for decoder in RUNS}
        lives = dict.fromkeys(RUNS, 60.0)  # seconds; less as soon as a run has ended before its signal came
        for i in range(asked.kills):
            decoder, number, file = list(RUNS)[i % 2], SIGNALS[i % 3], folder / f"{i}"
            seconds = chance.uniform(0, lives[decoder])
            try:
                while not killed(decoder, number, seconds, file):
                    file.unlink()
                    lives[decoder] = min(lives[decoder], seconds)
                    seconds = chance.uniform(0, lives[decoder])
                began_anew = "" if file.exists() else ", no snapshot yet"
                result, resumed = finished(decoder, file)
                came = f"{resumed:,} steps brought along{began_anew}"
            except (RuntimeError, TapeheadError) as error:
                result, came = {}, str(error)
            equal += result == expected[decoder]
            verdict = "equal" if result == expected[decoder] else "NOT EQUAL"
            print(f"{i + 1:3} {decoder:10} {number.name:8} after {seconds:5.2f} s: {verdict} ({came})", flush=True)
        left = sorted(path.name for path in folder.iterdir() if path.name.endswith((".part", ".lock")))
        print(f"{equal} of {asked.kills} equal; left behind: {', '.join(left) or 'nothing'}")
    return int(equal != asked.kills or bool(left))


if __name__ == "__main__":
    sys.exit(main())
