"""Prompts for the stock Llama: what names become, what is said, and what is wrong with one that somebody wrote."""

from __future__ import annotations

import pytest

from construction.llama import LlamaCodec, LlamaConfig, Slots, require_prompt, tokens_of
from construction.llama.vocabulary import UNKNOWN
from tm import Machine, library

CONFIG = LlamaConfig()


@pytest.mark.parametrize(
    ("text", "states", "symbols"),
    [
        ("1RB1LB_1LA1RZ", "A=A B=B Z=Z", "0=0 1=1"),
        ("blank: 1\nA 1 -> B 0 R", "A=A B=B", "1=0 0=1"),
        ("C _ -> D 3 R", "C=C D=D", "_=0 3=3"),
        ("Z 0 -> halt 1 R", "Z=Z halt=A", "_=0 0=1 1=1"),
        ("go x -> stop y R\ngo _ -> back _ S\nback _ -> go x L", "go=A stop=Z back=B", "_=0 x=1 y=2"),
    ],
)
def test_names_become_letters(text: str, states: str, symbols: str):
    slots = Slots.of(CONFIG, Machine.read(text))
    assert " ".join(f"{name}={letter}" for name, letter in slots.state_letters.items()) == states
    given = [f"{name}={letter}" for name, letter in slots.symbol_digits.items()]
    assert len(set(slots.symbols.values())) == len(given)
    assert text.startswith("Z") or " ".join(given) == symbols


def test_every_library_machine_that_fits_keeps_its_words_apart():
    for name in library.names():
        machine = library.load(name)
        if machine.tapes == 1 and not machine.stochastic:
            slots = Slots.of(LlamaConfig.fitting(machine), machine)
            assert len(set(slots.states.values())) == len(machine.states)
            assert len(set(slots.symbols.values())) == len(machine.symbols)
            assert slots.symbols[machine.blank] == 0


def test_a_prompt_that_the_codec_writes_is_one():
    codec = LlamaCodec(CONFIG, library.load("increment"))
    text = codec.prompt("1011", 2)
    assert text.split("\n")[-2:] == ["@3 1", "A @2"]
    require_prompt(CONFIG, text)
    require_prompt(CONFIG, text + "\n" + " ".join([*codec.run("1011", 2)][:-2]))


def test_unknown_words_and_separators():
    assert tokens_of(CONFIG, "A0:1RB;\n what, A @0").tolist()[0].count(UNKNOWN) == 1
    assert tokens_of(CONFIG, "").tolist() == [[1]]
