"""The command line, in this process and as a process of its own."""

import inspect
import io
import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from autograd_lite import TABLE, Value, __version__, draw, formula, parameter, play, table, tanh, tree
from autograd_lite.cli import main
from autograd_lite.cli.arguments import reader
from autograd_lite.show import Drawing, Options, Player, side_by_side
from autograd_lite.show.text.columns import width

GORMLEY = "t = x**2; u1 = sin(t); u2 = 3*t; u = u1 + u2; J = cos(u)"


class Ran:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


class Run:
    """Calls ``main`` and gives what it printed."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *words: str) -> Ran:
        try:
            code = main(words)
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 0
        return Ran(code, *self.capsys.readouterr())


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.delenv("COLUMNS", raising=False)  # pytest-xdist sets it for its workers
    return Run(capsys)


def process(
    *words: str,
    env: dict[str, str] | None = None,
    command: Sequence[str] = (sys.executable, "-m", "autograd_lite"),
    stdout: Any = subprocess.PIPE,
    stderr: Any = subprocess.PIPE,
) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [*command, *words],
        stdout=stdout,
        stderr=stderr,
        timeout=60,
        check=False,
        env={**os.environ, "COLUMNS": "", "PYTHONPATH": str(Path(__file__).parents[1]), **(env or {})},
    )


def test_the_main_job(run: Run) -> None:
    done = run("cos(sin(x**2) + 3*x**2)", "x=1")
    assert (done.code, done.err) == (0, "")
    assert re.search(r"^Forward +Backward +where +contribution$", done.out, re.MULTILINE)
    assert "= −0.7649" in done.out
    assert done.out.endswith("result   ∂f/∂x = 4.561\n")


def test_statements_give_the_lecture_s_names(run: Run) -> None:
    done = run(GORMLEY, "x=1", "--digits", "7")
    assert "∂J/∂t += ∂J/∂u₁ · ∂u₁/∂t" in done.out
    assert "result   ∂J/∂x = 4.560792\n" in done.out
    rows = re.findall(r"^(\S+) = ", done.out, re.MULTILINE)
    assert rows == ["J", "u", "u₁", "u₂", "t"]


@pytest.mark.parametrize(
    ("words", "gradients"),
    [
        (["(x + y)*z", "x=-2", "y=5", "z=-4"], {"x": -4.0, "y": -4.0, "z": 3.0}),
        (["-x**2", "x=3"], {"x": -6.0}),
        (["x**2", "x=-3"], {"x": -6.0}),
        (["x", "x=1"], {"x": 1.0}),
        (["x*y", "x = 2", "y= 3*(1 - 2)"], {"x": -3.0, "y": 2.0}),
        (["x*w", "x=2**0.5", "w=-pi"], {"x": -3.141592653589793, "w": 2**0.5}),
        (["f*x", "f=2", "x=3"], {"f": 3.0, "x": 2.0}),
        (["--grad", "x*2", "x=1e3"], {"x": 2.0}),
        (["x*2", "--digits", "3", "x=1"], {"x": 2.0}),
        (["--", "--x", "x=5"], {"x": 1.0}),
    ],
)
def test_gradients_alone(run: Run, words: list[str], gradients: dict[str, float]) -> None:
    done = run("--grad", *words)
    assert done.code == 0
    found = dict(re.findall(r"^d\w+/d(\w+) = (\S+)$", done.out, re.MULTILINE))
    assert {name: float(number) for name, number in found.items()} == gradients
    assert len(done.out.splitlines()) == len(gradients)


def test_gradients_have_all_their_digits(run: Run) -> None:
    out = run("sin(x)/3", "x=1", "--grad").out
    (number,) = re.findall(r"= (\S+)", out)
    assert number == repr(float(number))
    assert abs(float(number) - 0.18010076862271323) < 1e-16
    assert run("sin(x)/3", "x=1", "--grad", "--digits", "3").out == "df/dx = 0.18\n"


def test_the_other_forms(run: Run) -> None:
    assert "├─ u₁ = sin(t)" in run(GORMLEY, "x=1", "--tree").out
    assert run(GORMLEY, "x=1", "--markdown").out.startswith("| Forward | value |")
    assert run(GORMLEY, "x=1", "--latex").out.startswith("\\[\n")
    done = run(GORMLEY, "x=1", "--tree", "--latex")
    assert done.code == 2
    assert "not allowed with" in done.err


def test_symbolic_needs_no_values(run: Run) -> None:
    done = run("--symbolic", GORMLEY)
    assert done.code == 0
    assert "∂u₁/∂t = cos(t)" in done.out
    assert "0.5" not in done.out
    assert done.out == run("--symbolic", GORMLEY, "x=1").out
    assert "cos" in run("--symbolic", "--latex", "sin(x) + log(x - 8)").out
    assert run("--symbolic", "sin(x) + log(x - 8)").err == ""


@pytest.mark.parametrize("formula", ["relu(x)", "where(x > 1, x, y)", "maximum(x, y)"])
def test_symbolic_needs_values_where_they_decide(run: Run, formula: str) -> None:
    done = run("--symbolic", formula)
    assert done.code == 2
    assert "depends on the values" in done.err
    assert run("--symbolic", formula, "x=2", *["y=1"] * ("y" in formula)).code == 0


def test_every_operation_is_listed(run: Run) -> None:
    lines = run("--functions").out.splitlines()
    for row in TABLE.values():
        assert any(re.search(r"  +" + re.escape(row.__doc__ or ""), line) for line in lines)
    assert any(line.startswith("x ** y ") for line in lines)
    assert any(line.startswith("-x ") for line in lines)
    assert any(line.startswith("atan2(y, x) ") for line in lines)
    assert run("--functions", "--ascii").out.isascii()


def test_version_and_help(run: Run) -> None:
    assert run("--version").out.split() == ["autograd-lite", __version__]
    text = run("--help").out
    assert text.isascii(), "whatever the terminal"
    for option in ("--draw", "--tree", "--symbolic", "--functions"):
        assert option in text


def test_the_help_s_examples_run(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import shlex

    monkeypatch.chdir(tmp_path)
    examples = re.findall(r"^  autograd-lite (.*)$", run("--help").out, re.MULTILINE)
    assert len(examples) >= 5
    for example in examples:
        done = run(*shlex.split(example.replace(".svg", ".dot")))  # .dot needs no Graphviz
        assert done.code == 0, done.err
    assert (tmp_path / "xyz.dot").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "a formula is missing"),
        (["1 + sine(x)", "x=1"], "did you mean sin"),
        (["x*y", "x=1"], "y has no value"),
        (["x*y*z"], "no value for x, y and z: add some, x=1 y=1 z=1"),
        (["x", "x=1", "y=2"], "y was given a value"),
        (["x", "x=1", "x=2"], "x is given twice"),
        (["x", "x=one"], "the value of x: one is not a number"),
        (["x", "x=ppi/i", "--grad"], "the value of x: ppi is not a number"),
        (["x", "x=1 +"], "the value of x: "),
        (["x", "x="], "the value of x: "),
        (["x", "x==1"], "the value of x: "),
        (["x=1", "x**2"], "one formula comes first"),
        (["x", "1=2"], "1=2 is not NAME=VALUE"),
        (["x", "2"], "2 is not NAME=VALUE"),
        (["x**", "x=1"], "nothing follows this **"),
        (["__import__('os')"], "'"),
        (["x", "x=1", "--digits", "0"], "'0' is not a whole number"),
        (["x", "x=1", "--digits", "-3"], "'-3' is not a whole number"),
        (["x", "x=1", "--digits", "two"], "'two' is not a whole number"),
        (["x", "x=1", "--theme", "dark"], "add --draw FILE"),
        (["x", "x=1", "--style", "cubist"], "--style"),
        (["x", "x=1", "--wrong"], "--wrong"),
        (["x", "x=1", "--symbolic", "--tree"], "--symbolic is for tables"),
        (["sin", "x=1"], "sin is a function"),
        (["sin(x) + " * 4000 + "x", "x=1"], "too long"),
        (["x\ud800", "x=1"], "not part of a formula"),
    ],
)
def test_a_mistake_is_told_in_one_message(run: Run, words: list[str], says: str) -> None:
    done = run(*words)
    assert done.code == 2
    assert done.out == ""
    assert says in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["x=1"], "a formula comes before it"),
        (["x*y", "x=1,y=2"], "a word of its own"),
        (["x*y", "x=1 y=2"], "a word of its own"),
        (["θ*2", "θ=1", "ϑ=5"], "given twice"),
        (["x*y", "x=1", "y=2", "--wrt", "z"], "z is not a variable"),
        (["x*y", "x=1", "y=2", "--wrt", "1"], "not the name of a variable"),
        (["x*y", "x=1", "y=2", "--order", "2"], "by one variable"),
        (["x*y", "x=1", "y=2", "--order", "5"], "from 1 to 4"),
        (["x", "--at", "1,2"], "x=1,2,3"),
        (["x", "x=1", "--at", "z=1,2"], "z"),
        (["x", "x=1", "--at", "x=1,2"], "leave one"),
        (["x", "x=1", "--grad", "--json"], "not allowed"),
        (["x*y", "x=1", "y=2", "--wrt", "x", "--at", "x=1", "--check"], "leave out --check"),
        (["x", "--at", "x=1", "--draw", "x.dot"], "leave out --draw"),
        (["t = x*y; t*y", "x=1", "y=2", "--wrt", "t", "--check"], "t is computed"),
        (["x", "x=1", "--key"], "add --blanks"),
        (["x", "x=1", "--blanks", "z"], "z is not in the formula"),
        (["x", "x=1", "--parameters", "z"], "z is not a variable"),
        (["x", "x=1", "--quiz"], "add --play FILE"),
        (
            ["x*x", "x=1", "--style", "network", "--draw", "x.dot"],
            "name them in --parameters, or use --style card",
        ),
        (["x", "x=1", "--no-local"], "--no-local is for a picture"),
        (["x", "x=1", "--beside", "y=1", "--draw", "x.dot"], "x=1 for example"),
        (["x", "x=1", "--beside", "x=2", "--magnitude", "--draw", "x.dot"], "leave out --magnitude"),
        (["x", "x=1", "--highlight", "nan", "--draw", "x.dot"], "is finite"),
        (["x", "x=1", "--fit", "0x4", "--draw", "x.dot"], "between 1 and 200"),
        (["x", "x=1", "--d", "D"], "one of partial, d, dz, delta"),
        (["x", "x=1", "--max-depth", "-1"], "not a whole number"),
        (["x", "x=1", "--min-grad", "nan"], "not a number from 0"),
        (["x", "x=1", "--fit", "16:9"], "add --draw"),
        (["x", "x=1", "--fit", "a:b", "--draw", "x.dot"], "--fit"),
        (["--file", "there is none"], "cannot be read"),
        (["x", "x=1", "--play", "no/steps/"], "no folder"),
        (["x", "x=1", "--play", "."], "is a folder"),
        (["ln(x)", "x=1"], "write log(x)"),
        (["tg(x)", "x=1"], "write tan(x)"),
        (["|x|", "x=1"], "abs(x)"),
        (["3,5*x", "x=1"], "a decimal point, not a comma: 3.5"),
        (["x", "x=3,5"], "a decimal point, not a comma: 3.5"),
    ],
)
def test_what_newcomers_type_is_answered_with_the_way(run: Run, words: list[str], says: str) -> None:
    done = run(*words)
    assert (done.code, done.out) == (2, "")
    assert says in done.err


@pytest.mark.parametrize(("order", "number"), [("1", 12.0), ("2", 12.0), ("3", 6.0), ("4", 0.0)])
def test_higher_orders(run: Run, order: str, number: float) -> None:
    assert float(run("x**3", "x=2", "--order", order, "--grad").out.split("=")[1]) == number
    twice = run("x**3*y", "x=2", "y=5", "--wrt", "x,x", "--order", "2", "--grad").out
    two = run("x**3*y", "x=2", "y=5", "--wrt", "x", "--order", "2", "--grad").out
    assert twice == two
    assert two == "d2f/dx2 = 60.0\n"


def test_a_check_and_a_program_are_of_the_order_that_is_asked_for(run: Run) -> None:
    assert run("x**3*y", "x=2", "y=5", "--order", "2", "--wrt", "x", "--check").code == 0
    names: dict[str, Any] = {}
    exec(run("x**3", "x=2", "--order", "2", "--program", "source").out, names)
    assert names["value_and_gradient"](3.0) == (27.0, (18.0,))
    rows = run("x**3", "--order", "2", "--at", "x=1,2", "--grad").out.splitlines()
    assert [row.split() for row in rows] == [
        ["x", "df/dx", "d2f/dx2"],
        ["1.0", "3.0", "6.0"],
        ["2.0", "12.0", "12.0"],
    ]


def test_formulas_of_derivatives(run: Run) -> None:
    assert run("x**2*y", "x=2", "y=3", "--formula", "text").out == "f = x²·y\ndf/dx = 2x·y\ndf/dy = x²\n"
    assert run("x**3", "x=2", "--formula", "latex", "--order", "2").out == "df/dx = 3x^{2}\nd2f/dx2 = 6x\n"


def test_a_step_can_be_differentiated_by(run: Run) -> None:
    assert run(GORMLEY, "x=1", "--grad", "--wrt", "t,u1").out.splitlines() == [
        f"dJ/d{name} = {number!r}" for name, number in [("t", _slope(2.0)), ("u1", _slope(0.0))]
    ]


def _slope(by_t: float) -> float:
    """dJ/dt or dJ/du1 of the lecture's circuit at 1, by hand."""
    upstream = -math.sin(math.sin(1.0) + 3.0)
    return upstream * math.cos(1.0) + upstream * 3.0 if by_t else upstream


