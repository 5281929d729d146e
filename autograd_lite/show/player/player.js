const $ = (id) => document.getElementById(id);
const { id, seed, steps } = data;
const last = steps.length - 1;
const stage = $("stage"), words = $("words"), bar = $("bar"), scrubber = $("scrubber");
const timed = [...document.querySelectorAll("[data-from]")];
const bound = [...document.querySelectorAll("[data-text]")].map((element) => ({
  element,
  place: element.closest("#stage g[id], .line") ?? element,
  pieces: pieces(element.dataset.text),
  shown: element.textContent,
  // The running total of a gradient, by step
  gradient: data.gradients[element.dataset.grad]?.map(([step, text]) => [step, pieces(text)]),
  line: element.closest("#stage text"),
  from: /^(title|desc)$/.test(element.tagName) ? Number(element.dataset.from ?? 0) : 0,
}));
// Lines of units keep to the right or to the middle of their columns, however long they become.
for (const line of stage.querySelectorAll("[data-anchor]")) {
  const { x, width } = line.getBBox(), { anchor } = line.dataset;
  line.setAttribute("text-anchor", anchor);
  line.setAttribute("x", x + (anchor === "end" ? width : width / 2));
}
// How wide each line of the picture may become, until the edge of its cell, a text beside it or a node; and
// how many characters are known to fit
const rooms = new Map();
{
  const extent = (element) => {
    const { x, y, width, height } = element.getBBox();
    return { left: x, right: x + width, top: y, bottom: y + height, area: width * height };
  };
  const nodes = [...stage.querySelectorAll("g.node:not(.wire)")].map(extent);
  const lines = new Map([...stage.querySelectorAll("text")].map((text) => [text, extent(text)]));
  for (const line of new Set(bound.flatMap(({ line }) => line ?? []))) {
    const own = lines.get(line), middle = (own.left + own.right) / 2, height = (own.top + own.bottom) / 2;
    const level = ({ top, bottom }) => top < height && height < bottom;
    const group = [...line.parentElement.children];
    const [cell] = group.filter((e) => e.matches("polygon, path")).map(extent)
      .filter((e) => level(e) && e.left < middle && middle < e.right).sort((a, b) => a.area - b.area);
    const around = (cell ? group.flatMap((e) => (e !== line && lines.get(e)) || []) : nodes).filter(level);
    const left = Math.max(cell?.left ?? -Infinity, ...around.map((e) => e.right).filter((x) => x <= middle));
    const right = Math.min(cell?.right ?? Infinity, ...around.map((e) => e.left).filter((x) => x >= middle));
    const room = { start: right - own.left, end: own.right - left }[line.getAttribute("text-anchor")]
      ?? 2 * Math.min(middle - left, right - middle);
    if (own.area > 0) rooms.set(line, { room: room - 4, fits: line.textContent.length });
  }
}

// Make lines that are longer than their room smaller, around the point where they are anchored.
function fit(changed) {
  const long = [...changed].filter((line) => line.textContent.length > rooms.get(line).fits || line.hasAttribute("transform"));
  const widths = long.map((line) => line.getComputedTextLength());
  long.forEach((line, k) => {
    const place = rooms.get(line), scale = Math.min(1, place.room / widths[k]);
    if (scale === 1) {
      place.fits = Math.max(place.fits, line.textContent.length);
      line.removeAttribute("transform");
    } else {
      const [x, y] = ["x", "y"].map((name) => line.getAttribute(name) * (1 - scale));
      line.setAttribute("transform", `translate(${x} ${y}) scale(${scale})`);
    }
  });
}

const rows = [...document.querySelectorAll("[data-row]")];
const prefers = (what) => matchMedia(`(prefers-${what})`).matches;
const printing = matchMedia("print");
let current = 0, timer = null;

const make = (tag, look, ...children) => {
  const element = document.createElement(tag);
  if (look) element.className = look;
  element.append(...children);
  return element;
};
const line = (tag, runs) => make(tag, "", ...runs.map(
  ([text, look]) => (look?.includes(" ask ") ? asked(text, look) : make("span", look, ...typed(fill(text))))));
// Of a large page only the parts in sight follow a change at once, the others when changes pause.
const LARGE = 1500;
const sight = new Map();
if (bound.length > LARGE) {
  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) sight.set(target, isIntersecting);
  });
  for (const { place } of bound) observer.observe(place);
}

// Every text with numbers, as it is at this step and at the present inputs; or only what is in sight
function write(all = true) {
  const k = printing.matches ? last : current, changed = new Set();
  for (const part of bound) {
    // Tooltips and the description hold results: they are empty until their step.
    if (!all && (part.from || !sight.get(part.place))) continue;
    const template = part.gradient?.findLast(([step]) => step <= k)?.[1] ?? part.pieces;
    const text = k < part.from ? "" : filled(template);
    if (text === part.shown) continue;
    typeset(part.element, (part.shown = text));
    if (rooms.has(part.line)) changed.add(part.line);
  }
  fit(changed);
  for (const [w, part] of wires) part.classList.toggle("idle", numbers.idle[w] !== "" && numbers.local[w] !== null);
}
const wires = data.wires.flatMap((_, w) => {
  const [part] = data.homes[`e${w}`];
  return /^e/.test(part) ? [[w, $(`${id}-${part}`)]] : [];
});

