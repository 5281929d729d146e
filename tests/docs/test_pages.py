"""The pages of the site are run: what they show is what happens."""

import re
from pathlib import Path

import pytest

from ..support.pages import FENCE, LINK, ROOT, complaints, peers

DOCS = ROOT / "docs"
PAGES = sorted(page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md"))

CONTENTS = re.compile(
    r"^(?::::\{|\.\. )toctree\b.*?\n\n(?P<pages>.*?)(?:^:::|\Z)", re.MULTILINE | re.DOTALL
)


def text_of(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_what_happens(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = complaints(text_of(page), tmp_path, page=DOCS / page)
    assert not found, "\n\n".join(found)


def test_each_page_for_those_who_come_from_elsewhere_runs_the_programs_of_both() -> None:
    for page in PAGES:
        if page.startswith("coming-from/"):
            assert peers(text_of(page)), page


@pytest.mark.parametrize("page", PAGES)
def test_all_code_is_in_fences_that_are_run(page: str) -> None:
    """Code that is indented, or in a fence inside a list, would not be seen."""
    assert not re.search(r"^[ \t]+```|\n\n(?: {4}|\t)\S", FENCE.sub("", text_of(page)))


def listed() -> set[str]:
    """The pages in the tables of contents."""
    found = set()
    for page in (*DOCS.rglob("*.md"), *DOCS.rglob("*.rst")):
        for contents in CONTENTS.finditer(page.read_text(encoding="utf-8")):
            for line in contents["pages"].split("\n"):
                name = re.sub(r".*<(.*)>", r"\1", line.strip())
                found.add((page.parent / name).relative_to(DOCS).as_posix() if name else "index")
    return found


def test_every_page_is_listed_and_has_a_title() -> None:
    others = {
        page.relative_to(DOCS).as_posix() for end in ("rst", "ipynb") for page in DOCS.rglob(f"*.{end}")
    }
    assert listed() == {page.rpartition(".")[0] for page in {*PAGES, *others}}
    for page in PAGES:
        assert re.search(r"\A(?:---\n.*?\n---\n)?# \S", text_of(page), re.DOTALL), page


def leads_out(page: str, target: str) -> bool:
    """Whether a link leads to a page that the site does not have."""
    return (
        target.endswith((".md", ".rst"))
        and DOCS not in (DOCS / page).parent.joinpath(target).resolve().parents
    )


def test_no_link_leads_to_a_page_outside_the_site() -> None:
    assert leads_out("tour.md", "../demos/README.md")
    assert not leads_out("howto/train.md", "../numerics.md")
    for page in PAGES:
        for link in LINK.finditer(FENCE.sub("", text_of(page))):
            assert not leads_out(page, link["target"]), (page, link["target"])