#: What Python's functions take and a formula has no use for.
ELSEWHERE = {
    "root", "before", "after", "titles",  # the formula, at its values and those of --beside
    "names",  # a formula's own
    "scopes", "depth",  # a formula has none
    "rankdir", "options", "width", "numbers",  # --direction; the rest; the terminal's; --symbolic
    "path",  # behind --draw and --play
}  # fmt: skip


def test_everything_that_python_can_show_has_an_option() -> None:
    known = vars(reader().parse_args([])).keys() | ELSEWHERE
    functions = (Options, draw, table, tree, play, formula, side_by_side, Drawing.save, Player.save)
    for function in functions:
        assert set(inspect.signature(function).parameters) - {"self"} <= known, function


def test_options_do_what_they_do_in_python(run: Run, tmp_path: Path) -> None:
    w, x = parameter(0.5, "w"), Value(2.0, "x")
    b = parameter(-0.5, "b")
    f = tanh(w * x + b)
    f.name = "f"
    f.backward()
    given = ("tanh(w*x + b)", "w=1/2", "x=2", "b=-1/2", "--parameters", "w,b")
    shown: list[tuple[list[str], dict[str, Any]]] = [
        (["--d", "dz", "--fractions"], {"d": "dz", "fractions": True}),
        (["--blanks", "grad,w", "--digits", "3"], {"blanks": ["grad", w], "digits": 3}),
        (["--tangents", "w=1,x=-2"], {"tangents": {w: 1.0, x: -2.0}}),
        (["--tangents", "w", "--wrt", "w"], {"tangents": w, "wrt": [w]}),
        (["--focus", "w", "--title", "-a-", "--constants", "nodes"],
         {"focus": w, "title": "-a-", "constants": "nodes"}),
        (["--max-depth", "1", "--min-grad", "0.1"], {"max_depth": 1, "min_grad": 0.1}),
        (["--no-grads", "--max-nodes", "2"], {"grads": "never", "max_nodes": 2}),
    ]  # fmt: skip
    for words, options in shown:
        assert run(*given, *words).out == f"{table(f, **options)}\n"
        assert run(*given, *words, "--tree").out == f"{tree(f, **options)}\n"
        file = tmp_path / "f.dot"
        assert run(*given, *words, "--draw", str(file)).code == 0
        assert file.read_text("utf-8") == draw(f, **options).dot
    key = table(f, blanks="all").key
    assert key is not None
    assert run(*given, "--blanks", "all", "--key").out == f"{key}\n"
    drawn: list[tuple[list[str], dict[str, Any]]] = [
        (["--magnitude", "--no-local"], {"magnitude": True, "local": False}),
        (["--style", "network"], {"style": "network"}),
        (["--highlight", "w", "--no-plates"], {"highlight": [w], "plates": False}),
    ]
    for words, options in drawn:
        file = tmp_path / "g.dot"
        assert run(*given, *words, "--draw", str(file)).code == 0
        assert file.read_text("utf-8") == draw(f, **options).dot


