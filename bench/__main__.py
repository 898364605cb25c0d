"""`make bench`: prints every figure beside its reference, and writes `bench/results/latest.json`.

Each case runs three times; the run with the median ratio is shown. Absolute figures of a shared
machine mean little: compare the ratios.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable

from bench.cases import Figure, catalog_import, median_of, merge, reads
from bench.search import search
from bench.selling import large_orders, orders
from bench.server import Server, serving

CASES: dict[str, Callable[[Server], list[Figure]]] = {
    "reads": reads,
    "orders": orders,
    "large": large_orders,
    "import": catalog_import,
    "search": search,
}


def main() -> int:
    """Run the chosen cases, or all."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("cases", nargs="*", choices=[*CASES, []], help="default: all")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    figures: list[Figure] = []
    with serving() as server:
        for name in options.cases or CASES:
            runs = []
            for number in range(options.runs):
                print(f"{name}: run {number + 1} of {options.runs}", file=sys.stderr, flush=True)
                runs.append(CASES[name](server))
            figures += median_of(runs)
    _print(figures)
    merge(figures)
    return 0


def _print(figures: list[Figure]) -> None:
    print(f"\n{os.cpu_count()} cores, median of the runs by ratio\n")
    print(f"{'name':<16} {'figure':>10} {'unit':<11} {'reference':>10} {'ratio':>7}  reference is")
    for row in figures:
        print(
            f"{row.name:<16} {row.figure:>10.2f} {row.unit:<11} {row.reference:>10.2f} "
            f"{row.ratio:>7.4f}  {row.reference_name}{'; ' + row.note if row.note else ''}"
        )


if __name__ == "__main__":
    sys.exit(main())
