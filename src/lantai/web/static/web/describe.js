// 著录 by keyboard: Enter accepts and goes on, Alt and a figure take a box, figures take a candidate, F2 reads a part again, Ctrl+Enter submits.
import { meant } from "./keys.js";
import { askToSignIn, say, toast } from "./telling.js";

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const root = $("[data-describe]");
const form = $("[data-form]");
const csrf = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
const entries = form ? $$("[data-entry]", form) : [];
const control = (entry) => $(".input", entry);
const isOpen = !!$("[data-go-on]");
let version = form ? Number(form.dataset.version) : 0;
let dirty = false, saving = false, fresh = true;

async function send(address, body) {
  const answer = await fetch(address, { method: body ? "POST" : "GET", body, headers: { "X-CSRFToken": csrf(), "X-Requested-With": "lantai" } });
  const told = await answer.json().catch(() => ({}));
  if (answer.status === 401) askToSignIn();
  return { ok: answer.ok, status: answer.status, told };
}

function entered() {
  const body = new URLSearchParams(new FormData(form));
  body.set("seen", entries.filter((entry) => "seen" in entry.dataset).map((entry) => entry.dataset.entry).join(","));
  body.set("version", version);
  return body;
}

function tell(problem) {
  const place = $("[data-told]");
  place.hidden = !problem;
  place.replaceChildren();
  if (!problem) return;
  const words = document.createElement("p"), strong = document.createElement("b");
  strong.textContent = problem.message || "没有存上。";
  words.append(strong, ` ${problem.safe || "您填的都还在这一页，没有丢失。"} ${problem.next || ""}`);
  place.append(words);
}

/* Drafts */
async function save() {
  if (!isOpen || !dirty || saving) return true;
  saving = true;
  dirty = false;
  const answer = await send(root.dataset.draft, entered()).catch(() => null);
  saving = false;
  if (answer?.ok) {
    version = answer.told.version;
    $("[data-saved]").textContent = `已自动存草稿 ${answer.told.at}`;
    $("#offline").hidden = true;
    return true;
  }
  dirty = true;
  if (!answer) $("#offline").hidden = false;
  else if (answer.status === 409) await settle();
  else tell(answer.told);
  return false;
}
if (isOpen) {
  setInterval(save, 10000);
  document.addEventListener("visibilitychange", () => { if (document.hidden) save(); });
}

/* Somebody else was faster: both values side by side. */
async function settle() {
  const { ok, told } = await send(root.dataset.state);
  if (!ok) return;
  const dialog = $("#conflict"), both = $("[data-both]");
  $("[data-who]").textContent = told.who || "他人";
  both.replaceChildren();
  entries.forEach((entry) => {
    const name = entry.dataset.entry, mine = control(entry).value, theirs = told.values[name] ?? "";
    if (mine === theirs) return;
    const row = document.createElement("div");
    row.className = "both";
    const label = document.createElement("span");
    label.textContent = $(".entry__label", entry).textContent;
    row.append(label, choice(name, "mine", mine, true), choice(name, "theirs", theirs, false));
    both.append(row);
  });
  dialog.returnValue = "";
  if (!both.children.length) { version = told.version; return; }
  dialog.dataset.version = told.version;
  if (told.state !== "proposed") { tell({ message: "这一件已由他人提交。", next: "请打开下一件。" }); return; }
  if (!dialog.open) dialog.showModal();
}

function choice(name, side, value, isChosen) {
  const label = document.createElement("label"), radio = document.createElement("input");
  radio.type = "radio"; radio.name = `side-${name}`; radio.value = side; radio.checked = isChosen;
  radio.dataset.value = value; radio.dataset.field = name;
  label.append(radio, value || "（空）");
  return label;
}

document.addEventListener("click", (event) => {
  const all = event.target.closest("[data-all]")?.dataset.all;
  if (all) $$(`#conflict input[value=${all}]`).forEach((radio) => { radio.checked = true; });
  if (!all && !event.target.closest("[data-settle]")) return;
  $$("#conflict input:checked").forEach((radio) => set(entries.find((entry) => entry.dataset.entry === radio.dataset.field), radio.dataset.value));
  version = Number($("#conflict").dataset.version);
  $("#conflict").close();
  dirty = true;
  save();
});

