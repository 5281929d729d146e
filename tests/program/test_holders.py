"""Values that a program uses beside its arguments, and that are replaced where its function finds them."""

import pickle
from functools import partial
from typing import Any

import pytest

np = pytest.importorskip("numpy")

from autograd_lite import Value, jit, record  # noqa: E402 - NumPy may be missing

WEIGHTS = [Value(2.0)]


def test_a_value_that_is_replaced_is_followed_or_told_wherever_it_was_found() -> None:
    class Model:
        def __init__(self) -> None:
            self.rows = [[Value(1.0)], (Value(1.0),)]

        def __call__(self, x: Any) -> Any:
            return self.rows[0][0] * x + self.rows[1][0]

    v, ws, named, model = Value(2.0), [Value(2.0)], {"a": [Value(2.0)]}, Model()
    array = np.array([Value(2.0)], object)

    def default(x: Any, k: Any = ws) -> Any:
        return k[0] * x

    def swap_cell() -> None:
        nonlocal v
        v = Value(5.0)

    def swap_global() -> None:
        globals()["WEIGHTS"] = [Value(5.0)]

    cases: list[tuple[Any, Any, str]] = [
        (lambda x: v * x, swap_cell, "v"),
        (lambda x: ws[0] * x, lambda: ws.__setitem__(0, Value(5.0)), r"ws\[0\]"),
        (default, lambda: ws.__setitem__(0, Value(7.0)), r"k\[0\]|default"),
        (lambda x: default(x), lambda: ws.append(Value(1.0)), "ws|default"),
        (lambda x: named["a"][0] * x, lambda: named.update(a=[Value(5.0)]), "a"),
        (lambda x: named["a"][0] * x, lambda: named.pop("a"), "a"),
        (lambda x: array[0] * x, lambda: array.__setitem__(0, Value(5.0)), r"array\[0\]"),
        (lambda x: WEIGHTS[0] * x, swap_global, "WEIGHTS"),
        (model, lambda: model.rows.__setitem__(1, (Value(5.0),)), r"Model\.rows\[1\]"),
        (model.__call__, lambda: setattr(model, "rows", [[Value(8.0)], [Value(1.0)]]), r"Model\.rows"),
        (partial(lambda w, x: w[0] * x, ws), lambda: ws.__setitem__(0, Value(9.0)), "0"),
    ]
    for f, swap, name in cases:
        recorded, followed = record(f, 3.0, engine="python"), jit(f, engine="python")
        assert recorded(3.0) == followed(3.0) == f(3.0).data
        swap()
        with pytest.raises(ValueError, match=name):
            recorded(3.0)
        if swap is not cases[5][1]:
            assert followed(3.0) == f(3.0).data


def test_a_parameter_that_is_swapped_in_a_list_is_told() -> None:
    ws = [Value(2.0), Value(1.0)]
    f = jit(lambda x: ws[0] * x + ws[1], parameters=ws)
    program = record(lambda x: ws[0] * x + ws[1], 1.0, parameters=ws)
    batch = program.batch(0, "sum")
    for each in (f, f.grad, program, program.grad):
        each(3.0)
    batch(np.ones(2))
    ws[1], before = Value(5.0), ws[0].grad
    for told in (f, f.grad, program, program.grad, f.grad):
        with pytest.raises(ValueError, match=r"ws\[1\]"):
            told(3.0)
    with pytest.raises(ValueError, match=r"ws\[1\]"):
        batch.grad(np.ones(2))
    assert (ws[0].grad, ws[1].grad) == (before, 0.0)


def test_what_is_put_beside_the_values_that_are_used_changes_nothing() -> None:
    w, more = Value(2.0), {"w": [1.0, "text"], "seen": 0}

    class Model:
        def __call__(self, x: Any) -> Any:
            self.last = w * x  # a node of its own at each call
            more["seen"] = x
            return self.last

    model = Model()
    program = record(model, 1.0)
    inner = record(lambda x: program(x) * w, 1.0)
    model.other, more["new"] = Value(1.0), Value(1.0)  # type: ignore[attr-defined]  # added, as anyone may
    model(2.0)
    assert program(3.0) == 6.0
    assert inner(3.0) == 12.0
    assert pickle.loads(pickle.dumps(program))(3.0) == 6.0
