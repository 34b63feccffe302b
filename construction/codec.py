"""The codec turns a machine's names into the network's slots and back: the network itself never sees a name.

It is the only thing outside the weights that knows what a token means. A machine with fewer tapes than the network
gets idle ones, blank under a head that stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from construction.config import CapacityError, NetworkConfig
from construction.example import Example, checked_examples, require_one_action, stochastic_refusal
from construction.vocabulary import ANY, MOVES, Tokens, machine_vocabulary
from tm import Heads, Input, InputError, Machine, Problem, Rule, Start
from tm.start import declared
from tm.text import json_shown, quoted

MANY = 1_000  # symbols of a tape that are looked up all at once
LONGEST = 10_000_000  # tokens of a prompt: what a list of them can be made of in a few seconds and in 1 GB

__all__ = ["Codec", "Prompt", "policy_problems", "require_capacity"]


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt: its tokens [p w] as rows of the vocabulary, and the token that ends the generation."""

    tokens: Tokens
    stop: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.tokens)


def require_capacity(config: NetworkConfig, machine: Machine) -> None:
    """Check that a machine fits a network.

    Raises:
        CapacityError: naming what is needed, what there is, and the call that makes a network large enough.
    """
    need = {"states": len(machine.states), "symbols": len(machine.symbols), "tapes": machine.tapes}
    have = {"states": config.states, "symbols": config.symbols, "tapes": config.tapes}
    if short := [name for name in need if need[name] > have[name]]:
        sizes = {name: max(need[name], have[name]) for name in need}
        call = ", ".join(f"{name}={size}" for name, size in sizes.items())
        options = " ".join(f"--{name} {size}" for name, size in sizes.items())
        lacks = "; ".join(f"it needs {need[name]} {name}, the network has {have[name]}" for name in short)
        name = f" {machine.name}" if machine.name else ""
        hint = f"build one with base_network({call}), or on the command line {options}"
        raise CapacityError(Problem(f"the machine{name} is too large: {lacks}", hint=hint))
    if machine.stochastic and config.code == "factored":
        raise stochastic_refusal(config)


def policy_problems(config: NetworkConfig, machine: Machine) -> Iterator[Problem]:
    """Why a tuned network is none of this machine: it has another one, or lacks rules for a symbol of the input.

    >>> machine = Machine.read('a "" -> a "" R')
    >>> config = NetworkConfig.of(states=1, symbols=3).tuned_to(Start.of(machine, "x").machine.write())
    >>> [list(policy_problems(config, Start.of(machine, input).machine)) == [] for input in ("x", "y")]
    [True, False]
    """
    if (policy := config.machine()) is None:
        return
    both = declared(policy, machine.symbols)
    if both != declared(machine, policy.symbols):
        hint = "run the machine that it was compiled from, or use a base network"
        yield Problem(f"the network is tuned to {policy.name or 'another machine'}, not to this machine", hint=hint)
    elif len(both.rules) > len(policy.rules):
        extra = " ".join(quoted(symbol) for symbol in machine.symbols if symbol not in policy.symbols)
        expected = " ".join(map(quoted, policy.symbols))
        hint = "compile it with such an input (`tapehead compile MACHINE INPUT`), or use a base network"
        yield Problem("the tuned network has no rules for symbols of this input", expected, extra, hint)


def _in_slot_order(config: NetworkConfig, machine: Machine) -> Machine:
    """The machine with its states and symbols in the order of a tuned network's slots; those it declares come last."""
    if (policy := config.machine()) is None:
        return machine
    if problems := list(policy_problems(config, machine)):
        raise InputError(*problems)
    fields = {name: getattr(policy, name) for name in policy.__dataclass_fields__}
    states, symbols = (*policy.states, *machine.states), (*policy.symbols, *machine.symbols)
    return Machine(**{**fields, "name": machine.name, "states": states, "symbols": symbols})


