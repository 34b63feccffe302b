"""The command `tapehead`, and `python -m compiled_models`."""

from __future__ import annotations

import os
import sys

from compiled_models.interrupt import stopping_at_once

__all__ = ["main"]


def main() -> int:
    """Load and run the command line; return its exit status."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # the matrices are small: sharing them out costs more than it saves
    with stopping_at_once():
        from compiled_models.cli import main as run
    return run()


if __name__ == "__main__":
    sys.exit(main())
