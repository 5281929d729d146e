"""What a stress test counts: it fails at once where a number is out of bounds."""

from __future__ import annotations

from typing import Any


class Figures:
    """Named counts and extremes of one part."""

    def __init__(self) -> None:
        self.found: dict[str, float] = {}
        self.skipped: list[str] = []

    def add(self, name: str, count: float) -> None:
        """Count on."""
        self.found[name] = self.found.get(name, 0) + count

    def most(self, name: str, number: float) -> None:
        """Keep the largest."""
        self.found[name] = max(self.found.get(name, number), number)

    def worst(self, name: str, number: float, bound: float) -> None:
        """Keep the largest, which must not exceed the bound."""
        self.most(name, number)
        assert number <= bound, f"{name}: {number!r} is more than {bound!r}"

    def skip(self, why: str) -> None:
        """Say once what could not be tried."""
        if why not in self.skipped:
            self.skipped.append(why)

    def lines(self) -> list[str]:
        """A line for each figure."""
        shown = [f"{name}: {_short(number)}" for name, number in self.found.items()]
        return [*shown, *(f"skipped: {why}" for why in self.skipped)]


def _short(number: Any) -> str:
    return f"{number:,}" if isinstance(number, int) else f"{number:.2g}"