// Show step k. What the page looks like depends on k alone, not on the step before.
function show(k) {
  const step = steps[k];
  for (const element of timed) {
    if (!/^(title|desc)$/.test(element.tagName)) element.classList.toggle("later", k < Number(element.dataset.from));
  }
  write();
  const flow = step.phase === "forward" ? "forward" : "backward";
  for (const element of stage.querySelectorAll(".now,.flow")) {
    element.classList.remove("now", "flow", "forward", "backward");
  }
  for (const part of step.parts) $(`${id}-${part}`).classList.add("now");
  for (const wire of step.wires) $(`${id}-${wire}`).classList.add("flow", flow);
  for (const row of rows) {
    const now = row.dataset.row === String(step.row);
    row.className = now ? "now" : "";
    if (now) row.setAttribute("aria-current", "step");
    else row.removeAttribute("aria-current");
  }
  $("phase").textContent = step.phase === "ask" ? "predict" : step.phase;
  $("phase").className = step.phase;
  say(step);
  speak();
  scrubber.value = k;
  scrubber.setAttribute("aria-valuetext", `step ${k} of ${last}: ${step.title}`);
  $("count").textContent = `${k} / ${last}`;
}

function say(step) {
  const asking = step.phase === "ask";
  document.documentElement.dataset.asked = asking ? level : "";
  words.className = step.phase;
  const groups = step.groups.map((group) => make("div", "group", ...group.map((runs) => line("div", runs))));
  step.about.forEach((of, k) => groups[k] && (groups[k].dataset.of = of));
  words.replaceChildren(
    make("h2", "", ...typed(step.title)),
    ...(asking ? [quizHead()] : []),
    ...(step.intro.length ? [line("p", step.intro)] : []),
    make("div", "groups", ...groups),
  );
}

function go(k) {
  current = Math.max(0, Math.min(last, k));
  show(current);
  follow();
  address();
}

// The address of the page follows the step, but no more often than browsers allow.
const PAUSE = 400;
let addressed = -PAUSE, owed = 0;
function address() {
  clearTimeout(owed);
  const wait = addressed + PAUSE - performance.now();
  if (wait > 0) {
    owed = setTimeout(address, wait);
    return;
  }
  addressed = performance.now();
  try {
    history.replaceState(null, "", `#step=${current}`);
  } catch {
    // A sandboxed frame has no address that could be changed.
  }
}

// Scroll the stage and the table so that what is highlighted is in the middle.
function follow() {
  centre(stage, stage.querySelectorAll(".now>.halo"), stage.querySelectorAll(".flow"));
  centre($("passes"), document.querySelectorAll("tr.now"), []);
}

// Center the elements, together with what surrounds them where the pane has room for it.
function centre(pane, elements, around) {
  if (!elements.length) return;
  const extent = (all, low, high) => {
    const boxes = all.map((element) => element.getBoundingClientRect());
    return [Math.min(...boxes.map((box) => box[low])), Math.max(...boxes.map((box) => box[high]))];
  };
  const offset = (low, high, room) => {
    let ends = extent([...elements, ...around], low, high);
    if (ends[1] - ends[0] > room) ends = extent([...elements], low, high);
    const [start, end] = extent([pane], low, high);
    return (ends[0] + ends[1] - start - end) / 2;
  };
  const left = offset("left", "right", pane.clientWidth);
  const top = offset("top", "bottom", pane.clientHeight);
  const near = Math.abs(left) < pane.clientWidth && Math.abs(top) < pane.clientHeight;
  const behavior = near && !prefers("reduced-motion: reduce") ? "smooth" : "auto";
  pane.scrollBy({ left, top, behavior });
}

function play(on) {
  clearTimeout(timer);
  timer = null;
  if (on) {
    go(current === last ? 0 : current + 1);
    if (current < last) timer = setTimeout(() => play(true), Number($("speed").value));
  }
  const playing = timer !== null;
  $("play").setAttribute("aria-pressed", playing);
  $("play").querySelector("span").textContent = playing ? "Pause" : "Play";
  // Read aloud the steps that the reader asks for, not those of the animation.
  words.setAttribute("aria-live", playing ? "off" : "polite");
}

const jump = (k) => {
  play(false);
  go(k);
};

function themed() {
  const { theme } = document.documentElement.dataset;
  return theme ? theme === "dark" : prefers("color-scheme: dark");
}

function theme(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  $("theme").setAttribute("aria-pressed", dark);
}

function linked() {
  const match = /^#step=(\d+)$/.exec(location.hash);
  return match ? Number(match[1]) : null;
}

const actions = {
  first: () => jump(0),
  back: () => jump(current - 1),
  play: () => play(timer === null),
  next: () => jump(current + 1),
  last: () => jump(last),
  theme: () => theme(!themed()),
};
const keys = {
  ArrowLeft: actions.back, PageUp: actions.back,
  ArrowRight: actions.next, PageDown: actions.next,
  Home: actions.first, End: actions.last, " ": actions.play,
  f: () => jump(Math.min(1, last)), b: () => jump(seed || last), t: actions.theme,
};

for (const [name, action] of Object.entries(actions)) $(name).addEventListener("click", action);
scrubber.addEventListener("input", () => jump(Number(scrubber.value)));
// A site that has the page in a frame may say which theme it is in itself: "light", "dark", or "" for the system's.
addEventListener("message", ({ source, data: said }) => {
  if (source !== parent || parent === window || typeof said?.theme !== "string") return;
  if (said.theme) theme(said.theme === "dark");
  else {
    delete document.documentElement.dataset.theme;
    $("theme").setAttribute("aria-pressed", themed());
  }
});
addEventListener("hashchange", () => {
  const k = linked();
  if (k !== null && k !== current) jump(k);
});
addEventListener("keydown", (event) => {
  const action = keys[event.key];
  if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("select, input:not(#scrubber)") || (event.key === " " && event.target.matches("button, [role=button]"))) return;
  event.preventDefault();
  action();
});
addEventListener("resize", follow);
for (const event of ["beforeprint", "afterprint"]) addEventListener(event, () => write());
printing.addEventListener("change", () => write());
