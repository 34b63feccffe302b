"""`certify_llama`: why a stock Llama is exact in a number format, lemma by lemma, and for how many words.

Each lemma is an inequality between numbers that follow from the weights, the format, the kind of attention and the
number n of words of prompt and run; docs/llama.md has the argument that they make together. They are about prompts
without errors in them, with one `<bos>`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import torch
from torch.nn import functional

from construction.certificate import Lemma, Violation
from construction.certificate.lemmas import Verdict
from construction.llama.arithmetic import FLOAT32, LlamaArithmetic, clocks, gap
from construction.llama.blueprint import LlamaBlueprint
from construction.llama.config import HEAD_DIM, LlamaConfig
from construction.llama.frame import frame_violations
from construction.llama.gadgets import AND, BETA, CONSTANT, GAIN, SCALE, SINK, UNIT
from construction.llama.network import draw_llama
from construction.llama.transformer import ATTENTIONS, FORMATS, LlamaTransformer
from construction.llama.unembedding import CONTRADICTION
from tm import InputError, Problem
from tm.integers import is_integer

__all__ = ["LlamaCertificate", "certified_words", "certify_llama"]

PAIRS = HEAD_DIM // 2
"""Rotary pairs of a head: channel i turns with i + PAIRS."""
NEGLIGIBLE = 2.0**-24
"""What is added to a bit and less than this vanishes when the sum is rounded, in every format."""
PER_VISIT = 3
"""Words of a visit to a cell, so that no cell has more than n / 3. READ counts the tokens that wrote to the cell: an
action of the run, a step of three words; at most one symbol of the input, and one situation right behind it, which
posts nothing; these have two words each, and <bos> and the start are three more."""
PER_USE = 2
"""Words of a use of a rule, so that none has more than n / 2. DECIDE counts the actions that followed a situation: in
the run, with an address, but also in the prompt, where a rule may be given as often as one likes."""


@dataclass(frozen=True)
class LlamaCertificate(Verdict):
    """Whether a stock Llama is exact for so many words, and why.

    If `holds`: for every machine within the capacity and every prompt of it without errors, every word generated within
    `words` words of prompt and run is the simulator's.

    Attributes:
        config: what the network is.
        dtype: the number format, by name.
        attention: "sdpa" or "eager".
        words: what was asked for.
        violations: the weights that are not as drawn, the first hundred of them.
        lemmas: the frame as the first of them, then the others.
        largest: the most words that are certified; 0 if none are.
        beyond: the lemma that fails first beyond.
    """

    config: LlamaConfig
    dtype: str
    attention: str
    words: int
    violations: tuple[Violation, ...]
    lemmas: tuple[Lemma, ...]
    largest: int
    beyond: str


def certify_llama(network: LlamaTransformer, *, words: int | None = None) -> LlamaCertificate:
    """Check a Llama's weights, and every lemma for its number format, its kind of attention and a number of words.

    Args:
        network: from `llama_network`.
        words: the most words of prompt and run; None: as many as are certified.

    Raises:
        InputError: for a network that is no Llama of this construction, or a number that is none.

    >>> from construction.llama import llama_network
    >>> certificate = certify_llama(llama_network(dtype=torch.bfloat16))
    >>> certificate.holds, certificate.largest, certificate.beyond
    (True, 131072, 'context')
    """
    _require(network, words)
    blueprint = draw_llama(network.config)
    count, violations = frame_violations(blueprint, network)
    setting = _Setting(blueprint, LlamaArithmetic.of(network.dtype), network.attention)
    largest, beyond = (setting.largest()) if not count else (0, "frame")
    asked = words or largest or 1
    says = "each weight of the checkpoint is what the construction draws"
    frame = Lemma(1, "frame", says, "weights not as drawn = 0", Fraction(count), Fraction(0))
    return LlamaCertificate(
        config=network.config,
        dtype=str(network.dtype).removeprefix("torch."),
        attention=network.attention,
        words=asked,
        violations=violations,
        lemmas=(frame, *setting.lemmas(asked)),
        largest=largest,
        beyond=beyond,
    )


def certified_words(network: LlamaTransformer) -> tuple[int, str]:
    """The most words of prompt and run that are certified, and the lemma that fails first beyond.

    >>> from construction.llama import llama_network
    >>> certified_words(llama_network())
    (131072, 'context')
    """
    certificate = certify_llama(network, words=1)
    return certificate.largest, certificate.beyond


def _require(network: object, words: int | None) -> None:
    if not isinstance(network, LlamaTransformer):
        raise InputError(Problem("no Llama of this construction", "one from llama_network", type(network).__name__))
    problems = []
    if network.dtype not in FORMATS.values():
        found = str(network.dtype).removeprefix("torch.")
        problems.append(Problem("nothing is certified in this number format", ", ".join(FORMATS), found))
    if network.attention not in ATTENTIONS:
        problems.append(Problem("no such kind of attention", " or ".join(ATTENTIONS), repr(network.attention)))
    if words is not None and not is_integer(words, 1):
        problems.append(Problem("words is a positive integer", "1 or more", repr(words)))
    if problems:
        raise InputError(*problems)


@dataclass(frozen=True)
class _Setting:
    """What the lemmas depend on, but for the number of words."""

    blueprint: LlamaBlueprint
    arithmetic: LlamaArithmetic
    attention: str

    @property
    def config(self) -> LlamaConfig:
        return self.blueprint.config

    def lemmas(self, words: int) -> list[Lemma]:
        """All lemmas but the frame; beyond the context only that one."""
        within = min(words, self.config.context)
        rest = [
            lemma(number, name, says, inequality, left, right)
            for number, (name, says, inequality, left, right) in enumerate(self._inequalities(within), 3)
        ]
        says = "positions do not go beyond what the checkpoint declares"
        return [lemma(2, "context", says, "n <= context", words, self.config.context), *rest]

    def largest(self) -> tuple[int, str]:
        """The most words for which all lemmas hold, and what fails beyond."""
        low, high = 0, self.config.context + 1  # low holds (or is 0), high does not
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if all(one.holds for one in self.lemmas(middle)) else (low, middle)
        return low, next(one.name for one in self.lemmas(high) if not one.holds)

    def _inequalities(self, n: int) -> Iterator[tuple[str, str, str, float, float]]:
        """Name, what it says, inequality, left and right of each lemma, for n words."""
        config, arithmetic = self.config, self.arithmetic
        yield (
            "norm",
            "all bits together are too small for the mean square to see, whatever the order of the sum",
            "sum of squares of all bits <= C^2 2^-24 / u^2",
            self._squares(),
            CONSTANT**2 * FLOAT32 / float(UNIT) ** 2,
        )
        logits = OFFSET_LOGITS * gap(n, config.frequencies, config.context)
        yield (
            "clocks",
            "offset heads: the token asked for leads every other by more than rounding can take back",
            "2 off + ln n + 24 ln 2 <= 256 gap(n)",
            2 * self._clock_error(n) + math.log(n) + 24 * math.log(2),
            logits,
        )
        turned = n * config.frequencies[self._fastest_content()]
        says = "content channels stand still: the cosine of the angle by which they turn rounds to 1"
        yield "stillness", says, "n w <= 2^-13", turned, 2.0**-13
        says = "whole scores are numbers of the format, so that rounding them changes nothing"
        compared = max(config.address_bits, config.state_bits + config.symbol_bits + 2)
        yield "whole scores", says, "2 bits <= 2^p", 2 * compared, 2.0**arithmetic.bits
        says = "equal keys have equal weights to the bit: postings of consecutive tokens add up to -1, 0 or 1 of them"
        yield "ledger", says, "drift of a score < last place of 9.5 / 2", self._drift(n), float(SINK) * FLOAT32 / 2
        says = "READ: what is not the cell under the head weighs too little to be seen"
        wrong = GAIN * 2 * n * math.exp(-2 * BETA / SCALE - float(SINK))
        yield "leak of READ", says, "2^15 n exp(-64 - 9.5) <= 2^-24", wrong, NEGLIGIBLE
        says = "a bit of a cell still reads as a quarter after n / 3 visits, and becomes 2"
        yield "visits", says, "1/4 <= read(n / 3)", 0.25, self._read(n)
        says = "DECIDE: where no rule matches the sink outweighs all; where one does, the sink is not seen"
        yield "leak of DECIDE", says, "n exp(-32) <= 2^-24", n * math.exp(-BETA / SCALE), NEGLIGIBLE
        says = "what AND units leave that do not hold"
        residue = len(self.blueprint.layers[0].units + self.blueprint.layers[1].units) * AND * math.exp(-AND)
        yield "AND units", says, "units * 32 exp(-32) <= 2^-24", residue, NEGLIGIBLE
        says = "the right situation has points left: its bits are off by t each after saturation"
        yield "situation", says, "bits t < 1/2", config.symbol_bits * self._saturated(), 0.5
        says = "the right action has points left: its bits are off by d each after DECIDE, with n / 2 uses of a rule"
        bits = config.state_bits + config.symbol_bits + 2
        yield "action", says, "bits d < 1/2", bits * self._decided(n), CONTRADICTION

    def _squares(self) -> float:
        """The sum of the squares of all directions but the constants, each at its largest, in units."""
        read = GAIN * math.exp(-float(SINK))
        largest = {"read": read, "cell": 2.25, "constant": 0.0, "unused": 0.0, "free": 0.0}
        spaces = self.blueprint.stream.spaces.values()
        return sum(
            largest.get(space.name, 1.0) ** 2 * (1 if space.type == "one-hot" else len(space)) for space in spaces
        )

    def _clock_error(self, n: int) -> float:
        """How far rounding moves a score of an offset head, in logits."""
        error = clocks(self.arithmetic.dtype, self.config.context).error(n)
        return error + (self.arithmetic.u * (8 * OFFSET_LOGITS + error) if self.attention == "eager" else 0.0)

    def _used_content(self) -> int:
        """Content channels of the head that uses most."""
        return max(len(head.contents) for layer in self.blueprint.layers for head in layer.heads)

    def _fastest_content(self) -> int:
        """The fastest rotary pair of a content channel in use."""
        channels = self.config.content_channels[: self._used_content()]
        return min(channel % PAIRS for channel in channels)

    def _drift(self, n: int) -> float:
        """How far apart the scores are, of one query, of keys in READ that are equal but for where they stand.

        Each channel of a key is turned into the other of its rotary pair, by up to n w. Where that one is not in use,
        the query has n w there itself; where it is the sink's, which is 0 in a match, the query has SINK SCALE. Where
        both are compared, they are 1 or -1: nothing happens up to half of a last place, and beyond, with rounding,
        three times the angle to each.
        """
        head = self.blueprint.layers[1].heads[0]
        channels, sink = {channel.number for channel in head.contents.values()}, head.contents["sink"].number
        drift = 0.0
        for pair in {channel % PAIRS for channel in channels}:
            angle = self._turned(n * self.config.frequencies[pair])
            if not {pair, pair + PAIRS} <= channels:
                drift += BETA / SCALE * angle**2
            elif sink % PAIRS == pair:
                drift += float(SINK) * angle + BETA / SCALE * angle**2
            elif angle > self.arithmetic.u / 2:
                drift += 6 * BETA / SCALE * angle
        return drift

    def _turned(self, angle: float) -> float:
        """The sine of a small angle as the tables have it, at the most: rounded, to 0 if it is small enough."""
        arithmetic = self.arithmetic
        return 0.0 if angle < arithmetic.tiny else angle * (1 + arithmetic.u + 4 * FLOAT32) + arithmetic.tiny

    def _read(self, n: int) -> float:
        """What a bit reads as after n / 3 visits, at the least.

        The weight of a visit is rounded (u, and tiny where it is no normal number), as are what it carries, what comes
        of it, and a posting (u each); softmax and sum are in float32, over n tokens.
        """
        epsilon, visits = math.exp(-float(SINK)), n / PER_VISIT
        weight = epsilon / (1 + visits * epsilon)
        lost = 4 * self.arithmetic.u + self.arithmetic.tiny / weight + n * FLOAT32
        return GAIN * weight * (1 - lost)

    def _saturated(self) -> float:
        """By how much a saturated bit is off 0 or 2: over all numbers of a 16-bit format, by a bound in float32."""
        dtype, most = self.arithmetic.dtype, GAIN * math.exp(-float(SINK)) * (1 + 8 * self.arithmetic.u)
        if dtype == torch.float32:
            return 4 * self.arithmetic.u * 2 * AND * most / 4 + 2 * 8 * math.exp(-8) / 4
        x = torch.arange(-(1 << 15), 1 << 15, dtype=torch.int32).to(torch.int16).view(dtype).float()
        x = torch.cat([torch.zeros(1), x[(x >= 0.25) & (x <= most)]])
        high, low = (functional.silu((2 * AND * x - threshold).to(dtype)).float() for threshold in (8, 16))
        found = ((high - low) / 4).to(dtype).float()
        return float((found - torch.where(x > 0, 2.0, 0.0)).abs().max())

    def _decided(self, n: int) -> float:
        """By how much a bit that DECIDE found is off 1 or -1, at the most, with n / 2 uses of a rule.

        Each use weighs one in so many, rounded (u, and tiny where it is no normal number); so is their sum, and what
        comes of it (u each); softmax and sum are in float32, over n tokens; <bos> and what does not match leak.
        """
        arithmetic, uses = self.arithmetic, n / PER_USE
        return 3 * arithmetic.u + uses * arithmetic.tiny + 2 * n * FLOAT32 + n * math.exp(-BETA / SCALE)


OFFSET_LOGITS = 256
"""Logits of a rotary pair in an offset head: OFFSET / SCALE."""


def lemma(number: int, name: str, says: str, inequality: str, left: float, right: float) -> Lemma:
    """A lemma with its numbers; strict where its inequality is."""
    sides = Fraction(left), Fraction(right)
    return Lemma(number, name, says, inequality, *sides, strict=" < " in inequality)
