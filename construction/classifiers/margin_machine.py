"""The margin machine: a fixed network that learns a linear separator from labelled vectors in its prompt.

Its weights depend on its capacity alone. It generates the *numbers of examples*, a token a step of learning; what it
has learnt stands nowhere but in the attention that later tokens pay to these.

    <bos> examples [question]  ->  choices... <stop> <label>

With z_i = y_i x_i, T the choices so far, S the sum of their z, w = S / (T + 1) and u = 1 / (T + 1):

SIGN      z = y x, for every example
RECALL    a choice looks up the example of its number, and carries its z
AVERAGE   the mean over BOS (which carries 0) and the choices: w and u
WORST     which example has the least <w, z_i>? That is the choice, unless even that one is good enough: STOP
ANSWER    after STOP: on which side of w is the question?

BOS is the sentinel: it says which share kappa of |w|^2 every margin must exceed, <w, z_i> > kappa |w|^2 + u / 2.
kappa = 0 is the perceptron: in integers it stops as soon as all <S, z_i> >= 1, after (R / rho)^2 tokens at most.
Any other kappa is Frank-Wolfe on min |v|^2 over the convex hull of the z_i, v = S / T and the step 1 / (T + 1), and it
stops with a certificate: the margin is at least kappa T / (T + 1) of the largest there is. Proof. The least norm in
the hull is the largest margin rho, so |v| >= rho; and <v, z_i> >= kappa T / (T + 1) |v|^2, over |v|. With `never`
there is no sentinel.
"""

from __future__ import annotations

from fractions import Fraction

import torch

from construction.blueprint import Blueprint, HeadPlan
from construction.classifiers.labelled_vectors import embed_coordinates
from construction.classifiers.margin_prompt import NEVER, SHARPNESS, MarginMachineConfig, margin_vocabulary
from construction.number_format import Numeric, parameter
from construction.residual import Direction, ResidualStream
from construction.transformer import Transformer

__all__ = ["MARGIN_BLOCKS", "draw_margin_machine", "margin_machine"]

MARGIN_BLOCKS = ("SIGN", "RECALL", "AVERAGE", "WORST", "ANSWER")
BETA = parameter("beta")
SHARP = Fraction(SHARPNESS, 128) * BETA  # tells margins apart that differ by u / (4 n): see `certified_tokens`
FAR = 2**26  # no score over SHARP is this large: a product is 2^24 at most, and kappa |w|^2 too


def margin_machine(
    dimensions: int, examples: int, levels: int, *, slack: int = 0, device: torch.device | str | None = None
) -> Transformer:
    """The one fixed network that learns any separator of so many dimensions from up to so many examples.

    float64 only: in float32 a sum of a few hundred products is not exact to the quarter that tells margins apart.

    Args:
        dimensions: coordinates of a vector; a bias is a coordinate that is the same in all.
        examples: how many it can tell apart; a power of two.
        levels: coordinates are integers from -levels to levels.
        slack: 0 asks for a separator. s > 0 gives every example a private coordinate of size s, which makes all
            examples separable: the largest margin is then the support vector machine with squared hinge loss and
            C = 1 / (2 s^2), which is what scikit-learn's LinearSVC solves.
        device: where to build it.

    Raises:
        CapacityError: for sizes that make no network.

    >>> network = margin_machine(dimensions=2, examples=4, levels=3)
    >>> [len(block.mlp.W_out) for block in network.blocks]
    [4, 0, 4, 2, 0]
    """
    config = MarginMachineConfig(dimensions=dimensions, examples=examples, levels=levels, slack=slack)
    return draw_margin_machine(config).network(config, device=device)


def draw_margin_machine(config: MarginMachineConfig) -> Blueprint:
    """The blueprint: every non-zero weight with the sentence that justifies it."""
    blueprint = Blueprint(margin_vocabulary(config), _residual_stream(config), MARGIN_BLOCKS)
    _embed(blueprint)
    _embed_numbers(blueprint, config)
    _sign(blueprint)
    _recall(blueprint)
    _average(blueprint)
    _worst(blueprint, config)
    _answer(blueprint)
    _unembed(blueprint)
    return blueprint


