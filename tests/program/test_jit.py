"""What ``jit`` gives has what a program has: batches over branches, second order, text."""

import threading
from typing import Any

import numpy as np
import pytest

from autograd_lite import Value, grad, hessian, hvp, jit, jvp, record, sin
from autograd_lite.program import BranchChanged, Program


def bent(w: Any, x: Any) -> Any:
    if x[0] > 0.0:
        return w * x[0] * x[1]
    return (w - x[1]) ** 2 if x[1] > 0.0 else sin(w) + x[0]


W, XS = 1.5, np.random.default_rng(1).normal(size=(40, 2))
WEIGHTS = np.linspace(0.1, 2.0, 40)


@pytest.mark.parametrize("reduce", ["mean", "sum", None])
@pytest.mark.parametrize("engine", ["numpy", "machine"])
def test_each_sample_of_a_batch_takes_its_branch(reduce: Any, engine: str) -> None:
    f = jit(bent, engine=engine)
    weights = None if reduce is None else WEIGHTS
    value, (dw, dx) = f.batch((None, 0), reduce).value_and_grad(W, XS, argnums=(0, 1), weights=weights)
    values = np.array([bent(W, x) for x in XS])
    by_w = np.array([grad(bent)(W, x) for x in XS])
    by_x = np.array([grad(bent, 1)(W, x) for x in XS])
    if reduce is not None:
        shares = WEIGHTS / (WEIGHTS.sum() if reduce == "mean" else 1.0)
        values, by_w, by_x = shares @ values, shares @ by_w, shares[:, None] * by_x
    assert np.allclose(value, values, rtol=1e-12)
    assert np.allclose(dw, by_w, rtol=1e-12)
    assert np.allclose(dx, by_x, rtol=1e-12)
    assert len(f.kept(W, XS[0])) == 3


def test_batches_come_in_blocks_and_in_structures() -> None:
    f = jit(bent)
    expected = f.batch((None, 0))(W, XS)
    blocks = (XS[start : start + 7] for start in range(0, 40, 7))
    assert f.batch((None, 0))(W, blocks) == pytest.approx(expected, rel=1e-12)
    assert f.batch((None, 0))(W, XS.tolist()) == pytest.approx(expected, rel=1e-12)
    assert f.batch((None, 1))(W, XS.T) == pytest.approx(expected, rel=1e-12)
    g = jit(lambda p: bent(p["w"], p["x"]))
    assert g.batch([{"w": None, "x": 0}])({"w": W, "x": XS}) == pytest.approx(expected, rel=1e-12)
    assert g.batch(0)({"w": np.full(40, W), "x": [XS[:, 0], XS[:, 1]]}) == pytest.approx(
        expected, rel=1e-12
    )


def test_parameters_get_the_gradients_of_all_branches() -> None:
    w = Value(W, "w")
    f = jit(lambda x: bent(w, x), parameters=[w])
    f.batch(0, "sum").value_and_grad(XS, argnums=())
    assert w.grad == pytest.approx(sum(grad(bent)(W, x) for x in XS), rel=1e-12)


def test_parameters_that_are_given_one_by_one_are_those_of_every_branch() -> None:
    weight = Value(2.0, "w")
    given: Any = iter([weight])  # as a generator would
    jitted = jit(lambda x: weight * x if x > 0 else -weight * x, parameters=given)
    for x in (1.0, -3.0):
        jitted.value_and_grad(x)
    assert weight.grad == 4.0


def test_a_value_that_changed_is_recorded_anew() -> None:
    w = Value(2.0, "w")
    batch = jit(lambda x: w * x, verify=False).batch()
    assert batch([1.0, 2.0]) == 3.0
    w.data = 4.0
    assert batch([1.0, 2.0]) == 6.0


def test_threads_that_call_at_once_keep_one_program() -> None:
    barrier, found = threading.Barrier(12), list[Any]()

    @jit
    def f(x: Any) -> Any:
        for _ in range(200):
            x = sin(x)
        return x

    def work() -> None:
        barrier.wait()
        try:
            found.append(f(0.5))
        except BranchChanged as error:
            found.append(error)

    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [f(0.5)] * 12
    assert len(f.kept(0.5)) == 1


