"""The notations of the lecture notes, the same in tables, pictures, LaTeX and the player."""

from typing import Any

import pytest

from autograd_lite.show import draw, play, table, tree

from ...support.circuits import gormley


def said(root: Any, d: str) -> str:
    steps = play(root, d=d).steps
    return "".join(run.text for step in steps for group in step.groups for line in group for run in line)


@pytest.mark.parametrize(
    ("d", "upstream", "local", "latex"),
    [
        ("∂", "∂J/∂u", "∂u₁/∂t", r"\frac{\partial J}{\partial u} \frac{\partial u}{\partial u_{1}}"),
        ("d", "dJ/du", "du₁/dt", r"\frac{d J}{d u} \frac{d u}{d u_{1}}"),
        ("dz", "du", "du₁/dt", r"d u \frac{d u}{d u_{1}}"),
        ("δ", "δ(u)", "∂u₁/∂t", r"\delta_{u} \frac{\partial u}{\partial u_{1}}"),
    ],
)
def test_each_notation_reads_alike_everywhere(d: str, upstream: str, local: str, latex: str) -> None:
    root = gormley()
    root.backward()
    text, dot = table(root, d=d), draw(root, d=d).dot
    assert f"+= {upstream} · " in text
    assert f"{local} = cos(t)" in text
    assert latex in table(root, "latex", d=d)
    assert f"u = u₁ + u₂ = 3.841; {upstream} = 0.6441" in dot
    assert f"{local} = " in tree(root, d=d)
    assert upstream in said(root, d)
    for other in {"∂J/∂u ", "dJ/du ", "δ(u) "} - {upstream + " "}:
        assert other not in text


def test_delta_is_for_operations_and_inputs_keep_their_derivative() -> None:
    root = gormley()
    root.backward()
    text = table(root, d="δ")
    assert "∂J/∂x += δ(t) · ∂t/∂x" in text
    assert "result   ∂J/∂x = 4.561" in text
    assert "delta(u1) += delta(u) * du/du1" in table(root, d="δ", ascii=True)


def test_another_notation_is_refused() -> None:
    for form in (draw, table, tree, play):
        with pytest.raises(ValueError, match="'δ'"):
            form(gormley(), d="D")
