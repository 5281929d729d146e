"""Engines as programs and batches call them: over arrays, and for one point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..support.blocks import guarded
from ..support.collector import paused_collector
from ..support.ieee import FLOAT_ERRORS
from .choosing import ASKED, Choice, tape_of
from .engine_table import KNOWN_ENGINES, LONGEST
from .quick import Handed, gradient_of, parts_of_call, run_of, value_of
from .recording import IrregularError, Recording
from .source import Straight

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .plan import Plan

#: Up to this many inputs a builtin function takes each as an argument.
_SCALARS = 16


class Dense:
    """An engine over arrays, for one point or a batch; several threads take turns.

    ``vary`` says for each input whether it varies by sample, None for one point; ``wanted`` whether
    its derivative is asked for, None for values alone. ``most`` is how many instructions a schedule
    may have; ``options`` are those of the engine.

    :ivar name: that of the engine: "tape" where there would be more instructions, and a tape is walked.
    :raises IrregularError: where there would be more, and the engine walks no tapes.
    """

    @guarded
    def __init__(
        self,
        name: str,
        recording: Recording,
        vary: Sequence[bool] | None,
        wanted: Sequence[bool] | None,
        most: int | None = None,
        exact: bool = False,
        **options: Any,
    ) -> None:
        from .plan import Schedule, plan_of
        from .tape import TapePlan

        listed = KNOWN_ENGINES[name]
        assert listed.load is not None, f"{name} has no steps"
        kind = listed.load()
        self.given: Sequence[Handed] = options.get("given", ())
        plan: Plan
        with paused_collector():
            if listed.tapes:
                plan = plan_of(recording, vary, wanted, most, exact)
            else:
                plan = Schedule(recording, vary, wanted, most=most)
            lanes = 1 if vary is None else kind.most_lanes(plan)
            self.engine: Any = kind(plan, lanes, exact=exact, **options)
        self.name = "tape" if isinstance(plan, TapePlan) else name

    def run(self, *arrays: Any) -> tuple[Any, float]:
        """As :meth:`~.engine.Engine.run`; the adjoints are a copy.

        A program that is called again by a row that it calls back has no rows for that: somebody must
        look, for the eager engine needs none.
        """
        engine = self.engine
        with engine.lock:
            if engine.busy:
                return None, 1.0
            try:
                engine.busy = True
                slopes, guard = engine.run(*arrays)
                return slopes.copy(), guard
            finally:
                engine.busy = False


class PointEngine:
    """A program at one point by an engine.

    It is called with the numbers of all inputs, and gives the outputs, or the output and the
    derivatives by the ``wanted`` inputs; None where the eager engine must look: a result is not finite.

    :ivar why: which engine it is, and why.
    :ivar bare: for few inputs, a function of them as floats that gives the same; else None.
    """

    def __init__(
        self,
        choice: Choice,
        recording: Recording,
        wanted: Sequence[int] | None,
        scalar: bool,
        given: Sequence[Handed] = (),
    ) -> None:
        name, self.why = choice.name, str(choice)
        self.bare: Callable[..., Any] | None = None
        self.of_array: Callable[..., Any] | None = None
        self._lean: Callable[..., Any] | None = None
        self._given = given
        self._recording, self._gradient = recording, wanted is not None
        self._dense: Dense | None = None
        if choice.listed.load is None:
            if len(recording) > LONGEST and choice.why != ASKED:
                self.why = f"eager: {len(recording):,} operations, too many to compile in Python"
            else:
                self.bare = Straight(recording, wanted).call
            return
        chosen = set(wanted or ())
        mask = None if wanted is None else [i in chosen for i in range(recording.inputs)]
        scalar = scalar and recording.inputs <= _SCALARS
        most = choice.most(len(recording))
        try:
            self._dense = Dense(name, recording, None, mask, most, choice.exact, scalar=scalar, given=given)
        except IrregularError as error:
            if len(recording) > LONGEST:
                self.why = f"eager: {error}, too many to compile and too few of them alike"
            else:
                self.why = f"python: {error}, too few of them alike"
                self.bare = Straight(recording, wanted).call
            return
        if self._dense.name != name:
            self.why = str(tape_of(recording, choice.exact))
        self._wanted: Any = None if wanted is None else run_of(wanted)
        # A row that is called back may let other threads in, which use the same rows
        engine = self._dense.engine
        if engine.callbacks:
            return
        if engine.takes_floats:
            self.bare, self._lean = engine.call, engine.lean
        else:
            self.of_array = engine.call

    def __call__(self, xs: Sequence[float]) -> Any:
        """The outputs, or the output and the derivatives; None where the eager engine must look."""
        if self.bare is not None:
            return self.of(*(xs if type(xs) is list else map(float, xs)))
        if self._dense is None:
            return None
        import numpy as np

        given = np.ascontiguousarray(xs, float) if type(xs) is list else xs
        values = np.empty((len(self._recording.roots), 1))
        if self.of_array is not None:
            args, slopes, mine = parts_of_call(self._given, given, self._gradient)
            if self.of_array(*args, *mine, values) is None:
                return None
            if self._given and self._gradient:
                return float(values[0, 0]), slopes
        else:
            slopes, guard = self._dense.run(given, None, None, values)
            if guard != 0:
                return None
        if not self._gradient:
            return values[:, 0].tolist()
        return float(values[0, 0]), slopes[self._wanted]

    def quick(self, argnums: Any) -> Callable[..., Any] | None:
        """A quick way from arguments to the value and the derivative by one of them, or to the value.

        It gives None for arguments that have to be looked at. There is one for functions of floats, and
        by machine code for functions of arrays.
        """
        if self._lean is not None:
            return self._lean
        if self.bare is not None:
            count = self._recording.inputs

            def of_floats(*args: Any) -> Any:
                if len(args) != count or not {float}.issuperset(map(type, args)):
                    return None
                found = self.of(*args)
                if found is None or argnums is None:
                    return found and found[0]
                return found[0], found[1][0]

            return of_floats
        if self.of_array is None or not self._given:
            return None
        return (
            value_of(self.of_array) if argnums is None else gradient_of(self.of_array, self._given, argnums)
        )

    def of(self, *xs: float) -> Any:
        """As a call, of floats."""
        assert self.bare is not None
        try:
            found = self.bare(*xs)
        except FLOAT_ERRORS:
            return None
        if found is None:
            return None
        if self._gradient:
            total = found[0] + sum(found[1])
        else:
            found = found if type(found) is tuple else (found,)
            total = sum(found)
        return None if total - total else found
