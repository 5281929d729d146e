"""The list of points at which engines are known to break, line by line: the names are the lines'."""

from __future__ import annotations

import copy
import gc
import math
import pickle
import weakref
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any

import pytest

import autograd_lite
from autograd_lite import (
    TABLE,
    Constant,
    Value,
    abs,
    asin,
    atan2,
    atanh,
    circuit,
    cosh,
    errstate,
    exp,
    find_nonfinite,
    fmod,
    grad,
    gradients,
    hypot,
    kinks,
    log,
    max,
    maximum,
    minimum,
    relu,
    sigmoid,
    sin,
    sinh,
    softplus,
    sqrt,
    sum_of_squares,
    tanh,
    where,
)
from autograd_lite import min as ag_min
from autograd_lite import sum as ag_sum
from autograd_lite.check import difference
from autograd_lite.nn import MLP, Layer, Neuron
from autograd_lite.optim import SGD

INF, NAN = math.inf, math.nan


def slopes_of(f: Callable[..., Any], *at: float) -> tuple[float, ...]:
    """The value, then the derivatives."""
    with errstate("ignore"):
        xs = list(map(Value, at))
        y = f(*xs)
        y.backward()
    return (y.data, *(x.grad for x in xs))


# Sweep


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (lambda a: a * a, 6.0),
        (lambda a: a + a, 2.0),
        (lambda a: a - a, 0.0),
        (lambda a: a / a, 0.0),
        (lambda a: a**a, 27.0 * (math.log(3.0) + 1.0)),
    ],
)
def test_sweep_the_same_parent_twice_is_two_wires(f: Any, slope: float) -> None:
    a = Value(3.0)
    y = f(a)
    y.backward()
    assert y.parents == (a, a)
    assert a.grad == pytest.approx(slope, rel=1e-15)


def test_sweep_a_ladder_of_two_to_the_thirtieth_paths_is_linear() -> None:
    a = Value(1.0)
    b = a
    for _ in range(30):
        b = b + b
    b.backward()
    assert a.grad == b.data == 2.0**30
    assert len(circuit(b)) == 31


def test_sweep_twice_is_exactly_double_and_two_roots_add() -> None:
    x = Value(3.0)
    z = 2.0 * x**2
    for times in (1, 2, 3):
        z.backward()
        assert [v.grad for v in (x, z.parents[1], z)] == [12.0 * times, 2.0 * times, 1.0 * times]
    x = Value(3.0)
    y = x * x
    a, b = y * 2.0, y * 5.0
    a.backward()
    b.backward()
    assert (x.grad, y.grad) == (42.0, 7.0)


def test_sweep_a_chain_of_a_hundred_thousand() -> None:
    x = Value(0.0)
    y: Any = x
    for _ in range(100_000):
        y = y + 1.0
    y.backward()
    assert x.grad == 1.0
    assert repr(y)
    dead = weakref.ref(y)
    del y
    assert dead() is None


def test_sweep_python_s_sum_makes_no_node_of_its_start() -> None:
    xs = [Value(1.0), Value(2.0)]
    total: Any = sum(xs, 0)
    assert total.parents == tuple(xs)
    wide = ag_sum([Value(1.0) for _ in range(5000)])
    assert len(wide.parents) == 5000


def test_sweep_changed_data_do_not_falsify_it() -> None:
    x = Value(2.0)
    y = x * x
    x.data = 10.0
    y.backward()
    assert x.grad == 4.0


def test_sweep_rebinding_leaves_constants_and_types() -> None:
    x = Value(2.0)
    first = x
    x += 1
    x.backward()
    assert (first.grad, x.grad, type(first.grad)) == (1.0, 1.0, float)
    leaf = Value(5.0)
    leaf.backward()
    assert leaf.grad == 1.0
    other = Value(1.0)
    (leaf * 2.0).backward()
    assert (other.grad, type(other.grad)) == (0.0, float)
    with pytest.warns(UserWarning, match="constant"):
        Constant(1.0).backward()