def test_two_circuits_beside_each_other(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "both.dot"
    assert run("x*y", "x=2", "y=3", "--beside", "x=4", "--draw", str(file)).code == 0
    text = file.read_text("utf-8")
    assert "x = 2" in text
    assert "x = 4" in text
    assert "≠" in text


def test_a_file_whose_name_begins_with_a_dash(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("-x", " x", "--x"):
        Path(name).write_text("x*x", "utf-8")
        words = (f"--file={name}",) if name == "--x" else ("--file", name)
        assert run(*words, "x=3", "--grad").out == "df/dx = 6.0\n"
    assert run("x", "x=1", "--draw", "-x.dot").code == 0
    assert Path("-x.dot").exists()
    monkeypatch.setattr("sys.stdin", io.StringIO("x*x"))
    assert run("--file", "-", "x=3", "--grad").out == "df/dx = 6.0\n"


@pytest.mark.parametrize("columns", [24, 40, 80])
@pytest.mark.parametrize(
    "form",
    [(), ("--tree",), ("--tangents", "x"), ("--blanks", "all", "--tree"), ("--title", "a long title")],
)
def test_in_a_narrow_terminal_no_number_is_broken(
    run: Run, monkeypatch: pytest.MonkeyPatch, columns: int, form: tuple[str, ...]
) -> None:
    monkeypatch.setenv("COLUMNS", "1000")
    wide = run(GORMLEY, "x=1", "--digits", "9", *form).out
    monkeypatch.setenv("COLUMNS", str(columns))
    narrow = run(GORMLEY, "x=1", "--digits", "9", *form).out
    for line in narrow.splitlines():
        assert width(line) <= columns or len(line.strip(" │├└─").split()) == 1, line
    number = r"\d+\.\d+"
    assert set(re.findall(number, narrow)) == set(re.findall(number, wide))


def test_points_in_a_narrow_terminal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    lines = run("sin(x)*y", "y=3", "--at", "x=1,2").out.splitlines()
    assert [line.split(" = ")[0].strip() for line in lines] == [*["x", "f", "df/dx", "df/dy"], "",
                                                                *["x", "f", "df/dx", "df/dy"]]  # fmt: skip
    assert float(lines[2].split(" = ")[1]) == 3 * math.cos(1.0)


def test_the_shell_completes_options_and_variables(tmp_path: Path) -> None:
    pytest.importorskip("argcomplete")
    line, out = 'autograd-lite "x*sin(y)" y=1 ', tmp_path / "completions"
    env = {"_ARGCOMPLETE": "1", "COMP_LINE": line, "COMP_POINT": str(len(line)), "_ARGCOMPLETE_IFS": "\n",
           "_ARGCOMPLETE_STDOUT_FILENAME": str(out)}  # fmt: skip
    assert process(env=env).returncode == 0
    found = {each.strip() for each in out.read_text("utf-8").split("\n")}
    assert {"x=", "--blanks", "--play"} <= found
    assert "y=" not in found


def test_numbers_for_other_programs(run: Run) -> None:
    found = json.loads(run("a = x*y; J = log(a)", "x=2", "y=0", "--json").out)
    assert (found["name"], found["value"], found["values"]) == ("J", "-inf", {"x": 2.0, "y": 0.0})
    found = json.loads(run("x*y", "x=0.1", "y=3", "--json", "--wrt", "y").out)
    assert (found["value"], found["gradient"]) == (0.1 * 3, {"y": 0.1})
    found = json.loads(run("x**2*y", "y=0.5", "--at", "x=1,1e200", "--json").out)
    assert found["values"] == {"y": 0.5}
    assert found["at"] == [
        {"x": 1.0, "value": 0.5, "gradient": {"x": 1.0, "y": 1.0}},
        {"x": 1e200, "value": "inf", "gradient": {"x": 1e200, "y": "inf"}},
    ]


def test_several_points(run: Run) -> None:
    head, *rows = run("x**2*y", "y=3", "--at", "x=-1,0,1/2").out.splitlines()
    assert head.split() == ["x", "f", "df/dx", "df/dy"]
    assert [[float(x) for x in row.split()] for row in rows] == [
        [x, 3 * x * x, 6 * x, x * x] for x in (-1.0, 0.0, 0.5)
    ]


def test_a_check_says_by_its_exit_code_what_it_found(run: Run) -> None:
    good, kink = run("x*y + sin(x)", "x=1", "y=2", "--check"), run("relu(x)*y", "x=0", "y=2", "--check")
    assert (good.code, kink.code) == (0, 1)
    assert "agree" in good.out
    assert "kink" in kink.out
    assert re.findall(r"(\w+) = ", good.out) == ["x", "y"]


@pytest.mark.parametrize("style", ["markdown", "html", "latex", "longtable"])
def test_a_table_has_every_style_that_python_has(run: Run, style: str) -> None:
    x = Value(2.0, "x")
    f = x * x
    f.name = "f"
    f.backward()
    assert run("x*x", "x=2", "--table", style).out.rstrip() == str(table(f, style)).rstrip()


def test_programs_are_printed(run: Run) -> None:
    names: dict[str, Any] = {}
    exec(run("x*y + sin(x)", "x=1", "y=2", "--program", "source").out, names)
    assert names["value_and_gradient"](3.0, 4.0) == (12 + math.sin(3), (4 + math.cos(3), 3.0))
    assert list(inspect.signature(names["value"]).parameters) == ["x", "y"]
    assert "engine" in run("x*y", "x=1", "y=2", "--program", "schedule").out


def test_a_formula_from_a_file_or_the_standard_input(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "t = x**2\nJ = sin(t)\n"
    file = tmp_path / "formula.txt"
    file.write_text(text, encoding="utf-8")
    wanted = run("t = x**2; J = sin(t)", "x=2", "--grad").out
    assert run("--file", str(file), "x=2", "--grad").out == wanted
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    assert run("-", "x=2", "--grad").out == wanted
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert run("-").code == 2
    file.write_bytes(b"\xff\xfe")
    assert "cannot be read" in run("--file", str(file)).err
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xff\xfe"), encoding="utf-8"))
    assert "the standard input cannot be read" in run("-").err


def test_no_file_is_written_where_one_cannot_be_made(run: Run, tmp_path: Path) -> None:
    for bad in ("b.xyz", "missing/b.dot", "b"):
        done = run("x*y", "x=1", "y=2", "--draw", str(tmp_path / "a.dot"), "--draw", str(tmp_path / bad))
        assert (done.code, done.out) == (2, "")
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "caret"),
    [
        (["1 + sine(x)", "x=1"], "sine"),
        (["-x*sine(x)", "x=1"], "sine"),
        (["x*y", "x=1"], "y"),
        (["x", "x=2*pix"], "pix"),
        (["x", "x=pi+i"], "i"),
    ],
)
def test_the_caret_stands_below_the_mistake(run: Run, words: list[str], caret: str) -> None:
    shown, mark = run(*words).err.splitlines()[-2:]
    assert mark.strip() == "^"
    assert re.match(rf"{caret}\b", shown[mark.index("^") :])


def test_numbers_that_cannot_be_trusted_are_told_in_one_line(run: Run) -> None:
    done = run("log(x) + 1/x", "x=0")
    assert done.code == 0
    assert "∞" in done.out or "nan" in done.out
    assert re.search(r"warning: log\(x = 0\.0\).*and 2 more", done.err)
    assert done.err.count("\n") == 1
    for words in (["sqrt(x)", "x=0"], ["x", "x=1/0"]):
        assert re.search(r"^autograd-lite: warning: [^\n]*\n$", run(*words).err)
    assert run("log(x)", "x=1").err == ""


def test_a_sweep_that_overflows_is_told_too(run: Run) -> None:
    done = run("(x*1e-200)*1e200*y*1e200*z", "x=1", "y=1", "z=1e200")
    assert done.err.count("warning: ") == done.err.count("\n") == 1


def test_a_formula_of_numbers_has_nothing_to_differentiate(run: Run) -> None:
    done = run("2*pi")
    assert done.code == 0
    assert done.out.startswith("6.283: ")


def test_ascii(run: Run) -> None:
    for form in ("--tree", "--markdown", "--latex", "--grad"):
        done = run("θ = x**2; sin(θ)", "x=1", "--ascii", form)
        assert done.code == 0
        assert form == "--grad" or done.out.isascii()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_what_the_output_cannot_show_is_said_in_ascii(encoding: str) -> None:
    tree, others = ["θ*ŷ**2", "θ=1", "ŷ=-2", "--tree"], [["--functions"], ["--help"]]
    for words in [tree, *(others if encoding in ("ascii", "utf-8") else [])]:
        done = process(*words, env={"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"})
        assert done.returncode == 0, done.stderr
        assert done.stderr == b""
        text = done.stdout.decode(encoding)
        assert text.isascii() == (encoding != "utf-8" or words == ["--help"])
        assert "?" not in text


def test_a_mistake_can_be_told_in_ascii_too() -> None:
    done = process("θ*ŷ", env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="needs a shell's pipe")
def test_a_reader_who_leaves_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "autograd_lite", "x**2", "x=1"],
            stdout=write,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    finally:
        os.close(write)
    assert done.stderr == b""
    assert done.returncode == 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is full")
