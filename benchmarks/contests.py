"""What recorded programs are compared in at one point: a formula, Rosenbrock, the GPT, a Hessian.

A contest has a reference that involves no engine, and a maker for each competitor. A maker imports
its library when it is called, so that a library that is not there takes nothing but its own line. Each
competitor is written as its users would write it, in the form that is fast there.
"""

from __future__ import annotations

import ctypes
import importlib
import math
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import engines
import gpt
import numpy as np
import workloads
from workloads import Answer

import autograd_lite
from autograd_lite.program import record

HESSIAN = 16


class AbsentError(Exception):
    """A competitor that this machine does not have, and why, in words."""


@dataclass(frozen=True)
class Run:
    """A competitor: what is timed, with no argument or one, and how its answer is read."""

    call: Callable[..., Any]
    read: Callable[[Any], Answer]
    at: float | None = None


@dataclass(frozen=True)
class Contest:
    """Competitors at one task; `ours` names those that the others' times are divided by."""

    title: str
    reference: Callable[[], Answer]
    makers: dict[str, Callable[[], Run]]
    ours: tuple[str, ...]


# Help for the competitors


def peer(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError:
        raise AbsentError("not installed") from None


def jax_with_doubles() -> tuple[Any, Any]:
    """jax and jax.numpy."""
    jax = peer("jax")
    jax.config.update("jax_enable_x64", True)
    return jax, jax.numpy


def compiled(f: Callable[..., Any], *args: Any, read: Callable[[Any], Answer]) -> Run:
    """A function of JAX, compiled; it is waited for."""
    jax, jnp = jax_with_doubles()
    given = [jax.tree.map(jnp.asarray, arg) for arg in args]
    f = jax.jit(f)
    return Run(lambda: jax.block_until_ready(f(*given)), read)


def plain(found: Any) -> Answer:
    """A value and an array of derivatives, of any shape."""
    value, gradient = found
    return float(value), np.ravel(gradient).tolist()


def of_one(found: Any) -> Answer:
    """A value and one derivative, bare or in a tuple."""
    value, slope = found
    return float(value), [float(slope[0] if isinstance(slope, tuple) else slope)]


def buffered(function: Any, *given: np.ndarray) -> Run:
    """A function of CasADi with outputs value and gradient, by its call that copies nothing."""
    found = [np.zeros(function.nnz_out(i)) for i in range(2)]
    buffer, trigger = function.buffer()
    for i, array in enumerate(given):
        buffer.set_arg(i, memoryview(array))
    for i, array in enumerate(found):
        buffer.set_res(i, memoryview(array))
    kept = buffer, given  # the buffer refers to the arrays without holding them

    def read(_: Any, kept: Any = kept) -> Answer:
        return float(found[0][0]), found[1].tolist()

    return Run(trigger, read)


def leaf(torch: Any, array: Any) -> Any:
    return torch.tensor(np.array(array), requires_grad=True)


# W2: the small formula at one point


def w2(engine: str | None) -> Contest:
    x = 1.0
    program = record(workloads.formula(autograd_lite), x, engine=engine)

    def by_hand(x: float) -> tuple[float, float]:
        square = x * x
        sine, cosine = math.sin(square), math.cos(square)
        inner = sine + 3.0 * square
        return math.cos(inner), -math.sin(inner) * (cosine + 3.0) * 2.0 * x

    def bare() -> Run:
        try:
            return Run(program.bare(), of_one, x)
        except ValueError:
            raise AbsentError("there is none on this engine") from None

    def straight() -> Run:
        python = record(workloads.formula(autograd_lite), x, engine="python")
        return Run(python.bare(), of_one, x)

    def casadi() -> Run:
        ca = peer("casadi")
        symbol = ca.SX.sym("x")
        y = workloads.formula(ca)(symbol)
        return buffered(ca.Function("f", [symbol], [y, ca.gradient(y, symbol)]), np.array([x]))

    makers = {
        "value_and_grad": lambda: Run(program.value_and_grad, of_one, x),
        "bare()": bare,
        "straight-line Python": straight,
        "Python by hand": lambda: Run(by_hand, of_one, x),
        "CasADi SX, buffer": casadi,
    }
    title = "W2 cos(sin(x^2) + 3x^2), one point"
    return Contest(title, workloads.formula_reference, makers, ("value_and_grad", "bare()"))


def w2_many(engine: str | None, count: int) -> Contest:
    """The same at many points: each has its value and its derivative."""
    x = np.linspace(-2.0, 2.0, count)
    batch = record(workloads.formula(autograd_lite), 1.0, engine=engine).batch(0, reduce=None)
    values, slopes = np.empty(count), np.empty(count)

    def by_hand() -> tuple[Any, Any]:
        square = x * x
        inner = np.sin(square) + 3.0 * square
        return np.cos(inner), -np.sin(inner) * (np.cos(square) + 3.0) * 2.0 * x

    def read(found: Any) -> Answer:
        return float(found[0].sum()), found[1].tolist()

    def in_jax() -> Run:
        jax, jnp = jax_with_doubles()
        f = jax.vmap(jax.value_and_grad(workloads.formula(jnp)))
        return compiled(f, x, read=lambda found: read([np.asarray(each) for each in found]))

    makers = {
        "batch.value_and_grad": lambda: Run(lambda: batch.value_and_grad(x), read),
        "batch.value_and_grad, out=": lambda: Run(
            lambda: batch.value_and_grad(x, out=(values, slopes)), read
        ),
        "NumPy by hand": lambda: Run(by_hand, read),
        "jax.jit(vmap)": in_jax,
    }
    title = f"W2 over {count:,} points"
    return Contest(title, lambda: read(by_hand()), makers, ("batch.value_and_grad",))


# W3: Rosenbrock's function of 1000 numbers

VALLEY_IN_C = """
double valley(const double *x, double *g, long n) {
    double total = 0.0;
    g[0] = 0.0;
    for (long i = 0; i < n - 1; i++) {
        double off = x[i + 1] - x[i] * x[i], rest = 1.0 - x[i];
        total += 100.0 * off * off + rest * rest;
        g[i] -= 400.0 * x[i] * off + 2.0 * rest;
        g[i + 1] = 200.0 * off;
    }
    return total;
}
"""


def valley_of_arrays(x: Any) -> Any:
    """Rosenbrock's function on whole arrays, of NumPy, JAX, PyTorch or CasADi."""
    a, b = x[:-1], x[1:]
    return 100.0 * (b - a**2) ** 2 + (1.0 - a) ** 2


def shared_library(source: str) -> ctypes.CDLL:
    """C, compiled here."""
    compiler = shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise AbsentError("neither gcc nor clang is installed")
    folder = Path(mkdtemp())
    try:
        (folder / "code.c").write_text(source)
        flags = ["-O3", "-march=native", "-ffast-math", "-shared", "-fPIC"]
        subprocess.run([compiler, *flags, "code.c", "-o", "code.so"], cwd=folder, check=True)
        return ctypes.CDLL(str(folder / "code.so"))
    except (OSError, subprocess.CalledProcessError) as error:
        raise AbsentError(f"{compiler} fails: {error}") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def w3(engine: str | None) -> Contest:
    x = np.array(workloads.valley_start())
    program = record(workloads.valley(autograd_lite), x, engine=engine)

    def by_hand() -> tuple[Any, Any]:
        a = x[:-1]
        off, rest = x[1:] - a * a, 1.0 - a
        gradient = np.zeros_like(x)
        gradient[:-1] = -400.0 * a * off - 2.0 * rest
        gradient[1:] += 200.0 * off
        return 100.0 * (off @ off) + rest @ rest, gradient

    def in_jax() -> Run:
        jax, jnp = jax_with_doubles()
        return compiled(jax.value_and_grad(lambda x: jnp.sum(valley_of_arrays(x))), x, read=plain)

    def casadi() -> Run:
        ca = peer("casadi")
        symbol = ca.MX.sym("x", len(x))
        y = ca.sum1(valley_of_arrays(symbol))
        return buffered(ca.Function("f", [symbol], [y, ca.gradient(y, symbol)]), x)

    def torch() -> Run:
        library = peer("torch")
        given = leaf(library, x)

        def call() -> tuple[Any, Any]:
            given.grad = None
            y = valley_of_arrays(given).sum()
            y.backward()
            return y, given.grad

        return Run(call, lambda found: plain((found[0].detach(), found[1])))

    def in_c() -> Run:
        f = shared_library(VALLEY_IN_C).valley
        f.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_long]
        f.restype = ctypes.c_double
        gradient = np.zeros_like(x)
        from_here, to_there, count = x.ctypes.data, gradient.ctypes.data, len(x)
        return Run(lambda: f(from_here, to_there, count), lambda value: plain((value, gradient)))

    slopes = np.empty_like(x)

    def bare() -> Run:
        value = np.empty(1)
        try:
            call = program.bare()
        except ValueError:
            raise AbsentError("there is none on this engine") from None
        return Run(lambda: (call(x, slopes, value), slopes), plain)

    makers = {
        "value_and_grad": lambda: Run(lambda: program.value_and_grad(x), plain),
        "value_and_grad, out=": lambda: Run(lambda: program.value_and_grad(x, out=(None, slopes)), plain),
        "bare()": bare,
        "NumPy by hand": lambda: Run(by_hand, plain),
        "jax.jit": in_jax,
        "CasADi MX, buffer": casadi,
        "PyTorch": torch,
        "C by ctypes": in_c,
    }
    ours = ("value_and_grad", "value_and_grad, out=")
    return Contest("W3 Rosenbrock of 1000 numbers", workloads.valley_reference, makers, ours)


