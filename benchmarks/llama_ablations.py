"""The table of ablations in docs/llama.md: what the stock Llama gets wrong without a head, a group of units, a unit.

python benchmarks/llama_ablations.py [--units]
"""

from __future__ import annotations

import argparse

from construction.llama import LlamaConfig, draw_llama
from construction.llama.ablation import BEHAVIOURS, ablations, heads_and_groups, single_units


def main() -> None:
    """Print the table, as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", action="store_true", help="a row for each single unit")
    options = parser.parse_args()
    print(f"| without | {' | '.join(BEHAVIOURS)} |\n|---|{'--:|' * len(BEHAVIOURS)}")
    blueprint = draw_llama(LlamaConfig())
    parts = single_units(blueprint) if options.units else heads_and_groups(blueprint)
    for ablation in ablations(blueprint, parts):
        shares = [f"{100 * rate:.0f} %" for rate in ablation.rates.values()]
        print(f"| {ablation.part or '(whole)'} | {' | '.join(shares)} |", flush=True)


if __name__ == "__main__":
    main()
