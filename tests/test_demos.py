"""The demos run: headless, in a folder of their own, and the numbers that they show are right."""

import re
from pathlib import Path

import pytest

from autograd_lite.show import engines

from .demo import load, run

PICTURES = {
    f"{root}_{style}.{form}"
    for root in "fJ"
    for style in ("card", "circuit")
    for form in ("svg", "png")
}


def test_seed_circuits_prints_the_numbers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = load("seed_circuits").main(tmp_path / "new" / "folder")
    out = capsys.readouterr().out
    assert folder == tmp_path / "new" / "folder"
    assert "∂f/∂x = −4,  ∂f/∂y = −4,  ∂f/∂z = 3" in out
    assert "∂J/∂x = 4.561" in out
    slopes = re.findall(r"g′\((\S+)\) = (\S+)$", out, re.MULTILINE)
    assert len(slopes) == 3
    for t, slope in slopes:
        assert float(slope) == 2 * float(t) + 3 * float(t) ** 2
    assert str(folder) in out


def test_seed_circuits_draws(tmp_path: Path) -> None:
    if not engines.available():
        pytest.skip("there is no Graphviz")
    out = run("seed_circuits", tmp_path)
    files = {file.name for file in (tmp_path / "out").iterdir()}
    assert files >= PICTURES
    for name in PICTURES:
        assert name in out
        head = (tmp_path / "out" / name).read_bytes()[:4]
        assert head == b"\x89PNG" if name.endswith("png") else head == b"<svg"
    assert "4.561" in (tmp_path / "out" / "J_card.svg").read_text(encoding="utf-8")


def test_seed_circuits_draws_without_the_dot_program(tmp_path: Path) -> None:
    if "pygraphviz" not in engines.available():
        pytest.skip("pygraphviz is not installed")
    run("seed_circuits", tmp_path, PATH="")
    assert {file.name for file in (tmp_path / "out").iterdir()} >= PICTURES


def test_seed_circuits_says_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "available", list)
    load("seed_circuits").main(tmp_path)
    out = capsys.readouterr().out
    assert out.count("Graphviz") == 1
    assert "pip install" in out
    assert {file.name for file in tmp_path.iterdir()} == {
        *(f"{root}_{style}.dot" for root in "fJ" for style in ("card", "circuit")),
        "f.txt",
        "J.txt",
    }


def test_a_demo_that_is_wrong_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    demo = load("seed_circuits")
    monkeypatch.setattr(demo, "sin", lambda x: x)
    with pytest.raises(AssertionError):
        demo.gormley()
