"""The demos run: headless, in a folder of their own, and the numbers that they show are right."""

import math
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from autograd_lite.show.picture import engines

from ..support.demo import DEMOS, ROOT, load, run

pytestmark = pytest.mark.usefixtures("beside_the_demos")

PICTURES = {
    f"{root}_{style}.{form}"
    for root in "fJ"
    for style in ("card", "circuit")
    for form in ("svg", "png")
}


def test_seed_circuits_prints_the_numbers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "new" / "folder"
    found = load("seed_circuits").main(folder)
    out = capsys.readouterr().out
    assert "∂f/∂x = −4,  ∂f/∂y = −4,  ∂f/∂z = 3" in out
    assert "∂J/∂x = 4.561" in out
    slope = -math.sin(math.sin(1.0) + 3.0) * (2.0 * math.cos(1.0) + 6.0)
    assert found == pytest.approx(
        {"f": -12, "df/dx": -4, "df/dy": -4, "df/dz": 3}
        | {"J": math.cos(math.sin(1.0) + 3.0), "dJ/dx": slope}
        | {"g'(-1)": 1, "g'(0.5)": 1.75, "g'(2)": 16},
        rel=1e-14,
    )
    assert "dJ/dx at x = 1, to six decimals: 4.560792\n" in out
    assert "f = x² + y³ + z⁴" in out
    slopes = re.findall(r"g′\((\S+)\) = (\S+)$", out, re.MULTILINE)
    assert len(slopes) == 3
    for t, slope in slopes:
        assert float(slope) == 2 * float(t) + 3 * float(t) ** 2
    assert str(folder) in out


def test_seed_circuits_draws(tmp_path: Path) -> None:
    if not engines.available():
        pytest.skip("there is no Graphviz")
    out = run("seed_circuits", tmp_path, quick=True)
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


def test_a_demo_has_a_command_line(tmp_path: Path) -> None:
    def call(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(DEMOS / "xor.py"), *words],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    shown = call("--help")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "--quick" in shown.stdout
    assert "XOR network" in shown.stdout
    assert call("--sideways").returncode == call("a", "b").returncode == 2
    (tmp_path / "file").write_text("")
    blocked = call("file", "--quick")
    assert blocked.returncode == 1
    assert blocked.stderr.count("\n") == 1
    assert blocked.stderr.startswith("file: ")
    assert [each.name for each in tmp_path.iterdir()] == ["file"]
    quick = call("here", "--quick")
    assert quick.returncode == 0
    assert "After 10 steps" in quick.stdout
    assert (tmp_path / "here" / "loss.png").is_file()


def test_every_demo_takes_quick() -> None:
    listed = re.findall(
        r"`python demos/(\w+)\.py`", (DEMOS / "README.md").read_text(encoding="utf-8")
    )
    assert len(listed) > 15
    for name in listed:
        source = (DEMOS / f"{name}.py").read_text(encoding="utf-8")
        assert (
            "def main(folder: str | Path | None = None, *, quick: bool = False) -> dict" in source
        )


def test_without_matplotlib_the_extra_is_named(tmp_path: Path) -> None:
    hidden = "import sys; sys.modules['matplotlib'] = None; import xor"
    path = os.pathsep.join([str(ROOT), str(DEMOS)])
    done = subprocess.run(
        [sys.executable, "-c", hidden],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1
    assert "autograd-lite[train]" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_demo_that_is_wrong_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    demo = load("seed_circuits")
    monkeypatch.setattr(demo, "sin", lambda x: x)
    with pytest.raises(AssertionError):
        demo.gormley()
