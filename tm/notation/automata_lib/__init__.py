"""The machines of the Python library automata-lib: as Python source, as JSON of the same arguments, and as objects.

    DTM(states={"a", "b"}, input_symbols={"0"}, tape_symbols={"0", "."}, transitions={"a": {"0": ("b", ".", "R")}},
        initial_state="a", blank_symbol=".", final_states={"b"})

`DTM`, `NTM` and, of several tapes, `MNTM` are read; with choices the machine is nondeterministic. Entering a final
state accepts; where no transition applies elsewhere, the input is rejected.
"""

from __future__ import annotations

import re

from tm.notation.automata_lib.reader import from_automata, read
from tm.notation.automata_lib.writer import to_automata, write
from tm.registry import Notation

__all__ = ["NOTATION", "from_automata", "read", "to_automata", "write"]

_ARGUMENTS = "transitions|initial_state|blank_symbol|final_states|tape_symbols|input_symbols|states|n_tapes"
_CALL = re.compile(r"(?m)^[^#\n]*\b(DTM|NTM|MNTM)\s*\(")
_KEYWORD = re.compile(rf"(?<![.\w])({_ARGUMENTS})\s*=(?!=)")
_KEY = re.compile(rf'"({_ARGUMENTS})"\s*:')


def share(text: str) -> float:
    """1 for source that calls a class of the library, or a JSON object, with two arguments of it; half for one.

    >>> share("DTM(states={'a'}, initial_state='a')"), share('{"initial_state": "a"}'), share("The DTM (1936) is")
    (1.0, 0.5, 0.0)
    """
    if text.lstrip().startswith("{"):
        arguments = set(_KEY.findall(text))
    else:
        arguments = set(_KEYWORD.findall(text)) if _CALL.search(text) else set()
    return min(1.0, len(arguments) / 2)


NOTATION = Notation("automata-lib", (".py", ".json"), share, "DTM(transitions=...)", read, write, longest=1_000_000)
