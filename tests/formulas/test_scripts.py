"""What stands below and above the line in a name or a formula."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograd_lite.formulas.names import ABOVE, BELOW, display
from autograd_lite.formulas.scripts import SCRIPTS, html_scripts, scripts

from ..support.names import HOSTILE
from ..support.search import examples
from ..support.written import plain


@pytest.mark.parametrize(
    ("text", "set_as"),
    [
        ("w_21^(1)", "w<sub>21</sub><sup>(1)</sup>"),
        ("x_f", "x<sub>f</sub>"),
        ("z^(L)", "z<sup>(L)</sup>"),
        ("r_{max}", "r<sub>max</sub>"),
        ("w_{forget}", "w<sub>forget</sub>"),
        ("loss_{dev}", "loss<sub>dev</sub>"),
        ("z^{abq}", "z<sup>abq</sup>"),
        ("alpha_1", "α<sub>1</sub>"),
        ("h'", "h&#x27;"),
        ("y^*", "y<sup>*</sup>"),
        ("out_in", "out_in"),
        ("x_train", "x_train"),
        (r"$\hat{\theta}_k$", "θ\u0302<sub>k</sub>"),
        ("snake_case_1", "snake_case_1"),
    ],
)
def test_a_name_is_set_as_it_is_meant(text: str, set_as: str) -> None:
    assert html_scripts(display(text)) == set_as


@pytest.mark.parametrize(
    ("text", "set_as"),
    [
        ("2w₁,₁₂⁽¹⁾·x_f² + 1", "2w<sub>1,12</sub><sup>(1)</sup>·x<sub>f</sub><sup>2</sup> + 1"),
        ("x^(a + b)·y^0.5", "x<sup>a + b</sup>·y<sup>0.5</sup>"),
        ("(x + y)^(−1.5)", "(x + y)<sup>−1.5</sup>"),
        ("(·)²", "(·)<sup>2</sup>"),
        ("exp(x^y₁)", "exp(x<sup>y₁</sup>)"),
        ("−5.528e−4 × 1e14", "−5.528·10<sup>−4</sup> × 10<sup>14</sup>"),
        ("leaky_relu(x) + softmax_0(z)", "leaky_relu(x) + softmax_0(z)"),
        ("f(x, y…", "f(x, y…"),
        ("x^(a + …", "x^(a + …"),
        ("[3] ______", "[3] ______"),
        ("data_1.csv at v1e5", "data_1.csv at v1e5"),
        ("", ""),
    ],
)
def test_a_formula_is_set_as_it_is_meant(text: str, set_as: str) -> None:
    assert html_scripts(text) == set_as


def test_every_small_letter_of_unicode_is_set_as_itself() -> None:
    for table, level in ((BELOW, -1), (ABOVE, 1)):
        for letter, small in table.items():
            (base, script) = scripts(f"x{chr(small)}")
            assert (base, script) == (("x", 0), (chr(letter).replace("-", "−"), level))


@given(st.one_of(st.text(max_size=20), st.sampled_from(HOSTILE), st.text("ax1_^{}()₁²e−5.,*", max_size=12)))
@example("0_{}")
@example("x^{}")
@example("x^()")
@examples(150)
def test_no_letter_is_lost(text: str) -> None:
    """All that is left out are the signs that say where a letter stands."""
    pieces = scripts(text)
    assert all(piece.text for piece in pieces) or text == ""
    assert pieces[0].level == 0
    power = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)e([−-]?\d+)(?!\w)")
    spread = power.sub(lambda m: f"{m[1] if m[1] != '1' else ''}10{m[2]}", text)
    assert _letters(plain(text)) == _letters(spread)


def _letters(text: str) -> list[str]:
    return sorted(c for c in unicodedata.normalize("NFKC", text) if c.isalnum())


def test_the_pattern_is_also_one_of_javascript() -> None:
    assert "(?P" not in SCRIPTS
    assert re.compile(SCRIPTS).groups == 10
