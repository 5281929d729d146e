"""Gradients checked by finite differences: the lectures' ways, what they miss, and the best step.

    python demos/gradient_check.py [folder]

First the check of COMP755 lecture 22, six weights of a 2-2-1 network, whose printed digits the engine
gives again. It cannot see two faults of the code that it checks, so then every parameter of a network
with two hidden layers and two outputs, and the same in one number by a direction (Gormley 2014,
section 2.4). Last, the error of the differences against their step (Muzaffar's O(ε²) is half of it).
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from common import COLOURS, figure, judged, output_folder, run, save, verdict

from autograd_lite import gradcheck, jvp, no_grad, sigmoid
from autograd_lite.check import Report, difference
from autograd_lite.data import lecture_xor
from autograd_lite.losses import half_squared_error
from autograd_lite.nn import MLP, functional_call

UNIT = math.ulp(1.0) / 2  # u, the unit of rounding: 1.1e-16
# Truncation h²·E‴/6 and rounding u·E/h balance at ∛(3u·E/E‴): near ∛u in general, and higher here,
# where every sigmoid makes E‴ smaller.
STEP = 2e-5
LECTURE = 0.5e-7  # COMP755's step: eps = 1e-7, half of it to each side
WRONG = 1e-6  # a relative difference that no rounding explains

#: (finite difference, derivative) as the lecture prints them.
PRINTED = [
    (0.0031136092315531272, 0.0031136087408337918),
    (0.0031136092315531272, 0.0031136087408337918),
    (-0.0047451058360348242, -0.0047451063432885328),
    (-0.0047451058360348242, -0.0047451063432885328),
    (0.05932591112811636, 0.059325910360931711),
    (0.053831228363776518, 0.053831228615190692),
]


class Problem:
    """A sigmoid network, one sample and its target: the loss as a function of the parameters."""

    def __init__(self, sizes: Sequence[int], x: Sequence[float], target: Sequence[float]) -> None:
        self.model = MLP(
            sizes[0], sizes[1:], activation="sigmoid", output="sigmoid", rng=random.Random(0)
        )
        self.x, self.target = list(x), list(target)
        self.parameters = self.model.parameters()

    def loss_of(self, parameters: Any) -> Any:
        """The loss with these numbers or Values as parameters."""
        outputs = functional_call(self.model, parameters, self.x)
        return half_squared_error(outputs, self.target)

    def along(self, direction: Sequence[float]) -> Callable[[float], float]:
        """The loss as a function of t, at the parameters plus t times the direction."""
        start = [p.data for p in self.parameters]

        def loss_at(t: float) -> float:
            with no_grad():
                moved = [p + t * d for p, d in zip(start, direction, strict=True)]
                return float(self.loss_of(moved).data)

        return loss_at

    def gradient(self) -> list[float]:
        """One sweep of the engine."""
        self.model.zero_grad()
        half_squared_error(self.model(self.x), self.target).backward()
        return [p.grad for p in self.parameters]

    def differences(self, h: float, *, central: bool = True) -> list[float]:
        """∂E/∂θ by a finite difference for each parameter."""
        lines = [self.along(axis) for axis in self.axes()]
        if central:
            return [slope(along, h) for along in lines]
        return [(along(h) - along(0.0)) / h for along in lines]

    def axes(self) -> list[list[float]]:
        """The directions of the single parameters."""
        return [[float(i == j) for j in range(self.size)] for i in range(self.size)]

    @property
    def size(self) -> int:
        """The number of parameters."""
        return len(self.parameters)

    def lecture_gradient(self, *, overwrite: bool, one_bias: bool) -> list[float]:
        """The lecture's formulas, with its two faults on request.

        ``overwrite``: ``dldhs[l][j] = …`` in the loop over the units above, where ``+=`` is meant.
        ``one_bias``: ``dbs[l] = …`` in the loop over the units, where ``dbs[l][i] = …`` is meant.
        """
        hs: list[list[float]] = [self.x]
        for layer in self.model.layers:
            hs.append([sigmoid(dot(neuron.w, hs[-1]) + neuron.b.data) for neuron in layer.neurons])
        upstream = [h - t for h, t in zip(hs[-1], self.target, strict=True)]
        found: list[float] = []
        for layer, below, above in reversed(list(zip(self.model.layers, hs, hs[1:], strict=False))):
            deltas = [g * h * (1.0 - h) for g, h in zip(upstream, above, strict=True)]
            upstream = [0.0] * len(below)
            own: list[float] = []
            for neuron, delta in zip(layer.neurons, deltas, strict=True):
                own += [delta * h for h in below]
                own.append(deltas[-1] if one_bias else delta)
                for j, w in enumerate(neuron.w):
                    upstream[j] = delta * w.data + (0.0 if overwrite else upstream[j])
            found = own + found
        return found

    def judge_lecture(self, start: Sequence[float], *, overwrite: bool, one_bias: bool) -> Report:
        """What gradcheck says of the loss when its gradient is by the lecture's code."""

        def placed(parameters: Sequence[float]) -> None:
            for p, x in zip(self.parameters, parameters, strict=True):
                p.data = x

        def value(*parameters: float) -> float:
            placed(parameters)
            return float(half_squared_error(self.model(self.x), self.target).data)

        def rule(parameters: Sequence[float], z: float) -> list[float]:
            placed(parameters)
            return self.lecture_gradient(overwrite=overwrite, one_bias=one_bias)

        report = judged(value, rule, start)
        placed(start)
        return report


