"""What every test runs under; warnings are errors by pyproject.toml."""

import os
import signal

from hypothesis import settings

# Each worker has one core; torch would start a thread for every core of the machine.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shell lets what it runs in the background ignore Ctrl-C, and children would inherit that; some tests interrupt them.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# No deadline: a first call may compile a kernel.
# `pytest --hypothesis-profile=explore` looks for new counterexamples.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=2_000)
settings.load_profile("repeatable")
