"""A first machine: write a Turing machine, show it to the base network, watch the network run it.

The machine adds one to a binary number. The network is a transformer whose weights were set by hand before anybody
thought of this machine; all it knows of it is the prompt.
"""

from rich.console import Console

from compiled_models import run
from compiled_models.view.steps import step_table
from construction import Codec, base_network
from tm import Machine

INCREMENT = """
machine: increment
accept: done
right 0 -> right 0 R      # walk to the right end
right 1 -> right 1 R
right _ -> carry _ L
carry 1 -> carry 0 L      # 1 + 1 = 10: write 0, carry on
carry 0 -> done 1 S
carry _ -> done 1 S
"""


def main() -> None:
    machine = Machine.read(INCREMENT)
    network = base_network(states=16, symbols=8, tapes=2)

    prompt = Codec(network.config, machine).prompt("1011")
    print("The prompt:", " ".join(Codec(network.config, machine).text(token) for token in prompt.tokens), "\n")

    result = run(network, machine, "1011")
    Console(width=80, highlight=False).print(step_table(result.trace(), machine, width=80))
    print(f"\n1011 + 1 = {''.join(result.tape)} after {result.steps} steps")


if __name__ == "__main__":
    main()
