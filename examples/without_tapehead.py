"""Run a checkpoint without this library: a forward pass in numpy, with what the file says of itself.

    tapehead base -o base.safetensors
    python examples/without_tapehead.py base.safetensors RULES [INPUT] [--steps N]

RULES is a text file with a rule on each line, `state symbol -> state symbol move`; several tapes are joined by commas
(`q 0,_ -> q 0,1 R,S`), and so are their inputs. Other lines, and those that begin with `#`, are passed over. The first
rule's state is the start, `_` the blank. A tuned network has its rules in its weights; RULES is its start state then.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import safe_open

Token = list[int]  # rows of the vocabulary, the kind's first


class Network:
    """The tensors of a checkpoint, what its metadata say of them, and the keys and values of the tokens so far."""

    def __init__(self, file: str) -> None:
        with safe_open(file, framework="numpy") as stored:
            self.weights = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
            self.said = stored.metadata()
        self.vocabulary = json.loads(self.said["vocabulary"])
        self.slots = json.loads(self.said["slots"])
        self.blocks = 1 + max(int(name.split(".")[1]) for name in self.weights if name.startswith("blocks."))
        self.past: list[list[tuple[Any, Any]]] = [[] for _ in range(self.blocks)]
        self.t = 0

    def token(self, kind: str, **labels: str) -> Token:
        """The rows of a token: its kind's, and of each field the one with this label."""
        fields = self.vocabulary[kind]["fields"]
        return [self.vocabulary[kind]["row"]] + [
            fields[f]["first"] + fields[f]["labels"].index(labels[f]) for f in fields
        ]

    def logits(self, token: Token) -> Any:
        """Take in a token; the logits of all rows after it."""
        w, self.t = self.weights, self.t + 1
        x = w["embed.W_E"][token].sum(0) + w["embed.W_pos"].dtype.type(self.t) * w["embed.W_pos"][0]
        for b, past in enumerate(self.past):
            q, k, v, o = (w[f"blocks.{b}.attn.W_{name}"] for name in "QKVO")  # [heads m c], o: [heads c m]
            past.append((x @ k, x @ v))  # [heads c]
            keys, values = (np.stack(each, axis=1) for each in zip(*past, strict=True))  # [heads tokens c]
            scores = np.einsum("hc,hsc->hs", x @ q, keys)
            pattern = np.exp(scores - scores.max(1, keepdims=True))
            pattern /= pattern.sum(1, keepdims=True)
            x = x + (pattern[:, None] @ values @ o).sum((0, 1))
            gate, up, out = (w[f"blocks.{b}.mlp.W_{name}"] for name in ("gate", "in", "out"))
            x = x + (np.maximum(x @ gate, 0) * (x @ up)) @ out
        return x @ w["unembed.W_U"]

    def likeliest(self, logits: Any) -> tuple[str, dict[str, str], Token]:
        """The token with the largest logit: its kind, the labels of its fields, and its rows."""
        candidates = []
        for kind, said in self.vocabulary.items():
            best = {
                name: int(np.argmax(logits[field["first"] : field["first"] + len(field["labels"])]))
                for name, field in said["fields"].items()
            }
            labels = {name: said["fields"][name]["labels"][i] for name, i in best.items()}
            rows = [said["row"]] + [said["fields"][name]["first"] + i for name, i in best.items()]
            candidates.append((float(logits[rows].sum()), kind, labels, rows))
        return max(candidates, key=lambda each: each[0])[1:]


class Names:
    """States and symbols to slots and back: a tuned network's own, or in the order in which they are met."""

    def __init__(self, network: Network) -> None:
        tuned = isinstance(network.slots["states"], list)
        self.states: list[str] = network.slots["states"] if tuned else []
        self.symbols: list[str] = network.slots["symbols"] if tuned else ["_"]

    @staticmethod
    def slot(names: list[str], name: str) -> str:
        """The slot of a name, as a label."""
        if name not in names:
            names.append(name)
        return str(names.index(name))


def action(fields: list[str], following: str, written: list[str], moves: list[str]) -> dict[str, str]:
    """An action's fields: one for all of it, or next, write 1, ..., move 1, ..."""
    every = [following, *written, *moves]
    names = [field for field in fields if field != "state" and not field.startswith("symbol")]
    return {"action": ",".join(every)} if names == ["action"] else dict(zip(names, every, strict=True))


def prompt(network: Network, names: Names, rules: str, inputs: list[str]) -> list[Token]:
    """BOS, an EXAMPLE for each rule, a CELL for each symbol of the input, RUN."""
    tapes, tokens, start = network.slots["tapes"], [network.token("BOS")], rules.strip()
    lines = [line for line in rules.splitlines() if "->" in line and not line.startswith("#")]
    for number, line in enumerate(lines):
        state, read, _, following, written, moves = line.split()
        start = state if number == 0 else start
        situation = {"state": names.slot(names.states, state)}
        idle = tapes - len(read.split(","))
        slots = [[names.slot(names.symbols, a) for a in part.split(",")] + ["0"] * idle for part in (read, written)]
        situation |= {f"symbol {i + 1}": slot for i, slot in enumerate(slots[0])}
        to, moved = names.slot(names.states, following), moves.split(",") + ["S"] * idle
        does = action(list(network.vocabulary["EXAMPLE"]["fields"]), to, slots[1], moved)
        tokens.append(network.token("EXAMPLE", **situation, **does))
    for tape, symbols in enumerate(inputs, 1):
        tokens += [network.token("CELL", cell=f"{tape},{names.slot(names.symbols, a)}") for a in symbols]
    return [*tokens, network.token("RUN", state=names.slot(names.states, start))]


def run(file: str, rules: str, inputs: list[str], steps: int) -> tuple[int, str, list[dict[int, str]], list[int]]:
    """Generate until STOP; print every step. Steps, state, each tape (its cells that were written), and heads."""
    network = Network(file)
    names = Names(network)
    context = prompt(network, names, rules, inputs)
    for token in context:
        logits = network.logits(token)
    tapes = [dict(enumerate(symbols)) for symbols in inputs] + [{} for _ in range(network.slots["tapes"] - len(inputs))]
    heads, state, blank = [0] * len(tapes), rules.split()[0], names.symbols[0]
    for step in range(steps + 1):
        kind, labels, rows = network.likeliest(logits)
        if kind == "STOP" or step == steps:
            break
        does = [part for field in labels if field != "state" for part in labels[field].split(",")][len(tapes) :]
        state, written, moves = names.states[int(does[0])], does[1 : len(tapes) + 1], does[len(tapes) + 1 :]
        for tape, symbol, i in zip(tapes, written, range(len(tapes)), strict=True):
            tape[heads[i]] = names.symbols[int(symbol)]
            heads[i] += "LSR".index(moves[i]) - 1
        cells = "   ".join(" ".join(tape.get(x, blank) for x in range(min(tape), max(tape) + 1)) for tape in tapes)
        print(f"{step + 1:4}  {state:10}  {cells}")
        logits = network.logits(rows)
    print(f"{kind} after {step} steps, in state {state}")
    return step, state, tapes, heads


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint")
    parser.add_argument("rules")
    parser.add_argument("input", nargs="?", default="")
    parser.add_argument("--steps", type=int, default=200)
    asked = parser.parse_args()
    path = Path(asked.rules)
    rules = path.read_text(encoding="utf-8") if path.is_file() else asked.rules
    run(asked.checkpoint, rules, asked.input.split(","), asked.steps)


if __name__ == "__main__":
    main()
