// The circuit, computed anew: `each` gives all values and all local derivatives at some inputs.

const live = typeof data.live === "string" ? null : data.live;
const first = live?.inputs.length; // of the operations, among the entries of the circuit

// Python's sweep: a fresh adjoint per sweep, results before operands, nothing through a branch not taken.
function swept(values, locals) {
  const adjoint = new Map([[live.root, 1]]);
  for (let i = values.length - 1; i >= first; i -= 1) {
    const up = adjoint.get(i);
    if (up === undefined) continue;
    const [operands, piecewise] = live.operations[i - first];
    operands.forEach((p, k) => {
      const local = locals[i - first][k];
      if (piecewise && local === 0) return;
      const old = adjoint.get(p);
      adjoint.set(p, old === undefined ? local * up : old + local * up);
    });
  }
  return adjoint;
}

function compute(inputs) {
  const [values, locals] = each(...inputs);
  const adjoint = swept(values, locals);
  const local = ([i, k]) => {
    const slope = locals[i - first][k];
    return live.operations[i - first][1] && slope === 0 ? null : slope;
  };
  live.nodes.forEach((entry, i) => {
    numbers.value[i] = typeof entry === "number" ? values[entry] : parsed(entry[0]);
    if (numbers.grad[i] !== null) numbers.grad[i] = adjoint.get(entry) ?? 0;
  });
  live.paths.forEach((path, w) => {
    if (path === null) return;
    const slope = path.map(local).reduce((all, own) => (all === null || own === null ? null : own * all), 1);
    const up = adjoint.get(live.nodes[data.wires[w][1]]);
    numbers.idle[w] = slope === null ? "this branch is not taken" : up === undefined ? "no gradient flows here" : "";
    if (numbers.local[w] !== null) numbers.local[w] = slope ?? 0;
    if (numbers.contribution[w] !== null) numbers.contribution[w] = numbers.idle[w] ? 0 : slope * up;
  });
  forget();
}
