"""An induction head that computes: where the four heads of a stock Llama look while it runs a machine.

An induction head attends to what followed the same thing before, and repeats it. In trained models it is the best known
circuit there is. Here one is set by hand, and it takes a machine's rules out of the prompt.
"""

from collections.abc import Callable

import torch

from construction.llama import LlamaCodec, LlamaTransformer, llama_network, tokens_of
from tm import Machine

HEADS = ("previous token", "address", "READ", "DECIDE")


def main() -> None:
    network = llama_network(attention="eager")  # the kind that shows its patterns
    codec = LlamaCodec(network.config, Machine.read("1RB1LB_1LA1RZ"))  # the two-state busy beaver
    run = list(codec.run())
    tokens = tokens_of(network.config, codec.prompt() + " " + " ".join(run))
    texts, words = codec.vocabulary.texts, [codec.vocabulary.texts[token] for token in tokens[0]]
    logits, patterns = watched(network, tokens)

    print("after         comes    previous token  address   READ                DECIDE")
    for place in range(len(words) - len(run) - 1, len(words) - 1):
        best = texts[logits[place].argmax()]
        looks = [looked_at(patterns[head], words, place) for head in HEADS]
        print(f"{words[place]:5} ({place:2})    {best:6}   {looks[0]:15} {looks[1]:9} {looks[2]:19} {looks[3]}")

    situations = [place for place in range(11, len(words) - 1) if codec.vocabulary.words[tokens[0, place]].symbol >= 0]
    shares = [induction_score(patterns["DECIDE"], words, place) for place in situations if words[place] != "Z1"]
    print(f"\ninduction score of DECIDE in {len(shares)} situations: {min(shares):.6f} or more")

    network.get_parameter("model.layers.1.self_attn.o_proj.weight")[:, 64:128] = 0  # the second head says nothing
    answers = {texts[network(tokens)[0, place].argmax()] for place in situations}
    print(f"without DECIDE, what comes after a situation: {' or '.join(sorted(answers))}")


def watched(network: LlamaTransformer, tokens: torch.Tensor) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """The logits [p v] of a forward pass, and the pattern [query key] of each head."""
    found: list[torch.Tensor] = []
    keep: Callable[..., None] = lambda _module, _inputs, pattern: found.extend(pattern[0])  # noqa: E731
    points = [module for name, module in network.named_modules() if name.endswith("hook_pattern")]
    handles = [point.register_forward_hook(keep) for point in points]
    logits = network(tokens)[0]
    for handle in handles:
        handle.remove()
    return logits, dict(zip(HEADS, found, strict=True))


def looked_at(pattern: torch.Tensor, words: list[str], query: int) -> str:
    """The tokens that a head attends to: all that weigh as much as a match beside the heavy sink of READ does."""
    return " ".join(f"{words[key]}({key})" for key in range(query + 1) if pattern[query, key] > 1e-6)


def induction_score(pattern: torch.Tensor, words: list[str], query: int) -> float:
    """The share of a token's attention that falls on what followed the same token before."""
    return float(sum(pattern[query, key] for key in range(1, query + 1) if words[key - 1] == words[query]))


if __name__ == "__main__":
    main()
