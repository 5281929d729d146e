// Numbers as Python writes them, and the slots of texts (see slots.py) filled with them.

const data = JSON.parse(document.getElementById("data").textContent);
const minus = data.ascii ? "-" : "−";

const parsed = (x) => (typeof x === "string" ? { inf: Infinity, "-inf": -Infinity, nan: NaN }[x] : x);

// What the page shows: of nodes, then of wires.
const numbers = {
  value: data.numbers.map(([value]) => parsed(value)),
  grad: data.numbers.map(([, grad]) => parsed(grad)),
  local: data.wires.map(([, , local]) => parsed(local)),
  contribution: data.wires.map(([, , , contribution]) => parsed(contribution)),
  idle: data.idle, // why nothing flows
};

// The n leading digits of x > 0, rounded, ties to even, and the exponent of the first.
function leading(x, n) {
  const split = (digits) => {
    const [mantissa, exponent] = x.toExponential(digits - 1).split("e");
    return [mantissa.replace(".", ""), Number(exponent)];
  };
  const [digits, exponent] = split(n), decimals = Math.max(n - 1 - exponent, -1);
  if (decimals < 60 && Number.isInteger(x * 2 ** (decimals + 2))) { // perhaps a tie: JavaScript rounds it up
    const [more, first] = split(90);
    if (/^50*$/.test(more.slice(n)) && more[n - 1] % 2 === 0) return [more.slice(0, n), first];
  }
  return [digits, exponent];
}

// The exponent of the first digit of x, where it is from −5 to 6
const LADDER = [1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1e3, 1e4, 1e5, 1e6];
function firstExponent(x) {
  let k = 0;
  while (x >= LADDER[k]) k += 1;
  return k - 5;
}

// In so many significant digits but with the whole integer part, without idle zeros.
function fmt(x, digits = data.digits) {
  if (Number.isNaN(x)) return "nan";
  const sign = x < 0 ? minus : "";
  x = Math.abs(x);
  if (x === Infinity) return sign + (data.ascii ? "inf" : "∞");
  if (x === 0) return "0";
  if (x < 1e6 && Number.isInteger(x)) return `${sign}${x}`;
  const small = data.fractions && fraction(x);
  if (small) return sign + small;
  const bare = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  const first = firstExponent(x);
  if (first > -5 && first < 6) {
    let [all, exponent] = leading(x, Math.max(digits, first + 1));
    const point = exponent + 1;
    if (point <= 0) all = "0".repeat(1 - point) + all;
    all = all.padEnd(point, "0");
    const whole = Math.max(point, 1);
    const fixed = all.length > whole ? `${all.slice(0, whole)}.${all.slice(whole)}` : all;
    if (Number(fixed) >= 1e-3 && Number(fixed) < 1e6) return sign + bare(fixed);
  }
  const [all, exponent] = leading(x, digits);
  const mantissa = bare(all.length > 1 ? `${all[0]}.${all.slice(1)}` : all);
  return `${sign}${mantissa}e${exponent < 0 ? minus : ""}${Math.abs(exponent)}`;
}

const factor = (text) => (/^[−-]/.test(text) ? `(${text})` : text);

// The fraction of small whole numbers that x > 0 is, but for the rounding of a few operations: one of
// the convergents of its continued fraction
function fraction(x) {
  const [over, under] = data.fractions;
  if (!(x > 1e-6 && x <= over)) return null;
  const near = 4 * 2 ** (Math.floor(Math.log2(x)) - 52);
  let [p, q, p0, q0, rest] = [Math.floor(x), 1, 1, 0, x];
  while (Math.abs(p / q - x) > near) {
    rest = 1 / (rest - Math.floor(rest));
    const whole = Math.floor(rest);
    [p, q, p0, q0] = [whole * p + p0, whole * q + q0, p, q];
    if (!(q <= under)) return null;
  }
  return p > over ? null : q === 1 ? `${p}` : `${p}/${q}`;
}

// A printed number exactly, as a fraction; null where it is not finite.
function exact(text) {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e(-?\d+))?(?:\/(\d+))?$/.exec(text.replaceAll("−", "-"));
  if (!match) return null;
  const [, sign, whole, part = "", power = "0", under = "1"] = match;
  const digits = BigInt(sign + whole + part), exponent = Number(power) - part.length;
  const scale = 10n ** BigInt(Math.abs(exponent));
  return exponent < 0 ? [digits, BigInt(under) * scale] : [digits * scale, BigInt(under)];
}

function float(text) {
  const [over, under = 1] = text.replaceAll("−", "-").replace(/∞|inf/, "Infinity").split("/");
  return over / under;
}

