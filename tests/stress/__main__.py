"""Everything at once, for as long as one likes: ``python -m tests.stress [part ...] [--seconds 480]``.

Prints what was tried and found, and exits with 1 where something did not hold.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from random import Random

from . import bounds, buffers, circuits, geometry, interrupts, memory, pages, processes, threads
from .figures import Figures

Part = Callable[[Figures, Random, float], None]

#: The parts, with the share of the time that each takes; what is counted takes what it takes.
PARTS: dict[str, tuple[float, Part]] = {
    "rounding": (0.08, bounds.around_the_truth),
    "peers": (0.25, lambda f, r, s: circuits.beside_peers(f, r, s, 100_000)),
    "engines": (0.1, lambda f, r, s: circuits.in_engines(f, r, s, 100_000)),
    "threads": (0.1, threads.at_once),
    "memory": (0.0, lambda f, r, s: memory.flat(f, r, 10_000, 100_000)),
    "interrupts": (0.2, interrupts.strikes),
    "pickles": (0.0, lambda f, r, s: processes.pickled(f, r, 4, 200)),
    "buffers": (0.08, buffers.before_guard_pages),
    "renderers": (0.0, lambda f, r, s: pages.rendered(f, r, 2)),
    "latex": (0.0, pages.typeset),
    "geometry": (0.0, geometry.of_every_kind),
}


def main() -> int:
    """The parts that were asked for, one after the other."""
    parser = argparse.ArgumentParser(prog="python -m tests.stress", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], metavar="part", help=", ".join(PARTS))
    parser.add_argument("--seconds", type=float, default=400.0, help="about so long, all in all")
    parser.add_argument("--seed", type=int, default=0, help="of the random numbers")
    options = parser.parse_args()
    begun = time.monotonic()
    warnings.simplefilter("ignore")
    failed = 0
    for name in options.parts or PARTS:
        share, part = PARTS[name]
        figures, start, busy = Figures(), time.monotonic(), _busy()
        try:
            part(figures, Random(f"{name} {options.seed}"), share * options.seconds)
            verdict = "held"
        except Exception:
            failed, verdict = 1, f"FAILED\n{traceback.format_exc()}"
        print(f"{name} ({time.monotonic() - start:.0f} s, {_busy() - busy:.0f} of a processor): {verdict}")
        for line in figures.lines():
            print(f"  {line}", flush=True)
    print(f"all in {time.monotonic() - begun:.0f} s, {_busy():.0f} of a processor")
    return failed


def _busy() -> float:
    """The seconds of a processor that this process and those that it waited for have used."""
    return sum(os.times()[:4])


if __name__ == "__main__":
    sys.exit(main())
