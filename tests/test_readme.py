"""README.md and CONTRIBUTING.md are run: what they show is what happens."""

import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    tomllib = pytest.importorskip("tomli")

from .support.pages import ROOT, blocks, complaints, run

README = ROOT / "README.md"
SVG = "{http://www.w3.org/2000/svg}"


def test_readme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = complaints(README.read_text(encoding="utf-8"), tmp_path)
    assert not found, "\n\n".join(found)


def test_readme_shows_a_session_and_the_command_line() -> None:
    labels = {block.label for block in blocks(README.read_text(encoding="utf-8"))}
    assert labels & {"pycon", "python"}
    assert "console" in labels


def test_readme_s_picture_is_the_one_that_the_demo_draws(tmp_path: Path) -> None:
    import seed_circuits

    from autograd_lite.show import RenderError, draw

    def words(svg: str) -> list[str]:
        return sorted("".join(each.itertext()) for each in ElementTree.fromstring(svg).iter(f"{SVG}text"))

    try:
        drawn = draw(seed_circuits.gormley(), style="circuit").svg
    except RenderError as error:
        pytest.skip(str(error))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (place,) = re.findall(r"!\[[^]]+\]\((\S+\.svg)\)", readme)
    held = words((ROOT / place).read_text(encoding="utf-8"))
    assert held == words(drawn)
    assert any("4.561" in word for word in held)


#: What a newcomer asks README: it answers by itself, or on a page that it links to.
ASKED = {
    "minimizing": r"\bminimize\(",
    "training": r"\bfit\(",
    "stepping": r"\bplay\(",
    "LaTeX": r"LaTeX",
    "saving a picture": r"\.save\(",
    "NumPy": r"\bnumpy\b",
    "equality": r"`==`",
    "property tests": r"autograd_lite\.testing|from autograd_lite import testing|`testing`",
}


def answered(question: str, pages: list[str]) -> bool:
    return any(re.search(ASKED[question], page) for page in pages)


def test_readme_answers_what_newcomers_ask() -> None:
    readme = README.read_text(encoding="utf-8")
    linked = re.findall(r"\]\((docs/[\w/-]+\.md)\)", readme)
    pages = [readme, *((ROOT / page).read_text(encoding="utf-8") for page in linked)]
    for question in ASKED:
        assert answered(question, pages), question
        assert not answered(question, ["# autograd_lite"])


def test_readme_tells_the_truth_about_installing() -> None:
    readme = README.read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "pip install ." in readme
    assert not re.search(r"pip install ['\"]?autograd[-_]lite", readme), "nothing is published yet"
    assert f"Python {project['requires-python'].removeprefix('>=')} or newer" in readme
    assert ".venv/bin/python" in readme
    for extra in project["optional-dependencies"]:
        inside = extra in ("bench", "dev", "docs", "fuzz", "mutation")  # for those who work on it
        assert inside or f"`{extra}`" in readme, extra


def test_contributing_shows_commands_that_exist(tmp_path: Path) -> None:
    assert not complaints((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), tmp_path)


def test_contributing_shows_the_house_as_it_is() -> None:
    """Every name in the left column of the tree is a file or a folder, and every folder is shown."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    tree = text.split("```text\n")[1].split("```")[0]
    package = ROOT / "autograd_lite"
    here, shown = package, set()
    for line in tree.splitlines()[1:]:
        left = re.split(r"\s{2,}(?=\S+ \S)", line.strip())[0]
        if line.startswith("    ") and not line.startswith("     "):
            names = left.split()
            assert all((here / f"{name}.py").is_file() for name in names), names
            continue
        for name in re.findall(r"(\w+)/", line.split("(")[0]):
            folder = package / name
            if folder.is_dir() and line.startswith("  ") and not line.startswith("   "):
                here = folder
                shown.add(name)
    assert shown == {f.name for f in package.iterdir() if f.is_dir() and f.name != "__pycache__"}


def fenced(label: str, *lines: str) -> str:
    return "\n".join(["# A title", "", f"```{label}", *lines, "```", ""])


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (fenced("pycon", ">>> 1 + 1", "3"), "Got:\n    2"),
        (fenced("pycon", ">>> 1 / 0"), "ZeroDivisionError"),
        (fenced("pycon", ">>> 1 / 1", "1.0", ">>> 2 + 2", "5"), "line 6"),
        (fenced("pycon", "print(1)"), "without >>>"),
        (fenced("python", "print(2)  # prints 3"), "promised ['3']"),
        (fenced("python", "print(2)"), "promised []"),
        (fenced("python", "x = 1  # prints 1"), "promised ['1']"),
        (fenced("python", "1 / 0"), "line 4"),
        (fenced("python", "def f(:"), "SyntaxError"),
        (fenced("console", "$ echo hello", "hello"), "only commands of this package"),
        (fenced("console", "echo hello"), "starts with `$ `"),
        (fenced("console", "$ python -m autograd_lite x**2 x=3", "nonsense"), "nonsense"),
        (fenced("console", "$ autograd-lite 'no formula('"), "exits with"),
        (fenced("sh", "python -m autograd_lite 'no formula('"), "exits with"),
        (fenced("sh", "make haste"), "no target haste"),
        (fenced("", "x"), "not a known one"),
        (fenced("pythn", "print(1)"), "not a known one"),
        ("See [the tale](docs/tale.md).", "docs/tale.md, which does not exist"),
        ("![a picture](no/picture.svg)", "no/picture.svg, which does not exist"),
    ],
)
def test_the_checker_rejects(text: str, complaint: str, tmp_path: Path) -> None:
    found = complaints(text, tmp_path)
    assert len(found) == 1
    assert complaint in found[0]


def test_the_checker_accepts_what_is_so(tmp_path: Path) -> None:
    _, shown = run(["autograd-lite", "x**2", "x=3"], tmp_path)
    text = "\n".join(
        [
            fenced("pycon", ">>> x = 3", ">>> x", "3"),
            fenced("python", "print(x + 1)  # prints 4", "print('a b')  # prints a b"),
            fenced("console", "$ autograd-lite x**2 x=3", *shown.splitlines()),
            fenced("sh", "pip install something  # is not run", "make demo"),
            fenced("text", "anything"),
            "[the licence](LICENSE) and [elsewhere](https://example.org/no)",
        ]
    )
    assert complaints(text, tmp_path) == []
