"""Try the built wheel and source distribution as strangers would: ``make package`` runs this.

    python tests/packaging.py dist [extra ...]

Each is installed into a fresh environment and used there: import, command line, a derivative, a picture.
Without extras, everything that needs one must say so in one sentence that names it; then each extra is
installed and what it is for is done.
"""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

FORMULA = ["cos(sin(x**2) + 3*x**2)", "x=1"]

#: What an extra is for, as a program that ends without an error where it is installed.
USES = {
    "dot": "ag.draw(y).save('y.svg')",
    "fast": "assert list(ag.record(f, 1.0).batch(reduce=None)([0.0, 1.0])) == [0.0, f(1.0)]",
    "compile": "p = ag.record(f, 1.0); assert 'llvmlite' in p.engine, p.engine; p.value_and_grad(1.0)",
    "train": "assert ag.minimize(lambda v: (v - 3) ** 2, 0.0).success",
    "testing": "import autograd_lite.testing",
    "jax": "ag.record(f, 1.0).to_jax()",
}
BEGIN = """import autograd_lite as ag
f = lambda x: ag.sin(x) * x
x = ag.Value(1.0, "x"); y = f(x); y.backward()
"""


def run(*command: str, folder: Path, fails: bool = False) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=900, check=False)
    if (done.returncode != 0) != fails:
        raise SystemExit(f"{' '.join(command)}\nended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def environment(folder: Path, what: str) -> Path:
    """A fresh environment in ``folder`` that holds what pip is given."""
    venv.create(folder, with_pip=True, clear=True)
    scripts = folder / ("Scripts" if sys.platform == "win32" else "bin")
    run(str(scripts / "python"), "-m", "pip", "install", "--quiet", what, folder=folder)
    return scripts


def tried(file: Path, folder: Path) -> None:
    """Use a distribution that was installed without extras."""
    scripts = environment(folder / "plain", str(file))
    python = str(scripts / "python")
    version = run(
        python, "-I", "-c", "import autograd_lite; print(autograd_lite.__version__)", folder=folder
    )
    assert version.strip() in file.name, (version, file)
    assert "4.561" in run(str(scripts / "autograd-lite"), *FORMULA, folder=folder)
    assert "4.561" in run(python, "-I", "-m", "autograd_lite", *FORMULA, folder=folder)
    run(python, "-I", "-c", BEGIN + "ag.draw(y).save('y.dot'); assert ag.gradcheck(f, 1.0)", folder=folder)
    for extra, use in USES.items():
        if extra in ("dot", "compile"):  # another Graphviz, or another engine, takes its place
            continue
        told = run(python, "-I", "-c", BEGIN + use, folder=folder, fails=True).strip().splitlines()[-1]
        assert f"autograd-lite[{extra}]" in told, (extra, told)
    print(f"{file.name}: import, command line, derivative, DOT; what is absent names its extra")


def main(dist: str, *extras: str) -> None:
    files = sorted(Path(dist).resolve().glob("autograd_lite-*"))
    assert {file.suffix for file in files} == {".whl", ".gz"}, files
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file in files:
            tried(file, folder)
        (wheel,) = (file for file in files if file.suffix == ".whl")
        for extra in extras or ("dot", "fast", "compile", "train", "testing"):
            scripts = environment(folder / extra, f"{wheel}[{extra}]")
            run(str(scripts / "python"), "-I", "-c", BEGIN + USES[extra], folder=folder)
            print(f"[{extra}]: {USES[extra]}")


if __name__ == "__main__":
    main(*sys.argv[1:])
