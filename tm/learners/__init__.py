"""Policies that train on their tape: machines whose rules are a learning algorithm, one learner a file."""
