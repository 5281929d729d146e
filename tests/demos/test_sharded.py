"""Training over several devices and processes gives the losses of one device."""

import os
import re
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ..support.demo import DEMOS, load, python_in

pytestmark = pytest.mark.usefixtures("beside_the_demos")


@pytest.mark.skipif(find_spec("jax") is None, reason="JAX is not installed")
def test_devices_and_processes_give_the_losses_of_one_device(tmp_path: Path) -> None:
    """Both runs in one process, for to import JAX takes longer than to train."""
    runs = [["one", "--quick"], ["two", "--quick", "--processes", "2"]]
    code = (
        f"import runpy, sys; sys.path.insert(0, {str(DEMOS)!r})\n"
        f"for words in {runs!r}:\n"
        f"    sys.argv = ['', *words]; runpy.run_path({str(DEMOS / 'sharded.py')!r}, None, '__main__')"
    )
    # Most of the time is compiling, and XLA need not do its best.
    quick = "--xla_backend_optimization_level=0 --xla_cpu_use_fusion_emitters=false"
    done = python_in(tmp_path, "-c", code, JAX_DISABLE_MOST_OPTIMIZATIONS="1", XLA_FLAGS=quick)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("jit, shard_map") == 2
    for folder, printed in zip(("one", "two"), done.stdout.split("12 digits"), strict=False):
        first, last = map(float, re.findall(r"\d\.\d{6}", printed))
        assert last < first / 2
        assert len((tmp_path / folder / "losses.txt").read_text().splitlines()) == 3


def test_other_losses_are_refused() -> None:
    same = load("sharded").require_same
    same([1.0, 0.5], [1.0, 0.5 * (1 + 1e-15)], "here")
    with pytest.raises(AssertionError, match="step 1"):
        same([1.0, 0.5], [1.0, 0.5 * (1 + 1e-11)], "here")
    with pytest.raises(AssertionError, match="1 losses"):
        same([1.0], [1.0, 0.5], "here")


def python(code: str, *words: str) -> list[str]:
    return [sys.executable, "-c", code, *words]


SLEEP = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(600)"


def is_gone(file: Path) -> bool:
    try:
        os.kill(int(file.read_text()), 0)
    except ProcessLookupError:
        return True
    return False


def test_what_processes_print_is_returned() -> None:
    long = "print('x' * 300_000)"
    assert load("sharded").run_together([python("print(1)"), python(long)], 60) == [
        "1\n",
        "x" * 300_000 + "\n",
    ]


@pytest.mark.skipif(os.name != "posix", reason="looks for a process by its number")
def test_when_one_process_fails_the_others_are_ended(tmp_path: Path) -> None:
    file = tmp_path / "number"
    wait = "import sys, pathlib, time\nwhile not pathlib.Path(sys.argv[1]).exists(): time.sleep(0.01)\n"
    fails = python(wait + "time.sleep(0.2); sys.exit('that went wrong')", str(file))
    started = time.monotonic()
    with pytest.raises(RuntimeError, match="process 1 ended with 1: that went wrong"):
        load("sharded").run_together([python(SLEEP, str(file)), fails], 120)
    assert time.monotonic() - started < 100
    assert is_gone(file)


@pytest.mark.skipif(os.name != "posix", reason="looks for a process by its number")
def test_after_some_time_all_processes_are_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    demo, started = load("sharded"), list[subprocess.Popen[str]]()

    def start(*args: Any, **options: Any) -> subprocess.Popen[str]:
        started.append(subprocess.Popen(*args, **options))
        return started[-1]

    monkeypatch.setattr(demo, "subprocess", SimpleNamespace(Popen=start, PIPE=subprocess.PIPE))
    with pytest.raises(RuntimeError, match=r"within 0\.1"):
        demo.run_together([python(SLEEP, str(tmp_path / "number"))], 0.1)
    assert [process.returncode for process in started] == [-signal.SIGKILL]


@pytest.mark.skipif(os.name != "posix", reason="looks for a process by its number")
def test_a_member_ends_with_its_parent(tmp_path: Path) -> None:
    """The parent is killed, and can clean nothing up."""
    file = tmp_path / "number"
    start = f"import sys; sys.path.insert(0, {str(DEMOS)!r}); import sharded; sharded.end_with_the_parent()"
    child = f"{start}\n{SLEEP}"
    wait = "import pathlib, time\nwhile not pathlib.Path(sys.argv[1]).exists(): time.sleep(0.01)\n"
    parent = (
        f"import os, subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {child!r}, sys.argv[1]], "
        f"stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)\n{wait}time.sleep(0.2); os.kill(os.getpid(), 9)"
    )
    with pytest.raises(RuntimeError, match="ended with -9"):
        load("sharded").run_together([python(parent, str(file))], 60)
    for _ in range(500):
        if is_gone(file):
            return
        time.sleep(0.02)
    raise AssertionError("the member is still there")


def test_without_jax_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XLA_FLAGS", "JAX_PLATFORMS"):
        monkeypatch.setenv(name, os.environ.get(name, ""))  # so that they are put back
    monkeypatch.setitem(sys.modules, "jax", None)
    with pytest.raises(SystemExit, match=r"autograd-lite\[jax\]"):
        load("sharded").main(tmp_path, quick=True)
