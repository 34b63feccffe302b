"""Ablations of the stock Llama: one head, one unit or a group of them is silenced, and what it does is measured again.

Each behaviour is a sort of word in runs whose words are known: the state of a situation, its symbol, the action, the
address, the three ends. What goes wrong without a part is what that part is for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import networkx
import torch

from construction.llama.blueprint import LlamaBlueprint
from construction.llama.codec import LlamaCodec, tokens_of
from construction.llama.config import HEAD_DIM, LlamaConfig
from construction.llama.network import ALLOWED, IN_PROMPTS
from construction.llama.transformer import LlamaTransformer
from construction.llama.vocabulary import llama_vocabulary
from tm import Machine

__all__ = [
    "BEHAVIOURS",
    "Ablation",
    "Part",
    "Probe",
    "ablations",
    "bad_prompts",
    "heads_and_groups",
    "probes",
    "rates",
    "single_units",
]

BEHAVIOURS = ("state", "symbol", "action", "address", "halt", "edge", "error")
"""What is measured: the state and the symbol of a situation, and every other kind of word that is generated."""
WORD_OF = {"bos": "<bos>", "situation": "A1", "action": "1LB", "address": "@9", "symbol": "1", "state": "A"}
RULES = "A0 1RB A1 1LB B0 1LA B1 1RZ"
MACHINES = (
    ("1RB1LC_1RC1RB_1RZ0LA", "", 0, 60),  # visits cells again and again
    ("blank: 0\nA 1 -> A 2 R\nA 2 -> A 1 R\nA 3 -> B 3 L\nB 1 -> B 1 L\nB 2 -> B 2 L\nB 3 -> C 1 S", "12213", 0, 60),
)
RIGHT, LEFT = "blank: 0\nA 0 -> A 1 R", "blank: 0\nA 0 -> A 1 L"


@dataclass(frozen=True)
class Probe:
    """A prompt, and the words that are to follow it."""

    prompt: torch.Tensor
    words: tuple[str, ...]


@dataclass(frozen=True)
class Ablation:
    """What is left without a part: the share of right words of each sort.

    Attributes:
        part: what is silenced; "" for nothing.
        rates: of each of `BEHAVIOURS`, from 0 to 1.
    """

    part: str
    rates: Mapping[str, float]

    @property
    def lost(self) -> tuple[str, ...]:
        """The behaviours that are not whole any more."""
        return tuple(name for name, rate in self.rates.items() if rate < 1)


def probes(config: LlamaConfig) -> list[Probe]:
    """Runs of a few machines, to the edges of the tape too, and bad prompts."""
    found, first = [], config.first_cell
    walks = [(RIGHT, first + 2**j - 2, 4) for j in range(1, config.address_bits + 1)]
    walks += [(LEFT, first + 2**j + 1, 4) for j in range(config.address_bits)] + [(LEFT, first + 2, 4)]
    for text, symbols, head, steps in (*MACHINES, *((text, "", head, steps) for text, head, steps in walks)):
        codec = LlamaCodec(config, Machine.read(text))
        prompt = tokens_of(config, codec.prompt(symbols, head))
        found.append(Probe(prompt, tuple(codec.run(symbols, head, steps))))
    found += [Probe(tokens_of(config, f"{text} A0"), ("<error>",)) for text in bad_prompts().values()]
    return found


def bad_prompts() -> dict[str, str]:
    """For each pair of kinds that may not follow one another a prompt with that pair and no other fault; and some more.

    >>> bad_prompts()["action after action"]
    'A0 1RB A1 1LB B0 1LA B1 1RZ A1 1LB 1LB A @0'
    """
    graph = networkx.DiGraph(pair for pair in sorted(ALLOWED) if pair != ("bos", "bos"))
    prompts = {}
    for first, second in product(IN_PROMPTS, IN_PROMPTS):
        if (first, second) not in ALLOWED:
            start = ["situation", "action"] if first == "action" else _path(graph, "action", first)[1:]
            before = [] if first == "bos" else start
            goal = "situation" if first == "bos" else "state"
            after = [] if second == goal else _path(graph, second, goal)[1:-1]
            middle = " ".join(WORD_OF[kind] for kind in (*before, second, *after))
            text = f"{middle} {RULES} A @0" if first == "bos" else f"{RULES} {middle} A @0"
            prompts[f"{second} after {first}"] = text.replace("A A @0", "A @0") if second == "state" else text
    prompts["unknown word"] = f"{RULES} what A @0"
    prompts["contradiction"] = f"{RULES} A0 0LB A @0"
    prompts["address without a symbol"] = f"@9 {RULES} A @0"
    return prompts


def _path(graph: networkx.DiGraph, start: str, end: str) -> list[str]:
    """The shortest way from one kind of word to another; none to `<bos>`, before which nothing stands."""
    return [] if end == "bos" else list(networkx.shortest_path(graph, start, end))


@torch.no_grad()
def rates(network: LlamaTransformer, cases: Iterable[Probe]) -> dict[str, float]:
    """The share of right words of each sort."""
    vocabulary = llama_vocabulary(network.config)
    right, total = dict.fromkeys(BEHAVIOURS, 0), dict.fromkeys(BEHAVIOURS, 0)
    for case in cases:
        ids = torch.tensor([[vocabulary.ids[word] for word in case.words]])
        tokens = torch.cat([case.prompt, ids], 1)
        found = network(tokens[:, :-1])[0, case.prompt.shape[1] - 1 :].argmax(-1).tolist()
        for number, word in zip(found, case.words, strict=True):
            given, wanted = vocabulary.words[number], vocabulary.words[vocabulary.ids[word]]
            if wanted.kind == "situation":
                for name in ("state", "symbol"):
                    total[name] += 1
                    right[name] += given.kind == wanted.kind and getattr(given, name) == getattr(wanted, name)
            else:
                total[wanted.kind] += 1
                right[wanted.kind] += given == wanted
    return {name: right[name] / total[name] for name in BEHAVIOURS}


@dataclass(frozen=True)
class Part:
    """What can be silenced: columns of the tensor through which a head or a unit speaks."""

    name: str
    tensor: str
    columns: tuple[int, ...]


def ablations(blueprint: LlamaBlueprint, parts: Iterable[Part] | None = None) -> Iterator[Ablation]:
    """The whole network, then without each part: None: each head, and each group of units (`heads_and_groups`).

    >>> from construction.llama import LlamaConfig, draw_llama
    >>> for ablation in ablations(draw_llama(LlamaConfig(states=4, cells=64))):
    ...     print(f"{ablation.part or 'whole':30} {' '.join(ablation.lost) or '-'}")
    whole                          -
    head: previous token           state symbol action error
    head: address                  symbol address edge error
    head: READ                     symbol
    head: DECIDE                   action halt
    12 units: carry, to the right  address
    2 units: edge of the tape      edge
    12 units: borrow, to the left  address
    23 units: grammar              error
    4 units: saturate              symbol
    """
    cases, network = probes(blueprint.config), blueprint.network()
    yield Ablation("", rates(network, cases))
    for part in heads_and_groups(blueprint) if parts is None else parts:
        weight, columns = network.get_parameter(part.tensor), list(part.columns)
        before = weight[:, columns].clone()
        weight[:, columns] = 0
        yield Ablation(part.name, rates(network, cases))
        weight[:, columns] = before


def heads_and_groups(blueprint: LlamaBlueprint) -> Iterator[Part]:
    """Each head and each group of units."""
    for layer in blueprint.layers:
        for head in layer.heads:
            columns = range(head.number * HEAD_DIM, (head.number + 1) * HEAD_DIM)
            yield Part(f"head: {head.name}", f"{layer.prefix}.self_attn.o_proj.weight", tuple(columns))
    for layer in blueprint.layers:
        groups: dict[str, list[int]] = {}
        for number, unit in enumerate(layer.units):
            groups.setdefault(_group(unit), []).append(number)
        for group, units in groups.items():
            count = f"{len(units)} unit{'s' * (len(units) > 1)}"
            yield Part(f"{count}: {group}", f"{layer.prefix}.mlp.down_proj.weight", tuple(units))


def single_units(blueprint: LlamaBlueprint) -> Iterator[Part]:
    """Each unit of both feed-forward layers."""
    for layer in blueprint.layers:
        for number, unit in enumerate(layer.units):
            yield Part(f"unit: {unit}", f"{layer.prefix}.mlp.down_proj.weight", (number,))


def _group(unit: str) -> str:
    if "edge" in unit:
        return "edge of the tape"
    for start, name in (("+1", "carry, to the right"), ("-1", "borrow, to the left"), ("64", "saturate")):
        if unit.startswith(start):
            return name
    return "grammar"