# The table of special points: value, then derivatives.
SPECIAL: dict[str, tuple[Callable[..., Any], tuple[float, ...], tuple[float, ...]]] = {
    "abs'(0)": (abs, (0.0,), (0.0, 0.0)),
    "relu'(0)": (relu, (0.0,), (0.0, 0.0)),
    "max tie": (maximum, (2.0, 2.0), (2.0, 0.5, 0.5)),
    "min tie": (minimum, (2.0, 2.0), (2.0, 0.5, 0.5)),
    "max(x,x)": (lambda x: maximum(x, x), (2.0,), (2.0, 1.0)),
    "max(nan,1)": (maximum, (NAN, 1.0), (NAN, NAN, NAN)),
    "sqrt'(0)": (sqrt, (0.0,), (0.0, INF)),
    "sqrt(x)**2 @0": (lambda x: sqrt(x) ** 2, (0.0,), (0.0, NAN)),
    "sqrt(x*x) @0": (lambda x: sqrt(x * x), (0.0,), (0.0, NAN)),
    "log'(0)": (log, (0.0,), (-INF, INF)),
    "1/x @0": (lambda x: 1 / x, (0.0,), (INF, -INF)),
    "log(-1)": (log, (-1.0,), (NAN, NAN)),
    "x**0 @0": (lambda x: x**0, (0.0,), (1.0, 0.0)),
    "x**0.0 @0": (lambda x: x**0.0, (0.0,), (1.0, 0.0)),
    "x**y @(0,1)": (lambda x, y: x**y, (0.0, 1.0), (0.0, 1.0, 0.0)),
    "x**y @(0,2)": (lambda x, y: x**y, (0.0, 2.0), (0.0, 0.0, 0.0)),
    "x**y @(0,-1)": (lambda x, y: x**y, (0.0, -1.0), (INF, -INF, -INF)),
    "x**y @(-2,3)": (lambda x, y: x**y, (-2.0, 3.0), (-8.0, 12.0, NAN)),
    "x**y @(-2,.5)": (lambda x, y: x**y, (-2.0, 0.5), (NAN, NAN, NAN)),
    "sigmoid @-800": (sigmoid, (-800.0,), (0.0, 0.0)),
    "exp(800)": (exp, (800.0,), (INF, INF)),
    "asin'(1)": (asin, (1.0,), (math.pi / 2, INF)),
    "atanh'(1)": (atanh, (1.0,), (INF, INF)),
    "atan2(0,0)": (atan2, (0.0, 0.0), (0.0, NAN, NAN)),
    "hypot(0,0)": (hypot, (0.0, 0.0), (0.0, 0.0, 0.0)),
    "where(x>0,log x,0) @0": (lambda x: where(x > 0, log(x), 0.0), (0.0,), (0.0, 0.0)),
    "sqrt * sqrt @0": (lambda x: x**0.5 * x**0.5, (0.0,), (0.0, NAN)),  # never silently 0: the truth is 1
    "relu(nan)": (relu, (NAN,), (NAN, NAN)),
    "-0.0": (lambda x: x * 1.0, (-0.0,), (-0.0, 1.0)),
    "5e-324": (relu, (5e-324,), (5e-324, 1.0)),
    "inf - inf": (lambda x, y: x - y, (INF, INF), (NAN, 1.0, -1.0)),
    "1e308 + 1e308": (lambda x: x + 1e308, (1e308,), (INF, 1.0)),
    "x/y at y = 1e200": (lambda x, y: x / y, (1.0, 1e200), (1e-200, 1e-200, 0.0)),
    "x/y at y = 1e-170": (lambda x, y: x / y, (1e-160, 1e-170), (1e10, 1e170, -1e180)),
    "softplus @800": (softplus, (800.0,), (800.0, 1.0)),
    "tanh'(19)": (tanh, (19.0,), (1.0, 4.0 * math.exp(-38.0) / (1.0 + math.exp(-38.0)) ** 2)),
    "tanh'(-20)": (tanh, (-20.0,), (-1.0, 4.0 * math.exp(-40.0) / (1.0 + math.exp(-40.0)) ** 2)),
    "cosh(400)'s kin sech": (TABLE["sech"], (400.0,), (2.0 * math.exp(-400.0), -2.0 * math.exp(-400.0))),
    "max with a nan at either end": (max, (1.0, NAN), (NAN, NAN, NAN)),
    "min with a nan at either end": (ag_min, (NAN, 1.0), (NAN, NAN, NAN)),
}


