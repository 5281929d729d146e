"""Programs as functions of jax.numpy: the eager engine's numbers, through every transform of JAX."""

import math
import sys
from collections import namedtuple
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from hypothesis import given, note

from autograd_lite import (
    TABLE,
    Primitive,
    Value,
    atan,
    dot,
    errstate,
    hessian,
    hypot,
    log,
    maximum,
    primitive,
    relu,
    sin,
    sqrt,
    tanh,
    where,
)
from autograd_lite import max as largest
from autograd_lite import sum as total
from autograd_lite.core.primitive import Operand
from autograd_lite.nn import MLP
from autograd_lite.program import record
from tests.support.functions import INPUTS, functions, points
from tests.support.search import examples

from .test_engines import SideBySide, close, eager, is_smooth, of_row, spread_over

if find_spec("jax") is None:
    pytest.skip("JAX is not installed", allow_module_level=True)

ALL = tuple(range(INPUTS))
jax: Any = None  # to import it takes long, and not every process that collects this file runs it
jnp: Any = None
jit: Any = None


def quick_options() -> dict[str, Any] | None:
    """Let XLA optimize less where it can be told to: that takes a fifth of the time, and most of a test is
    compiling.
    """
    options = {"xla_cpu_use_fusion_emitters": False, "xla_backend_optimization_level": 0}
    try:
        jax.jit(lambda x: x, compiler_options=options)(1.0)
    except Exception:  # JAX does not say which; a version that has not these options
        return None
    return options


@pytest.fixture(autouse=True, scope="module")
def double_precision() -> Iterator[None]:
    global jax, jnp, jit
    import jax
    import jax.numpy as jnp

    jit = partial(jax.jit, compiler_options=quick_options())
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


def both(f: Any, xs: Any, at: Any = None) -> tuple[Any, Any]:
    """The value and the gradient of a recorded function in JAX, and those of the eager engine."""
    xs = list(map(float, xs))
    at = xs if at is None else list(map(float, at))
    g = record(f, *xs, verify=False).to_jax()
    return jit(jax.value_and_grad(g, tuple(range(len(xs)))))(*at), eager(f, at)


def test_every_row_has_the_eager_numbers() -> None:
    rows = SideBySide()
    spread = np.vstack([np.transpose(spread_over(TABLE[name], 7)) for name, _, _ in rows.rows])
    samples = np.column_stack([rows.xs, spread])
    each = record(rows.each, *rows.xs).to_jax()

    def total(*xs: Any) -> Any:
        values = each(*xs)
        return sum(values), values

    slope = jax.grad(total, range(len(rows.xs)), has_aux=True)
    slopes, values = jit(jax.vmap(slope))(*samples)
    assert not rows.wrong(samples, values, np.array(slopes), (1e-12, 1e-12))


def test_a_wrong_row_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TABLE["tanh"], "array", "np.tanh({}) * (1 + 1e-11)")
    found, expected = both(tanh, [0.75])
    assert not close(found[0], expected[0], 1e-12)


@given(functions(most=12), points, points)
@examples(6)
def test_random_circuits(f: Any, xs: Any, others: Any) -> None:
    with errstate("ignore"):
        program = record(f, *xs, verify=False)
        note(program.source)
        g = jit(jax.value_and_grad(program.to_jax(), ALL))
        for at in (xs, others):
            if is_smooth(f, at):
                value, slopes = eager(f, at)
                found, gradient = g(*at)
                assert close(found, value)
                assert close(gradient, slopes)


@given(functions(most=6), points)
@examples(3)
def test_forward_mode_and_a_batch_agree_with_reverse_mode(f: Any, xs: Any) -> None:
    with errstate("ignore"):
        if not is_smooth(f, xs):
            return
        g = record(f, *xs, verify=False).to_jax()

        def all_ways(*xs: Any) -> Any:
            samples = [jnp.array([x, x]) for x in xs]
            return jax.value_and_grad(g, ALL)(*xs), jax.jacfwd(g, ALL)(*xs), jax.vmap(g)(*samples)

        (value, reverse), forward, batch = jit(all_ways)(*xs)
        assert close(forward, reverse)
        assert close(batch, [value] * 2)


