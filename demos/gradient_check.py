"""Gradients checked by finite differences: the checks of the lectures, what they miss, the best step.

    python demos/gradient_check.py [folder]

First comes the check of COMP755 lecture 22 on six weights of a 2-2-1 network. The engine reproduces its
printed digits. That check misses two faults of the code that it checks. So the next one checks every
parameter of a network with two hidden layers and two outputs, and another one checks a single number,
the slope along a direction (Gormley 2014, section 2.4). The last part shows the error against the step:
Muzaffar's O(ε²) is one half of it, and rounding is the other.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from common import COLORS, figure, judge_each, output_folder, place, run, save

from autograd_lite import cbrt, gradcheck, jvp, no_grad
from autograd_lite.data import lecture_xor
from autograd_lite.losses import half_squared_error
from autograd_lite.nn import MLP, functional_call

UNIT = math.ulp(1.0) / 2  # u, the unit of rounding: 1.1e-16
STEP = 2e-5  # of the central differences; the function step_sizes shows why
LECTURE = 0.5e-7  # the step of COMP755: eps = 1e-7, one half to each side

#: (finite difference, derivative) as the lecture prints them.
PRINTED = [
    (0.0031136092315531272, 0.0031136087408337918),
    (0.0031136092315531272, 0.0031136087408337918),
    (-0.0047451058360348242, -0.0047451063432885328),
    (-0.0047451058360348242, -0.0047451063432885328),
    (0.05932591112811636, 0.059325910360931711),
    (0.053831228363776518, 0.053831228615190692),
]

#: The faults of the lecture's code, both inside its loop over the units of a layer.
FAULTS = OVERWRITE, ONE_BIAS = "dldhs[l][j] = … for +=", "dbs[l] = … for dbs[l][i] = …"


class Problem:
    """A sigmoid network, one sample and its target: the loss as a function of the parameters."""

    def __init__(self, sizes: Sequence[int], x: Sequence[float], target: Sequence[float]) -> None:
        self.model = MLP(sizes[0], sizes[1:], activation="sigmoid", output="sigmoid")
        self.x, self.target = list(x), list(target)
        self.parameters = self.model.parameters()

    def at(self, numbers: Sequence[float]) -> Problem:
        """This problem, after its parameters were set to these numbers."""
        place(self.parameters, numbers)
        return self

    def error(self) -> Any:
        """The loss at the present parameters."""
        return half_squared_error(self.model(self.x), self.target)

    def loss_of(self, parameters: Any) -> Any:
        """The loss with these numbers or Values as parameters."""
        return half_squared_error(functional_call(self.model, parameters, self.x), self.target)

    def along(self, direction: Sequence[float]) -> Callable[[float], float]:
        """The loss as a function of t, at the parameters plus t times the direction."""
        start = [p.data for p in self.parameters]

        def loss_at(t: float) -> float:
            with no_grad():
                moved = self.at([p + t * d for p, d in zip(start, direction, strict=True)])
                found = float(moved.error().data)
            self.at(start)
            return found

        return loss_at

    def differences(self, h: float) -> list[float]:
        """∂E/∂θ, by a central difference for each parameter."""
        n = len(self.parameters)
        return [slope(self.along([float(i == j) for j in range(n)]), h) for i in range(n)]

    def gradient(self) -> list[float]:
        """∂E/∂θ, by one sweep of the engine."""
        self.model.zero_grad()
        self.error().backward()
        return [p.grad for p in self.parameters]


def lecture_gradient(problem: Problem, *faults: str) -> list[float]:
    """The gradient by the formulas of the lecture, with the given faults."""
    layers = problem.model.layers
    hs = [problem.x]
    with no_grad():
        for layer in layers:
            units = layer(hs[-1])
            hs.append([h.data for h in (units if isinstance(units, list) else [units])])
    dldhs = [h - t for h, t in zip(hs[-1], problem.target, strict=True)]
    found: list[float] = []
    for layer, below, above in zip(layers[::-1], hs[-2::-1], hs[:0:-1], strict=True):
        deltas = [g * h * (1.0 - h) for g, h in zip(dldhs, above, strict=True)]
        dldhs = [0.0] * len(below)
        own: list[float] = []
        for neuron, delta in zip(layer.neurons, deltas, strict=True):
            own += [delta * h for h in below]
            own.append(deltas[-1] if ONE_BIAS in faults else delta)
            for j, w in enumerate(neuron.w):
                dldhs[j] = delta * w.data + (0.0 if OVERWRITE in faults else dldhs[j])
        found = own + found
    return found


def slope(f: Callable[[float], float], h: float) -> float:
    """The central difference of ``f`` at 0."""
    return (f(h) - f(-h)) / (2.0 * h)


def disagree(xs: Sequence[float], ys: Sequence[float]) -> int:
    """How many pairs differ by more than 1e-6 of the larger number, which is more than rounding."""
    return sum(abs(x - y) > 1e-6 * max(abs(x), abs(y)) for x, y in zip(xs, ys, strict=True))


def largest_error(xs: Sequence[float], ys: Sequence[float]) -> float:
    return max(abs(x - y) / abs(y) for x, y in zip(xs, ys, strict=True))


def lecture_problem() -> Problem:
    """The network and the sample of the lecture. Its generator continues after the training data."""
    from numpy.random import RandomState

    rng = RandomState(1)
    n = len(lecture_xor().xs)
    for draw, count in ((rng.randn, 9), (rng.rand, 2 * n), (rng.randn, 2 * n)):
        draw(count)  # the first weights and biases, the corners, their noise
    first, second, b1, b2 = (0.1 * rng.randn(*shape) for shape in ((2, 2), (1, 2), (2, 1), (1, 1)))
    rows = [*zip(first, b1, strict=True), *zip(second, b2, strict=True)]
    numbers = [float(x) for w, b in rows for x in (*w, *b)]
    return Problem([2, 2, 1], [1.0, 1.0], [0.0]).at(numbers)


def deep_problem() -> Problem:
    """Two hidden layers of three units and two outputs, weights and biases of order 1."""
    rng = random.Random(4)
    numbers = [rng.choice((-1.0, 1.0)) * rng.uniform(0.5, 1.5) for _ in range(29)]
    return Problem([2, 3, 3, 2], [0.8, -0.5], [1.0, 0.0]).at(numbers)


def lecture_check() -> dict[str, Any]:
    problem = lecture_problem()
    swept = problem.gradient()
    faulty = lecture_gradient(problem, *FAULTS)
    weights = [i for i, p in enumerate(problem.parameters) if p.name != "b"]
    gradient, fine, checked = (
        [numbers[i] for i in weights] for numbers in (swept, problem.differences(STEP), faulty)
    )
    print("The check of COMP755: six weights, one sample, eps = 1e-7.")
    print("     printed difference  printed derivative  engine              central, h = 2e-5")
    for pair, exact, better in zip(PRINTED, gradient, fine, strict=True):
        print("    " + "  ".join(f"{x:< 18.14f}" for x in (*pair, exact, better)).rstrip())
    printed = largest_error(*zip(*PRINTED, strict=True))
    print(
        f"  The printed pairs differ by up to {printed:.0e} of the derivative. With a better step they\n"
        f"  differ by {largest_error(fine, gradient):.0e}: eps was too small, and rounding dominates."
    )
    missed, wrong = disagree(checked, gradient), disagree(faulty, swept)
    print(
        f"  The code that was checked has two faults. They change {missed} of these six weights, and\n"
        f"  {wrong} bias, which was not checked. One fault has an effect only in networks with more layers."
    )
    return {"lecture": gradient, "lecture_differences": fine}


def one_by_one(problem: Problem) -> dict[str, Any]:
    """Print a row for each parameter: engine, difference, and the lecture's code with each fault."""
    gradient, differences = problem.gradient(), problem.differences(STEP)
    faulty = [lecture_gradient(problem, fault) for fault in FAULTS]
    names = [name for name, _ in problem.model.named_parameters()]
    print(f"\nAll {len(names)} parameters of a 2-3-3-2 network; ✗ marks a wrong number.")
    print(f"{'engine':>31}  {'difference':>15}  {'without +=':>15}  {'one bias':>13}")
    for name, *numbers in zip(names, gradient, differences, *faulty, strict=True):
        marks = ["✗" if disagree([x], numbers[1:2]) else " " for x in numbers]
        cells = (f"{x: .9f} {mark}" for x, mark in zip(numbers, marks, strict=True))
        print(f"    {name:<20}{'  '.join(cells)}".rstrip())
    print(
        f"  Engine and differences agree to {largest_error(differences, gradient):.0e} of each derivative."
    )
    return {"gradient": gradient, "differences": differences}


