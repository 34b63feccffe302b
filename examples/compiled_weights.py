"""Compile a machine and look at its weights: what tuning changes, and what each changed weight says.

The tuned network is the base network with one unit a rule in its last feed-forward layer. It needs no examples.
"""

from compiled_models import changed_weights, run
from compiled_models.view.explanation import explain
from construction import base_network, compile_machine, draw_tuned_network
from construction.number_format import Constants
from tm import Machine


def main() -> None:
    machine = Machine.read("1RB1LB_1LA1RZ")  # the two-state busy beaver: four rules
    tuned = compile_machine(machine, states=4, symbols=2)
    base = base_network(states=4, symbols=2)

    changed = ", ".join(changed_weights(base, tuned))
    print("Tensors in which the tuned network differs from the base network:", changed, "\n")

    for part in explain(draw_tuned_network(tuned.config, machine), "DECIDE"):
        if part.because.startswith("The rule"):
            print(part.because)
            for line in part.lines(Constants.of(tuned.dtype)):
                print("   ", line)

    result = run(tuned, machine)
    print(f"\nWithout a single example in its prompt: {result.steps} steps, tape {''.join(result.tape)}")


if __name__ == "__main__":
    main()