@pytest.mark.parametrize("f", [relu, TABLE["abs"], sqrt, TABLE["hardtanh"], lambda x: hypot(x, x)])
def test_kinks_and_edges_are_those_of_the_table(f: Any) -> None:
    with errstate("ignore"):
        for x in (0.0, 1.0):
            found, expected = both(f, [0.5], [x])
            assert close(found, expected, 1e-14)


@pytest.mark.parametrize("f", [maximum, lambda x, y: largest([x, y, x * y])])
def test_ties_share_the_derivative(f: Any) -> None:
    found, expected = both(f, [1.0, 1.0])
    assert close(found, expected, 1e-14)


def test_unselected_branches_add_nothing() -> None:
    def single(x: Any) -> Any:
        return where(relu(x), log(x) * sqrt(x), 0.5 * x) * 2.0

    def wide(x: Any) -> Any:
        return where(relu(x), dot([sqrt(x), x], [x, 1.0 / x]), x) + where(relu(x), total([log(x), x, x]), x)

    def several(x: Any) -> Any:
        return where(relu(x), dot([sqrt(x), x], [x, 1.0 / x]) * dot([log(x), 2.0], [x, x]), x)

    def deep(x: Any) -> Any:
        return maximum(where(relu(x), 1.0 / where(relu(x - 1.0), sqrt(x - 1.0), x), x), -5.0)

    with errstate("ignore"):
        functions = single, wide, several, deep
        recorded = [record(f, 1.0, verify=False).to_jax() for f in functions]
        # To compile one program takes less long than one for each of them
        found = jit(lambda x: [(jax.value_and_grad(g)(x), jax.jacfwd(g)(x)) for g in recorded])
        for x in (2.0, 0.0, -1.0):
            for f, (reverse, forward) in zip(functions, found(x), strict=True):
                expected = flat_of(eager(f, (x,)))
                assert all(map(math.isfinite, expected))
                assert close(reverse, expected, 1e-13), x
                assert close(forward, expected[1:], 1e-13), x


def test_what_is_computed_beside_a_branch_that_may_be_infinite_keeps_its_derivative() -> None:
    # Both sines are computed together; only the one of the root may have an infinite derivative.
    def f(a: Any, b: Any, c: Any) -> Any:
        return maximum(atan(sin(a * b)), sin(sqrt(c)) - 5.0)

    g = record(f, 0.5, 0.7, 2.0, verify=False).to_jax()
    value_and_slopes = jit(jax.value_and_grad(g, argnums=(0, 1, 2)))
    for xs in ((0.5, 0.7, 2.0), (-1.3, 0.4, 0.1)):
        found = value_and_slopes(*xs)
        assert close((found[0], list(found[1])), flat_of(eager(f, xs)), 1e-13)


def test_an_infinite_derivative_that_is_selected_stays() -> None:
    g = record(lambda x: where(relu(x + 1.0), sqrt(x), x), 1.0).to_jax()
    assert jit(jax.grad(g))(0.0) == math.inf


def test_second_derivatives() -> None:
    def f(x: Any, y: Any) -> Any:
        return tanh(x * y) + TABLE["gelu"](x) * TABLE["lgamma"](y) + relu(x) ** 3 + where(x, log(x), y)

    at = (0.75, 1.25)
    found = jit(jax.hessian(record(f, *at).to_jax(), (0, 1)))(*at)
    assert close(np.ravel(found), np.ravel(hessian(f, (0, 1))(*at)), 1e-12)


def loss(w: Any, x: Any, y: Any) -> Any:
    hidden = [tanh(dot(row, x, bias)) for row, bias in zip(w["rows"], w["biases"], strict=True)]
    return (dot(w["last"], hidden) - y) ** 2


def test_vmap_is_a_loop() -> None:
    rng = np.random.default_rng(5)
    w = {"rows": rng.normal(size=(4, 3)), "biases": list(rng.normal(size=4)), "last": rng.normal(size=4)}
    xs, ys = rng.normal(size=(6, 3)), rng.normal(size=6)
    program = record(loss, w, xs[0], float(ys[0]))
    g = program.to_jax()
    values = jit(jax.vmap(g, (None, 0, 0)))(w, xs, ys)
    assert close(values, [program(w, x, float(y)) for x, y in zip(xs, ys, strict=True)], 1e-13)
    slopes = jit(jax.grad(lambda w: jnp.sum(jax.vmap(g, (None, 0, 0))(w, xs, ys))))(w)
    _, expected = program.batch((None, 0, 0), "sum").value_and_grad(w, xs, ys)
    assert slopes.keys() == w.keys()
    assert slopes["rows"].shape == (4, 3)
    for key in w:
        assert close(np.ravel(slopes[key]), np.ravel(expected[key]), 1e-12)


