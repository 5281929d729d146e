"""The programs of peers on the pages, where the peers are installed.

Their libraries take seconds to import, so ``make docs`` runs this and ``make test`` does not.
"""

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

from ..support.pages import complaints, peers
from .test_pages import DOCS, PAGES, text_of

pytestmark = [
    pytest.mark.skipif("SITE" not in os.environ, reason="make docs runs the programs of peers"),
    # What a peer uses of its dependencies, such as SymPy of a newer mpmath, is not for these pages to mend.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.mark.parametrize(
    ("page", "peer"), [(page, peer) for page in PAGES for peer in peers(text_of(page))]
)
def test_a_page_shows_what_its_peer_does(
    page: str, peer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if peer != "alone" and find_spec(peer) is None:
        pytest.skip(f"{peer} is not installed")
    monkeypatch.chdir(tmp_path)
    found = complaints(text_of(page), tmp_path, page=DOCS / page, peer=peer)
    assert not found, "\n\n".join(found)
