"""The cost of a gradient: O(W²) by numerical derivatives, O(W) by reverse mode.

    python demos/cost_of_gradients.py [folder]

Muzaffar's lecture says that all derivatives could be computed numerically, at a cost of O(W²) for W
weights instead of O(W), and asks why. Central differences need two forward passes for each weight,
and a pass costs O(W). The sweep needs one pass and one multiplication for every wire. This demo counts
and times both for one sample and tanh networks of 1 to 32 layers, and fits the slopes of the log-log
plot. How many digits numerical derivatives lose is in gradient_check.py.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common import COLORS, figure, output_folder, run, save

from autograd_lite import Value, cbrt, circuit
from autograd_lite.losses import half_squared_error
from autograd_lite.nn import MLP
from autograd_lite.steps import backward_steps

WIDTH = 8  # of every layer, so that wires and nodes grow in proportion to the weights
STEP = cbrt(math.ulp(1.0) / 2)  # near the best for central differences


@dataclass
class Cost:
    """The cost of one gradient in both ways. An operation puts one number on a wire."""

    weights: int
    passes: int  # forward passes of the numerical gradient
    numerical_operations: int
    reverse_operations: int
    numerical_seconds: float
    reverse_seconds: float
    difference: float  # the largest difference of the two gradients


class Problem:
    """The half squared error of a deep tanh network on one sample."""

    def __init__(self, layers: int) -> None:
        rng = random.Random(layers)
        self.model = MLP(WIDTH, [WIDTH] * layers + [1], activation="tanh", rng=rng)
        self.weights = self.model.parameters()
        self.x = [rng.gauss(0.0, 1.0) for _ in range(WIDTH)]
        self.passes = 0

    def error(self) -> Value:
        """One forward pass."""
        self.passes += 1
        result: Value = half_squared_error(self.model(self.x), 0.5)
        return result

    def numerical(self, step: float = STEP) -> list[float]:
        """(E(w + ε) − E(w − ε))/2ε for every weight."""
        self.passes = 0
        gradient = []
        for w in self.weights:
            start = w.data
            w.data = start + step
            above = self.error().data
            w.data = start - step
            below = self.error().data
            w.data = start
            gradient.append((above - below) / (2.0 * step))
        return gradient

    def reverse(self) -> list[float]:
        """One forward pass and one sweep."""
        for w in self.weights:
            w.grad = 0.0
        self.error().backward()
        return [w.grad for w in self.weights]


def timed(f: Callable[[], list[float]], least: float) -> float:
    """The processor time of the fastest of several calls of ``f``, which take ``least`` seconds."""
    best, spent = math.inf, 0.0
    while spent < least:
        start = time.process_time()
        f()
        seconds = time.process_time() - start
        best, spent = min(best, seconds), spent + seconds
    return best


def measured(depths: Sequence[int], rounds: int, least: float) -> list[Cost]:
    """The costs for each depth. The times are the best of several rounds, because machines are busy."""
    problems = [Problem(layers) for layers in depths]
    seconds = [
        [(timed(problem.numerical, least), timed(problem.reverse, least)) for problem in problems]
        for _ in range(rounds)
    ]
    return [
        cost(problem, *map(min, zip(*times, strict=True)))
        for problem, times in zip(problems, zip(*seconds, strict=True), strict=True)
    ]


def cost(problem: Problem, numerical_seconds: float, reverse_seconds: float) -> Cost:
    root = problem.error()
    forward = sum(len(node.parents) for node in circuit(root))
    backward = sum(1 for _ in backward_steps(root))
    by_differences = problem.numerical()
    return Cost(
        weights=len(problem.weights),
        passes=problem.passes,
        numerical_operations=problem.passes * forward,
        reverse_operations=forward + backward,
        numerical_seconds=numerical_seconds,
        reverse_seconds=reverse_seconds,
        difference=furthest(by_differences, problem.reverse()),
    )


def furthest(a: Sequence[float], b: Sequence[float]) -> float:
    return max(abs(x - y) for x, y in zip(a, b, strict=True))


def slope(xs: Sequence[float], ys: Sequence[float]) -> float:
    """The power of x that y grows with: the slope of the line that fits (log x, log y) best."""
    us, vs = [math.log(x) for x in xs], [math.log(y) for y in ys]
    u, v = math.fsum(us) / len(us), math.fsum(vs) / len(vs)
    rise = math.fsum((a - u) * (b - v) for a, b in zip(us, vs, strict=True))
    return rise / math.fsum((a - u) ** 2 for a in us)


def draw_cost(costs: list[Cost], slopes: dict[str, float], folder: Path) -> None:
    fig, (left, right) = figure(columns=2, size=(12.5, 4.6))
    W = [c.weights for c in costs]
    for ax, unit in ((left, "operations"), (right, "seconds")):
        for way, color in (("numerical", COLORS[1]), ("reverse", COLORS[0])):
            ys = [getattr(c, f"{way}_{unit}") for c in costs]
            power = slopes[f"{way}_{unit}"]
            ax.loglog(W, ys, "o-", color=color, label=f"{way}: slope {power:.2f}")
        ax.set(xlabel="W, weights and biases", ylabel=f"{unit} for one gradient")
        ax.set_xticks(W, [str(w) for w in W], minor=False)
        ax.set_xticks([], minor=True)
        ax.legend(loc="upper left")
    left.set_title("Counted")
    right.set_title("Measured")
    save(fig, folder, "cost")


def main(folder: str | Path | None = None, *, quick: bool = False) -> dict[str, Any]:
    """Count, time and plot. Returns the numbers that it prints."""
    folder = output_folder("cost_of_gradients", folder)
    costs = measured((1, 2, 4, 8), 1, 0.005) if quick else measured((1, 2, 4, 8, 16, 32), 3, 0.05)
    print("One gradient of a tanh network with W weights, for one sample, by central differences and")
    print("by reverse mode. An operation puts one number on a wire of the circuit: a value on the way")
    print("forward, a product on the way back.\n")
    print("             numerical                              reverse                         gradients")
    print("        W    passes   operations   milliseconds     operations   milliseconds   differ by")
    for c in costs:
        print(
            f"    {c.weights:>5}{c.passes:>10}{c.numerical_operations:>13}"
            f"{1e3 * c.numerical_seconds:>15.1f}{c.reverse_operations:>15}"
            f"{1e3 * c.reverse_seconds:>15.2f}{c.difference:>12.0e}"
        )
    large = costs[-3:]  # in small networks, the fixed cost of a pass still matters
    slopes = {
        f"{way}_{unit}": slope([c.weights for c in large], [getattr(c, f"{way}_{unit}") for c in large])
        for way in ("numerical", "reverse")
        for unit in ("operations", "seconds")
    }
    print(
        "\nPowers of W, from the slopes of the log-log plot between the three largest networks:\n"
        f"    counted:  numerical {slopes['numerical_operations']:.2f}, "
        f"reverse {slopes['reverse_operations']:.2f}\n"
        f"    measured: numerical {slopes['numerical_seconds']:.2f}, "
        f"reverse {slopes['reverse_seconds']:.2f}"
    )

    draw_cost(costs, slopes, folder)
    print(f"\nThe picture is in {folder}: cost.")
    return {"costs": costs, "slopes": slopes}


if __name__ == "__main__":
    run(main)
