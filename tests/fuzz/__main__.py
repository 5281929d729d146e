"""Coverage-guided fuzzing: ``python -m tests.fuzz --seconds 60 formula state``.

Each target runs in a process of its own under atheris (libFuzzer), from the corpus kept beside this file;
an input that breaks a promise is written to ``build/fuzz``, and the exit code is then 1.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOUND = ROOT / "build" / "fuzz"
#: What the fuzzer puts into inputs, beside the names of rows: pieces of formulas, and options.
_TOKENS = [
    "**", "//", "==", "<=", "!=", ";", "([", "])", "nan", "inf", "pi", "1e308", "0.5", "=1", "--tree",
    "--latex", "--symbolic", "--markdown", "--grad", "--ascii", "--digits", "--draw=x.html",
]  # fmt: skip


def run(name: str, seconds: int) -> bool:
    """Fuzz one target in a process of its own and print what it did: true when nothing was found."""
    folder = FOUND / name
    folder.mkdir(parents=True, exist_ok=True)
    words = FOUND / "words.txt"
    from autograd_lite import TABLE

    from .targets import corpus_of

    words.write_text("".join(f'"{word}"\n' for word in [*_TOKENS, *TABLE]), encoding="ascii")
    done = subprocess.run(
        [
            sys.executable, "-m", "tests.fuzz", "--child", name, f"-max_total_time={seconds}",
            "-timeout=20", "-rss_limit_mb=2048", "-max_len=4096", "-print_final_stats=1",
            f"-dict={words}", f"-artifact_prefix={folder}/", str(folder), str(corpus_of(name)),
        ],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        check=False,
    )  # fmt: skip
    (FOUND / f"{name}.log").write_text(done.stderr, encoding="utf-8")
    units = re.findall(r"stat::number_of_executed_units: *(\d+)", done.stderr)
    bad = sorted(each for each in folder.iterdir() if re.match("crash-|timeout-|oom-|leak-", each.name))
    count = f"{int(units[-1]):,}" if units else "an unknown number of"
    print(f"{name}: {count} executions in {seconds} s, {len(bad)} found", flush=True)
    for each in bad:
        print(f"  {each}: {each.read_bytes()[:200]!r}")
    if done.returncode and not bad:
        print(done.stderr[-2000:])
    return not bad and done.returncode == 0


def _child(argv: list[str]) -> None:
    import atheris

    name, *options = argv
    with atheris.instrument_imports(include=["autograd_lite", "argparse", "json"]):
        from . import targets
    atheris.Setup([sys.argv[0], *options], lambda data: targets.try_one(name, data))
    atheris.Fuzz()


def main() -> int:
    """Fuzz the targets that are named, all by default, one after the other."""
    if sys.argv[1:2] == ["--child"]:
        _child(sys.argv[2:])
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    from .targets import TARGETS

    names = sorted(TARGETS)
    parser.add_argument("targets", nargs="*", default=names, metavar="TARGET", help=", ".join(names))
    parser.add_argument("--seconds", type=int, default=60, help="for each target (default: 60)")
    asked = parser.parse_args()
    clean = [run(name, asked.seconds) for name in asked.targets]
    return 0 if all(clean) else 1


if __name__ == "__main__":
    sys.exit(main())
