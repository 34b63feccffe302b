"""One step of text: a context in, the next token out. How many examples, promised and measured?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compiled_models.elicit.bounds import (
    asymptotic_tv,
    examples_asymptotically,
    examples_for_all_contexts,
    examples_for_mixed_contexts,
    expected_tv,
    mixed_contexts_tv,
    paper_text_epsilon,
    paper_text_examples,
    tight_text_rate,
    tv_with_confidence,
)
from compiled_models.elicit.data.streams import stream
from compiled_models.elicit.learning.fixed_networks import outcome_actions, random_policy, situations
from compiled_models.elicit.learning.prompted import PromptedPolicy
from compiled_models.elicit.report.chart import Chart, Roles
from compiled_models.elicit.report.cost import one_thread
from compiled_models.elicit.report.estimate import Estimate, mean_of, share_of, slope_of
from compiled_models.elicit.report.experiment import Experiment, Progress, silent
from compiled_models.elicit.report.spread import spread
from compiled_models.elicit.report.table import Table
from compiled_models.workers import Workers
from tm.policy import Policy
from tm.text import counted

__all__ = ["TextQuestion", "text_experiment", "uniform_text_experiment"]

TUNED = 3  # datasets of each size on which a network is tuned as well
AT_ONCE = 25  # datasets that are put into the prompt together
MIXED = 50  # datasets, at most, whose contexts are drawn as well
EXACT = 1e-12
COLUMNS = (
    "examples of each context",
    "examples",
    "mean TV",
    "bound on the mean",
    "worst context, 1 - delta",
    "bound, 1 - delta",
    "paper's epsilon",
    "TV to tuned",
    "off the counter",
)
UNIFORM_CONTEXTS, DELTA = 4, 0.05
SIZES = [50, 100, 200, 500, 1000, 2000, 5000]
UNIFORM_COLUMNS = (
    "V",
    "n",
    "mean TV",
    "95 % of TV",
    "bound on the mean",
    "bound, 95 %",
    "asymptote",
    "paper's epsilon",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextQuestion:
    """What is asked: to come within epsilon of the policy in every context, with probability 1 - delta."""

    contexts: int = 12
    vocabulary: int = 8
    epsilon: float = 0.1
    delta: float = 0.05
    uniform: bool = False

    @property
    def examples(self) -> int:
        """How many examples the exact bound asks for."""
        return examples_for_all_contexts(self.contexts, self.vocabulary, self.epsilon, self.delta)

    def policy(self, random: np.random.Generator) -> Policy:
        """The policy that the data is from: random distributions, or the uniform one."""
        if not self.uniform:
            return random_policy(self.contexts, self.vocabulary, random)
        shares = np.full((self.contexts, self.vocabulary), 1 / self.vocabulary)
        return Policy.of(shares, situations(self.contexts), outcome_actions(self.vocabulary))


@dataclass(frozen=True, slots=True)
class _Sets:
    """Some datasets: `size` examples of each context, or all examples that the bound asks for, their contexts drawn."""

    question: TextQuestion
    seed: int
    size: int | None
    numbers: range

    def counts(self, policy: Policy) -> NDArray[np.int64]:
        """Of the policy's rules [datasets rules]."""
        return np.concatenate([self._one(policy, number) for number in self.numbers])

    def _one(self, policy: Policy, number: int) -> NDArray[np.int64]:
        if self.size is not None:
            return policy.draw_counts(self.size, 1, stream(self.seed, "examples", self.size, number))
        random, contexts = stream(self.seed, "mixed", number), self.question.contexts
        each = random.multinomial(self.question.examples, np.full(contexts, 1 / contexts))
        return policy.draw_counts(each.tolist(), 1, random)


@dataclass(frozen=True, slots=True)
class _Answers:
    """What the network does with some datasets: TV to the policy [datasets contexts], and the largest distances."""

    policy_tv: NDArray[np.float64]
    counter_error: float
    tuned_tv: float
    dense_tv: float


