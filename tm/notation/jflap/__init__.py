"""JFLAP's .jff files, versions 4 to 7: states and transitions in XML, for one to five tapes.

Read as JFLAP simulates them: entering a final state accepts and ends the run; elsewhere, where no transition matches,
it rejects. Where several match, the machine is nondeterministic and accepts if one of its runs does. JFLAP's simulator
of such machines knows symbols alone; a file with one of the patterns below, or with a building block, is for the other
simulator, in which of several that match the first in the file applies. (It means to try those that read `!a` last, but
its comparison of two transitions is never negative, so sorting leaves their order on Java 7 and later; where that makes
a difference is a warning here.) On one tape `~` reads any symbol, `!a` any but a, `!` any but the blank, and `a,b}x`
reads a or b and keeps it as x, which a later transition may write (a state here then stands for a state of JFLAP and
what is kept: `q1 [x=a]`). On several tapes only `~` is special. To write `~` leaves the symbol. The blank is □, an
empty element in the file; a missing move is R. Building blocks are taken apart: in a state inside of one, the
transitions of the block itself apply where none of the state's own does.
"""

from __future__ import annotations

from tm.notation.common.xml_tree import share_of_tags, typed_structures
from tm.notation.jflap.reader import read
from tm.notation.jflap.writer import write
from tm.registry import Notation

__all__ = ["NOTATION", "read", "write"]

_ELEMENTS = {
    *("structure", "type", "tapes", "automaton", "state", "block", "tag", "x", "y", "initial", "final", "label"),
    *("name", "transition", "from", "to", "read", "write", "move", "note", "text"),
}


def share(text: str) -> float:
    """The share of the text's elements that are JFLAP's, where the outermost is `structure` without a type.

    >>> share("<structure><type>turing</type></structure>"), share('<structure type="editor_panel"/>')
    (1.0, 0.0)
    """
    return 0.0 if typed_structures(text) else share_of_tags(text, {"structure", "automaton"}, _ELEMENTS)


NOTATION = Notation("jflap", (".jff",), share, "<structure><type>turing</type>", read, write)
