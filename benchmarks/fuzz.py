"""Mutated files in every notation: each gives a machine or a clear error, in little time and memory.

    python benchmarks/fuzz.py [--files 50000] [--seed 0]

A text that gives a machine goes on: it is diagnosed, and written in some notation or other, from which the same machine
has to be read. Prints what came of the files, each failure with its text; exit status 1 if there is one.
"""

from __future__ import annotations

import argparse
import resource
import signal
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tm import Machine, MachineError, NotationWarning, TapeheadError, library
from tm.diagnosis import diagnose
from tm.registry import detect, read, readers, write, writers

__all__ = ["Tally", "mutants", "seeds", "tally"]

SLOW = 10
"""Seconds of computing that one file may take."""
LARGE = 500_000_000
"""Bytes of memory that one file may take."""
EXTRA = {
    "table": ['{\n "c": "cR2 bR1",\n "b": "bL1 -"\n}\n', "10<L1 20>R1\n1<0R2 2<-\n1>>R2 2>0L1\n"],
    "busy-beaver": [
        "1RB 1LC  1RC 1RB  1RD 0LE  1LA 1LD  ... 0LA",
        "https://bbchallenge.org/1RB1LB_1LA1RZ&s=10&w=3",
        "| | 0 | 1 |\n|---|---|---|\n| A | 1RB | 1LB |\n| B | 1LA | 1RZ |\n",
        "  A B\n0 1RB 1LA\n1 1LB 1RZ # so",
        "1RB 1LB  1LA 1RZ | 1 Halt 4 6",
        "BB(2): 1RB1LB 1LA1RZ",
    ],
    "turingmachine.io": [
        "name: a machine\nsource code: |\n  input: '111'\n  blank: 0\n  start state: a\n  synonyms:\n"
        "    go: {R: b}\n  table:\n    a: {[0, x]: {write: 1, L}, 1: go}\n    b:\npositions:\n  a: {x: 1, y: 2}\n"
    ],
    "morphett": [
        "; comment\n0 * * r 0 !\n0 _ _ l carry\ncarry 1 0 L carry\n* * * * halt-accept\n; $INITIAL_TAPE: 1*01\n"
    ],
    "automata-lib": [
        '{"states": ["a", "b"], "input_symbols": ["0"], "tape_symbols": ["0", "."], "initial_state": "a", '
        '"transitions": {"a": {"0": ["b", ".", "R"]}}, "blank_symbol": ".", "final_states": ["b"]}',
        "MNTM(n_tapes=2, transitions={'a': {('0', '.'): [('b', (('.', 'R'), ('0', 'N')))]}}, initial_state='a',\n"
        "     blank_symbol='.', final_states={'b'})\n",
    ],
    "jflap": [
        '<structure><type>turing</type><automaton><block id="0" name="a"><tag>M0</tag><initial/></block>\n'
        '<block id="1" name="b"><tag>M1</tag><final/></block><M0><automaton><state id="0" name="in"><initial/></state>'
        "<transition><from>0</from><to>0</to><read>a,b}x</read><write>x</write></transition></automaton></M0>\n"
        '<transition block="true"><from>0</from><to>1</to><read>!a</read></transition></automaton></structure>'
    ],
}
"""Texts with what a writer never writes."""
PIECES = [
    *["", " ", "\n", "\t", *"*~!},;#:'\"\\{[]()<>&-|%01LR"],
    *["9" * 30, "null", "true", "&a", "*a", "!!int ", "<<: ", "---\n", "\x00", "\x85", "\ud7ff"],
    *["é", "𝄞", "\u2028", "\ufeff", "<!DOCTYPE a>", "]]>", "<!--", "-->", "tapehead: {", '"""', "f'{"],
    *["a" * 201, "a" * 300, "[" * 80, "9" * 5_000, "\u0301", "\u202e", "\n" * 300],
]


def seeds(notation: str) -> list[str]:
    """Texts in a notation: small machines as they are written, and some with what a writer never writes."""
    texts = list(EXTRA.get(notation, []))
    if notation == "morphett-one-way":
        return seeds("morphett")
    if notation in writers():
        for name in ("bb4", "increment", "brackets", "two_tape_copy"):
            try:
                texts.append(write(library.load(name), notation))
            except TapeheadError:
                continue
    return texts


