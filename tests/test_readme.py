"""README.md is run: what it shows is what happens.

Each fenced block says what it is:

``pycon``    a session, run as a doctest; all Python blocks share one namespace, read top to bottom
``python``   a program; its output, line by line, is what its ``# prints ...`` comments say
``console``  ``$ python -m autograd_lite ...`` or ``$ autograd-lite ...``, each followed by exactly
             its output
``sh``       commands without output; those that run this package must succeed, and a make target
             must exist
``text``     anything else; it is not run

The commands of one README run in one empty folder, in order.
"""

import contextlib
import doctest
import io
import os
import re
import shlex
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"

FENCE = re.compile(r"^```(?P<label>[^\n]*)\n(?P<body>.*?)^```[ ]*$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|#|mailto:)(?P<target>[^)#\s]+)")
PROGRAMS = (["python", "-m", "autograd_lite"], ["autograd-lite"])


class Block(NamedTuple):
    label: str
    body: str
    line: int  # of the first line of the body, counted from 1


def blocks(text: str) -> list[Block]:
    return [
        Block(m["label"].strip(), m["body"], text.count("\n", 0, m.start("body")) + 1)
        for m in FENCE.finditer(text)
    ]


def complaints(text: str, folder: Path, root: Path = ROOT) -> list[str]:
    """What in the README `text` is not so; commands run in `folder`."""
    namespace: dict[str, Any] = {"__name__": "__readme__"}
    found: list[str] = []
    for block in blocks(text):
        match block.label:
            case "pycon":
                found += session(block, namespace)
            case "python":
                found += program(block, namespace)
            case "console":
                found += console(block, folder)
            case "sh":
                found += shell(block, folder, root)
            case "text":
                pass
            case label:
                found.append(f"line {block.line - 1}: the block's label is {label!r}, not a known one")
    for match in LINK.finditer(FENCE.sub("", text)):
        if not (root / match["target"]).exists():
            found.append(f"link to {match['target']}, which does not exist")
    return found


def session(block: Block, namespace: dict[str, Any]) -> list[str]:
    examples = doctest.DocTestParser().get_doctest(block.body, {}, "README", str(README), block.line - 1)
    if not examples.examples:
        return [f"line {block.line}: a pycon block without >>>"]
    examples.globs = namespace
    said: list[str] = []
    runner = doctest.DocTestRunner(verbose=False)
    runner.run(examples, out=said.append, clear_globs=False)
    return ["".join(said)] if runner.failures else []


def program(block: Block, namespace: dict[str, Any]) -> list[str]:
    promised = re.findall(r"# prints (.*)$", block.body, re.MULTILINE)
    printed = io.StringIO()
    try:
        # Newlines in front make the line numbers of a traceback those of the README.
        code = compile("\n" * (block.line - 1) + block.body, str(README), "exec")
        with contextlib.redirect_stdout(printed):
            exec(code, namespace)
    except Exception:
        return [f"line {block.line}: the program fails\n{traceback.format_exc()}"]
    if printed.getvalue().splitlines() != promised:
        return [f"line {block.line}: promised {promised}, printed\n{printed.getvalue()}"]
    return []


def run(words: list[str], folder: Path) -> tuple[int, str]:
    """Exit code of a command of this package, and what a terminal would have shown."""
    arguments = words[3:] if words[0] == "python" else words[1:]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
        "COLUMNS": "80",
        "NO_COLOR": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "autograd_lite", *arguments],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=60,
    )
    return done.returncode, done.stdout


def is_ours(words: list[str]) -> bool:
    return any(words[: len(start)] == start for start in PROGRAMS)


def console(block: Block, folder: Path) -> list[str]:
    found = []
    before, *pieces = re.split(r"^\$ ", block.body, flags=re.MULTILINE)
    if before or not pieces:
        found.append(f"line {block.line}: a console block starts with `$ ` and a command")
    for piece in pieces:
        command, _, shown = piece.partition("\n")
        words = shlex.split(command, comments=True)
        if not is_ours(words):
            found.append(f"`{command}`: only commands of this package can be shown with output")
            continue
        code, output = run(words, folder)
        if code or output != shown:
            found.append(f"`{command}` exits with {code}; shown\n{shown}\nactual\n{output}")
    return found


def shell(block: Block, folder: Path, root: Path) -> list[str]:
    found = []
    for command in block.body.splitlines():
        words = shlex.split(command, comments=True)
        if is_ours(words):
            code, output = run(words, folder)
            if code:
                found.append(f"`{command}` exits with {code}\n{output}")
        elif words[:1] == ["make"]:
            makefile = (root / "Makefile").read_text(encoding="utf-8")
            for target in words[1:]:
                if "=" not in target and not re.search(rf"^{re.escape(target)}:", makefile, re.M):
                    found.append(f"`{command}`: there is no target {target}")
    return found


def test_readme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = complaints(README.read_text(encoding="utf-8"), tmp_path)
    assert not found, "\n\n".join(found)


def test_readme_shows_a_session_and_the_command_line() -> None:
    labels = {block.label for block in blocks(README.read_text(encoding="utf-8"))}
    assert labels & {"pycon", "python"}
    assert "console" in labels


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