def text_experiment(
    question: TextQuestion,
    *,
    seed: int = 0,
    seeds: int = 200,
    workers: Workers | None = None,
    progress: Progress = silent,
) -> Experiment:
    """Draw datasets of several sizes, up to what the exact bound asks for, and put each into the prompt.

    >>> done = text_experiment(TextQuestion(contexts=3, vocabulary=2), seeds=20)
    >>> done.holds, done.facts["examples by the bound with its constants"]
    (True, 720)
    """
    n_c = question.examples // question.contexts
    sizes: list[int | None] = [*sorted({max(1, n_c // 2**i) for i in range(6)}), None]
    tasks = [sets for size in sizes for sets in _sets(question, seed, size, seeds if size else min(seeds, MIXED))]
    done = spread(_answers, tasks, workers=workers, progress=progress, description="datasets in the prompt")
    of = {size: [answers for task, answers in zip(tasks, done, strict=True) if task.size == size] for size in sizes}
    table = Table(COLUMNS)
    for size in filter(None, sizes):
        table.add(*_row(question, of[size], size))
    misses = share_of(int((_tv(of[n_c]).max(1) >= question.epsilon).sum()), seeds)
    dense = max(answers.dense_tv for answers in done)
    facts = _facts(question) | {
        "share of datasets of that size that missed epsilon (delta allowed)": misses,
        "mean TV, the same number with contexts drawn at random": mean_of(_tv(of[None]).mean(1)),
        "  bound": mixed_contexts_tv(question.contexts, question.vocabulary, question.examples),
        "largest TV to the network tuned on the same data": max(table["TV to tuned"]),
        "one dense run, each copy a token: TV to the run with counts": dense,
    }
    above = any(map(Estimate.surely_above, table["mean TV"], table["bound on the mean"]))
    exact = max(*table["TV to tuned"], *table["off the counter"], dense) < EXACT
    return Experiment(
        name="text",
        title=f"{counted(question.contexts, 'context')}, {question.vocabulary} tokens, epsilon {question.epsilon:g}, "
        f"delta {question.delta:g}: {counted(seeds, 'dataset')} of each size",
        facts=facts,
        table=table,
        charts=(_chart(table),),
        networks={"A": _prompted(question, seed).sha256},
        falsified_if="the mean is above its bound or more than delta miss epsilon (both beyond twice the interval), or "
        "TV to tuned is not 0",
        holds=bool(not above and not misses.surely_above(question.delta) and exact),
        options=_options(question, seed, seeds),
    )


def _options(question: TextQuestion, seed: int, seeds: int) -> dict[str, Any]:
    names = ("contexts", "vocabulary", "epsilon", "delta", "uniform")
    return {name: getattr(question, name) for name in names} | {"seed": seed, "seeds": seeds}


def _sets(question: TextQuestion, seed: int, size: int | None, count: int) -> list[_Sets]:
    """So many datasets of a size, some at a time."""
    return [
        _Sets(question, seed, size, range(first, min(first + AT_ONCE, count))) for first in range(0, count, AT_ONCE)
    ]


@one_thread()
def _answers(sets: _Sets) -> _Answers:
    """Put datasets into the prompt; tune a network on some, and run one of the largest size without merging copies."""
    prompted, size = _prompted(sets.question, sets.seed), sets.size
    answers = prompted(sets.counts(prompted.policy))
    tuned = [i for i, number in enumerate(sets.numbers) if number < TUNED and size is not None]
    largest = size == sets.question.examples // sets.question.contexts and sets.numbers.start == 0
    return _Answers(
        answers.policy_tv,
        answers.counter_error,
        max((prompted.tuned_tv(answers, i) for i in tuned), default=0.0),
        prompted.dense_tv(answers, 0) if largest else 0.0,
    )


@lru_cache(maxsize=2)
def _prompted(question: TextQuestion, seed: int) -> PromptedPolicy:
    return PromptedPolicy(question.policy(stream(seed, "policy")))


def _tv(done: Sequence[_Answers]) -> NDArray[np.float64]:
    """TV to the policy [datasets contexts]."""
    return np.concatenate([answers.policy_tv for answers in done])


def _row(question: TextQuestion, done: Sequence[_Answers], size: int) -> tuple[Any, ...]:
    m, v, delta, tv = question.contexts, question.vocabulary, question.delta, _tv(done)
    return (
        size,
        m * size,
        mean_of(tv.mean(1)),
        expected_tv(v, size),
        float(np.quantile(tv.max(1), 1 - delta)),
        tv_with_confidence(v, size, delta / m),
        paper_text_epsilon(m, v, m * size, delta),
        max(answers.tuned_tv for answers in done),
        max(answers.counter_error for answers in done),
    )


def _facts(question: TextQuestion) -> dict[str, Any]:
    m, v, epsilon, delta = question.contexts, question.vocabulary, question.epsilon, question.delta
    return {
        "paper rate (constant 1, natural log; the constant is not stated)": paper_text_examples(m, v, epsilon, delta),
        "examples by the bound with its constants": question.examples,
        "tight rate, m (V + ln(m / delta)) / eps^2, constant 1": tight_text_rate(m, v, epsilon, delta),
        "for the mean over random contexts, by the bound": examples_for_mixed_contexts(m, v, epsilon),
        "for the mean at uniform p, asymptotically": m * examples_asymptotically(v, epsilon),
    }


def _chart(table: Table) -> Chart:
    roles: Roles = {
        "worst context, 1 - delta": ("second", "worst context, 1 - delta quantile"),
        "mean TV": ("measured", "mean"),
        "bound, 1 - delta": ("bound", "bound for all contexts, 1 - delta"),
        "bound on the mean": "asymptote",
        "paper's epsilon": ("paper", "paper's rate, constant 1"),
    }
    title = "base network with n examples of each context in its prompt"
    return Chart.of(table, "examples of each context", roles, title=title, y="TV to the policy", log="xy")


def uniform_text_experiment(*, seeds: int = 250) -> Experiment:
    """Mean and 95 % quantile of TV in one context, beside the paper's rate, the bounds and the asymptote."""
    random = np.random.default_rng(0)
    table, slopes, dense, tuned = Table(UNIFORM_COLUMNS), {}, 0.0, 0.0
    for v in (2, 8, 32):
        question = TextQuestion(contexts=UNIFORM_CONTEXTS, vocabulary=v, uniform=True)
        prompted = PromptedPolicy(question.policy(random))
        for n in SIZES:
            answers = prompted(prompted.policy.draw_counts(n, seeds, random))
            tv, paper = answers.policy_tv, paper_text_epsilon(1, v, n, DELTA)
            bounds = expected_tv(v, n), tv_with_confidence(v, n, DELTA), asymptotic_tv(v, n)
            table.add(v, n, mean_of(tv.mean(1)), float(np.quantile(tv, 1 - DELTA)), *bounds, paper)
            dense = max(dense, prompted.dense_tv(answers, 0)) if n == SIZES[2] else dense
        tuned = max(tuned, prompted.tuned_tv(answers, 0))
        slopes[v] = slope_of(SIZES, table.where("V", v)["mean TV"])
    above = any(map(Estimate.surely_above, table["mean TV"], table["bound on the mean"]))
    facts = {f"slope of log TV over log n, V = {v}": slope for v, slope in slopes.items()}
    return Experiment(
        name="text",
        title="One context, V tokens, n examples of it in the prompt",
        facts=facts | {"largest TV to a dense run": dense, "largest TV to the network tuned on the data": tuned},
        table=table,
        charts=tuple(_uniform_chart(table.where("V", v), v) for v in (2, 8, 32)),
        networks={"A": prompted.sha256},
        falsified_if="a mean is above its bound beyond twice its interval, or the slope is not -1/2 to within 0.05",
        holds=not above and all(abs(s + 0.5) < 0.05 for s in slopes.values()) and max(dense, tuned) < 1e-12,
    )


def _uniform_chart(of: Table, v: int) -> Chart:
    roles: Roles = {
        "95 % of TV": ("second", "95 %"),
        "mean TV": ("measured", "mean"),
        "bound, 95 %": "bound",
        "asymptote": ("asymptote", "asymptote of the mean"),
        "paper's epsilon": ("paper", "paper's rate, constant 1"),
    }
    x_title, y = "examples of the context", "TV to the policy"
    return Chart.of(of, "n", roles, title=f"V = {v}", x_title=x_title, y=y, log="xy")
