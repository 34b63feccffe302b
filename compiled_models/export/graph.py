"""An ONNX graph, put together by hand: what is written is what is read here, and no tracer stands between."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compiled_models.extra import extra

__all__ = ["Graph"]

OPSET = 17
IR_VERSION = 9
Dimensions = Sequence[str | int]


class Graph:
    """A graph to which nodes are added one by one; every value has a name.

    Raises:
        InputError: if onnx is not installed.

    >>> graph = Graph("doubled")
    >>> x = graph.input("x", np.float32, ["n"])
    >>> graph.output(graph("Add", x, x), "y", np.float32, ["n"])
    >>> [node.op_type for node in graph.model().graph.node]
    ['Add', 'Identity']
    """

    def __init__(self, name: str) -> None:
        self.name, self._onnx = name, extra("onnx", "onnx")
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._inputs: list[Any] = []
        self._outputs: list[Any] = []

    def __call__(self, op: str, *inputs: str, **attributes: Any) -> str:
        """Add a node; the name of its output."""
        name = f"{op}_{len(self._nodes)}"
        self._nodes.append(self._onnx.helper.make_node(op, inputs, [name], name=name, **attributes))
        return name

    def constant(self, values: Any, dtype: Any = None, name: str | None = None) -> str:
        """Add a tensor; its name."""
        array: NDArray[Any] = np.asarray(values, dtype=dtype)
        name = name or f"constant_{len(self._constants)}"
        self._constants.append(self._onnx.numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def integers(self, *values: int) -> str:
        """A list of int64, as shapes, axes and the like are."""
        return self.constant(values, np.int64)

    def input(self, name: str, dtype: Any, dimensions: Dimensions) -> str:
        """Declare an input; its name."""
        self._inputs.append(self._value(name, dtype, dimensions))
        return name

    def output(self, value: str, name: str, dtype: Any, dimensions: Dimensions) -> None:
        """Declare a value to be an output, under a name."""
        self._nodes.append(self._onnx.helper.make_node("Identity", [value], [name], name=f"output_{name}"))
        self._outputs.append(self._value(name, dtype, dimensions))

    def _value(self, name: str, dtype: Any, dimensions: Dimensions) -> Any:
        return self._onnx.helper.make_tensor_value_info(name, self.kind(dtype), list(dimensions))

    def kind(self, dtype: Any) -> int:
        """ONNX's number for a number format of numpy."""
        return int(self._onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))

    def dimension(self, value: str, axis: int) -> str:
        """The size of one axis of a value, as a list of one."""
        return self("Gather", self("Shape", value), self.integers(axis))

    def counted(self, start: str, stop: str) -> str:
        """The whole numbers from start up to stop, both lists of one."""
        begin, end = (self("Squeeze", each, self.integers(0)) for each in (start, stop))
        return self("Range", begin, end, self.constant(1, np.int64))

    def model(self) -> Any:
        """The graph as a model, checked.

        Raises onnx.checker.ValidationError for one that is none: an error of its maker, never of its user.
        """
        helper = self._onnx.helper
        graph = helper.make_graph(self._nodes, self.name, self._inputs, self._outputs, self._constants)
        opset = helper.make_opsetid("", OPSET)
        model = helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION, producer_name="tapehead")
        self._onnx.checker.check_model(model)
        return model

    def serialized(self) -> bytes:
        """The model as the content of a file."""
        content: bytes = self.model().SerializeToString()
        return content
