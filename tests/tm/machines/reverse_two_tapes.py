from automata.tm.mntm import MNTM

# Writes the input backwards on the second tape: to the right end, then back with a copy.
machine = MNTM(
    states={"right", "copy", "end"},
    input_symbols={"0", "1"},
    tape_symbols={"0", "1", "#"},
    n_tapes=2,
    transitions={
        "right": {
            ("0", "#"): [("right", (("0", "R"), ("#", "N")))],
            ("1", "#"): [("right", (("1", "R"), ("#", "N")))],
            ("#", "#"): [("copy", (("#", "L"), ("#", "N")))],
        },
        "copy": {
            ("0", "#"): [("copy", (("0", "L"), ("0", "R")))],
            ("1", "#"): [("copy", (("1", "L"), ("1", "R")))],
            ("#", "#"): [("end", (("#", "R"), ("#", "N")))],
        },
    },
    initial_state="right",
    blank_symbol="#",
    final_states={"end"},
)