def dot(ws: Sequence[Any], xs: Iterable[float]) -> float:
    """Σ w·x in numbers."""
    return math.fsum(w.data * x for w, x in zip(ws, xs, strict=True))


def slope(f: Callable[[float], float], h: float) -> float:
    """The central difference of ``f`` at 0."""
    return (f(h) - f(-h)) / (2.0 * h)


def disagree(xs: Sequence[float], ys: Sequence[float]) -> int:
    """How many pairs differ by more than 1e-6 of the larger."""
    return sum(abs(x - y) > WRONG * max(abs(x), abs(y)) for x, y in zip(xs, ys, strict=True))


def largest_error(xs: Sequence[float], ys: Sequence[float]) -> float:
    """The largest relative difference of the pairs."""
    return max(abs(x - y) / abs(y) for x, y in zip(xs, ys, strict=True))


def lecture_problem() -> Problem:
    """The lecture's network and sample: its generator goes on from where the training data ended."""
    from numpy.random import RandomState

    rng = RandomState(1)
    n = len(lecture_xor().xs)
    for draw, count in ((rng.randn, 9), (rng.rand, 2 * n), (rng.randn, 2 * n)):
        draw(count)  # the first weights and biases, the corners, their noise
    first, second, b1, b2 = (0.1 * rng.randn(*shape) for shape in ((2, 2), (1, 2), (2, 1), (1, 1)))
    problem = Problem([2, 2, 1], [1.0, 1.0], [0.0])
    rows = [*zip(first, b1, strict=True), *zip(second, b2, strict=True)]
    numbers = [float(x) for weights, bias in rows for x in (*weights, *bias)]
    for p, x in zip(problem.parameters, numbers, strict=True):
        p.data = x
    return problem


def deep_problem() -> Problem:
    """Two hidden layers of three units and two outputs, weights and biases of order 1."""
    problem = Problem([2, 3, 3, 2], [0.8, -0.5], [1.0, 0.0])
    rng = random.Random(4)
    for p in problem.parameters:
        p.data = rng.choice((-1.0, 1.0)) * rng.uniform(0.5, 1.5)
    return problem


