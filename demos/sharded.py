"""Data-parallel training with JAX: a program of one sample on eight devices, and on two processes.

    python demos/sharded.py [folder]
    python demos/sharded.py --processes 2

The loss of one sample is written in scalars and recorded; ``to_jax`` makes it a function of arrays.
JAX maps it over the samples, differentiates it, and spreads the samples over the devices of a mesh:
each takes its part, and the means are joined. It is trained on one device, on eight by ``jax.jit`` of
arrays that are spread, and on eight by ``jax.shard_map``. The losses are the same, but for the order in
which they are summed. ``--processes 2`` starts this script twice, with four devices each, joined by
``jax.distributed``. The devices are virtual ones of this computer's processor, so nothing here is
faster; the same lines run on real ones. JAX is needed: ``python -m pip install 'autograd-lite[jax]'``.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from script import output_folder

from autograd_lite import Value
from autograd_lite.nn import MLP
from autograd_lite.program import record

DEVICES = 8
SAMPLES = 96
RATE = 0.1
ADDRESS = "127.0.0.1"


def jax_on_virtual_devices(count: int) -> Any:
    """JAX in double precision, with so many devices on this computer's processor.

    :raises RuntimeError: when JAX was started with fewer devices before.
    """
    flags = os.environ.get("XLA_FLAGS", "")
    # JAX reads both when it is imported and started for the first time, and never again.
    os.environ["XLA_FLAGS"] = f"{flags} --xla_force_host_platform_device_count={count}".strip()
    os.environ["JAX_PLATFORMS"] = "cpu"
    try:
        import jax
    except ImportError:
        raise SystemExit("this demo needs JAX: python -m pip install 'autograd-lite[jax]'") from None
    jax.config.update("jax_enable_x64", True)
    return jax


def network() -> tuple[Any, list[float]]:
    """The loss of one sample as a function of arrays, and the parameters to start with."""
    model = MLP(1, [8, 8, 1], activation="tanh", rng=random.Random(3))

    def loss(x: Value, y: Value) -> Any:
        return (model([x]) - y) ** 2

    program = record(loss, 0.5, 0.25, parameters=model.parameters())
    return program.to_jax(), [p.data for p in model.parameters()]


def samples() -> tuple[list[float], list[float]]:
    """Points of a sine."""
    xs = [-3.0 + 6.0 * i / (SAMPLES - 1) for i in range(SAMPLES)]
    return xs, [math.sin(x) for x in xs]


def train(step: Any, start: list[float], xs: Any, ys: Any, steps: int) -> list[float]:
    """The losses before each step of gradient descent; ``step`` gives the loss and new parameters."""
    import jax.numpy as jnp

    weights = jnp.array(start)
    losses = []
    for _ in range(steps):
        loss, weights = step(weights, xs, ys)
        losses.append(float(loss))
    return losses


def descent(mean_loss: Any) -> Any:
    """One step of gradient descent on a function of the parameters and the samples, compiled."""
    import jax

    @jax.jit  # type: ignore[untyped-decorator]  # JAX's
    def step(weights: Any, xs: Any, ys: Any) -> Any:
        loss, slopes = jax.value_and_grad(mean_loss)(weights, xs, ys)
        return loss, weights - RATE * slopes

    return step


def mean_over(loss: Any) -> Any:
    """The mean of the loss of many samples, where all share the parameters."""
    import jax
    import jax.numpy as jnp

    each = jax.vmap(loss, in_axes=(None, 0, 0))
    return lambda weights, xs, ys: jnp.mean(each(weights, xs, ys))


def mean_over_devices(loss: Any, mesh: Any) -> Any:
    """The same, where each device of the mesh takes its part of the samples."""
    import jax
    from jax.sharding import PartitionSpec as Spec

    mean = mean_over(loss)

    def part(weights: Any, xs: Any, ys: Any) -> Any:
        return jax.lax.pmean(mean(weights, xs, ys), "samples")

    specs = (Spec(), Spec("samples"), Spec("samples"))
    return jax.shard_map(part, mesh=mesh, in_specs=specs, out_specs=Spec())


def on_one_device(steps: int) -> list[float]:
    """The losses of training where nothing is spread."""
    import numpy as np

    loss, start = network()
    xs, ys = map(np.array, samples())
    return train(descent(mean_over(loss)), start, xs, ys, steps)


def on_all_devices(steps: int) -> dict[str, list[float]]:
    """The losses of training where the samples are spread over all devices of all processes."""
    import jax
    import numpy as np
    from jax.sharding import AxisType, NamedSharding
    from jax.sharding import PartitionSpec as Spec

    loss, start = network()
    auto = (AxisType.Auto,)  # the compiler decides where every result lies
    mesh = jax.make_mesh((jax.device_count(),), ("samples",), axis_types=auto)
    spread = NamedSharding(mesh, Spec("samples"))
    # Each process holds its part of the samples; together they are one array.
    size = SAMPLES // jax.process_count()
    own = slice(size * jax.process_index(), size * (jax.process_index() + 1))
    xs, ys = (jax.make_array_from_process_local_data(spread, np.array(part[own])) for part in samples())
    return {
        "jit": train(descent(mean_over(loss)), start, xs, ys, steps),
        "shard_map": train(descent(mean_over_devices(loss, mesh)), start, xs, ys, steps),
    }


def require_same(found: list[float], expected: list[float], what: str) -> None:
    """Refuse losses that are not those of one device.

    :raises AssertionError: naming the step.
    """
    assert len(found) == len(expected), f"{what}: {len(found)} losses, not {len(expected)}"
    for i, (a, b) in enumerate(zip(found, expected, strict=True)):
        assert math.isclose(a, b, rel_tol=1e-12), f"{what}: the loss of step {i} is {a!r}, not {b!r}"


# Several processes


def run_together(commands: list[list[str]], seconds: float) -> list[str]:
    """What each of the commands prints. All are ended when one fails, or when the time is over.

    :raises RuntimeError: with what the command that failed wrote to its standard error.
    """
    with ExitStack() as open_files:
        # Files and not pipes: nobody has to read them while the processes run.
        files = [[open_files.enter_context(TemporaryFile("w+")) for _ in range(2)] for _ in commands]
        running: list[subprocess.Popen[str]] = []
        end = time.monotonic() + seconds
        try:
            for each, (out, err) in zip(commands, files, strict=True):
                running.append(
                    subprocess.Popen(each, stdin=subprocess.PIPE, stdout=out, stderr=err, text=True)
                )
            while None in (codes := [process.poll() for process in running]) and not any(codes):
                if time.monotonic() > end:
                    raise RuntimeError(f"the processes did not end within {seconds} seconds")
                time.sleep(0.05)
        finally:
            for process in running:
                process.kill()  # does nothing to one that has ended
                process.wait()
                assert process.stdin is not None
                process.stdin.close()
        texts = []
        for i, (code, pair) in enumerate(zip(codes, files, strict=True)):
            for file in pair:
                file.seek(0)
            if code:
                raise RuntimeError(f"process {i} ended with {code}: {pair[1].read().strip()[-2000:]}")
            texts.append(pair[0].read())
        return texts


def end_with_the_parent() -> None:
    """End this process when the one that started it is gone: its end of the pipe is closed then."""

    def watch() -> None:
        while os.read(0, 1024):  # not by sys.stdin, whose lock would be held when Python ends
            pass
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def member(rank: int, count: int, port: int, steps: int) -> None:
    """Train as one of several processes, and print the losses."""
    end_with_the_parent()
    jax = jax_on_virtual_devices(DEVICES // count)
    jax.distributed.initialize(
        f"{ADDRESS}:{port}",
        num_processes=count,
        process_id=rank,
        initialization_timeout=60,
        coordinator_bind_address=f"{ADDRESS}:{port}",
    )
    assert jax.device_count() == DEVICES
    assert jax.process_count() == count
    print("\n" + json.dumps(on_all_devices(steps)), flush=True)
    jax.distributed.shutdown()


def free_port() -> int:
    """A port of the loopback address that nothing listens on."""
    with socket.socket() as found:
        found.bind((ADDRESS, 0))
        return int(found.getsockname()[1])


def on_processes(count: int, steps: int, seconds: float = 180.0) -> list[dict[str, list[float]]]:
    """What each of so many processes found; the devices are divided among them."""
    words = ["--processes", str(count), "--steps", str(steps), "--port", str(free_port())]
    script = [sys.executable, str(Path(__file__).resolve()), *words]
    printed = run_together([[*script, "--rank", str(i)] for i in range(count)], seconds)
    # The library that joins processors prints lines of its own.
    return [json.loads(next(x for x in text.splitlines() if x.startswith("{"))) for text in printed]


def main(folder: str | Path | None = None, quick: bool = False) -> dict[str, Any]:
    """Train on one device and on eight, and compare."""
    return compare(3 if quick else 300, 1, folder)


def compare(steps: int, processes: int, folder: str | Path | None) -> dict[str, Any]:
    """Train on one device and on eight, which may belong to several processes; returns the losses."""
    jax = jax_on_virtual_devices(DEVICES)
    if jax.device_count() < DEVICES:
        raise RuntimeError(f"JAX was started with {jax.device_count()} devices: run this demo by itself")
    expected = on_one_device(steps)
    members = [on_all_devices(steps)] if processes == 1 else on_processes(processes, steps)
    for i, found in enumerate(members):
        for way, losses in found.items():
            require_same(losses, expected, f"{way}, process {i}")
    where = f"{DEVICES} devices" + f" of {processes} processes" * (processes > 1)
    print(f"{steps} steps: the loss falls from {expected[0]:.6f} to {expected[-1]:.6f}")
    print(f"one device and {where} agree to 12 digits: {', '.join(members[0])}")
    lines = [f"{i} {loss!r}\n" for i, loss in enumerate(expected)]
    (output_folder("sharded", folder) / "losses.txt").write_text("".join(lines), encoding="utf-8")
    return {"one": expected, "members": members}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", nargs="?", help="where to write (default: build/sharded)")
    parser.add_argument("--quick", action="store_true", help="run a smaller version, in a few seconds")
    parser.add_argument("--processes", type=int, default=1, choices=(1, 2, 4, 8), help="how many")
    for name in ("--rank", "--port", "--steps"):  # what the script tells itself
        parser.add_argument(name, type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    number = given.steps or (3 if given.quick else 300)
    if given.rank is not None:
        member(given.rank, given.processes, given.port, number)
    else:
        try:
            compare(number, given.processes, given.folder)
        except RuntimeError as error:
            parser.exit(1, f"{error}\n")
