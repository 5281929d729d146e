"""Pages are run: what they show is what happens.

Each fenced block says what it is:

``pycon``    a session, run as a doctest; all Python blocks share one namespace, read top to bottom
``python``   a program; its output, line by line, is what its ``# prints ...`` comments say
``console``  ``$ python -m autograd_lite ...`` or ``$ autograd-lite ...``, each followed by exactly
             its output
``sh``       commands without output; those that run this package must succeed, and a make target
             must exist
``text``     anything else; it is not run

``python torch`` and ``pycon torch`` are the program of a peer: they run where it is installed, in a
namespace of their own. ``python alone`` has such a namespace too, and needs nothing.

``:::{picture} f, style="card"`` shows ``draw(f, style="card")`` in the site, ``:::{player} f`` does the
same with ``play``.

The commands of one page run in one empty folder, in order.
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
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"

FENCE = re.compile(r"^```(?P<label>[^\n]*)\n(?P<body>.*?)^```[ ]*$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|#|mailto:)(?P<target>[^)#\s]+)")
#: ``:::{picture} f`` on a line of its own; the sorts are those of SHOWN.
DIRECTIVE = re.compile(r"^:{3,}\{(?P<name>picture|player)\} (?P<arguments>.*)$", re.MULTILINE)
PROGRAMS = (["python", "-m", "autograd_lite"], ["autograd-lite"])
#: The directives of the site that show what a block has made, with the function that makes it.
SHOWN = {"picture": "draw", "player": "play"}


class Block(NamedTuple):
    label: str  # what it is: the first word after the fence
    body: str
    line: int  # of the first line of the body, counted from 1
    peer: str = ""  # the module that it needs


def blocks(text: str) -> list[Block]:
    """All that is run on a page: its fenced blocks and what the site shows, in order."""
    found = []
    for m in FENCE.finditer(text):
        label, _, peer = m["label"].strip().partition(" ")
        found.append(Block(label, m["body"], text.count("\n", 0, m.start("body")) + 1, peer))
    for m in DIRECTIVE.finditer(FENCE.sub(blank, text)):
        body = f"{SHOWN[m['name']]}({m['arguments']})\n"
        found.append(Block(m["name"], body, text.count("\n", 0, m.start("name")) + 1))
    return sorted(found, key=lambda block: block.line)


def blank(match: re.Match[str]) -> str:
    """As many empty lines as were matched."""
    return re.sub(r"[^\n]", " ", match[0])


def peers(text: str) -> list[str]:
    """The modules that some block of the page needs."""
    return sorted({block.peer for block in blocks(text)} - {""})


def complaints(
    text: str, folder: Path, root: Path = ROOT, page: Path = README, peer: str = ""
) -> list[str]:
    """What on the page `text` is not so; commands run in `folder`.

    Its links are relative to `page`. With a `peer`, only what needs that one is run.
    """
    namespace: dict[str, Any] = {"__name__": "__page__"}
    found: list[str] = []
    for block in blocks(text):
        if block.peer == peer:
            found += complaints_of(block, namespace, folder, root, page)
    if not peer:
        found += [f"link to {t}, which does not exist" for t in missing_targets(text, page.parent)]
    return found


def complaints_of(
    block: Block, namespace: dict[str, Any], folder: Path, root: Path, page: Path
) -> list[str]:
    match block.label:
        case "pycon":
            return session(block, namespace, page)
        case "python":
            return program(block, namespace, page)
        case "console":
            return console(block, folder)
        case "sh":
            return shell(block, folder, root)
        case "text":
            return []
        case label if label in SHOWN:
            import autograd_lite

            maker = getattr(autograd_lite, SHOWN[label])
            return program(block, {**namespace, SHOWN[label]: maker}, page)
    return [f"line {block.line - 1}: the block's label is {block.label!r}, not a known one"]


def missing_targets(text: str, folder: Path) -> Iterator[str]:
    """The files and folders that the text links to, relative to `folder`, and that are not there."""
    for match in LINK.finditer(FENCE.sub("", text)):
        if not (folder / match["target"]).exists():
            yield match["target"]


def session(block: Block, namespace: dict[str, Any], page: Path = README) -> list[str]:
    examples = doctest.DocTestParser().get_doctest(block.body, {}, page.name, str(page), block.line - 1)
    if not examples.examples:
        return [f"line {block.line}: a pycon block without >>>"]
    examples.globs = namespace
    said: list[str] = []
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS)
    runner.run(examples, out=said.append, clear_globs=False)
    return ["".join(said)] if runner.failures else []


def program(block: Block, namespace: dict[str, Any], page: Path = README) -> list[str]:
    promised = re.findall(r"# prints (.*)$", block.body, re.MULTILINE)
    printed = io.StringIO()
    try:
        # Newlines in front make the line numbers of a traceback those of the page.
        code = compile("\n" * (block.line - 1) + block.body, str(page), "exec")
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
        "COLUMNS": "100",
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
