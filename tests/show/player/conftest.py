"""A page in the browser."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from autograd_lite.show.player.page import Player

from ...support.browser import Browser
from .cases import Show


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Show]:
    """Open a player, or any page; afterwards hold that nothing was written to the console."""
    browser.log()
    pages = count()

    def opened(page: Player | str, fragment: str = "") -> Browser:
        # A name of its own: with only another fragment a page would not be loaded anew.
        file = tmp_path / f"page-{next(pages)}.html"
        file.write_text(page if isinstance(page, str) else page.html, "utf-8")
        browser.open(file.as_uri() + fragment)
        return browser

    browser.size(1280, 700)
    yield opened
    browser.emulate()
    browser.scripts(allowed=True)
    assert browser.log() == []
