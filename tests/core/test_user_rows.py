"""Rows that users add: they are rows like the project's own."""

from __future__ import annotations

import copy
import inspect
import math
import pickle
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import mpmath
import pytest

from autograd_lite import (
    TABLE,
    NonFiniteError,
    Primitive,
    Value,
    cos,
    errstate,
    exp,
    primitive,
    sin,
    where,
)
from autograd_lite.core.primitive import ALIASES, Operand, lookup
from autograd_lite.core.transforms import derivative, grad, gradients, jvp, vjp

Add = Callable[..., Primitive]


def state() -> tuple[dict[str, Any], ...]:
    return dict(TABLE), dict(ALIASES), dict(vars(Operand))


@pytest.fixture
def add() -> Iterator[Add]:
    """Registers rows, and takes them out again afterwards."""
    table, aliases, methods = before = state()
    yield primitive
    for name in TABLE.keys() - table.keys():
        del TABLE[name]
    for name in ALIASES.keys() - aliases.keys():
        del ALIASES[name]
    for name in vars(Operand).keys() - methods.keys():
        delattr(Operand, name)
    assert state() == before


def gauss(add: Add, **more: Any) -> Primitive:
    return add("gauss", lambda x: math.exp(-x * x), [lambda x, z: -2.0 * x * z], "exp(-x²)", **more)


def test_a_row_is_a_function_a_method_and_an_entry(add: Add) -> None:
    row = gauss(add, aliases=("bell",))
    assert TABLE["gauss"] is row is ALIASES["bell"] is lookup("bell")
    assert type(row(1)) is float
    assert row(1) == math.exp(-1.0)
    x = Value(0.5)
    for node in (row(x), x.gauss(), x.bell()):
        assert node.op is row
        assert node.parents == (x,)
        assert node.data == math.exp(-0.25)
        assert node.local_grads == (-1.0 * math.exp(-0.25),)
    assert row.__doc__ == "exp(-x²)"
    assert (row.name, row.symbol, row.glyph, row.fix) == ("gauss", "gauss", "gauss", "call")


def test_a_rule_in_bare_floats_may_raise_at_a_pole(add: Add) -> None:
    positive = {"domain": (0.1, 8.0)}
    root = add("root", lambda x: x**0.5, [lambda x, z: 0.5 / math.sqrt(x)], "√x", **positive)
    length = add("length", lambda *xs: math.hypot(*xs), lambda xs, z: [x / math.hypot(*xs) for x in xs], "")
    for row, operands in ((root, 1), (length, 2)):
        xs = [Value(0.0) for _ in range(operands)]
        with pytest.raises(NonFiniteError), errstate("raise"):
            row(*xs)
        with errstate("ignore"):
            assert all(math.isnan(slope) for slope in row(*xs).local_grads)


def test_a_row_that_gives_no_numbers_is_named(add: Add) -> None:
    late = add("late", lambda x: x if x < 9.0 else "3", [lambda x, z: z if x > -9.0 else None], "")
    with pytest.raises(TypeError, match=r"the value of late.*str"):
        late(Value(10.0))
    with pytest.raises(TypeError, match=r"local derivative of late.*NoneType"):
        late(Value(-10.0))


def test_a_row_of_ones_own_may_be_replaced(add: Add) -> None:
    first = gauss(add, aliases=("bell", "hump"))
    old = first(Value(1.0))
    with pytest.raises(ValueError, match="replace"):
        gauss(add)
    for wrong in ({"aliases": ("sin",)}, {"aliases": ("a b",)}, {"domain": [(0.0, 1.0)] * 2}):
        before = state()
        with pytest.raises(ValueError, match=r"sin|a b|2"):
            gauss(add, replace=True, **wrong)
        assert state() == before
    second = add("gauss", lambda x: 3.0 * x, [lambda x, z: 3.0], "3x", aliases=("bell",), replace=True)
    assert TABLE["gauss"] is second is lookup("bell") is not first
    assert lookup("hump") is None
    assert not hasattr(Value(1.0), "hump")
    assert (Value(2.0).gauss().data, Value(2.0).bell().local_grads) == (6.0, (3.0,))
    assert old.op is first
    assert gradients(old, old.parents[0]).data == -2.0 * math.exp(-1.0)
    for name in ("sin", "relu", "bell"):
        with pytest.raises(ValueError, match="taken"):
            add(name, lambda x: x, [lambda x, z: 1.0], "", replace=True)


