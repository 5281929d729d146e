// The inputs: fields, sliders, nudges, and steps of descent. Everything on the page follows them.

const panel = $("inputs");
const given = live ? data.kinds.flatMap((kind, i) => (/leaf|param/.test(kind) && live.nodes[i] < first ? [i] : [])) : [];
const start = given.map((i) => numbers.value[i]);
const values = [...start];
const losses = [];
let waiting = 0, rest = 0;

// What a change of the inputs changes, once a frame
function changed() {
  waiting ||= requestAnimationFrame(() => {
    waiting = 0;
    recompute();
  });
}

function recompute() {
  compute(values);
  write(bound.length <= LARGE);
  clearTimeout(rest);
  rest = setTimeout(() => {
    if (bound.length > LARGE) write();
    speak();
  }, 200);
  say(steps[current]);
  light(lit);
  controls.forEach((control, k) => control.show(values[k]));
  typeset(result, fill(`${data.names[data.root]} = \ue000v${data.root}\ue001`));
}

function set(k, x) {
  values[k] = x;
  losses.length = 0;
  tell("");
  draw();
  changed();
}

const button = (text, label, action) => {
  const made = make("button", "", text);
  made.setAttribute("aria-label", label);
  made.title = label;
  made.addEventListener("click", action);
  return made;
};

const read = ({ value }) => (value.trim() === "" ? NaN : Number(value.replace("−", "-").replace(",", ".")));

function field(label, x, apply) {
  const made = make("input", "");
  made.type = "text";
  made.inputMode = "decimal";
  made.autocomplete = "off";
  made.setAttribute("aria-label", label);
  made.value = Number(x.toPrecision(6));
  made.addEventListener("input", () => {
    const y = read(made);
    made.setAttribute("aria-invalid", !Number.isFinite(y));
    if (Number.isFinite(y)) apply(y);
  });
  return made;
}

// The nearest of 1, 2, 5 times a power of ten
function round(x) {
  const power = 10 ** Math.floor(Math.log10(x)), lead = x / power;
  return power * (lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10);
}

function control(i, k) {
  const name = live.inputs[k], reach = Math.max(2 * Math.abs(start[k]), 2), step = round(reach / 100);
  const slider = make("input", "");
  slider.type = "range";
  slider.setAttribute("aria-label", `${name}, slider`);
  [slider.min, slider.max, slider.step] = [start[k] - reach, start[k] + reach, "any"];
  const number = field(name, start[k], (x) => set(k, x));
  const tidy = (x) => Number((Math.round(x / step) * step).toPrecision(12));
  const arrow = (event, box) => {
    const way = { ArrowUp: 1, ArrowRight: box === slider ? 1 : 0, ArrowDown: -1, ArrowLeft: box === slider ? -1 : 0 }[event.key];
    if (!way) return;
    event.preventDefault();
    set(k, tidy(values[k] + way * step * (event.shiftKey ? 10 : 1)));
  };
  for (const box of [slider, number]) box.addEventListener("keydown", (event) => arrow(event, box));
  slider.addEventListener("input", () => set(k, tidy(Number(slider.value))));
  const row = make("div", "input", make("span", "name", ...typed(name)), number, slider,
    button("−h", `−h: nudge ${name} down`, () => nudge(k, -1)),
    button("+h", `+h: nudge ${name} up`, () => nudge(k, 1)));
  row.dataset.of = `n${i}`;
  const show = (x) => {
    if (document.activeElement !== number || read(number) !== x) {
      number.value = Number(x.toPrecision(6));
      number.removeAttribute("aria-invalid");
    }
    if (x < Number(slider.min)) slider.min = x;
    if (x > Number(slider.max)) slider.max = x;
    slider.value = x;
    slider.setAttribute("aria-valuetext", fmt(x));
  };
  return { row, show };
}

let h = 0.01, rate = 0.1;
const eta = data.ascii ? "eta" : "η";
const partial = (of, by) => (data.ascii ? `d${of}/d${by}` : `∂${of}/∂${by}`);