def _residual_stream(config: MarginMachineConfig) -> ResidualStream:
    stream, coordinates = ResidualStream(), [str(j) for j in range(1, config.dimensions + 1)]
    private = [str(i) for i in range(config.examples)] if config.slack else []
    for flag in ("one", "bos", "never", "example", "question", "choice", "at stop"):
        stream.add(flag, "flag")
    stream.add("kappa", "fraction")
    for integer in ("y", "number", "number squared", "pointer"):
        stream.add(integer, "integer")
    stream.add("x", "integer", coordinates)
    stream.add("z", "integer", coordinates)
    stream.add("private", "integer", private)
    stream.add("w", "fraction", coordinates)
    stream.add("w private", "fraction", private)
    for fraction in ("u", "w squared", "worst", "worst squared", "stop", "positive", "negative"):
        stream.add(fraction, "fraction")
    return stream


def _embed(blueprint: Blueprint) -> None:
    stream, vocabulary = blueprint.stream, blueprint.vocabulary
    for kind in vocabulary.kinds.values():
        blueprint.embed(kind.row, {stream["one"].only: 1}, "Every token carries a 1: the network has no biases.")
    sentinel: dict[Direction, Numeric] = {stream["bos"].only: 1, stream["number"].only: -1}
    blueprint.embed(vocabulary["BOS"].row, sentinel, "BOS is the sentinel; as an example it would be number -1.")
    certify = vocabulary["BOS"]["certify"]
    for index, share in enumerate(certify.labels):
        if share == NEVER:
            blueprint.embed(certify.row(index), {stream["never"].only: 1}, "A sentinel that is never reached.")
        else:
            because = "kappa, the share of |w|^2 that every margin must exceed."
            blueprint.embed(certify.row(index), {stream["kappa"].only: Fraction(share)}, because)
    label = vocabulary["EXAMPLE"]["label"]
    blueprint.embed(label.row(0), {stream["question"].only: 1}, "An example whose label is not known is a question.")
    for index, y in ((1, -1), (2, 1)):
        signed: dict[Direction, Numeric] = {stream["example"].only: 1, stream["y"].only: y}
        blueprint.embed(label.row(index), signed, "A labelled example carries its sign.")
    embed_coordinates(blueprint, "EXAMPLE", stream["x"])
    blueprint.embed(vocabulary["CHOICE"].row, {stream["choice"].only: 1}, "A choice counts in the mean.")
    blueprint.embed(vocabulary["STOP"].row, {stream["at stop"].only: 1}, "After STOP comes the answer.")


def _embed_numbers(blueprint: Blueprint, config: MarginMachineConfig) -> None:
    stream, example, choice = (
        blueprint.stream,
        blueprint.vocabulary["EXAMPLE"]["number"],
        blueprint.vocabulary["CHOICE"]["number"],
    )
    for i in range(config.examples):
        numbered: dict[Direction, Numeric] = {stream["number"].only: i, stream["number squared"].only: i * i}
        blueprint.embed(
            example.row(i + 1), numbered, "An example is known by its number; the square serves the look-up."
        )
        blueprint.embed(choice.row(i), {stream["pointer"].only: i}, "A choice points to an example by its number.")
        if config.slack:
            for row in (example.row(i + 1), choice.row(i)):
                private: dict[Direction, Numeric] = {stream["private"][i]: config.slack}
                blueprint.embed(
                    row, private, "The private coordinate, which no other example has: what makes all separable."
                )


def _sign(blueprint: Blueprint) -> None:
    """z = y x = relu(y) x - relu(-y) x. A question has y = 0 and so z = 0."""
    stream, block = blueprint.stream, blueprint.blocks["SIGN"]
    block.head("SIGN")
    because = "z = y x: whatever the labels, a separator's margins <w, z> are to be positive."
    for x, z in stream["x"].pairs(stream["z"]):
        for sign, name in ((1, "+"), (-1, "-")):
            gate: dict[Direction, Numeric] = {stream["y"].only: sign}
            block.feed_forward.unit(f"{name}{x.name}", gate=gate, times={x: 1}, out={z: sign}, because=because)


