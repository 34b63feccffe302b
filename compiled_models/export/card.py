"""The model card of an exported stock Llama: the prompt's grammar, what the model does, and what it does not do."""

from __future__ import annotations

from construction.fingerprint import fingerprint
from construction.llama import LlamaConfig, LlamaTransformer, Slots, llama_vocabulary
from construction.llama.vocabulary import SPECIAL
from tm.text import quoted

__all__ = ["model_card"]

HEAD = """---
license: apache-2.0
library_name: transformers
pipeline_tag: text-generation
tags: [llama, interpretability, turing-machine, in-context-learning]
---

# {title}

A stock `LlamaForCausalLM` whose weights were set by hand, not trained. {does}
It needs no remote code. Two layers, two heads that are used, {parameters:,} parameters, of which {nonzero:,} are not
zero; the same numbers in float32, bfloat16 and float16, and exact in all three.

```python
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("{folder}")
model = AutoModelForCausalLM.from_pretrained("{folder}")
ids = tokenizer("{example}", return_tensors="pt")
print(tokenizer.decode(model.generate(**ids, max_new_tokens=99)[0]))
```

## The prompt

Words are separated by white space, commas, colons or semicolons; how lines are broken does not matter.

| word | such as | means |
|---|---|---|
| situation | `A0` | in state A, reading 0; a rule is a situation and an action: `A0 1RB` |
| action | `1RB` | write 1, move right (L, S, R), go on to state B |
| address and symbol | `@-3 1` | cell -3 of the tape holds 1; cells that are not mentioned hold 0, the blank |
| state and address | `A @0` | the end of the prompt: start in state A on cell 0 |

    prompt = {rules}(address symbol)*  state address  (situation action address)*

The last part is a run that goes on: what the model wrote can be pasted back. It writes three words a step, `A0 1RB @1`:
the situation that it found, what it does, and the cell to which it goes. Then, and always last, `<halt>`: no rule for
this situation. Before it may stand `<edge>` (the head left the tape) or `<error>`: the prompt holds an unknown word,
words that may not follow one another, no start, or rules that contradict one another, once one of them is needed.

Capacity: {states} states ({first_state} to {last_state}), {symbols} symbols ({first_symbol} to {last_symbol}), cells
{first_cell:,} to {last_cell:,}, {context:,} words of prompt and run.
{legend}
## What it does not do

- It was not trained, and says nothing about what training finds. It understands these {words:,} words and nothing else.
- A cell that is given twice is not noticed. Of rules that differ in one bit, the rarer is an `<error>` only from a
  quarter of their number on; below, it is outvoted.
- An address right behind a rule is read as a step of a run: a start needs its state.
- Beyond its context it is not exact. Formats with fewer than 8 bits a weight, and caches of keys in 8 bits, are not.

Made by tapehead: `tapehead export llama`. sha256 of the weights: {sha256}
"""


def model_card(network: LlamaTransformer, folder: str = "tapehead-llama") -> str:
    """The text of the card."""
    config, identity = network.config, fingerprint(network)
    vocabulary = llama_vocabulary(config)
    return HEAD.format(
        **_about(config, folder),
        parameters=identity.parameters,
        nonzero=identity.nonzero,
        sha256=identity.sha256,
        states=config.states,
        first_state=vocabulary.states[0],
        last_state=vocabulary.states[-1],
        symbols=config.symbols,
        first_symbol=vocabulary.symbols[0],
        last_symbol=vocabulary.symbols[-1],
        first_cell=config.first_cell,
        last_cell=-config.first_cell - 1,
        context=config.context,
        words=len(vocabulary) - len(SPECIAL),
        folder=folder,
    )


def _about(config: LlamaConfig, folder: str) -> dict[str, str]:
    """What differs between the Llama that reads its rules in the prompt and one that has them in its weights."""
    machine = config.machine()
    if machine is None:
        does = "It runs every Turing machine that is written in its prompt, step by step, until it stops by itself."
        example = r"A0 1RB\nA1 1LB\nB0 1LA\nB1 1RZ\nA @0"
        return {"title": folder, "does": does, "example": example, "rules": "(situation action)*  ", "legend": ""}
    slots = Slots.of(config, machine)
    name = machine.name or "a machine"
    does = (
        f"It runs one Turing machine, {quoted(name)}, whose rules are in the weights; its prompt holds the tape alone."
    )
    names = "\n".join(f"- {quoted(own)} is written {slot}" for own, slot in slots.state_letters.items())
    names += "\n" + "\n".join(f"- {quoted(own)} is written {slot}" for own, slot in slots.symbol_digits.items())
    legend = f"\nThe machine's states, then its symbols:\n\n{names}\n"
    example = f"{slots.state_letters[machine.start]} @0"
    return {"title": f"{folder}, tuned", "does": does, "example": example, "rules": "", "legend": legend}
