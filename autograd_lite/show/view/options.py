"""The options that ``draw``, ``table``, ``tree`` and ``play`` share, and how a wrong one is refused."""

from __future__ import annotations

import difflib
import inspect
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from ...core.value import Value
from ...formulas.notation import OrFraction
from ...support.numbers import number
from .called import with_nodes

DETAILS = ("all", "sums", "named")
DIRECTIONS = ("LR", "TB", "RL", "BT")
NOTATIONS = ("∂", "d", "dz", "δ")

#: The styles of tables by the endings of their files.
ENDINGS = {"md": "markdown", "tex": "latex", "txt": "text"}

#: What can be left blank by kind: results, local derivatives, gradients with what is added to them.
BLANKS = ("value", "local", "grad")


@dataclass(frozen=True)
class Options:
    """Which part of a circuit is shown, and how it is written.

    ``draw``, ``table``, ``tree`` and ``play`` take these names as keyword arguments; ``formula`` takes
    ``names``, ``digits``, ``fractions`` and ``ascii`` of them. Every part that is left out is reported in
    a caption.

    In ``wrt``, ``tangents``, ``focus`` and ``blanks`` a node may be given by its name.

    :param names: what nodes are called: a mapping such as ``locals()``, compared by identity. It has
        priority over ``.name``; keys that start with an underscore are ignored.
    :param detail: ``"all"`` shows every operation; ``"sums"`` shows a chain of unnamed sums as one
        node; ``"named"`` folds every unnamed operation that is used once into its consumer.
    :param constants: ``"inline"`` prints unnamed constants in the formulas, ``"nodes"`` draws them.
    :param grads: ``"auto"`` shows gradients once ``root`` has been swept; ``"always"``; ``"never"``.
        The gradients are those of one sweep from ``root``; a ``.grad`` that holds another number is
        reported in a caption.
    :param digits: significant digits, 1 to 17.
    :param fractions: write a number that is a fraction of small whole numbers as one, 3/8; the others in
        ``digits``.
    :param ascii: ``-``, ``*`` and ``d`` in place of ``−``, ``×`` and ``∂``.
    :param d: how derivatives are written: ``"∂"`` as ∂L/∂z, ``"d"`` as dL/dz, ``"dz"`` with dz alone for
        the gradient of z, ``"δ"`` with δ(z) for that of an operation.
    :param title: a caption.
    :param wrt: a Value, or several, that is differentiated by: everything that does not depend on one of
        them counts as given. Left out, these are all inputs.
    :param tangents: show forward mode, too: how fast every value changes as a Value moves at 1, or as each
        of a mapping from Values moves at its rate.
    :param focus: show only what lies on a path from this Value to ``root``.
    :param max_depth: show only what lies at most so many steps from ``root``.
    :param min_grad: show only wires whose contribution is at least so large.
    :param max_nodes: of a larger circuit show only so many nodes, on the paths that contribute most, with
        at most three operands of each; None shows all.
    :param plates: fold repetition: of equal parts, such as the samples of a batch, one is drawn with their
        number; of equal time steps the last, whose result goes round; of alike units or inputs of a layer
        the first two and the last. None, the default, does so in networks from five equal parts, six
        steps, nine units on, and where there are too many units; True everywhere but in boxes by scope.
    :param blanks: make an exercise sheet, with numbered blanks in place of ``"value"`` (results),
        ``"local"`` (local derivatives), ``"grad"`` (gradients, and what is added to them), ``"all"``, of
        everything about a Value, or of a collection of these. Its ``.key`` is the answer key.
    :raises TypeError: when ``focus`` or ``wrt`` is not a Value, ``title`` not a string or ``blanks``
        neither a kind of number nor a Value.
    :raises ValueError: for a value that an option does not have.

    >>> from autograd_lite import table
    >>> x = Value(0.5, "x")
    >>> y = 3 * x * x; y.name = "y"
    >>> y.backward()
    >>> print(table(y, d="d", fractions=True))
    Forward          Backward                  where       contribution
    -------------------------------------------------------------------
    y = v₁·x  = 3/4  dy/dv₁ += x               = 1/2       += 1/2
                     dy/dx += v₁               = 3/2       += 3/2
    v₁ = 3x   = 3/2  dy/dx += dy/dv₁ · dv₁/dx  dv₁/dx = 3  += 3/2
    <BLANKLINE>
    inputs   x = 1/2
    result   dy/dx = 3
    """

    names: Mapping[str, Any] | None = None
    detail: str = "sums"
    constants: str = "inline"
    grads: str = "auto"
    digits: int = 4
    fractions: bool = False
    ascii: bool = False
    d: str = "∂"
    title: str | None = None
    wrt: Any = None
    tangents: Any = None
    focus: Value | None = None
    max_depth: int | None = None
    min_grad: float | None = None
    max_nodes: int | None = 100
    plates: bool | None = None
    blanks: Any = None

    def __post_init__(self) -> None:
        if self.focus is not None and not isinstance(self.focus, Value):
            raise TypeError(
                f"focus must be a Value of the circuit, not {type(self.focus).__name__} "
                f"({self.focus!r:.60})"
            )
        if self.title is not None and not isinstance(self.title, str):
            raise TypeError(f"title must be a string, not {type(self.title).__name__} ({self.title!r:.60})")
        kinds_of_blanks(self.blanks)
        values_of(self.wrt)
        rates_of(self.tangents)
        one_of("detail", self.detail, DETAILS)
        one_of("d", self.d, NOTATIONS)
        one_of("constants", self.constants, ("inline", "nodes"))
        one_of("grads", self.grads, ("auto", "always", "never"))
        at_least("digits", self.digits, 1)
        if self.digits > 17:
            raise ValueError(f"digits={self.digits}: a float has at most 17 significant digits")
        if self.fractions:
            object.__setattr__(self, "digits", OrFraction(self.digits))
        if self.max_depth is not None:
            at_least("max_depth", self.max_depth, 0)
        if self.max_nodes is not None:
            at_least("max_nodes", self.max_nodes, 1)
        if self.min_grad is not None and not 0 <= self.min_grad < math.inf:
            raise ValueError(f"min_grad must be a finite number, 0 or greater, not {self.min_grad!r}")


