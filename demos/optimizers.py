"""Seven optimizers: batch, momentum, minibatch, online, Adam, conjugate gradient and BFGS.

    python demos/optimizers.py [folder]

This demo runs the optimizers that Muzaffar's lecture and Sarkar's lecture (2023) list on one problem: a
1-6-1 tanh network with half squared error learns a noisy wave from 60 samples. All of them begin at the
same weights. Their cost is counted in gradients of single samples: 60 of those are one pass over the
data. Conjugate gradient and the quasi-Newton method BFGS are SciPy's, with the gradients of the engine;
they decrease the error at every iteration.

Some sentences of the lectures are not true in general. The demo shows why; see also ``landscape.py``.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from common import COLORS, figure, output_folder, place, run, save

from autograd_lite import Value, derivative, no_grad, sqrt
from autograd_lite import sum as total
from autograd_lite.losses import half_squared_error
from autograd_lite.minimization import minimize
from autograd_lite.nn import MLP
from autograd_lite.optim import SGD, Adam, Optimizer
from autograd_lite.show import plots
from autograd_lite.training import fit

Samples = tuple[list[list[float]], list[float]]

PASSES = 150

#: For each name: the optimizer, its rate, and the number of samples in a step. Of the rates 0.01, 0.02,
#: 0.05, 0.1, … 2, this one gives the smallest mean error over the last ten of 150 passes.
DESCENTS: dict[str, tuple[Callable[..., Optimizer], float, int | None]] = {
    "batch": (SGD, 1.0, None),
    "momentum": (partial(SGD, momentum=0.9), 0.5, None),
    "minibatch": (SGD, 0.2, 10),
    "online": (SGD, 0.05, 1),
    "Adam": (Adam, 0.2, 10),
}
SCIPY = {"conjugate gradient": "CG", "quasi-Newton": "BFGS"}


@dataclass
class Way:
    """The passes over the data and the error after each epoch or iteration, and the last weights."""

    passes: list[float]
    errors: list[float]
    weights: list[float]

    @property
    def rises(self) -> int:
        """How often the error was larger than before."""
        return sum(b > a for a, b in pairwise(self.errors))

    def last(self, passes: int, count: int = 10) -> list[float]:
        """The errors after each of the last ``count`` passes of ``passes``."""
        ends = range(passes - count + 1, passes + 1)
        return [self.errors[bisect_right(self.passes, end) - 1] for end in ends]


def wave(n: int = 60) -> Samples:
    rng = random.Random(0)
    xs = [-1.0 + 2.0 * i / (n - 1) for i in range(n)]
    return [[x] for x in xs], [math.sin(math.pi * x) + rng.gauss(0.0, 0.1) for x in xs]


def network() -> MLP:
    """The network with the weights that all optimizers begin with."""
    return MLP(1, [6, 1], activation="tanh", rng=random.Random(0))


def weights(model: MLP) -> list[float]:
    return [p.data for p in model.parameters()]


def mean_error(model: MLP, samples: Samples) -> Value:
    xs, ys = samples
    errors = [half_squared_error(model(x), y) for x, y in zip(xs, ys, strict=True)]
    result: Value = total(errors) / float(len(errors))
    return result


def steepness(model: MLP, samples: Samples) -> float:
    """The norm of the gradient of the mean error."""
    model.zero_grad()
    mean_error(model, samples).backward()
    return math.hypot(*(p.grad for p in model.parameters()))


def descend(name: str, samples: Samples, passes: int) -> Way:
    """The way of one of :data:`DESCENTS`, for this number of passes over the data."""
    make, rate, size = DESCENTS[name]
    model = network()
    with no_grad():
        start = mean_error(model, samples).data
    history = fit(
        model,
        samples,
        half_squared_error,
        make(model.parameters(), lr=rate),
        epochs=passes,
        batch_size=size,
        rng=random.Random(0),
        validation=samples,  # the error of all samples after each epoch, and not their mean during it
        progress=False,
    )
    errors = [start, *history.validation]
    return Way([float(i) for i in range(len(errors))], errors, weights(model))


def by_scipy(name: str, samples: Samples, passes: int) -> Way:
    """The way of conjugate gradient or BFGS, for the iterations that end within these passes."""
    model = network()
    reached = [weights(model)]
    found = minimize(
        lambda: mean_error(model, samples),
        model.parameters(),
        method=SCIPY[name],
        tolerance=1e-12,
        max_iterations=passes,
        callback=lambda: reached.append(weights(model)),
    )
    spent = [0.0, *map(float, found.evaluated[1:])]
    paid = bisect_right(spent, passes)
    return Way(spent[:paid], found.history[:paid], reached[paid - 1])


def show_ways(ways: dict[str, Way], passes: int) -> dict[str, list[float]]:
    """Print how each ended. Returns the mean, least and largest error of the last passes, by name."""
    print(
        f"A 1-6-1 tanh network, 60 samples, {passes} passes over the data from the same weights.\n"
        "With few samples in a step, the error fluctuates. The errors are those after each of the last\n"
        "ten passes."
    )
    print(f"    {'error':<20}{'mean':>10}{'least':>10}{'most':>10}   rose in")
    found = {}
    for name, way in ways.items():
        last = way.last(passes)
        found[name] = [math.fsum(last) / len(last), min(last), max(last)]
        unit = "iterations" if name in SCIPY else "epochs"
        ends = "".join(f"{error:10.6f}" for error in found[name])
        print(f"    {name:<20}{ends}   {way.rises} of {len(way.errors) - 1} {unit}")
    return found


def show_stationary(samples: Samples, found: list[float]) -> tuple[float, float]:
    """Print the norms of the gradient of all samples and of single samples, where BFGS ended."""
    model = network()
    place(model.parameters(), found)
    whole = steepness(model, samples)
    single = max(steepness(model, ([x], [y])) for x, y in zip(*samples, strict=True))
    print(
        f"\nWhere BFGS ended, the gradient of all samples together has the norm {whole:.1e}; that of a\n"
        f"  single sample is up to {single:.2f}. So online steps do not stop there. They can leave a\n"
        "  local minimum, as Muzaffar says, and they fluctuate around a good one unless the rate falls."
    )
    return whole, single


def hill(x: Any) -> Any:
    """A convex function. Its minimum is 1, at 0."""
    return sqrt(1.0 + x**2)


def show_line_search(start: float = 1.5, steps: int = 3) -> tuple[list[float], list[float]]:
    """Print :func:`hill` along Newton's full steps, and along the iterations of BFGS."""
    slope = derivative(hill)
    bend = derivative(slope)
    x, wild = start, [hill(start)]
    for _ in range(steps):
        x -= slope(x) / bend(x)
        wild.append(hill(x))
    w = Value(start)
    tame = minimize(lambda: hill(w), [w]).history
    print(
        "\nMuzaffar says that conjugate gradient and quasi-Newton methods decrease the error at each\n"
        "  iteration until they arrive at a minimum. They decrease it because of their line search,\n"
        "  and they may arrive at any stationary point (see landscape.py). The values of √(1 + x²)\n"
        f"  from x = {start:g}\n"
        f"    by Newton's steps, no line search: {', '.join(f'{error:.4g}' for error in wild)}\n"
        f"    by BFGS, with its line search:     {', '.join(f'{error:.4g}' for error in tame)}"
    )
    return wild, tame


