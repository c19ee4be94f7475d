// Keys, lists, toasts, dialogs, theme and forms. Everything here has a visible control that does the same without it.
import { meant } from "./keys.js";
import "./session.js";
import { say, toast } from "./telling.js";
import { watchDrops } from "./upload.js";

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const csrf = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];

/* Single keys: off while typing or composing, off by the person's choice, never the key that signs. */
const isTyping = (event) => event.isComposing || event.keyCode === 229 || event.target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
let waitsForPlace = 0;

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.target.closest("form")?.requestSubmit(); return; }
  if (event.key === "Escape" && !$("dialog[open]")) return void escape(event);
  if ((event.ctrlKey || event.metaKey) && event.key === "z" && !isTyping(event) && !$("dialog[open]")) return void press(event, "z");
  if (isTyping(event) || event.ctrlKey || event.metaKey || $("dialog[open]")) return;
  if (event.altKey && ["ArrowUp", "ArrowDown"].includes(event.key)) return void press(event, event.key === "ArrowUp" ? "alt+up" : "alt+down");
  if (event.altKey) return;
  if (event.key === "Enter" && event.target.matches("[data-row]")) return void openRow(event.target, event);
  if (localStorage.getItem("lantai.keys") === "off") return;
  if (waitsForPlace && Date.now() - waitsForPlace < 1500) return void go(event);
  const acts = { "/": () => $("[data-search-main], [data-search-box]")?.focus(), "?": showKeys, g: () => { waitsForPlace = Date.now(); }, j: () => step(1), k: () => step(-1), x: () => tickRow(false), X: () => tickRow(true) };
  const key = meant(event.key);
  if (acts[key]) { event.preventDefault(); acts[key](); return; }
  if (key) press(event, key.toLowerCase());
});

function press(event, key) {
  const control = $$(`[data-key="${CSS.escape(key)}"]`).find((each) => each.offsetParent && !each.disabled && each.getAttribute("aria-disabled") !== "true");
  if (!control) return;
  event.preventDefault();
  if (control.matches("input, textarea, select")) control.focus(); else control.click();
}

function go(event) {
  waitsForPlace = 0;
  const place = $(`[data-go="${CSS.escape(event.key.toLowerCase())}"]`);
  if (place) { event.preventDefault(); place.click(); }
}

function escape(event) {
  const menu = $("details.who[open]");
  if (menu) { menu.open = false; $("summary", menu).focus(); return; }
  if (event.target.matches("input, textarea")) { event.target.blur(); return; }
  const clear = $("[data-escape]");
  if (clear && clear.offsetParent) clear.click();
}

function showKeys() {
  const dialog = $("#keys"), own = $("[data-screen-keys]"), title = $("[data-screen-keys-title]");
  if (!dialog) return;
  own.replaceChildren();
  $$(".status__keys > span").forEach((each) => {
    const row = document.createElement("div"), name = document.createElement("dt"), caps = document.createElement("dd");
    $$("kbd", each).forEach((cap) => caps.append(cap.cloneNode(true)));
    name.textContent = [...each.childNodes].filter((node) => node.nodeType === 3).map((node) => node.textContent).join("").trim();
    row.append(name, caps);
    own.append(row);
  });
  title.hidden = !own.children.length;
  dialog.showModal();
}

/* Lists: J and K move the current row, Enter opens it, X ticks it. The row's own link says what opening means. */
const rows = () => $$("[data-row]").filter((row) => row.offsetParent);
const current = () => $("[data-row]:is([aria-selected=true], [aria-current=true])");
const chosenBy = (row) => (row.matches("tr") ? "aria-selected" : "aria-current");
let stepTimer;

function step(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(current());
  const row = all[Math.max(0, Math.min(all.length - 1, at + by))];
  choose(row);
  row.focus({ preventScroll: false });
  row.scrollIntoView({ block: "nearest" });
  if (row.hasAttribute("data-follow")) stepTimer = setTimeout(() => row.querySelector("a")?.click(), 140);
}

