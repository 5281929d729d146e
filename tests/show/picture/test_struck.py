"""A label that a foreign wire runs through is drawn after that wire, on paper of its own."""

from xml.etree import ElementTree

from autograd_lite.show import draw
from autograd_lite.show.picture.struck import free_labels

from ...support.kinds import swept

PLAIN = "<g id='{0}' class='edge'><path d='M0,{1}C50,{1} 100,{1} 150,{1}'/>{2}</g>"
LABEL = "<text x='60' y='{0}' font-size='12'>label</text>"


def freed(*edges: tuple[str, int, int | None]) -> ElementTree.Element:
    """Level edges: the name of each, how high it runs, and where its label stands."""
    inside = "".join(
        PLAIN.format(name, y, "" if label is None else LABEL.format(label)) for name, y, label in edges
    )
    root = ElementTree.fromstring(f"<svg><g class='graph'>{inside}</g></svg>")
    free_labels(root, "#fefefe")
    return root


def order(root: ElementTree.Element) -> list[str]:
    return [g.get("id", "") for g in root.iter("g") if g.get("class") == "edge"]


def sheets(root: ElementTree.Element) -> list[str]:
    return [g.get("id", "") for g in root.iter("g") if g.find("polygon") is not None and g.get("id")]


def test_a_label_that_is_struck_comes_after_the_wire() -> None:
    root = freed(("a", 0, 97), ("b", 95, None), ("c", 200, 190))
    assert order(root) == ["b", "a", "c"]
    assert sheets(root) == ["a"]
    (edge,) = [g for g in root.iter("g") if g.get("id") == "a"]
    assert [part.tag for part in edge] == ["path", "polygon", "text"]


def test_other_labels_stay_as_they_are() -> None:
    root = freed(("a", 0, -5), ("b", 95, 60))
    assert order(root) == ["a", "b"]
    assert sheets(root) == []


def test_two_that_strike_each_other_are_both_drawn() -> None:
    root = freed(("a", 0, 97), ("b", 95, 2))
    assert sorted(order(root)) == ["a", "b"]
    assert sorted(sheets(root)) == ["a", "b"]


def test_a_picture_keeps_all_its_edges_and_texts() -> None:
    drawing = draw(swept("batch 6"), "card")
    root = ElementTree.fromstring(drawing.svg)
    edges = [e for e in root.iter() if e.get("class") == "edge"]
    assert len(edges) == len(drawing.view.wires)
    assert len({e.get("id") for e in edges}) == len(edges)
