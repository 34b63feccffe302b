"""A stochastic policy: the network's next-token distribution is the examples' empirical distribution.

A rule of weight n is n copies of its example in the prompt. DECIDE attends evenly to all that match, so the mean of
their actions is the share of each; the read-out is linear, so that mean is the distribution that tokens are drawn from.
"""

from collections import Counter

import torch

from compiled_models import run
from construction import Codec, base_network
from tm import Machine

COIN = Machine.read("""
machine: a biased coin
toss _ -> toss heads R x 3
toss _ -> stop tails R x 1
""")


def main() -> None:
    network = base_network(states=2, symbols=3)
    codec = Codec(network.config, COIN)
    prompt = torch.from_numpy(codec.prompt().tokens)[None]
    with torch.inference_mode():
        logits = network(prompt, logits_from=-1)[0, -1].numpy()
    for token, probability in codec.vocabulary.positive(logits):
        if probability > 1e-12:
            print(f"P({codec.text(token)}) = {probability}")

    lengths = Counter(run(network, COIN, seed=seed).steps for seed in range(200))
    print("steps until the first tails, over 200 seeds:")
    for steps, count in sorted(lengths.items()):
        print(f"{steps:3} {'#' * count}")


if __name__ == "__main__":
    main()
