"""Pictures as other programs render them, and tables as a real pdfLaTeX sets them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from random import Random
from tempfile import TemporaryDirectory

from ..support.browser import missing
from .figures import Figures
from .processes import ROOT


def rendered(figures: Figures, random: Random, pictures: int) -> None:
    """The first so many pictures of :mod:`tests.renderers` by every renderer, beside the browser."""
    if why := missing():
        return figures.skip(why)
    table = _told("renderers", f"{pictures}").splitlines()[1:-1]
    figures.add("pictures", len(table))
    figures.add("renderings", sum(len(line[30:].split()) for line in table))


def typeset(figures: Figures, random: Random, seconds: float) -> None:
    """The document of :mod:`tests.latex_pages`, of which pdfLaTeX complains about nothing."""
    if shutil.which("pdflatex") is None:
        return figures.skip("pdflatex is not installed")
    _told("latex_pages")
    figures.add("documents", 1)


def _told(module: str, *words: str) -> str:
    """What a module of the tests prints, when it holds."""
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", f"tests.{module}", folder, *words]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
