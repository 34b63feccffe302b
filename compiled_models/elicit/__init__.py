"""The claim itself: what examples in a prompt are worth, measured against what theory promises.

Each experiment draws data from a policy, puts it into the prompt of one fixed network, and measures the total
variation distance to the policy that the data is from and to the network tuned on the same data.
"""

from compiled_models.elicit.report.chart import Chart, Series
from compiled_models.elicit.report.experiment import Experiment
from compiled_models.elicit.report.table import Table
from compiled_models.elicit.report.total_variation import total_variation

__all__ = ["Chart", "Experiment", "Series", "Table", "total_variation"]