def test_several_samples_in_one_program_are_matrix_products() -> None:
    rng = np.random.default_rng(6)
    w, xs = rng.normal(size=(5, 4)), rng.normal(size=(7, 4))

    def f(w: Any, xs: Any) -> Any:
        return total([sin(dot(list(row), list(x))) for x in xs for row in w])

    g = record(f, w, xs).to_jax()
    assert close(g(w, xs), np.sin(xs @ w.T).sum(), 1e-13)
    text = str(jax.make_jaxpr(g)(w, xs))
    assert text.count("dot_general") == 1
    assert "gather" not in text


def test_a_network_is_products_and_slices() -> None:
    rng = np.random.default_rng(7)
    w = {"rows": rng.normal(size=(4, 3)), "biases": list(rng.normal(size=4)), "last": rng.normal(size=4)}
    text = str(jax.make_jaxpr(record(loss, w, [1.0, 2.0, 3.0], 0.5).to_jax())(w, [1.0, 2.0, 3.0], 0.5))
    assert text.count("dot_general") == 2
    assert "gather" not in text


Pair = namedtuple("Pair", "first second")


def test_structures_stay_as_they_are() -> None:
    def f(a: Any, b: Any) -> Any:
        products = np.array([[a["x"] * b[0], a["x"] * b[1]], [2.0 * b[0], 3.0 * b[1]]], object)
        return {"sum": a["x"] + a["y"][1][0], "all": (products, [Pair(b[0], 7.0)])}

    args = {"x": 2.0, "y": (1.0, [3.0, 4.0])}, np.array([5.0, 6.0])
    program = record(f, *args)
    expected = program(*args)
    found = jit(program.to_jax())(*args)
    assert found["sum"].shape == ()
    assert found["sum"] == expected["sum"] == 5.0
    products, (pair,) = found["all"]
    assert np.array_equal(products, expected["all"][0])
    assert isinstance(pair, Pair)
    assert pair == (5.0, 7.0)
    slope, _ = jit(jax.grad(lambda *xs: program.to_jax()(*xs)["sum"], (0, 1)))(*args)
    assert slope == {"x": 1.0, "y": (0.0, [1.0, 0.0])}


def test_an_array_stands_for_nested_lists_and_lists_for_an_array() -> None:
    f = lambda xs: xs[0][0] * xs[1][1] - xs[0][1] * xs[1][0]  # noqa: E731
    rows = [[1.0, 2.0], [3.0, 4.0]]
    for example in (rows, np.array(rows)):
        g = jit(record(f, example).to_jax())
        assert g(rows) == g(jnp.array(rows)) == g(list(jnp.array(rows))) == -2.0


@pytest.mark.parametrize("wrong", [1.0, [1.0], np.zeros(3), {"a": 1.0}, [[1.0], 2.0], np.zeros((2, 1))])
def test_another_structure_is_refused(wrong: Any) -> None:
    g = record(lambda xs: xs[0] * xs[1], [1.0, 2.0]).to_jax()
    with pytest.raises(ValueError, match="xs"):
        g(wrong)
    with pytest.raises(TypeError, match="arguments"):
        g(1.0, 2.0)


def test_parameters_are_the_first_argument() -> None:
    model = MLP(3, [4, 2, 1], activation="tanh")
    weights = model.parameters()
    program = record(lambda x, y: (model(x) - y) ** 2, [0.5, 1.0, -1.0], 0.25, parameters=weights)
    g = program.to_jax()
    numbers = jnp.array([p.data for p in weights])
    value, slopes = jit(jax.value_and_grad(g))(numbers, [0.5, 1.0, -1.0], 0.25)
    expected, _ = program.value_and_grad([0.5, 1.0, -1.0], 0.25)
    assert close(value, expected, 1e-13)
    assert close(slopes, [p.grad for p in weights], 1e-12)
    with pytest.raises(ValueError, match=f"{len(weights)} parameters"):
        g(numbers[1:], [0.5, 1.0, -1.0], 0.25)


def test_a_constant_that_changed_is_refused() -> None:
    scale = Value(2.0)
    program = record(lambda x: scale * x, 1.0)
    assert program.to_jax()(3.0) == 6.0
    scale.data = 5.0
    with pytest.raises(ValueError, match="was 2"):
        program.to_jax()


