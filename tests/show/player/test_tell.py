"""What the steps of a player say, and when each number is shown."""

from __future__ import annotations

import json
import random
import re
from itertools import pairwise

import pytest

from autograd_lite import (
    Value,
    exp,
    log,
    relu,
    scope,
    sin,
    tanh,
)
from autograd_lite.formulas.notation import fmt
from autograd_lite.show.draw import play
from autograd_lite.show.player.slots import SLOT
from autograd_lite.show.player.story import Story
from autograd_lite.show.player.substitution import substituted
from autograd_lite.show.view.options import Options
from autograd_lite.show.view.view import View, snapshot

from ...support.circuits import gormley, sarkar
from .cases import (
    CASES,
    Page,
    each_case,
    named,
    player,
    strings,
    told,
    words,
)


@each_case
def test_the_number_of_steps(case: str) -> None:
    assert len(player(case).steps) - 1 == CASES[case][2]


def test_the_phases_follow_the_lecture() -> None:
    steps = player("gormley").steps
    assert [step.phase for step in steps] == [
        "start", *["forward"] * 6, *["backward"] * 6, "done",
    ]  # fmt: skip
    backward = [step.title.split()[2] for step in steps[8:13]]
    assert backward == ["J", "u", "u₁", "u₂", "t"]


def test_a_backward_step_has_the_chain_rule_in_symbols_in_numbers_and_its_effect() -> None:
    first, second = player("gormley").steps[10:12]
    assert words(first.groups[0]) == [
        "∂J/∂t += ∂u₁/∂t × ∂J/∂u₁",
        "cos(t) × ∂J/∂u₁ = 0.5403 × 0.6441 ≈ 0.348",
        "t.grad: 0 → 0.348",
    ]
    assert words(second.groups[0]) == [
        "∂J/∂t += ∂u₂/∂t × ∂J/∂u₂",
        "3 × 0.6441 ≈ 1.932",
        "t.grad: 0.348 + 1.932 = 2.28 (second path: the contributions add)",
    ]


@each_case
@pytest.mark.parametrize("quiz", [False, True])
def test_every_product_of_the_chain_rule_has_two_factors_on_each_side(case: str, quiz: bool) -> None:
    """So that no factor is said to equal a product, as in cos(t) = 0.5403 × 0.6441."""
    for step in player(case, quiz=quiz).steps:
        for symbols, numbers, *_ in filter(lambda lines: " += " in lines[0], map(words, step.groups)):
            assert symbols.count(" × ") == 1
            *products, result = re.split(" [=≈] ", numbers)
            assert [side.count(" × ") for side in products] == [1] * len(products)
            assert " × " not in result


def test_a_local_derivative_that_is_a_sum_stands_in_parentheses() -> None:
    x = Value(3.0, "x")
    y = named(tanh(x), "y")
    assert words(play(y * x).steps[6].groups[0])[1].startswith("(1 − y²) × ")


def test_a_forward_step_works_the_value_out() -> None:
    assert words(player("gormley").steps[3].groups[0]) == ["u₁ = sin(t) = sin(1) = 0.8415"]
    assert words(player("gormley").steps[3].groups[1])[1:] == ["∂u₁/∂t = cos(t) = 0.5403"]


def test_two_operands_of_one_name_are_not_mixed_up() -> None:
    with scope("one"):
        a = Value(2.0, "w")
    with scope("two"):
        b = Value(3.0, "w")
    assert words(play(named(a * b, "y")).steps[2].groups[0]) == ["y = w·w#2 = 6"]


def test_operands_that_are_met_twice_are_told_apart() -> None:
    x = Value(3.0, "x")
    step = play(named(x * x, "y")).steps[4]
    assert [words(group)[0] for group in step.groups] == [
        "∂y/∂x += ∂y/∂x × ∂y/∂y (1st x)",
        "∂y/∂x += ∂y/∂x × ∂y/∂y (2nd x)",
    ]
    assert [words(group)[2] for group in step.groups] == [
        "x.grad: 0 → 3",
        "x.grad: 3 + 3 = 6 (second path: the contributions add)",
    ]


def test_quiz_asks_before_each_step_of_the_sweep_and_gives_nothing_away() -> None:
    plain, quiz = player("gormley").steps, player("gormley", quiz=True).steps
    assert len(quiz) == len(plain) + 5
    assert [step for step in quiz if step.phase != "ask"] == list(plain)
    for question, answer in pairwise(quiz):
        if question.phase == "ask":
            assert question.title.endswith(answer.title.removeprefix("Backward"))
            for asked, told in zip(question.groups, answer.groups, strict=True):
                symbols, product, effect = words(asked)
                assert symbols == words(told)[0]
                assert product.endswith("= ?")
                assert "→ ?" in effect


def random_circuit(seed: int) -> Value:
    rng = random.Random(seed)
    nodes = [Value(rng.uniform(-2, 2), f"x{i}") for i in range(3)]
    for _ in range(rng.randrange(1, 14)):
        a, b = rng.choice(nodes), rng.choice(nodes)
        made = rng.choice([a + b, a * b, a - b, sin(a), tanh(b), relu(a), exp(tanh(a)), a * 2.5])
        nodes.append(made)
    return nodes[-1]


