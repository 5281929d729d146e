"""Option prices and their greeks: Black and Scholes by one formula, an Asian call by Monte Carlo.

    python demos/options.py [folder]

A greek is a derivative of a price. The price of a European call is one function of spot, strike,
maturity, rate and volatility; its gradient and its Hessian hold all greeks, and each is compared with
its closed form. The Asian call pays on the mean price of a path. The payoff of one path is written in
scalars and recorded once, and the paths are the batch. The derivatives of the payoffs are averaged as
the payoffs are (the pathwise method), and compared with derivatives written by hand in NumPy.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from common import COLORS, figure, output_folder, run, save

from autograd_lite import exp, log, norm_cdf, record, relu, sqrt
from autograd_lite import sum as total

MARKET = [100.0, 105.0, 0.75, 0.04, 0.25]  # spot, strike, maturity in years, rate, volatility
NAMES = ["delta", "strike", "theta", "rho", "vega"]  # the derivatives by these, in this order
SIGNS = np.array([1.0, 1.0, -1.0, 1.0, 1.0])  # theta is the derivative by time, which shortens the maturity


def european(S: Any, K: Any, T: Any, r: Any, sigma: Any) -> Any:
    """The price of a European call by Black and Scholes."""
    d1 = (log(S / K) + (r + sigma**2 / 2) * T) / (sigma * sqrt(T))
    return S * norm_cdf(d1) - K * exp(-r * T) * norm_cdf(d1 - sigma * sqrt(T))


def asian(market: Sequence[Any], normals: Sequence[Any]) -> Any:
    """The discounted payoff of an Asian call on one path, which these normal numbers drive."""
    S, K, T, r, sigma = market
    drift, shake = (r - sigma**2 / 2) * (T / len(normals)), sigma * sqrt(T / len(normals))
    prices = []
    for z in normals:
        S = S * exp(drift + shake * z)
        prices.append(S)
    # relu has a slope on both sides of its kink, which a path meets with probability 0. So the first
    # derivatives may be averaged. The second ones may not: that of relu is 0, and the gamma is not.
    return exp(-r * T) * relu(total(prices) / len(normals) - K)


def closed_forms(S: float, K: float, T: float, r: float, sigma: float) -> dict[str, float]:
    """The price of the European call and its greeks, as textbooks give them."""
    root = sigma * math.sqrt(T)
    d1 = math.log(S / K) / root + (r / sigma + sigma / 2) * math.sqrt(T)
    d2 = d1 - root
    below1, below2 = (0.5 * (1.0 + math.erf(d / math.sqrt(2.0))) for d in (d1, d2))
    density = math.exp(-d1 * d1 / 2) / math.sqrt(2.0 * math.pi)
    paid = math.exp(-r * T)
    return {
        "price": S * below1 - K * paid * below2,
        "delta": below1,
        "strike": -paid * below2,
        "theta": -S * density * sigma / (2.0 * math.sqrt(T)) - r * K * paid * below2,
        "rho": K * T * paid * below2,
        "vega": S * density * math.sqrt(T),
        "gamma": density / (S * root),
        "vanna": -density * d2 / sigma,
        "volga": S * density * math.sqrt(T) * d1 * d2 / sigma,
    }


def by_hand(market: Sequence[float], normals: Any) -> Any:
    """The payoff of each path and its derivatives, a row each, written out in NumPy."""
    S, K, T, r, sigma = market
    times = T * np.arange(1, normals.shape[1] + 1) / normals.shape[1]
    walk = math.sqrt(T / normals.shape[1]) * normals.cumsum(axis=1)
    prices = S * np.exp((r - sigma**2 / 2) * times + sigma * walk)
    paid = math.exp(-r * T) * (prices.mean(axis=1) > K)
    payoff = paid * (prices.mean(axis=1) - K)
    by_time = (r - sigma**2 / 2) * times / T + sigma * walk / (2.0 * T)
    return np.array(
        [
            payoff,
            paid * prices.mean(axis=1) / S,
            -paid,
            r * payoff - paid * (prices * by_time).mean(axis=1),
            paid * (prices * times).mean(axis=1) - T * payoff,
            paid * (prices * (walk - sigma * times)).mean(axis=1),
        ]
    )


def show_european() -> dict[str, Any]:
    """Print the greeks of the European call next to their closed forms."""
    program = record(european, *MARKET)
    price, slopes = program.value_and_grad(*MARKET, argnums=range(5))
    bends = program.hessian(*MARKET, argnums=range(5))
    found = {"price": price} | dict(zip(NAMES, (SIGNS * slopes).tolist(), strict=True))
    found |= {"gamma": bends[0][0], "vanna": bends[0][4], "volga": bends[4][4]}
    right = closed_forms(*MARKET)
    print(f"A European call, {len(program.recording)} recorded operations:")
    print(f"    {'':<8}{'recorded':>16}{'closed form':>16}{'difference':>12}")
    for name, x in found.items():
        print(f"    {name:<8}{x:16.9f}{right[name]:16.9f}{x - right[name]:12.1e}")
    return {"european": found, "closed_forms": right}


def show_asian(steps: int, paths: int) -> dict[str, Any]:
    """Print the greeks of the Asian call next to those by hand, with their standard errors."""
    normals = np.random.default_rng(0).standard_normal((paths, steps))
    program = record(asian, MARKET, [0.1] * steps)
    price, slopes = program.batch(in_axes=(None, 0), reduce="mean").value_and_grad(MARKET, normals)
    means = [price, *(SIGNS * slopes).tolist()]
    # The spread of the paths gives the standard errors, so each is needed once more.
    payoffs, each = program.batch(in_axes=(None, 0), reduce=None).value_and_grad(MARKET, normals)
    samples = np.array([payoffs, *(SIGNS[:, None] * np.array(each))])
    errors = samples.std(axis=1, ddof=1) / math.sqrt(paths)
    right = by_hand(MARKET, normals)
    operations = len(program.recording)
    print(f"\nAn Asian call, {paths} paths of {steps} steps, {operations} recorded operations:")
    print(f"    {'':<8}{'recorded':>12}{'by hand':>12}{'difference':>12}{'standard error':>16}")
    for name, x, y, error in zip(["price", *NAMES], means, right.mean(axis=1), errors, strict=True):
        print(f"    {name:<8}{x:12.6f}{y:12.6f}{x - y:12.1e}{error:16.6f}")
    return {"asian": means, "samples": samples, "by_hand": right, "errors": errors, "normals": normals}


def draw(found: dict[str, Any], folder: Path) -> None:
    fig, (left, right) = figure(columns=2)
    spots = np.linspace(60.0, 160.0, 101)
    many = record(european, *MARKET).batch(in_axes=(0, None, None, None, None), reduce=None)
    for T, color in zip((0.05, 0.25, 1.0), COLORS, strict=False):
        deltas = many.value_and_grad(spots, MARKET[1], T, *MARKET[3:])[1]
        left.plot(spots, deltas, color=color, label=f"maturity {T:g}")
        exact = [closed_forms(S, MARKET[1], T, *MARKET[3:])["delta"] for S in spots[::5]]
        left.plot(spots[::5], exact, "o", color=color, markersize=4)
    left.plot([], [], "o", color=COLORS[5], markersize=4, label="closed form")
    left.set(title="The delta of a European call", xlabel="spot", ylabel="∂ price / ∂ spot")
    left.legend()

    deltas = found["samples"][1]
    counts = np.arange(1, len(deltas) + 1)
    means = deltas.cumsum() / counts
    spread = 2.0 * found["errors"][1] * np.sqrt(len(deltas) / counts)
    right.fill_between(counts, means - spread, means + spread, alpha=0.2, label="± 2 standard errors")
    right.plot(counts, means, label="mean of the paths so far")
    right.axhline(means[-1], color=COLORS[5], linewidth=1.0)
    right.set(title="The delta of an Asian call", xlabel="paths", xscale="log", xlim=(20, len(deltas)))
    right.set_ylim(means[-1] - 0.25, means[-1] + 0.25)
    right.legend()
    save(fig, folder, "greeks")


def main(folder: str | Path | None = None, *, quick: bool = False) -> dict[str, Any]:
    """Print the greeks of both calls and draw the picture. Returns the numbers that it prints."""
    folder = output_folder("options", folder)
    found = show_european() | show_asian(*((16, 2000) if quick else (252, 20000)))
    draw(found, folder)
    print(f"\nThe picture is in {folder}: greeks.")
    return found


if __name__ == "__main__":
    run(main)
