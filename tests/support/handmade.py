"""Views made by hand, for the tests of what is shown."""

from autograd_lite.show.view.view import Node, View, Wire


def node(i: int, label: str, kind: str = "op", expression: str = "", **more: object) -> Node:
    given: dict[str, object] = {
        "id": f"n{i}",
        "kind": kind,
        "label": label,
        "latex_label": label,
        "named": True,
        "expression": expression,
        "expression_full": expression,
        "latex_expression": expression,
        "glyph": "",
        "value": 1.0,
        "grad": 1.0,
        "scope": "",
        "given": kind == "const",
        **more,
    }
    return Node(**given)  # type: ignore[arg-type]


def wire(i: int, source: int, target: int, slot: int, **more: object) -> Wire:
    given: dict[str, object] = {
        "id": f"e{i}",
        "source": source,
        "target": target,
        "slot": slot,
        "local": 1.0,
        "local_formula": "1",
        "latex_local": "1",
        "contribution": 1.0,
        **more,
    }
    return Wire(**given)  # type: ignore[arg-type]


def view(nodes: list[Node], wires: list[Wire], **more: object) -> View:
    """A view whose last node is the root."""
    given: dict[str, object] = {
        "nodes": tuple(nodes),
        "wires": tuple(wires),
        "root": len(nodes) - 1,
        "rows": tuple(i for i in reversed(range(len(nodes))) if nodes[i].kind in ("op", "out")),
        "swept": True,
        "digits": 4,
        "ascii": False,
        "captions": (),
        **more,
    }
    return View(**given)  # type: ignore[arg-type]
