"""Mutation testing of the package by cosmic-ray: ``python -m tests.mutation core/order check --count 20``.

A copy of the repository is made in ``build/mutation``. There one place of a module is changed at a time,
and the tests of that module are run; a change that no test notices has survived. ``tests/survivors.txt``
says of survivors why they change nothing that matters; one that does not stand there is printed. Changes
of ``|`` are left out: it joins types in annotations, which nothing evaluates.
"""

from __future__ import annotations

import argparse
import logging
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "build" / "mutation"
#: Survivors, each with the reason why it changes nothing that matters.
SURVIVORS = Path(__file__).with_name("survivors.txt")

#: A module, the lines that a change takes out of it, and those that it puts in their place.
Change = tuple[str, str, str]

#: Tests by module or folder of the package, the quick ones first: the first that fails ends a run.
_CORE = (
    "test_ieee test_user_rows test_numerics test_transforms autograd_lite/core test_corners test_context "
    "test_hard_points test_circuits test_digits"
)
_CHECK = "test_gradcheck test_verdicts test_the_checker autograd_lite/check"
_PROGRAM = (
    "test_schedules autograd_lite/program test_source test_numpy_engine test_streaming test_programs "
    "test_calls test_wide"
)
TESTS = {
    "core": _CORE.split(),
    "core/table": [*_CORE.split(), "test_faults", "test_table"],
    "core/gathered": [*_CORE.split(), "test_faults", "test_table"],
    "core/value": [*_CORE.split(), "test_value"],
    "core/operators": ["test_value", *_CORE.split()],
    "program": _PROGRAM.split(),
    "program/document": [
        "autograd_lite/program/document.py",
        "autograd_lite/program/loading.py",
        "test_files",
    ],
    "program/javascript": ["test_to_javascript"],
    "program/jitted": ["test_jit", "autograd_lite/program", "test_programs"],
    "program/machine": ["test_machine", "test_tape", "test_wide"],
    "program/tape": ["test_tape"],
    "program/to_jax": ["test_to_jax"],
    "check": _CHECK.split(),
    "check/complex_rows": [*_CHECK.split(), "test_rows"],
    "check/report": [*_CHECK.split(), "test_rows"],
    "check/row_points": ["test_rows"],
    "check/rows": ["test_rows"],
    "support": ["autograd_lite/support", "test_saved", "test_settings", "test_collector", "test_cli"],
    "parse": ["autograd_lite/parse", "test_parse"],
}
#: Tests of sheer size: they take seconds, and a fault that they find is found by a smaller one.
_LARGE = "not million and not deep_circuits"


def tests_of(module: str) -> list[str]:
    """The files of tests for a module, and the module's own examples."""
    found = []
    names = (module, *map(str, Path(module).parents))
    for name in next(TESTS[each] for each in names if each in TESTS):
        if name.startswith("autograd_lite"):
            found.append(name)
        else:
            found += sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob(f"{name}.py"))
    return found


def modules_of(name: str) -> list[str]:
    """The module of that name, or those of the folder: ``core`` gives ``core/order`` and the others."""
    package = ROOT / "autograd_lite"
    if not (package / name).is_dir():
        return [name]
    inside = sorted(path.relative_to(package) for path in (package / name).glob("*.py"))
    return [str(path.with_suffix("")) for path in inside if path.name != "__init__.py"]


def change_of(module: str, diff: Sequence[str]) -> Change:
    """What a diff changes: the module, the lines that go and the lines that come, without indents."""
    body = [line for line in diff if not line.startswith(("---", "+++"))]
    gone, come = ([line[1:].strip() for line in body if line.startswith(mark)] for mark in "-+")
    return module, "\n".join(gone), "\n".join(come)


def stale(known: Iterable[Change]) -> list[str]:
    """The lines that are explained and stand in their module no longer."""
    found = []
    for module, gone, _ in known:
        path = ROOT / "autograd_lite" / f"{module}.py"
        lines = {line.strip() for line in path.read_text("utf-8").splitlines()} if path.exists() else set()
        found += [f"{module}: {line}" for line in gone.splitlines() if line not in lines]
    return found