@pytest.mark.parametrize("line", SPECIAL)
def test_special_point(line: str) -> None:
    f, at, wanted = SPECIAL[line]
    found = slopes_of(f, *at)
    assert found == pytest.approx(wanted, rel=1e-14, abs=0.0, nan_ok=True)
    if line == "-0.0":
        assert math.copysign(1.0, found[0]) == -1.0


@pytest.mark.parametrize(
    ("f", "at"), [(abs, (0.0,)), (relu, (0.0,)), (maximum, (1.0, 1.0)), (hypot, (0.0, 0.0))]
)
def test_special_points_that_are_kinks_are_flagged(f: Any, at: tuple[float, ...]) -> None:
    assert kinks(f(*map(Value, at)))


@pytest.mark.parametrize(("f", "at"), [(sqrt, (0.0,)), (asin, (1.0,)), (atan2, (0.0, 0.0)), (log, (0.0,))])
def test_special_points_that_are_no_numbers_are_flagged(f: Any, at: tuple[float, ...]) -> None:
    with pytest.warns(RuntimeWarning, match=f.name):
        y = f(*map(Value, at))
    assert find_nonfinite(y) is not None


@pytest.mark.parametrize(
    ("f", "wanted"),
    [
        (lambda: log(0.0), -INF), (lambda: log(-1.0), NAN), (lambda: sqrt(-1.0), NAN),
        (lambda: exp(710.0), INF), (lambda: sinh(711.0), INF), (lambda: cosh(711.0), INF),
        (lambda: atanh(1.0), INF), (lambda: asin(2.0), NAN), (lambda: fmod(1.0, 0.0), NAN),
        (lambda: sin(INF), NAN), (lambda: (Value(0.0) ** -1).data, INF),
        (lambda: (1 / Value(0.0)).data, INF), (lambda: (Value(1e200) ** 2).data, INF),
        (lambda: (Value(-2.0) ** 0.5).data, NAN),
    ],
)  # fmt: skip
def test_where_python_raises_there_is_an_ieee_number(f: Callable[[], float], wanted: float) -> None:
    with pytest.warns(RuntimeWarning):
        found = f()
    assert found == wanted or (math.isnan(found) and math.isnan(wanted))


def test_forward_values_are_python_s_bit_for_bit() -> None:
    random = Random(1)
    for _ in range(2000):
        a, b = random.uniform(-9, 9), random.uniform(0.1, 9)
        assert (Value(a) / Value(b)).data == a / b
        assert (Value(a) - Value(b)).data == a - b
        assert (a / Value(b)).data == a / b


# Types and protocol


@pytest.mark.parametrize("number", [True, 2**70, Fraction(1, 3), 7, 2.5])
def test_types_real_numbers_are_taken(number: Any) -> None:
    assert Value(number).data == float(number)
    assert (Value(2.0) * number).data == 2.0 * float(number)


@pytest.mark.parametrize("kind", ["float32", "float64", "int64", "bool_"])
def test_types_numpy_scalars_are_taken_on_either_side(kind: str) -> None:
    np = pytest.importorskip("numpy")
    v, two = Value(3.0), getattr(np, kind)(1)
    for y in (two * v, v * two, v**two, two + v, np.array(1.0) * v):
        assert type(y) is Value
        assert type(y.data) is float


@pytest.mark.parametrize("thing", [Decimal(1), "1", None, [1.0, 2.0], 1j, 10**400])
def test_types_what_is_no_real_number_is_refused(thing: Any) -> None:
    with pytest.raises((TypeError, OverflowError, ValueError)):
        Value(thing)
    with pytest.raises((TypeError, OverflowError, ValueError)):
        Value(2.0) * thing


def test_types_a_value_of_a_value_is_refused_and_unknown_operands_may_answer() -> None:
    with pytest.raises(TypeError, match=r"v\.data"):
        Value(Value(1.0))  # type: ignore[arg-type]  # that is the mistake

    class Other:
        def __rmul__(self, other: object) -> str:
            return "answered"

    other: Any = Other()
    assert Value(1.0) * other == "answered"


