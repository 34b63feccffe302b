"""How many examples: every bound as a function of n and its inverse, with assumptions, constants and source.

`tabular`           one step: contexts and outcomes
`sequence`          sequences, runs of machines, missing rules
`bounded_context`   bounded context and retrieval
`half_space`        linear classification

A function named after an error takes the number of examples; `examples_for_...` is its inverse. `paper_...` is a rate
of arXiv 2506.08060 with constant 1 and natural logarithms: the paper's abstract states neither.

>>> examples_for_all_contexts(12, 8, 0.1, 0.05) < paper_text_examples(12, 8, 0.1, 0.05)
True
"""

from compiled_models.elicit.bounds.bounded_context import *  # noqa: F403
from compiled_models.elicit.bounds.bounded_context import __all__ as _bounded_context
from compiled_models.elicit.bounds.half_space import *  # noqa: F403
from compiled_models.elicit.bounds.half_space import __all__ as _half_space
from compiled_models.elicit.bounds.sequence import *  # noqa: F403
from compiled_models.elicit.bounds.sequence import __all__ as _sequence
from compiled_models.elicit.bounds.tabular import *  # noqa: F403
from compiled_models.elicit.bounds.tabular import __all__ as _tabular

__all__ = [*_tabular, *_sequence, *_bounded_context, *_half_space]
