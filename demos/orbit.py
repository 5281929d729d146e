"""An orbit fitted to noisy positions: Gauss and Newton, through a Runge–Kutta integration in scalars.

    python demos/orbit.py [folder]

A planet moves around the origin by ẍ = −x/|x|³, in units where GM = 1. Its motion from one observation
to the next is integrated by the classical method of Runge and Kutta, written in scalars and recorded
once. The chain rule joins the Jacobians of these stretches to the derivatives of all positions by the
start, and they make Gauss–Newton steps toward noisy observations. Those come from Kepler's equation and
not from an integration, so the true orbit shares no code with the fit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from common import COLORS, figure, output_folder, run, save

from autograd_lite import jacobian, record, sqrt

AXIS, ECCENTRICITY, ANGLE, ANOMALY = 1.0, 0.4, 0.5, 0.8  # ANGLE to the perihelion; ANOMALY at time 0
PERIOD = 2.0 * math.pi * AXIS**1.5
SPAN = 1.3 * PERIOD  # of the observations
NOISE = 0.02

State = Sequence[Any]  # x, y and the velocities


def rate(state: State) -> list[Any]:
    """The derivative of the state by time."""
    x, y, vx, vy = state
    pull = (x**2 + y**2) ** -1.5
    return [vx, vy, -pull * x, -pull * y]


def moved(state: State, by: float, way: State) -> list[Any]:
    return [s + by * w for s, w in zip(state, way, strict=True)]


def runge_kutta(state: State, h: float) -> list[Any]:
    """The state after the time ``h``."""
    k1 = rate(state)
    k2 = rate(moved(state, h / 2, k1))
    k3 = rate(moved(state, h / 2, k2))
    k4 = rate(moved(state, h, k3))
    return [s + h / 6 * (a + 2 * (b + c) + d) for s, a, b, c, d in zip(state, k1, k2, k3, k4, strict=True)]


def stretch_of(count: int, steps: int) -> Any:
    """The motion over one of ``count`` equal parts of the span, in this many steps, as a function."""

    def stretch(state: State) -> State:
        for _ in range(steps):
            state = runge_kutta(state, SPAN / (count * steps))
        return state

    return stretch


def states(stretch: Any, start: State, count: int) -> Any:
    """The states after each of ``count`` stretches, a row each."""
    found = [start]
    for _ in range(count):
        found.append(stretch(found[-1]))
    return np.array(found[1:])


def derivatives(program: Any, start: State, count: int) -> Any:
    """The derivatives of those states by the start, an array (count, 4, 4)."""
    found, state = [np.eye(4)], start
    for _ in range(count):
        found.append(np.array(program.jacobian(state)) @ found[-1])
        state = program(state)
    return np.array(found[1:])


def kepler(time: float) -> list[float]:
    """The state of the true orbit, by Kepler's equation M = E − e·sin E, which Newton's method solves."""
    mean = ANOMALY + time / AXIS**1.5
    E = mean
    for _ in range(20):
        E -= (E - ECCENTRICITY * math.sin(E) - mean) / (1.0 - ECCENTRICITY * math.cos(E))
    small, speed = math.sqrt(1.0 - ECCENTRICITY**2), AXIS**-1.5 / (1.0 - ECCENTRICITY * math.cos(E))
    turn = AXIS * complex(math.cos(ANGLE), math.sin(ANGLE))
    z = turn * complex(math.cos(E) - ECCENTRICITY, small * math.sin(E))
    v = turn * speed * complex(-math.sin(E), small * math.cos(E))
    return [z.real, z.imag, v.real, v.imag]


def conserved(state: State) -> list[Any]:
    """The energy and the angular momentum."""
    x, y, vx, vy = state
    return [(vx**2 + vy**2) / 2 - (x**2 + y**2) ** -0.5, x * vy - y * vx]


def elements(state: State) -> list[Any]:
    """The semi-major axis and the eccentricity."""
    energy, momentum = conserved(state)
    return [-0.5 / energy, sqrt(1.0 + 2.0 * energy * momentum**2)]


def gauss_newton(program: Any, observed: Any, start: State) -> tuple[list[float], Any, list[float]]:
    """The start that fits best, its covariance for noise of size 1, and the misfit before each step."""

    def residual(start: State) -> Any:
        return (observed - states(program, start, len(observed))[:, :2]).ravel()

    misfits: list[float] = []
    while True:
        J, r = derivatives(program, start, len(observed))[:, :2].reshape(-1, 4), residual(start)
        misfits.append(float(r @ r))
        step = np.linalg.lstsq(J, r)[0]
        if abs(step).max() < 1e-10 or len(misfits) == 100:
            return list(start), np.linalg.inv(J.T @ J), misfits
        # A full step may lead too far while the guess is bad. Then a part of it decreases the misfit.
        while float(np.sum(residual(start + step) ** 2)) > misfits[-1] and abs(step).max() > 1e-9:
            step = step / 2
        start = (start + step).tolist()


def show_integration(program: Any, truth: State, count: int, steps: int) -> dict[str, Any]:
    """Print how well the integration keeps what it should, and its derivatives by two ways."""
    exact = np.array([kepler(SPAN * (i + 1) / count) for i in range(count)])
    drifts = []
    print("From the true start, how far the integration is from the laws of the orbit at most:")
    print(f"    {'steps':>5}{'energy':>12}{'momentum':>12}{'state':>12}")
    for each in (steps // 2, steps):
        ends = states(stretch_of(count, each), truth, count)
        kept = abs(np.array(conserved(ends.T)).T - conserved(truth)).max(axis=0)
        drifts.append([*kept.tolist(), float(abs(ends - exact).max())])
        print(f"    {count * each:>5}" + "".join(f"{x:12.1e}" for x in drifts[-1]))
    J, columns = derivatives(program, truth, count), []
    for move in 1e-5 * np.eye(4):
        ahead, behind = (states(program, (truth + way * move).tolist(), count) for way in (1.0, -1.0))
        columns.append((ahead - behind) / 2e-5)
    differences = np.array(columns).transpose(1, 2, 0)
    worst = abs(J - differences).max() / abs(J).max()
    print(f"  The derivatives and central differences are {worst:.0e} of the largest apart.")
    print(
        f"  The motion keeps volumes: the determinant of the last Jacobian is {np.linalg.det(J[-1]):.8f}."
    )
    return {"drifts": drifts, "jacobian": J, "differences": differences, "exact": exact}


def show_fit(program: Any, truth: State, exact: Any) -> dict[str, Any]:
    """Print the fitted start and elements with their standard errors."""
    observed = exact[:, :2] + NOISE * np.random.default_rng(0).standard_normal((len(exact), 2))
    # A cubic through the first positions leads back to the start.
    cubic = np.polyfit(SPAN / len(exact) * np.arange(1, 8), observed[:7], 3)
    guess = [*cubic[3].tolist(), *cubic[2].tolist()]
    start, unit, misfits = gauss_newton(program, observed, guess)
    noise = math.sqrt(misfits[-1] / (observed.size - 4))
    slopes = np.array([*np.eye(4), *jacobian(elements)(start)])
    errors = noise * np.sqrt(np.diag(slopes @ unit @ slopes.T))
    estimate, true = (np.array([*each, *elements(each)]) for each in (start, truth))
    print(f"\n{observed.size} observed coordinates with noise {NOISE}. The misfit before each step is")
    print(f"    {'  '.join(f'{m:.6g}' for m in misfits)}")
    print(f"  and leaves a noise of {noise:.4f}.")
    print(f"    {'':<16}{'fitted':>10}{'truth':>10}{'stand. error':>14}{'errors off':>12}")
    names = ["x", "y", "x velocity", "y velocity", "semi-major axis", "eccentricity"]
    for name, x, y, error in zip(names, estimate, true, errors, strict=True):
        print(f"    {name:<16}{x:10.6f}{y:10.6f}{error:14.6f}{(x - y) / error:12.2f}")
    found = {"observed": observed, "guess": guess, "start": start, "misfits": misfits, "noise": noise}
    return found | {"estimate": estimate, "errors": errors, "off": (estimate - true) / errors}


def draw(found: dict[str, Any], folder: Path) -> None:
    fig, (left, right) = figure(columns=2)
    fine = stretch_of(300, 2)
    left.plot(*states(fine, found["guess"], 300).T[:2], ":", color=COLORS[5], label="first guess")
    left.plot(*states(fine, found["start"], 300).T[:2], color=COLORS[0], label="fitted")
    left.plot(*found["observed"].T, "o", color=COLORS[1], markersize=4, label="observed")
    left.plot(0.0, 0.0, "*", color=COLORS[3], markersize=14, label="sun")
    left.set(title="Observed positions and the orbits", xlabel="x", ylabel="y", aspect="equal")
    left.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    times = SPAN / PERIOD * np.arange(1, len(found["jacobian"]) + 1) / len(found["jacobian"])
    for i, name in enumerate(["x", "y", "x velocity", "y velocity"]):
        right.plot(times, found["jacobian"][:, 0, i], label=f"by {name}")
        right.plot(times, found["differences"][:, 0, i], "o", color=COLORS[i], markersize=4)
    right.plot([], [], "o", color=COLORS[5], markersize=4, label="differences")
    right.set(title="Derivatives of x by the start", xlabel="time / period")
    right.legend()
    save(fig, folder, "orbit")


def main(folder: str | Path | None = None, *, quick: bool = False) -> dict[str, Any]:
    """Integrate and fit the orbit, print and draw it. Returns the numbers that it prints."""
    folder = output_folder("orbit", folder)
    count, steps = 26, 4 if quick else 16
    truth = kepler(0.0)
    program = record(stretch_of(count, steps), truth)
    found = show_integration(program, truth, count, steps)
    found |= show_fit(program, truth, found["exact"])
    draw(found, folder)
    print(f"\nThe picture is in {folder}: orbit.")
    return found | {"truth": truth}


if __name__ == "__main__":
    run(main)
