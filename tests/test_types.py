"""What a type checker knows of the public names: `make check` reads this, nothing runs it."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import assert_type

    import autograd_lite as ag
    from autograd_lite import Value
    from autograd_lite.minimization import Fitted, Minimum
    from autograd_lite.show.picture.drawing import Drawing
    from autograd_lite.training import History

    def values(x: Value) -> None:
        assert_type(x + 1, Value)
        assert_type(2.0 * x, Value)
        assert_type(x**2 / (1 - x), Value)
        assert_type(-x, Value)
        assert_type(ag.sin(x), Value)
        assert_type(ag.sin(1.0), float)
        assert_type(ag.atan2(x, 1.0), Value)
        assert_type(ag.parameter(0.5, "w"), Value)
        assert_type(x.data, float)
        assert_type(x.grad, float)
        assert_type(x.name, str | None)
        assert_type(x.backward(), None)
        assert_type(ag.circuit(x), list[Value])
        assert_type(x < 1.0, bool)

    def asked(x: Value, f: Any) -> None:
        assert_type(ag.draw(x), Drawing)
        assert_type(ag.minimize(f, 1.0), Minimum)
        assert_type(ag.least_squares(f, [1.0]), Fitted)
        assert_type(ag.fit(f, ([1.0], [2.0]), f, f), History)

    x = Value("three")  # type: ignore[arg-type]  # a name is not a number
    x.data = "three"  # type: ignore[assignment]  # the same
    ag.sine(1.0)  # type: ignore[attr-defined]  # there is no such name


def test_the_package_is_typed() -> None:
    from importlib.resources import files

    assert (files("autograd_lite") / "py.typed").is_file()
