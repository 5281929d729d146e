"""Every option in every style of pictures, pages, tables and trees changes something, or says why not."""

import random
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from autograd_lite import Value, losses, nn
from autograd_lite import sum as total
from autograd_lite.show import draw, play, table, tree
from autograd_lite.show.player.page import PLAYED
from autograd_lite.show.view.options import Options

STYLES = ("auto", "card", "circuit", "network", "scope")


@cache
def batch() -> tuple[Value, Value, Value]:
    """The summed loss of a small network over two samples, one of its weights, one of its inputs."""
    model = nn.MLP(1, [2, 1], activation="tanh", rng=random.Random(1))
    parts = []
    for i in range(2):
        x = Value(0.25 * i + 0.5, f"x{i}")
        parts.append(losses.half_squared_error(model([x]), 1.0 / (i + 2)))
    whole: Value = total(parts) / 3.0
    whole.name = "E"
    whole.backward()
    return whole, model.parameters()[0], x


ROOT, WEIGHT, INPUT = batch()

#: A value of every option that has to change what is shown.
OPTIONS: dict[str, Any] = {
    "names": {"alpha": INPUT},
    "detail": "all",
    "constants": "nodes",
    "grads": "never",
    "digits": 2,
    "fractions": True,
    "ascii": True,
    "d": "dz",
    "title": "A title",
    "wrt": WEIGHT,
    "tangents": WEIGHT,
    "focus": WEIGHT,
    "max_depth": 3,
    "min_grad": 0.05,
    "max_nodes": 12,
    "plates": True,
    "blanks": "grad",
}

LOOKS: dict[str, Any] = {
    "direction": "TB",
    "local": False,
    "theme": "dark",
    "scopes": False,
    "depth": 2,
    "highlight": [WEIGHT, ROOT],
    "magnitude": True,
    "engine": "none such",
}

#: What has nothing to change: cards show all but chains of sums, of which there are none; gates have no
#: outlines.
SAME = {
    *((style, "detail") for style in ("card", "circuit", "scope", "table", "tree")),
    *((style, "scopes") for style in ("auto", "circuit", "network")),
    ("table", "constants"),
}

#: What is refused.
REFUSED = {
    *((style, "engine") for style in STYLES),
    *((style, "direction") for style in ("circuit", "network")),
    *((style, "depth") for style in ("card", "circuit", "network")),
    *(("scope", option) for option in ("blanks", "plates", "max_nodes")),
    ("network", "max_nodes"),
}


def outcome(make: Callable[..., str], plain: str, option: str, value: Any) -> str:
    try:
        return "same" if make(**{option: value}) == plain else "works"
    except ValueError as error:
        return (
            "refused" if re.fullmatch(f".*{option}.*", str(error)) else f"refused without a name: {error}"
        )


def expected(style: str, option: str) -> str:
    return "same" if (style, option) in SAME else "refused" if (style, option) in REFUSED else "works"


def test_every_option_is_tried() -> None:
    assert OPTIONS.keys() == Options.__dataclass_fields__.keys()


@pytest.mark.parametrize("style", STYLES)
def test_every_option_of_pictures_works_or_is_refused(style: str) -> None:
    def make(**options: Any) -> str:
        return draw(ROOT, style, **options).dot

    plain = make()
    options = OPTIONS | LOOKS
    found = {option: outcome(make, plain, option, value) for option, value in options.items()}
    assert found == {option: expected(style, option) for option in options}


@pytest.mark.parametrize("style", PLAYED)
def test_every_option_of_pages_works_or_is_refused(style: str) -> None:
    def make(**options: Any) -> str:
        player = play(ROOT, style=style, **options)
        return f"{player.heading} {player.steps} {player.view}"

    plain = make()
    found = {option: outcome(make, plain, option, value) for option, value in OPTIONS.items()}
    never = dict.fromkeys(("blanks", "tangents", "grads"), "refused")
    assert found == {option: expected(style, option) for option in OPTIONS} | never


@pytest.mark.parametrize("function", [table, tree])
def test_every_option_of_tables_works(function: Callable[..., str]) -> None:
    def make(**options: Any) -> str:
        return str(function(ROOT, **options))

    plain = make()
    found = {option: outcome(make, plain, option, value) for option, value in OPTIONS.items()}
    assert found == {option: expected(function.__name__, option) for option in OPTIONS}


def test_a_page_of_boxes_is_refused() -> None:
    with pytest.raises(ValueError, match="network"):
        play(ROOT, style="scope")


@pytest.mark.parametrize("kind", [table, tree, draw, play])
def test_a_node_may_be_called_by_its_name(kind: Callable[..., Any]) -> None:
    x = Value(0.5, "x1")
    t = x * x
    y = t * x
    y.backward()
    by: dict[str, Any] = {"names": {"t": t, "y": y}}

    def shown(**options: Any) -> str:
        made = kind(y, **by, **options)
        return str(made) if not hasattr(made, "steps") else repr(made.steps)

    assert shown(wrt="t") == shown(wrt=t) != shown()
    assert shown(wrt=["x₁", "t"]) == shown(wrt=[x, t])
    assert shown(focus="t") == shown(focus=t) != shown()
    if kind is not play:
        assert shown(tangents={"x1": 2.0}) == shown(tangents={x: 2.0}) != shown()
        assert shown(blanks=("t", "value")) == shown(blanks=(t, "value")) != shown(blanks="value")


def test_a_path_may_be_given_by_names() -> None:
    assert str(draw(ROOT, highlight=["x1", "E"], max_nodes=None)) != str(draw(ROOT, max_nodes=None))


@pytest.mark.parametrize("option", ["wrt", "tangents", "focus", "blanks", "highlight"])
def test_a_name_that_no_node_has_is_told(option: str) -> None:
    with pytest.raises(ValueError, match=f"{option}='q'.* x₀,"):
        draw(ROOT, **{option: "q"})  # type: ignore[arg-type]  # one of many options


def test_a_name_of_several_nodes_is_not_guessed() -> None:
    with pytest.raises(ValueError, match=r"wrt='w1' names 3 nodes: .*w₁₁⁽¹⁾.*w₂₁⁽¹⁾"):
        table(ROOT, wrt="w1")
    assert table(ROOT, wrt="w₂₁⁽¹⁾")
