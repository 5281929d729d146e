// Questions: a product, a local derivative or a whole path, answered in fields, with a score.

const LEVELS = {
  product: { name: "a product", field: "c", hidden: "", hint: "Multiply the two numbers, and mind the signs." },
  local: {
    name: "a local derivative", field: "l", hidden: "",
    hint: "Differentiate the operation by this operand, others fixed, and put the values in.",
  },
  path: {
    name: "a whole path", field: "a", hidden: "lu",
    hint: "Local derivative times upstream gradient, added to what the gradient was before.",
  },
};
let level = "product";
const answered = new Map(); // by step and place: whether the first answer was right
const TOLERANCE = 0.01;

const truth = (kind, w) => (kind === "c" ? numbers.contribution[w] : kind === "l" ? numbers.local[w]
  : (added ??= additions())[w][1]);
const right = (y, x) => alike(x, y) || Math.abs(y - x) <= Math.max(TOLERANCE * Math.abs(x), 1e-9);

function score() {
  const all = [...answered.values()];
  return `${all.filter(Boolean).length} of ${all.length} right at once`;
}

// A span of a question: the number itself, a field for it, or a question mark
function asked(text, look) {
  const [, kind, w] = /ask ([a-z])(\d+)/.exec(look);
  const { field: wanted, hidden, hint } = LEVELS[level];
  if (kind !== wanted) return hidden.includes(kind) ? make("span", look, "?") : make("span", look, ...typed(fill(text)));
  const box = make("input", "answer"), note = make("span", "note muted");
  box.type = "text";
  box.inputMode = "decimal";
  box.autocomplete = "off";
  box.setAttribute("aria-label", `your answer: ${LEVELS[level].name}`);
  box.addEventListener("change", () => {
    const y = read(box), place = `${current} ${kind}${w}`;
    if (Number.isNaN(y)) return;
    const good = right(y, truth(kind, Number(w)));
    if (!answered.has(place)) answered.set(place, good);
    box.setAttribute("aria-invalid", !good);
    box.classList.toggle("good", good);
    note.textContent = good ? " ✓ right" : ` ✗ not yet. ${hint}`;
    $("score").textContent = score();
  });
  return make("span", "", box, note);
}

function quizHead() {
  const choice = make("select", "");
  choice.id = "level";
  choice.setAttribute("aria-label", "What is asked");
  for (const [key, { name }] of Object.entries(LEVELS)) {
    const option = make("option", "", name);
    option.value = key;
    option.selected = key === level;
    choice.append(option);
  }
  choice.addEventListener("change", () => {
    level = choice.value;
    show(current);
    $("level").focus();
  });
  const tally = make("span", "muted", score());
  tally.id = "score";
  return make("p", "quiz", "Asked for ", choice, ` within ${100 * TOLERANCE} %. `, tally);
}
