// A cell in which the reader's Python runs, by Pyodide; nothing is fetched before "Start" is pressed.
(() => {
  "use strict";
  const at = (name) => document.getElementById(`try-${name}`);
  const here = document.currentScript.src.replace(/[^/]*$/, "");
  const asked = new URLSearchParams(location.search);
  const SETUP = `
import ast, html, sys, warnings
from autograd_lite.show.picture import engines

def _by_graphviz(dot, form="svg", **_):
    import js
    if form != "svg" or not hasattr(js, "drawDot"):
        raise engines.RenderError("there is no Graphviz on this page")
    return js.drawDot(dot).encode()

engines.render = _by_graphviz
_names = {"__name__": "__main__"}

def _shown(value):
    bundle = value._repr_mimebundle_() if hasattr(value, "_repr_mimebundle_") else {}
    if "text/html" in bundle:
        return bundle["text/html"]
    if hasattr(value, "_repr_html_"):
        return value._repr_html_()
    return "<pre>" + html.escape(repr(value)) + "</pre>"

def _run(text):
    tree = ast.parse(text, "<cell>")
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<cell>", "exec"), _names)
    value = None if last is None else eval(compile(ast.Expression(last.value), "<cell>", "eval"), _names)
    return "" if value is None else _shown(value)
`;

  function loaded(address) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = address;
      script.onload = resolve;
      script.onerror = () => reject(new Error(`${address} cannot be loaded`));
      document.head.append(script);
    });
  }

  function told(text, kind = "") {
    const line = document.createElement("pre");
    line.className = kind;
    line.textContent = text;
    at("output").append(line);
  }

  let python;

  async function start() {
    at("start").disabled = true;
    at("state").textContent = "Loading …";
    try {
      const place = at("pyodide").value.replace(/\/*$/, "/");
      await loaded(`${place}pyodide.js`);
      await loaded(`${here}package.js`);
      python = await loadPyodide({ indexURL: place, stdout: (text) => told(text), stderr: (text) => told(text) });
      const bytes = Uint8Array.from(atob(AUTOGRAD_LITE), (letter) => letter.charCodeAt(0));
      python.unpackArchive(bytes, "zip");
      try {
        await loaded(at("graphviz").value);
        const graphviz = await Viz.instance();
        window.drawDot = (dot) => graphviz.renderString(dot, { format: "svg" });
      } catch (error) {
        told(`There are no pictures: ${error.message}`, "note");
      }
      python.runPython(SETUP);
      at("state").textContent = "";
      at("run").disabled = false;
      run();
    } catch (error) {
      at("state").textContent = `It did not start: ${error.message}`;
      at("start").disabled = false;
    }
  }

  function run() {
    at("output").replaceChildren();
    const shown = document.createElement("div");
    try {
      shown.innerHTML = python.globals.get("_run")(at("code").value);
      at("output").append(shown);
    } catch (error) {
      const lines = error.message.trim().split("\n");
      const first = lines.findIndex((line) => line.includes('"<cell>"'));
      told(lines.slice(Math.max(first, 0)).join("\n"), "error");
    }
  }

  at("pyodide").value = asked.get("pyodide") || at("pyodide").dataset.here || at("pyodide").value;
  at("graphviz").value = asked.get("graphviz") || at("graphviz").dataset.here || at("graphviz").value;
  at("start").addEventListener("click", start);
  at("run").addEventListener("click", run);
  at("code").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.shiftKey && !at("run").disabled) {
      event.preventDefault();
      run();
    }
  });
})();
