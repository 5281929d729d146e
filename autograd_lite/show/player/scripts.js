// What stands below and above the line, as scripts.py finds it in a text.

const SCRIPTS = data.scripts && new RegExp(data.scripts.pattern, "gu");
const onTheLine = (text) => [...text].map((c) => data.scripts.line[c] ?? c).join("");

// A text in pieces, each with its level: 0 on the line, −1 below it, 1 above it.
function scripted(text) {
  const found = [];
  let line = "", end = 0;
  for (const match of SCRIPTS ? text.matchAll(SCRIPTS) : []) {
    line += text.slice(end, match.index);
    end = match.index + match[0].length;
    const [, number, power, low, high, letter, letters, below, above, inside, raised] = match;
    let small, level = 1;
    if (number) {
      line += number === "1" ? "10" : `${number}·10`;
      small = power.replace("-", "−");
    } else if (high) small = onTheLine(high);
    else if (inside !== undefined) small = /^[\p{L}\p{N}_]{1,3}$/u.test(inside) ? `(${inside})` : inside;
    else if (above !== undefined || raised) small = (above ?? raised).replace("-", "−");
    else {
      line += letter ?? "";
      [small, level] = [letters ?? below ?? onTheLine(low), -1];
    }
    if (line) found.push([line, 0]);
    if (small) found.push([small, level]);
    line = "";
  }
  if (end < text.length || line || !found.length) found.push([line + text.slice(end), 0]);
  return found;
}

// The same as children of an element of the page.
const typed = (text) => scripted(text).map(([letters, level]) => {
  if (!level) return letters;
  const small = document.createElement(level < 0 ? "sub" : "sup");
  small.textContent = letters;
  return small;
});

// Let an element be a text: of the page, or a run of the picture. Tooltips stay as they are written.
function typeset(element, text) {
  if (!/^(text|tspan)$/.test(element.tagName)) {
    if (element instanceof HTMLElement) element.replaceChildren(...typed(text));
    else element.textContent = text;
    return;
  }
  const [[first], ...rest] = scripted(text), size = Number(element.getAttribute("font-size"));
  element.textContent = first;
  if (rest.at(-1)?.[1] && element.tagName === "tspan") rest.push(["\u200b", 0]); // carries the base line back
  let off = 0;
  for (const [letters, level] of rest) {
    const piece = document.createElementNS(element.namespaceURI, "tspan");
    const shift = size * (level > 0 ? -data.scripts.raised : level < 0 ? data.scripts.lowered : 0);
    piece.setAttribute("dy", (shift - off).toFixed(2));
    if (level) piece.setAttribute("font-size", size * data.scripts.size);
    if (level && !/\p{L}/u.test(letters)) piece.setAttribute("font-style", "normal");
    piece.textContent = letters;
    element.append(piece);
    off = shift;
  }
}
