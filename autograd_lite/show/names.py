"""What nodes are called in a drawing."""

from __future__ import annotations

from ..notation import Label, display, given_names, labels, latex_name

__all__ = ["Label", "display", "given_names", "labels", "latex_name"]
