r"""Any text in LaTeX that every engine sets: pdfLaTeX stops at characters that it does not know.

The result stands in running text or inside ``\text{…}``. A character without a form in LaTeX becomes its
code point, ``[U+1F600]``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from contextlib import suppress

_GREEK_LETTERS = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ζ": "zeta", "η": "eta",
    "θ": "theta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi",
    "ρ": "rho", "σ": "sigma", "ς": "varsigma", "τ": "tau", "υ": "upsilon", "φ": "varphi", "χ": "chi",
    "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi",
    "Π": "Pi", "Σ": "Sigma", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega", "ϕ": "phi", "ϵ": "epsilon",
}  # fmt: skip


def _alphabet(kind: str, command: str) -> dict[str, str]:
    """The capital letters of an alphabet of mathematics, such as the script L of a loss."""
    found = {}
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        for name in (f"{kind} CAPITAL {letter}", f"MATHEMATICAL {kind} CAPITAL {letter}"):
            with suppress(KeyError):
                found[unicodedata.lookup(name)] = rf"\{command}{{{letter}}}"
    return found


#: Signs that are mathematics, by what they are inside a formula.
MATH_SIGNS = {
    **_alphabet("SCRIPT", "mathcal"), **_alphabet("DOUBLE-STRUCK", "mathbb"),
    **{letter: f"\\{name}" for letter, name in _GREEK_LETTERS.items()},
    "−": "-", "×": r"\times", "·": r"\cdot", "÷": r"\div", "±": r"\pm", "≈": r"\approx", "∞": r"\infty",
    "∂": r"\partial", "∇": r"\nabla", "ℓ": r"\ell", "≥": r"\ge", "≤": r"\le", "≠": r"\ne", "√": r"\surd",
    "→": r"\to", "←": r"\leftarrow", "↦": r"\mapsto", "∈": r"\in", "∑": r"\sum", "∏": r"\prod",
    "∫": r"\int", "∘": r"\circ", "∗": "*", "∥": r"\|", "‖": r"\|", "⌊": r"\lfloor", "⌋": r"\rfloor",
    "⌈": r"\lceil", "⌉": r"\rceil", "′": "'", "″": "''", "‴": "'''", "\u2216": r"\setminus", "ƒ": "f",
    "\u223c": r"\sim", "∝": r"\propto",
}  # fmt: skip

_TEXT_SIGNS = {
    **{c: f"\\{c}" for c in "{}$&#%_"},
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", "…": r"\ldots{}", "⚠": r"\textbf{!}",
    "\u00a0": " ", "–": "--", "—": "---", "“": "``", "”": "''", "\u2018": "`", "’": "'", "„": '"',
    "ß": r"\ss{}", "ø": r"\o{}", "Ø": r"\O{}", "æ": r"\ae{}", "Æ": r"\AE{}", "œ": r"\oe{}", "Œ": r"\OE{}",
    "ł": r"\l{}", "Ł": r"\L{}", "å": r"\aa{}", "Å": r"\AA{}", "\u0131": r"\i{}", "§": r"\S{}",
    "©": r"\copyright{}",
}  # fmt: skip

_TEXT_ACCENTS = {
    "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0304": "=", "\u0306": "u", "\u0307": ".",
    "\u0308": '"', "\u030a": "r", "\u030b": "H", "\u030c": "v", "\u0327": "c",
}  # fmt: skip


def latex_text(text: str) -> str:
    r"""``text`` in LaTeX's text mode.

    >>> print(latex_text("50 % of θ₁ ≥ ŷ"), latex_text("x²·é"), latex_text("😀"))
    50 \% of $\theta$$_{1}$ $\ge$ \^{y} x$^{2}$$\cdot$\'{e} [U+1F600]
    """
    out = []
    composed = unicodedata.normalize("NFC", text)
    k = 0
    while k < len(composed):
        after = composed[k + 1 : k + 2]
        if after in _TEXT_ACCENTS and after:  # such as θ̂, which is no character of its own
            out.append(_accented(composed[k], after))
            k += 2
        else:
            out.append(_in_text(composed[k]))
            k += 1
    return "".join(_in_groups(out))


def _in_groups(pieces: Iterable[str]) -> list[str]:
    """The pieces, with neighboring subscripts as one, and neighboring superscripts."""
    found: list[str] = []
    for piece in pieces:
        if found and piece[:3] in ("$_{", "$^{") and found[-1].startswith(piece[:3]):
            found[-1] = found[-1][:-2] + piece[3:]
        else:
            found.append(piece)
    return found


def _in_text(char: str) -> str:
    if char in _TEXT_SIGNS:
        return _TEXT_SIGNS[char]
    if " " <= char <= "~":
        return char
    if char in MATH_SIGNS:
        return f"${MATH_SIGNS[char]}$"
    if char.isspace():
        return " "
    kind, _, simple = unicodedata.decomposition(char).rpartition("> ")
    plain = unicodedata.normalize("NFKD", char)
    if kind in ("<sub", "<super") and simple:
        return f"${'_' if kind == '<sub' else '^'}{{{MATH_SIGNS.get(plain, plain)}}}$"
    if len(plain) == 2 and plain[1] in _TEXT_ACCENTS:
        return _accented(plain[0], plain[1])
    if plain != char and plain.isascii():
        return "".join(map(_in_text, plain))
    return f"[U+{ord(char):04X}]"


def _accented(letter: str, accent: str) -> str:
    if letter in _GREEK_LETTERS or letter in MATH_SIGNS:
        names = {"^": "hat", "~": "tilde", "=": "bar", ".": "dot", '"': "ddot", "v": "check", "u": "breve"}
        name = names.get(_TEXT_ACCENTS[accent], "hat")
        return rf"$\{name}{{{MATH_SIGNS[letter]}}}$"
    if letter.isascii() and letter.isalnum():
        return rf"\{_TEXT_ACCENTS[accent]}{{{letter}}}"
    return _in_text(letter)