function choose(row) {
  clearTimeout(stepTimer);
  $$("[data-row]:is([aria-selected=true], [aria-current=true])").forEach((each) => { each.setAttribute(chosenBy(each), "false"); each.tabIndex = -1; });
  row.setAttribute(chosenBy(row), "true");
  row.tabIndex = 0;
}

function openRow(row, event) { event.preventDefault(); choose(row); row.querySelector("a")?.click(); }

function tickRow(isRange) {
  const row = current(), box = row && $("input.tick", row);
  if (!box) return;
  const all = rows(), at = all.indexOf(row);
  const from = isRange ? all.findLastIndex((each, index) => index < at && $("input.tick:checked", each)) : -1;
  (from >= 0 ? all.slice(from, at + 1) : [row]).forEach((each) => { const tick = $("input.tick", each); if (tick) tick.checked = isRange ? true : !tick.checked; });
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const row = event.target.closest("[data-row]");
  if (row && !event.target.closest("label, input")) {  // a tick chooses a row for a bulk act; the open one stays open
    choose(row);
    if (!event.target.closest("a, button, input, label")) row.querySelector("a")?.click();
  }
  if (event.target.closest("[data-dismiss]")) event.target.closest(".note").remove();
  if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
  $$("details.who[open]").forEach((menu) => { if (!menu.contains(event.target) || event.target.closest(".menu__act")) menu.open = false; });
  const stepper = event.target.closest("[data-step]");
  if (stepper) step(Number(stepper.dataset.step));
  const copy = event.target.closest("[data-copy]");
  if (copy) navigator.clipboard?.writeText(copy.dataset.copy).then(() => toast("档号已复制。"));
  const reveal = event.target.closest("[data-reveal]");
  if (reveal) {
    const field = document.getElementById(reveal.dataset.reveal), isShown = field.type === "text";
    field.type = isShown ? "password" : "text";
    reveal.setAttribute("aria-pressed", String(!isShown));
  }
});

/* Ticks: a head box for the page, a bulk bar that says how many. */
document.addEventListener("change", (event) => {
  const list = event.target.closest("[data-ticks]");
  if (list && event.target.matches("input.tick")) {
    const changed = event.target.matches("[data-tick-all]") ? $$("tbody input.tick", list) : [event.target];
    changed.forEach((box) => { if (changed.length > 1 || event.target.matches("[data-tick-all]")) box.checked = event.target.checked; });
    (changed.length > 1 ? changed : $$("tbody input.tick", list)).forEach((box) => { if (box.checked !== box.closest("tr").hasAttribute("data-chosen")) list.selection?.keep(box); });
    countTicks(list);
  }
  const reason = event.target.closest("#return-form")?.querySelector("input[name=reason]:checked");
  if (reason) $$("[data-reason-text]").forEach((each) => { each.textContent = `理由：${reason.value}`; });
  if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
  if (event.target.matches("[data-single-keys]")) localStorage.setItem("lantai.keys", event.target.checked ? "on" : "off");
});

document.addEventListener("lantai:count", (event) => countTicks(event.target));

function countTicks(list) {
  const boxes = $$("tbody input.tick", list), count = list.selection ? list.selection.count() : boxes.filter((box) => box.checked).length;
  list.selection?.hold();
  const head = $("[data-tick-all]", list), bar = $("[data-bulk]"), plain = $("[data-unbulk]");
  boxes.forEach((box) => box.closest("tr").toggleAttribute("data-chosen", box.checked));
  if (head) { head.checked = count > 0 && boxes.every((box) => box.checked); head.indeterminate = count > 0 && !head.checked; }
  if (bar) { bar.hidden = !count; if (plain) plain.hidden = !!count; $$("[data-bulk-count]").forEach((each) => { each.textContent = count; }); }
  say(count ? `已选 ${count} 件` : "已取消选择");
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-clear-ticks]")) return;
  $$("[data-ticks] input.tick").forEach((box) => { box.checked = false; });
  $$("[data-ticks]").forEach((list) => list.selection?.clear());
  $$("[data-ticks]").forEach(countTicks);
});

