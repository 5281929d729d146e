"""Expressions of Python as expressions of JavaScript with the same values.

Only what the rows of the table and the functions of :mod:`autograd_lite.special` are written in. What
both languages define differently is a call of a helper, whose name starts with ``$``.
"""

from __future__ import annotations

import ast
import json
import re
from typing import Any

#: Names of JavaScript's own, which get a ``$`` where a program uses them for something else.
_TAKEN = frozenset(
    """
    arguments Array await break case catch class const continue debugger default delete do else enum Error
    eval export extends finally for function if implements import in Infinity instanceof interface let Map
    Math NaN new null Number Object of package private protected public return static super switch this
    throw true false try typeof undefined var void while with yield
    """.split()  # noqa: SIM905 - they are easier to read than quoted
)

#: Functions of ``math`` that JavaScript has in ``Math`` by the same names.
_SAME = set(
    """
    acos acosh asin asinh atan atan2 atanh ceil cos cosh exp expm1 floor hypot log log10 log1p log2 sin sinh
    sqrt tan tanh trunc
    """.split()  # noqa: SIM905 - as above
)
#: Those that have another name.
_MATH = {
    "fabs": "Math.abs", "isfinite": "Number.isFinite", "isnan": "Number.isNaN", "copysign": "$copysign",
    "pow": "$power", "isinf": "$isInfinite", "prod": "$product", "degrees": "$degrees",
    "radians": "$radians",
}  # fmt: skip

#: The functions that are called by another name.
_BUILTINS = {
    "abs": "Math.abs", "float": "Number", "int": "Math.trunc", "round": "$round", "range": "$range",
    "list": "Array.from", "tuple": "Array.from", "enumerate": "$enumerate", "zip": "$zip",
    "sum": "$sum", "reversed": "$reversed", "any": "$any",
}  # fmt: skip
_BINARY: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_HELPED: dict[type[ast.operator], str] = {
    ast.Mod: "$modulo", ast.FloorDiv: "$floorDivide", ast.Pow: "$power",
}  # fmt: skip
_ORDERS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "===", ast.NotEq: "!==",
    ast.Is: "===", ast.IsNot: "!==",
}  # fmt: skip
_NUMBERS_OF_MATH = {"pi": "Math.PI", "inf": "Infinity", "nan": "NaN", "e": "Math.E"}


class UntranslatableError(ValueError):
    """A piece of Python that has no JavaScript here."""

    def __init__(self, node: ast.AST) -> None:
        super().__init__(f"there is no JavaScript for {ast.unparse(node)}")


def javascript_name(name: str) -> str:
    """A name of Python's as JavaScript may have it.

    >>> javascript_name("x"), javascript_name("new")
    ('x', 'new$')
    """
    return f"{name}$" if name in _TAKEN else name


def javascript(node: ast.expr) -> str:
    """The JavaScript of an expression, which may stand as an operand anywhere.

    :raises UntranslatableError: for what is not translated.

    >>> import ast
    >>> javascript(ast.parse("x ** 2 if 0 < x else math.sin(-x)", mode="eval").body)
    '((0 < x) ? $power(x, 2) : Math.sin((-x)))'
    """
    match node:
        case ast.Constant(value=bool() | None as value):
            return {True: "true", False: "false", None: "null"}[value]
        case ast.Constant(value=int() | float() as value):
            return "Infinity" if value == float("inf") else repr(value)
        case ast.Constant(value=str() as value):
            return json.dumps(value)
        case ast.Name(id=name):
            return javascript_name(name)
        case ast.Attribute(value=ast.Name(id="math"), attr=name):
            return _NUMBERS_OF_MATH.get(name) or _of_math(node, name)
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return f"(!{condition(inner)})"
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as op, operand=inner):
            return f"({'-' if isinstance(op, ast.USub) else '+'}{javascript(inner)})"
        case ast.BinOp(left=ast.List() as items, op=ast.Mult(), right=count):
            return f"$repeated({javascript(items)}, {javascript(count)})"
        case ast.BinOp(left=left, op=op, right=right):
            a, b = javascript(left), javascript(right)
            sign = _BINARY.get(type(op))
            if sign is None and type(op) not in _HELPED:
                raise UntranslatableError(node)
            return f"({a} {sign} {b})" if sign else f"{_HELPED[type(op)]}({a}, {b})"
        case ast.Compare() | ast.BoolOp() if _is_truth(node):
            return condition(node)
        case ast.BoolOp(op=ast.Or(), values=[ast.Name() as first, second]):
            return f"({condition(first)} ? {javascript(first)} : {javascript(second)})"
        case ast.IfExp(test=test, body=yes, orelse=no):
            return f"({condition(test)} ? {javascript(yes)} : {javascript(no)})"
        case ast.NamedExpr(target=target, value=value):
            return f"({javascript(target)} = {javascript(value)})"
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return f"[{', '.join(map(javascript, parts))}]"
        case ast.Dict(keys=marks, values=contents):
            pairs = zip(marks, contents, strict=True)
            entries = [
                f"[{javascript(mark)}]: {javascript(each)}" for mark, each in pairs if mark is not None
            ]
            return f"({{{', '.join(entries)}}})"
        case ast.Attribute(value=ast.Name(id="operator"), attr="mul"):
            return "((x, y) => (x * y))"
        case ast.Starred(value=inner):
            return f"...{javascript(inner)}"
        case ast.Subscript(value=inner, slice=place):
            return _picked(javascript(inner), place)
        case ast.Lambda(args=args, body=body):
            inside = javascript(body)
            return f"(({parameters(args)}) => {inside})"
        case (
            ast.ListComp(generators=[source], elt=element)
            | ast.GeneratorExp(generators=[source], elt=element)
        ):
            return _comprehension(source, element)
        case ast.JoinedStr(values=parts):
            return "`" + "".join(map(_template_part, parts)) + "`"
        case ast.Call():
            return _called_function(node)
    raise UntranslatableError(node)


