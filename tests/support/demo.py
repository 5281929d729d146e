"""Loading and running the demos, for the tests of several of them."""

import os
import re
import subprocess
import sys
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]
DEMOS = ROOT / "demos"
_NUMBER = re.compile(r"(?<![\w.])-?(?:\d+\.?\d*(?:e[-+]?\d+)?|inf|nan)(?!\w)")


@cache
def load(name: str) -> ModuleType:
    spec = spec_from_file_location(f"demo_{name}", DEMOS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # where its dataclasses look for their names
    spec.loader.exec_module(module)
    return module


def run(name: str, folder: Path, quick: bool = False, **env: str) -> str:
    """The output of a demo as a process of its own, where warnings are errors; pictures in ``out``."""
    call = ["-c", f"import {name}; {name}.main('out', quick=True)"]
    path = os.pathsep.join([str(ROOT), *([str(DEMOS)] if quick else [])])
    done = subprocess.run(
        [sys.executable, "-W", "error", *(call if quick else [str(DEMOS / f"{name}.py"), "out"])],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8", **env},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def rows(printed: str, label: str) -> list[list[float]]:
    """The numbers that stand behind ``label`` in every printed line that begins with it."""
    found = [
        [float(x) for x in _NUMBER.findall(line.strip().removeprefix(label).replace("−", "-"))]
        for line in printed.splitlines()
        if re.match(rf" *{re.escape(label)}(?!\w)", line)
    ]
    assert found, f"no line begins with {label!r}"
    return found
