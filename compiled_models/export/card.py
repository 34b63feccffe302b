"""The model card of an exported stock Llama: the prompt's grammar, what the model does, and what it does not do."""

from __future__ import annotations

from collections.abc import Sequence

from construction.fingerprint import fingerprint
from construction.llama import LlamaConfig, LlamaTransformer, Slots, llama_vocabulary
from construction.llama.vocabulary import SPECIAL
from tm import Machine
from tm.text import json_shown, quoted, shown

__all__ = ["javascript_code", "model_card", "python_code"]

EXAMPLE = "A0 1RB\nA1 1LB\nB0 1LA\nB1 1RZ\nA @0"
"""The prompt of the code of a card: the two-state busy beaver."""
LISTED = 64
"""Letters and digits that are listed one by one."""
PYTHON = """```python
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained({folder})
model = AutoModelForCausalLM.from_pretrained({folder})
ids = tokenizer({prompt}, return_tensors="pt")
print(tokenizer.decode(model.generate(**ids, max_new_tokens=99)[0]))
```"""
JAVASCRIPT = """```js
import {{ AutoModelForCausalLM, AutoTokenizer, env }} from "@huggingface/transformers";

env.allowRemoteModels = false;
env.localModelPath = "./"; // where the folder lies
const tokenizer = await AutoTokenizer.from_pretrained({folder});
const model = await AutoModelForCausalLM.from_pretrained({folder});
const ids = tokenizer({prompt});
const out = await model.generate({{ ...ids, max_new_tokens: 99 }});
console.log(tokenizer.batch_decode(out)[0]);
```"""
CARD = """---
license: apache-2.0
library_name: {library}
pipeline_tag: text-generation
tags: [llama, interpretability, turing-machine, in-context-learning]
---

# {title}

A stock `LlamaForCausalLM` whose weights were set by hand, not trained. {does}
It needs no remote code. Two layers, two heads used in each, {parameters:,} parameters, of which {nonzero:,} are not
zero; the same numbers in float32, bfloat16 and float16, and exact in all three.

{code}

## The prompt

Words are separated by white space, commas, colons or semicolons; how lines are broken does not matter.

| word | such as | means |
|---|---|---|
{rule_words}| address and symbol | `@-3 1` | cell -3 of the tape holds 1; all others hold 0, the blank |
| state and address | `A @0` | the start: in state A, on cell 0 |
| situation, action, address | `A0 1RB @1` | a step: in state A, reading 0, it writes 1 and goes right, to cell 1 |

    prompt = {grammar}

The last part is a run that goes on: what the model wrote can be pasted back, without the `<bos>` at its beginning,
which the tokenizer adds (a second one is let pass, but nothing is certified behind it). The model writes three words a
step, as above: the situation that it found, what it does, and the cell to which it goes. Then, and always last,
`<halt>`: no rule for this situation. Before it may stand `<edge>` (the head left the tape) or `<error>` (see below).

Capacity: states {states}; symbols {symbols}; addresses `@{first_cell}` to `@{last_cell}`; {context:,} words of prompt
and run.
{legend}
## What it says of a bad prompt

`<error>`: for an unknown word, words that may not follow one another (two situations, an address of the input without a
symbol), and a prompt without a start{contradictory}.

It does not notice

- a cell that is given twice: its symbols are taken together, bit by bit;{outvoted}
- an address right behind a rule: it reads both as a step, and goes on from there, start or no start;
- a start before the last one, or with a symbol behind its address;
- a situation at the end where no start was: it answers as if a run had come there;
- the words `<pad>`, `<edge>`, `<error>` and `<halt>` in the midst of a prompt, nor what stands before and behind them;
- whether the steps of a run that was pasted back are right.

## What it does not do

- It was not trained, and says nothing about what training finds. It understands these {words:,} words and nothing else.
- Beyond its context it is not exact. Formats with fewer than 8 bits a weight, and caches of keys in 8 bits, are not.

Made by tapehead: `tapehead export {target}`. sha256 of the weights: {sha256}
"""
RULE_WORDS = """| situation | `A0` | in state A, reading 0; a rule is a situation and an action: `A0 1RB` |
| action | `1RB` | write 1, move right (L, S, R), go on to state B |
"""
OUTVOTED = """
- of rules for one situation that differ in one bit, the rarer, if it makes up less than a quarter: it is outvoted;"""


