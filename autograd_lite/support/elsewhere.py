"""What to use here in place of the names that people bring with them from other libraries."""

from __future__ import annotations

_SAY_NUMBERS = "Value(number) for a number, and lists or NumPy arrays of numbers as arguments of functions"
_SAY_SEED = "rng=random.Random(0), an argument of whatever draws numbers"
_SAY_DEVICE = "record(f, *examples).to_jax(), a function that JAX runs on any device"
_SAY_NUMPY = "NumPy itself: its arrays may hold Values, and np.exp, np.sum, @ work on them"
_SAY_STRUCTURE = "the arguments themselves: lists, tuples, dicts and arrays may be nested in them"
_SAY_RULE = "primitive(name, value, rules, doc), whose rules serve both modes and all orders"
_SAY_SYMBOL = 'Value(1.0, "x"): a number with a name'
_SAY_FUNCTION = "record(f, *examples), or jit(f)"
_SAY_SAVE = "model.save(path) and model.load(path), or program.save(path) and load_program(path)"
_SAY_BATCH = "record(f, *example).batch(in_axes=…, reduce=None), or jit(f).batch(in_axes=…, reduce=None)"

#: By the name that people try.
INSTEAD = {
    # PyTorch
    **dict.fromkeys(("tensor", "Tensor", "as_tensor", "zeros", "ones", "randn", "rand"), _SAY_NUMBERS),
    "manual_seed": _SAY_SEED,
    "autograd": "backward(), or grad(f), or gradients(y, xs) for derivatives that are circuits",
    "inference_mode": "no_grad()",
    "set_grad_enabled": "no_grad() or enable_grad()",
    "compile": _SAY_FUNCTION,
    "func": "grad, jacobian, hessian, jvp and vjp of this package",
    **dict.fromkeys(("save", "load"), _SAY_SAVE),
    "matmul": "the operator @ on arrays of Values",
    **dict.fromkeys(("device", "cuda"), _SAY_DEVICE),
    **dict.fromkeys(("stack", "cat", "arange", "linspace", "einsum", "from_numpy"), _SAY_NUMPY),
    "utils": "batch_size=… and shuffle=… of fit, max_norm=… of an optimizer",
    # JAX
    **dict.fromkeys(("numpy", "jnp", "np"), _SAY_NUMPY),
    **dict.fromkeys(("device_put", "devices"), _SAY_DEVICE),
    "interp": "np.searchsorted for the place, and y[i] + t * (y[i + 1] - y[i]) there",
    "block_until_ready": "the number: it is computed when it is there",
    "config": "nothing: every number is a float of 64 bits",
    "debug": "print: a function runs as Python, or find_nonfinite(y) for the first nan",
    **dict.fromkeys(("vmap", "pmap"), _SAY_BATCH),
    **dict.fromkeys(("tree_map", "tree_util"), _SAY_STRUCTURE),
    "lax": "Python's own if and for; jit(f) records each branch",
    "stop_gradient": "v.detach()",
    "checkpoint": "nothing: a scalar node is small, and a program keeps none",
    "linearize": "jvp(f, primals, tangents), or vjp(f, *primals), which is run once for many seeds",
    "make_jaxpr": "record(f, *examples).source, or draw(y)",
    **dict.fromkeys(("custom_jvp", "custom_vjp", "custom_gradient"), _SAY_RULE),
    "random": _SAY_SEED,
    # HIPS autograd
    **dict.fromkeys(("elementwise_grad", "egrad"), "derivative(f), number by number, or jacobian(f)"),
    **dict.fromkeys(("multigrad", "multigrad_dict"), "grad(f, argnums=(0, 1))"),
    "grad_and_aux": "value_and_grad(f)",
    "deriv": "derivative(f, order)",
    "grad_named": "grad(f, argnums=…), or a dict as the argument",
    "holomorphic_grad": "real and imaginary part as two arguments: Values are real",
    "tracer": "no_grad() and v.detach()",
    "make_vjp": "vjp(f, *primals)",
    "make_jvp": "jvp(f, primals, tangents)",
    "hessian_vector_product": "hvp(f, primals, tangents)",
    "hessian_tensor_product": "hvp(f, primals, tangents)",
    **dict.fromkeys(("defvjp", "defjvp", "extend"), _SAY_RULE),
    **dict.fromkeys(("check_grads", "test_util"), "gradcheck(f, inputs)"),
    # CasADi
    **dict.fromkeys(("SX", "MX", "DM"), _SAY_SYMBOL),
    "Function": _SAY_FUNCTION,
    "gradient": "gradients(y, xs), whose results are circuits, or grad(f)",
    **dict.fromkeys(("vertcat", "horzcat"), "a list of Values, or np.array of them"),
    "if_else": "where(condition, x, y)",
    **dict.fromkeys(("nlpsol", "Opti"), "minimize(f, x0, bounds=…, constraints=…)"),
    **dict.fromkeys(("qpsol", "integrator", "rootfinder"), "SciPy, with grad(f) and jacobian(f)"),
    # SymPy
    **dict.fromkeys(("symbols", "Symbol", "var"), _SAY_SYMBOL),
    "diff": "gradients(y, x) of a circuit, or derivative(f, order) of a function",
    "lambdify": _SAY_FUNCTION,
    "latex": 'formula(y, "latex")',
    "sympify": "parse.parse(text)",
    "simplify": "SymPy: a circuit stays as it was computed",
    **dict.fromkeys(("integrate", "solve", "limit", "series"), "SymPy, or SciPy with grad(f)"),
    **dict.fromkeys(("expand", "factor", "Matrix"), "SymPy: a circuit stays as it was computed"),
    **dict.fromkeys(("pprint", "pretty"), "formula(y)"),
    "parse_expr": "parse.parse(text)",
    "Rational": "fractions.Fraction(1, 2), and fractions=True where it is drawn",
    "I": "real and imaginary part as two arguments: Values are real",
    # Mathematics
    "ln": "log(x)",
    "tg": "tan(x)",
    "arctg": "atan(x)",
    "Heaviside": "step(x)",
    "sgn": "sign(x)",
    "pi": "math.pi",
    **dict.fromkeys(
        ("e", "E"),
        "math.e",
    ),
}