def test_its_derivatives_of_every_order_come_from_its_rule(add: Add) -> None:
    row = gauss(add)
    for order in range(5):
        got = derivative(lambda x: row(sin(x)), order)(0.7)
        true = mpmath.diff(lambda x: mpmath.exp(-(mpmath.sin(x) ** 2)), 0.7, order)
        assert got == pytest.approx(float(true), rel=1e-11)


def test_rows_of_two_and_of_any_number_of_operands(add: Add) -> None:
    turn = add(
        "turn",
        lambda x, y: x * math.cos(y),
        [lambda x, y, z: cos(y), lambda x, y, z: -x * sin(y)],
        "x·cos(y)",
        domain=((-2.0, 2.0), (0.0, 3.0)),
        defaults=(0.5,),
    )
    assert turn(2.0) == turn(2.0, 0.5)
    assert turn.domain == ((-2.0, 2.0), (0.0, 3.0))
    power_sum = add(
        "power_sum",
        lambda *xs: math.fsum(x * x for x in xs),
        lambda xs, z: [2.0 * x for x in xs],
        "the sum of squares",
    )
    assert power_sum.arity is None
    x, y = Value(3.0), Value(4.0)
    assert power_sum([x, y]).data == power_sum(3, 4) == 25.0
    for f in (turn, power_sum, lambda a, b: power_sum(a, turn(a, b), b, 1.0)):
        value, tangent = jvp(f, (0.3, 0.4), (1.0, 2.0))
        again, pull = vjp(f, 0.3, 0.4)
        by_x, by_y = pull(1.0)
        assert value == again
        assert tangent == pytest.approx(by_x + 2.0 * by_y, rel=1e-14)
    second = gradients(gradients(turn(x, y), y), y)
    assert second.data == pytest.approx(-3.0 * math.cos(4.0))


def test_a_row_that_overflows_or_divides_by_zero_follows_ieee_754(add: Add) -> None:
    grow = add("grow", lambda x: math.exp(x), [lambda x, z: z], "eˣ")
    hole = add("hole", lambda x: 1.0 / x, [lambda x, z: -z / x], "1/x", edge=lambda x: math.inf)
    plain_hole = add("plain_hole", lambda x: 1.0 / x, [lambda x, z: -z / x], "1/x")
    compound = add(
        "compound", lambda *xs: math.exp(math.fsum(xs)), lambda xs, z: [z for _ in xs], "e^(x + …)"
    )
    with errstate("ignore"):
        assert compound(Value(500.0), 500.0).data == math.inf
        assert grow(1000.0) == grow(Value(1000.0)).data == math.inf
        assert grow(Value(1000.0)).local_grads == (math.inf,)
        assert hole(0.0) == hole(Value(0.0)).data == math.inf
        assert hole(Value(0.0)).local_grads == (-math.inf,)
        assert math.isnan(plain_hole(0.0))
        assert math.isnan(plain_hole(Value(0.0)).local_grads[0])
    with errstate("raise"), pytest.raises(NonFiniteError, match="hole"):
        hole(Value(0.0))
    with pytest.warns(RuntimeWarning, match="grow") as caught:
        grow(Value(1000.0, "rate"))
    assert [warning.filename for warning in caught] == [__file__]


def test_a_row_that_selects_cuts_the_branch_not_taken(add: Add) -> None:
    gate = add(
        "gate",
        lambda x: x if x > 1 else 1.0,
        [lambda x, z: where(x > 1 if isinstance(x, float) else x.data > 1, 1.0, 0.0)],
        "x above 1, else 1",
        piecewise=True,
        kink=lambda x: x - 1.0,
    )
    x = Value(0.0)
    with errstate("ignore"):
        y = gate(x**-0.5 - 2.0 * x**-0.5)
    y.backward()
    assert (y.data, x.grad) == (1.0, 0.0)


