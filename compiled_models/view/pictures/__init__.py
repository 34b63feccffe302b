"""Pictures for lectures: what a network computed in a run, and what its weights are, with names on every axis.

Each is a `Picture`: `save("x.svg")` writes a file, and a notebook shows it. Whatever is drawn was read out of the
network: its activations in one forward pass over the run, or its weights.

>>> from compiled_models import run
>>> from construction import base_network
>>> from tm import library
>>> recording = Recording.of(run(base_network(states=4, symbols=3), library.load("increment"), "1011"))
>>> [type(draw(recording)).__name__ for draw in (attention_map, ledger, residual_map)]
['Picture', 'Picture', 'Picture']
"""

from compiled_models.view.pictures.attention_map import attention_map
from compiled_models.view.pictures.ledger import ledger
from compiled_models.view.pictures.picture import Picture
from compiled_models.view.pictures.recording import Recording
from compiled_models.view.pictures.residual_map import residual_map
from compiled_models.view.pictures.weight_map import weight_map

__all__ = ["Picture", "Recording", "attention_map", "ledger", "residual_map", "weight_map"]
