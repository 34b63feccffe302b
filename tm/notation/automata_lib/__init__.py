"""The machines of the Python library automata-lib: as Python source, as JSON of the same arguments, and as objects.

    DTM(states={"a", "b"}, input_symbols={"0"}, tape_symbols={"0", "."}, transitions={"a": {"0": ("b", ".", "R")}},
        initial_state="a", blank_symbol=".", final_states={"b"})

`DTM`, `NTM` and, of several tapes, `MNTM` are read; with choices the machine is nondeterministic. Entering a final
state accepts; where no transition applies elsewhere, the input is rejected.
"""

from __future__ import annotations

import re

from tm.notation.automata_lib.objects import from_automata, to_automata
from tm.notation.automata_lib.reader import read
from tm.notation.automata_lib.writer import write
from tm.notation.registry import Notation

__all__ = ["NOTATION", "from_automata", "read", "to_automata", "write"]

_TELLING = re.compile(r'(?m)^[^#\n]*\b(DTM|NTM|MNTM)\s*\(|"(transitions|initial_state|tape_symbols)"\s*:')


def tells(text: str) -> bool:
    """Whether the text makes one of the library's machines, or is a JSON object with its arguments.

    >>> tells("machine = DTM(states={'a'})"), tells('{"initial_state": "a"}'), tells("a 0 -> b 1 R")
    (True, True, False)
    """
    return bool(_TELLING.search(text))


NOTATION = Notation("automata-lib", (".py", ".json"), tells, read, write, longest=1_000_000)