def _recall(blueprint: Blueprint) -> None:
    """A choice of number p attends to example p; any other token attends to BOS, which carries nothing.

    Proof. Scores over beta. To a choice, example c is worth 2pc - c^2 = p^2 - (p - c)^2: p^2 >= 0 for c = p, at most
    p^2 - 1 for another; a token that is no example is worth -1, BOS -2. To any other token BOS is worth 1 and the
    rest 0. So the right token leads by 1, and all others weigh at most (number of tokens) * exp(-beta).
    """
    stream, head = blueprint.stream, blueprint.blocks["RECALL"].head("RECALL")
    one, bos, choice, example = (stream[name].only for name in ("one", "bos", "choice", "example"))
    pointer, number, squared = (stream[name].only for name in ("pointer", "number", "number squared"))
    head.query({choice: BETA}, "square", "A choice looks for its number p; any other token asks nothing.")
    head.key({squared: -1, one: -1, example: 1}, "square", "-c^2, and -1 for a token that is no example.")
    head.query({pointer: 2 * BETA}, "number", "2pc - c^2 is largest at c = p.")
    head.key({number: 1}, "number", "An example answers with its number.")
    head.query({one: BETA, choice: -2 * BETA}, "sink", "What is no choice attends to BOS.")
    head.key({bos: 1}, "sink", "BOS carries no z.")
    for z in stream["z"]:
        head.move(z, z, "A choice carries the z of its example.")


def _average(blueprint: Blueprint) -> None:
    """w = S / (T + 1) and u = 1 / (T + 1), the means over BOS and the choices; and |w|^2.

    Proof. BOS and the choices score 0 and any other token -SHARP, whose exponential is 0 in float64.
    """
    stream, block = blueprint.stream, blueprint.blocks["AVERAGE"]
    head, bos = block.head("AVERAGE"), stream["bos"].only
    head.query({stream["one"].only: SHARP}, "members", "Every query asks for BOS and the choices alike.")
    members: dict[Direction, Numeric] = {stream["one"].only: -1, bos: 1, stream["choice"].only: 1}
    head.key(members, "members", "Anything but BOS and a choice is left out.")
    means = [*stream["z"].pairs(stream["w"]), *stream["private"].pairs(stream["w private"])]
    for z, w in means:
        head.move(z, w, "w, the mean of the z of all choices so far, and of BOS's 0.")
    head.move(bos, stream["u"].only, "u = 1 / (T + 1), the share of BOS.")
    because = "|w|^2: relu(w) w + relu(-w) (-w), summed over the coordinates."
    for _, w in means:
        for sign, name in ((1, "+"), (-1, "-")):
            signed: dict[Direction, Numeric] = {w: sign}
            out: dict[Direction, Numeric] = {stream["w squared"].only: 1}
            block.feed_forward.unit(f"{w.name}^2, {name}", gate=signed, times=signed, out=out, because=because)


def _worst(blueprint: Blueprint, config: MarginMachineConfig) -> None:
    """The number of the example with the least <w, z_i>, and whether the sentinel lies below even that one.

    Proof. Scores over SHARP: example i is worth -<w, z_i> - i u / (4 n), so of equal margins the first is taken; two
    examples differ by u / (4 n) or more, for <w, z_i> / u is an integer. BOS is worth -kappa |w|^2 - u / 2. With
    kappa = 0 an example with <S, z_i> <= 0 is worth more than -u / 4 and one with <S, z_i> >= 1 at most -u: the
    sentinel leads or trails by u / 4. `certified_tokens` says for how many tokens SHARP is enough, rounding included.
    """
    stream, block = blueprint.stream, blueprint.blocks["WORST"]
    one, bos, worst = stream["one"].only, stream["bos"].only, stream["worst"].only
    choosing, stopping = block.head("WORST"), block.head("STOP")
    for head in (choosing, stopping):
        _ask_for_margins(blueprint, head, -SHARP, "The worst margin <w, z> scores highest.")
        because = "Of equal margins the example with the smallest number leads, by u / (4 n) each."
        head.query({stream["u"].only: SHARP}, "share", because)
        head.key({stream["number"].only: Fraction(-1, 4 * config.examples)}, "share", because)
        head.query({one: SHARP}, "far", "What is no example is out of the question ...")
        head.key({one: -FAR, stream["example"].only: FAR}, "far", "... and loses more than any margin can make up for.")
    choosing.move(stream["number"].only, worst, "The number of the example with the worst margin.")
    stopping.query({stream["w squared"].only: -SHARP}, "kappa", "The sentinel's margin is kappa |w|^2 ...")
    stopping.key({stream["kappa"].only: 1}, "kappa", "... with the kappa that BOS names.")
    stopping.key(
        {bos: Fraction(-1, 2) - Fraction(1, 4 * config.examples)},
        "share",
        "... + u / 2 (as number -1, it has u / (4 n)).",
    )
    stopping.key(
        {bos: FAR, stream["never"].only: -FAR}, "far", "Here the sentinel competes, unless it is never to win."
    )
    stopping.move(bos, stream["stop"].only, "Every margin is larger than the sentinel's: stop.")
    because = "The square of the number, for the parabola of the read-out."
    for sign, name in ((1, "+"), (-1, "-")):
        signed: dict[Direction, Numeric] = {worst: sign}
        out: dict[Direction, Numeric] = {stream["worst squared"].only: 1}
        block.feed_forward.unit(f"worst^2, {name}", gate=signed, times=signed, out=out, because=because)


