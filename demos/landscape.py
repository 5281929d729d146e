"""What a gradient of 0 means and what it does not mean: saddle points, convexity, global minima.

    python demos/landscape.py [folder]

Muzaffar's lecture looks for stationary points of the error. Sarkar's lecture (2023) defines convexity
and describes gradient descent. Small experiments test their sentences: BFGS ends at a saddle point and
reports success; the log loss of logistic regression is convex and the error of a network is not; a
global minimum can sometimes be verified; moving in one dimension at a time is not gradient descent.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from common import COLORS, figure, output_folder, place, run, save
from matplotlib.axes import Axes

from autograd_lite import Value, grad, hessian, no_grad
from autograd_lite import sum as total
from autograd_lite.formulas.notation import fmt
from autograd_lite.losses import binary_cross_entropy_with_logits, half_squared_error
from autograd_lite.minimization import minimize
from autograd_lite.nn import MLP, Module, Neuron

Loss = Callable[[Any], Any]
Point = list[float]

#: Two starting points for the weights of logistic regression that are far apart.
FAR = ([-4.0, 3.0, 2.0], [5.0, -1.0, -1.0])
XOR = [([0.0, 0.0], 0.0), ([0.0, 1.0], 1.0), ([1.0, 0.0], 1.0), ([1.0, 1.0], 0.0)]


def two_valleys(w: Sequence[Any]) -> Any:
    """A function with a saddle point at 0 and two minima of −1 at (0, ±√2)."""
    x, y = w
    return x**2 - y**2 + y**4 / 4


def bowl(w: Sequence[Any]) -> Any:
    """A convex quadratic function with its minimum of 0 at 0. Its axes are not those of the plane."""
    x, y = w
    return x**2 + 1.2 * x * y + y**2


def by_bfgs(start: Point) -> tuple[list[Point], bool]:
    """The points of BFGS on :func:`two_valleys` after each iteration, and whether SciPy reports success."""
    w = [Value(c) for c in start]
    path = [start]
    done = minimize(lambda: two_valleys(w), w, callback=lambda: path.append([c.data for c in w]))
    return path, done.success


def shown(w: Point) -> str:
    return f"({', '.join(fmt(round(c, 3) + 0.0) for c in w)})"


def show_saddle() -> tuple[list[Point], list[Point], bool, Point]:
    (in_x, _), (_, in_y) = hessian(two_valleys)([0.0, 0.0])
    stuck, content = by_bfgs([1.0, 0.0])
    freed, _ = by_bfgs([1.0, 1e-6])
    slope = grad(two_valleys)([0.0, 0.0])
    print(
        "A stationary point may be a saddle point: f = x² − y² + y⁴/4 has the gradient "
        f"{shown(slope)}\n  at the origin and bends by {fmt(in_x)} in x and {fmt(in_y)} in y. "
        f"BFGS from (1, 0) ends at {shown(stuck[-1])},\n"
        f"  f = {fmt(two_valleys(stuck[-1]))}, and reports {'success' if content else 'failure'}; "
        f"from (1, 0.000001) it ends at {shown(freed[-1])},\n"
        f"  f = {fmt(two_valleys(freed[-1]))}. Such methods arrive at a stationary point. Muzaffar "
        "says that\n  it is a minimum, but it need not be one."
    )
    return stuck, freed, content, [in_x, in_y]


def along(model: Module, loss: Loss, ends: tuple[Point, Point], steps: int) -> Point:
    """The loss on the line between two lists of weights."""
    losses = []
    with no_grad():
        for i in range(steps + 1):
            share = i / steps
            between = (a + share * (b - a) for a, b in zip(*ends, strict=True))
            place(model.parameters(), between)
            losses.append(loss(model).data)
    return losses


def above_chord(losses: Point) -> float:
    """The largest height of the loss above the straight line between its ends; ≤ 0 if convex."""
    last = len(losses) - 1
    chord = [losses[0] + i / last * (losses[-1] - losses[0]) for i in range(last + 1)]
    return max(a - b for a, b in zip(losses[1:-1], chord[1:-1], strict=True))


def weights(model: Module) -> Point:
    return [p.data for p in model.parameters()]


def xor_error(model: Any) -> Any:
    return total([half_squared_error(model(x), y) for x, y in XOR])


def log_loss() -> tuple[Neuron, Loss]:
    """Logistic regression on samples that overlap, and its mean log loss."""
    rng = random.Random(3)
    xs = [[rng.gauss(0.0, 1.0), rng.gauss(0.0, 1.0)] for _ in range(40)]
    ys = [float(a - b + rng.gauss(0.0, 1.0) > 0) for a, b in xs]

    def loss(model: Any) -> Any:
        each = [binary_cross_entropy_with_logits(model(x), y) for x, y in zip(xs, ys, strict=True)]
        return total(each) / float(len(each))

    return Neuron(2, activation=None, rng=rng), loss


def show_convexity(steps: int) -> tuple[Point, Point]:
    """The log loss between two points, and a network's error between two of its minima."""
    convex = along(*log_loss(), FAR, steps)
    model = learn_xor()
    found = weights(model)
    flip(model)
    between = along(model, xor_error, (found, weights(model)), steps)
    print(
        "\nConvex means L(θx + (1−θ)y) ≤ θL(x) + (1−θ)L(y). The log loss of logistic regression is\n"
        "  convex: on the line between two distant points it is below the chord, by at least "
        f"{-above_chord(convex):.4f}.\n"
        "  The error of an XOR network is not convex. If all signs at one tanh unit are changed, the\n"
        "  outputs are the same, so there is a second minimum, equal to the first. Between the two\n"
        f"  minima the error rises from {between[0]:.1e} to {max(between):.2f}."
    )
    return convex, between