def test_whole_numbers_from_a_row_become_floats(add: Add) -> None:
    count = add("count", lambda x: int(x), [lambda x, z: 0], "the whole part")
    node = count(Value(2.5))
    assert type(count(2.5)) is type(node.data) is type(node.local_grads[0]) is float
    assert repr(node.data) == "2.0"


def test_a_complex_result_is_refused(add: Add) -> None:
    root = add("root", lambda x: x**0.5, [lambda x, z: 0.5 / z], "√x", domain=(0.1, 8.0))
    for operand in (-1.0, Value(-1.0)):
        with pytest.raises(TypeError, match=r"the value of root .* complex"):
            root(operand)


def test_rows_are_pickled_and_copied_by_name(add: Add) -> None:
    row = gauss(add)
    assert pickle.loads(pickle.dumps(row)) is row
    assert copy.copy(row) is copy.deepcopy(row) is row
    blob = pickle.dumps(row)
    del TABLE["gauss"]
    with pytest.raises(LookupError, match="gauss"):
        pickle.loads(blob)


@pytest.mark.parametrize(
    ("name", "more", "match"),
    [
        ("exp", {}, "exp"),
        ("arctan2", {}, "arctan2"),  # an alias
        ("backward", {}, "backward"),  # a method of Value
        ("grad", {}, "grad"),
        ("fresh", {"aliases": ("fresher", "sin")}, "sin"),
        ("fresh", {"aliases": ("data",)}, "data"),
        ("fresh", {"aliases": ("fresh",)}, "fresh"),
        ("fresh", {"aliases": ("twice", "twice")}, "twice"),
        ("not a name", {}, "not a name"),
        ("2x", {}, "2x"),
        ("lambda", {}, "lambda"),
        ("", {}, "''"),
        ("fresh", {"aliases": ("a-b",)}, "a-b"),
        ("fresh", {"shown": [None, None]}, "shown"),
        ("fresh", {"defaults": (1.0,)}, "defaults"),
        ("fresh", {"domain": ((0.0, 1.0), (0.0, 1.0))}, "domain"),
    ],
)
def test_a_row_that_is_refused_leaves_no_trace(
    add: Add, name: str, more: dict[str, Any], match: str
) -> None:
    before = state()
    with pytest.raises(ValueError, match=match):
        add(name, exp.value, [lambda x, z: z], "a second exponential", **more)
    assert state() == before


def test_a_domain_has_an_interval_for_every_operand(add: Add) -> None:
    rules = [lambda x, y, z: y, lambda x, y, z: x]
    with pytest.raises(ValueError, match="domain"):
        add("fresh", lambda x, y: x * y, rules, "a second product", domain=((0.0, 1.0),))


def cube(x: float) -> float:
    return x**3


@pytest.mark.parametrize(
    ("value", "rules", "more", "match"),
    [
        (cube, [lambda x: 3 * x**2], {}, r"'fresh': the rule by x .* positional argument"),
        (cube, [lambda x, z: 1.0, lambda x, z: 1.0], {}, "'fresh': the value function"),
        (cube, lambda x, z: 3 * x**2, {}, "'fresh': the rule"),  # not in a list
        (cube, [lambda x, z: [3 * x**2]], {}, "'fresh': the rule by x .* list"),
        (cube, [lambda x, z: None], {}, "NoneType"),
        (cube, None, {}, "the rules must be a list of functions, not None"),
        (cube, "3x²", {}, "the rules must be a list of functions"),
        (cube, [None], {}, "'fresh': rule 1 must be a function, not None"),
        (cube, ["3x²"], {}, "rule 1 must be a function"),
        (None, [lambda x, z: 1.0], {}, "the value must be a function"),
        (lambda x: "3", [lambda x, z: 1.0], {}, "the value of fresh .* str"),
        (lambda x: x**0.5, [lambda x, z: 0.5 / z], {}, r"complex.*domain=\(low, high\)"),
        (lambda *xs: sum(xs), lambda xs, z: [1.0], {}, "one number for each"),
        (lambda *xs: sum(xs), lambda xs, z: 1.0, {}, "'fresh': the rule"),
        (cube, [lambda x, z: 3 * x**2], {"colour": "red"}, "no field 'colour'"),
        (cube, [lambda x, z: 3 * x**2], {"aliases": "c3"}, "aliases must be a tuple of names"),
        (cube, [lambda x, z: 3 * x**2], {"aliases": (3,)}, "aliases must be a tuple of names"),
        (cube, [lambda x, z: 3 * x**2], {"defaults": 3}, "defaults must be a tuple of numbers"),
        (cube, [lambda x, z: 3 * x**2], {"domain": (-1, 1, 2)}, "domain must be an interval"),
        (cube, [lambda x, z: 3 * x**2], {"domain": "ab"}, "domain must be an interval"),
        (cube, [lambda x, z: 3 * x**2], {"domain": (2.0, 1.0)}, "domain must be an interval"),
        (cube, [lambda x: 3 * x**2], {}, "take one argument per operand"),
        (cube, lambda x, z: 3 * x**2, {}, "takes all operands at once, in a list"),
    ],
)
def test_value_and_rules_that_do_not_fit_are_refused_at_once(
    add: Add, value: Any, rules: Any, more: dict[str, Any], match: str
) -> None:
    before = state()
    with pytest.raises(TypeError, match=match):
        add("fresh", value, rules, "a cube", **more)
    assert state() == before


