"""Survivors of mutation are known by the lines that a change takes out and puts in."""

from . import mutation
from .mutation import change_of, explained, stale

DIFF = """--- mutation diff ---
--- a/autograd_lite/core/order.py
+++ b/autograd_lite/core/order.py
@@ -1,3 +1,3 @@
 def f(a):
-    if a:
+    if not a:
         g()
"""


def test_a_survivor_is_known_by_its_module_and_its_lines() -> None:
    known = explained("core/order: why not\n- if a:\n+ if not a:\n\ncore/node: time alone\n- b\n+ c\n")
    assert list(known.values()) == ["why not", "time alone"]
    assert change_of("core/order", DIFF.splitlines()) in known
    assert change_of("core/node", DIFF.splitlines()) not in known
    assert change_of("core/order", DIFF.replace("not a", "b").splitlines()) not in known
    assert stale([("core/order", "no such line", "")]) == ["core/order: no such line"]


def test_every_explanation_has_a_reason_and_a_change() -> None:
    known = explained(mutation.SURVIVORS.read_text(encoding="utf-8"))
    assert known
    assert all(why and gone != come for (_, gone, come), why in known.items())


def test_every_module_has_tests() -> None:
    for folder in ("core", "check", "program", "program/machine", "parse", "support"):
        for module in mutation.modules_of(folder):
            assert mutation.tests_of(module), module
