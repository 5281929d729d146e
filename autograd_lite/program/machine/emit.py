"""Writes LLVM's intermediate code: types, constants, loops, vectors, memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any

import llvmlite.binding as llvm
import llvmlite.ir as ir

DOUBLE, I64, I32, I1 = ir.DoubleType(), ir.IntType(64), ir.IntType(32), ir.IntType(1)
POINTER, TABLES, WHOLES = DOUBLE.as_pointer(), I32.as_pointer(), I64.as_pointer()


def _features() -> str:
    return str(llvm.get_host_cpu_features().flatten())


#: How many numbers a vector holds, and how many rows and vectors a product keeps in registers.
WIDTH, TILE = (8, (8, 2)) if "+avx512f" in _features() else (4, (4, 2))

#: A block has a multiple of so many lanes.
LANES = WIDTH * TILE[1]


@cache
def vector(width: int = WIDTH) -> Any:
    """The type of so many numbers; of one, a plain number."""
    return DOUBLE if width == 1 else ir.VectorType(DOUBLE, width)


# A constant keeps its text once it is written, and much of the text of a function is constants.
@lru_cache(4096)
def integer(x: int) -> Any:
    """A whole number."""
    return ir.Constant(I64, int(x))


def number(x: float, width: int = 1) -> Any:
    """A number, the same in every place of a vector."""
    return _number(float(x).hex(), width)  # 0 and -0 are two


@lru_cache(4096)
def _number(x: str, width: int) -> Any:
    if width == 1:
        return ir.Constant(DOUBLE, float.fromhex(x))
    return ir.Constant(vector(width), [_number(x, 1)] * width)


@cache
def lane(x: int) -> Any:
    """The place of a number in a vector."""
    return ir.Constant(I32, x)


@cache
def _mask(places: tuple[int, ...]) -> Any:
    return ir.Constant(ir.VectorType(I32, len(places)), [lane(place) for place in places])


_UNDEFINED = ir.Constant(vector(), ir.Undefined)


class Emitter:
    """The body of one function. ``flags`` are those of arithmetic: ("contract",) fuses a·b + c."""

    def __init__(self, module: Any, function: Any, flags: Sequence[str]) -> None:
        self.module, self.function, self.flags = module, function, tuple(flags)
        self.b = ir.IRBuilder(function.append_basic_block("entry"))

    @contextmanager
    def inside(self, function: Any) -> Iterator[None]:
        """Write the body of another function in between, which gives nothing."""
        before = self.function, self.b
        self.function, self.b = function, ir.IRBuilder(function.append_basic_block("entry"))
        yield
        self.b.ret_void()
        self.function, self.b = before

    @contextmanager
    def loop(self, stop: Any, step: int = 1, start: Any = 0) -> Iterator[Any]:
        """For i from ``start`` below ``stop``; the bounds may be numbers or values."""
        b, before = self.b, self.b.block
        stop, start = (x if isinstance(x, ir.Value) else integer(x) for x in (stop, start))
        head, body, done = (self.function.append_basic_block(n) for n in ("head", "body", "done"))
        b.branch(head)
        b.position_at_end(head)
        i = b.phi(I64)
        i.add_incoming(start, before)
        b.cbranch(b.icmp_signed("<", i, stop), body, done)
        b.position_at_end(body)
        yield i
        i.add_incoming(b.add(i, integer(step), flags=("nsw",)), b.block)
        b.branch(head)
        b.position_at_end(done)

    def variable(self, kind: Any, value: Any) -> Any:
        """A place on the stack that holds ``value``; LLVM makes a register of it."""
        with self.b.goto_entry_block():
            place = self.b.alloca(kind)
        self.b.store(value, place)
        return place

    def load_vector(self, at: Any) -> Any:
        """The vector that lies at a pointer."""
        return self.b.load(self.b.bitcast(at, vector().as_pointer()), align=8)

    def store_vector(self, x: Any, at: Any) -> None:
        """Put a vector at a pointer."""
        self.b.store(x, self.b.bitcast(at, vector().as_pointer()), align=8)

    def add_to(self, at: Any, x: Any) -> None:
        """Add a number to the one at a pointer."""
        self.b.store(self.b.fadd(self.b.load(at), x, flags=self.flags), at)

    def splat(self, x: Any) -> Any:
        """A vector of one number."""
        one = self.b.insert_element(_UNDEFINED, x, lane(0))
        return self.shuffled(one, _UNDEFINED, [0] * WIDTH)

    def shuffled(self, a: Any, b: Any, places: Sequence[int]) -> Any:
        """The numbers of two vectors in these places; those of the second follow the first's."""
        return self.b.shuffle_vector(a, b, _mask(tuple(places)))

    def declared(self, name: str, result: Any, arguments: Sequence[Any]) -> Any:
        """A function from outside, declared once in the module."""
        found = self.module.globals.get(name)
        return found or ir.Function(self.module, ir.FunctionType(result, list(arguments)), name)

    def total(self, x: Any) -> Any:
        """The sum of the numbers of a vector."""
        f = self.declared(f"llvm.vector.reduce.fadd.v{WIDTH}f64", DOUBLE, [DOUBLE, vector()])
        return self.b.call(f, [number(-0.0), x], fastmath=("reassoc",))

    def totals(self, xs: list[Any]) -> Any:
        """A vector with the sum of each of ``WIDTH`` vectors, by a tree of shuffles."""
        span = 1
        while span < WIDTH:
            low = [q + (WIDTH - span if q // span % 2 else 0) for q in range(WIDTH)]
            high = [q + span for q in low]
            pairs = zip(xs[::2], xs[1::2], strict=True)
            xs = [self.b.fadd(self.shuffled(a, b, low), self.shuffled(a, b, high)) for a, b in pairs]
            span *= 2
        return xs[0]

    def each(self, f: Any, xs: Sequence[Any], width: int) -> Any:
        """A function of numbers, called for each place of the vectors."""
        if width == 1:
            return self.b.call(f, xs)
        made = ir.Constant(vector(width), ir.Undefined)
        for q in range(width):
            one = self.b.call(f, [self.b.extract_element(x, lane(q)) for x in xs])
            made = self.b.insert_element(made, one, lane(q))
        return made

    def intrinsic(self, name: str, xs: Sequence[Any]) -> Any:
        """An operation that processors have, such as ``sqrt``, ``fabs`` and ``fma``."""
        kind = xs[0].type
        suffix = "f64" if kind == DOUBLE else f"v{kind.count}f64"
        return self.b.call(self.declared(f"llvm.{name}.{suffix}", kind, [kind] * len(xs)), xs)
