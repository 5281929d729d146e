"""From a circuit to the sketch of what is drawn: captured, folded, named, cut."""

from __future__ import annotations

from dataclasses import replace

from ...core.value import Value
from ...formulas.notation import given_names, labels
from .options import Options
from .reduce import cut, focused, fold
from .sketch import Sketch, capture, stale


def outline(root: Value, options: Options) -> Sketch:
    """Which nodes and wires of the circuit below ``root`` are drawn. Nothing is written to it.

    :raises TypeError: when ``root`` is not a Value.
    :raises ValueError: for ``min_grad`` where no gradient is shown.
    """
    if not isinstance(root, Value):
        raise TypeError(
            f"the root of a drawing is a Value, not {type(root).__name__} ({root!r:.60})"
        )
    shown = options.grads == "always" or (options.grads == "auto" and root.swept)
    swept = shown and not root.is_constant
    if options.min_grad is not None and not swept:
        raise ValueError(
            f"min_grad={options.min_grad} needs gradients: call backward() first, or give grads='always'"
        )
    digits, ascii = options.digits, options.ascii
    given = given_names(options.names)
    sketch = capture(root, given, options.constants == "nodes")
    sketch = fold(sketch, options.detail, given, options.focus)
    called = labels(sketch.nodes, given, digits, ascii, options.scoped)
    sketch = replace(sketch, labels=called, swept=swept)
    warned = stale(sketch, digits, ascii)
    if options.focus is not None:
        sketch = focused(sketch, options.focus)
    collapses = options.collapsible and any(node.scope for node in sketch.nodes)
    sketch = cut(
        sketch,
        max_depth=options.max_depth,
        min_grad=options.min_grad,
        max_nodes=None if collapses else options.max_nodes,
        digits=digits,
        ascii=ascii,
    )
    return replace(sketch, captions=(*sketch.captions, *warned))
