"""The perceptron on the reviews, as the example has it, on fewer of them."""

from __future__ import annotations

import numpy as np

from compiled_models.learning.learner import learn, learning_network
from compiled_models.learning.perceptron import PerceptronLearner
from examples.learning.__main__ import dataset, sklearn_mistakes
from examples.sentiment.reviews import reviews


def test_the_curve_on_the_tape_is_that_of_scikit_learn():
    texts, labels = reviews()
    data = dataset(texts[:30], labels[:30], features=12)
    learner = PerceptronLearner(data, epochs=6)
    lesson = learn(learner, [x for x, _ in data.examples[:3]], learning_network(), decoder="kernels")
    assert lesson.equal
    assert lesson.learnt.curve == sklearn_mistakes(data, len(lesson.learnt.curve))
    assert np.sum(lesson.learnt.curve) > 0
