// Players stand in frames of their own, which see no theme but the system's: they are told the site's.
const tell = (frame) => {
  const { theme } = document.body.dataset;
  frame.contentWindow.postMessage({ theme: theme === "auto" ? "" : theme }, "*");
};

addEventListener("DOMContentLoaded", () => {
  const frames = [...document.querySelectorAll(".player iframe")];
  for (const frame of frames) frame.addEventListener("load", () => tell(frame));
  new MutationObserver(() => frames.forEach(tell)).observe(document.body, { attributeFilter: ["data-theme"] });
});
addEventListener("load", () => document.querySelectorAll(".player iframe").forEach(tell));
