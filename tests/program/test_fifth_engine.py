"""A fifth engine is a class and an entry of a table: this one takes the steps in plain Python."""

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from autograd_lite import dot, errstate, tanh, value_and_grad
from autograd_lite.program import record
from autograd_lite.program.callbacks import quiet
from autograd_lite.program.engine import Engine
from autograd_lite.program.engine_table import KNOWN_ENGINES, Listed
from autograd_lite.program.steps import Const, Load, MatMul, Op, Store
from tests.support.functions import functions, points

# A fifth engine: the steps, one by one, in plain Python


class Plain(Engine):
    """Every step of a schedule by loops over numbers."""

    def __init__(self, plan: Any, lanes: int, **options: Any) -> None:
        super().__init__(plan, lanes)
        self.plan, self.lanes = plan, lanes

    def run(
        self, shared: Any, varying: Any, seeds: Any, values: Any, slopes: Any = None
    ) -> tuple[Any, float]:
        plan, layout = self.plan, self.plan.layout
        count = values.shape[1]
        dp = {row: 0.0 for a, b in plan.clear.get("dp", ()) for row in range(a, b)}
        du = {row: 0.0 for a, b in plan.clear.get("du", ()) for row in range(a, b)}
        shared_rows = {"p": dict(enumerate(shared)), "c": dict(enumerate(layout.constants)), "u": {}}
        shared_rows |= {"dp": dp, "du": du}
        of_samples: list[Any] = [{"v": {}, "dv": {}} for _ in range(count)]
        for s, own in enumerate(of_samples):
            own["v"] = {} if varying is None else dict(enumerate(varying[:, s]))
        if plan.lanes and plan.seed is not None:
            for own, seed in zip(of_samples, seeds, strict=True):
                rows = own if plan.seed.space == "dv" else shared_rows
                before = 0.0 if plan.seed.space == "dv" else rows[plan.seed.space].get(plan.seed.start, 0.0)
                rows[plan.seed.space][plan.seed.start] = before + seed
        for step in plan.steps:
            for own in of_samples if step.lanes else [{}]:
                self.step(step, shared_rows | own)
        guard = 0.0
        for s, own in enumerate(of_samples):
            rows = shared_rows | own
            for i, place in enumerate(layout.roots):
                values[i, s] = place if isinstance(place, float) else rows[place[0]][place[1]]
                guard += values[i, s] - values[i, s]
            if layout.guard is not None:
                guard += rows[layout.guard[0]][layout.guard[1]]
            if slopes is not None:
                slopes[:, s] = [own["dv"].get(i, 0.0) for i in range(len(slopes))]
        found = np.array([dp.get(i, 0.0) for i in range(len(shared))])
        return found, guard + float(np.sum(found - found))

    def step(self, step: Any, rows: Any) -> None:
        """One step, for one sample."""

        def at(ref: Any, i: int, k: int) -> int:
            return int(ref.rows()[i if ref.n > 1 else 0, k if ref.m > 1 else 0])

        if isinstance(step, MatMul):
            self.product(step, rows)
            return
        for i, k in itertools.product(range(step.n), range(step.m)):
            t: dict[int, float] = {}
            for each in step.code:
                if isinstance(each, Load):
                    t[each.to] = float(rows[each.ref.space][at(each.ref, i, k)])
                elif isinstance(each, Const):
                    t[each.to] = each.number
                elif isinstance(each, Op):
                    t[each.to] = quiet(each.row)(*(t[s] for s in each.sources))
                elif isinstance(each, Store):
                    rows[each.ref.space][at(each.ref, i, k)] = t[each.source]
                else:
                    rows[each.ref.space][at(each.ref, i, k)] += t[each.source]

    def product(self, step: MatMul, rows: Any) -> None:
        """One product of a matrix, for one sample."""

        def row(ref: Any, j: int) -> int:
            return int(ref.start + (ref.by_i or ref.by_k) * j)

        def cell(ref: Any, i: int, k: int) -> int:
            return int(ref.start + ref.by_i * i + ref.by_k * k)

        left, right, out = (rows[ref.space] for ref in (step.left, step.right, step.out))
        for i in range(step.n if step.kind == "z" else 0):
            bias = step.bias or 0.0
            first = bias if isinstance(bias, float) else rows[bias.space][int(bias.rows().ravel()[i])]
            out[row(step.out, i)] = first
        for k in range(step.m if step.kind == "x" and not step.add else 0):
            out[row(step.out, k)] = 0.0
        for i, k in itertools.product(range(step.n), range(step.m)):
            if step.kind == "z":
                out[row(step.out, i)] += left[cell(step.left, i, k)] * right[row(step.right, k)]
            elif step.kind == "x":
                out[row(step.out, k)] += left[cell(step.left, i, k)] * right[row(step.right, i)]
            else:
                out[cell(step.out, i, k)] += left[row(step.left, i)] * right[row(step.right, k)]


@pytest.fixture(autouse=True, scope="module")
def listed() -> Iterator[None]:
    KNOWN_ENGINES["plain"] = Listed("plain", lambda: Plain)
    yield
    del KNOWN_ENGINES["plain"]


def joined(x: Any) -> Any:
    return np.concatenate([np.ravel(each) for each in x]) if isinstance(x, list) else np.ravel(x)


def same(found: Any, expected: Any) -> bool:
    return np.allclose(joined(found), joined(expected), rtol=1e-11, atol=1e-13)


@given(functions(), points, points)
@settings(max_examples=25, deadline=None)
def test_it_gives_the_numbers_of_the_eager_engine(f: Any, xs: Any, others: Any) -> None:
    with errstate("ignore"):
        program = record(f, *xs, verify=False, engine="plain")
        for at in (xs, others):
            value, slopes = value_and_grad(f, (0, 1, 2, 3))(*at)
            if np.isfinite([value, *slopes]).all() and program.suits(*at):
                found, gradient = program.value_and_grad(*at, argnums=(0, 1, 2, 3))
                assert np.allclose([found, *gradient], [value, *slopes], rtol=1e-9, atol=1e-9)
    assert program.engine == "plain: as asked for"


def layers(w: Any, xs: Any) -> Any:
    """Two layers, so that there are products of matrices in both directions."""
    hidden = [tanh(dot(list(row[:-1]), list(xs), row[-1])) for row in w]
    return sum(tanh(dot(list(row[:-1]), hidden, row[-1])) ** 2 for row in w)


@pytest.mark.parametrize("reduce", ["mean", "sum", None])
def test_batches_run_on_it(reduce: Any) -> None:
    random = np.random.default_rng(3)
    w, xs = random.normal(size=(3, 4)), random.normal(size=(5, 3))
    results = []
    for engine in ("plain", "numpy"):
        program = record(layers, w, xs[0], engine=engine)
        batch = program.batch((None, 0), reduce)
        value, slopes = batch.value_and_grad(w, xs, argnums=(0, 1))
        results.append([value, batch(w, xs), *map(np.ravel, slopes), program.hessian(w, xs[0]).ravel()])
        assert batch.engine.startswith(engine)
    assert same(*results)
    each = [value_and_grad(layers, 0)(w, x) for x in xs]
    if reduce is not None:
        scale = 1 / 5 if reduce == "mean" else 1.0
        assert same(results[0][0], scale * sum(value for value, _ in each))
        assert same(results[0][2], scale * sum(slope for _, slope in each).ravel())
