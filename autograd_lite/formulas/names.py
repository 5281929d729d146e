"""How the names that people give are written: Greek letters, parts below and above, LaTeX."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from .latex_text import MATH_SIGNS, latex_text

NAME_LIMIT = 48

#: Digits and letters below and above the line, as far as Unicode has them.
BELOW = str.maketrans("0123456789+-()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ")
ABOVE = str.maketrans(
    "0123456789+-()abcdefghijklmnoprstuvwxyzT", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵀ"
)

#: A name with parts below and above the line: u1, w_12, x_i, r_{max}, z^(1), beta_1^{(2)}.
_WRITTEN = re.compile(
    r"(?P<base>[^\W\d_](?:[^\W\d_]|[\u0300-\u036f\u20d7])*)"
    r"(?:_?(?P<index>[0-9]{1,12})|_(?P<letters>[^\W_]{1,3})|_\{(?P<below>[^\W_]{1,12})\})?"
    r"(?:\^(?P<above>\([^\W_]{1,3}\)|[^\W_]{1,2})|\^\{(?P<inside>\(?[^\W_]{1,12}\)?)\})?\Z"
)
#: A name in dollars is LaTeX of its own.
_TEX = re.compile(r"\$(.+)\$\Z", re.DOTALL)
_ACCENTS = {
    "\u0300": "grave", "\u0301": "acute", "\u0302": "hat", "\u0303": "tilde", "\u0304": "bar",
    "\u0306": "breve", "\u0307": "dot", "\u0308": "ddot", "\u030c": "check", "\u20d7": "vec",
}  # fmt: skip
#: A name with subscripts of Unicode.
_LOWERED = re.compile(r"[^\W\d_]+[₀-₉]+[′″‴'*^]*\Z")
_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
#: A name with a star or primes.
_STARRED = re.compile(r"([^*′″‴']+?)(\^?\*|[′″‴']{1,3})\Z")
_GREEK_WORDS = {
    tex.removeprefix("\\").removeprefix("var"): letter
    for letter, tex in MATH_SIGNS.items()
    if "\u0391" <= letter <= "ω" and letter != "ς"
}
_ACCENT_MARKS = {command: mark for mark, command in _ACCENTS.items()}


#: What a name that is LaTeX may use besides letters and braces.
_COMMANDS = {*_GREEK_WORDS, *_ACCENT_MARKS, ","}.union(
    ["ell", "nabla", "partial", "prime", "star", "ast", "top", "dagger", "infty", "odot", "cdot", "times"],
    ["mathrm", "mathit", "mathbf", "mathcal", "mathbb", "boldsymbol", "text"],
)


class _Written(NamedTuple):
    """A name in parts: its letters, and what stands below and above them."""

    base: str
    below: str
    above: str


def _read_parts(name: str) -> _Written | None:
    """The parts of a name; None for a name that is written as it is, such as ``out_in``."""
    match = _WRITTEN.match(name)
    if match is None:
        return None
    base = _GREEK_WORDS.get(match["base"], match["base"])
    if match["letters"] and len(base) > 1:  # words_in_a_row
        return None
    below = match["index"] or match["letters"] or match["below"] or ""
    return _Written(base, _GREEK_WORDS.get(below, below), match["above"] or match["inside"] or "")


def display(name: str, ascii: bool = False, longest: int | None = NAME_LIMIT) -> str:
    r"""The name as people write it: Greek words as letters, and parts below and above the line.

    Letters that Unicode has not below the line keep their underscore, and braces where they need them.
    In other names only control characters change: each becomes its picture, so that a name stays on its
    line. A name longer than ``longest`` is cut; None leaves every name whole. A name in dollars is LaTeX,
    which :func:`latex_name` gives as it is.

    >>> display("u1"), display("w_12"), display("x_i"), display("beta_1^(2)"), display("a_b")
    ('u₁', 'w₁₂', 'xᵢ', 'β₁⁽²⁾', 'a_b')
    >>> display("u1", ascii=True), display(r"$\hat{\theta}_{ij}$")
    ('u1', 'θ̂ᵢⱼ')
    """
    if tex := _own_latex(name):
        name = tex.replace("\\", "") if ascii else _without_commands(tex)
    written = None if ascii else _read_parts(name)
    if written:
        base, below, above = written
        small, high = below.translate(BELOW), above.translate(ABOVE)
        name = base
        if below:
            plain = below if len(base) == 1 and len(below) <= 3 else f"{{{below}}}"
            name += small if not set(small) & set(below) else f"_{plain}"
        if above:
            plain = above if above[0] == "(" or len(above) <= 2 else f"{{{above}}}"
            name += high if not set(high) & set(above) else f"^{plain}"
    if not name.isprintable():
        name = "".join(_visible(c) for c in name[: None if longest is None else longest + 1])
    if longest is not None and len(name) > longest:
        ellipsis = "..." if ascii else "…"
        name = name[: longest - len(ellipsis)] + ellipsis
    return name or "·"


def _without_commands(tex: str) -> str:
    """LaTeX as a name in letters, as far as it has only accents, Greek letters and scripts."""
    tex = re.sub(r"\\(?:var)?([A-Za-z]+) *", lambda m: _GREEK_WORDS.get(m[1], m[0].strip()), tex)
    tex = re.sub(
        r"\\([A-Za-z]+)\{([^{}]*)\}",
        lambda m: unicodedata.normalize("NFC", m[2] + _ACCENT_MARKS.get(m[1], "")),
        tex,
    )
    return tex.replace("\\", "")


def _visible(c: str) -> str:
    if c.isprintable():
        return c
    if c < " ":
        return chr(0x2400 + ord(c))
    return " " if c.isspace() else "\ufffd"


def latex_name(name: str) -> str:
    r"""The name for LaTeX's math mode; what LaTeX would read as a command is escaped.

    >>> print(latex_name("u1"), latex_name("ŷ"), latex_name("σ"), latex_name("loss"))
    u_{1} \hat{y} \sigma \mathit{loss}
    >>> print(latex_name("alpha"), latex_name("x_i"), latex_name("r_{max}^(1)"), latex_name("out_in"))
    \alpha x_{i} r_{\mathit{max}}^{(1)} \text{out\_in}
    >>> print(latex_name(r"$\hat{\theta}_{ij}$"))
    {\hat{\theta}_{ij}}
    """
    if tex := _own_latex(name):
        return f"{{{tex}}}"
    name = name.translate(_DIGITS) if _LOWERED.match(name) else name
    if raised := _STARRED.match(name):
        primes = "".join(MATH_SIGNS.get(c, c) for c in raised[2])
        return latex_name(raised[1]) + ("^{*}" if "*" in raised[2] else primes)
    if name[:1] in ("∇", "∂") and name[1:]:
        return f"{MATH_SIGNS[name[0]]} {latex_name(name[1:])}"
    if written := _read_parts(name):
        below, above = written.below, written.above
        text = latex_letters(written.base)
        if below:
            text += f"_{{{below if below.isdecimal() else latex_letters(below)}}}"
        return f"{text}^{{{above}}}" if above else text
    # LaTeX has no pictures of control characters.
    return latex_letters("".join(" " if "␀" <= c <= "␟" else c for c in display(name)))


def _own_latex(name: str) -> str:
    """The LaTeX of a name in dollars, if it has known commands alone and every brace has its partner."""
    match = _TEX.match(name)
    tex = match[1] if match else ""
    depth = 0
    for c in tex:
        depth += (c == "{") - (c == "}")
        if depth < 0 or c in "$%#&~\n":
            return ""
    known = set(re.findall(r"\\(?:var)?([A-Za-z]+|.|\Z)", tex)) <= _COMMANDS
    return tex if known and not depth else ""


def latex_letters(name: str) -> str:
    """The letters of a name in LaTeX, without what stands below and above them."""
    if len(name) == 1 and name in MATH_SIGNS:
        return MATH_SIGNS[name]
    letter, accents = (plain := unicodedata.normalize("NFD", name))[0], plain[1:]
    if name.isascii() and name.isalpha():
        return name if len(name) == 1 else rf"\mathit{{{name}}}"
    if accents in _ACCENTS and (letter in MATH_SIGNS or letter.isascii()):
        return rf"\{_ACCENTS[accents]}{{{MATH_SIGNS.get(letter, letter)}}}"
    return rf"\text{{{latex_text(name)}}}"
