"""Graphviz, wherever it is, and what is said where it is not."""

import re
import sys
from pathlib import Path

import pytest

from autograd_lite import Value, scope
from autograd_lite.show.draw import draw
from autograd_lite.show.picture import engines
from autograd_lite.show.picture.engines import RenderError, TimeLimitError

from .reading import KINDS, xyz


def test_the_binary_comes_first_and_pygraphviz_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    both = engines.available()
    if "dot" in both:
        assert engines.choose() == both
        assert both[0] == "dot"
    monkeypatch.setenv("PATH", "")
    if "pygraphviz" not in both:
        pytest.skip("pygraphviz is not installed")
    assert engines.choose() == ["pygraphviz"]
    with pytest.raises(RenderError, match="'dot' is not installed"):
        engines.choose("dot")


@pytest.mark.parametrize("kind", KINDS)
def test_with_an_empty_path_every_format_is_drawn(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "pygraphviz" not in engines.available():
        pytest.skip("pygraphviz is not installed")
    monkeypatch.setenv("PATH", "")
    path = draw(xyz()).save(tmp_path / f"f{kind}")
    assert path.stat().st_size > 100
    assert path.read_bytes().startswith(
        {".png": b"\x89PNG", ".pdf": b"%PDF", ".svg": b"<svg"}.get(kind, b"")
    )


@pytest.mark.usefixtures("bare")
def test_without_graphviz_the_text_is_there_and_pictures_say_what_to_install(
    tmp_path: Path,
) -> None:
    drawing = draw(xyz())
    assert engines.available() == []
    assert drawing.dot.startswith("digraph")
    assert drawing._repr_svg_() is None
    bundle = drawing._repr_mimebundle_()
    assert bundle.keys() == {"text/plain"}
    assert "f = q·z" in bundle["text/plain"]
    assert "autograd-lite[dot]" in bundle["text/plain"]
    for kind in (".png", ".pdf", ".svg"):
        with pytest.raises(RenderError, match=r'(?s)install.*pip install "autograd-lite\[dot\]"'):
            drawing.save(tmp_path / f"f{kind}")
    assert list(tmp_path.iterdir()) == []
    for kind in (".dot", ".gv", ".md", ".tex", ".txt"):
        assert drawing.save(tmp_path / f"f{kind}").exists()


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("name", ["dot", "pygraphviz"])
def test_a_named_engine_is_not_replaced(name: str) -> None:
    with pytest.raises(RenderError, match=f"'{name}' is not installed"):
        _ = draw(xyz(), engine=name).svg


def test_an_unknown_engine_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="neato"):
        draw(xyz(), engine="neato")


def test_a_layout_has_a_time_limit(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "LIMIT", 0.0001)
    with pytest.raises(TimeLimitError, match=r"5 nodes.*style=\"scope\""):
        _ = draw(xyz(), engine=engine).svg


@pytest.mark.parametrize("value", [2.0, 0.0])
@pytest.mark.parametrize("style", ["card", "circuit", "scope"])
def test_a_picture_without_the_numbers_is_refused(
    engine: str, style: str, value: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a Graphviz without expat does: ids in place of HTML-like labels, exit code 0."""
    genuine = engines.render

    def poor(dot: str, form: str = "svg", **options: str) -> bytes:
        return genuine(re.sub(r" label=<.*>(?=[ \];])", "", dot), form, engine=engine)

    with scope("part"):
        y = Value(value, "x") * 1.0
    assert "<svg" in draw(y, style, engine=engine).svg
    monkeypatch.setattr(engines, "render", poor)
    with pytest.raises(RenderError, match="HTML-like labels"):
        _ = draw(y, style).svg


def test_the_program_is_enough_without_the_graphviz_package(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "graphviz", None)
    assert "<svg" in draw(xyz(), engine=engine).svg


def test_a_program_that_fails_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    complaint = 'There is no layout engine support for "dot"'
    program = tmp_path / "dot"
    program.write_text(
        f"#!/bin/sh\ncat > /dev/null\necho '{complaint}' >&2\necho 'Perhaps -c' >&2\nexit 1\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(RenderError, match=rf"(?s){complaint}.*Perhaps -c"):
        _ = draw(xyz(), engine="dot").svg
    if "pygraphviz" in engines.available():
        assert "<svg" in draw(xyz()).svg


def test_a_program_that_does_not_start_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "dot"
    broken.write_bytes(b"\x7fno program")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RenderError, match="could not be started"):
        engines.render("digraph {}", engine="dot")


def test_a_program_that_complains_of_expat_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "dot"
    program.write_text("#!/bin/sh\necho 'Warning: Not built with libexpat.' >&2\necho '<svg/>'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RenderError, match="HTML-like labels"):
        engines.render("digraph {}", engine="dot")


def test_bad_dot_is_an_error_with_the_reason(engine: str) -> None:
    with pytest.raises(RenderError, match="could not make the picture"):
        engines.render("digraph {", "svg", engine=engine)


def test_a_bitmap_obeys_its_resolution(engine: str, tmp_path: Path) -> None:
    drawing = draw(xyz(), engine=engine)

    def width(dpi: float) -> int:
        data = drawing.save(tmp_path / "f.png", dpi=dpi).read_bytes()
        return int.from_bytes(data[16:20], "big")

    assert width(300) == pytest.approx(2 * width(150), abs=4)
