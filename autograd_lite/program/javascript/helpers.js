const $truth = (x) => x !== 0 && x !== false && x !== null;

const $copysign = (x, y) => (y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x));

const $isInfinite = (x) => x === Infinity || x === -Infinity;

// C's pow: 1 to any power is 1, and so is −1 to an infinite one.
const $power = (x, y) => (x === 1 || (x === -1 && $isInfinite(y)) ? 1 : Math.pow(x, y));

// With the sign of the divisor, a zero too
const $modulo = (x, y) => {
  const rest = x % y;
  if (rest === 0) return $copysign(0, y);
  return (rest < 0) !== (y < 0) ? rest + y : rest;
};

const $floorDivide = (x, y) => {
  if (y === 0) return x / y;
  const rest = x % y;
  const quotient = (x - rest) / y - (rest !== 0 && (rest < 0) !== (y < 0) ? 1 : 0);
  if (quotient === 0) return $copysign(0, x / y);
  const floor = Math.floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
};

// To the nearest whole number, ties to even
const $round = (x) => {
  const floor = Math.floor(x), part = x - floor;
  return part < 0.5 || (part === 0.5 && floor % 2 === 0) ? floor : floor + 1;
};

const $degrees = (x) => x * (180 / Math.PI);

const $radians = (x) => x * (Math.PI / 180);

// As Python's: the first of those that no other is larger than, also where some are nan
const $max = (xs, none) => xs.reduce((most, x) => (x > most ? x : most), xs.length ? xs[0] : none);

const $min = (xs) => xs.reduce((least, x) => (x < least ? x : least));

const $sum = (xs) => xs.reduce((total, x) => total + x, 0);

const $product = (xs) => xs.reduce((total, x) => total * x, 1);

const $any = (xs) => xs.some($truth);

const $range = (start, end, step = 1) => {
  const [first, stop] = end === undefined ? [0, start] : [start, end];
  return Array.from({ length: Math.max(0, Math.ceil((stop - first) / step)) }, (_, i) => first + i * step);
};

const $enumerate = (xs) => xs.map((x, i) => [i, x]);

const $zip = (xs, ys) => xs.map((x, i) => [x, ys[i]]);

const $reversed = (xs) => [...xs].reverse();

const $index = (xs, x) => xs.findIndex((each) => each === x || Object.is(each, x));

const $remove = (xs, x) => xs.splice($index(xs, x), 1);

const $cached = (f) => {
  const known = new Map();
  return (x) => known.get(x) ?? (known.set(x, f(x)), known.get(x));
};

const $repeated = (xs, count) => $range(count).flatMap(() => xs);

const $accumulated = (xs, f, first) => xs.reduce((found, x) => [...found, f(found.at(-1), x)], [first]);