def learn_xor() -> MLP:
    """A 2-3-1 tanh network, trained by BFGS on the four corners."""
    model = MLP(2, [3, 1], activation="tanh", rng=random.Random(0))
    minimize(lambda: xor_error(model), model.parameters(), tolerance=1e-14)
    return model


def flip(model: MLP) -> None:
    """Change the signs of all weights before and after the first hidden unit."""
    hidden, out = model.layers[0].neurons[0], model.layers[1].neurons[0]
    for p in (*hidden.w, hidden.b, out.w[0]):
        p.data = -p.data


def show_global(reached: float) -> tuple[list[Point], float]:
    """The points where BFGS ends from two distant starts on a convex loss, and their distance.

    ``reached`` is the error of the XOR network.
    """
    neuron, loss = log_loss()
    ends = []
    for start in FAR:
        place(neuron.parameters(), start)
        minimize(lambda: loss(neuron), neuron.parameters(), tolerance=1e-10)
        ends.append(weights(neuron))
    apart = max(abs(a - b) for a, b in zip(*ends, strict=True))
    print(
        "\n“A global minimum, even if found, cannot be verified” (Muzaffar). It can be verified if the\n"
        f"  loss reaches a lower bound: the error of the XOR network, {reached:.1e}, cannot be below 0.\n"
        "  It can also be verified if the loss is convex: then a gradient of 0 is enough. From two\n"
        f"  distant starts, BFGS ends at weights of the log loss that differ by {apart:.1e}."
    )
    return ends, apart


def one_at_a_time(start: Point, rate: float, steps: int) -> list[Point]:
    """The path of coordinate descent: “Pick a dimension, move a small amount in that dimension”."""
    path = [start]
    for step in range(steps):
        slope = grad(bowl)(path[-1])
        moved = list(path[-1])
        moved[step % 2] -= rate * slope[step % 2]
        path.append(moved)
    return path


def all_at_once(start: Point, rate: float, steps: int) -> list[Point]:
    """The path of gradient descent."""
    path = [start]
    for _ in range(steps):
        slope = grad(bowl)(path[-1])
        path.append([c - rate * g for c, g in zip(path[-1], slope, strict=True)])
    return path


