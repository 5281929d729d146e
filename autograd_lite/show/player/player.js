"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const { id, seed, steps } = JSON.parse($("data").textContent);
  const last = steps.length - 1;
  const stage = $("stage"), words = $("words"), bar = $("bar"), scrubber = $("scrubber");
  const timed = [...document.querySelectorAll("[data-from]")];
  // Tooltips and the description hold results: they are empty until their step.
  const told = new Map(timed.filter((e) => /^(title|desc)$/.test(e.tagName)).map((e) => [e, e.textContent]));
  const rows = [...document.querySelectorAll("[data-row]")];
  const prefers = (what) => matchMedia(`(prefers-${what})`).matches;
  let current = 0, timer = null;

  const make = (tag, look, ...children) => {
    const element = document.createElement(tag);
    if (look) element.className = look;
    element.append(...children);
    return element;
  };
  const line = (tag, runs) => make(tag, "", ...runs.map(([text, look]) => make("span", look, text)));

  // Show step k. What the page looks like depends on k alone, not on the step before.
  function show(k) {
    const step = steps[k];
    for (const element of timed) {
      const { from, until } = element.dataset;
      const later = !(k >= Number(from)) || k >= Number(until ?? Infinity);
      if (told.has(element)) element.textContent = later ? "" : told.get(element);
      else element.classList.toggle("later", later);
    }
    const flow = step.phase === "forward" ? "forward" : "backward";
    for (const element of stage.querySelectorAll(".now,.flow")) {
      element.classList.remove("now", "flow", "forward", "backward");
    }
    for (const node of step.nodes) $(`${id}-${node}`).classList.add("now");
    for (const wire of step.wires) $(`${id}-${wire}`).classList.add("flow", flow);
    for (const row of rows) {
      const now = row.dataset.row === String(step.row);
      row.className = now ? "now" : "";
      if (now) row.setAttribute("aria-current", "step");
      else row.removeAttribute("aria-current");
    }
    $("phase").textContent = step.phase === "ask" ? "predict" : step.phase;
    $("phase").className = step.phase;
    words.className = step.phase;
    words.replaceChildren(
      make("h2", "", step.title),
      ...(step.intro.length ? [line("p", step.intro)] : []),
      make("div", "groups", ...step.groups.map(
        (group) => make("div", "group", ...group.map((runs) => line("div", runs))))),
    );
    scrubber.value = k;
    scrubber.setAttribute("aria-valuetext", `step ${k} of ${last}: ${step.title}`);
    $("count").textContent = `${k} / ${last}`;
  }

  function go(k) {
    current = Math.max(0, Math.min(last, k));
    show(current);
    follow();
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
  addEventListener("hashchange", () => {
    const k = linked();
    if (k !== null && k !== current) jump(k);
  });
  addEventListener("keydown", (event) => {
    const action = keys[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("select") || (event.key === " " && event.target.matches("button"))) return;
    event.preventDefault();
    action();
  });
  addEventListener("resize", follow);

  document.documentElement.classList.add("js");
  for (const part of [bar, words]) part.hidden = false;
  $("theme").setAttribute("aria-pressed", themed());
  go(linked() ?? 0);
})();
