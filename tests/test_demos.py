"""The demos run: headless, in a folder of their own, and the numbers that they show are right."""

import os
import re
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from autograd_lite.show import engines

ROOT = Path(__file__).parents[1]
DEMOS = ROOT / "demos"


def load(name: str) -> ModuleType:
    spec = spec_from_file_location(f"demo_{name}", DEMOS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(name: str, folder: Path, **env: str) -> str:
    """The output of a demo that runs as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "error", str(DEMOS / f"{name}.py"), "out"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **env},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


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
