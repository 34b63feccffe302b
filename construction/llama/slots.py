"""The slots of a machine's names: which letter is written for a state, which digit for a symbol."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from construction.config import CapacityError
from construction.llama.config import LlamaConfig
from construction.llama.vocabulary import LlamaVocabulary, llama_vocabulary
from tm import Machine, Problem, Rule
from tm.text import quoted

__all__ = ["Slots"]


@dataclass(frozen=True)
class Slots:
    """Which slot each state and each symbol of a machine has.

    A name that is a slot's own letter or digit keeps it, save that the blank is always 0; the first state without rules
    takes Z, if it is free; the others take the free slots in order.

    >>> slots = Slots.of(LlamaConfig(), Machine.read("right 0 -> right 1 R\\nright _ -> done _ S"))
    >>> slots.state_letters, slots.symbol_digits
    ({'right': 'A', 'done': 'Z'}, {'_': '0', '0': '2', '1': '1'})
    """

    vocabulary: LlamaVocabulary
    states: dict[str, int]
    symbols: dict[str, int]

    @classmethod
    def of(cls, config: LlamaConfig, machine: Machine) -> Slots:
        """The slots of a machine.

        Raises:
            CapacityError: if the machine does not fit.
        """
        vocabulary = llama_vocabulary(config)
        if problems := list(_problems(config, machine)):
            raise CapacityError(*problems)
        symbols = _given(machine.symbols, vocabulary.symbols, {machine.blank: 0})
        acting = {rule.state for rule in machine.rules}
        halting = [state for state in machine.states if state not in acting and state not in vocabulary.states]
        last = config.states - 1
        taken = {vocabulary.states[last]} & set(machine.states)
        first = {halting[0]: last} if halting and not taken and config.states <= 26 else {}
        return cls(vocabulary, _given(machine.states, vocabulary.states, first), symbols)

    @property
    def state_letters(self) -> dict[str, str]:
        """The letters that stand for the machine's states."""
        return {name: self.vocabulary.states[slot] for name, slot in self.states.items()}

    @property
    def symbol_digits(self) -> dict[str, str]:
        """The digits that stand for the machine's symbols."""
        return {name: self.vocabulary.symbols[slot] for name, slot in self.symbols.items()}

    def situation(self, state: str, symbol: str) -> str:
        """The word for a situation."""
        return self.state_letters[state] + self.symbol_digits[symbol]

    def action(self, rule: Rule) -> str:
        """The word for what a rule does."""
        return self.symbol_digits[rule.write[0]] + rule.moves[0] + self.state_letters[rule.next_state]

    def legend(self) -> list[str]:
        """What stands for what, for a reader; empty where every name is its own."""
        pairs = [*self.state_letters.items(), *self.symbol_digits.items()]
        return [f"{letter} = {quoted(name)}" for name, letter in pairs if letter != name]


def _given(names: Sequence[str], letters: Sequence[str], first: dict[str, int]) -> dict[str, int]:
    """A slot for every name: the ones in `first`, then those that are a free slot's own letter, then free ones."""
    slots = dict(first)
    for name in names:
        if name not in slots and name in letters and letters.index(name) not in slots.values():
            slots[name] = letters.index(name)
    free = iter(sorted(set(range(len(letters))) - set(slots.values())))
    return {name: slots[name] if name in slots else next(free) for name in names}


def _problems(config: LlamaConfig, machine: Machine) -> Iterator[Problem]:
    if machine.tapes != 1:
        hint = "use --network base, which has a head for each tape"
        yield Problem("the stock Llama has one tape", "a machine with one tape", f"{machine.tapes} tapes", hint)
    if machine.stochastic:
        hint = "use --network base, whose read-out is linear and can draw"
        yield Problem("the stock Llama takes one action in a situation", "no weighted rules", "a weighted rule", hint)
    for what, need, have in (
        ("states", len(machine.states), config.states),
        ("symbols", len(machine.symbols), config.symbols),
    ):
        if need > have:
            hint = f"build a larger one: LlamaConfig({what}={need}), or on the command line --{what} {need}"
            yield Problem(f"the machine has more {what} than the Llama has slots", f"{have} at most", str(need), hint)
