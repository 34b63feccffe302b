"""Mutated files: a reader gives a machine or a clear error, in little time and memory.

`python -m tests.tm.fuzz` runs ten thousand for each notation, in about ten minutes; the suite a few hundred.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections import Counter
from random import Random

from tm import NotationWarning, TapeheadError, library
from tm.notation import detect, read, readers, write, writers

__all__ = ["mutants", "seeds", "tally"]

SLOW = 5.0
"""Seconds for one file, on a busy machine."""
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
    *["a" * 300, "[" * 80],
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


def tally(notation: str, texts: list[str]) -> Counter[str]:
    """How many texts gave a machine and how many an error; any other exception, and a slow file, is raised."""
    found: Counter[str] = Counter()
    for text in texts:
        began = time.process_time()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                warnings.simplefilter("ignore", NotationWarning)
                read(text, notation)
                detect(text)
            found["machines"] += 1
        except TapeheadError as error:
            str(error)
            found["errors"] += 1
        except Exception as error:
            error.add_note(f"{notation}: {text!r}")
            raise
        if time.process_time() - began > SLOW:
            raise TimeoutError(f"{notation}: {time.process_time() - began:.1f} s for {text!r}")
    return found


def main(count: int) -> None:
    """Run `count` mutants for every notation that is read, and print what came of them and the most memory taken."""
    import resource

    for notation in readers():
        began = time.perf_counter()
        found = tally(notation, mutants(notation, count))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        took = time.perf_counter() - began
        print(f"{notation}: {found['machines']} machines, {found['errors']} errors, {took:.0f} s, {peak} MiB at most")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
