"""What a checkpoint says of itself, so that it can be run by whoever has nothing but the file.

`examples/without_tapehead.py` does, in numpy, from what stands here alone.
"""

from __future__ import annotations

import json

from construction.blueprint import Blueprint
from construction.config import NetworkConfig

__all__ = ["legend"]

FORWARD = """\
A token is the row of its kind and the rows of its fields (see `vocabulary`), filled up with row 0; t = 1, 2, 3, ... is
its number. x = the sum of embed.W_E[rows] + t * embed.W_pos[0]. Position enters nowhere else.
For each block b = 0, 1, 2, 3 (LOCATE, ADDRESS, READ, DECIDE), W_* being blocks.b.attn.* and blocks.b.mlp.*:
  x = x + the sum over the heads h of (the mean of x_s W_V[h] over the tokens s up to this one, weighted by
      softmax_s((x W_Q[h]) . (x_s W_K[h]))) W_O[h]. Scores are not divided by sqrt(d_head).
  x = x + (relu(x W_gate) * (x W_in)) W_out
No normalisation, no biases. The logits of the rows are x unembed.W_U; a token's logit is the sum of its rows' logits.
The read-out is linear, without softmax: P(token) = relu(logit). Greedy: the token with the largest logit."""

PROMPT = """\
BOS; an EXAMPLE for each rule (n of them for one of weight n), none for a tuned network; a CELL for each symbol of the
input, from cell 0 on, tape after tape; SHIFTs, each moving one head by one cell before the run; RUN with the start
state. Then the network generates a STEP for each step, appended to the context, and at last STOP.
Labels of states and symbols are slots (see `slots`), counted from 0; symbol 0 is the blank; * matches anything. An
`action` is "next state,symbol written on each tape,move on each tape", or split into the fields next, write i, move i;
a `cell` is "tape,symbol", a `shift` "tape,move"; tapes i count from 1.
A machine of fewer tapes runs with idle ones: symbol 0 read, symbol 0 written, move S."""


def legend(config: NetworkConfig, blueprint: Blueprint) -> dict[str, str]:
    """The entries of a checkpoint's metadata that explain it; those that are no prose are JSON.

    vocabulary: for each kind its row and its fields, each with its first row and the labels of its rows, in order;
    directions: the name of each column of the residual stream; slots: how many states, symbols and tapes there are
    room for, or a tuned network's names for them; forward and prompt: how it is computed, and what to put in.

    They are as long as there are rows and directions: a small part of the weights, which are their product.

    >>> from construction import draw_base_network
    >>> config = NetworkConfig.of(states=2, symbols=2)
    >>> entries = legend(config, draw_base_network(config))
    >>> json.loads(entries["vocabulary"])["EXAMPLE"]["fields"]["symbol 1"]
    {'first': 6, 'labels': ['*', '0', '1']}
    >>> json.loads(entries["directions"])[:6], json.loads(entries["slots"])
    (['one', 't', 'bos', 'step', 'state[0]', 'state[1]'], {'states': 2, 'symbols': 2, 'tapes': 1})
    """
    machine = config.machine()
    slots = {
        "states": config.states if machine is None else machine.states,
        "symbols": config.symbols if machine is None else machine.symbols,
        "tapes": config.tapes,
    }
    vocabulary = {
        kind.name: {
            "row": kind.row,
            "fields": {field.name: {"first": field.first, "labels": field.labels} for field in kind.fields},
        }
        for kind in blueprint.vocabulary.kinds.values()
    }
    directions = [blueprint.stream.direction(column).name for column in range(blueprint.stream.width)]
    tables = {"vocabulary": vocabulary, "directions": directions, "slots": slots}
    compact = {name: json.dumps(value, separators=(",", ":")) for name, value in tables.items()}
    return {"forward": FORWARD, "prompt": PROMPT} | compact
