"""Policies written as Python functions, made into machines by `tabulate`: equal to the library's, rule for rule.

python examples/policies_as_functions.py
"""

from __future__ import annotations

from tm import SAME, Machine, library, tabulate

Action = tuple[str, object, str] | None


def two_tape_add(state: str, symbols: tuple[str, ...]) -> Action:
    """Adds the binary number on the second tape to that on the first, from the last digits on."""
    one, two = symbols
    if state == "done":
        return None
    if state == "right":  # to the ends of both numbers
        if one == two == "_":
            return "add", SAME, "LL"
        return "right", SAME, ("S" if one == "_" else "R") + ("S" if two == "_" else "R")
    carry = state == "carry"
    if one == two == "_":
        return "done", ("1" if carry else SAME, SAME), "SS"
    total = carry + (one == "1") + (two == "1")
    return "carry" if total > 1 else "add", (str(total % 2), SAME), "LL"


def three_tape_xor(state: str, symbols: tuple[str, ...]) -> Action:
    """Writes the exclusive or of two binary words on the third tape; rejects words of unequal length."""
    one, two, written = symbols
    if state != "xor" or written != "_":
        return None
    if one == two == "_":
        return "done", SAME, "SSS"
    if "_" in (one, two):
        return "unequal", SAME, "SSS"
    return "xor", (SAME, SAME, "01"[one != two]), "RRR"


def two_tape_palindrome(state: str, symbols: tuple[str, ...]) -> Action:
    """Copies a word to the second tape, then reads the two in opposite directions."""
    match state, *symbols:
        case "copy", "_", "_":
            return "left", SAME, "LS"
        case "copy", digit, "_":
            return "copy", (SAME, digit), "RR"
        case "left", "_", "_":
            return "compare", SAME, "RL"
        case "left", _, "_":
            return "left", SAME, "LS"
        case "compare", "_", "_":
            return "yes", SAME, "SS"
        case "compare", ("0" | "1") as one, ("0" | "1") as two:
            return ("compare", SAME, "RL") if one == two else ("no", SAME, "SS")
    return None


def machines() -> list[Machine]:
    """The three machines; `inputs` says that a third tape, or a second one, starts blank."""
    return [
        tabulate(two_tape_add, start="right", symbols="01", tapes=2, accept=["done"], name="two_tape_add"),
        tabulate(
            three_tape_xor,
            start="xor",
            symbols="01",
            inputs=["01", "01", ""],
            tapes=3,
            accept=["done"],
            reject=["unequal"],
            name="three_tape_xor",
        ),
        tabulate(
            two_tape_palindrome,
            start="copy",
            symbols="01",
            inputs=["01", ""],
            tapes=2,
            accept=["yes"],
            reject=["no"],
            name="two_tape_palindrome",
        ),
    ]


def main() -> None:
    """Print each machine beside the library's."""
    for machine in machines():
        written = library.load(machine.name)
        print(f"{machine!r}: {'equal to' if machine == written else 'NOT'} the library's")


if __name__ == "__main__":
    main()
