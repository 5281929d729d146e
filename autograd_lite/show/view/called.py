"""Names in the place of Values in the options that name nodes of a circuit."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ...core.order import circuit
from ...core.value import Value
from ...formulas.names import display
from ...formulas.notation import display_names, given_names

#: The most names that an error lists.
_LISTED = 12


def with_nodes(root: Value, option: str, given: Any, names: Any, words: Collection[str] = ()) -> Any:
    """What is given for an option, with the nodes below ``root`` in the place of their names.

    A name is one of ``names``, a node's own, or what a picture makes of it, such as u₁ or w₂₁⁽¹⁾.

    :param words: texts that are no names in this option.
    :raises ValueError: for a name that no node has, or several.
    """
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, Mapping | list | tuple | set | frozenset):
        return given
    if not any(isinstance(each, str) and each not in words for each in texts):
        return given
    called = {node: node.name for node in circuit(root) if node.name is not None} | given_names(names)
    shown = display_names([node for node in circuit(root) if node in called], called, scoped=False)

    def found(name: Any) -> Any:
        if not isinstance(name, str) or name in words:
            return name
        nodes = [v for v in shown if display(name) == display(called[v])]
        nodes = nodes or [v for v in shown if name == shown[v].text]
        if len(nodes) == 1:
            return nodes[0]
        listed = [shown[v].text for v in nodes or shown]
        known = ", ".join([*listed[:_LISTED], "…"] if len(listed) > _LISTED else listed) or "nothing"
        kinds = "".join(f", {word!r}" for word in words)
        if nodes:
            raise ValueError(f"{option}={name!r} names {len(nodes)} nodes: give one of {known}, or a Value")
        raise ValueError(
            f"{option}={name!r} is not in the circuit, which names {known}: give one of these{kinds}, "
            "or a Value"
        )

    if isinstance(given, Mapping):
        return {found(name): rate for name, rate in given.items()}
    return found(given) if isinstance(given, str) and option == "focus" else [*map(found, texts)]
