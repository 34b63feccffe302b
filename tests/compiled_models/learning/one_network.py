"""The base network of all learners, made once for these tests: one network, one kernel."""

from __future__ import annotations

from compiled_models.learning.learner import learning_network

__all__ = ["NETWORK", "SHA256"]

NETWORK = learning_network()
SHA256 = "c37a26a230999355090d5533762c5822b76a3217b7d2fcc721d22b9090e0da95"