def by_gradcheck(problem: Problem) -> dict[str, Any]:
    start = [p.data for p in problem.parameters]
    report = gradcheck(problem.loss_of, (start,))
    print(f"  gradcheck of the engine: {report};\n  of the lecture's code with")

    def value(*numbers: float) -> float:
        with no_grad():
            return float(problem.at(numbers).error().data)

    def rule(fault: str, numbers: Sequence[float], _: float) -> list[float]:
        return lecture_gradient(problem.at(numbers), fault)

    found = judge_each({f: (value, partial(rule, f), start) for f in (*FAULTS, "neither fault")})
    problem.at(start)
    print(
        "  The lecture's backward_prop also reads hs, the outputs of the forward pass, from a global\n"
        "  variable. So it returns the gradient of the sample that was last in a forward pass."
    )
    return found | {"gradcheck": report.ok}


def directional_check(problem: Problem) -> dict[str, Any]:
    rng = random.Random(2)
    drawn = [rng.gauss(0.0, 1.0) for _ in problem.parameters]
    d = [x / math.hypot(*drawn) for x in drawn]
    start, gradient = [p.data for p in problem.parameters], problem.gradient()
    faulty = lecture_gradient(problem, *FAULTS)
    swept, wrong = (sum(map(float.__mul__, each, d)) for each in (gradient, faulty))
    differenced = slope(problem.along(d), STEP)
    found = {
        "∇E·d, reverse sweep": swept,
        "the same, forward mode (jvp)": jvp(problem.loss_of, (start,), (d,))[1],
        "(E(θ + εd) − E(θ − εd)) / 2ε": differenced,
        "∇E·d with the lecture's faulty gradient": wrong,
    }
    print("\nThe same check with one number, the slope along a random direction d:")
    for label, number in found.items():
        print(f"    {label:<40} {number: .10f}")
    print(
        f"  Gormley's equation 7 also divides by dᵢ. That gives {differenced / d[0]:.6f} for the first\n"
        f"  parameter, but its derivative is {gradient[0]:.6f}. The equation is right only if all other\n"
        "  entries of d are 0."
    )
    return {"direction": d, "directional": found, "equation_7": differenced / d[0]}


