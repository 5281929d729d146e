"""Functions and constants of Python as JavaScript."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .expressions import UntranslatableError, bare, condition, javascript, javascript_name, parameters

#: What Python raises where JavaScript goes on with an infinity or nan.
_IEEE = {"OverflowError", "ValueError", "ZeroDivisionError"}


def definition(node: ast.stmt) -> str:
    """The JavaScript of a definition of a module; empty for an import.

    :raises UntranslatableError: for what is not translated.
    """
    match node:
        case ast.Import() | ast.ImportFrom():
            return ""
        case ast.FunctionDef(name=name, args=args, decorator_list=decorators):
            locals_ = sorted(
                _assigned(node) - {each.arg for each in ast.walk(args) if isinstance(each, ast.arg)}
            )
            head = [f"let {', '.join(map(javascript_name, locals_))};"] if locals_ else []
            lines = "".join(f"  {line}\n" for line in [*head, *_block(node.body)])
            if decorators:  # a cache
                return f"const {name} = $cached(({parameters(args)}) => {{\n{lines}}});"
            return f"function {javascript_name(name)}({parameters(args)}) {{\n{lines}}}"
        case ast.Assign(targets=[target], value=value):
            return f"const {javascript(target)} = {bare(javascript(value))};"
    raise UntranslatableError(node)


def _assigned(function: ast.FunctionDef) -> set[str]:
    """The names that a function assigns to; those of comprehensions are their own."""
    inner = {
        id(name)
        for each in ast.walk(function)
        if isinstance(each, ast.comprehension)
        for name in ast.walk(each.target)
    }
    return {
        each.id
        for each in ast.walk(function)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store) and id(each) not in inner
    }


def _block(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        yield from _statement(node)


def _braced(head: str, body: list[ast.stmt]) -> Iterator[str]:
    yield f"{head} {{"
    yield from (f"  {line}" for line in _block(body))
    yield "}"


def _statement(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.Return(value=ast.expr() as value):
            yield f"return {bare(javascript(value))};"
        case ast.Expr(value=value):
            yield f"{javascript(value)};"
        case ast.Raise(exc=ast.expr() as error):
            yield f"throw {javascript(error)};"
        case ast.Assign(targets=targets, value=value):
            yield f"{' = '.join(map(_assigned_to, targets))} = {bare(javascript(value))};"
            yield from _last_of_star(targets[0])
        case ast.AugAssign(target=target, op=op, value=value):
            yield f"{javascript(target)} = {bare(javascript(ast.BinOp(target, op, value)))};"
        case ast.If(test=test, body=body, orelse=other):
            yield from _braced(f"if ({bare(condition(test))})", body)
            if other:
                yield from _braced("else", other)
        case ast.While(test=test, body=body):
            yield from _braced(f"while ({bare(condition(test))})", body)
        case ast.For(target=target, iter=source, body=body):
            yield from _braced(f"for ({javascript(target)} of {javascript(source)})", body)
        case ast.Try(body=body, handlers=handlers) if all(_is_ieee(each) for each in handlers):
            yield from _block(body)
        case ast.Pass():
            pass
        case _:
            raise UntranslatableError(node)


def _assigned_to(target: ast.expr) -> str:
    """What is assigned to; JavaScript has a rest at the end only."""
    if _ends_behind_star(target):
        assert isinstance(target, ast.Tuple)
        return javascript(target.elts[0]).removeprefix("...")
    return javascript(target)


def _ends_behind_star(target: ast.expr) -> bool:
    return (
        isinstance(target, ast.Tuple) and isinstance(target.elts[0], ast.Starred) and len(target.elts) == 2
    )


def _last_of_star(target: ast.expr) -> Iterator[str]:
    if _ends_behind_star(target):
        assert isinstance(target, ast.Tuple)
        rest, last = (javascript(each).removeprefix("...") for each in target.elts)
        yield f"{last} = {rest}.at(-1);"
        yield f"{rest} = {rest}.slice(0, -1);"


def _is_ieee(handler: ast.ExceptHandler) -> bool:
    """Whether a handler is for floats' errors alone, in whose place JavaScript has IEEE's number."""
    kinds = ast.walk(handler.type) if handler.type else ()
    return {each.id for each in kinds if isinstance(each, ast.Name)} <= _IEEE
