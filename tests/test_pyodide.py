"""The package in the Python of browsers (Pyodide, run by Node.js): it prints what CPython prints."""

import contextlib
import io
import re
import subprocess
import zipfile
from pathlib import Path

import pytest

import autograd_lite

from .support.node import node_packages

NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?")

#: Pure Python: no NumPy, no Graphviz, no SciPy.
SESSION = """
from autograd_lite import *
x = Value(1.0, "x")
t = x**2; t.name = "t"
J = cos(sin(t) + 3*t); J.name = "J"
J.backward()
print(J.data, x.grad)
print(table(J))
print(tree(J))
print(formula(J))
print(draw(J, "circuit").dot[:16])
print(gradcheck(lambda x, y: x*sin(y) + gamma(x), (2.0, 1.0)).summary)
print(hessian(lambda v: v[0]**2*v[1] + erf(v[0]))([2.0, 3.0]))
program = record(lambda x, y: x*exp(y), 1.0, 2.0, engine="python")
print(program.engine, program.value_and_grad(3.0, 0.5))
from autograd_lite import nn, optim, losses
import random
model = nn.MLP(2, [3, 1], activation="tanh", rng=random.Random(0))
data = [[0.0, 1.0], [1.0, 0.0]], [1.0, 0.0]
print(fit(model, data, losses.mse, optim.Adam(model.parameters(), lr=0.05), epochs=5, engine="eager").loss)
"""

RUN = """
const {loadPyodide} = require("pyodide"), fs = require("fs");
(async () => {
  const python = await loadPyodide();
  const archive = new Uint8Array(fs.readFileSync(process.argv[1]));
  python.unpackArchive(archive, "zip");
  python.runPython(fs.readFileSync(process.argv[2], "utf-8"));
})().catch(error => { console.error(String(error)); process.exit(1); });
"""


def test_the_core_runs_in_the_browsers_python(tmp_path: Path) -> None:
    folder = node_packages({"pyodide": "0.28.3"})
    wheel, session = tmp_path / "wheel.zip", tmp_path / "session.py"
    package = Path(autograd_lite.__file__).parent
    with zipfile.ZipFile(wheel, "w") as archive:
        for file in package.rglob("*"):
            if file.suffix != ".pyc" and file.is_file():
                archive.write(file, Path("autograd_lite") / file.relative_to(package))
    session.write_text(SESSION, encoding="utf-8")
    command = ["node", "-e", RUN, str(wheel), str(session)]
    run = subprocess.run(
        command, cwd=folder, capture_output=True, encoding="utf-8", timeout=300, check=False
    )
    assert run.returncode == 0, run.stderr
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(SESSION, {})
    # Another C library may round the last digit otherwise.
    ours, theirs = printed.getvalue(), run.stdout
    assert NUMBER.sub("#", theirs) == NUMBER.sub("#", ours)
    assert [float(x) for x in NUMBER.findall(theirs)] == pytest.approx(
        [float(x) for x in NUMBER.findall(ours)], rel=1e-12
    )
