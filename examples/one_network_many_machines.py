"""One network, many machines: the same weights add, sort, recognise and play the busy beaver.

Nothing about the network changes between the runs; the hash of its weights is taken after each of them.
"""

from compiled_models import fingerprint, run
from construction import base_network
from tm import library, outcome

RUNS = [
    ("increment", "1011"),
    ("add", "101+11"),
    ("sort_bits", "10110"),
    ("brackets", "(()())"),
    ("brackets", "(()"),
    ("bb4", ""),
]


def main() -> None:
    network = base_network(states=16, symbols=8, tapes=2)
    for name, text in RUNS:
        machine = library.load(name)
        result, expected = run(network, machine, text), outcome(machine, text)
        same = (result.tape, result.steps, result.state) == (expected.tape, expected.steps, expected.state)
        verdict = {True: "accepted", False: "rejected", None: "halted"}[result.accepted]
        print(
            f"{name:10} {text:7} {verdict} after {result.steps:3} steps, tape {''.join(result.tape):14} "
            f"{'as the simulator' if same else 'NOT AS THE SIMULATOR'}, "
            f"weights {fingerprint(network).sha256[:12]}"
        )


if __name__ == "__main__":
    main()