def test_types_object_arrays_and_aliases() -> None:
    np = pytest.importorskip("numpy")
    vs = np.array([Value(0.25), Value(0.5)])
    for name in ("exp", "log", "sqrt", "tanh", "arctan", "arcsin", "arcsinh", "arctanh", "log1p", "expm1",
                 "log2", "exp2", "square", "cbrt", "abs"):  # fmt: skip
        mapped = getattr(np, name)(vs)
        assert [v.data for v in mapped] == pytest.approx(getattr(np, name)([0.25, 0.5]).tolist(), rel=1e-15)
    assert (vs @ vs).data == np.dot(vs, vs).data == 0.3125
    assert vs.sum().data == 0.75
    assert np.mean(vs).data == 0.375
    assert np.var(vs).data == np.var([0.25, 0.5])
    assert np.std(vs).data == np.std([0.25, 0.5])
    assert [gradients(np.var(vs), v).data for v in vs] == [-0.125, 0.125]
    with pytest.raises(TypeError, match=r"np\.exp"):
        autograd_lite.exp(vs)
    assert np.maximum(vs, vs[::-1])[0].data == 0.5
    assert not hasattr(Value, "__array_ufunc__")
    assert getattr(autograd_lite, "arcsin") is asin  # noqa: B009 - mypy does not see aliases


def test_types_conversions_that_would_lose_the_derivative_are_refused() -> None:
    v = Value(3.0)
    for lossy in (float, int, bool, math.exp):
        with pytest.raises(TypeError):
            lossy(v)
    assert float(v.data) == 3.0


def test_protocol_comparisons_hashes_and_containers() -> None:
    a, b = Value(1.0), Value(1.0)
    assert a <= b
    assert not a < b
    assert a != b
    assert a in [a]
    assert a not in [b]
    assert {a: 1}[a] == 1
    assert len({a, b, a}) == 2
    assert sorted([Value(2.0), a])[0] is a
    import builtins

    assert builtins.max(a, Value(2.0)).data == 2.0
    assert builtins.min(a, b) is a


def test_protocol_numbers() -> None:
    v = Value(7.5)
    assert f"{v:.3f}" == "7.500"
    assert (builtins_abs(-v).data, (+v).data, round(v).data) == (7.5, 7.5, 8.0)
    assert [each.data for each in divmod(v, 2.0)] == [3.0, 1.5]
    assert ((v // 2.0).data, (v % 2.0).data) == (3.0, 1.5)
    power: Any = pow
    with pytest.raises(TypeError):
        power(v, 2, 3)


def builtins_abs(v: Any) -> Any:
    return v.__abs__()


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))])
@pytest.mark.parametrize("swept", [False, True])
def test_protocol_copies_before_and_after_a_sweep(copied: Callable[[Any], Any], swept: bool) -> None:
    x = Value(2.0, "x")
    shared = x * x
    root = sin(shared) + shared
    if swept:
        root.backward()
    twin = copied(root)
    assert (twin.data, twin.grad, twin.op) == (root.data, root.grad, root.op)
    if copied is not copy.copy:
        before = x.grad
        twin.zero_grad()
        twin.backward()
        (leaf,) = (v for v in circuit(twin) if v.op is None)
        assert leaf.grad == grad(lambda t: sin(t * t) + t * t)(2.0)
        assert x.grad == before  # the copy's sweep does not reach the original


# Memory


def test_memory_a_dropped_circuit_dies_at_once_and_nothing_keeps_nodes() -> None:
    collecting = gc.isenabled()
    gc.disable()
    try:
        x = Value(1.0)
        y = sin(x) * x
        y.backward()
        dead = [weakref.ref(v) for v in circuit(y)[1:]]
        del y
        assert all(ref() is None for ref in dead)
    finally:
        if collecting:
            gc.enable()


# nn


def test_nn_zero_grad_reaches_shared_and_intermediate_nodes() -> None:
    x = Value(2.0)
    shared = x * x
    y = shared + sin(shared)
    y.backward()
    y.zero_grad()
    assert all(v.grad == 0.0 for v in circuit(y))


