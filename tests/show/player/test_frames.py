"""The steps of a player as pictures: what each shows, and the files that they are written to."""

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from autograd_lite import Value, parameter, relu, sin
from autograd_lite.show import RenderError, play
from autograd_lite.show.picture import engines
from autograd_lite.show.picture.fit import room_of
from autograd_lite.show.picture.palette import LIGHT
from autograd_lite.show.picture.shapes import read_svg
from autograd_lite.show.player import files
from autograd_lite.show.player.frames import Frames, _Words, mixed, wrapped_spans
from autograd_lite.show.player.story import Span, Step

from ...support.circuits import gormley, sarkar
from ...support.written import plain
from .cases import Show, at_each, logistic

pytestmark = pytest.mark.skipif(not engines.available(), reason="there is no Graphviz")

#: The texts of the stage and of the words that a reader sees.
SEEN = """
const seen = (e) => getComputedStyle(e).visibility !== "hidden";
const stage = [...document.querySelectorAll("#stage text")].filter(seen);
const words = [...document.querySelectorAll("#words h2, #words p, #words .group > div")];
const bare = (e) => e.textContent.replaceAll("\\u00a0", " ").replaceAll("\\u200b", "").trim();
return [...stage, ...words].map(bare).filter(Boolean);
"""


def texts(svg: str) -> list[str]:
    found = ["".join(e.itertext()).replace("\u00a0", " ").strip() for e in read_svg(svg).iter("text")]
    return [text for text in found if text]


def swept_logistic() -> Value:
    root = logistic()
    root.backward()
    return root