def mutants(notation: str, count: int, seed: int = 0) -> list[str]:
    """So many texts, each one of the seeds with a few pieces cut, copied, swapped or put in."""
    rng, texts = Random(f"{notation} {seed}"), seeds(notation)
    return [_mutant(rng, texts) for _ in range(count)]


def _mutant(rng: Random, texts: list[str]) -> str:
    text = rng.choice(texts)
    for _ in range(rng.choice([1, 1, 2, 3, 8])):
        at = rng.randrange(len(text) + 1)
        to = min(len(text), at + rng.choice([0, 1, 1, 2, 5, 40]))
        kind = rng.randrange(6)
        if kind == 0:
            text = text[:at] + text[to:]
        elif kind == 1:
            text = text[:at] + rng.choice(PIECES) + text[to:]
        elif kind == 2:
            text = text[:at] + text[at:to] * rng.choice([2, 3, 50]) + text[to:]
        elif kind == 3:
            other = rng.choice(texts)
            begin = rng.randrange(len(other))
            text = text[:at] + other[begin : begin + rng.choice([1, 10, 100])] + text[to:]
        elif kind == 4:
            lines = text.split("\n")
            rng.shuffle(lines)
            text = "\n".join(lines)
        else:
            text = text[:at] + chr(rng.choice([rng.randrange(32, 127), rng.randrange(0xD7FF)])) + text[to:]
    return text


@dataclass
class Tally:
    """What came of some texts: how many of each sort, the failures as (notation, text, what happened), the slowest."""

    notation: str
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[str, str]] = field(default_factory=list)
    slowest: float = 0.0


def tally(notation: str, texts: list[str], seed: int = 0) -> Tally:
    """Read texts, and go on with each that is a machine; whatever is neither that nor an error of ours is a failure."""
    rng, result = Random(seed), Tally(notation)
    for text in texts:
        began = time.process_time()
        try:
            with _stopped_after(SLOW), warnings.catch_warnings():
                warnings.simplefilter("error")
                warnings.simplefilter("ignore", NotationWarning)
                result.counts[_outcome(text, notation, rng.choice(writers()))] += 1
        except Exception as error:  # that is what is looked for
            result.failures.append((text, f"{type(error).__name__}: {error}"))
        took = time.process_time() - began
        result.slowest = max(result.slowest, took)
        if took > SLOW:
            result.failures.append((text, f"it took {took:.0f} s"))
    return result


def _outcome(text: str, notation: str, other: str) -> str:
    """Whether a text is a machine or an error, and whether the machine can be said in another notation."""
    try:
        detect(text)
    except MachineError as error:
        str(error)
    try:
        machine = read(text, notation)
    except MachineError as error:
        str(error)
        return "errors"
    str(diagnose(machine))
    try:
        written = write(machine, other)
    except MachineError as error:
        str(error)
        return "machines"
    if other in readers() and not _same(read(written, other), machine, other):
        raise ValueError(f"written in {other} it is another machine")
    return "machines, and written"


def _same(again: Machine, machine: Machine, notation: str) -> bool:
    """Whether a machine that went through a notation is still the same; some say a stay by more states."""
    more = notation == "turingmachine.io" and any(rule.moves == ("S",) for rule in machine.rules)
    return again == machine or (more and set(machine.states) <= set(again.states))


@contextmanager
def _stopped_after(seconds: float) -> Iterator[None]:
    """Raise TimeoutError after so many seconds of computing."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"not done after {seconds} s")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _limit_memory() -> None:
    """Let a file that takes too much memory end in a MemoryError."""
    now = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + LARGE, now + LARGE))


def main() -> int:
    """Run the mutants of every notation that is read; the exit status, 1 if something failed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--files", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    _limit_memory()
    failed = 0
    for notation in readers():
        texts = mutants(notation, -(-options.files // len(readers())), options.seed)
        result = tally(notation, texts, options.seed)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        counts = ", ".join(f"{count} {what}" for what, count in sorted(result.counts.items()))
        print(f"{notation}: {counts}, {len(result.failures)} failures; slowest {result.slowest:.1f} s, peak {peak} MiB")
        for text, what in result.failures:
            print(f"    {what[:200]!r} for {text[:2_000]!r}")
        failed += len(result.failures)
    print(f"{failed} failures")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
