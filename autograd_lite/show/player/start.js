document.documentElement.classList.add("js");
for (const part of [bar, words, $("tools")]) part.hidden = false;
$("theme").setAttribute("aria-pressed", themed());
go(linked() ?? 0);
