"""Texts that prompts and notebooks show as they are meant, and not as Python strings."""

from __future__ import annotations

import html
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

_MEDIA = {"text": "text/html", "html": "text/html", "markdown": "text/markdown", "latex": "text/latex"}


def preformatted(text: str) -> str:
    """``text`` as HTML in which its columns stand below each other, whatever the page's own style."""
    style = "font-family:ui-monospace,Menlo,Consolas,DejaVu Sans Mono,monospace;line-height:1.3"
    return f'<pre style="{style};white-space:pre;overflow:auto">{html.escape(text)}</pre>'


class ShownText(str):
    r"""A string whose lines are shown at a prompt, and that a notebook shows as what it is.

    :param medium: ``"text"`` (in columns), ``"html"``, ``"markdown"`` or ``"latex"``; a text of another
        kind is shown as it is written.
    :param in_ascii: what makes the text that is printed where the output cannot show this one.

    >>> ShownText("a  b\nc  d")
    a  b
    c  d
    """

    medium: str
    #: Of an exercise sheet: the same text with the answers.
    key: ShownText | None = None
    _in_ascii: Callable[[str], str] | None

    def __new__(
        cls, text: str, medium: str = "text", in_ascii: Callable[[str], str] | None = None
    ) -> ShownText:
        """A new text."""
        made = super().__new__(cls, text)
        made.medium, made._in_ascii = medium, in_ascii
        return made

    if not TYPE_CHECKING:  # a type checker must still refuse unknown names

        def __getattr__(self, name: str) -> Any:
            hint = ": it is a string; draw(J).save('J.tex') writes the table of J" * (name == "save")
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}{hint}")

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        # What print() writes: a pipe in an old code page would raise an error.
        plain = self[:]
        if self._in_ascii is None or plain.isascii():
            return plain
        try:
            plain.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
        except (UnicodeEncodeError, LookupError):
            return self._in_ascii(plain)
        return plain

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> dict[str, str]:
        plain = self[:]
        written = plain
        if self.medium == "text" or self.medium not in _MEDIA:
            written = preformatted(plain)
        elif self.medium == "latex" and not plain.startswith("\\["):
            written = f"${plain}$"
        bundle = {"text/plain": plain, _MEDIA.get(self.medium, "text/html"): written}
        wanted = (set(bundle) if include is None else set(include)) - set(exclude or ())
        return {kind: text for kind, text in bundle.items() if kind in wanted}
