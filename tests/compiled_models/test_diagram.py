"""Space-time diagrams: each line is the tape after so many steps, in every format, and names are shown as text."""

from __future__ import annotations

import json

import matplotlib.image
import numpy as np
import pytest
from defusedxml import ElementTree

from compiled_models import run
from compiled_models.cli import main
from compiled_models.view.diagram import SYMBOLS, WIDEST, _rgb, draw_diagram, pixels
from compiled_models.view.history import History
from construction import base_network
from tm import InputError, Machine, Rule, library, simulate

RUNS = [("increment", "1011"), ("two_tape_add", ["1011", "110"]), ("bb4", ""), ("multiply", "11x111")]
NETWORK = base_network(16, 8, 2)


def history_of(machine, text, *, most=2_000, decoder=None, **options):
    history = History(most)
    result = run(NETWORK, machine, text, max_steps=100_000, record=history, decoder=decoder, **options)
    return history, result


@pytest.mark.parametrize("decoder", ["dense", "streaming", "kernels"])
@pytest.mark.parametrize(("name", "text"), RUNS)
def test_a_row_is_the_simulators_tape_after_so_many_steps(name, text, decoder):
    machine = library.load(name)
    configurations = list(simulate(machine, text, max_steps=1_000))
    for most in (2_000, 10, 7, 2):
        history, result = history_of(machine, text, most=most, decoder=decoder)
        assert len(history.rows) <= most
        assert (history.every == 1) == (result.steps < most)
        assert [row.step for row in history.rows] == list(range(0, result.steps + 1, history.every))
        for row in history.rows:
            configuration = configurations[row.step]
            assert row.heads == configuration.heads
            for slots, tape in zip(row.slots, configuration.tapes, strict=True):
                cells = {row.first + i: machine.symbols[slot] for i, slot in enumerate(slots)}
                whole = range(row.first - 3, row.first + len(slots) + 3)
                assert [cells.get(cell, machine.blank) for cell in whole] == [tape[cell] for cell in whole]


def test_a_long_run_is_sampled():
    history, result = history_of(Machine.read("1RB1LC_1RC1RB_1RD0LE_1LA1LD_1RZ0LA"), "", most=100)
    assert result.steps == 100_000
    assert history.every == 1_024
    assert len(history.rows) == 98


def test_recording_changes_nothing_and_takes_no_snapshot_along(tmp_path):
    machine = library.load("bb4")
    _, recorded = history_of(machine, "")
    plain = run(NETWORK, machine, "", max_steps=100_000)
    assert (recorded.tape, recorded.steps, recorded.head) == (plain.tape, plain.steps, plain.head)
    with pytest.raises(InputError, match="a record is of a run from its first step on"):
        run(NETWORK, machine, record=History(), resume=tmp_path / "snapshot")


def test_the_picture_is_the_tape():
    machine = library.load("increment")
    history, _ = history_of(machine, "1011")
    picture = pixels(history, 0, heads=False)
    colours = dict(zip(machine.symbols[1:], map(_rgb, SYMBOLS), strict=False))
    assert [tuple(cell) for cell in picture[0][:4]] == [colours[symbol] for symbol in "1011"]
    assert [tuple(cell) for cell in picture[-1][:4]] == [colours[symbol] for symbol in "1100"]
    marked = pixels(history, 0)
    assert [int((line != plain).any(-1).argmax()) for line, plain in zip(marked, picture, strict=True)] == [
        row.heads[0] - min(each.heads[0] for each in history.rows) for row in history.rows
    ]


def test_cells_of_a_wide_tape_share_a_column():
    machine = library.load("increment")
    history, _ = history_of(machine, "10" * WIDEST)
    picture = pixels(history, 0)
    assert WIDEST / 2 < picture.shape[1] <= WIDEST
    zero, one = (np.array(_rgb(SYMBOLS[machine.symbols.index(symbol) - 1])) for symbol in "01")
    assert np.abs(picture[0, 5] - (2 * zero + one) / 3).max() < np.abs(zero - one).max()  # between the two
    assert not (picture[0, 5] == zero).all()


@pytest.mark.parametrize("format", ["svg", "png", "pdf"])
def test_equal_runs_give_equal_files_of_every_format(tmp_path, format):
    for name in "ab":
        history, result = history_of(library.load("two_tape_add"), ["101", "11"])
        path = tmp_path / f"{name}.{format}"
        draw_diagram(history, library.load("two_tape_add"), path, format=format, steps=result.steps)
    assert (tmp_path / f"a.{format}").read_bytes() == (tmp_path / f"b.{format}").read_bytes()


def test_a_cell_of_a_small_diagram_is_a_sharp_square(tmp_path):
    history, result = history_of(library.load("bb4"), "")
    draw_diagram(history, library.load("bb4"), tmp_path / "a.png", format="png", steps=result.steps)
    picture = np.round(255 * matplotlib.image.imread(tmp_path / "a.png")[..., :3])
    expected = pixels(history, 0, heads=False)
    side = 11  # of 107 + 1 lines within 1,200 pixels
    found = picture[64 : 64 + side * len(expected), 76 : 76 + side * expected.shape[1]]
    corners = found[::side, ::side]
    assert (corners == expected).all()
    assert (found[side - 1 :: side, side - 1 :: side] == expected).all()


NASTY = '<script>alert(1)</script>&"$x^2$'
UNSEEN = "\x1b\x00\n\u202e"


def test_names_are_text(tmp_path):
    machine = Machine(name=NASTY, start="a", rules=[Rule("a", (NASTY,), "b", (NASTY + UNSEEN,), ("R",))])
    history, result = history_of(machine, [NASTY])
    draw_diagram(history, machine, tmp_path / "a.svg", format="svg", steps=result.steps, title=NASTY + UNSEEN)
    tree = ElementTree.fromstring((tmp_path / "a.svg").read_text(encoding="utf-8"))
    assert NASTY in "".join(tree.itertext())
    assert not [each for each in tree.iter() if each.tag.endswith("script")]


def test_the_command(tmp_path, capsys):
    file = tmp_path / "a.svg"
    assert main(["diagram", "increment", "1011", "-o", str(file)]) == 0
    assert capsys.readouterr().out == f"{file}: 8 steps, generated by the streaming decoder\n"
    assert "8 steps, downwards" in file.read_text(encoding="utf-8")
    assert main(["diagram", "bb4", "-o", str(tmp_path / "b.png"), "--rows", "50", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "file": str(tmp_path / "b.png"),
        "steps": 107,
        "lines": 27,
        "steps_a_line": 4,
    }


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["increment", "-o", "x.jpg"], "the file's ending says no format"),
        (["increment", "12", "-o", "x.svg"], "2"),
        (["increment", "-o", "x.svg", "--rows", "1"], "--rows"),
        (["increment", "-o", "nowhere/x.svg"], "nowhere"),
        (["increment"], "-o"),
    ],
)
def test_bad_input_is_told(tmp_path, monkeypatch, capsys, arguments, told):
    monkeypatch.chdir(tmp_path)
    assert main(["diagram", *arguments]) == 2
    said = capsys.readouterr().err
    assert told in said
    assert "Traceback" not in said
    assert not list(tmp_path.iterdir())