def test_a_program_that_another_thread_has_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    w = Value(2.0, "w")
    f = jit(lambda x: w * x, verify=False)
    assert f(1.0) == 2.0
    w.data, stale = 4.0, Program.stale

    def forget_too(program: Program) -> str:
        if program in f.kept(1.0):
            f.kept(1.0).remove(program)
        return stale(program)

    monkeypatch.setattr(Program, "stale", forget_too)
    assert f(1.0) == 4.0


def test_what_a_batch_cannot_take_is_told() -> None:
    for in_axes, args, message in (
        ((None, 0), (W,), "in_axes has 2 entries"),
        ((None, 0), (W, XS[:0]), "no first sample"),
        ((None, 0), (W, iter([])), "no first sample"),
        (0, (W, XS), "w must have 1 axes"),
    ):
        with pytest.raises(ValueError, match=message):
            jit(bent).batch(in_axes)(*args)
    with pytest.raises(BranchChanged, match="max_programs"):
        jit(bent, max_programs=2).batch((None, 0))(W, XS)
    with pytest.raises(ValueError, match="another structure in another branch"):
        jit(lambda x: x if x > 0.0 else [x]).batch(0, None)([1.0, -1.0])


def test_second_order_and_directions() -> None:
    f, at, towards = jit(bent), (W, [0.5, -0.25]), (1.0, [0.5, 2.0])
    for x in ([0.5, -0.25], [-0.5, 0.25], [-0.5, -0.25]):
        at = (W, x)
        assert f.jvp(at, towards)[1] == pytest.approx(jvp(bent, at, towards)[1], rel=1e-12)
        found, expected = f.hvp(at, towards), hvp(bent, at, towards)
        assert found[0] == pytest.approx(expected[0], rel=1e-12)
        assert found[1] == pytest.approx(expected[1], rel=1e-12)
        assert f.hessian(*at) == pytest.approx(hessian(bent)(*at), rel=1e-12)


def test_the_texts_of_all_branches() -> None:
    f = jit(bent)
    with pytest.raises(ValueError, match="not recorded yet"):
        _ = f.source
    f(W, [1.0, 2.0])
    assert f.source == record(bent, W, [1.0, 2.0]).source
    f(W, [-1.0, 2.0])
    assert "# Program 2 of 2" in f.source
    exec(f.source, {})


def test_a_hessian_by_several_arguments_of_any_structure() -> None:
    def f(x: Any, y: Any) -> Any:
        return x[0] * x[1] * y[0] * y[1] + x[0] ** 2

    at = ([1.0, 2.0], np.array([3.0, 4.0]))
    for found in (record(f, *at).hessian(*at, argnums=(0, 1)), jit(hessian(f, (0, 1)))(*at)):
        expected = hessian(f, (0, 1))(*at)
        assert np.allclose(found[0][0][0], expected[0][0][0])
        for i in (0, 1):
            for k in (0, 1):
                for a, b in zip(found[i][k], expected[i][k], strict=True):
                    assert np.allclose(a, b, rtol=1e-12)


def test_dicts_are_matched_by_key_and_results_come_in_the_examples_order() -> None:
    program = record(lambda p: p["a"] * p["b"] ** 2, {"a": 1.0, "b": 2.0})
    other, one = {"b": 3.0, "a": 5.0}, {"b": 0.0, "a": 1.0}
    assert list(program.jacobian(other).items()) == [("a", 9.0), ("b", 30.0)]
    assert list(program.hessian(other)["b"].items()) == [("a", 6.0), ("b", 10.0)]
    assert program.jvp((other,), (one,)) == (45.0, 9.0)
    assert [list(each.items()) for each in program.hvp((other,), (one,))] == [[("a", 0.0), ("b", 6.0)]]
    assert list(program.grad(other).items()) == [("a", 9.0), ("b", 30.0)]


def test_a_value_of_the_function_around_is_no_constant() -> None:
    with pytest.raises(ValueError, match="recorded around it"):
        record(lambda x: record(lambda y: x * y, 2.0)(3.0) * x, 1.0)
    with pytest.raises(ValueError, match="recorded around it"):
        record(lambda x: record(lambda y: sin(x) * y, 2.0, verify=False)(3.0), 1.0, verify=False)
    program = record(lambda x: jit(lambda y: x * y)(3.0) * x, 1.0)
    assert program.value_and_grad(2.0) == (12.0, 12.0)
    inner = record(lambda y: y * y, 2.0)
    assert record(lambda x: inner(x) * x, 1.0).grad(2.0) == 12.0