@pytest.mark.parametrize("words", [["x", "x=1"], ["--help"], ["--functions"]])
def test_an_output_that_is_full_is_told_in_one_line(words: list[str]) -> None:
    with open("/dev/full", "wb") as full:
        done = process(*words, stdout=full)
    assert done.returncode == 2
    assert re.fullmatch(rb"autograd-lite: the output cannot be written: [^\n]+\n", done.stderr)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is full")
@pytest.mark.parametrize(("words", "code"), [(["x", "x=1"], 0), (["log(x)", "x=0"], 0), (["x*"], 2)])
def test_messages_that_cannot_be_written_change_no_exit_code(words: list[str], code: int) -> None:
    with open("/dev/full", "wb") as full:
        assert process(*words, stderr=full).returncode == code


@pytest.mark.skipif(os.name != "posix", reason="needs a shell")
@pytest.mark.parametrize(
    ("closed", "words", "code"), [("1", "x x=1", 0), ("2", "x* x=1", 2), ("2", "--no x", 2)]
)
def test_streams_that_are_closed_stay_silent(closed: str, words: str, code: int) -> None:
    shell = f'exec {closed}>&-; exec "$0" -m autograd_lite {words}'
    done = process(command=["sh", "-c", shell, sys.executable])
    assert (done.returncode, done.stdout, done.stderr) == (code, b"", b"")


