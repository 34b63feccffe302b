"""`python -m compiled_models` is `tapehead`."""

import sys

from compiled_models.cli import main

sys.exit(main())