/* Forms that remember what was changed and not saved; leaving with changes asks first. */
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-track]");
  if (!form) return;
  const field = event.target, before = field.dataset.before ?? field.defaultValue ?? "";
  field.toggleAttribute("data-changed", field.value !== before);
  const count = $$("[data-changed]", form).length, note = $("[data-unsaved]", form);
  if (note) note.textContent = count ? `${count} 处未保存` : "";
});
window.addEventListener("beforeunload", (event) => { if ($("form[data-track] [data-changed]") && !document.body.hasAttribute("data-leaving")) event.preventDefault(); });
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  document.body.toggleAttribute("data-leaving", true);
  const button = event.submitter;
  if (button && !event.target.matches("[method=dialog], [data-again], [hx-post], [target]")) setTimeout(() => { button.dataset.busy = ""; }, 0);
});

/* The keys of this screen: those that do not fit are left to the dialog. */
function fitKeys() {
  const place = $(".status__keys"), keys = place ? $$(":scope > span", place) : [];
  keys.forEach((each) => { each.hidden = false; });
  for (let at = keys.length - 1; at > 0 && place.scrollWidth > place.clientWidth; at -= 1) keys[at].hidden = true;
}
fitKeys();
addEventListener("resize", fitKeys);

/* Theme and size of type. */
const size = localStorage.getItem("lantai.size") || "";
document.documentElement.dataset.size = size;
function showSize(value) { $$("[data-sizes] button").forEach((each) => each.setAttribute("aria-pressed", String(each.value === value))); }
showSize(size);
const keysBox = $("[data-single-keys]");
if (keysBox) keysBox.checked = localStorage.getItem("lantai.keys") !== "off";
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-sizes] button");
  if (!button) return;
  localStorage.setItem("lantai.size", button.value);
  document.documentElement.dataset.size = button.value;
  showSize(button.value);
});
document.addEventListener("submit", async (event) => {
  if (!event.target.matches("[data-theme-form]")) return;
  event.preventDefault();
  const theme = event.submitter.value;
  document.documentElement.dataset.theme = theme;
  $$("button", event.target).forEach((each) => each.setAttribute("aria-pressed", String(each.value === theme)));
  delete event.submitter.dataset.busy;
  const body = new URLSearchParams({ theme });
  await fetch(event.target.action, { method: "POST", body, headers: { "X-CSRFToken": csrf(), "X-Requested-With": "lantai" } });
}, true);

/* Partial updates. */
document.addEventListener("htmx:sendError", () => { $("#offline").hidden = false; });
document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) $("#offline").hidden = true; });
document.addEventListener("htmx:beforeOnLoad", (event) => { if (event.detail.elt.matches("form[data-track]") && event.detail.xhr.getResponseHeader("HX-Redirect")) document.body.toggleAttribute("data-leaving", true); });
document.addEventListener("htmx:confirm", (event) => {
  if (event.detail.elt.matches("form[data-track]")) return;
  const changed = event.detail.target?.querySelectorAll?.("form[data-track] [data-changed]").length;
  if (!changed) return;
  event.preventDefault();
  toast(`有 ${changed} 处未保存。请先保存或放弃，再换别的件。`);
});
document.addEventListener("reset", (event) => { setTimeout(() => { event.target.querySelectorAll("[data-changed]").forEach((each) => each.removeAttribute("data-changed")); const note = event.target.querySelector("[data-unsaved]"); if (note) note.textContent = ""; }); });
document.addEventListener("htmx:beforeRequest", (event) => { if (!event.detail.elt.matches("[data-poll]")) $("#errors")?.replaceChildren(); });
/* A value that was refused is told at its field, and stays told until it is changed; what names no field stays where errors are. */
function tellAtField(place) {
  const note = $("[data-where]", place), where = note?.dataset.where, form = where && $("form[data-track]:has([data-changed])");
  if (!form) return;
  const named = (field) => [...(field.labels || [])].some((label) => label.textContent.trim() === where);
  const field = $$("[data-changed]", form).find((each) => named(each) || each.value.trim().startsWith(where));
  if (!field) return;
  clearField(field);
  const said = Object.assign(document.createElement("p"), { className: "field__error", id: `error-${field.id}` });
  said.setAttribute("role", "alert");
  said.append($(".icon", note).cloneNode(true), `${$("[data-message]", note).textContent}${$("[data-next]", note)?.textContent || ""}`);
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", said.id);
  field.after(said);
  place.replaceChildren();
  field.focus();
}
function clearField(field) {
  field.removeAttribute("aria-invalid");
  document.getElementById(`error-${field.id}`)?.remove();
}
document.addEventListener("input", (event) => { if (event.target.matches("[aria-invalid=true]")) clearField(event.target); });

