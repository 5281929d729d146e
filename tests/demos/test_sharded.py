"""Training over several devices and processes gives the losses of one device."""

import os
import re
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from ..support.demo import DEMOS, load, script

pytestmark = pytest.mark.usefixtures("beside_the_demos")
with_jax = pytest.mark.skipif(find_spec("jax") is None, reason="JAX is not installed")


@with_jax
@pytest.mark.parametrize("processes", [1, 2])
def test_devices_and_processes_give_the_losses_of_one_device(processes: int, tmp_path: Path) -> None:
    quick = {"JAX_DISABLE_MOST_OPTIMIZATIONS": "1"}  # most of the time is compiling
    done = script("sharded", tmp_path, "out", "--quick", "--processes", str(processes), **quick)
    assert (done.returncode, done.stderr) == (0, "")
    first, last = map(float, re.findall(r"\d\.\d{6}", done.stdout))
    assert last < first / 2
    assert "jit, shard_map" in done.stdout
    assert len((tmp_path / "out" / "losses.txt").read_text().splitlines()) == 20


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
def test_after_some_time_all_processes_are_ended(tmp_path: Path) -> None:
    file = tmp_path / "number"
    with pytest.raises(RuntimeError, match="within 3"):
        load("sharded").run_together([python(SLEEP, str(file))], 3)
    assert is_gone(file)


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
