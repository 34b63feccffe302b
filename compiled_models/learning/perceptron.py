"""The perceptrons on the base network, beside scikit-learn's on the same data in the same order."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from compiled_models.learning.data import Dataset
from compiled_models.learning.learner import Learnt
from compiled_models.transcript import Transcript
from tm import Machine, Problem
from tm.learners.averaged import averaged_machine, averaged_steps, sums
from tm.learners.examples import BITS, EPOCHS, answers, mistakes, perceptron_tapes
from tm.learners.perceptron import perceptron_machine, perceptron_steps
from tm.learners.perceptron_reference import averaged_reference, perceptron_answer, perceptron_reference
from tm.learners.word import words

__all__ = ["AveragedLearner", "PerceptronLearner", "sklearn_averaged", "sklearn_perceptron"]


class PerceptronLearner:
    """The perceptron with its data.

    Args:
        data: the examples, in their order.
        bits: W, of a weight and of a score.
        epochs: how often to go through the data at most.
    """

    name, curve_name = "perceptron", "mistakes of each epoch"
    formula = staticmethod(perceptron_steps)

    def __init__(self, data: Dataset, *, bits: int = BITS, epochs: int = EPOCHS) -> None:
        self.data, self.bits, self.epochs = data, bits, epochs
        one_label = len({label for _, label in data.examples}) < 2
        self._sklearn = not one_label and epochs > 0  # which refuses both
        self.reference_name = "scikit-learn's Perceptron" if self._sklearn else "the same in whole numbers"

    def machine(self) -> Machine:
        """The machine."""
        return perceptron_machine()

    def tapes(self, queries: Sequence[Sequence[int]]) -> list[str]:
        """Data and queries, weights, score."""
        return perceptron_tapes(self.data.examples, queries, bits=self.bits, epochs=self.epochs)

    def read(self, tapes: Sequence[Sequence[str]]) -> Learnt:
        """The weights on tape 2, the answers on tape 1, the mistakes of each epoch in the log on tape 3."""
        return Learnt(words(tapes[1]), answers(tapes[0]), mistakes(tapes[2]))

    @cached_property
    def trained(self) -> tuple[list[int], list[int]]:
        """The same in whole numbers: weights, and the mistakes of each epoch.

        Raises:
            OverflowError: where a number needs more bits.
        """
        return perceptron_reference(self.data.examples, self.data.dimension, bits=self.bits, epochs=self.epochs)

    def steps(self, queries: Sequence[Sequence[int]]) -> int:
        """By the formula, from the mistakes of each epoch.

        Raises:
            OverflowError: where a number needs more bits.
        """
        examples, (_, curve) = self.data.examples, self.trained
        ones, asked = sum(sum(x) for x, _ in examples), [sum(query) for query in queries]
        return self.formula(len(examples), self.data.dimension, self.bits, self.epochs, curve, ones, asked)

    def least_steps(self, queries: Sequence[Sequence[int]]) -> int:
        """0: it may end after any epoch."""
        return 0

    def reference(self, queries: Sequence[Sequence[int]]) -> Learnt:
        """Weights and answers by scikit-learn; the mistakes of each epoch, which it does not tell, by counting."""
        weights, curve = self.trained
        if not self._sklearn:
            return Learnt(weights, [perceptron_answer(weights, query, bits=self.bits) for query in queries], curve)
        model = sklearn_perceptron(self.data, self.epochs)
        replies = model.predict(np.array(queries).reshape(len(queries), -1)).tolist() if len(queries) else []
        return Learnt([round(weight) for weight in model.coef_[0].tolist()], replies, curve)

    def position(self, transcript: Transcript) -> str:
        """Epoch and example: each epoch has taken an e away, and head 1 is in the example."""
        (first, _), head = transcript.placed_tapes()[0], transcript.heads[0]
        n, d = len(self.data.examples), self.data.dimension
        example = (head - self.epochs - 1) // (d + 1) + 1
        return f"epoch {first} of {self.epochs} at most, example {min(max(example, 1), n)} of {n}"

    def too_small(self) -> Problem:
        """The word is too small."""
        expected = "numbers that fit, or the weights would be wrong; the machine stopped"
        return Problem(f"words of {self.bits} bits are too small for this data", expected, hint="more --bits")


class AveragedLearner(PerceptronLearner):
    """The averaged perceptron with its data; its weights are T times the average over T examples, whole numbers."""

    name = "averaged"
    formula = staticmethod(averaged_steps)

    def __init__(self, data: Dataset, *, bits: int = 2 * BITS, epochs: int = EPOCHS) -> None:
        super().__init__(data, bits=bits, epochs=epochs)
        if self._sklearn:
            self.reference_name = "scikit-learn's averaged perceptron"

    def machine(self) -> Machine:
        """The machine."""
        return averaged_machine()

    def read(self, tapes: Sequence[Sequence[str]]) -> Learnt:
        """The sums on tape 2, the answers on tape 1, the mistakes of each epoch in the log on tape 3."""
        return Learnt(sums(tapes[1]), answers(tapes[0]), mistakes(tapes[2]))

    @cached_property
    def trained(self) -> tuple[list[int], list[int]]:
        """The same in whole numbers: the sums, and the mistakes of each epoch.

        Raises:
            OverflowError: where a number needs more bits.
        """
        return averaged_reference(self.data.examples, self.data.dimension, bits=self.bits, epochs=self.epochs)

    def reference(self, queries: Sequence[Sequence[int]]) -> Learnt:
        """Average and answers by scikit-learn, which goes on for as many epochs as there were here."""
        total, curve = self.trained
        if not self._sklearn:
            return Learnt(total, [perceptron_answer(total, query, bits=self.bits) for query in queries], curve)
        model = sklearn_averaged(self.data, len(curve))
        scale = len(self.data.examples) * len(curve)
        weights = [round(weight * scale) for weight in model.coef_[0].tolist()]
        scores = [sum(w * x for w, x in zip(weights, query, strict=True)) for query in queries]
        return Learnt(weights, [1 if score > 0 else -1 for score in scores], curve)


def sklearn_averaged(data: Dataset, epochs: int) -> Any:
    """scikit-learn's averaged perceptron: the mean of the weights after each example.

    The same settings as for the perceptron, of which this is another name; its average is in floating point, and a
    multiple of 1 / (examples times epochs) but for rounding.

    >>> sklearn_averaged(Dataset((((1, 0), 1), ((0, 1), -1))), 2).coef_
    array([[ 1.  , -0.75]])
    """
    from sklearn.linear_model import SGDClassifier  # imported where it is used: it takes two seconds

    settings = {"fit_intercept": False, "shuffle": False, "tol": None, "penalty": None, "max_iter": epochs}
    model = SGDClassifier(loss="perceptron", learning_rate="constant", eta0=1, average=True, **settings)
    return model.fit(np.array([x for x, _ in data.examples]), np.array([label for _, label in data.examples]))


def sklearn_perceptron(data: Dataset, epochs: int = EPOCHS) -> Any:
    """scikit-learn's perceptron, trained with the settings that make it the same procedure.

    Its epochs run through the data in order (`shuffle=False`), all of them (`tol=None`: those after one without a
    mistake change nothing), with a step of 1 and nothing else that changes a weight. A score of 0 is a mistake in
    training and the label -1 in answering, as here. It refuses data of one label only, and 0 epochs.

    >>> sklearn_perceptron(Dataset((((1, 0), 1), ((0, 1), -1)))).coef_
    array([[ 1., -1.]])
    """
    from sklearn.linear_model import Perceptron

    model = Perceptron(fit_intercept=False, shuffle=False, tol=None, penalty=None, max_iter=epochs)
    return model.fit(np.array([x for x, _ in data.examples]), np.array([label for _, label in data.examples]))
