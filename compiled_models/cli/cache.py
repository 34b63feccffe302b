"""`tapehead cache`: the folder of compiled kernels."""

from __future__ import annotations

import click

from compiled_models.cli.arguments import json_option, print_json
from compiled_models.cli.printing import say
from compiled_models.machine_code import folder

__all__ = ["command"]


@click.command()
@click.option("--clear", is_flag=True, help="Delete the files; kernels are compiled anew when they are needed.")
@json_option
def command(clear: bool, as_json: bool) -> None:
    """Show where compiled kernels are kept and how much they take, or delete them.

    The folder lies under NUMBA_CACHE_DIR, XDG_CACHE_HOME or ~/.cache. It is the user's alone, or else it is not used;
    beyond its bound, the files that were used the longest ago are deleted.
    """
    place = folder.folder()
    deleted = folder.clear(place) if clear else []
    files = folder.files(place)
    refusal = folder.refusal(place.resolve()) if place.exists() else ""
    size, gone = (sum(about.st_size for _, about in each) for each in (files, deleted))
    if as_json:
        fields = {"folder": str(place), "files": len(files), "bytes": size, "most_bytes": folder.MOST_BYTES}
        print_json(fields | {"deleted": len(deleted), "refused": refusal or None})
        return
    say(f"folder   {place}")
    say(f"holds    {_amount(len(files), size)}; at most {folder.MOST_BYTES / 1e6:.0f} MB")
    if refusal:
        say(f"refused  nothing is kept here: {refusal}")
    if clear:
        say(f"deleted  {_amount(len(deleted), gone)}")


def _amount(count: int, size: int) -> str:
    return f"{count} file{'s' * (count != 1)}, {size / 1e6:.1f} MB"
