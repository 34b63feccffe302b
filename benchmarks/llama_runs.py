"""The stock Llama on long runs, word by word, in transformers: number formats, kinds of attention, lengths of context.

    python benchmarks/llama_runs.py                      200 random machines and the library, every format, 3,000 words
    python benchmarks/llama_runs.py --words 131072       runs that fill a context, and what the most visits to a cell do
    python benchmarks/llama_runs.py --device cuda        the same on a GPU
    python benchmarks/llama_runs.py --ours               by our own forward pass, where transformers is not installed

Every word of a known run is predicted from those before it, in pieces of a thousand through the cache. Reported are
wrong words, the least logit of a right word and the greatest of any other but <error>; exit status 1 if one is wrong.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from importlib import metadata
from random import Random
from typing import Any

import torch

from compiled_models.export import export_llama
from construction.config import CapacityError
from construction.llama import LlamaCodec, LlamaConfig, llama_network, llama_vocabulary, tokens_of
from construction.llama.transformer import ATTENTIONS, FORMATS, Cache
from construction.llama.vocabulary import ERROR
from tm import Heads, Input, Machine, Rule, Start, library

CONFIG = LlamaConfig()
PIECE = 1024
FULL = {
    "bb5": "1RB1LC_1RC1RB_1RD0LE_1LA1LD_1RZ0LA",
    "two cells for ever": "0RB---_0LA---",
    "one cell for ever": "a 0 -> a 1 S\na 1 -> a 0 S",
}
"""Machines that fill a context; the last two visit a cell as often as a run can."""


def random_machine(rng: Random) -> Machine:
    """A machine of any size that fits."""
    states, symbols = rng.randint(2, CONFIG.states), rng.randint(2, CONFIG.symbols)
    names, alphabet, missing = list("ABCDEFGH"[:states]), list("0123"[:symbols]), rng.choice([0, 0.02, 0.1])
    rules = [
        Rule(state, (read,), rng.choice(names), (rng.choice(alphabet),), (rng.choice("LLRRS"),))
        for state in names
        for read in alphabet
        if rng.random() >= missing
    ]
    rng.shuffle(rules)
    return Machine(blank="0", rules=rules, states=names, symbols=alphabet, start="A")


def runs(machines: int, words: int, seed: int) -> Iterator[tuple[str, torch.Tensor, list[int]]]:
    """Prompts and their runs: of random machines first, then of the library's that fit."""
    rng, ids = Random(seed), llama_vocabulary(CONFIG).ids
    cases: list[tuple[str, Machine, Input, Heads]] = []
    while len(cases) < machines:
        machine = random_machine(rng)
        symbols = [rng.choice(machine.symbols) for _ in range(rng.randrange(20))]
        length = sum(1 for _ in LlamaCodec(CONFIG, machine).run(symbols, 0, 20))
        if length >= 30 or rng.random() < 0.1:
            cases.append(("random", machine, symbols, rng.randint(-10, 10)))
    for name in library.names():
        cases += [(name, library.load(name), example.input, example.head) for example in library.examples(name)]
    for name, machine, tape, head in cases:
        try:
            start = Start.of(machine, tape, head)
            codec = LlamaCodec(CONFIG, start.machine)
        except CapacityError:
            continue
        prompt = tokens_of(CONFIG, codec.prompt(start.input, start.head))
        run = [ids[word] for word in codec.run(start.input, start.head, words // 3)]
        if run:
            yield name, prompt, run[: words - prompt.shape[1]]


def full_runs(words: int) -> Iterator[tuple[str, torch.Tensor, list[int]]]:
    """Runs that fill a context."""
    ids = llama_vocabulary(CONFIG).ids
    for name, text in FULL.items():
        codec = LlamaCodec(CONFIG, Machine.read(text if "_" in text else f"blank: 0\n{text}"))
        prompt = tokens_of(CONFIG, codec.prompt())
        run = [ids[word] for word in codec.run(max_steps=words // 3)]
        yield name, prompt, run[: words - prompt.shape[1]]


Model = Callable[[torch.Tensor, Any], torch.Tensor]
"""From tokens [1 p] and a cache, which it fills, to logits [p v]."""


def own_model(dtype: str, attention: str, device: str) -> tuple[Model, Callable[[], Any]]:
    """Our plain forward pass, and what makes a cache."""
    network = llama_network(CONFIG, dtype=FORMATS[dtype], attention=attention).to(device)
    return lambda tokens, cache: network(tokens, cache)[0], Cache


def stock_model(dtype: str, attention: str, device: str) -> tuple[Model, Callable[[], Any]]:
    """transformers' Llama from a checkpoint, and what makes a cache."""
    from transformers import AutoModelForCausalLM, DynamicCache

    with tempfile.TemporaryDirectory() as folder:
        export_llama(folder)
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=FORMATS[dtype], attn_implementation=attention)
    model = model.to(device)

    def logits(tokens: torch.Tensor, cache: Any) -> torch.Tensor:
        return model(tokens, past_key_values=cache, use_cache=True).logits[0]

    return logits, lambda: DynamicCache(config=model.config)


@torch.no_grad()
def checked(model: Model, cache: Any, prompt: torch.Tensor, run: list[int], device: str) -> tuple[int, float, float]:
    """Wrong words, the least logit of a right one, the greatest of any other but <error>."""
    tokens = torch.cat([prompt, torch.tensor([run])], 1).to(device)
    wrong, least, greatest = 0, float("inf"), -float("inf")
    for first in range(0, tokens.shape[1] - 1, PIECE):
        last = min(first + PIECE, tokens.shape[1] - 1)
        logits = model(tokens[:, first:last], cache).float()
        skipped = max(0, prompt.shape[1] - 1 - first)
        logits, right = logits[skipped:], tokens[0, first + 1 : last + 1][skipped:, None]
        if len(right):
            others = logits.scatter(1, right, -torch.inf)
            others[:, ERROR] = -torch.inf
            wrong += int((logits.argmax(1) != right[:, 0]).sum())
            least = min(least, float(logits.gather(1, right).min()))
            greatest = max(greatest, float(others.max()))
    return wrong, least, greatest


def main() -> int:
    """Run what the options ask for, a line for each format and kind of attention."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--machines", type=int, default=200, help="random machines")
    parser.add_argument("--words", type=int, default=3000, help="of prompt and run; from 32,768 on runs that fill them")
    parser.add_argument("--dtype", choices=FORMATS, action="append", help="several times for several; default all")
    parser.add_argument("--attention", choices=["eager", "sdpa", "flash_attention_2"], action="append")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--ours", action="store_true", help="our own forward pass instead of transformers'")
    parser.add_argument("--only", default="", help="of the runs that fill a context, those with this in their name")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    warnings.simplefilter("ignore", FutureWarning)  # transformers 5 calls the cache by another name
    name = torch.cuda.get_device_name() if options.device.startswith("cuda") else "CPU"
    whose = "our forward pass" if options.ours else f"transformers {metadata.version('transformers')}"
    print(f"{whose}, torch {torch.__version__}, {name}", flush=True)
    full = options.words >= 32_768
    cases = list(full_runs(options.words) if full else runs(options.machines, options.words, options.seed))
    cases, failed = [case for case in cases if options.only in case[0]], 0
    for dtype in options.dtype or FORMATS:
        for attention in options.attention or ATTENTIONS:
            made = (own_model if options.ours else stock_model)(dtype, attention, options.device)
            failed += report(*made, cases, f"{dtype} {attention}", options.device, each=full)
    return int(failed > 0)


def report(
    model: Model,
    new_cache: Callable[[], Any],
    cases: list[tuple[str, torch.Tensor, list[int]]],
    what: str,
    device: str,
    *,
    each: bool,
) -> int:
    """Check all runs; a line for each, or one for all. The number of wrong words."""
    total, words, least, greatest, began = 0, 0, float("inf"), -float("inf"), time.perf_counter()
    for name, prompt, run in cases:
        wrong, low, high = checked(model, new_cache(), prompt, run, device)
        total, words, least, greatest = total + wrong, words + len(run), min(least, low), max(greatest, high)
        if each:
            seconds = time.perf_counter() - began
            print(
                f"{what}: {name}, {len(run):,} words, {wrong} wrong, {low:.2f}, {high:.2f}, {seconds:.0f} s", flush=True
            )
    seconds = time.perf_counter() - began
    line = f"{what}: {len(cases)} runs, {words:,} words, {total} wrong, right >= {least:.2f}, others <= {greatest:.2f}"
    print(f"{line}, {seconds:.0f} s", flush=True)
    return total


if __name__ == "__main__":
    sys.exit(main())