/* Fields */
function set(entry, value) {
  const field = control(entry);
  if (field.tagName === "SELECT" && ![...field.options].some((option) => option.value === value)) field.add(new Option(value, value));
  field.value = value;
  changed(entry);
}

function changed(entry) {
  dirty = true;
  const isOwn = control(entry).value !== entry.dataset.read;
  $("[data-source]", entry)?.toggleAttribute("hidden", isOwn);
  $("[data-person]", entry).hidden = !isOwn || !control(entry).value;
  count();
}

function isUnseen(entry) { return !("seen" in entry.dataset) && control(entry).value === entry.dataset.read && entry.dataset.read !== ""; }

function count() {
  const open = (level) => entries.filter((entry) => entry.dataset.level === level && isUnseen(entry)).length;
  const must = open("must"), glance = open("glance"), read = entries.filter((entry) => entry.dataset.level).length || 1;
  const taken = read - must - glance;
  for (const [name, value] of [["must", must], ["glance", glance], ["taken", taken]]) $(`[data-count=${name}]`).textContent = value;
  const widths = [taken, glance, must].map((value) => (100 * value) / read);
  let at = 0;
  $$("[data-bar] rect").forEach((rect, index) => { rect.setAttribute("x", at); rect.setAttribute("width", widths[index]); at += widths[index]; });
}

function activate(entry) {
  fresh = true;
  entries.forEach((each) => {
    const isIt = each === entry;
    each.toggleAttribute("data-active", isIt);
    $("[data-more]", each).hidden = !isIt;
  });
  const crop = $("[data-crop-src]", entry);
  if (crop && !crop.src) crop.src = crop.dataset.cropSrc;
  $$("[data-box]").forEach((box) => box.toggleAttribute("data-on", box.dataset.box === entry.dataset.entry));
  if (entry.dataset.pageId) show(entry.dataset.pageId, entry.dataset.crop);
  entry.scrollIntoView({ block: "nearest" });
}

function accept(entry) {
  entry.dataset.seen = "";
  dirty = true;
  count();
  const next = entries.slice(entries.indexOf(entry) + 1).find((each) => isUnseen(each) && each.dataset.level !== "sure")
    || entries.find((each) => isUnseen(each) && each.dataset.level === "must") || entries[entries.indexOf(entry) + 1];
  if (next) focus(next); else { say("各字段都已看过"); $("[data-go-on]")?.focus(); }
}

function focus(entry) { const field = control(entry); field.focus(); if (field.select) field.select(); }

entries.forEach((entry) => {
  control(entry).addEventListener("focus", () => activate(entry));
  control(entry).addEventListener("input", () => { fresh = false; changed(entry); });
  if (control(entry).value !== entry.dataset.read) { const had = dirty; changed(entry); dirty = had; }
});

async function submit() {
  tell(null);
  const answer = await send(root.dataset.submit, entered()).catch(() => null);
  if (answer?.ok) { dirty = false; location.assign(answer.told.url); return; }
  if (answer?.status === 409 && answer.told.code === "DIGITISE-CHANGED") { await settle(); return; }
  tell(answer ? answer.told : { message: "与服务器断开，没有提交。" });
  const first = entries.find((entry) => isUnseen(entry) && entry.dataset.level === "must") || entries.find((entry) => $(".required", entry) && !control(entry).value);
  if (first) focus(first);
}

/* Pages */
function show(id, crop) {
  const page = $(`[data-page="${id}"]`);
  if (!page) return;
  $$("[data-page]").forEach((each) => { each.hidden = each !== page; });
  $$("[data-leaf]").forEach((each) => { if (each.dataset.leaf === id) each.setAttribute("aria-current", "true"); else each.removeAttribute("aria-current"); });
  const image = $("img", page);
  if (!image.src) image.src = image.dataset.src;
  if (!crop) return;
  const [width] = page.dataset.size.split(" ").map(Number), top = Number(crop.split(",")[1]) * page.clientWidth / width;
  const desk = $("[data-desk]");
  if (top < desk.scrollTop || top > desk.scrollTop + desk.clientHeight - 120) desk.scrollTop = Math.max(0, top - desk.clientHeight / 3);
}

