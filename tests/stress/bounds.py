"""The bound of ``rounding`` beside the true error, over as many random circuits as time allows."""

from __future__ import annotations

import statistics
import time
from random import Random

from ..support.grown import grown
from ..support.rounded import ROWS, bound_and_error
from .figures import Figures


def around_the_truth(figures: Figures, random: Random, seconds: float) -> None:
    """The error is inside the bound, and the bound within a hundred times of it in the median."""
    end = time.monotonic() + seconds
    ratios: list[float] = []
    while time.monotonic() < end or len(ratios) < 100:
        recipe = grown(random, rows=ROWS)
        pair = bound_and_error(recipe)
        if pair is None:
            continue
        bound, error = pair
        figures.add("circuits", 1)
        figures.add("circuits outside the bound", int(error > bound))
        assert error <= bound, f"{recipe}: off by {error}, and the bound is {bound}"
        if error:
            ratios.append(bound / error)
    figures.worst("bound over error, median", statistics.median(ratios), 100.0)
