"""The two circuits of the lecture notes, for every test that needs a small one."""

from autograd_lite import Value, cos, sin


def sarkar(swept: bool = False) -> Value:
    """f = (x + y)·z at −2, 5, −4: f is −12, and its gradients are −4, −4 and 3."""
    x, y, z = Value(-2.0, "x"), Value(5.0, "y"), Value(-4.0, "z")
    q = x + y
    q.name = "q"
    f: Value = q * z
    f.name = "f"
    if swept:
        f.backward()
    return f


def gormley(swept: bool = False) -> Value:
    """J = cos(sin(x²) + 3x²) at 1, with the names of the notes (2014, section 1.3)."""
    t = Value(1.0, "x") ** 2
    u1, u2 = sin(t), 3 * t
    u = u1 + u2
    J: Value = cos(u)
    for name, node in {"t": t, "u1": u1, "u2": u2, "u": u, "J": J}.items():
        node.name = name
    if swept:
        J.backward()
    return J
