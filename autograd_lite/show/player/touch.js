// Touch: what belongs to a node or a wire lights up in the picture, the table, the formulas and the words.

let lit = null;

// The node ("n3") or the wire ("e5") that an element of the page shows
function about(element) {
  const slot = /\ue000([a-z])(\d+)\ue001/.exec(element.closest("[data-text]")?.dataset.text ?? "");
  if (slot && element.closest("#stage")) return ("vgp".includes(slot[1]) ? "n" : "e") + slot[2];
  const marked = element.closest("[data-of]");
  if (marked) return marked.dataset.of;
  const part = element.closest("#stage g[id]")?.id.slice(id.length + 1);
  return Object.keys(data.homes).find((of) => data.homes[of].includes(part)) ?? null;
}

function light(of) {
  lit = of;
  for (const element of document.querySelectorAll(".lit")) element.classList.remove("lit");
  if (of === null) return;
  for (const part of data.homes[of] ?? []) $(`${id}-${part}`).classList.add("lit");
  for (const element of document.querySelectorAll(`[data-of="${of}"]`)) element.classList.add("lit");
}

document.addEventListener("click", (event) => {
  if (event.target.closest("button, input, select, label")) return;
  const of = about(event.target);
  light(of === lit ? null : of);
});

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
