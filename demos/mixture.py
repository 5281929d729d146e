"""A mixture of three Gaussians fitted by maximum likelihood, with standard errors from the Hessian.

    python demos/mixture.py [folder]

The likelihood of one number is written in scalars and recorded once; the data are the batch. SciPy's
BFGS follows its gradient over eight free parameters: the logits of the weights, of which the first is 0,
the means, and the logarithms of the standard deviations. So every point is a mixture, and no bound is
needed. The estimate is compared with that of the EM algorithm, the Hessian with differences of the
gradient, and both with the mixture that the data were drawn from.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from common import COLORS, figure, output_folder, run, save
from scipy.optimize import minimize

from autograd_lite import exp, hessian, log_softmax, logsumexp, record, softmax

TRUTH = np.array([[0.35, 0.45, 0.2], [-2.0, 0.5, 3.0], [0.5, 0.9, 0.6]])  # weights, means, deviations
NAMES = [f"{kind} {k}" for kind in ("weight", "mean", "deviation") for k in (1, 2, 3)]
STEP = 1e-5  # of the differences of the gradient


def surprise(parameters: Sequence[Any], x: Any) -> Any:
    """Minus the logarithm of the density at ``x``."""
    logits, means, logs = [0.0, *parameters[:2]], parameters[2:5], parameters[5:]
    terms = []
    for weight, mean, log_deviation in zip(log_softmax(logits), means, logs, strict=True):
        z = (x - mean) * exp(-log_deviation)
        terms.append(weight - log_deviation - z**2 / 2)
    return 0.5 * math.log(2.0 * math.pi) - logsumexp(terms)


def readable(parameters: Sequence[Any]) -> list[Any]:
    """The weights, means and standard deviations that the free parameters stand for."""
    return [*softmax([0.0, *parameters[:2]]), *parameters[2:5], *map(exp, parameters[5:])]


def draw_data(count: int) -> tuple[Any, list[float]]:
    """Numbers from the true mixture, and a start for the fits that looks at the numbers only."""
    rng = np.random.default_rng(0)
    kinds = rng.choice(3, count, p=TRUTH[0])
    xs = TRUTH[1, kinds] + TRUTH[2, kinds] * rng.standard_normal(count)
    means = np.quantile(xs, [1 / 6, 3 / 6, 5 / 6]).tolist()
    return xs, [0.0, 0.0, *means, *[math.log(xs.std() / 3.0)] * 3]


def em(xs: Any, start: Sequence[float]) -> tuple[Any, int]:
    """The weights, means and deviations by the EM algorithm, a row each, and its iterations."""
    weights, means, deviations = np.full(3, 1 / 3), np.array(start[2:5]), np.exp(start[5:])
    done, moved = 0, 1.0
    while moved > 1e-12 and done < 20000:
        z = (xs[:, None] - means) / deviations
        joint = weights / deviations * np.exp(-(z**2) / 2)
        share = joint / joint.sum(axis=1, keepdims=True)  # of each component in each number
        held = share.sum(axis=0)
        before, weights, means = means, held / len(xs), xs @ share / held
        deviations = np.sqrt((share * (xs[:, None] - means) ** 2).sum(axis=0) / held)
        done, moved = done + 1, abs(means - before).max()
    return np.array([weights, means, deviations]), done


def fit(xs: Any, start: Sequence[float]) -> tuple[Any, Any]:
    """What SciPy found, and the function of parameters and data that it followed: value and gradient."""
    follow = record(surprise, start, 0.0).batch(in_axes=(None, 0), reduce="mean").value_and_grad
    return minimize(follow, start, (xs,), jac=True, method="BFGS", options={"gtol": 1e-9}), follow


def curvature(xs: Any, point: list[float]) -> Any:
    """The Hessian of the summed surprise: that of one number recorded, with the data as the batch."""
    program = record(hessian(surprise), point, 0.0)
    return np.array(program.batch(in_axes=(None, 0), reduce="sum")(point, xs))


def show_fit(xs: Any, start: list[float]) -> dict[str, Any]:
    """Print the estimates by both ways, their standard errors, and how far the truth is."""
    done, follow = fit(xs, start)
    point = done.x.tolist()
    other, iterations = em(xs, start)
    estimate = np.array(readable(point))
    matrix = curvature(xs, point)
    # The covariance of the estimate is the inverse Hessian; the derivatives of what is printed by the
    # free parameters carry it over.
    slopes = np.array(record(readable, point).jacobian(point))
    errors = np.sqrt(np.diag(slopes @ np.linalg.inv(matrix) @ slopes.T))
    off = (estimate - TRUTH.ravel()) / errors
    print(
        f"{len(xs)} numbers, 8 free parameters. BFGS took {done.nit} iterations and ends with a gradient\n"
        f"of {abs(done.jac).max():.1e}; EM took {iterations} iterations."
    )
    print(
        f"    {'':<12}{'BFGS':>12}{'EM':>12}{'apart':>10}{'stand. error':>14}{'truth':>8}{'errors off':>12}"
    )
    table = zip(NAMES, estimate, other.ravel(), errors, TRUTH.ravel(), off, strict=True)
    for name, x, y, error, true, many in table:
        print(f"    {name:<12}{x:12.8f}{y:12.8f}{x - y:10.0e}{error:14.4f}{true:8.2f}{many:12.2f}")

    # Central differences of the gradient, of the mean; the Hessian is of the sum.
    columns = []
    for move in STEP * np.eye(8):
        ahead, behind = (follow(done.x + way * move, xs)[1] for way in (1.0, -1.0))
        columns.append(len(xs) * (np.array(ahead) - behind) / (2.0 * STEP))
    worst = abs(matrix - columns).max() / abs(matrix).max()
    print(
        f"  The Hessian and central differences of the gradient are {worst:.0e} of its largest entry apart."
    )
    return {
        "estimate": estimate,
        "em": other.ravel(),
        "errors": errors,
        "off": off,
        "hessian": matrix,
        "differences": np.array(columns),
        "surprise": done.fun,
        "point": done.x,
    }


def density(rows: Any, ticks: Any) -> Any:
    """The density of each component of a mixture, a column each."""
    weights, means, deviations = rows
    z = (ticks[:, None] - means) / deviations
    return weights / deviations * np.exp(-(z**2) / 2) / math.sqrt(2.0 * math.pi)


def draw(found: dict[str, Any], xs: Any, folder: Path) -> None:
    fig, (left, right) = figure(columns=2)
    ticks = np.linspace(xs.min() - 0.5, xs.max() + 0.5, 300)
    parts = density(found["estimate"].reshape(3, 3), ticks)
    left.hist(xs, bins=60, density=True, color="#d9d9d9", label="data")
    left.plot(ticks, parts, color=COLORS[4], linewidth=1.2, label=["fitted components", "", ""])
    left.plot(ticks, parts.sum(axis=1), color=COLORS[0], label="fitted mixture")
    left.plot(ticks, density(TRUTH, ticks).sum(axis=1), "--", color=COLORS[1], label="true mixture")
    left.set(title=f"{len(xs)} numbers from three Gaussians", xlabel="x", ylabel="density")
    left.legend()
    right.errorbar(found["off"], range(9), xerr=2.0, fmt="o", color=COLORS[0], capsize=3)
    right.axvline(0.0, color=COLORS[1], linestyle="dashed")
    right.set(yticks=range(9), yticklabels=NAMES, xlabel="estimate − truth, in standard errors (bars ± 2)")
    right.set_title("How far each estimate is from the truth")
    right.invert_yaxis()
    save(fig, folder, "mixture")


def main(folder: str | Path | None = None, *, quick: bool = False) -> dict[str, Any]:
    """Fit the mixture, print the estimates and draw them. Returns the numbers that it prints."""
    folder = output_folder("mixture", folder)
    xs, start = draw_data(800 if quick else 5000)
    found = show_fit(xs, start)
    draw(found, xs, folder)
    print(f"\nThe picture is in {folder}: mixture.")
    return found | {"data": xs}


if __name__ == "__main__":
    run(main)
