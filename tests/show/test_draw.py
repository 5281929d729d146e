"""The front door: what draw, table, tree, formula and play take, and micrograd's names."""

from collections.abc import Callable
from typing import Any

import pytest

from autograd_lite import Value, circuit, find_nonfinite, rounding, tanh
from autograd_lite.formulas import formula, latex, text
from autograd_lite.show import (
    Options,
    RenderError,
    draw,
    draw_dot,
    play,
    table,
    trace,
    tree,
)
from autograd_lite.steps import backward_steps, forward_steps

SHOWN: list[Callable[..., Any]] = [draw, table, tree, play]
OF_A_CIRCUIT: list[Callable[[Any], Any]] = [
    *SHOWN, formula, text, latex, circuit, find_nonfinite, rounding, trace, draw_dot,
    forward_steps, backward_steps,
]  # fmt: skip


def neuron() -> Value:
    w, x = Value(0.5, "w"), Value(2.0, "x")
    y = tanh(w * x + 1.0)
    y.name = "y"
    return y


@pytest.mark.parametrize("function", OF_A_CIRCUIT, ids=lambda f: f.__name__)
@pytest.mark.parametrize("given", [3, "x", None, 2.5], ids=repr)
def test_what_is_not_a_value_is_named(function: Callable[[Any], Any], given: Any) -> None:
    with pytest.raises(TypeError, match=rf"takes a Value, not {type(given).__name__} \({given!r}\)"):
        function(given)


@pytest.mark.parametrize(
    "function", [f for f in OF_A_CIRCUIT if f is not find_nonfinite], ids=lambda f: f.__name__
)
def test_a_list_of_values_is_refused_with_what_to_give(function: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError, match=r"not list .*: give one of its Values"):
        function([neuron()])


@pytest.mark.parametrize("function", SHOWN, ids=lambda f: f.__name__)
def test_an_unknown_option_is_named_and_the_nearest_suggested(function: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match=f"{function.__name__} has no option 'digit': .*digits"):
        function(neuron(), digit=3)
    with pytest.raises(TypeError, match=r"no option 'qqqqqq': .*names, detail.*max_nodes"):
        function(neuron(), qqqqqq=3)


def test_an_option_of_the_function_itself_is_suggested_too() -> None:
    with pytest.raises(TypeError, match="did you mean style"):
        draw(neuron(), sytle="card")


@pytest.mark.parametrize("function", SHOWN, ids=lambda f: f.__name__)
@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"detail": "none"}, "detail"),
        ({"constants": "never"}, "constants"),
        ({"grads": True}, "grads"),
        ({"digits": 18}, "digits"),
        ({"digits": 0}, "digits"),
        ({"max_depth": -1}, "max_depth"),
        ({"max_nodes": 0}, "max_nodes"),
        ({"min_grad": float("nan"), "grads": "always"}, "min_grad"),
    ],
)
def test_every_function_refuses_a_wrong_value(
    function: Callable[..., Any], options: dict[str, Any], named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        function(neuron(), **options)


@pytest.mark.parametrize("function", SHOWN, ids=lambda f: f.__name__)
def test_every_function_takes_every_option(function: Callable[..., Any]) -> None:
    y = neuron()
    y.backward()
    function(
        y, names={"out": y}, detail="all", constants="nodes", grads="auto", digits=3, ascii=True,
        title="A neuron", focus=y.parents[0], max_depth=3, min_grad=0.001, max_nodes=50,
    )  # fmt: skip


def test_the_same_names_mean_the_same() -> None:
    y = neuron()
    named = {"out": y}
    assert "out = tanh(w*x + 1)" in table(y, names=named, ascii=True, detail="named")
    assert "out = tanh(w*x + 1)" in tree(y, names=named, ascii=True, detail="named")
    assert formula(y, names={"z": y.parents[0]}, ascii=True, digits=2) == "tanh(w*x + 1)"
    assert play(y, names=named, digits=2, detail="named").heading.startswith("out = tanh(w·x + 1)")
    assert draw(y, names=named, detail="named").view.nodes[-1].label == "out"


@pytest.mark.parametrize("given", [{"focus": 3}, {"title": 5}])
def test_options_of_the_wrong_type(given: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=next(iter(given))):
        Options(**given)


# micrograd's names


def test_draw_dot_gives_an_object_of_the_package_graphviz() -> None:
    graphviz = pytest.importorskip("graphviz")
    y = neuron()
    y.backward()
    source = draw_dot(y)
    assert isinstance(source, graphviz.Source)
    assert source.source == draw(y).dot
    assert "rankdir=TB" in draw_dot(y, format="png", rankdir="TB").source
    assert draw_dot(y, format="png").format == "png"
    with pytest.raises(ValueError, match="direction"):
        draw_dot(y, rankdir="down")


def test_draw_dot_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "graphviz", None)
    with pytest.raises(RenderError, match="pip install graphviz"):
        draw_dot(neuron())


def test_trace_gives_nodes_and_edges() -> None:
    x = Value(3.0)
    y = x * x + x
    square = y.parents[0]
    nodes, edges = trace(y)
    assert nodes == {x, square, y}
    assert edges == {(x, square), (square, y), (x, y)}