const alike = (a, b) => a === b || (Number.isNaN(a) && Number.isNaN(b));
const sign = (equal) => (equal ? "=" : data.ascii ? "~=" : "≈");

// Whether printed numbers multiply, or add up, to another to its last digit.
function multiplies(a, b, product) {
  const [x, y, z] = [a, b, product].map(exact);
  if (!x || !y || !z) return alike(float(a) * float(b), float(product));
  return x[0] * y[0] * z[1] === z[0] * x[1] * y[1];
}

function addsUp(terms, total) {
  const all = terms.map(exact), result = exact(total);
  if (!result || all.some((each) => !each)) return alike(terms.map(float).reduce((a, b) => a + b, 0), float(total));
  const [over, under] = all.reduce(([a, b], [c, d]) => (b === d ? [a + c, b] : [a * d + c * b, b * d]), [0n, 1n]);
  return over * result[1] === result[0] * under;
}

// The wires out of each node that contribute to its gradient, and those into each.
const outgoing = data.names.map(() => []), incoming = data.names.map(() => []);
data.wires.forEach(([source, target, , contribution], w) => {
  incoming[target].push(w);
  if (contribution !== null) outgoing[source].push(w);
});

// The circuit as it is computed: of each operation the operands with their wires, then the result
const inOrder = [...new Set([
  ...data.names.flatMap((_, i) => !incoming[i].length ? []
    : [...incoming[i].flatMap((w) => [`n${data.wires[w][0]}`, `e${w}`]), `n${i}`]),
  ...data.names.map((_, i) => `n${i}`),
])];

// The gradient of its source before and after the contribution of each wire, along the sweep.
function additions() {
  const ahead = outgoing.map((wires) => wires.length), running = new Map(), found = [];
  for (const i of data.rows) {
    for (const w of incoming[i]) {
      const part = numbers.contribution[w];
      if (part === null) continue;
      const source = data.wires[w][0], before = running.get(source);
      let total = before === undefined ? part : before + part;
      ahead[source] -= 1;
      if (ahead[source] === 0) {
        // The same sum in another order may differ in its last digits.
        const size = outgoing[source].reduce((sum, each) => sum + Math.abs(numbers.contribution[each]), 0);
        if (!(Math.abs(total - numbers.grad[source]) > 1e-12 * size)) total = numbers.grad[source];
      }
      found[w] = [before ?? 0, total];
      running.set(source, total);
    }
  }
  return found;
}

const texts = new Map(); // of slots that were asked for at the present numbers
let added = null;

function forget() {
  texts.clear();
  added = null;
}

const upstream = (w) => at("g", data.wires[w][1]);
const kinds = {
  v: (i) => fmt(numbers.value[i]),
  g: (i) => fmt(numbers.grad[i] ?? 0),
  p: (i) => sign(data.hidden.includes(i) || addsUp(outgoing[i].map((w) => at("c", w)), at("g", i))),
  l: (w) => fmt(numbers.local[w] ?? 0),
  c: (w) => fmt(numbers.contribution[w] ?? 0),
  u: (w) => factor(upstream(w)),
  k: (w) => factor(at("c", w)),
  r: (w) => sign(numbers.idle[w] || multiplies(at("l", w), upstream(w), at("c", w))),
  b: (w) => fmt((added ??= additions())[w][0]),
  a: (w) => fmt((added ??= additions())[w][1]),
  s: (w) => sign(addsUp([at("b", w), at("c", w)], at("a", w))),
  d: (w) => numbers.idle[w] && ` (${numbers.idle[w]})`,
  w: worked,
};

// A formula with numbers in the place of its names; empty where that is too long or says nothing.
function worked(k) {
  const [node, pieces] = data.substitutions[k];
  const modes = { "": (t) => t, factor, base: (t) => (/^\d+$/.test(t) ? t : `(${t})`) };
  const text = pieces.map((p) => (typeof p === "string" ? p : modes[p[1]](at("v", p[0])))).join("");
  return text.length > 72 || text === at("v", node) ? "" : ` = ${text}`;
}

function at(kind, i) {
  const name = kind + i;
  let text = texts.get(name);
  if (text === undefined) texts.set(name, (text = kinds[kind](i)));
  return text;
}

// A text in pieces: what stands between its slots, and the slots as pairs.
const pieces = (text) => text.split(/\ue000([a-z]\d+)\ue001/).map(
  (piece, k) => (k % 2 ? [piece[0], Number(piece.slice(1))] : piece));
const filled = (parts) => parts.map((part, k) => (k % 2 ? at(...part) : part)).join("");
const fill = (text) => filled(pieces(text));
