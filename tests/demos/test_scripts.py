"""The demos as scripts: their command line, their list, and what they do where something is missing."""

import inspect
import math
import re
import subprocess
import sys
from pathlib import Path

import pytest

from autograd_lite.show.picture import engines

from ..support.demo import DEMOS, PICTURES, load, script

pytestmark = pytest.mark.usefixtures("beside_the_demos")

SEEDS = {
    f"{root}_{style}.{form}" for root in "fJ" for style in ("card", "circuit") for form in ("svg", "png")
}


def test_the_numbers_of_the_two_circuits(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    slope = -math.sin(math.sin(1.0) + 3.0) * (2.0 * math.cos(1.0) + 6.0)
    assert load("seed_circuits").main(folder) == pytest.approx(
        {"f": -12, "df/dx": -4, "df/dy": -4, "df/dz": 3}
        | {"J": math.cos(math.sin(1.0) + 3.0), "dJ/dx": slope}
        | {"g'(-1)": 1, "g'(0.5)": 1.75, "g'(2)": 16},
        rel=1e-14,
    )
    assert "∂J/∂x = 4.561" in (folder / "J.txt").read_text(encoding="utf-8")


def test_a_wrong_circuit_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    demo = load("seed_circuits")
    monkeypatch.setattr(demo, "sin", lambda x: x)
    with pytest.raises(AssertionError):
        demo.gormley()


def test_a_demo_is_a_script(tmp_path: Path) -> None:
    if "pygraphviz" not in engines.available():
        pytest.skip("pygraphviz is not installed")
    done = script("seed_circuits", tmp_path, "out", PATH="")  # nor is the dot program found
    assert (done.returncode, done.stderr) == (0, "")
    assert "4.560792" in done.stdout
    assert {file.name for file in (tmp_path / "out").iterdir()} >= SEEDS


def test_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    main = load("seed_circuits").main

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["seed_circuits.py", *words])
        with pytest.raises(SystemExit) as ended:
            load("script").run(main)
        return ended.value.code, *capsys.readouterr()  # type: ignore[return-value]

    code, out, err = call("--help")
    assert (code, err) == (0, "")
    assert "--quick" in out
    assert "The circuits of the lecture notes" in out
    assert call("--sideways")[0] == call("a", "b")[0] == 2
    (tmp_path / "file").write_text("")
    code, _, err = call(str(tmp_path / "file"), "--quick")
    assert (code, err.count("\n")) == (1, 1)
    assert err.startswith(str(tmp_path / "file"))


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("seed_circuits", {"J_card.dot", "J_circuit.dot", "J.txt", "f_card.dot", "f_circuit.dot", "f.txt"}),
        ("second_derivative", {"y.dot", "first.dot", "second.dot"}),
        ("gallery", set()),
    ],
)  # fmt: skip
def test_without_graphviz_a_demo_says_what_is_missing(
    name: str,
    left: set[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engines, "available", list)
    load(name).main(tmp_path)
    out = capsys.readouterr().out
    assert "Graphviz" in out
    assert "pip install" in out
    assert {file.name for file in tmp_path.iterdir()} == left


def test_without_matplotlib_the_extra_is_named(tmp_path: Path) -> None:
    hidden = f"import sys; sys.path.insert(0, {str(DEMOS)!r}); sys.modules['matplotlib'] = None"
    done = subprocess.run(
        [sys.executable, "-c", f"{hidden}; import common"],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1
    assert "autograd-lite[train]" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_list_of_demos_is_complete() -> None:
    listed = re.findall(r"`python demos/(\w+)\.py`", (DEMOS / "README.md").read_text("utf-8"))
    helpers = {"common", "script", "gallery_circuits", "gallery_page"}
    assert sorted(listed) == sorted({file.stem for file in DEMOS.glob("*.py")} - helpers)
    assert {*listed} == PICTURES.keys() | {"gallery", "seed_circuits", "sharded"}
    for name in listed:
        folder, quick, *own = inspect.signature(load(name).main).parameters.values()
        assert (folder.name, quick.name, quick.default) == ("folder", "quick", False)
        assert all((option.kind, option.default) == (option.KEYWORD_ONLY, None) for option in own)
