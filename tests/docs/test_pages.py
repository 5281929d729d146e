"""The pages of the site are run: what they show is what happens, on their peers' side too."""

from pathlib import Path

import pytest

from ..support.pages import ROOT, blocks, complaints, peers

DOCS = ROOT / "docs"
PAGES = sorted(str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md"))


def text_of(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_what_happens(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = complaints(text_of(page), tmp_path, page=DOCS / page)
    assert not found, "\n\n".join(found)


def test_each_page_for_those_who_come_from_elsewhere_runs_both_programs() -> None:
    for page in PAGES:
        if page.startswith("coming-from/"):
            assert {"", *peers(text_of(page))} > {""}, page


def test_code_without_a_label_would_be_seen() -> None:
    """A page's code is in fences that the checker knows; indented code would not be run."""
    for page in PAGES:
        assert blocks(text_of(page)) or page == "howto/index.md", page