document.addEventListener("htmx:afterSwap", (event) => {
  const target = event.detail.target;
  if (target.id === "errors") tellAtField(target);
  if (target.id === "dialog" && target.children.length) { if (!target.open) target.showModal(); return; }
  target.querySelectorAll("template[data-toast]").forEach(showToast);
  if (target.dataset.say) say(target.dataset.say);
  watchDrops();
});
let reaching = 0;
const reachableSoon = () => { cancelIdleCallback(reaching); reaching = requestIdleCallback(reachable, { timeout: 500 }); };
document.addEventListener("htmx:afterSettle", reachableSoon);
/* A page that was drawn before there was anything to show is drawn anew once there is. */
document.addEventListener("htmx:afterSettle", () => { if ($("[data-settled]") && $("[data-awaits]")) location.reload(); });
addEventListener("resize", reachableSoon);
addEventListener("load", reachable, true);
document.addEventListener("lantai:toast", (event) => toast(event.detail.value));
document.addEventListener("lantai:close", () => $("#dialog")?.close());
function showToast(template) {
  const form = $("#undo"), act = template.dataset.undo;
  if ("watch" in template.dataset) $("#jobs-pill")?.toggleAttribute("data-poll", true);  // it may be done before this page was drawn
  toast(template.content.textContent, act && form ? { label: "撤销 Z", run: () => { form.elements.act.value = act; form.requestSubmit(); } } : undefined);
  template.remove();
}
$$("template[data-toast]").forEach(showToast);
document.addEventListener("htmx:configRequest", (event) => { if (event.detail.triggeringEvent?.type === "poll") event.detail.headers["X-Lantai-Watching"] = "1"; });
document.addEventListener("jobs-done", () => toast("后台作业做完了。", { label: "刷新", run: () => location.reload() }));
setInterval(() => { if (!document.hidden) $$("[data-poll]").forEach((each) => window.htmx?.trigger(each, "poll")); }, 3000);

/* What scrolls and holds nothing that takes the focus takes it itself, so that the keyboard can scroll it. */
function reachable() {
  $$(".main, .pane__body, .todos, [data-view]").forEach((box) => {
    const isStuck = box.scrollHeight > box.clientHeight + 1 && ![...box.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")].some((each) => each.tabIndex >= 0 && each.offsetParent);
    if (isStuck && box.tabIndex < 0) { box.dataset.stuck = box.getAttribute("tabindex") ?? ""; box.tabIndex = 0; }
    else if (!isStuck && "stuck" in box.dataset) { if (box.dataset.stuck) box.setAttribute("tabindex", box.dataset.stuck); else box.removeAttribute("tabindex"); delete box.dataset.stuck; }
  });
}
reachable();

/* The dark theme dims page images; D held down shows true brightness. */
for (const [name, isOn] of [["keydown", true], ["keyup", false]]) {
  document.addEventListener(name, (event) => { if (event.key === "d" && !isTyping(event)) document.documentElement.toggleAttribute("data-true-light", isOn); });
}
watchDrops();
