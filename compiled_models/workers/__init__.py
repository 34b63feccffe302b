"""Workers: who does the tasks of long work: the cores of this machine, or a Dask cluster."""

from compiled_models.workers.cluster import DaskCluster
from compiled_models.workers.processes import Processes
from compiled_models.workers.protocol import WorkerError, Workers

__all__ = ["DaskCluster", "Processes", "WorkerError", "Workers"]