@pytest.mark.parametrize(
    "words",
    [
        ["x", "\x1b[31m"],
        ["x", "x=\x1b]0;title\x07"],
        ["x", "x=1", "--\x1b[2J"],
        ["x", "x=1", "--draw", "no/\x1b[2J\n.dot"],
        ["x", "x=1", "--draw", "\x1b[2J.doc"],
        ["x", "x=1", "--digits", "\x1b[2J"],
        ["x", "x=1", "--digits", "9" * 5000],
        ["x", "a" * 100_000],
        ["x", "a" * 100_000 + "=1"],
        ["x", "x=1", "--" + "a" * 100_000],
    ],
)
def test_what_a_stranger_gave_is_shown_cut_and_cannot_drive_a_terminal(run: Run, words: list[str]) -> None:
    done = run(*words)
    assert (done.code, done.out) == (2, "")
    assert done.err.replace("\n", "").isprintable()
    assert len(done.err) < 1000


def test_ctrl_c_is_no_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("autograd_lite.cli.parse", interrupted)
    done = run("x", "x=1")
    assert (done.code, done.out, done.err) == (130, "", "")


def test_the_module_runs() -> None:
    done = process("x**2", "x=3", "--grad")
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        b"df/dx = 6.0" + os.linesep.encode(),
        b"",
    )
    assert process("x**", "x=3").returncode == 2