# W6: the loss of one word by the small GPT


def w6(engine: str | None) -> Contest:
    start = gpt.parameters()
    flat = np.array(start)

    def program() -> Run:
        recorded = record(gpt.step(engines.AutogradLite()), flat, engine=engine)
        return Run(lambda: recorded.value_and_grad(flat), plain)

    def eager(make: Callable[[], Any]) -> Run:
        adapter = make()
        loss = gpt.step(adapter)

        def call() -> tuple[float, list[float]]:
            graph = adapter.forward(loss, start)
            return adapter.value(graph), adapter.backward(graph)

        return Run(call, plain)

    makers = {
        "program": program,
        "slots_engine": lambda: eager(engines.Slots),
        "autograd_lite, eager": lambda: eager(engines.AutogradLite),
    }
    return Contest("W6 GPT, the loss of one word", gpt.reference, makers, ("program",))


# Second order


def second_order(engine: str | None) -> Contest:
    x = np.linspace(-1.0, 1.0, HESSIAN)

    program = record(workloads.valley(autograd_lite), x, engine=engine)

    def reference() -> Answer:
        matrix = np.zeros((HESSIAN, HESSIAN))
        for i, (a, b) in enumerate(pairwise(x)):
            matrix[i, i] += 1200.0 * a * a - 400.0 * b + 2.0
            matrix[i, i + 1] = matrix[i + 1, i] = -400.0 * a
            matrix[i + 1, i + 1] += 200.0
        return 0.0, matrix.ravel().tolist()

    def read(matrix: Any) -> Answer:
        return plain((0.0, matrix))

    def in_jax() -> Run:
        jax, jnp = jax_with_doubles()
        return compiled(jax.hessian(lambda x: jnp.sum(valley_of_arrays(x))), x, read=read)

    makers = {"program.hessian": lambda: Run(lambda: program.hessian(x), read), "jax.jit": in_jax}
    return Contest(f"Hessian of Rosenbrock of {HESSIAN}", reference, makers, ("program.hessian",))