def running_totals(view: View, story: Story) -> None:
    """Hold that the running totals that the steps tell are those of the cards, without a gap."""
    for i, node in enumerate(view.nodes):
        if node.grad is None:
            assert i not in story.grad
            continue
        changes = story.grad[i]
        assert [step for step, _ in changes] == sorted({step for step, _ in changes})
        assert changes[-1][1] == fmt(node.grad)
        lines = [
            (k, re.findall(rf"{re.escape(node.label)}\.grad: (\S+) (?:→|\+ \S+ [=≈]) (\S+)", line))
            for k, step in enumerate(story.steps)
            for group in step.groups
            for line in words(group)
        ]
        chain = [(k, *pair) for k, pairs in lines for pair in pairs]
        shown = dict(changes)
        for before, after in pairwise(chain):
            assert before[2] == after[1]
        for k in {k for k, _, _ in chain}:
            assert shown[k] == [after for at, _, after in chain if at == k][-1]


@pytest.mark.parametrize("detail", ["all", "sums", "named"])
@pytest.mark.parametrize("seed", range(40))
def test_running_totals_end_in_the_gradients(seed: int, detail: str) -> None:
    view = snapshot(random_circuit(seed), Options(grads="always", detail=detail))
    running_totals(view, told(view))


def test_the_checker_of_running_totals_sees_a_wrong_total() -> None:
    view = snapshot(gormley(), Options(grads="always"))
    story = told(view)
    story.grad[1][-1] = (story.grad[1][-1][0], "2.29")
    with pytest.raises(AssertionError):
        running_totals(view, story)


def test_values_stand_before_what_is_computed_from_them() -> None:
    for seed in range(40):
        view = snapshot(random_circuit(seed), Options(grads="always"))
        story = told(view)
        assert set(story.value) == set(range(len(view.nodes)))
        for wire in view.wires:
            assert story.value[wire.source] < story.value[wire.target] == story.local[wire.id]
            if wire.contribution is not None:
                assert story.product[wire.id] > story.seed > story.local[wire.id]


def test_an_input_alone_and_a_constant_have_steps() -> None:
    assert [s.phase for s in play(Value(3.0, "x")).steps] == [
        "start", "forward", "backward", "done",
    ]  # fmt: skip
    constant = play(named(relu(Value(2.0)).detach() * 3.0, "c"))
    assert [s.phase for s in constant.steps] == ["start", "forward", "done"]


def test_a_cut_says_what_it_left_out() -> None:
    made = play(gormley(), max_depth=2)
    last = next(s for s in reversed(made.steps) if s.phase == "backward")
    assert "not drawn" in words(last.groups[-1])[0]
    assert any("not drawn" in text for text in Page(made.html).texts if text[0] != "{")


def test_a_gradient_with_paths_that_are_not_drawn_is_shown_whole() -> None:
    x = Value(1.0, "x")
    t = named(x * 1.0, "t")
    root = named(named(10.0 * t, "a") + named(0.25 * t, "b"), "y")
    made = play(root, min_grad=0.5)
    t_at = [node.label for node in made.view.nodes].index("t")
    story = told(made.view)
    assert [text for _, text in story.grad[t_at]] == ["0", "10", "10.25"]
    (step,) = (s for s in made.steps if s.title == "Backward through t = x·1")
    assert "not drawn" in words((step.intro,))[0]
    running_totals(made.view, story)


def test_nan_and_infinity_are_told() -> None:
    x = Value(0.0, "x")
    with pytest.warns(RuntimeWarning):
        y = named(log(x) * x, "y")
    story = told(snapshot(y, Options(grads="always")))
    assert any("nan" in text for _, text in story.grad[0])


def test_playing_changes_nothing_in_the_circuit() -> None:
    root = gormley()
    play(root)
    assert not root.swept
    assert root.grad == 0.0
    root.backward()
    play(root)
    assert root.grad == 1.0


def test_ascii_is_ascii() -> None:
    made = player("gormley", ascii=True)
    said = [run.text for s in made.steps for line in (s.intro, *sum(s.groups, ())) for run in line]
    data = re.search(r'type="application/json">(.*?)</script>', made.html, re.DOTALL)
    assert data is not None
    assert said
    assert all(SLOT.sub("", text).isascii() for text in strings(json.loads(data[1])))


@pytest.mark.parametrize(
    ("expression", "numbers", "expected"),
    [
        ("q·z", {"q": "3", "z": "−4"}, "3·(−4)"),
        ("x²", {"x": "−2"}, "(−2)²"),
        ("x²", {"x": "0.5"}, "(0.5)²"),
        ("x**2 * x", {"x": "-2"}, "(-2)**2 * (-2)"),
        ("x^2", {"x": "-2"}, "(-2)^2"),
        ("−a", {"a": "−2"}, "−(−2)"),
        ("2u₁ + u", {"u₁": "5", "u": "7"}, "2·5 + 7"),
        ("sin(sin)", {"sin": "1"}, "sin(1)"),
        ("max(a, b)", {"a": "−1", "b": "−2"}, "max(−1, −2)"),
        ("a + b", {"a + b": "1"}, None),
        ("x + y", {}, None),
        ("1 + " * 40 + "x", {"x": "1"}, None),
    ],
)
def test_numbers_in_the_place_of_names(
    expression: str, numbers: dict[str, str], expected: str | None
) -> None:
    assert substituted(expression, numbers) == expected


def test_a_story_without_inputs_says_so() -> None:
    f = sarkar(swept=True)
    steps = told(snapshot(f, Options(max_depth=0))).steps
    assert "0 inputs" not in "".join(run.text for run in steps[0].intro)
    assert "None" in "".join(run.text for run in steps[1].intro)


def test_the_upstream_gradient_in_a_unit_is_a_factor_at_any_numbers() -> None:
    """In parentheses where a reader makes it negative."""
    page = player("mlp", style="network")
    kinds = {kind for kind, _ in SLOT.findall(page._slotted.dot)}
    assert "u" in kinds
