"""W7: an arithmetic Asian option by Monte Carlo, recorded for one path and run over many.

The value is the mean payoff of the paths; its five derivatives are by price, strike, rate, volatility
and years.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from contests import Contest, Run, compiled, jax_with_doubles, leaf, peer, plain
from workloads import Answer

import autograd_lite
from autograd_lite.program import record

STEPS = 252  # trading days of a year
MARKET = (100.0, 100.0, 0.05, 0.2, 1.0)  # price now, strike, rate, volatility, years


def payoff(market: Sequence[Any], shocks: Sequence[Any]) -> Any:
    """The discounted payoff of one path, in scalars."""
    price, strike, rate, volatility, years = market
    day = years / STEPS
    drift, spread = (rate - volatility**2 / 2) * day, volatility * day**0.5
    total = 0.0
    for shock in shocks:
        price = price * autograd_lite.exp(drift + spread * shock)
        total = total + price
    return autograd_lite.exp(-rate * years) * (total / STEPS - strike).relu()


def option_by_hand(shocks: Any) -> Answer:
    """The mean payoff and its five derivatives; a path is a column."""
    price, strike, rate, volatility, years = MARKET
    day = years / STEPS
    passed = np.arange(1.0, STEPS + 1) * day
    noise = np.cumsum(shocks, axis=0)
    noise *= math.sqrt(day)
    prices = volatility * noise
    prices += ((rate - volatility**2 / 2) * passed)[:, None]
    np.exp(prices, out=prices)
    prices *= price
    gain, discount = prices.mean(0) - strike, math.exp(-rate * years)
    paid = (gain > 0.0) * (discount / shocks.shape[1])  # the slope of the mean by each path's average
    value = float(paid @ gain)
    by_day = prices @ paid / STEPS
    noise *= prices
    by_noise = float((noise @ paid).sum()) / STEPS
    weighted = float(by_day @ passed)
    by_price = float(by_day.sum()) / price
    by_rate = weighted - years * value
    by_volatility = by_noise - volatility * weighted
    by_years = ((rate - volatility**2 / 2) * weighted + volatility * by_noise / 2) / years - rate * value
    return value, [by_price, -float(paid.sum()), by_rate, by_volatility, by_years]


def w7(engine: str | None, paths: int) -> Contest:
    shocks = np.random.default_rng(3).standard_normal((STEPS, paths))
    market = np.array(MARKET)
    program = record(payoff, market, shocks[:, 0], engine=engine)

    def in_jax(form: str) -> Run:
        jax, jnp = jax_with_doubles()

        def loss(market: Any, shocks: Any) -> Any:
            price, strike, rate, volatility, years = market
            day = years / STEPS
            drift, spread = (rate - volatility**2 / 2) * day, volatility * jnp.sqrt(day)
            if form == "cumsum":
                total = (price * jnp.exp(jnp.cumsum(drift + spread * shocks, axis=0))).sum(0)
            else:

                def tomorrow(state: Any, shock: Any) -> tuple[Any, None]:
                    price, total = state
                    price = price * jnp.exp(drift + spread * shock)
                    return (price, total + price), None

                start = jnp.full(paths, price), jnp.zeros(paths)
                (_, total), _ = jax.lax.scan(tomorrow, start, shocks)
            return jnp.exp(-rate * years) * jnp.maximum(total / STEPS - strike, 0.0).mean()

        return compiled(jax.value_and_grad(loss), market, shocks, read=plain)

    def torch() -> Run:
        library = peer("torch")
        given, noise = leaf(library, market), library.tensor(shocks)

        def call() -> tuple[Any, Any]:
            given.grad = None
            price, strike, rate, volatility, years = given
            day = years / STEPS
            moves = (rate - volatility**2 / 2) * day + volatility * day.sqrt() * noise
            means = (price * moves.cumsum(0).exp()).mean(0)
            value = (-rate * years).exp() * (means - strike).relu().mean()
            value.backward()
            return value.detach(), given.grad

        return Run(call, plain)

    batch = program.batch(in_axes=(None, 1))
    makers = {
        "program.batch": lambda: Run(lambda: batch.value_and_grad(market, shocks), plain),
        "jax.jit, scan": lambda: in_jax("scan"),
        "jax.jit, cumsum": lambda: in_jax("cumsum"),
        "NumPy by hand": lambda: Run(lambda: option_by_hand(shocks), plain),
        "PyTorch": torch,
    }
    title = f"W7 Asian option, {STEPS} steps, {paths:,} paths"
    return Contest(title, lambda: option_by_hand(shocks), makers, ("program.batch",))