def show_dimensions() -> tuple[list[Point], list[Point]]:
    start, rate, steps = [-1.5, 0.3], 0.25, 12
    single, whole = one_at_a_time(start, rate, steps), all_at_once(start, rate, steps)
    print(
        "\n“Pick a dimension, move a small amount in that dimension” (Sarkar) is coordinate descent.\n"
        f"  Its first step from (−1.5, 0.3) goes to {shown(single[1])}. Gradient descent moves in all\n"
        f"  dimensions at once, to {shown(whole[1])}. After {steps} steps, x² + 1.2xy + y² is\n"
        f"  {bowl(single[-1]):.4f} by coordinate descent and {bowl(whole[-1]):.4f} by gradient descent."
    )
    return single, whole


def contours(ax: Axes, f: Callable[[Any], Any], across: Point, up: Point, levels: Point) -> None:
    heights = [[f([x, y]) for x in across] for y in up]
    ax.contour(across, up, heights, levels=levels, colors="#b5b5b5", linewidths=1.0)
    ax.set(xlabel="x", ylabel="y")
    ax.grid(visible=False)


def draw_path(ax: Axes, path: list[Point], style: str, label: str, **look: Any) -> None:
    ax.plot(*zip(*path, strict=True), style, label=label, **{"ms": 3.5, "lw": 1.4, **look})


def ticks(low: float, high: float, count: int = 61) -> Point:
    return [low + (high - low) * i / (count - 1) for i in range(count)]


def main(folder: str | Path | None = None, *, quick: bool = False) -> dict[str, Any]:
    """Print the experiments and write the pictures. Returns the numbers that it prints."""
    folder = output_folder("landscape", folder)
    stuck, freed, content, bends = show_saddle()
    steps = 20 if quick else 60
    convex, between = show_convexity(steps)
    ends, apart = show_global(between[0])
    single, whole = show_dimensions()

    fig, (left, right) = figure(columns=2, size=(11.0, 5.6))
    levels = [-0.9, -0.6, -0.3, 0.0, 0.3, 0.6, 0.9, 1.2]
    contours(left, two_valleys, ticks(-1.3, 1.6), ticks(-1.9, 1.9), levels)
    draw_path(left, freed, "o-", "BFGS from (1, 0.000001)", color=COLORS[0], lw=4.0, ms=7.0)
    draw_path(left, stuck, "o--", "BFGS from (1, 0)", color=COLORS[3])
    left.plot(0, 0, "x", color="black", markersize=9, markeredgewidth=2, label="saddle point")
    left.set(title="x² − y² + y⁴/4 (dashed: below 0)", aspect="equal")
    contours(right, bowl, ticks(-1.7, 0.4), ticks(-0.4, 1.5), [0.02, 0.1, 0.3, 0.6, 1.0, 1.5])
    draw_path(right, single, "o-", "one dimension at a time", color=COLORS[1])
    draw_path(right, whole, "o-", "all at once: gradient descent", color=COLORS[0])
    right.set(title="x² + 1.2xy + y²", aspect="equal", xticks=[-1.5, -1.0, -0.5, 0.0])
    for ax in (left, right):
        ax.legend(loc="lower left", frameon=True, framealpha=0.9, edgecolor="none", fontsize=9)
    save(fig, folder, "paths")

    fig, (left, right) = figure(columns=2, size=(11.0, 4.2))
    share = [i / steps for i in range(steps + 1)]
    for ax, losses, title in (
        (left, convex, "log loss of logistic regression: convex"),
        (right, between, "error of an XOR network between equal minima"),
    ):
        ax.plot(share, losses, label="loss on the line")
        ax.plot([0.0, 1.0], [losses[0], losses[-1]], "--", color=COLORS[1], label="chord")
        ax.set(title=title, xlabel="θ, from one list of weights to the other", ylabel="L")
        ax.legend()
    save(fig, folder, "convexity")
    print(f"\nThe pictures are in {folder}: paths, convexity.")
    return {
        "stuck": stuck[-1],
        "freed": freed[-1],
        "content": content,
        "bends": bends,
        "convex": convex,
        "between": between,
        "ends": ends,
        "apart": apart,
        "one_at_a_time": single,
        "all_at_once": whole,
    }


if __name__ == "__main__":
    run(main)