def _ask_for_margins(blueprint: Blueprint, head: HeadPlan, sharpness: Numeric, because: str) -> None:
    stream = blueprint.stream
    for z, w in [*stream["z"].pairs(stream["w"]), *stream["private"].pairs(stream["w private"])]:
        head.query({w: sharpness}, z.name, because)
        head.key({z: 1}, z.name, "An example answers with its z.")


def _answer(blueprint: Blueprint) -> None:
    """On which side of w is the question? The question itself answers if <w, x> >= 0, else BOS.

    Proof. Scores over SHARP: the question is worth <w, x> + u / 4, BOS 0, the rest -FAR + <w, x'>. <w, x> / u is an
    integer, so one of the two leads by u / 4; a question on the plane itself counts as positive.
    """
    stream, head = blueprint.stream, blueprint.blocks["ANSWER"].head("ANSWER")
    one, bos, question = (stream[name].only for name in ("one", "bos", "question"))
    for x, w in stream["x"].pairs(stream["w"]):
        head.query({w: SHARP}, x.name, "On which side of the separator?")
        head.key({x: 1}, x.name, "The question answers with its x; BOS has none, and scores 0.")
    head.query({stream["u"].only: SHARP}, "share", "A question on the plane itself ...")
    head.key({question: Fraction(1, 4)}, "share", "... counts as positive.")
    head.query({one: SHARP}, "far", "Only the question and BOS are asked.")
    head.key({one: -FAR, question: FAR, bos: FAR}, "far", "Examples and choices keep out.")
    head.move(question, stream["positive"].only, "The question outscores BOS: positive.")
    head.move(bos, stream["negative"].only, "BOS outscores the question: negative.")


def _unembed(blueprint: Blueprint) -> None:
    """P(token) = relu(logit): a choice has 1 - stop - (its number - the worst)^2, STOP has stop; after STOP a label."""
    stream, vocabulary = blueprint.stream, blueprint.vocabulary
    one, stop, after = stream["one"].only, stream["stop"].only, stream["at stop"].only
    worst, squared = stream["worst"].only, stream["worst squared"].only
    for kind in ("BOS", "EXAMPLE"):
        blueprint.unembed({one: -1}, vocabulary[kind].row, "A prompt's token is never generated.")
    because = "1 - (i - p)^2 = 1 - i^2 + 2ip - p^2 is 1 for the worst example's number and at most 0 for another."
    choice = vocabulary["CHOICE"]
    blueprint.unembed({one: 1, squared: -1}, choice.row, because)
    blueprint.unembed({stop: -1, after: -1}, choice.row, "Nothing is chosen when it is time to stop, or after.")
    for i in range(len(choice["number"].labels)):
        blueprint.unembed({worst: 2 * i, one: -i * i}, choice["number"].row(i), because)
    blueprint.unembed({stop: 1, after: -1}, vocabulary["STOP"].row, "STOP, once, when all margins are large enough.")
    label = vocabulary["LABEL"]
    blueprint.unembed({one: -1, after: 1}, label.row, "The label comes after STOP, and only there.")
    blueprint.unembed({stream["negative"].only: 1}, label["label"].row(0), "The question is on the negative side.")
    blueprint.unembed({stream["positive"].only: 1}, label["label"].row(1), "The question is on the positive side.")