function number() {
  $$("[data-at]").forEach((mark) => {
    const page = mark.closest("[data-page]"), [width, height] = page.dataset.size.split(" ").map(Number), [x, y] = mark.dataset.at.split(" ").map(Number);
    mark.style.setProperty("left", `${(100 * x) / width}%`);
    mark.style.setProperty("top", `${(100 * y) / height}%`);
  });
}

const FITS = ["width", "whole", "large"], FIT_WORDS = { width: "适宽", whole: "整页", large: "放大" };
function fit(name) {
  const desk = $("[data-desk]"), page = $("[data-page]:not([hidden])");
  desk.dataset.fit = name;
  localStorage.setItem("lantai.describe.fit", name);
  const percent = page ? Math.round((100 * page.clientWidth) / (8.27 * 96)) : 100;
  $("[data-fit-words]").textContent = `${FIT_WORDS[name]} ${percent}%`;
}

/* F2: a box drawn with the mouse, or moved by arrows and sized with Shift; Enter reads it. */
let drawn = null;
function draw(isOn) {
  const page = $("[data-page]:not([hidden])");
  root.toggleAttribute("data-drawing", isOn);
  $$("[data-drawn]").forEach((rect) => rect.setAttribute("hidden", ""));
  if (!isOn || !page) { drawn = null; return; }
  const [width, height] = page.dataset.size.split(" ").map(Number);
  const active = $("[data-active]");
  const box = active?.dataset.crop && active.dataset.pageId === page.dataset.page ? active.dataset.crop.split(",").map(Number) : [width * 0.2, height * 0.2, width * 0.8, height * 0.25];
  drawn = { page, box, width, height };
  outline();
  $("[data-desk]").focus();
  say("框选重识：拖动画框，或用方向键移动、按住 Shift 调大小，Enter 识别，Esc 放弃");
}

function outline() {
  const rect = $("[data-drawn]", drawn.page), [x0, y0, x1, y1] = drawn.box;
  rect.removeAttribute("hidden");
  for (const [name, value] of [["x", Math.min(x0, x1)], ["y", Math.min(y0, y1)], ["width", Math.abs(x1 - x0)], ["height", Math.abs(y1 - y0)]]) rect.setAttribute(name, value);
}

async function reread() {
  const [x0, y0, x1, y1] = drawn.box, entry = $("[data-active]");
  const box = [Math.min(x0, x1), Math.min(y0, y1), Math.max(x0, x1), Math.max(y0, y1)].map((value) => Math.max(0, Math.round(value)));
  const page = drawn.page.dataset.page;
  draw(false);
  say("正在识别");
  const answer = await send(`/describe/pages/${page}/read`, new URLSearchParams({ box: box.join(",") }));
  if (!answer.ok || !answer.told.text) { toast(answer.told.message || "这一块没有读出文字。"); if (entry) focus(entry); return; }
  if (entry) { set(entry, answer.told.text); focus(entry); }
  toast(`读出「${answer.told.text.slice(0, 30)}」，把握 ${answer.told.percent}%。`);
}

document.addEventListener("pointerdown", (event) => {
  const over = drawn && event.target.closest("[data-page] svg");
  if (!over) return;
  event.preventDefault();
  const at = (each) => { const place = over.getBoundingClientRect(); return [((each.clientX - place.left) * drawn.width) / place.width, ((each.clientY - place.top) * drawn.height) / place.height]; };
  const [x, y] = at(event);
  drawn.box = [x, y, x, y];
  const move = (each) => { const [right, bottom] = at(each); drawn.box = [x, y, right, bottom]; outline(); };
  over.addEventListener("pointermove", move);
  over.addEventListener("pointerup", () => { over.removeEventListener("pointermove", move); if (Math.abs(drawn.box[2] - x) > 4) reread(); }, { once: true });
});

