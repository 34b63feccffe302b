"""`certify`: the frame and the lemmas of a network, for a decoder and a budget."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from construction.certificate.arithmetic import Arithmetic
from construction.certificate.bounds import Definition, Size, definitions
from construction.certificate.budget import BOUNDS, Budget, Setting
from construction.certificate.frame import Frame, read_frame
from construction.certificate.lemmas import Lemma, Verdict, lemmas
from construction.config import NetworkConfig
from construction.network import Network
from tm import InputError, Problem
from tm.html import Markup, card, code, details, facts, table
from tm.integers import is_integer

__all__ = ["Certificate", "certified_budget", "certify"]


@dataclass(frozen=True)
class Certificate(Verdict):
    """Whether a network is exact within a budget, and why.

    If `holds`: for every machine within the network's capacity, every input, every start cell and every run of at most
    `budget.tokens` tokens (the prompt's included) on cells no further than `budget.radius` from cell 0, this decoder
    generates the machine's steps and STOP where no rule applies (docs/proof.md).

    Attributes:
        config: what the network is.
        decoder: the decoder that the certificate is about.
        budget: what was asked for.
        frame: whether every weight is what it should be, and the parameters read out of the weights.
        lemmas: the frame as the first of them, then the others, each with its numbers.
        definitions: what the inequalities of the lemmas speak of, each with its formula and value.
        largest: the largest budget that would still be certified for runs that go as far as their tokens carry them.
        most_tokens: with the radius asked for; most_radius: with the tokens asked for.
    """

    config: NetworkConfig
    decoder: str
    budget: Budget
    frame: Frame
    lemmas: tuple[Lemma, ...]
    definitions: tuple[Definition, ...]
    largest: Budget
    most_tokens: int
    most_radius: int

    def _repr_html_(self) -> str:
        """The certificate as a notebook shows it: its verdict, its budgets and every lemma."""
        asked, largest = self.budget, self.largest
        about = [
            ("network", str(self.config)),
            ("decoder", self.decoder),
            ("budget", f"{asked.tokens:,} tokens, cells up to {asked.radius:,} from cell 0"),
            ("largest", f"{largest.tokens:,} tokens, cells up to {largest.radius:,} from cell 0"),
        ]
        if largest.tokens:
            beyond = f"{largest.beyond_tokens} (tokens), {largest.beyond_radius} (cells)"
            about.append(("beyond it, what fails first", beyond))
        rows = [
            (str(lemma.number), lemma.name, lemma.says, lemma.inequality, lemma.numbers, _verdict(lemma.holds))
            for lemma in self.lemmas
        ]
        lemmas = table(("", "lemma", "says", "inequality", "its numbers", ""), rows)
        wrong = [("wrong weight", str(violation)) for violation in self.frame.violations[:LISTED]]
        if self.holds:
            return str(card("certified", facts(about), details(f"all {len(rows)} lemmas hold", lemmas)))
        names = ", ".join(lemma.name for lemma in self.failing)
        return str(card(f"not certified, for want of: {names}", facts([*about, *wrong]), lemmas))


LISTED = 10
"""Wrong weights that a notebook shows."""


def _verdict(holds: bool) -> Markup:
    return code("holds" if holds else "FAILS", "made" if holds else "alarm")


def certify(
    network: Network, *, decoder: str = "dense", tokens: int | None = None, radius: int | None = None
) -> Certificate:
    """Check a network's weights and every lemma for a decoder and a budget.

    Args:
        network: from `base_network`, `compile_machine` or `load`.
        decoder: "dense", "streaming" or "kernels".
        tokens: the most tokens of a run, prompt included; None: as many as are certified.
        radius: the largest |cell| of a run; None: as large as is certified with so many tokens.

    Raises:
        InputError: for an unknown decoder or a budget that is none.
        TypeError: for a network without a configuration.

    >>> from construction import base_network
    >>> network = base_network(states=8, symbols=4)
    >>> certify(network, tokens=10**7, radius=10**5).holds
    True
    >>> [lemma.name for lemma in certify(network, tokens=10**9, radius=10**5).failing]
    ['position', 'saturation, absent', 'saturation, present']
    """
    _require(network, decoder, tokens, radius)
    frame = read_frame(network)
    setting = setting_of(network.config, frame, decoder)
    largest = setting.largest() if frame.holds else Budget(0, 0, "frame", "frame")
    asked_tokens = tokens or (setting.most_tokens(radius) if radius else largest.tokens) or 1
    asked_radius = radius or setting.most_radius(asked_tokens) or 1
    bounds = setting.bounds(asked_tokens, asked_radius)
    return Certificate(
        config=network.config,
        decoder=decoder,
        budget=Budget(asked_tokens, asked_radius),
        frame=frame,
        lemmas=(_frame_lemma(frame), *lemmas(bounds)),
        definitions=definitions(bounds),
        largest=largest,
        most_tokens=setting.most_tokens(asked_radius) if frame.holds else 0,
        most_radius=setting.most_radius(asked_tokens) if frame.holds else 0,
    )


def certified_budget(network: Network, decoder: str = "dense") -> Budget:
    """The budget that a run on a network may use up; of 0 tokens if its weights are not what they should be.

    The weights are compared at every call, which takes milliseconds; the budget is worked out once.

    >>> from construction import base_network
    >>> budget = certified_budget(base_network(states=8, symbols=4, dtype="float32"))
    >>> budget.tokens > 2_800, budget.beyond_tokens
    (True, 'position')
    """
    frame = read_frame(network)
    if not frame.holds:
        lemma = f"frame: {frame.violations[0]}"
        return Budget(0, 0, lemma, lemma)
    return setting_of(network.config, frame, decoder).largest()


def setting_of(config: NetworkConfig, frame: Frame, decoder: str) -> Setting:
    """What the lemmas depend on: the parameters that were read, the number format, the sizes and the decoder."""
    outputs = 1 if config.code == "joint" else 1 + 2 * config.tapes
    size = Size(config.tapes, outputs, 0 if config.policy is None else frame.units)
    return Setting(frame.constants, Arithmetic.of(config.number_format), size, decoder)


def _frame_lemma(frame: Frame) -> Lemma:
    says = f"each of the {frame.checked:,} weights is what the construction draws, {frame.nonzero:,} of them not zero"
    return Lemma(1, "frame", says, "weights not as drawn = 0", Fraction(frame.count), Fraction(0))


def _require(network: Network, decoder: str, tokens: int | None, radius: int | None) -> None:
    problems = []
    if decoder not in BOUNDS:
        problems.append(Problem("no such decoder", " or ".join(BOUNDS), repr(decoder)))
    elif decoder != "dense" and network.number_format == "bfloat16":
        problems.append(Problem(f"the {decoder} decoder has no bfloat16 arithmetic", "the dense decoder"))
    for name, value in (("tokens", tokens), ("radius", radius)):
        if value is not None and not is_integer(value, 1):
            problems.append(Problem(f"{name} is a positive integer", "1 or more", repr(value)))
    if problems:
        raise InputError(*problems)