class Codec:
    """Names to slots and back, for one machine on networks of one capacity.

    Slots are given in the order of the machine's states and symbols; for a tuned network in the order of the machine
    that it was compiled from, since its weights have that order.

    Args:
        config: the networks' capacity, and the policy if they are tuned.
        machine: with all symbols of its input (`Start.of(machine, input).machine`).

    Raises:
        CapacityError: if the machine does not fit.
        InputError: if a tuned network is none of this machine.

    >>> codec = Codec(NetworkConfig.of(states=2, symbols=2), Machine.read("blank: 0\\nA 0 -> B 1 R"))
    >>> [codec.text(token) for token in codec.prompt("1").tokens]
    ['<bos>', 'A0:1RB', '[1]', '<run A>']
    """

    def __init__(self, config: NetworkConfig, machine: Machine) -> None:
        machine = _in_slot_order(config, machine)
        require_capacity(config, machine)
        self.config, self.machine = config, machine
        self.vocabulary = machine_vocabulary(config.states, config.symbols, config.tapes, config.code)
        self._state = {name: slot for slot, name in enumerate(machine.states)}
        self._symbol = {name: slot for slot, name in enumerate(machine.symbols)}
        self.stop = self.vocabulary.token("STOP")

    # -- names to tokens ---------------------------------------------------------------------------------------------

    def slots(self, rule: Rule | Example) -> tuple[int, tuple[int, ...], dict[str, int]]:
        """The slots of a rule: its state, the symbols read, and the values of its action's fields.

        A wildcard is slot -1.
        """
        idle = (0,) * (self.config.tapes - self.machine.tapes)
        state = -1 if rule.state is None else self._state[rule.state]
        symbols = tuple(-1 if a is None else self._symbol[a] for a in rule.read) + idle
        return state, symbols, self._action(rule, idle)

    def _action(self, rule: Rule | Example, idle: tuple[int, ...]) -> dict[str, int]:
        next_state = self._state[rule.next_state]
        symbols = tuple(self._symbol[b] for b in rule.write) + idle
        moves = tuple(MOVES.index(m) for m in rule.moves) + tuple(MOVES.index("S") for _ in idle)
        if self.config.code == "factored":
            tapes = range(1, self.config.tapes + 1)
            action = {"next": next_state} | {f"write {i}": b for i, b in zip(tapes, symbols, strict=True)}
            return action | {f"move {i}": m for i, m in zip(tapes, moves, strict=True)}
        radices = [self.config.symbols] * self.config.tapes + [len(MOVES)] * self.config.tapes
        number = next_state
        for digit, radix in zip(symbols + moves, radices, strict=True):
            number = number * radix + digit
        return {"action": number}

    def example(self, example: Rule | Example) -> tuple[int, ...]:
        """The token of an in-context example."""
        state, read, action = self.slots(example)
        return self.vocabulary.token("EXAMPLE", state + 1, *(a + 1 for a in read), *action.values())

    def step(self, rule: Rule) -> tuple[int, ...]:
        """The token of a step taken."""
        state, read, action = self.slots(rule)
        return self.vocabulary.token("STEP", state, *read, *action.values())

    def examples(self, rules: Iterable[Rule | Example]) -> list[tuple[int, ...]]:
        """The tokens of examples; one of weight n stands n times.

        Raises:
            InputError: for examples that are none of this machine's.
            CapacityError: for different actions in one situation, if the code is factored.
        """
        examples = checked_examples(self.machine, rules)
        require_one_action(self.config, examples)
        return [token for rule in examples for token in [self.example(rule)] * (rule.weight or 1)]

    def start(self, input: Input | Start = "", head: Heads = 0) -> Start:
        """How a run of the codec's machine starts; a start of this very machine is not looked at a second time.

        Raises:
            InputError: for an input or a head that does not fit the machine, and for symbols that have no slots.
        """
        if isinstance(input, Start):
            if input.machine is self.machine:
                return input
            return self.start(input.input, input.head)
        start = Start.of(self.machine, input, head)
        if without := [symbol for symbol in start.machine.symbols if symbol not in self._symbol]:
            hint = "make the codec of the machine with its input: Codec(config, Start.of(machine, input).machine)"
            symbols = " ".join(map(quoted, without))
            raise InputError(Problem("the codec has no slots for symbols of this input", found=symbols, hint=hint))
        return start

    def prompt(
        self,
        input: Input | Start = "",
        *,
        head: Heads = 0,
        examples: Iterable[Rule | Example] | None = None,
    ) -> Prompt:
        """The prompt of a run: `<bos> examples... cells... shifts... <run q0>`.

        Args:
            input: as for `tm.simulate`: a string or a list of symbols; for several tapes a list of those. Or a start.
            head: the start cell, or one for each tape; a start has its own.
            examples: the examples to show; None: all the machine's rules, on a tuned network none: it has them in
                its weights.

        Raises:
            InputError: for an input, a head or an example that does not fit the machine.
        """
        start = self.start(input, head)
        cells, head_cells = start.input, start.head
        if examples is None:
            examples = self.machine.rules if self.config.kind == "base" else ()
        examples = list(examples)
        self._require_length(sum(map(len, cells)) + sum(map(abs, head_cells)), examples)
        token = self.vocabulary.token
        shown = np.array([token("BOS"), *self.examples(examples)], dtype=np.int64)
        shifts = [np.tile(token("SHIFT", 2 * i + (cell > 0)), (abs(cell), 1)) for i, cell in enumerate(head_cells)]
        run = np.array([token("RUN", self._state[self.machine.start])], dtype=np.int64)
        end = len(shown) + sum(map(len, cells))
        tokens = np.empty((end + sum(map(len, shifts)) + 1, self.vocabulary.width), dtype=np.int64)
        tokens[: len(shown)], tokens[end:] = shown, np.concatenate([*shifts, run])
        first = len(shown)
        for tape, symbols in enumerate(cells):  # which may be long: written where they are to stand
            slots = range(tape * self.config.symbols, (tape + 1) * self.config.symbols)
            written = np.array([token("CELL", slot) for slot in slots], dtype=np.int64)  # by symbol
            written.take(self.symbol_slots(symbols), 0, tokens[first : first + len(symbols)], "clip")
            first += len(symbols)
        return Prompt(tokens, self.stop)

    def symbol_slots(self, symbols: Sequence[str]) -> NDArray[np.int64]:
        """The slots [n] of symbols. Raises KeyError for one that has none.

        >>> machine = Machine.read("blank: 0\\nA 0 -> B 1 R")
        >>> Codec(NetworkConfig.of(states=2, symbols=2), machine).symbol_slots("101")
        array([1, 0, 1])
        """
        if len(symbols) >= MANY and all(len(symbol) == 1 for symbol in {*self.machine.symbols, *symbols}):
            known = np.array([ord(symbol) for symbol in self.machine.symbols])
            slots = np.full(known.max() + 2, -1)
            slots[known] = np.arange(len(known))
            codes = np.frombuffer("".join(symbols).encode("utf-32-le", "surrogatepass"), np.uint32)
            if (found := slots[np.minimum(codes, known.max() + 1)]).min() >= 0:
                return found
        return np.fromiter(map(self._symbol.__getitem__, symbols), np.int64, len(symbols))

    @staticmethod
    def _require_length(rest: int, examples: list[Rule | Example]) -> None:
        weights = (getattr(example, "weight", None) for example in examples)
        length = rest + sum(weight if isinstance(weight, int) else 1 for weight in weights)
        if length > LONGEST:
            hint = "use smaller weights, a shorter input, or a start head nearer to cell 0"
            raise InputError(Problem("the prompt is too long", f"{LONGEST:,} tokens at most", f"{length:,}", hint))

    # -- tokens to names ---------------------------------------------------------------------------------------------

    def action(self, values: Sequence[int]) -> tuple[int, tuple[int, ...], tuple[int, ...]]:
        """The slots of an action from its field values: next state, symbols written, moves (-1, 0, 1)."""
        k = self.config.tapes
        if self.config.code == "joint":
            number = values[0]
            digits: list[int] = []
            for radix in [len(MOVES)] * k + [self.config.symbols] * k:
                number, digit = divmod(number, radix)
                digits.insert(0, digit)
            values = [number, *digits]
        return values[0], tuple(values[1 : 1 + k]), tuple(m - 1 for m in values[1 + k :])

    def rule(self, token: Sequence[int]) -> Example:
        """The situation and action that an EXAMPLE or STEP token names (idle tapes left out).

        Raises:
            ValueError: for a token of another kind.
        """
        kind, values = self.vocabulary.parse(token)
        if kind not in ("EXAMPLE", "STEP"):
            raise ValueError(f"a token of kind {kind} names no rule")
        n, wild = self.machine.tapes, int(kind == "EXAMPLE")
        next_state, writes, moves = self.action(values[1 + self.config.tapes :])
        state, *symbols = (v - wild for v in values[: 1 + self.config.tapes])
        return Example(
            None if state < 0 else self._state_name(state),
            tuple(None if a < 0 else self._symbol_name(a) for a in symbols[:n]),
            self._state_name(next_state),
            tuple(self._symbol_name(b) for b in writes[:n]),
            tuple(MOVES[m + 1] for m in moves[:n]),
        )

    def _state_name(self, slot: int) -> str:
        names = self.machine.states
        return names[slot] if slot < len(names) else f"(state {slot})"

    def _symbol_name(self, slot: int) -> str:
        names = self.machine.symbols
        return names[slot] if slot < len(names) else f"(symbol {slot})"

    def text(self, token: Sequence[int]) -> str:
        """A token as people read it: `A0:1RB` (an example), `A0>1RB` (a step), `[1]`, `<right>`, `<run A>`."""
        kind, values = self.vocabulary.parse(token)
        if kind in ("EXAMPLE", "STEP"):
            return situation_and_action(self.rule(token), ":" if kind == "EXAMPLE" else ">")
        if kind == "RUN":
            return f"<run {_name(self._state_name(values[0]))}>"
        if kind == "CELL":
            tape, symbol = divmod(values[0], self.config.symbols)
            return f"[{self._tape(tape, ' ')}{_name(self._symbol_name(symbol))}]"
        if kind == "SHIFT":
            tape, right = divmod(values[0], 2)
            return f"<{'right' if right else 'left'}{self._tape(tape, '', ' ')}>"
        return f"<{kind.lower()}>"

    def _tape(self, tape: int, after: str, before: str = "") -> str:
        return f"{before}{tape + 1}{after}" if self.machine.tapes > 1 else ""


def situation_and_action(rule: Rule | Example, sign: str) -> str:
    """`A0>1RB`; with longer names, or several tapes, `right/0,_>1,_/R,S/carry`. A wildcard is a bare `*`."""
    state, read = _name(rule.state), [_name(symbol) for symbol in rule.read]
    write, next_state = [_name(symbol) for symbol in rule.write], _name(rule.next_state)
    if all(len(name) == 1 for name in (state, *read, *write, next_state)) and len(read) == 1:
        return f"{state}{read[0]}{sign}{write[0]}{rule.moves[0]}{next_state}"
    return f"{state}/{','.join(read)}{sign}{','.join(write)}/{','.join(rule.moves)}/{next_state}"


def _name(name: str | None) -> str:
    """A name as a token's text has it: in quotes where it could be taken for something else."""
    if name is None:
        return ANY
    text = quoted(name)
    return json_shown(name) if text == name and re.search(r"[:>/\[\]]", name) else text
