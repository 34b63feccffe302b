"""Does n divide m? The input is 1^m/1^n. A 1 of m is crossed off for every 1 of n, round after round."""

from automata.tm.dtm import DTM

dtm = DTM(
    states={"first", "any", "turn", "check", "seek", "pick", "pay", "pay2", "unmark", "accept"},
    input_symbols={"1", "/"},
    tape_symbols={"1", "/", "x", "y", "."},
    transitions={
        # is there a divisor at all?
        "first": {"1": ("first", "1", "R"), "/": ("any", "/", "R")},
        "any": {"1": ("turn", "1", "L")},
        "turn": {"/": ("check", "/", "L")},
        # between rounds: is anything of m left?
        "check": {"x": ("check", "x", "L"), "1": ("seek", "1", "R"), ".": ("accept", ".", "N")},
        "seek": {"x": ("seek", "x", "R"), "/": ("pick", "/", "R")},
        # one 1 of n against one 1 of m
        "pick": {"y": ("pick", "y", "R"), "1": ("pay", "y", "L"), ".": ("unmark", ".", "L")},
        "pay": {"y": ("pay", "y", "L"), "/": ("pay2", "/", "L")},
        "pay2": {"x": ("pay2", "x", "L"), "1": ("seek", "x", "R")},
        "unmark": {"y": ("unmark", "1", "L"), "/": ("check", "/", "L")},
    },
    initial_state="first",
    blank_symbol=".",
    final_states={"accept"},
)
