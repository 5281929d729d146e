"""Pickles go from one process to another and give the same numbers to the last bit."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

from autograd_lite import Value, circuit, errstate
from autograd_lite.nn import MLP
from autograd_lite.program import record
from autograd_lite.testing import values

from ..support.grown import grown
from .circuits import INPUTS, a_function
from .figures import Figures

ROOT = Path(__file__).parents[2]


def pickled(figures: Figures, random: Random, rounds: int, each: int) -> None:
    """Circuits, models and programs, made in one process, read in another, and the other way."""
    for _ in range(rounds):
        seed = random.randrange(10**9)
        for maker, reader in ((_here, _elsewhere), (_elsewhere, _here)):
            made = maker("make", seed, each, b"")
            told, packed = pickle.loads(made)
            found = pickle.loads(reader("read", seed, each, packed))
            assert found == told, f"seed {seed}"
            figures.add("objects that crossed", len(told))
        figures.add("processes", 2)


def _here(task: str, seed: int, each: int, packed: bytes) -> bytes:
    return make(seed, each) if task == "make" else read(packed)


def _elsewhere(task: str, seed: int, each: int, packed: bytes) -> bytes:
    command = [sys.executable, "-m", __name__, task, str(seed), str(each)]
    done = subprocess.run(command, cwd=ROOT, input=packed, capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def make(seed: int, each: int) -> bytes:
    """What the objects say in this process, and the objects."""
    random = Random(seed)
    things: list[Any] = []
    with errstate("ignore"):
        for _ in range(each):
            recipe = grown(random)
            root = recipe(*values(recipe))
            root.backward()
            things.append(root)
        model = MLP(3, [4, 2], rng=random, activation="tanh")
        things.append(model)
        f = a_function(random, 200)
        xs = [random.uniform(-1.0, 1.0) for _ in range(INPUTS)]
        things.append(record(f, *xs, engine="python", verify=False))
        deep: Any = Value(1.0, "deep")
        for _ in range(5000):
            deep = deep * 1.0001
        things.append(deep)
    return pickle.dumps((list(map(said, things)), pickle.dumps(things)))


def read(packed: bytes) -> bytes:
    """What the objects say in this process."""
    return pickle.dumps(list(map(said, pickle.loads(packed))))


def said(thing: Any) -> Any:
    """All the numbers of a thing, as text to the last bit."""
    if isinstance(thing, Value):
        order = circuit(thing)
        place = {node: i for i, node in enumerate(order)}
        return [
            (v.data.hex(), v.grad.hex(), v.name, v.op and v.op.name, [place[p] for p in v.parents])
            for v in order
        ]
    if isinstance(thing, MLP):
        return [(name, p.data.hex()) for name, p in thing.named_parameters()]
    value, slopes = thing.value_and_grad(*[0.25] * INPUTS, argnums=tuple(range(INPUTS)))
    return [value.hex(), [d.hex() for d in slopes]]


if __name__ == "__main__":
    task, seed, each = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    given = sys.stdin.buffer.read()
    sys.stdout.buffer.write(make(seed, each) if task == "make" else read(given))
