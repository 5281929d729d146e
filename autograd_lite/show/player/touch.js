// Touch: what belongs to a node or a wire lights up in the picture, the table, the formulas and the words.

let lit = null;

// The first node ("n3") or wire ("e5") that a text of the picture shows; labels stand before their numbers
function shownBy(text) {
  const part = text.matches("[data-text]") ? text : text.querySelector("[data-text]");
  const slot = /\ue000([a-z])(\d+)\ue001/.exec(part?.dataset.text ?? "");
  if (slot) return ("vgp".includes(slot[1]) ? "n" : "e") + slot[2];
  const next = text.nextElementSibling;
  return next && !part ? shownBy(next) : null;
}

// The node or the wire that an element of the page shows
function about(element) {
  const text = element.closest("#stage [data-text], #stage text");
  const marked = (text && shownBy(text)) ?? element.closest("[data-of]")?.dataset.of;
  if (marked) return marked;
  const part = element.closest("#stage g[id]")?.id.slice(id.length + 1);
  return Object.keys(data.homes).find((of) => data.homes[of].includes(part)) ?? null;
}

// The parts of the picture that show a node or a wire; of a part that shows several, its texts
const tenants = new Map();
for (const part of Object.values(data.homes).flat()) tenants.set(part, (tenants.get(part) ?? 0) + 1);
function placesOf(of) {
  const homes = data.homes[of] ?? [];
  // The gradient of a weight stands for its wire.
  if (!homes.length && of[0] === "e") return placesOf(`n${data.wires[of.slice(1)][0]}`);
  return homes.flatMap((part) => {
    const group = $(`${id}-${part}`);
    if (tenants.get(part) === 1) return [group];
    const own = [...group.querySelectorAll("text:is([data-text], :has([data-text]))")].filter((text) => shownBy(text) === of);
    return own.length ? own : [group];
  });
}

function light(of) {
  lit = of;
  for (const element of document.querySelectorAll(".lit")) element.classList.remove("lit");
  if (of !== null) {
    for (const element of [...placesOf(of), ...document.querySelectorAll(`[data-of="${of}"]`)]) element.classList.add("lit");
  }
  for (const { subjects } of panes) for (const [part, own] of subjects) part.setAttribute("aria-pressed", own === lit);
}

const toggle = (of) => light(of === lit ? null : of);

document.addEventListener("click", (event) => {
  if (!event.target.closest("button, input, select, label")) toggle(about(event.target));
});

// The keyboard: Tab goes to the picture and to the table, the arrows up and down from part to part, Enter
// lights one up.
const panes = [
  [stage, inOrder.flatMap((of) => placesOf(of).slice(-1).map((part) => [part, of]))],
  [$("passes"), [...document.querySelectorAll("#passes .term, #passes .line[data-of]:not(:has(.term))")]
    .map((part) => [part, part.dataset.of])],
].map(([pane, subjects]) => ({ pane, subjects: new Map(subjects) }));
for (const { pane, subjects } of panes) {
  const parts = [...subjects.keys()];
  const reach = (part) => {
    for (const other of parts) other.setAttribute("tabindex", other === part ? 0 : -1);
  };
  for (const part of parts) {
    part.setAttribute("role", "button");
    part.setAttribute("aria-pressed", false);
    if (!part.textContent.trim()) part.setAttribute("aria-label", "a name of blanks");
  }
  reach(parts[0]);
  pane.addEventListener("focusin", ({ target }) => subjects.has(target) && reach(target));
  pane.addEventListener("keydown", (event) => {
    const k = parts.indexOf(event.target), way = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (k < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (way) parts[(k + way + parts.length) % parts.length].focus();
    else if (event.key === "Enter" || event.key === " ") toggle(subjects.get(event.target));
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}
stage.querySelector("svg").setAttribute("role", "group");

// What a part of the picture is called, as far as it is known at this step
function spoken(of) {
  const k = current, i = Number(of.slice(1)), said = (kind) => at(kind, i);
  if (of[0] === "n") {
    const gradient = data.gradients[i]?.findLast(([step]) => step <= k);
    return [data.names[i].trim() || "a name of blanks", ...(k < data.shown[of] ? [] : [`value ${said("v")}`]),
      ...(gradient ? [`gradient ${fill(gradient[1])}`] : [])].join(", ");
  }
  const [source, target] = data.wires[i], [local, product] = data.shown[of];
  const hidden = steps[k].phase === "ask" && level !== "product";
  return [`wire from ${data.names[source]} to ${data.names[target]}`,
    ...(k < local || hidden || numbers.local[i] === null ? [] : [`local derivative ${said("l")}`]),
    ...(k < product || numbers.contribution[i] === null ? [] : [`adds ${said("c")}`])].join(", ");
}

function speak() {
  for (const [part, of] of panes[0].subjects) part.setAttribute("aria-label", spoken(of));
}

// Zoom and pan

let zoom = 1;

function scale(factor) {
  zoom = factor === 0 ? 1 : Math.min(8, Math.max(0.25, zoom * factor));
  stage.style.setProperty("--zoom", zoom);
  follow();
}

stage.addEventListener("wheel", (event) => {
  if (!event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  scale(Math.exp(-event.deltaY / 300));
}, { passive: false });

let held = null;
stage.addEventListener("pointerdown", (event) => {
  if (event.pointerType === "mouse" && event.button === 0) held = [event.clientX, event.clientY];
});
addEventListener("pointermove", (event) => {
  if (!held) return;
  stage.scrollBy(held[0] - event.clientX, held[1] - event.clientY);
  held = [event.clientX, event.clientY];
});
addEventListener("pointerup", () => (held = null));

// For a lecture hall: the whole screen, larger type, no table
function present() {
  const on = document.documentElement.classList.toggle("presented");
  $("present").setAttribute("aria-pressed", on);
  if (on) document.documentElement.requestFullscreen?.().catch(() => {});
  else if (document.fullscreenElement) document.exitFullscreen();
  follow();
}

for (const [name, action] of Object.entries({ larger: () => scale(1.25), smaller: () => scale(0.8), present })) {
  $(name).addEventListener("click", action);
}
Object.assign(keys, {
  "+": () => scale(1.25), "-": () => scale(0.8), 0: () => scale(0), p: present,
  Escape: () => light(null),
});
