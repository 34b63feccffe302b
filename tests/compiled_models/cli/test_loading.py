"""What a command loads: only what it uses. PyTorch alone takes longer than a short run without it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys


def test_a_short_run_loads_only_what_it_uses():
    """Neither a compiler nor graphs nor drawings; a run that is long enough for a kernel does load the compiler."""
    heavy = {"numba", "scipy", "networkx", "graphviz", "matplotlib", "construction.llama"}
    program = "import sys; from compiled_models.cli import main; main(sys.argv[1:]); print(*sys.modules)"

    def loaded(*arguments: str) -> set[str]:
        command = [sys.executable, "-c", program, "run", *arguments]
        return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()) & heavy

    assert not loaded("increment", "1011", "--trace")
    kernel = "--decoder", "kernels", "--states", "8", "--symbols", "4", "--tapes", "1"  # one that other tests need too
    assert "numba" in loaded("bb4", *kernel)


PAGE = "page.html"
WITHOUT_PYTORCH = (
    ["run", "increment", "1011"],
    ["run", "bb2", "--network", "tuned", "--dtype", "float32"],
    ["test", "increment"],
    ["prompt", "increment", "1011"],
    ["show", "increment", "1011", "-o", PAGE],
    ["check", "increment"],
    ["certify", "--tuned", "bb2"],
    ["explain", "--block", "READ"],
)


def test_commands_that_need_numbers_alone_load_no_pytorch(tmp_path):
    """One process runs them all, and then one that does need it: a forward pass."""
    program = (
        "import json, sys\nfrom compiled_models.cli import main\n"
        "for command in json.loads(sys.argv[1]):\n    assert main(command) == 0\n"
        "    print('LOADED', 'torch' in sys.modules)"
    )
    commands = [*WITHOUT_PYTORCH, ["run", "increment", "1", "--decoder", "dense"]]
    command = [sys.executable, "-c", program, json.dumps(commands)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path, env=environment)
    assert re.findall(r"^LOADED (\w+)$", done.stdout, re.MULTILINE) == ["False"] * len(WITHOUT_PYTORCH) + ["True"]