@pytest.mark.parametrize(("circuit", "options"), [(gormley, {}), (swept_logistic, {"quiz": True})])
def test_a_frame_shows_what_the_page_shows(show: Show, circuit: Callable[[], Value], options: Any) -> None:
    player = play(circuit(), **options)
    browser = show(player)
    frames = player.frames
    assert len(frames) == len(player.steps)
    steps = (0, 2, len(frames) // 2, len(frames) - 2, len(frames) - 1)
    for k, seen in zip(steps, at_each(browser, steps, SEEN), strict=True):
        assert sorted(texts(frames.svg(k))) == sorted(seen)


def test_a_frame_is_a_function_of_its_step() -> None:
    player = play(gormley())
    forward = [player.frames.svg(k) for k in range(len(player.frames))]
    assert [player.frames.svg(k) for k in reversed(range(len(player.frames)))] == forward[::-1]
    sizes = {re.search('viewBox="([^"]*)"', svg)[1] for svg in forward}  # type: ignore[index]  # each has one
    assert len(sizes) == 1
    assert "4.561" not in " ".join(texts(forward[8]))
    assert "4.561" in " ".join(texts(forward[-1]))
    assert forward[-1].count('class="halo"') == 0 < forward[5].count('class="halo"')
    assert not any("data-" in svg or "var(" in svg for svg in forward)


def test_the_running_gradient_is_the_sum_so_far() -> None:
    frames = play(gormley()).frames
    after_one, after_both = texts(frames.svg(10)), texts(frames.svg(11))
    assert after_one.count("1.932") + after_one.count("0.348") == 1
    assert "2.28" not in after_one
    assert "2.28" in after_both


def test_pages_and_a_film_and_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pypdf, image = pytest.importorskip("pypdf"), pytest.importorskip("PIL.Image")
    player = play(sarkar())
    assert len(player.frames) == len(player.steps) == 8
    monkeypatch.setattr(Frames, "__len__", lambda _: 3)  # each is painted by Graphviz twice
    monkeypatch.setattr(player.frames, "_steps", player.steps[4:7])
    pages = pypdf.PdfReader(player.save(tmp_path / "steps.pdf")).pages
    assert len(pages) == 3
    width, height = player.frames.width, player.frames.height
    assert [float(x) for x in pages[1].mediabox[2:]] == pytest.approx([width, height], abs=1)
    assert "Backward through q" in pages[2].extract_text().replace("\u00a0", " ")
    with image.open(player.save(tmp_path / "steps.gif", dpi=40, seconds=0.5)) as film:
        assert film.n_frames == 3
        assert film.info["duration"] == 500
    player.save(f"{tmp_path}/steps/")
    assert [file.name for file in sorted((tmp_path / "steps").iterdir())] == [
        f"step-{k:02}.svg" for k in range(3)
    ]
    player.save(tmp_path / "steps", form="png", dpi=30)
    assert len(list((tmp_path / "steps").glob("*.png"))) == 3


def test_a_storyboard_has_every_step_on_at_most_two_sheets(tmp_path: Path) -> None:
    pypdf = pytest.importorskip("pypdf")
    player = play(gormley())
    pages = pypdf.PdfReader(player.save(tmp_path / "board.pdf", storyboard=True)).pages
    assert len(pages) <= 2
    written = re.sub(r"\s", "", "".join(page.extract_text() for page in pages))
    assert all(plain(step.title.split(":")[0]).replace(" ", "") in written for step in player.steps)
    svg = player.save(tmp_path / "board.svg", storyboard=True).read_text("utf-8")
    titles = {plain(step.title) for step in player.steps}
    assert sum(text in titles for text in texts(svg)) == len(player.steps)


def test_bitmaps_are_no_larger_than_a_screen_unless_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []

    def paint(svg: str, form: str, engine: str, dpi: float) -> bytes:
        asked.append(dpi)
        return png.getvalue()

    image, png = pytest.importorskip("PIL.Image"), BytesIO()
    image.new("RGB", (9, 9)).save(png, "png")
    monkeypatch.setattr(files, "painted", paint)
    player = play(gormley())
    wide = player.frames.width / 72
    player.save(tmp_path / "steps.gif")
    player.save(tmp_path / "steps", form="png")
    assert asked[0] * wide == pytest.approx(1920)
    assert asked[-1] == 150
    player.save(tmp_path / "steps.gif", dpi=200)
    assert asked[-1] == 200
    with pytest.warns(UserWarning, match=r"dpi, not 4000: .* pixels in all") as said:
        player.save(tmp_path / "steps.gif", dpi=4000)
    assert said[0].filename == __file__
    assert asked[-1] < 1000


def test_boxes_of_words_stand_side_by_side_where_there_is_room() -> None:
    player = play(sarkar())
    frames = Frames(player.frames.svg(0), "a", player.steps, list, {}, LIGHT)
    wide = frames._words[6]._replace(width=2000.0, columns=3)
    lefts = {x for line, x, _ in frames._placed(player.steps[6], wide) if line.bar}
    assert len(lefts) == len(player.steps[6].groups) == 2


@pytest.mark.parametrize("fit", ["16:9", "beamer", (5.0, 4.0)])
def test_every_step_fills_the_same_place(fit: Any) -> None:
    player = play(gormley(), fit=fit)
    frames, place = player.frames, room_of(fit)
    for k, step in enumerate(player.steps):
        root = read_svg(frames.svg(k))
        sides = [float(root.get(side, "")) * 0.75 for side in ("width", "height")]
        assert sides == pytest.approx([place.width, place.height], abs=0.02)
        scale = place.width / frames.width
        left, top = frames._words[k].left, frames._words[k].top
        assert left >= frames.picture[0] or top >= frames.picture[1]
        for line, x, y in frames._placed(step, frames._words[k]):
            assert y <= frames.height
            assert line.size * scale >= 0.69 * place.least
            width = 0.6 * line.size * sum(len(span.text) for span in line.spans)
            assert x + width <= frames.width


def test_words_in_columns_do_not_run_into_the_next() -> None:
    frames, columns = play(gormley()).frames, _Words(0.0, 0.0, 900.0, columns=3)
    step = Step("forward", "t", groups=(((Span("a long line of words " * 9),),), ((Span("short"),),)))
    lines = [*frames._placed(step, columns)][1:]
    assert len({x for _, x, _ in lines}) == 2
    assert all(0.6 * line.size * len(line.spans[0].text) <= 300 for line, *_ in lines)


def test_wires_along_which_nothing_flows_are_dashed() -> None:
    x = Value(2.0, "x")
    svg = play(relu(-x) + x).frames.svg(0)
    assert svg.count("stroke-dasharray") == 2  # from −x to relu, and from x to −x below it


def test_what_is_raised_comes_down_again_on_every_line() -> None:
    f = sin(parameter(0.5, "w_21^(1)") * Value(2e-5, "x_f"))
    f.backward()
    lines = [e for e in read_svg(play(f).frames.svg(4)).iter("text") if len(e)]
    assert len(lines) > 5
    for line in lines:
        height, size = 0.0, 0.0
        for piece in (line, *line):
            kinds = piece.get("class", "").split()
            height += float(piece.get("dy", "0"))
            if "sub" in kinds or "sup" in kinds:
                assert 0.1 * size < abs(height) < 0.5 * size
                assert (height > 0) == ("sub" in kinds)
            elif piece.text and piece.text.strip():
                size = float(piece.get("font-size", "0"))
                assert height == pytest.approx(0.0, abs=0.02)


def test_colors_of_a_dark_player() -> None:
    svg = play(sarkar(), theme="dark").frames.svg(7)
    assert "#16191d" in svg
    assert "#fefefe" not in svg


@pytest.mark.parametrize(
    ("name", "options", "named"),
    [
        ("steps.doc", {}, r"\.gif"),
        ("steps.svg", {}, "storyboard"),
        ("steps.gif", {"storyboard": True}, "storyboard"),
        ("steps.gif", {"seconds": 0}, "seconds"),
        ("steps.gif", {"dpi": float("nan")}, "dpi"),
        ("steps", {"form": "jpg"}, "form"),
    ],
)
def test_what_cannot_be_saved_is_named(
    tmp_path: Path, name: str, options: dict[str, Any], named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        play(sarkar()).save(tmp_path / name, **options)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("name", "package"), [("steps.pdf", "pypdf"), ("steps.gif", "PIL")])
def test_a_missing_package_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, package: str
) -> None:
    monkeypatch.setitem(__import__("sys").modules, package, None)
    monkeypatch.setattr(Frames, "__len__", lambda _: 1)
    with pytest.raises(RenderError, match=r"autograd-lite\[pages\]"):
        play(sarkar()).save(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_long_words_are_broken_between_words() -> None:
    spans = (Span("one two " * 9, "val"), Span("three four " * 9, "grad b"))
    lines = list(wrapped_spans(spans))
    whole = "".join(span.text for span in spans)
    assert len(lines) > 1
    assert " ".join("".join(span.text for span in line) for line in lines) == whole.strip()
    assert mixed("#000000", "transparent", 0.5) == "#000000"


def test_a_folder_is_written_when_all_its_pictures_are_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = Value(2.0, "x")
    made: list[str] = []

    def paint(svg: str, *_: Any) -> bytes:
        if made:
            raise RenderError("no room")
        made.append(svg)
        return b"a picture"

    monkeypatch.setattr(files, "painted", paint)
    with pytest.raises(RenderError):
        play(x * x).save(tmp_path / "steps", form="png")
    assert made
    assert not (tmp_path / "steps").exists()
