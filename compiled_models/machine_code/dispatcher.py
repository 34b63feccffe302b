"""Functions compiled by numba whose machine code is kept on disk, in files of our own: what imports numba.

numba's own cache has no digest and no bound, and whatever is wrong with its files ends every later run. It also keeps
the machine code of a function for as long as the process lives; here it goes with the function.
"""

from __future__ import annotations

import hashlib
import logging
import pickle
import sys
from collections.abc import Callable
from typing import Any

import llvmlite
import numba
from numba.core import compiler, cpu, registry, serialize, sigutils
from numba.core.compiler_lock import global_compiler_lock

from compiled_models.machine_code import folder

__all__ = ["StoredFunction", "compiled", "packed"]

logger = logging.getLogger(__name__)


class StoredFunction(registry.CPUDispatcher):
    """A function that is loaded from disk, or else compiled and written there, when it is first called.

    Args:
        function: the function.
        text: all that its machine code depends on, beside the types of its arguments.
        compile_: machine code for the types of its arguments, `packed`; None: numba compiles the function here.
    """

    def __init__(
        self, function: Callable[..., Any], text: str, compile_: Callable[[tuple[Any, ...]], bytes] | None = None
    ) -> None:
        super().__init__(function, targetoptions={"nopython": True})
        self.text, self.compile_elsewhere = text, compile_

    def compile(self, sig: Any) -> Any:
        """What the dispatcher calls for arguments of types that it has not seen yet."""
        with global_compiler_lock:
            types, _ = sigutils.normalize_signature(sig)
            overload: Any = self.overloads.get(tuple(types))
            if overload is not None:
                return overload.entry_point
            self.targetctx.refresh()
            name = self.file(tuple(types))
            contents = folder.read(name)
            if contents is not None and (entry := self._loaded(name, contents)) is not None:
                return entry
            if self.compile_elsewhere is None:
                entry = super().compile(sig)
                folder.write(name, packed(self.overloads[tuple(types)]))
                return entry
            contents = self.compile_elsewhere(tuple(types))
            folder.write(name, contents)
            return self._take(contents)

    def kept(self, types: tuple[Any, ...]) -> bool:
        """Whether there is machine code for arguments of these types, on disk or here already."""
        return types in self.overloads or folder.holds(self.file(types))

    def _loaded(self, name: str, contents: bytes) -> Any:
        """The entry point of what a file holds; None, and the file is deleted, if it is of no use."""
        try:
            return self._take(contents)
        except Exception as error:  # whatever goes wrong with numba's own data
            logger.info("%s cannot be loaded, it is deleted: %s", name, error)
            folder.remove(name)
            return None

    def _take(self, contents: bytes) -> Any:
        """Load machine code into an engine of its own, which is gone when the function is."""
        context = cpu.CPUContext(self.typingctx)
        result = compiler.CompileResult._rebuild(context, *pickle.loads(contents))  # noqa: S301  see folder.refusal
        self.add_overload(result)
        return result.entry_point

    def file(self, types: tuple[Any, ...]) -> str:
        """The name of the file: a hash of everything that the machine code depends on."""
        target: Any = self.targetctx
        versions = numba.__version__, llvmlite.__version__, sys.version, *target.codegen().magic_tuple()
        parts = *versions, *types, self.text
        digest = hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()
        return f"{self.py_func.__name__}_{digest[:32]}"


def packed(result: Any) -> bytes:
    """numba's result of a compilation as bytes."""
    packed: bytes = serialize.dumps(result._reduce())
    return packed


def compiled(
    function: Callable[..., Any], text: str, compile_: Callable[[tuple[Any, ...]], bytes] | None = None
) -> Callable[..., Any]:
    """A `StoredFunction`, of the same arguments; where numba compiles nothing (NUMBA_DISABLE_JIT), the function itself.

    >>> compiled(lambda x: 2 * x, "twice what it is given")(21)
    42
    """
    return function if numba.config.DISABLE_JIT else StoredFunction(function, text, compile_)  # type: ignore[attr-defined]
