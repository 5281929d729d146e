"""The engines that draw, and a machine without any."""

import sys

import pytest

from autograd_lite.show.picture import engines


@pytest.fixture(params=["dot", "pygraphviz"])
def engine(request: pytest.FixtureRequest) -> str:
    if request.param not in engines.available():
        pytest.skip(f"{request.param} is not installed")
    return str(request.param)


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with neither ``dot`` nor pygraphviz."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
