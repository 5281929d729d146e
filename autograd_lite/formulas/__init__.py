"""Circuits, single operations and their local derivatives as formulas, in text and in LaTeX."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..core.order import circuit, require_values
from ..core.value import Value
from ..support.texts import ShownText
from .local import LocalFormulas
from .notation import OrFraction, display_names, given_names
from .terms import Algebra, Term
from .typeset import typeset

#: The longest formula of a whole circuit, in characters, when no limit is given.
_LONGEST_FORMULA = 100_000


def _operand_terms(algebra: Algebra, node: Value, names: Sequence[str | None]) -> list[Term]:
    if len(names) != len(node.parents):
        raise ValueError(
            f"{node!r} has {len(node.parents)} operands, but {len(names)} names were given: "
            "give one for each"
        )
    return [
        algebra.number(p.data) if name is None else algebra.name((i, name), name, name)
        for i, (p, name) in enumerate(zip(node.parents, names, strict=True))
    ]


def expression(
    node: Value, operand_names: Sequence[str | None], style: str = "text", digits: int = 4
) -> str:
    """The formula of one operation over the names of its operands; empty for a leaf.

    :param operand_names: one per operand, already in the wanted style; for None the operand's number
        is printed.
    :raises ValueError: when there are more or fewer names than operands.

    >>> t = Value(1.0, "t")
    >>> expression(t * 3, ["t", None]), expression(t**2, ["t", None])
    ('3t', 't²')
    """
    if node.op is None:
        return ""
    algebra = Algebra()
    terms = _operand_terms(algebra, node, operand_names)
    return typeset(algebra.apply(node.op, terms), style, digits)


def local_formula(
    node: Value,
    position: int,
    names: Sequence[str | None],
    style: str = "text",
    digits: int = 4,
) -> str:
    """The formula of one local derivative, by the operand at ``position``, in the form people know.

    It is empty where no gradient flows, and for a row whose rule works on floats alone.

    >>> from autograd_lite import tanh
    >>> x = Value(1.0, "x")
    >>> local_formula(tanh(x), 0, ["x"]), local_formula(1 / x, 1, [None, "x"])
    ('1 − tanh²(x)', '−1/x²')
    """
    if node.op is None or node._locals()[position] is None:
        return ""
    formulas = LocalFormulas(collect=True)
    operands = _operand_terms(formulas.algebra, node, names)
    term = formulas.locals(node, operands)(position)
    return "" if term is None else typeset(formulas.algebra.tidy(term), style, digits)


def _term(root: Value, algebra: Algebra, names: Mapping[Value, str]) -> Term:
    """The term of a whole circuit over the names of its inputs."""
    order = circuit(root)
    inputs = (v for v in order if v.op is None or v.is_constant)
    called = display_names(inputs, names, scoped=False)
    terms: dict[Value, Term] = {}
    has_names: set[Value] = set()  # the nodes whose formula holds a name
    for node in order:
        name = called.get(node)
        if name is not None and (name.named or (node.op is None and not node.is_constant)):
            terms[node] = algebra.name(node, name.text, name.latex)
            has_names.add(node)
        elif node.op is not None and not (node.is_constant and has_names.isdisjoint(node.parents)):
            terms[node] = algebra.apply(node.op, [terms[p] for p in node.parents])
            has_names.add(node)
        else:
            terms[node] = algebra.number(node.data)
    return terms[root]


def text(
    node: Value,
    names: Mapping[str, Any] | None = None,
    limit: int | None = None,
    ascii: bool = False,
    digits: int = 4,
) -> str:
    """The formula of a whole circuit over its inputs, in plain text.

    Numbers are merged and like terms collected, for printing only. A shared part is written wherever
    it is used, so the formula of a small circuit can be very long.

    :param names: names of the inputs by identity, such as ``locals()``, with priority over ``.name``.
    :param limit: the most characters, 100,000 when not given; a longer formula ends in ``…``.
    :raises TypeError: when ``node`` is not a Value.

    >>> from autograd_lite.core.transforms import gradients
    >>> x = Value(2.0, "x")
    >>> first = gradients(x**3, x)
    >>> text(x**3), text(first), text(gradients(first, x))
    ('x³', '3x²', '6x')
    """
    require_values("text", node)
    style = "ascii" if ascii else "text"
    found = _term(node, Algebra(collect=True), given_names(names))
    return typeset(found, style, digits, limit=_LONGEST_FORMULA if limit is None else limit)


def latex(
    node: Value, names: Mapping[str, Any] | None = None, limit: int | None = None, digits: int = 4
) -> str:
    r"""The formula of a whole circuit over its inputs, for LaTeX's math mode; see :func:`text`.

    Parts beyond ``limit`` characters become ``\cdots``.

    >>> from autograd_lite import sin
    >>> x = Value(2.0, "x1")
    >>> print(latex(sin(x) / 2))
    \frac{\sin(x_{1})}{2}
    """
    require_values("latex", node)
    found = _term(node, Algebra(collect=True), given_names(names))
    return typeset(found, "latex", digits, limit=_LONGEST_FORMULA if limit is None else limit)


def formula(
    root: Value,
    style: str = "text",
    *,
    names: Mapping[str, Any] | None = None,
    digits: int = 4,
    ascii: bool = False,
    fractions: bool = False,
) -> ShownText:
    """The formula of a whole circuit over its inputs, as text or in LaTeX; notebooks typeset it.

    A derivative made by ``gradients`` is a circuit like any other.

    :param style: ``"text"`` or ``"latex"``.
    :param names: names of the inputs by identity, such as ``locals()``, with priority over ``.name``.
    :param digits: significant digits of numbers.
    :param ascii: write the text in ASCII, as Python would.
    :param fractions: write a number that is a fraction of small whole numbers as one: 3/8.
    :raises TypeError: when ``root`` is not a Value.
    :raises ValueError: for another style.

    >>> from autograd_lite import Value, gradients
    >>> x = Value(2.0, "x")
    >>> formula(x**3), formula(gradients(x**3, x)), formula(gradients(x**3, x), "latex")
    (x³, 3x², 3x^{2})
    """
    require_values("formula", root)
    if style not in ("text", "latex"):
        raise ValueError(f'the style of a formula must be "text" or "latex", not {style!r}')
    digits = OrFraction(digits) if fractions else digits
    if style == "latex":
        return ShownText(latex(root, names, digits=digits), "latex")
    return ShownText(
        text(root, names, ascii=ascii, digits=digits),
        in_ascii=lambda _: text(root, names, ascii=True, digits=digits),
    )
