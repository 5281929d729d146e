"""Texts that are shown as they are meant."""

import copy
import io
import pickle

import pytest

from autograd_lite import formula, table, tree
from autograd_lite.support.texts import ShownText

from ...support import circuits


def test_a_prompt_shows_the_lines_and_a_notebook_what_it_is() -> None:
    J = circuits.gormley(True)
    for shown in (table(J), tree(J), formula(J)):
        assert repr(shown) == str(shown) == shown
        bundle = shown._repr_mimebundle_()
        assert bundle["text/plain"] == shown
        assert bundle["text/html"].startswith("<pre")
    assert table(J, "latex")._repr_mimebundle_()["text/latex"].startswith("\\[")
    assert formula(J, "latex")._repr_mimebundle_()["text/latex"].startswith(r"$\cos")
    assert set(table(J, "markdown")._repr_mimebundle_(exclude=["text/plain"])) == {"text/markdown"}
    (page,) = ShownText("a < b")._repr_mimebundle_(include=["text/html"]).values()
    assert page.endswith(">a &lt; b</pre>")
    assert "monospace" in page


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
def test_every_output_can_be_printed_to(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    J = circuits.gormley(True)
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding=encoding))
    print(table(J))
    print(tree(J))
    print(formula(J))
    print(flush=True)
    printed = raw.getvalue().decode(encoding)
    assert ("dJ/dt" in printed) == (encoding != "utf-8")
    assert "cos(sin(x" in printed


def test_it_is_a_string_after_copies() -> None:
    text = ShownText("a\nb", "markdown")
    for again in (copy.deepcopy(text), pickle.loads(pickle.dumps(text))):
        assert again == "a\nb"
        assert again.medium == "markdown"
