"""The checker checked: gradcheck on right and on wrong derivatives, and how often it errs.

    python benchmarks/checker.py [count] [seed]

Right ones are the library's own, of random circuits and of every row, on kinks and at edges too: what is
called wrong is compared with differences of mpmath's values in 60 digits, and is an error of gradcheck
where these confirm the derivative. Wrong ones are off by 0.1 %, by 1e-5, in their sign, or at second
order only: whatever agrees is an error.
"""

from __future__ import annotations

import collections
import math
import sys
import time
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.support.trials import FAULTS, entries_of, is_confirmed, right, wrong


def on_right_ones(rng: Random, count: int) -> tuple[collections.Counter[str], int]:
    """How often each verdict fell on right derivatives, and how often it was a false *wrong*."""
    verdicts: collections.Counter[str] = collections.Counter()
    errors = 0
    while verdicts.total() < count:
        trial = right(rng)
        for entry in entries_of(trial):
            if entry.verdict == "wrong" and not is_confirmed(trial, entry):
                continue  # the derivative itself is not right: no trial of the checker
            if entry.verdict == "wrong":
                errors += 1
                print(f"right, and called wrong: {trial.text}: {entry}")
            verdicts[entry.verdict] += 1
    return verdicts, errors


def on_wrong_ones(rng: Random, count: int) -> tuple[collections.Counter[str], int]:
    """How often each verdict fell on wrong derivatives, and how often they agreed."""
    verdicts: collections.Counter[str] = collections.Counter()
    kinds = [*FAULTS, "order 2"]
    for kind in kinds:
        tried, start = 0, time.perf_counter()
        while tried < math.ceil(count / len(kinds)):
            for trial, entry in wrong(rng, kind):
                tried += 1
                verdicts[entry.verdict] += 1
                if entry.ok:
                    print(f"wrong ({kind}), and agrees: {trial.text}: {entry}")
        print(f"  {tried} wrong by {kind} ({time.perf_counter() - start:.0f} s)", flush=True)
    return verdicts, verdicts["agrees"]


def main(count: int = 10_000, seed: int = 1) -> int:
    """Print both tables; the number of errors."""
    rng, errors = Random(seed), 0
    for name, trials in (("right", on_right_ones), ("wrong", on_wrong_ones)):
        start = time.perf_counter()
        verdicts, found = trials(rng, count)
        errors += found
        told = ", ".join(f"{verdict} {n}" for verdict, n in verdicts.most_common())
        print(
            f"{verdicts.total()} {name} derivatives, {found} errors of gradcheck: {told} "
            f"({time.perf_counter() - start:.0f} s)",
            flush=True,
        )
    return errors


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])) > 0)
