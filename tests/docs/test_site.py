"""The built site in a headless Chromium, from files, as somebody without a network reads it.

``make docs`` builds it and names it in the environment variable ``SITE``.
"""

import html
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar
from urllib.parse import unquote, urlsplit

import pytest

from ..support.browser import Browser
from ..support.node import node_packages
from .test_pages import DOCS

SITE = Path(os.environ.get("SITE", ""))

pytestmark = pytest.mark.skipif("SITE" not in os.environ, reason="make docs builds the site and sets SITE")

LINKED = re.compile(r'<(?:a|img|script|link|iframe|source)\b[^>]*?\s(?:href|src)="([^"]*)"')
#: What a page may fetch from elsewhere, if anything: links that people follow are no requests.
FETCHED = re.compile(
    r'<(?:img|script|iframe|source|link (?!rel="(?:next|prev|canonical)"))[^>]*?\s(?:href|src)="([^"]*)"'
)


def pages() -> list[str]:
    return sorted(str(p.relative_to(SITE)) for p in SITE.rglob("*.html")) if "SITE" in os.environ else []


def text_of(page: str) -> str:
    return (SITE / page).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def site(browser: Browser) -> Iterator[Browser]:
    browser.size(1280, 900)
    yield browser
    browser.emulate()


def opened(site: Browser, page: str, query: str = "") -> None:
    site.log()
    site.open((SITE.resolve() / page).as_uri() + query)


@pytest.mark.parametrize("page", pages())
def test_what_a_page_links_to_is_there_and_nothing_is_fetched(page: str) -> None:
    text = text_of(page)
    assert [url for url in FETCHED.findall(text) if urlsplit(url).netloc] == []
    for found in LINKED.findall(text):
        url = urlsplit(html.unescape(found))
        if url.scheme or url.netloc:
            continue
        target = (SITE / page).parent / unquote(url.path) if url.path else SITE / page
        assert target.exists(), found
        if url.fragment and target.suffix == ".html":
            assert f'id="{unquote(url.fragment)}"' in target.read_text(encoding="utf-8"), found
    for sheet in SITE.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(?:https?:)?//|@import", sheet.read_text(encoding="utf-8")), sheet


@pytest.mark.parametrize("width", [1280, 400])
def test_pages_fit_the_window_and_write_nothing_to_the_console(site: Browser, width: int) -> None:
    site.size(width, 900)
    for page in pages():
        if page.startswith("_modules/"):
            continue
        opened(site, page)
        assert site.run("return document.documentElement.scrollWidth <= innerWidth"), page
        assert site.run(
            "return performance.getEntriesByType('resource').every(e => e.name.startsWith('file:'))"
        )
        assert site.log() == [], page


def test_the_search_finds_an_operation(site: Browser) -> None:
    site.size(1280, 900)
    opened(site, "search.html", "?q=softplus")
    links = "[...document.querySelectorAll('#search-results li a')]"
    assert site.until(f"return {links}.some(a => a.href.includes('operations.html'))")
    opened(site, "search.html", "?q=zyxwvutsr")
    assert "did not match" in site.until("return document.querySelector('#search-results p')?.innerText")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_picture_is_that_of_the_page_s_theme(site: Browser, scheme: str) -> None:
    site.size(1280, 900)
    site.emulate(color_scheme=scheme)
    opened(site, "index.html")
    shown = site.run(
        "return [...document.querySelectorAll('.picture')].filter(e => e.offsetHeight)"
        ".map(e => e.className)"
    )
    assert shown
    assert all(f"only-{scheme}" in each for each in shown)


def test_a_player_is_in_the_theme_of_the_site(site: Browser) -> None:
    site.emulate(color_scheme="light")
    opened(site, "howto/web-page.html")
    paper = "return getComputedStyle(document.body).backgroundColor"
    themes = set()
    for _ in range(3):  # the switch goes from the system's theme to the other two
        site.run("document.querySelector('.theme-toggle').click()")
        theme = site.run("return document.body.dataset.theme")
        themes.add(theme)
        site.enter(0)
        site.until(f"return (document.documentElement.dataset.theme ?? 'auto') === '{theme}'")
        assert (site.run(paper) == "rgb(22, 25, 29)") == (theme == "dark")
        site.enter(None)
    assert themes == {"auto", "dark", "light"}


