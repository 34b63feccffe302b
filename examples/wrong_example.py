"""A wrong example in the prompt, and what it does: the network does what it is shown, not what was meant.

One example of `increment` is replaced by a wrong one. The network then runs exactly the machine with the wrong rule,
as the simulator confirms. With that example left out, the network stops where it would be needed.
"""

from dataclasses import replace

from compiled_models import Result, run
from construction import base_network
from tm import Machine, library, outcome


def main() -> None:
    machine, network = library.load("increment"), base_network(states=16, symbols=8, tapes=2)
    right = next(rule for rule in machine.rules if str(rule) == "carry 1 -> carry 0 L")
    wrong = replace(right, write=("1",))
    examples = [wrong if rule == right else rule for rule in machine.rules]

    print("shown as it is:    ", _line(run(network, machine, "1011")))
    print(f"wrong ({wrong}):", _line(run(network, machine, "1011", examples=examples)))
    simulated = outcome(Machine(start=machine.start, accept=machine.accept, rules=examples), "1011")
    print("the simulator with that wrong rule:", "".join(simulated.tape), "after", simulated.steps, "steps")
    fewer = [rule for rule in machine.rules if rule != right]
    print("left out:          ", _line(run(network, machine, "1011", examples=fewer)))


def _line(result: Result) -> str:
    return f"{''.join(result.tape)} after {result.steps} steps: {result.reason}"


if __name__ == "__main__":
    main()