def python_code(config: LlamaConfig, folder: str) -> str:
    """What runs a checkpoint of transformers, beside the folder that it lies in."""
    return PYTHON.format(folder=_literal(folder), prompt=_literal(_example(config)))


def javascript_code(config: LlamaConfig, folder: str) -> str:
    """What runs a folder for transformers.js in Node, beside it."""
    return JAVASCRIPT.format(folder=_literal(folder), prompt=_literal(_example(config)))


def model_card(
    network: LlamaTransformer, code: str, folder: str = "tapehead-llama", library: str = "transformers"
) -> str:
    """The text of the card.

    Args:
        network: what is exported.
        code: what runs it (`python_code`, `javascript_code`).
        folder: the name of the folder.
        library: the library that loads it, "transformers" or "transformers.js".

    >>> from construction.llama import llama_network
    >>> network = llama_network(LlamaConfig(states=4, cells=16))
    >>> card = model_card(network, python_code(network.config, "llama"), "llama")
    >>> [line for line in card.splitlines() if line.startswith("Capacity")]
    ['Capacity: states A, B, C and Z; symbols 0, 1, 2 and 3; addresses `@-8` to `@7`; 131,072 words of prompt']
    """
    config, identity = network.config, fingerprint(network)
    vocabulary = llama_vocabulary(config)
    return CARD.format(
        **_about(config),
        title=shown(folder) + ("" if config.policy is None else ", tuned"),
        library=library,
        target={"transformers": "llama"}.get(library, "transformers-js"),
        code=code,
        parameters=identity.parameters,
        nonzero=identity.nonzero,
        sha256=identity.sha256,
        states=_listed(vocabulary.states),
        symbols=_listed(vocabulary.symbols),
        first_cell=config.first_cell,
        last_cell=-config.first_cell - 1,
        context=config.context,
        words=len(vocabulary) - len(SPECIAL),
    )


def _about(config: LlamaConfig) -> dict[str, str]:
    """What differs between the Llama that reads its rules in the prompt and one that has them in its weights."""
    machine = config.machine()
    run = "state address  (situation action address)*"
    if machine is None:
        return {
            "does": "It runs every Turing machine that is written in its prompt, until it stops by itself.",
            "grammar": f"(situation action | address symbol)*  {run}",
            "rule_words": RULE_WORDS,
            "legend": "",
            "contradictory": "; and for rules that contradict one another, once one of them is needed",
            "outvoted": OUTVOTED,
        }
    name = quoted(machine.name or "a machine")
    return {
        "does": f"It runs one Turing machine, {name}, whose rules are in the weights; its prompt holds the tape alone.",
        "grammar": f"(address symbol)*  {run}",
        "rule_words": "",
        "legend": _legend(config, machine),
        "contradictory": "",
        "outvoted": "\n- rules in the prompt: they change nothing, but for an `<error>` where the machine has none;",
    }


def _legend(config: LlamaConfig, machine: Machine) -> str:
    """Which letters and digits stand for the names of a tuned network's machine."""
    slots = Slots.of(config, machine)
    pairs = [*slots.state_letters.items(), *slots.symbol_digits.items()]
    names = "\n".join(f"- {quoted(name)} is written {slot}" for name, slot in pairs)
    return f"\nThe machine's states, then its symbols:\n\n{names}\n"


def _example(config: LlamaConfig) -> str:
    """A prompt for it."""
    machine = config.machine()
    return EXAMPLE if machine is None else f"{Slots.of(config, machine).state_letters[machine.start]} @0"


def _literal(text: str) -> str:
    """A text as Python and JavaScript have it between quotation marks."""
    return json_shown(text)


def _listed(names: Sequence[str]) -> str:
    """Names one by one; of very many the first and the last.

    >>> _listed("ABZ"), _listed([str(n) for n in range(100)])
    ('A, B and Z', '0, 1, 2, ... and 99')
    """
    shown_names = names if len(names) <= LISTED else (*names[:3], "...")
    return f"{', '.join(shown_names[: len(names) - 1])} and {names[-1]}"