def test_formulas_are_set_by_the_browser(site: Browser) -> None:
    opened(site, "tutorial/chain-rule.html")
    assert site.run("return document.querySelectorAll('math mfrac').length") > 4
    assert "$" not in site.run("return document.querySelector('article').innerText")


def test_the_table_of_operations_has_a_row_for_each(site: Browser) -> None:
    from autograd_lite import TABLE
    from autograd_lite.core.primitive import BUILT_IN

    opened(site, "operations.html")
    rows = site.run(
        "return [...document.querySelectorAll('table.operations tbody tr')].map(r => r.cells[0].innerText)"
    )
    assert [row.split()[0].rstrip(",") for row in rows] == [name for name in TABLE if name in BUILT_IN]


def test_a_player_inside_a_page_steps(site: Browser) -> None:
    opened(site, "tutorial/sweep.html")
    site.run("document.querySelector('iframe').scrollIntoView({behavior: 'instant'})")
    site.enter(0)
    try:
        before = site.until("return document.body.innerText")
        site.click("#next")
        assert site.run("return document.body.innerText") != before
    finally:
        site.enter(None)


class Served(SimpleHTTPRequestHandler):
    """The site, and beside it packages of Node.js, which no browser opens from files."""

    packages: ClassVar[dict[str, Path]] = {}

    def translate_path(self, path: str) -> str:
        name, _, rest = urlsplit(path).path.removeprefix("/").partition("/")
        return str(self.packages[name] / rest if name in self.packages else SITE / name / rest)

    def log_message(self, *_: object) -> None: ...


def test_the_reader_s_own_python_runs_in_the_page(site: Browser) -> None:
    Served.packages = {
        "pyodide": node_packages({"pyodide": "0.28.3"}) / "node_modules/pyodide",
        "viz": node_packages({"@viz-js/viz": "3.16.0"}) / "node_modules/@viz-js/viz/dist",
    }
    with ThreadingHTTPServer(("127.0.0.1", 0), Served) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        site.open(f"{address}/try.html?pyodide=/pyodide/&graphviz=/viz/viz-global.js")
        fetched = site.run("return performance.getEntriesByType('resource').map(e => e.name)")
        assert not any("pyodide" in each or "viz" in each for each in fetched)
        site.click("#try-start")
        output = "document.getElementById('try-output')"
        assert "4.56079" in site.until(f"return {output}.querySelector('svg') && {output}.innerText", 120)
        site.run("document.getElementById('try-code').value = 'y = J * 2\\n1/0'")
        site.click("#try-run")
        assert "ZeroDivisionError" in site.run(f"return {output}.innerText")
        site.run("document.getElementById('try-code').value = 'table(y)'")
        site.click("#try-run")
        assert "Backward" in site.run(f"return {output}.innerText")
        assert site.run(
            "return performance.getEntriesByType('resource').every(e => e.name.startsWith(arguments[0]))",
            address,
        )
        server.shutdown()


@pytest.mark.parametrize(
    ("page", "complaint"),
    [
        ("# A page\n\n$\\frac{1}{2}$\n", ""),
        ("# A page\n\n[a tale](tale.md)\n", "tale.md"),
        ("# A page\n\n:::{picture} nothing\n:::\n", "nothing"),
        ("# A page\n\n:::{toctree}\nelsewhere\n:::\n", "elsewhere"),
    ],
)
def test_a_page_with_a_fault_is_no_site(page: str, complaint: str, tmp_path: Path) -> None:
    (tmp_path / "index.md").write_text(page, encoding="utf-8")
    words = ["--fail-on-warning", "-c", str(DOCS), "-D", "html_static_path=", "-b", "html"]
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *words, str(tmp_path), str(tmp_path / "out")],
        capture_output=True,
        encoding="utf-8",
    )
    assert bool(done.returncode) == bool(complaint), done.stderr
    assert complaint in done.stderr