def lecture_check() -> dict[str, Any]:
    problem = lecture_problem()
    weights = [i for i, p in enumerate(problem.parameters) if p.name != "b"]
    gradient = [problem.gradient()[i] for i in weights]
    fine = [problem.differences(STEP)[i] for i in weights]
    print("COMP755's check: six weights, one sample, eps = 1e-7.")
    print(
        "     printed difference    printed derivative    engine                central, h = 2e-5"
    )
    for pair, swept, better in zip(PRINTED, gradient, fine, strict=True):
        print("    " + "  ".join(f"{x:< 20.14f}" for x in (*pair, swept, better)).rstrip())
    printed = largest_error([pair[0] for pair in PRINTED], gradient)
    print(
        f"  The printed pairs differ by up to {printed:.0e} of the derivative, with the better step"
    )
    print(
        f"  by {largest_error(fine, gradient):.0e}: eps was too small, and rounding is what is left."
    )
    faulty = problem.lecture_gradient(overwrite=True, one_bias=True)
    missed = disagree([faulty[i] for i in weights], gradient)
    wrong = disagree(faulty, problem.gradient())
    print(
        f"  The code that was checked has two faults. In these six weights they show {missed} times;\n"
        f"  {wrong} bias is wrong all the same, and the other fault needs more layers to be seen."
    )
    return {"lecture": gradient, "lecture_differences": fine, "lecture_missed": missed}


def full_check(problem: Problem) -> dict[str, Any]:
    gradient, differences = problem.gradient(), problem.differences(STEP)
    faults = {
        "dldhs[l][j] = … for +=": problem.lecture_gradient(overwrite=True, one_bias=False),
        "dbs[l] = … for dbs[l][i] = …": problem.lecture_gradient(overwrite=False, one_bias=True),
    }
    print(f"\nAll {problem.size} parameters of a 2-3-3-2 network; ✗ marks what is wrong.")
    print(f"{'engine':>31}  {'difference':>15}  {'without +=':>15}  {'one bias':>13}")
    names = [name for name, _ in problem.model.named_parameters()]
    for name, *numbers in zip(names, gradient, differences, *faults.values(), strict=True):
        marks = ["✗" if disagree([x], numbers[1:2]) else " " for x in numbers]
        cells = (f"{x: .9f} {mark}" for x, mark in zip(numbers, marks, strict=True))
        print(f"    {name:<20}{'  '.join(cells)}".rstrip())
    off = largest_error(differences, gradient)
    extrapolated = [difference(problem.along(axis), 0.0)[0] for axis in problem.axes()]
    extrapolated_off = largest_error(extrapolated, gradient)
    right = disagree(problem.lecture_gradient(overwrite=False, one_bias=False), gradient)
    print(
        f"  Engine and differences agree to {off:.0e} of each derivative, and to {extrapolated_off:.0e}"
        " where\n  differences of several steps are extrapolated to h = 0."
    )
    for fault, each in faults.items():
        print(f"  {fault:<30} makes {disagree(each, gradient)} derivatives wrong.")
    print(f"  With both repaired, {right} are.")
    start = [p.data for p in problem.parameters]
    report = gradcheck(problem.loss_of, (start,))
    print(f"  gradcheck, forward and reverse: {report}.")
    refused = {}
    for fault, flags in (
        ("dldhs[l][j] = … for +=", {"overwrite": True, "one_bias": False}),
        ("dbs[l] = … for dbs[l][i] = …", {"overwrite": False, "one_bias": True}),
    ):
        refused[fault] = problem.judge_lecture(start, **flags)
        print(f"  gradcheck of the lecture's code with {fault}:\n    {verdict(refused[fault])}")
    print(
        "  The lecture's backward_prop also reads hs, the outputs of the forward pass, as a global that\n"
        "  is no argument of it: it gives the gradient of whichever sample went forward last."
    )
    overwritten, one_bias = (disagree(each, gradient) for each in faults.values())
    return {
        "gradient": gradient,
        "differences": differences,
        "largest_error": off,
        "extrapolated_error": extrapolated_off,
        "wrong_overwritten": overwritten,
        "wrong_one_bias": one_bias,
        "wrong_repaired": right,
        "gradcheck": report.ok,
        "gradcheck_faults": [len(each.wrong) for each in refused.values()],
    }