// Move an input a little, and say what the result made of it beside what its gradient foretold.
function nudge(k, way) {
  const i = given[k], before = numbers.value[data.root], slope = numbers.grad[i], step = way * h;
  set(k, values[k] + step);
  compute(values);
  const moved = numbers.value[data.root] - before, top = data.names[data.root];
  tell(`${data.ascii ? "D" : "Δ"}${top}/h = ${fmt(moved / step)} for h = ${fmt(step)}; `
    + `${partial(top, live.inputs[k])} was ${fmt(slope)}`);
}

// One step of gradient descent, by the parameters where there are any
function descend() {
  const trained = given.some((i) => data.kinds[i] === "param")
    ? given.filter((i) => data.kinds[i] === "param") : given;
  if (!losses.length) losses.push(numbers.value[data.root]);
  given.forEach((i, k) => {
    if (trained.includes(i)) values[k] -= rate * numbers.grad[i];
  });
  recompute();
  losses.push(numbers.value[data.root]);
  const n = losses.length - 1;
  tell(`${data.names[data.root]}: ${fmt(losses[0])} ${data.ascii ? "->" : "→"} ${fmt(losses[n])} in ${n} step${n > 1 ? "s" : ""}`);
  draw();
}

// The result after each step, as a line
function draw() {
  const finite = losses.filter(Number.isFinite);
  const low = Math.min(...finite), high = Math.max(...finite), n = Math.max(losses.length - 1, 10);
  const points = losses.flatMap((y, i) => (Number.isFinite(y)
    ? [`${(4 + (192 * i) / n).toFixed(1)},${(high > low ? 36 - (32 * (y - low)) / (high - low) : 20).toFixed(1)}`] : []));
  graph.toggleAttribute("hidden", losses.length < 2);
  graph.firstElementChild.setAttribute("points", points.join(" "));
  const [x, y] = (points.at(-1) ?? "0,0").split(",");
  graph.lastElementChild.setAttribute("cx", x);
  graph.lastElementChild.setAttribute("cy", y);
}

function reset() {
  values.splice(0, values.length, ...start);
  losses.length = 0;
  tell("");
  draw();
  recompute();
}

function tell(text) {
  typeset(told, text);
  graph.setAttribute("aria-label", text);
}

const controls = given.map(control);
const result = make("output", "result");
const told = make("p", "told");
told.setAttribute("aria-live", "polite");
const graph = document.createElementNS("http://www.w3.org/2000/svg", "svg");
graph.setAttribute("viewBox", "0 0 200 40");
graph.setAttribute("role", "img");
for (const part of ["polyline", "circle"]) graph.append(document.createElementNS(graph.namespaceURI, part));
graph.lastElementChild.setAttribute("r", 3);

if (live) {
  const step = button("Descend", "Descend: one step of gradient descent", descend);
  step.id = "descend";
  const back = button("Reset", "Reset the inputs to what they were", reset);
  back.id = "reset";
  const one = live.inputs[Math.max(0, given.findIndex((i) => data.kinds[i] === "param"))];
  const slope = partial(data.names[data.root], one);
  const rule = data.ascii ? `${one} <- ${one} - ${eta} * ${slope}` : `${one} ← ${one} − ${eta} ${slope}`;
  panel.append(
    make("div", "head", make("h2", "", "Inputs"), result, step, back),
    make("div", "report", told, graph),
    ...inOrder.flatMap((of) => controls[given.findIndex((i) => of === `n${i}`)]?.row ?? []),
    make("div", "more", make("label", "", "h = ", field("h, the size of a nudge", h, (x) => (h = x))),
      make("label", "", `${eta} = `, field(`${eta}, the rate of descent`, rate, (x) => (rate = x))), make("span", "muted", ...typed(rule))));
  panel.hidden = false;
  controls.forEach(({ show }, k) => show(values[k]));
  typeset(result, fill(`${data.names[data.root]} = \ue000v${data.root}\ue001`));
  draw();
} else {
  panel.append(make("p", "muted", `The inputs cannot be changed here: ${data.live}.`));
  panel.hidden = false;
}
