"""What every test shares: how hard Hypothesis searches, no window on any screen, the demos' results."""

import gc
import io
import os
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from functools import cache
from typing import Any

import pytest
from hypothesis import Phase, settings

from autograd_lite.core.primitive import ALIASES, TABLE, Operand

from .support import browser as chromium
from .support import firefox
from .support.browser import Browser
from .support.demo import DEMOS, load

# Wall time says nothing on a shared machine, hence no deadline. In CI a run must be repeatable.
settings.register_profile("dev", deadline=None, max_examples=50)
settings.register_profile("ci", deadline=None, max_examples=200, derandomize=True, print_blob=True)
settings.register_profile("intense", deadline=None, max_examples=5000)
# For runs whose first failure is all that counts: a failing example is not made smaller.
settings.register_profile("once", deadline=None, max_examples=40, phases=[Phase.explicit, Phase.generate])

_default = "ci" if os.environ.get("CI", "").lower() in ("1", "true") else "dev"
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", _default))

os.environ.setdefault("MPLBACKEND", "Agg")


#: Files that take long: they start first, so that none is left for
#: one worker at the end while the others have nothing to do.
_LONG = (
    "program/test_engines", "program/test_to_jax", "core/test_table", "demos/test_sharded", "test_cli",
    "demos/test_training", "demos/test_networks", "demos/test_gpt", "demos/test_lectures",
    "demos/test_science", "demos/test_gallery", "program/test_tape", "program/test_calls",
    "player/test_page", "program/test_jit", "testing/test_strategies", "test_benchmarks",
)  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    """Let the order below stand where files are spread over processes."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with the files that take long."""

    def place(item: pytest.Item) -> int:
        file = item.nodeid.split("::")[0].removesuffix(".py")
        return next((i for i, name in enumerate(_LONG) if file.endswith(name)), len(_LONG))

    items.sort(key=place)


@pytest.fixture(autouse=True, scope="module")
def what_is_old_is_kept() -> None:
    """The collector of garbage does not look again and again through all that was imported and collected
    so far: that would be a fifth of the time of all tests.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def no_rows_are_left() -> Iterator[None]:
    """The rows that a test registers go with it: other tests go through all of the table."""
    before, known = set(TABLE), dict(ALIASES)
    yield
    for name in set(TABLE) - before:
        del TABLE[name]
        if name in vars(Operand):
            delattr(Operand, name)
    ALIASES.clear()
    ALIASES.update(known)


#: The browsers that pages are tested in: also in Firefox where tests search longer, or where asked for.
BROWSERS = os.environ.get(
    "TEST_BROWSERS", "chromium firefox" if settings().max_examples > 1000 else "chromium"
).split()


@pytest.fixture(scope="session", params=BROWSERS)
def browser(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One browser for all tests that need one."""
    kind: type[Browser]
    if request.param == "firefox":
        why, packages, kind = firefox.missing(), "firefox-esr", firefox.Firefox
    else:
        why, packages, kind = chromium.missing(), "chromium chromium-driver", Browser
        if why and os.environ.get("CI", "").lower() in ("1", "true"):
            pytest.fail(f"pages are tested in a browser, which CI must have: {why}")
    if why:
        pytest.skip(f"{why}: apt install {packages}")
    with kind(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


@pytest.fixture(scope="session")
def beside_the_demos() -> Iterator[None]:
    """A demo finds its helpers in its own folder, as a script does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(DEMOS)
        yield


@pytest.fixture(scope="session")
def numbers(
    beside_the_demos: None, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], dict[str, Any]]:
    """What a demo returns at reduced size, the ``folder`` of its pictures and the matplotlib
    ``figures`` by name. Each demo runs once.
    """

    @cache
    def found(name: str) -> dict[str, Any]:
        demo, folder = load(name), tmp_path_factory.mktemp(name)
        figures = {}
        save = getattr(demo, "save", None)  # not every demo plots

        def keep(fig: Any, folder: Any, name: str) -> Any:
            figures[name] = fig
            from matplotlib import rc_context

            assert save is not None
            with rc_context({"savefig.dpi": 30}):  # nobody looks at it
                return save(fig, folder, name)

        with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()):
            patch.setattr(demo, "save", keep, raising=False)
            returned = demo.main(folder, quick=True)
        return {**returned, "folder": folder, "figures": figures}

    return found


@pytest.fixture
def always_worth(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program pays however little there is to do."""
    monkeypatch.setattr("autograd_lite.program.verification.WORTH", 0)
