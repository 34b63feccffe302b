"""`tapehead cache`: the folder of compiled kernels."""

from __future__ import annotations

import click

from compiled_models.cli.arguments import json_option, print_json
from compiled_models.cli.printing import say
from compiled_models.machine_code import folder

__all__ = ["command"]


@click.command()
@click.option(
    "--clear", "wanted", is_flag=True, help="Delete the files; kernels are compiled anew when they are needed."
)
@json_option
def command(wanted: bool, as_json: bool) -> None:
    """Show where compiled kernels are kept and how much they take, or delete them.

    The folder lies under NUMBA_CACHE_DIR, XDG_CACHE_HOME or ~/.cache. It is the user's alone, or else it is not used;
    beyond its bound, the files that were used the longest ago are deleted.
    """
    place = folder.folder()
    deleted = folder.clear(place) if wanted else []
    listed = folder.files(place)
    refused = folder.refusal(place.resolve()) if place.exists() else ""
    size, gone = (sum(about.st_size for _, about in each) for each in (listed, deleted))
    if as_json:
        shown = {"folder": str(place), "files": len(listed), "bytes": size, "most_bytes": folder.MOST_BYTES}
        print_json(shown | {"deleted": len(deleted), "refused": refused or None})
        return
    say(f"folder   {place}")
    say(f"holds    {_said(len(listed), size)}; at most {folder.MOST_BYTES / 1e6:.0f} MB")
    if refused:
        say(f"refused  nothing is kept here: {refused}")
    if wanted:
        say(f"deleted  {_said(len(deleted), gone)}")


def _said(count: int, size: int) -> str:
    return f"{count} file{'s' * (count != 1)}, {size / 1e6:.1f} MB"