def directional_check(problem: Problem) -> dict[str, Any]:
    rng = random.Random(2)
    drawn = [rng.gauss(0.0, 1.0) for _ in problem.parameters]
    d = [x / math.hypot(*drawn) for x in drawn]
    gradient = problem.gradient()
    swept = math.fsum(g * x for g, x in zip(gradient, d, strict=True))
    pushed = jvp(problem.loss_of, ([p.data for p in problem.parameters],), (d,))[1]
    differenced = slope(problem.along(d), STEP)
    faulty = problem.lecture_gradient(overwrite=True, one_bias=True)
    faulty_sum = math.fsum(g * x for g, x in zip(faulty, d, strict=True))
    print("\nThe same in one number, along a random direction d:")
    print(f"    ∇E·d, reverse sweep                      {swept: .10f}")
    print(f"    the same, forward mode (jvp)             {pushed: .10f}")
    print(f"    (E(θ + εd) − E(θ − εd)) / 2ε             {differenced: .10f}")
    print(f"    ∇E·d with the lecture's faulty gradient  {faulty_sum: .10f}")
    print(
        f"  Gormley's equation 7 divides by dᵢ as well. Here that gives {differenced / d[0]:.6f} for"
        f" the first\n  parameter, whose derivative is {gradient[0]:.6f}: it is right only where d has"
        " no other part."
    )
    return {
        "direction": d,
        "directional": swept,
        "directional_forward": pushed,
        "directional_difference": differenced,
        "directional_faulty": faulty_sum,
        "equation_7": differenced / d[0],
    }


def step_sizes(problem: Problem, folder: Path, *, quick: bool) -> dict[str, Any]:
    gradient = problem.gradient()

    def off(h: float, *, central: bool = True) -> float:
        errors = [
            x - g for x, g in zip(problem.differences(h, central=central), gradient, strict=True)
        ]
        return math.hypot(*errors) / math.hypot(*gradient)

    per_decade = 1 if quick else 4
    hs = [10.0 ** (-k / per_decade) for k in range(16 * per_decade + 1)]
    central, forward = [off(h) for h in hs], [off(h, central=False) for h in hs]
    marks = {"u": UNIT, "COMP755": LECTURE, "∛u": UNIT ** (1 / 3)}
    print("\nError of the central difference, relative to the gradient:")
    for name, h in [*marks.items(), ("used above", STEP)]:
        print(f"    {name:<12} h = {h:.1e}: {off(h):.1e}")
    print(
        "  Truncation falls as h² (Muzaffar's O(ε²)), rounding grows as u/h. A step near the unit of\n"
        "  rounding, as Gormley advises, leaves nothing but rounding; the best is near its cube root."
    )
    fig, (ax,) = figure(size=(7.5, 4.8))
    ax.loglog(hs, forward, label="forward difference")
    ax.loglog(hs, central, label="central difference")
    for name, h in marks.items():
        ax.axvline(h, color=COLOURS[-1], linestyle="dashed", linewidth=1.2)
        ax.text(h, 1.01, name, transform=ax.get_xaxis_transform(), ha="center", va="bottom")
    ax.set_title("Finite differences against the engine", pad=24)
    ax.set(xlabel="step h", ylabel="error, relative to the gradient")
    ax.legend(loc="lower left")
    save(fig, folder, "step_size")
    return {"error_step": off(STEP), "error_lecture": off(LECTURE), "error_unit": off(UNIT)}


def main(folder: str | Path | None = None, *, quick: bool = False) -> dict[str, Any]:
    """Print the pairs, draw the error against the step; the numbers that were printed."""
    folder = output_folder("gradient_check", folder)
    problem = deep_problem()
    found = lecture_check() | full_check(problem) | directional_check(problem)
    found |= step_sizes(problem, folder, quick=quick)
    print(f"\nThe picture is in {folder}: step_size.")
    return found


if __name__ == "__main__":
    run(main)
