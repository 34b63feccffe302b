# Has the last letter of the word occurred before? An NTM guesses where.
from automata.tm.ntm import NTM

ntm = NTM(
    states={"start", "a", "b", "last a", "last b", "yes"},
    input_symbols={"a", "b"},
    tape_symbols={"a", "b", "."},
    transitions={
        "start": {
            "a": {("start", "a", "R"), ("a", "a", "R")},
            "b": {("start", "b", "R"), ("b", "b", "R")},
        },
        "a": {
            "a": {("a", "a", "R"), ("last a", "a", "R")},
            "b": {("a", "b", "R")},
        },
        "b": {
            "a": {("b", "a", "R")},
            "b": {("b", "b", "R"), ("last b", "b", "R")},
        },
        "last a": {".": {("yes", ".", "N")}},
        "last b": {".": {("yes", ".", "N")}},
    },
    initial_state="start",
    blank_symbol=".",
    final_states={"yes"},
)