def test_a_row_has_a_signature_and_takes_its_operands_by_name(add: Add) -> None:
    blend = add(
        "blend",
        lambda x, y, share: x + share * (y - x),
        [lambda x, y, share, z: 1 - share, lambda x, y, share, z: share, lambda *a: a[1] - a[0]],
        "between x and y",
        defaults=(0.5,),
    )
    assert str(inspect.signature(blend)) == "(x, y, share=0.5)"
    assert blend(1.0, y=3.0) == blend(x=1.0, share=0.5, y=3.0) == Value(1.0).blend(y=3.0).data == 2.0
    with pytest.raises(TypeError, match=r"blend\(x, y, share=0.5\): .*'y'"):
        blend(1.0, share=0.5)
    with pytest.raises(TypeError, match="hold"):
        blend(1.0, 2.0, hold=1.0)
    assert str(inspect.signature(TABLE["sin"])) == "(x, /)"
    assert str(inspect.signature(TABLE["clip"])) == "(x, low, high)"
    assert (
        str(inspect.signature(TABLE["softmax"]))
        == "(xs: 'Sequence[Any]', index: 'int | None' = None) -> 'Any'"
    )


def test_a_row_without_rules_is_refused(add: Add) -> None:
    before = state()
    with pytest.raises(ValueError, match="no rule"):
        add("fresh", lambda: 1.0, [], "nothing")
    assert state() == before


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"symbol": 3}, "symbol must be a string"),
        ({"glyph": 3}, "glyph must be a string"),
        ({"text": 3}, "text must be a string"),
        ({"precedence": "a"}, "precedence must be a number"),
        ({"domain": (-5.0, -4.0)}, "any point that was tried in its domain"),
    ],
)
def test_fields_of_the_wrong_kind_are_refused(fields: dict[str, Any], message: str) -> None:
    before = set(TABLE)
    with pytest.raises(TypeError, match=message):
        primitive("misfit", math.sqrt, [lambda x, z: 0.5 / z], "doc", **fields)
    with pytest.raises(TypeError, match="name of a primitive must be a string"):
        primitive(3, math.sqrt, [lambda x, z: 0.5 / z], "doc")  # type: ignore[arg-type]
    assert set(TABLE) == before


def test_a_rule_in_bare_floats_says_whose_it_is_when_it_is_differentiated(add: Add) -> None:
    bare = add("bare_sine", math.sin, [lambda x, z: math.cos(x)], "the sine")
    assert grad(bare)(0.5) == math.cos(0.5)
    with pytest.raises(TypeError, match="a rule of bare_sine takes floats alone"):
        grad(grad(bare))(0.5)


def test_operands_of_rules_without_names_are_called_x1_x2_and_so_on(add: Add) -> None:
    slope = partial(lambda by, x, y, z: 2.0 * by, 1.0)  # an object without code of its own
    row = add("twice", lambda x, y: 2.0 * (x + y), [slope, slope], "2·(x1 + x2)")
    assert row.operands == ("x1", "x2")
    assert row(x2=1.0, x1=3.0) == 8.0
    assert str(inspect.signature(row)) == "(x1, x2)"
