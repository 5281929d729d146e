"""Python's own parser, for one thread at a time.

In CPython 3.11 two threads that parse at once may stop each other with a SystemError.
"""

from __future__ import annotations

import ast
from threading import Lock

_alone = Lock()


def expression_tree(text: str) -> ast.expr:
    """The syntax of a Python expression.

    :raises SyntaxError: when ``text`` is not one.

    >>> ast.dump(expression_tree("x"))
    "Name(id='x', ctx=Load())"
    """
    with _alone:
        return ast.parse(text, mode="eval").body


def module_tree(text: str) -> ast.Module:
    """The syntax of a Python module.

    :raises SyntaxError: when ``text`` is not one.
    """
    with _alone:
        return ast.parse(text)