def read_options(
    function: Callable[..., Any], given: Mapping[str, Any], root: Value | None = None
) -> Options:
    """The options among the keyword arguments of ``function`` that it does not name itself.

    :param root: the root of the circuit whose nodes may be called by their names.
    :raises TypeError: for a name that is not an option; the message suggests the nearest one.
    """
    known = [field.name for field in fields(Options)]
    for name in given:
        if name not in known:
            own = [p.name for p in inspect.signature(function).parameters.values()]
            near = difflib.get_close_matches(name, [*known, *own], n=1)
            hint = f"did you mean {near[0]}?" if near else f"it also takes {', '.join(known)}"
            raise TypeError(f"{function.__name__} has no option {name!r}: {hint}")
    if root is None:
        return Options(**given)
    words = (*BLANKS, "all")
    named = {
        name: with_nodes(root, name, x, given.get("names"), words if name == "blanks" else ())
        for name, x in given.items()
        if name in ("wrt", "tangents", "focus", "blanks")
    }
    return Options(**{**given, **named})


def kinds_of_blanks(blanks: Any) -> tuple[set[str], set[Value]]:
    """The kinds of numbers and the nodes that an option ``blanks`` names.

    :raises TypeError: for something that is neither a kind nor a Value, nor a collection of these.
    :raises ValueError: for another kind.
    """
    if blanks is None:
        return set(), set()
    wanted = list(blanks) if isinstance(blanks, Collection) and not isinstance(blanks, str) else [blanks]
    kinds: set[str] = set()
    nodes: set[Value] = set()
    for each in wanted:
        if isinstance(each, Value):
            nodes.add(each)
        elif not isinstance(each, str):
            raise TypeError(
                f"blanks holds {each!r:.60}, a {type(each).__name__}: give one of "
                f"{', '.join(map(repr, BLANKS))}, 'all', a Value, or a collection of these"
            )
        elif each == "all":
            kinds.update(BLANKS)
        elif each in BLANKS:
            kinds.add(each)
        else:
            raise ValueError(
                f"blanks={each!r}: give one of {', '.join(map(repr, BLANKS))}, 'all', "
                "a Value, or a collection of these"
            )
    return kinds, nodes


def values_of(wrt: Any) -> tuple[Value, ...]:
    """The Values that an option ``wrt`` names.

    :raises TypeError: for anything but a Value or a collection of Values.
    """
    found = (wrt,) if isinstance(wrt, Value) else () if wrt is None else wrt
    if not isinstance(found, Collection) or not all(isinstance(v, Value) for v in found):
        raise TypeError(
            f"wrt must be a Value or a collection of Values, not {type(wrt).__name__} ({wrt!r:.60})"
        )
    return tuple(found)


def rates_of(tangents: Any) -> dict[Value, float]:
    """The rates at which Values move by an option ``tangents``.

    :raises TypeError: for anything but a Value or a mapping from Values to numbers.
    """
    if tangents is None:
        return {}
    rates = {tangents: 1.0} if isinstance(tangents, Value) else tangents
    if not isinstance(rates, Mapping) or not all(isinstance(v, Value) for v in rates):
        raise TypeError(
            "tangents must be a Value, or a mapping from Values to the rates at which they move, not "
            f"{type(tangents).__name__} ({tangents!r:.60})"
        )
    return {node: number(rate, "a tangent") for node, rate in rates.items()}


def nodes_in(options: Options) -> set[Value]:
    """The nodes that options name, which must not be folded away."""
    _, blank = kinds_of_blanks(options.blanks)
    focus = () if options.focus is None else (options.focus,)
    return {*blank, *values_of(options.wrt), *rates_of(options.tangents), *focus}


def asks_for_gradients(blanks: Any) -> bool:
    """Whether an exercise sheet asks for gradients, and so has a place for them before any sweep."""
    kinds, nodes = kinds_of_blanks(blanks)
    return "grad" in kinds or bool(nodes)


def one_of(option: str, given: object, allowed: Sequence[str]) -> None:
    """Check that an option has one of its values.

    :raises ValueError: when it has not; the message lists them.
    """
    if given not in allowed:
        told = f"{option} must be one of {', '.join(map(repr, allowed))}, not {given!r}"
        if isinstance(given, str) and "style" in option:
            kind = given.rpartition(".")[2]
            if given != kind:
                told += f": what is drawn is written by .save({given!r})"
            elif ENDINGS.get(kind) in allowed:
                told += f": did you mean {ENDINGS[kind]!r}?"
        raise ValueError(told)


def above_zero(option: str, given: object) -> None:
    """Check that an option is a finite number above 0.

    :raises ValueError: when it is not.
    """
    if not isinstance(given, int | float) or not 0 < given < math.inf:
        raise ValueError(f"{option} must be a positive number, not {given!r}")


def at_least(option: str, given: object, least: int) -> None:
    """Check that an option is a whole number from ``least`` on.

    :raises ValueError: when it is not.
    """
    if not isinstance(given, int) or isinstance(given, bool) or given < least:
        raise ValueError(f"{option} must be a whole number from {least} on, not {given!r}")
