"""``check_row``: one operation of the table, examined from every side."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from ..core.primitive import Primitive, lookup
from ..core.value import Value
from ..support.ieee import errstate
from ..support.tables import rows_in_html, rows_in_text
from .gradients import examined
from .report import Entry
from .row_points import at_edges, at_kinks, held_operands, inside, kink_measure
from .targets import Target, row_of_some
from .verdicts import Tolerance

_ROOM = Tolerance(1e-6, 0.0)
_PART_HEADS = ("part", "verdict", "")
#: Verdicts on a derivative that do not speak against a row where it has neither kink nor edge.
_BEARABLE = ("agrees", "digits", "infinite")


@dataclass(frozen=True)
class RowEntry:
    """One thing that was examined: which part of the row, at which operands, and what was found.

    :func:`check_row` gives many.
    ``verdict`` is ``"agrees"`` where nothing is wrong; else it is one of gradcheck's verdicts on a
    derivative, or ``"wrong"``.
    """

    part: str
    operands: tuple[float, ...]
    verdict: str
    remark: str = ""

    @property
    def ok(self) -> bool:
        """Whether the verdict is ``"agrees"``."""
        return self.verdict == "agrees"


@dataclass(frozen=True, repr=False)
class RowReport:
    """What :func:`check_row` found; true when nothing is wrong. It prints as a table, a line per part."""

    name: str
    entries: tuple[RowEntry, ...]

    @property
    def wrong(self) -> tuple[RowEntry, ...]:
        """The entries whose verdict is another than ``"agrees"``."""
        return tuple(entry for entry in self.entries if not entry.ok)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.wrong

    def __bool__(self) -> bool:
        return self.ok

    @property
    def _title(self) -> str:
        return f"{self.name}: {'nothing is wrong' if self.ok else f'{len(self.wrong)} entries are wrong'}"

    def _lines(self) -> list[tuple[str, str, str]]:
        lines = []
        for part in dict.fromkeys(entry.part for entry in self.entries):
            own = [entry for entry in self.entries if entry.part == part]
            bad = [entry for entry in own if not entry.ok]
            remark = f"{len(own)} examined" if not bad else f"{len(bad)} of {len(own)}: {_in_words(bad[0])}"
            lines.append((part, "WRONG" if bad else "agrees", remark))
        return lines

    def __str__(self) -> str:
        return f"{self._title}\n{rows_in_text(_PART_HEADS, self._lines())}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return rows_in_html(_PART_HEADS, self._lines(), self._title)


def _in_words(entry: RowEntry) -> str:
    at = f"at {entry.operands}: " if entry.operands else ""
    return f"{at}{entry.verdict}{': ' if entry.remark else ''}{entry.remark}"


def check_row(
    row: Primitive | str,
    *,
    order: int = 3,
    points: int = 12,
    reference: Callable[..., float] | None = None,
    engines: Sequence[str] | None = None,
    seed: int = 0,
) -> RowReport:
    """Check one operation of the table from every side: a row of the library, or one of your own.

    - *value*: by numbers and by nodes it is one number, and that of ``reference`` where you give one.
    - *rules*, of every order: reverse, forward and differences say the same over the whole domain, near
      its ends and near 0, and there are no kinks that the row does not declare.
    - *kinks*: where the row declares one, the derivative lies between the slopes.
    - *edges*: at the ends of the domain, at infinities, nan, the smallest and the largest numbers
      nothing raises, and nan gives nan.
    - *engine*: every engine of programs gives the numbers of the eager one.
    - *notation*: formula and LaTeX can be written, and the text that a user types is parsed.

    :param row: the row, or its name.
    :param order: the highest order of derivatives.
    :param points: how many random points of the domain to try.
    :param reference: what the row should give, on floats or, to be certain, in mpmath.
    :param engines: which engines of ``"python"``, ``"numpy"``, ``"machine"``, ``"jax"``; by default those
        that are installed.
    :raises LookupError: when there is no row of that name.
    :raises TypeError: when ``row`` is neither a row nor a name.

    >>> from autograd_lite import primitive
    >>> cube = primitive("cube", lambda x: x**3, [lambda x, z: 3.0 * x * x], "x³")
    >>> bool(check_row(cube, engines=["python"]))
    True
    >>> cube = primitive("cube", lambda x: x**3, [lambda x, z: 2.0 * x * x], "x³", replace=True)
    >>> check_row(cube, engines=[]).wrong[0].part
    'rules, order 1'
    """
    if isinstance(row, str):
        found = lookup(row)
        if found is None:
            raise LookupError(f"there is no row called {row!r}")
        row = found
    if not isinstance(row, Primitive):
        raise TypeError(f"check_row takes a row of the table or its name, not {row!r:.60}")
    rng = Random(f"{row.name} {seed}")
    drawn = list(inside(row, rng, points))
    entries: list[RowEntry] = []
    with errstate("ignore"):
        entries += _value_entries(row, drawn, reference)
        for xs in drawn:
            entries += _rule_entries(row, xs, order, False)
        for xs in at_kinks(row, rng):
            entries += _rule_entries(row, xs, 1, True)
        entries += _edge_entries(row, rng)
        for engine in installed_engines() if engines is None else engines:
            entries += _engine_entries(row, drawn, engine)
        entries += _notation_entries(row, drawn)
    return RowReport(row.name, tuple(entries))


def _node_at(row: Primitive, xs: Sequence[float]) -> Any:
    held = held_operands(row, xs)
    return row._at(tuple([x if i in held else Value(x) for i, x in enumerate(xs)]))


def _equal_to(a: float, b: float, digits: float = 0.0) -> bool:
    return a == b or (a != a and b != b) or abs(a - b) <= digits * max(abs(a), abs(b))


def _value_entries(
    row: Primitive, drawn: Sequence[tuple[float, ...]], reference: Callable[..., float] | None
) -> Iterator[RowEntry]:
    for xs in drawn:
        z, node = row.on_numbers(xs), _node_at(row, xs)
        right = _equal_to(z, node.data)
        yield _entry("value", xs, right, f"{z!r} of numbers, {node.data!r} of Values")
        if reference is not None:
            true = float(reference(*xs))
            # The rounding of the operands alone may do as much.
            moved = sum(abs(x * d) for x, d in zip(xs, node.local_grads, strict=True) if x and d)
            right = _equal_to(z, true, 1e-13) or abs(z - true) <= 1e-15 * moved
            yield _entry("value, reference", xs, right, f"{z!r}, and {true!r} by the reference")


def _entry(part: str, xs: Iterable[float], right: bool, remark: str) -> RowEntry:
    return RowEntry(part, tuple(xs), "agrees" if right else "wrong", "" if right else remark)


def _rule_entries(row: Primitive, xs: tuple[float, ...], order: int, on_kink: bool) -> Iterator[RowEntry]:
    held = held_operands(row, xs)
    free = [i for i in range(len(xs)) if i not in held]

    names = [row.operands[i] if i < len(row.operands) else f"operand {i}" for i in free]
    target = Target(row_of_some(row, xs, free), tuple(xs[i] for i in free), names)
    entries: list[Entry] = []
    for n in range(1, order + 1):
        part = "kinks" if on_kink else f"rules, order {n}"
        try:
            new = list(examined(target, n, ("reverse", "forward"), None, _ROOM, entries, False))
        except Exception as error:  # a rule that fails is what is looked for
            yield RowEntry(part, xs, "wrong", f"{type(error).__name__}: {error}")
            return
        entries += new
        for entry in new:
            right = _is_right(entry, on_kink)
            remark = "" if right else f"by {entry.input}, {entry.mode}: {entry}"
            yield RowEntry(part, xs, "agrees" if right else entry.verdict, remark)


def _is_right(entry: Entry, on_kink: bool) -> bool:
    if on_kink:
        return entry.verdict not in ("wrong", "not a function") and (
            entry.verdict != "kink" or entry.between
        )
    return entry.verdict in _BEARABLE or (entry.verdict == "cannot tell" and entry.order > 1)


def _edge_entries(row: Primitive, rng: Random) -> Iterator[RowEntry]:
    for xs in at_edges(row, rng):
        try:
            z, node = row.on_numbers(xs), _node_at(row, xs)
            slopes = node.local_grads if isinstance(node, Value) else ()
        except Exception as error:  # nothing may raise here, whatever it is
            yield RowEntry("edges", xs, "wrong", f"{type(error).__name__}: {error}")
            continue
        held = held_operands(row, xs)
        lost = all(x != x for i, x in enumerate(xs) if i not in held) and z == z
        right = _equal_to(z, node.data) and all(type(d) is float for d in slopes) and not lost
        yield _entry("edges", xs, right, f"gives {z!r}{', and nan should give nan' if lost else ''}")


def installed_engines() -> list[str]:
    """The engines of programs that can run here."""
    from importlib.util import find_spec

    from ..program.choosing import has

    found = ["python", *(name for name in ("numpy", "machine") if has(name))]
    return [*found, "jax"] if find_spec("jax") else found


def _engine_entries(row: Primitive, drawn: Sequence[tuple[float, ...]], engine: str) -> Iterator[RowEntry]:
    from ..program import record

    part = f"engine {engine}"
    for xs in drawn:
        if kink_measure(row, xs) < 1e-2:
            continue  # rounding may choose the branch there
        held = held_operands(row, xs)
        free = [i for i in range(len(xs)) if i not in held]
        node = _node_at(row, xs)
        slopes = [node.local_grads[i] for i in free]
        given = [xs[i] for i in free]
        try:
            function = row_of_some(row, xs, free)
            program = record(function, *given, verify=False, engine=None if engine == "jax" else engine)
            if engine == "jax":
                value, found, digits = _by_jax(program, given)
            else:
                value, found = program.value_and_grad(*given, argnums=tuple(range(len(given))))
                digits = 1e-9
        except Exception as error:  # an engine that does not take the row is what is looked for
            yield RowEntry(part, xs, "wrong", f"{type(error).__name__}: {error}")
            continue
        size = max(map(abs, [*slopes, node.data]), default=0.0)
        pairs = zip((node.data, *slopes), (value, *found), strict=True)
        right = all(_equal_to(a, b, digits) or abs(a - b) <= digits * size for a, b in pairs)
        yield _entry(part, xs, right, f"gives {value!r}, {found!r} for {node.data!r}, {slopes!r}")


def _by_jax(program: Any, given: list[float]) -> tuple[float, list[float], float]:
    import jax

    function = program.to_jax()
    value, slopes = jax.value_and_grad(function, tuple(range(len(given))))(*given)
    return float(value), [float(d) for d in slopes], 1e-9 if jax.config.jax_enable_x64 else 2e-4


def _notation_entries(row: Primitive, drawn: Sequence[tuple[float, ...]]) -> Iterator[RowEntry]:
    from ..formulas import latex, text
    from ..parse import parse

    xs = drawn[0]
    held = held_operands(row, xs)
    letters = "abcdefghij"[: len(xs)]
    operands = [x if i in held else Value(x, letters[i]) for i, x in enumerate(xs)]
    named = [letter for i, letter in enumerate(letters) if i not in held]
    try:
        node = row._at(tuple(operands))
        plain, typeset = text(node), latex(node)
    except Exception as error:  # a template that does not fit is what is looked for
        yield RowEntry("notation", xs, "wrong", f"{type(error).__name__}: {error}")
        return
    yield _entry("notation", xs, all(name in plain for name in named), f"the formula is {plain!r}")
    balanced = typeset.count("{") == typeset.count("}") and bool(typeset)
    yield _entry("notation", xs, balanced, f"the LaTeX is {typeset!r}")
    if row.arity is None and row.gather is not None and not _takes_numbers(row, xs):
        return  # its operands are laid out by a function of its own
    listed = [repr(x) if i in held else letters[i] for i, x in enumerate(xs)]
    typed = (
        f"{row.name}([{', '.join(listed)}])" if row.arity is None else f"{row.name}({', '.join(listed)})"
    )
    try:
        again = parse(typed)(**{letters[i]: x for i, x in enumerate(xs) if i not in held}).data
    except Exception as error:  # a name that the parser does not take is what is looked for
        yield RowEntry("notation", xs, "wrong", f"{typed}: {type(error).__name__}: {error}")
        return
    yield _entry("notation", xs, _equal_to(again, node.data), f"{typed} is {again!r} when it is parsed")


def _takes_numbers(row: Primitive, xs: Sequence[float]) -> bool:
    """Whether the operands of a row are its arguments, one by one."""
    try:
        return math.isfinite(math.fsum(xs)) and row.gather(*xs) == tuple(xs)
    except Exception:  # a gatherer may refuse what it likes
        return False
