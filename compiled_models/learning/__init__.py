"""Learning on the tape: a learner's machine, its data and the base network; beside it the same in ordinary code."""
