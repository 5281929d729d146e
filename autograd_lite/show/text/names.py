"""Names inside other texts."""

from __future__ import annotations


def bracketed(name: str) -> str:
    """A name as part of ``∂u/∂t``: in parentheses where it reads like a formula.

    >>> bracketed("u₁"), bracketed("a + b")
    ('u₁', '(a + b)')
    """
    return f"({name})" if any(c in " +-−*·/^=()" for c in name) else name
