// Ctrl+K: every place, every act of this screen and the search in one list; what it runs is the visible control itself.
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const words = (element) => { const copy = element.cloneNode(true); copy.querySelectorAll("kbd, .unseen, .rail__count").forEach((each) => each.remove()); return (copy.textContent.trim() || element.getAttribute("aria-label") || element.title || "").replace(/\s+/g, " "); };
const caps = (element) => $$("kbd", element).map((cap) => cap.textContent).join(" ") || (element.dataset.key ?? "").replace("alt+up", "Alt ↑").replace("alt+down", "Alt ↓").replace(/^.$/, (key) => key.toUpperCase());
const dialog = $("#palette"), box = $("#palette-words"), list = $("#palette-list");
let shown = [], at = 0;

function found() {
  const places = $$("[data-go]").map((each) => ({ text: `去${words(each)}`, note: `G ${each.dataset.go.toUpperCase()}`, run: () => each.click() }));
  const acts = $$("[data-key]").filter((each) => each.offsetParent && !each.disabled && !each.matches("input, textarea, select")).map((each) => ({ text: words(each), note: caps(each), run: () => each.click() }));
  const more = $$("details.who .menu__act").map((each) => ({ text: words(each), note: "", run: () => each.click() }));
  const asked = box.value.trim();
  const all = [...acts, ...more, ...places].filter((each) => each.text && asked.split(/\s+/).every((word) => each.text.toLowerCase().includes(word.toLowerCase())));
  const search = $("[data-search-box], [data-search-main]");
  if (asked && search) all.push({ text: `检索「${asked}」`, note: "", run: () => { search.value = asked; search.form.requestSubmit(); } });
  return all;
}

function draw() {
  shown = found();
  at = Math.max(0, Math.min(at, shown.length - 1));
  list.replaceChildren(...shown.map((each, place) => {
    const row = document.createElement("li"), text = document.createElement("span"), note = document.createElement("kbd");
    row.id = `palette-${place}`;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", String(place === at));
    text.textContent = each.text;
    row.append(text);
    if (each.note) { note.textContent = each.note; row.append(note); }
    row.onclick = () => run(place);
    return row;
  }));
  box.setAttribute("aria-activedescendant", shown.length ? `palette-${at}` : "");
  list.children[at]?.scrollIntoView({ block: "nearest" });
  $("#palette-none").hidden = shown.length > 0;
}

function run(place) { const chosen = shown[place]; dialog.close(); chosen?.run(); }

if (dialog) {
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k" || event.isComposing) return;
    event.preventDefault();
    if ($("dialog[open]")) return;
    box.value = "";
    at = 0;
    dialog.showModal();
    draw();
    box.focus();
  });
  box.addEventListener("input", () => { at = 0; draw(); });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) { event.preventDefault(); at = (at + by + shown.length) % Math.max(1, shown.length); draw(); }
    if (event.key === "Enter") { event.preventDefault(); run(at); }
  });
}