function arrows(event) {
  const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (!by) return false;
  const step = drawn.width / 60, [x0, y0, x1, y1] = drawn.box;
  drawn.box = event.shiftKey ? [x0, y0, x1 + by[0] * step, y1 + by[1] * step] : [x0 + by[0] * step, y0 + by[1] * step, x1 + by[0] * step, y1 + by[1] * step];
  outline();
  return true;
}

/* Keys */
document.addEventListener("keydown", (event) => {
  if (!root || event.isComposing || event.keyCode === 229 || $("dialog[open]")) return;
  const entry = event.target.closest?.("[data-entry]");
  if (drawn) {
    if (event.key === "Escape") { draw(false); stop(event); return; }
    if (event.key === "Enter") { stop(event); reread(); return; }
    if (arrows(event)) { stop(event); return; }
  }
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { stop(event); if (isOpen) submit(); return; }
  if (event.altKey && event.code === "KeyR") { stop(event); if (isOpen) turn(); return; }
  if (event.key === "F2") { stop(event); if (isOpen) draw(!drawn); return; }
  if (event.key === "Enter" && entry && !event.shiftKey) { stop(event); if (isOpen) accept(entry); return; }
  if (event.altKey && /^[1-9]$/.test(event.key)) { stop(event); take(Number(event.key)); return; }
  if (entry && fresh && /^[1-9]$/.test(event.key) && !event.ctrlKey && !event.altKey) {
    const wanted = $$("[data-candidate]", entry)[Number(event.key) - 1];
    if (wanted) { stop(event); set(entry, wanted.dataset.candidate); accept(entry); }
    return;
  }
  if (entry && !["Tab", "Shift", "Control", "Alt"].includes(event.key)) fresh = false;
  if (!entry && meant(event.key).toLowerCase() === "q" && isOpen) { stop(event); $("#question").showModal(); }
}, true);

function stop(event) { event.preventDefault(); event.stopPropagation(); }

function take(at) {
  const from = entries.find((entry) => Number(entry.dataset.number) === at), active = $("[data-active]");
  if (!from) return;
  if (active && active !== from && isOpen) { set(active, from.dataset.read); focus(active); return; }
  focus(from);
}

/* A page the wrong way round: the server makes a new picture of the scan and reads it; what was typed is kept as a draft before. */
async function turn() {
  const leaf = $("[data-leaf][aria-current]");
  if (!leaf || !(await save())) return;
  say("正在转正并重新识别");
  const answer = await send(`/inspect/pages/${leaf.dataset.leaf}/turn`, new URLSearchParams());
  if (answer.ok) location.reload();
  else tell(answer.told);
}

document.addEventListener("click", (event) => {
  if (!root) return;
  if (event.target.closest("[data-turn]")) turn();
  const leaf = event.target.closest("[data-leaf]"), box = event.target.closest("[data-box]"), layer = event.target.closest("[data-layer]"), maybe = event.target.closest("[data-candidate]");
  if (leaf) show(leaf.dataset.leaf);
  if (box && !drawn) focus(entries.find((entry) => entry.dataset.entry === box.dataset.box));
  if (layer) { root.dataset.layers = layer.dataset.layer; $$("[data-layer]").forEach((each) => each.setAttribute("aria-pressed", String(each === layer))); }
  if (maybe) { const entry = maybe.closest("[data-entry]"); set(entry, maybe.dataset.candidate); accept(entry); }
  if (event.target.closest("[data-go-on]")) submit();
  if (event.target.closest("[data-doubt]")) $("#question").showModal();
  if (event.target.closest("[data-fit]")) fit(FITS[(FITS.indexOf($("[data-desk]").dataset.fit) + 1) % FITS.length]);
});
window.addEventListener("beforeunload", () => { if (dirty) save(); });

if (root) {
  number();
  count();
  fit(localStorage.getItem("lantai.describe.fit") || "width");
  const first = ["must", "glance"].map((level) => entries.find((entry) => entry.dataset.level === level && isUnseen(entry))).find(Boolean) || entries[0];
  if (isOpen && first) focus(first);
}