def draw_ways(ways: dict[str, Way], folder: Path) -> None:
    fig, (ax,) = figure(size=(8.4, 5.2))
    noisy = {name: (way.passes, way.errors) for name, way in ways.items() if name not in SCIPY}
    tame = {name: (way.passes, way.errors) for name, way in ways.items() if name in SCIPY}
    plots.history(noisy | tame, ax=ax, smooth=8)
    ax.set(
        title="One problem, seven optimizers (running mean of 8)",
        xlabel="passes over the data (gradients of all 60 samples)",
        ylabel="mean half squared error",
        yscale="log",
    )
    save(fig, folder, "comparison")


def draw_fits(ways: dict[str, Way], samples: Samples, folder: Path) -> None:
    fig, (ax,) = figure(size=(7.2, 4.4))
    xs, ys = samples
    ax.plot([x for (x,) in xs], ys, ".", color="#9a9a9a", label="samples")
    model = network()
    for name, color in (
        ("batch", COLORS[5]),
        ("online", COLORS[3]),
        ("quasi-Newton", COLORS[1]),
    ):
        place(model.parameters(), ways[name].weights)
        with no_grad():
            ax.plot([x for (x,) in xs], [model(x).data for x in xs], color=color, label=name)
    ax.set(title="What they learned", xlabel="x", ylabel="y")
    fig.legend(loc="outside right center")
    save(fig, folder, "fits")


def main(folder: str | Path | None = None, *, quick: bool = False) -> dict[str, Any]:
    """Run all optimizers, print and plot them. Returns the numbers that it prints."""
    folder = output_folder("optimizers", folder)
    samples = wave()
    passes = 30 if quick else PASSES
    ways = {name: descend(name, samples, passes) for name in DESCENTS}
    ways |= {name: by_scipy(name, samples, passes) for name in SCIPY}
    ends = show_ways(ways, passes)
    whole, single = show_stationary(samples, ways["quasi-Newton"].weights)
    wild, tame = show_line_search()

    draw_ways(ways, folder)
    draw_fits(ways, samples, folder)
    print(f"\nThe pictures are in {folder}: comparison, fits.")
    return {
        "ways": ways,
        "ends": ends,
        "whole_gradient": whole,
        "single_gradient": single,
        "without_line_search": wild,
        "with_line_search": tame,
    }


if __name__ == "__main__":
    run(main)