def test_the_installed_command_is_the_same_function() -> None:
    from importlib.metadata import entry_points

    found = [e for e in entry_points(group="console_scripts") if e.name == "autograd-lite"]
    assert found, "the package is not installed in this environment"
    assert found[0].load() is main


def test_a_picture(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "out.dot"
    done = run("x*y", "x=2", "y=3", "--draw", str(file), "--style", "circuit", "--theme", "dark")
    assert done.code == 0
    assert str(file) in done.err
    assert "result" in done.out
    assert file.read_text(encoding="utf-8").startswith(("digraph", "strict", "//"))


def test_pictures_are_drawn_with_the_looks_asked_for(run: Run, tmp_path: Path) -> None:
    files = [tmp_path / f"{i}.dot" for i in range(3)]
    run("x*y", "x=2", "y=3", "--draw", str(files[0]), "--draw", str(files[1]))
    run("x*y", "x=2", "y=3", "--draw", str(files[2]), "--theme", "dark", "--direction", "TB")
    plain, twin, dark = (file.read_text(encoding="utf-8") for file in files)
    assert plain == twin
    assert "#16191d" in dark
    assert "#16191d" not in plain
    assert re.search(r'rankdir="?TB', dark)


@pytest.mark.parametrize("name", ["out.xyz", "out", "missing/out.dot"])
def test_a_picture_that_cannot_be_written_is_refused(run: Run, tmp_path: Path, name: str) -> None:
    done = run("x*y", "x=2", "y=3", "--draw", str(tmp_path / name))
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []
