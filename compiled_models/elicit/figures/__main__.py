"""`python -m compiled_models.elicit.figures [NAME...]`: draw figures into docs/figures, their numbers beside them."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from compiled_models.elicit.figures import figure, names

FOLDER = Path("docs/figures")


def main(wanted: list[str]) -> int:
    """Draw the wanted figures, or all; the exit status says whether one of them falsifies a claim."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    falsified = []
    for name in wanted or names():
        started = time.perf_counter()
        done = figure(name)
        command = f"python -m compiled_models.elicit.figures {name}"
        done.draw(FOLDER / f"{name}.png")
        facts = [f"{key.strip()}: {value}" for key, value in done.facts.items()]
        hashes = [f"network {key}: sha256 {value}" for key, value in done.networks.items()]
        comment = [command, done.title, done.verdict, *facts, *hashes]
        done.write(FOLDER / f"{name}.csv", "\n".join(comment))
        falsified += [name] if done.holds is False else []
        print(f"{name:<20} {time.perf_counter() - started:5.1f} s  {done.verdict.partition(' (')[0]}", flush=True)
    return int(bool(falsified))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