def test_nn_tied_weights_are_one_parameter() -> None:
    model = MLP(2, [2, 2])
    model.layers[1].neurons[0].w = model.layers[1].neurons[1].w
    parameters = list(model.parameters())
    assert len(parameters) == len(set(parameters))


def test_nn_a_dead_relu_and_equal_weights() -> None:
    neuron = Neuron(1, activation="relu", rng=Random(0))
    for p in neuron.parameters():
        p.data = -1.0
    neuron([1.0]).backward()
    assert [p.grad for p in neuron.parameters()] == [0.0, 0.0]
    layer = Layer(1, 2, activation="tanh", rng=Random(0))
    for p in layer.parameters():
        p.data = 0.5
    ag_sum(layer([1.0])).backward()
    first, second = (([p.grad for p in neuron.parameters()]) for neuron in layer.neurons)
    assert first == second


def test_nn_a_step_records_nothing() -> None:
    w = autograd_lite.parameter(1.0, "w")
    (w * w).backward()
    SGD([w], lr=0.1).step()
    assert w.op is None
    assert w.data == 0.8


def test_nn_sizes() -> None:
    assert isinstance(MLP(3, [4, 1])([1.0, 2.0, 3.0]), Value)
    assert len(MLP(3, (4, 2))([1.0, 2.0, 3.0])) == 2  # a tuple of sizes
    sizes = [4, 4, 1]
    assert len(list(MLP(3, sizes).parameters())) == 41
    assert sizes == [4, 4, 1]
    assert len(list(MLP(3, [8, 8, 1]).parameters())) == 113
    with pytest.raises(ValueError, match="3"):
        Neuron(3)([1.0, 2.0])


# Finite differences


def test_differences_steps_are_representable_and_kinks_are_seen() -> None:
    for f, at in ((math.exp, 1.0), (math.sin, -4.0), (math.tanh, 0.5), (lambda x: x**5, 3.0)):
        slope, error = difference(f, at)
        true = grad({math.exp: exp, math.sin: sin, math.tanh: tanh}.get(f, lambda x: x**5))(at)
        assert builtins_abs(slope - true) <= error < 1e-7 * (1 + builtins_abs(true))
    assert not autograd_lite.gradcheck(abs, 0.0, raise_exception=False)


# Oracles


def test_oracle_micrograd_s_readme() -> None:
    a, b = Value(-4.0), Value(2.0)
    c = a + b
    d = a * b + b**3
    c = c + (c + 1)
    c = c + (1 + c + (-a))
    d = d + (d * 2 + relu(b + a))
    d = d + (3 * d + relu(b - a))
    e = c - d
    f = e**2
    g = f / 2.0
    g = g + 10.0 / f
    g.backward()
    assert (round(g.data, 4), round(a.grad, 4), round(b.grad, 4)) == (24.7041, 138.8338, 645.5773)


@pytest.mark.parametrize(
    ("f", "at", "wanted"),
    [
        (lambda a, b, c, f: (a * b + c) * f, (2.0, -3.0, 10.0, -2.0), (-8.0, 6.0, -4.0, -2.0, 4.0)),
        (lambda a: 2 * a * (a + 3), (2.0,), (20.0, 14.0)),
        (lambda a, b: (a * b) * (a + b), (-2.0, 3.0), (-6.0, -3.0, -8.0)),
        (
            lambda x, y, w, v: tanh(x * w + y * v + 6.8813735870195432),
            (2.0, 0.0, -3.0, 1.0),
            (0.5**0.5, -1.5, 0.5, 1.0, 0.0),
        ),
    ],
)
def test_oracle(f: Any, at: tuple[float, ...], wanted: tuple[float, ...]) -> None:
    assert slopes_of(f, *at) == pytest.approx(wanted, rel=1e-7, abs=1e-12)


def test_the_order_of_the_circuit_is_that_of_operands() -> None:
    xs = [Value(float(i), f"x{i}") for i in range(5)]
    y = sum_of_squares(xs) + xs[0]
    names = [v.name for v in circuit(y) if v.name]
    assert names == sorted(names)
    assert all(a < b for a, b in pairwise(names))
