"""What MkDocs does while it builds the site: pages that stand elsewhere already, and links that leave the folder.

The overview is the README, the changes are the changelog, and the command line's page is what its `--help` prints; a
link to a file of the repository that is no page becomes the file's path as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import griffe
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from compiled_models.cli import commands

ROOT = Path(__file__).parents[1]
DOCTEST = re.compile(r"^>>> .*(?:\n.+)*", re.MULTILINE)
LINK = re.compile(r"\[([^\]]*)\]\((?!https?:|#)([^)\s]+)\)")


class FencedDoctests(griffe.Extension):
    """Shows the examples in docstrings, which are doctests, as code instead of as quotations."""

    def on_module(self, *, mod: griffe.Module, **_: Any) -> None:
        """A module's own docstring."""
        self.on_object(obj=mod)

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Put a fence around each run of lines from a prompt to the next empty line."""
        if obj.docstring is not None:
            obj.docstring.value = DOCTEST.sub(r"```python\n\g<0>\n```", obj.docstring.value)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made here."""
    texts = {
        "index.md": (ROOT / "README.md").read_text(encoding="utf-8"),
        "changelog.md": (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"),
        "command_line.md": "\n".join(command_line()),
    }
    for name, text in texts.items():
        files.append(File.generated(config, name, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Make links of the repository links of the site: to a page, or to nothing but the file's path."""
    at = ROOT if page.file.src_uri in ("index.md", "changelog.md") else ROOT / "docs" / Path(page.file.src_uri).parent
    docs = ROOT / "docs"

    def target(match: re.Match[str]) -> str:
        text, link = match.groups()
        path, _, anchor = link.partition("#")
        place = (at / path).resolve()
        if not place.exists():
            return match[0]  # MkDocs will say so
        if place.is_relative_to(docs) and files.get_file_from_path(place.relative_to(docs).as_posix()):
            inside = place.relative_to(docs).as_posix()
            up = "../" * page.file.src_uri.count("/")
            return f"[{text}]({up}{inside}{'#' * bool(anchor)}{anchor})"
        named = place.relative_to(ROOT).as_posix()
        return text if named in text else f"{text} (`{named}`)"

    return LINK.sub(target, markdown)


def command_line() -> Iterator[str]:
    """The page of the command line: what `--help` says of every command."""
    yield "# The command line\n"
    with click.Context(
        commands, info_name="tapehead", terminal_width=100, help_option_names=["-h", "--help"]
    ) as context:
        yield from _section("tapehead", commands, context)


def _section(name: str, command: click.Command, context: click.Context) -> Iterator[str]:
    yield f"\n{'#' * (name.count(' ') + 1)}# `{name}`\n\n```text\n{command.get_help(context)}\n```"
    if isinstance(command, click.Group):
        for each in command.list_commands(context):
            inner = command.get_command(context, each)
            if inner is not None:
                with click.Context(inner, info_name=each, parent=context) as own:
                    yield from _section(f"{name} {each}", inner, own)
