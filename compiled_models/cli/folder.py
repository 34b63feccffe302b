"""A group whose commands are in the modules of a package: help lists them, and running one imports no other."""

from __future__ import annotations

import ast
import difflib
import importlib
import importlib.util
import pkgutil
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import click

from compiled_models.interrupt import stopping_at_once
from tm import InputError, Problem, library

__all__ = ["CommandFolder", "CommandGroup"]


class CommandGroup(click.Group):
    """A group whose help says the whole first paragraph about each command, and whose errors say which was meant."""

    @cached_property
    def summaries(self) -> dict[str, str]:
        """Each command's name and the first paragraph about it."""
        return {name: _first_paragraph(command.help) for name, command in sorted(self.commands.items())}

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is named first; where there is none, the error says which command a machine stands after."""
        if ctx.resilient_parsing or args[0].startswith("-") or self.get_command(ctx, args[0]) is not None:
            return super().resolve_command(ctx, args)
        machine = ctx.parent is None and (args[0] in library.names() or Path(args[0]).is_file())
        near = difflib.get_close_matches(args[0], self.summaries, 1)
        hint = f"did you mean `{ctx.command_path} {near[0]}`?" if near else f"`{ctx.command_path} --help` lists them"
        hint = f"did you mean `tapehead run {' '.join(args)}`?" if machine else hint
        raise InputError(Problem("no such command", ", ".join(self.summaries), repr(args[0]), hint))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.summaries.items()))


class CommandFolder(CommandGroup):
    """A group for a package: a function `NAME_command` in one of its modules is a command, as is a module's `command`.

    Args:
        package: its name.
        options: click's.
    """

    def __init__(self, package: str, **options: Any) -> None:
        super().__init__(**options)
        self.package = package

    @cached_property
    def modules(self) -> dict[str, str]:
        """The modules of the package, each with its folder."""
        spec = importlib.util.find_spec(self.package)
        folders = list(spec.submodule_search_locations or []) if spec else []
        return {module.name: folders[0] for module in pkgutil.iter_modules(folders)}

    @cached_property
    def functions(self) -> dict[str, tuple[str, ast.FunctionDef]]:
        """Each command's name with its module and its function, as the source has it."""
        functions = {
            name: (module, node)
            for module, folder in self.modules.items()
            for name, node in _command_functions(folder, module)
        }
        return dict(sorted(functions.items()))

    def function(self, name: str) -> tuple[str, ast.FunctionDef] | None:
        """A command's module and its function; of one that has a module of its name, no other source is read."""
        if name in self.modules and (node := dict(_command_functions(self.modules[name], name)).get(name)) is not None:
            return name, node
        return self.functions.get(name)

    @cached_property
    def summaries(self) -> dict[str, str]:
        """Each command's name and the first paragraph about it, read from its source."""
        return {name: _first_paragraph(ast.get_docstring(node)) for name, (_, node) in self.functions.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands' names."""
        return list(self.functions)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None if there is none of that name."""
        if (found := self.function(cmd_name)) is None:
            return None
        module, function = found
        with stopping_at_once():
            command: click.Command = getattr(importlib.import_module(f"{self.package}.{module}"), function.name)
        return command


def _command_functions(folder: str, module: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    """The functions of a module that are commands, each with its command's name."""
    places = Path(folder, f"{module}.py"), Path(folder, module, "__init__.py")
    source = next(place.read_text(encoding="utf-8") for place in places if place.is_file())
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name == "command":
            yield module, node
        elif isinstance(node, ast.FunctionDef) and node.name.endswith("_command") and not node.name.startswith("_"):
            yield node.name.removesuffix("_command"), node


def _first_paragraph(text: str | None) -> str:
    return (text or "").split("\n\n")[0].replace("\n", " ")
