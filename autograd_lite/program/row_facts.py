"""What programs know of rows of the table by their names, in one place.

A new operation needs no entry: one that is not listed is taken to be of the general kind, which every
engine can do, only not as well. Rows that choose an operand by its place have to be here, and a test finds
them. These are facts about programs and JAX, for which nobody looks in the table.
"""

#: Rows whose rules look at the number of a constant operand.
LOOKS_AT_CONSTANTS = {"pow", "polygamma", "sinc_derivative", "log_ndtr_derivative"}

#: Rows whose last operand is the place of another one.
CHOOSING = ("softmax", "log_softmax", "take")

#: Rows that are not defined where they divide by 0, and whose rules are.
REMAINDERS = ("mod", "fmod")

#: Rows that ``jax.numpy`` differentiates as their rules do.
NATIVE_IN_JAX = (
    *("add", "sub", "mul", "div", "neg", "pos", "square", "exp", "log", "sqrt", "sin", "cos"),
    *("relu", "where", "log_ndtr"),
)

#: Rows whose derivatives are finite at all finite operands. What comes after any other row may have an
#: infinite derivative in a branch that is not selected.
TAME = {
    *("add", "sub", "mul", "neg", "pos", "square", "sum", "dot", "sin", "cos", "atan", "asinh", "abs"),
    *("tanh", "sech", "sigmoid", "log_sigmoid", "softplus", "relu", "leaky_relu", "elu", "selu", "gelu"),
    *("silu", "softsign", "hardtanh", "erf", "erfc", "gaussian", "norm_cdf", "norm_pdf", "compare"),
    *("maximum", "minimum", "where", "clip", "sign", "step", "floor", "ceil", "round", "trunc"),
    *("degrees", "radians", "log_cosh", "logaddexp", "log_ndtr", "one_minus_square"),
}
