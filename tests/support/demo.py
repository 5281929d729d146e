"""Loading and running the demos, and what each of them draws."""

import os
import subprocess
import sys
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from autograd_lite.show.picture import engines

ROOT = Path(__file__).parents[2]
DEMOS = ROOT / "demos"

#: The plots of each demo, and the circuits that it draws. The gallery and the two circuits of the
#: lecture notes are not here: they have tests of their own.
PICTURES: dict[str, tuple[set[str], set[str]]] = {
    "activations": ({"activations", "saturation"}, set()),
    "chain_rule": ({"losses", "total_derivative"}, {"two_paths"}),
    "cost_of_gradients": ({"cost"}, set()),
    "digits": ({"loss", "misread"}, set()),
    "gpt": ({"loss"}, set()),
    "gradient_check": ({"step_size"}, set()),
    "landscape": ({"convexity", "paths"}, set()),
    "logistic_errata": ({"missing_minus", "never_reset"}, set()),
    "logistic_regression": ({"boundary"}, {"half_squared", "log_loss"}),
    "mixture": ({"mixture"}, set()),
    "moons": ({"decision_boundary", "training"}, {"layers"}),
    "optimizers": ({"comparison", "fits"}, set()),
    "options": ({"greeks"}, set()),
    "orbit": ({"orbit"}, set()),
    "perceptron": ({"cliff", "training"}, {"perceptron"}),
    "second_derivative": (set(), {"first", "second", "y"}),
    "softmax": ({"decision_regions"}, {"circuit"}),
    "tanh_mlp": ({"regression"}, {"network"}),
    "two_layer_errata": ({"claims"}, set()),
    "two_layer_network": (set(), {"circuit", "layers"}),
    "vanishing_gradients": ({"vanishing_gradients"}, set()),
    "xor": ({"decision_boundary", "loss"}, {"circuit", "network"}),
}


@cache
def load(name: str) -> ModuleType:
    """A demo as a module."""
    spec = spec_from_file_location(f"demo_{name}", DEMOS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # where its dataclasses look for their names
    spec.loader.exec_module(module)
    return module


def script(name: str, folder: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """A demo as a process of its own, started in ``folder``, where warnings are errors."""
    return python_in(folder, str(DEMOS / f"{name}.py"), *words, **env)


def python_in(folder: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Python as a process of its own, started in ``folder``, where warnings are errors."""
    return subprocess.run(
        [sys.executable, "-W", "error", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **env},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def check_pictures(name: str, found: dict[str, Any]) -> None:
    """A demo has written all its pictures, and nothing that it plots is empty."""
    plots, circuits = PICTURES[name]
    files = {form: {file.stem for file in found["folder"].glob(f"*.{form}")} for form in FORMS}
    drawn = circuits if engines.available() else set[str]()
    assert files == {"png": plots | drawn, "svg": drawn, "dot": circuits}
    for form, head in FORMS.items():
        for file in found["folder"].glob(f"*.{form}"):
            assert file.read_bytes().startswith(head)
    assert found["figures"].keys() == plots
    for fig in found["figures"].values():
        assert all(ax.has_data() for ax in fig.axes if ax.axison)


FORMS = {"png": b"\x89PNG", "svg": b"<svg", "dot": b"digraph"}


def verdicts(found: dict[str, Any]) -> dict[str, bool]:
    """What gradcheck said of each claim of a demo."""
    start = "gradcheck "
    return {key.removeprefix(start): found[key] for key in found if key.startswith(start)}