def condition(node: ast.expr) -> str:
    """The JavaScript of what is true or false: every number but 0 is true, nan too."""
    match node:
        case ast.Compare(left=left, ops=ops, comparators=others):
            sides = [javascript(side) for side in (left, *others)]
            links = [
                f"({a} {_ORDERS[type(op)]} {b})" for a, op, b in zip(sides, ops, sides[1:], strict=False)
            ]
            return links[0] if len(links) == 1 else f"({' && '.join(links)})"
        case ast.BoolOp(op=op, values=parts):
            return f"({(' || ' if isinstance(op, ast.Or) else ' && ').join(map(condition, parts))})"
        case ast.UnaryOp(op=ast.Not()):
            return javascript(node)
    return f"$truth({javascript(node)})"


def bare(text: str) -> str:
    """A text without the parentheses around all of it.

    >>> bare("(x + y)"), bare("(x) + (y)")
    ('x + y', '(x) + (y)')
    """
    depth = 0
    for i, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if not depth:
            return text[1:-1] if i and i == len(text) - 1 and text[0] == "(" else text
    return text


def parameters(args: ast.arguments) -> str:
    """The parameters of a function, with their defaults."""
    names = [javascript_name(each.arg) for each in args.args]
    first = len(names) - len(args.defaults)
    shown = [
        name if i < first else f"{name} = {javascript(args.defaults[i - first])}"
        for i, name in enumerate(names)
    ]
    return ", ".join([*shown, *([f"...{javascript_name(args.vararg.arg)}"] if args.vararg else [])])


def _is_truth(node: ast.expr) -> bool:
    """Whether an expression is true or false in Python, and not a number."""
    if isinstance(node, ast.BoolOp):
        return all(map(_is_truth, node.values))
    return isinstance(node, ast.Compare) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not))


def _of_math(node: ast.expr, name: str) -> str:
    if name in _SAME:
        return f"Math.{name}"
    if name not in _MATH:
        raise UntranslatableError(node)
    return _MATH[name]


def _picked(whole: str, place: ast.expr) -> str:
    """An element of a list, or several."""
    match place:
        case ast.Slice(lower=None, upper=None, step=ast.UnaryOp(op=ast.USub(), operand=step)):
            return f"$reversed({whole}).filter((_, i) => i % {javascript(step)} === 0)"
        case ast.Slice(lower=lower, upper=upper, step=None):
            ends = [javascript(lower) if lower else "0", *([javascript(upper)] if upper else [])]
            return f"{whole}.slice({', '.join(ends)})"
        case ast.UnaryOp(op=ast.USub()):
            return f"{whole}.at({javascript(place)})"
    return f"{whole}[{javascript(place)}]"


def _comprehension(source: ast.comprehension, element: ast.expr) -> str:
    target = javascript(source.target)
    tests = "".join(f".filter(({target}) => {condition(each)})" for each in source.ifs)
    return f"{javascript(source.iter)}{tests}.map(({target}) => {javascript(element)})"


def _template_part(part: ast.expr) -> str:
    if isinstance(part, ast.FormattedValue):
        return f"${{{javascript(part.value)}}}"
    assert isinstance(part, ast.Constant)
    return re.sub(r"([\\`$])", r"\\\1", str(part.value))


def _called_function(node: ast.Call) -> str:
    function: Any = node.func
    given = [javascript(each) for each in node.args]
    match function:
        case ast.Name(id="getattr"):  # all numbers are plain here
            return given[2]
        case ast.Name(id="isinstance"):
            return "false"
        case ast.Name(id="max" | "_max" | "min" as name):
            many = len(given) > 1 or isinstance(node.args[0], ast.Starred)
            numbers = f"[{', '.join(given)}]" if many else given[0]
            default = [javascript(each.value) for each in node.keywords]
            return f"${name.strip('_')}({', '.join([numbers, *default])})"
        case ast.Name(id="accumulate"):
            return (
                f"$accumulated({', '.join([*given, *(javascript(each.value) for each in node.keywords)])})"
            )
        case ast.Name(id="map") if len(given) == 2:
            return f"{given[1]}.map((each) => {given[0]}(each))"
        case ast.Name(id="len"):
            return f"{given[0]}.length"
        case ast.Name(id=name) if name.endswith("Error"):
            return f"new Error({', '.join(given)})"
        case ast.Name(id=name):
            return f"{_BUILTINS.get(name) or javascript_name(name)}({', '.join(given)})"
        case ast.Attribute(value=ast.Name(id="math"), attr="fmod"):
            return f"({given[0]} % {given[1]})"
        case ast.Attribute(value=ast.Name(id="math")):
            return f"{javascript(function)}({', '.join(given)})"
        case ast.Attribute(value=inner, attr="append"):
            return f"{javascript(inner)}.push({given[0]})"
        case ast.Attribute(value=inner, attr="__round__"):
            return f"$round({javascript(inner)})"
        case ast.Attribute(value=inner, attr="is_integer"):
            return f"Number.isInteger({javascript(inner)})"
        case ast.Attribute(value=inner, attr="remove" | "index" as name):
            return f"${name}({javascript(inner)}, {given[0]})"
    raise UntranslatableError(node)
