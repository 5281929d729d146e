"""The progress bar of a training run or of a long batch: tqdm's, or one that shows nothing."""

from __future__ import annotations

import sys
from typing import Any

from .settings import flag


class NoBar:
    """A progress bar that shows nothing."""

    def update(self, count: int) -> None:
        """Count steps."""

    def set_postfix(self, **shown: Any) -> None:
        """Show numbers beside the bar."""

    def close(self) -> None:
        """End the bar."""


def progress_bar(steps: int | None, wanted: bool | None, unit: str = "step") -> Any:
    """A bar of ``steps`` steps, None when nobody knows how many there are.

    :param wanted: None for only where tqdm is installed and a person is watching.

    :raises ImportError: when ``wanted`` is True and tqdm is not installed.
    """
    if not (_has_viewer() if wanted is None else flag("progress", wanted)):
        return NoBar()
    try:
        from tqdm.auto import tqdm
    except ImportError:
        if wanted is None:
            return NoBar()
        raise ImportError(
            "a progress bar needs tqdm: pip install 'autograd-lite[train]', or pass progress=False"
        ) from None
    return tqdm(total=steps, unit=unit)


def _has_viewer() -> bool:
    """Whether a person is watching: at a terminal, or in a notebook (whose kernel has no terminal)."""
    return "ipykernel" in sys.modules or bool(sys.stderr and sys.stderr.isatty())