def test_another_branch_gives_nan() -> None:
    g = record(lambda x, y: x * 2.0 if x < y else y * 3.0, 1.0, 2.0, verify=False).to_jax()
    value_and_slope = jit(jax.value_and_grad(g))
    assert [float(each) for each in value_and_slope(1.5, 2.0)] == [3.0, 2.0]
    assert all(map(math.isnan, value_and_slope(2.5, 2.0)))


@pytest.fixture
def own_rows() -> Iterator[list[Primitive]]:
    made = [
        primitive(
            "jax_many", lambda *xs: max(xs) - xs[0], lambda xs, z: [-1.0, *[0.5] * (len(xs) - 1)], "a"
        ),
        primitive("jax_cube", lambda x: x**3, [lambda x, z: 3.0 * x * x], "a row"),
    ]
    yield made
    for row in made:
        del TABLE[row.name]
        delattr(Operand, row.name)


def test_users_rows_are_called_back(own_rows: list[Primitive]) -> None:
    many, cube = own_rows
    f = lambda x, y: cube(x) * many([x, y]) + cube(y)  # noqa: E731
    g = record(f, 0.5, 2.0).to_jax()
    ys = [2.0, 2.5, 3.0]
    values, slopes = jit(jax.vmap(jax.value_and_grad(g, (0, 1)), (None, 0)))(0.75, jnp.array(ys))
    for i, y in enumerate(ys):
        assert close((values[i], *(each[i] for each in slopes)), flat_of(eager(f, (0.75, y))), 1e-14)
    with pytest.raises(TypeError, match="jax_cube"):
        jax.hessian(g)(0.75, 2.0)


def flat_of(found: tuple[float, tuple[float, ...]]) -> tuple[float, ...]:
    return found[0], *found[1]


def test_rows_run_on_the_devices_of_a_mesh() -> None:
    rows = [of_row(TABLE[n]) for n in ("tanh", "sinc_derivative", "maximum", "where", "log_softmax")]

    def each(*parts: Any) -> Any:
        return [f(*own) for (f, _), own in zip(rows, parts, strict=True)]

    points = [at for _, at in rows]
    g = record(each, *points).to_jax()

    def total(*xs: Any) -> Any:
        values = g(*xs)
        return sum(values), values

    slope = jax.grad(total, range(len(points)), has_aux=True)
    mesh = jax.make_mesh((1,), ("samples",), axis_types=(jax.sharding.AxisType.Auto,))
    spec = jax.sharding.PartitionSpec("samples")
    spread = jax.shard_map(jax.vmap(slope), mesh=mesh, in_specs=spec, out_specs=spec)
    slopes, values = jit(spread)(*([jnp.array([x, x]) for x in at] for at in points))
    for value, found, (f, at) in zip(values, slopes, rows, strict=True):
        expected, gradient = eager(f, at)
        assert close(value, [expected] * 2, 1e-14)
        assert close(np.transpose(found), [gradient] * 2, 1e-14)


def test_single_precision_stays_single() -> None:
    def f(x: Any, y: Any) -> Any:
        return maximum(x, 0.0) * tanh(y) + where(x, TABLE["leaky_relu"](y), 1.0) + TABLE["sinc"](x) ** 3

    g = record(f, 0.5, 2.0).to_jax()
    xs = jnp.float32(0.75), jnp.float32(1.5)
    value, slopes = jit(jax.value_and_grad(g, (0, 1)))(*xs)
    assert {value.dtype, *(each.dtype for each in slopes)} == {jnp.dtype("float32")}
    assert close((value, *slopes), flat_of(eager(f, (0.75, 1.5))), 1e-5)
    assert float(jit(g)(1, 2)) == pytest.approx(float(f(1.0, 2.0)), rel=1e-12)


def test_without_jax_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    program = record(sin, 0.5)
    monkeypatch.setitem(sys.modules, "jax", None)
    with pytest.raises(ImportError, match=r"python -m pip install 'autograd-lite\[jax\]'"):
        program.to_jax()


def test_check_row_tries_jax() -> None:
    from autograd_lite.check import check_row

    report = check_row("sin", order=1, points=2, engines=["jax"])
    assert report.ok, report
    assert "engine jax" in {entry.part for entry in report.entries}