def explained(text: str) -> dict[Change, str]:
    """The survivors of a text and why each changes nothing: blocks of ``module: why`` and a diff."""
    found = {}
    for block in text.strip().split("\n\n"):
        first, *diff = block.splitlines()
        module, _, why = first.partition(": ")
        found[change_of(module, diff)] = why
    return found


def run(module: str, share: float, count: int, seed: int) -> dict[str, Any]:
    """Change some places of a module, each alone: a line of the report."""
    from cosmic_ray import commands
    from cosmic_ray.config import ConfigDict
    from cosmic_ray.work_db import WorkDB, use_db
    from cosmic_ray.work_item import WorkerOutcome, WorkResult

    copy = BUILD / module.replace("/", "-")
    shutil.rmtree(copy, ignore_errors=True)
    leave = shutil.ignore_patterns(".*", "build", "dist", "__pycache__")
    shutil.copytree(ROOT, copy, ignore=leave)
    pytest = f"{sys.executable} -m pytest -q -x -p no:cacheprovider -p no:xdist -p no:cov -k"
    command = [*shlex.split(pytest), _LARGE, *tests_of(module)]
    config = ConfigDict(distributor={"name": "local"})
    config["test-command"] = shlex.join(command)
    with use_db(str(copy / "session.sqlite"), WorkDB.Mode.create) as session:
        os.chdir(copy)
        os.environ.update(PYTHONPATH=str(copy), HYPOTHESIS_PROFILE="once")
        start = time.monotonic()
        if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode:
            raise SystemExit(f"the tests of {module} fail without a change: {shlex.join(command)}")
        config["timeout"] = 30.0 + 5 * (time.monotonic() - start)  # some changes never end
        commands.init([Path("autograd_lite", f"{module}.py")], session, {})
        items = [
            item for item in session.pending_work_items if "BitOr_" not in item.mutations[0].operator_name
        ]
        items.sort(key=lambda item: (item.mutations[0].start_pos, item.mutations[0].operator_name))
        number = min(count, max(1, round(share * len(items))))
        chosen = {item.job_id for item in Random(seed).sample(items, number)}
        skipped = WorkResult(worker_outcome=WorkerOutcome.SKIPPED)
        for item in list(session.pending_work_items):
            if item.job_id not in chosen:
                session.set_result(item.job_id, skipped)
        commands.execute(session, config)
        tried = [result for job, result in session.results if job in chosen]
        survived = [result.diff for result in tried if not result.is_killed]
    known = explained(SURVIVORS.read_text(encoding="utf-8"))
    new = [diff for diff in survived if change_of(module, diff.splitlines()) not in known]
    for diff in new:
        print(f"survived in {module}:\n{diff}", flush=True)
    print(f"{module}: {len(tried)} of {len(items)} changes tried, {len(new)} open", flush=True)
    return {
        "module": module,
        "changes": len(items),
        "tried": len(tried),
        "killed": len(tried) - len(survived),
        "explained": len(survived) - len(new),
        "open": len(new),
    }


def main() -> int:
    """Try the modules that are named; the exit code is 1 when a change survived that is not explained."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument(
        "modules", nargs="*", metavar="MODULE", help="such as core/order, or core for all of it"
    )
    parser.add_argument("--share", type=float, default=1.0, help="of all changes (default: 1)")
    parser.add_argument("--count", type=int, default=10**9, help="at most so many in each module")
    parser.add_argument("--seed", type=int, default=0, help="of the choice (default: 0)")
    asked = parser.parse_args()
    logging.disable(logging.INFO)
    modules = [module for name in asked.modules for module in modules_of(name)]
    found = [run(module, asked.share, asked.count, asked.seed) for module in modules]
    if found:
        sums = {key: sum(line[key] for line in found) for key in found[0] if key != "module"}
        for line in [dict(zip(found[0], found[0], strict=True)), *found, {"module": "all", **sums}]:
            print(
                f"{line['module']:24}"
                + "".join(f"{each:>10}" for key, each in line.items() if key != "module")
            )
    for gone in stale(explained(SURVIVORS.read_text(encoding="utf-8"))):
        print(f"explained, and no longer there: {gone}")
    return 1 if any(line["open"] for line in found) else 0


if __name__ == "__main__":
    sys.exit(main())