def step_sizes(problem: Problem, folder: Path, *, quick: bool) -> dict[str, Any]:
    """Print and plot the error of the differences against their step (root mean square)."""
    gradient = problem.gradient()

    def off(h: float) -> float:
        return math.dist(problem.differences(h), gradient) / math.sqrt(len(gradient))

    size, bend = problem.error().data, 6.0 * off(0.01) / 0.01**2
    best = cbrt(3.0 * UNIT * size / bend)
    marks = {"u": UNIT, "COMP755": LECTURE, "∛u": cbrt(UNIT), "best": best}
    print("\nError of the central difference, root mean square over the parameters:")
    for name, h in [*marks.items(), ("used above", STEP)]:
        print(f"    {name:<12} h = {h:.1e}: {off(h):.1e}")
    print(
        "  Truncation |E‴|·h²/6 is Muzaffar's O(ε²). Rounding adds about u·|E|/h. The sum is smallest\n"
        f"  at h = ∛(3u·|E|/|E‴|), called best above, with |E| = {size:.4f} and |E‴| = {bend:.4f}.\n"
        "  With a step near u, as Gormley advises, there is only rounding. A step near ∛u is right."
    )
    per_decade = 1 if quick else 4
    hs = [10.0 ** (-k / per_decade) for k in range(16 * per_decade + 1)]
    errors = [off(h) for h in hs]
    fig, (ax,) = figure(size=(8.0, 5.2))
    ax.loglog(hs, errors, label="measured")
    ax.loglog(hs, [bend * h**2 / 6.0 for h in hs], "--", label="truncation |E‴|·h²/6")
    ax.loglog(hs, [UNIT * size / h for h in hs], "--", label="rounding u·|E|/h")
    words = {"u": "u = 2⁻⁵³", "COMP755": "COMP755's h", "∛u": "∛u", "best": "best h"}
    for (name, h), side in zip(marks.items(), ("center", "center", "right", "left"), strict=True):
        ax.axvline(h, color=COLORS[-1], linestyle="dotted", linewidth=1.2)
        ax.text(h, 1.01, words[name], transform=ax.get_xaxis_transform(), ha=side, va="bottom")
    ax.set_title("Central differences against the engine", pad=24)
    ax.set(xlabel="step h", ylabel="error, root mean square", ylim=(min(errors) / 10.0, None))
    ax.legend(loc="lower left")
    save(fig, folder, "step_size")
    return {"steps": hs, "errors": errors, "size": size, "bend": bend, "best": best}


def main(folder: str | Path | None = None, *, quick: bool = False) -> dict[str, Any]:
    """Print the checks and draw the error against the step. Returns the numbers that it prints."""
    folder = output_folder("gradient_check", folder)
    problem = deep_problem()
    found = lecture_check() | one_by_one(problem) | by_gradcheck(problem)
    found |= directional_check(problem) | step_sizes(problem, folder, quick=quick)
    print(f"\nThe picture is in {folder}: step_size.")
    return found


if __name__ == "__main__":
    run(main)
