// 整理: a list of any length that is read as it is scrolled, a choice that outlives scrolling, moving with live numbers, two at once.
import { say, toast } from "./telling.js";

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const list = $("[data-long]"), ROW = list?.dataset.density ? 28 : 34, scroller = $("[data-scroller]");
const size = list ? Number(list.dataset.page) : 0, total = list ? Math.min(Number(list.dataset.total), Number(list.dataset.most)) : 0;

/* The list: one block of rows a tbody, those far away are an empty block of the same height. */
const waiting = new Map();
const isNear = (block) => { const box = block.getBoundingClientRect(), at = scroller.getBoundingClientRect(); return box.bottom > at.top - 1400 && box.top < at.bottom + 1400; };
const rowsIn = (block) => Math.min(size, total - Number(block.dataset.block));

function layOut() {
  const first = Number(list.dataset.first), given = $("tbody", list), above = document.createDocumentFragment(), below = document.createDocumentFragment();
  for (let at = first % size; at < total; at += size) if (at !== first) (at < first ? above : below).append(emptied(document.createElement("tbody"), at));
  given.before(above);
  given.after(below);
  const open = $("tr[aria-selected=true]", given);
  if (first || (open && open.rowIndex > 12)) (open ?? given).scrollIntoView({ block: "center" });
}

function emptied(block, at) {
  block.dataset.block = at;
  block.dataset.empty = "";
  const row = document.createElement("tr"), cell = document.createElement("td");
    cell.style.height = `${rowsIn(block) * ROW}px`;
  cell.className = "waiting";
  row.append(cell);
  block.replaceChildren(row);
  return block;
}

async function fill(block) {
  const at = block.dataset.block;
  if (waiting.has(at)) return waiting.get(at);
  const work = fetch(`${list.dataset.url}&from=${at}`, { headers: { "X-Rows": "1", "HX-Request": "true", "X-Requested-With": "lantai" } })
    .then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status)))
    .then((text) => { delete block.dataset.empty; block.innerHTML = text; tickAgain(block); })
    .catch(() => { $("#offline").hidden = false; })
    .finally(() => waiting.delete(at));
  waiting.set(at, work);
  return work;
}

let asked = 0;
function look() {
  cancelAnimationFrame(asked);
  asked = requestAnimationFrame(() => {
    const middle = Math.floor(Math.max(0, scroller.scrollTop) / ROW);
    const first = list.tBodies[0] ? Number(list.tBodies[0].dataset.block) : 0;
    const at = Math.max(0, Math.floor((middle - first) / size));
    for (let each = Math.max(0, at - 2); each <= Math.min(list.tBodies.length - 1, at + 3); each += 1) if ("empty" in list.tBodies[each].dataset && isNear(list.tBodies[each])) fill(list.tBodies[each]);
    if (list.tBodies.length > 12) $$("tbody:not([data-empty])", list).filter((block) => !isNear(block) && !$("tr[aria-selected=true], tr:focus", block)).forEach((block) => emptied(block, block.dataset.block));
    const last = Math.min(total, middle + Math.ceil((scroller.clientHeight - 30) / ROW));
    const where = $("[data-where]");
    if (where) where.textContent = `第 ${middle + 1}–${last} 件，共 ${spaced(Number(list.dataset.total))} 件`;
  });
}
const spaced = (count) => String(count).replace(/\B(?=(\d{3})+$)/g, "\u2009");

/* The choice: kept by id, however far one scrolls; the whole result is chosen by its conditions. */
const chosen = new Set();
let isAll = false;

function keep(box) {
  if (isAll && !box.checked) { isAll = false; chosen.clear(); $$("tbody input.tick:checked", list).forEach((each) => chosen.add(each.value)); }
  else if (box.checked) chosen.add(box.value); else chosen.delete(box.value);
}

function tickAgain(block) {
  $$("input.tick", block).forEach((box) => { box.checked = isAll || chosen.has(box.value); box.closest("tr").toggleAttribute("data-chosen", box.checked); });
}

function hold() {
  const fields = $("[data-selection-fields]");
  if (!fields) return;
  const given = isAll ? [["all", "1"], ["expected", list.dataset.total], ...new URLSearchParams(list.dataset.url.slice(1))] : [...chosen].map((id) => ["record", id]);
  fields.replaceChildren(...given.map(([name, value]) => { const field = document.createElement("input"); field.type = "hidden"; field.name = name; field.value = value; return field; }));
  $$("[data-few]").forEach((each) => { each.hidden = isAll || chosen.size > 200; });
}

function chooseAll() {
  isAll = true;
  chosen.clear();
  $$("tbody input.tick", list).forEach((box) => { box.checked = true; });
  list.dispatchEvent(new CustomEvent("lantai:count", { bubbles: true }));
}

/* Moving: the row goes at once, its neighbours' numbers change before the eyes, the server is told when the hand rests. */
let moving = null, told = 0;
const open = () => $("tr[data-row][aria-selected=true]", list ?? document);
const neighbours = (row) => { const all = $$("tr[data-row]", list); return { all, at: all.indexOf(row) }; };

function renumber(before) {
  $$("tr[data-row]", list).forEach((row, at) => {
    const cell = row.cells[1], old = cell.dataset.item, now = before[at];
    if (!/^\d+$/.test(old) || !now) return;
    if (old === now) cell.replaceChildren(old);
    else { const gone = document.createElement("s"), fresh = document.createElement("b"); gone.textContent = old; fresh.textContent = now; cell.replaceChildren(gone, " ", fresh); }
  });
  const changed = $$("tr[data-row] td s", list).length;
  const note = $("[data-moving]");
  if (note) { note.classList.remove("helper"); note.textContent = changed ? `${changed} 件的件号随之改变` : ""; }
}

function begin() { moving ??= { numbers: $$("tr[data-row]", list).map((row) => row.cells[1].dataset.item), row: open() }; }

function move(by) {
  const row = open();
  if (!row?.draggable) return;
  begin();
  const { all, at } = neighbours(row), other = all[at + by];
  if (!other) return;
  if (by < 0) other.before(row); else other.after(row);
  row.scrollIntoView({ block: "nearest" });
  renumber(moving.numbers);
  say(`已移到第 ${neighbours(row).at + 1 + Number(list.tBodies[0].dataset.block)} 位，共 ${list.dataset.total} 件`);
  clearTimeout(told);
  told = setTimeout(() => send([row]), 700);
}

async function send(rows) {
  clearTimeout(told);
  const { all, at } = neighbours(rows[0]), before = all[at - 1];
  const body = new URLSearchParams(rows.map((row) => ["record", row.id.slice(4)]));
  body.append("after", before ? before.id.slice(4) : "");
  const answer = await fetch("/arrange/order", { method: "POST", body, headers: { "X-CSRFToken": token(), "X-Requested-With": "lantai" } }).catch(() => null);
  if (!answer?.ok) { toast((await answer?.json().catch(() => null))?.message ?? "没有移成，顺序没有变。"); setTimeout(() => location.reload(), 1200); return; }
  const done = await answer.json();
  $$("tr[data-row]", list).forEach((row) => { const cell = row.cells[1], fresh = $("b", cell); if (fresh) { cell.dataset.item = fresh.textContent; cell.replaceChildren(fresh.textContent); } });
  moving = null;
  const note = $("[data-moving]");
  if (note) note.textContent = "顺序已存";
  const form = $("#undo");
  form.elements.act.value = "";
  toast(`${done.title}，已存。`, { label: "撤销 Z", run: () => { form.elements.act.value = done.act; form.requestSubmit(); } });
  showUndo();
  if (rows[0] === open()) $("a.row-link", rows[0]).click();
}
const token = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];

function showUndo() {
  if ($("[form=undo][data-key=z]")) return;
  const button = document.createElement("button");
  button.className = "button";
  button.setAttribute("form", "undo");
  button.dataset.key = "z";
  button.textContent = "撤销上一步";
  $(".pane__foot .end", scroller.parentElement).prepend(button);
}

/* Drag: the ticked rows if the dragged one is among them, else that one. */
let dragged = [];
function dragStart(event) {
  const row = event.target.closest?.("tr[draggable=true]");
  if (!row) return;
  dragged = row.hasAttribute("data-chosen") ? $$("tr[data-chosen]", list) : [row];
  begin();
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", $("a.row-link", row).textContent);
  dragged.forEach((each) => each.toggleAttribute("data-dragged", true));
}
function dragOver(event) {
  const row = event.target.closest?.("tr[data-row]");
  if (!dragged.length || !row || dragged.includes(row)) return;
  event.preventDefault();
  const isBelow = event.clientY > row.getBoundingClientRect().top + ROW / 2;
  if (isBelow) row.after(...dragged); else row.before(...dragged);
  renumber(moving.numbers);
}
function drop(event) { if (dragged.length) { event.preventDefault(); const rows = dragged; dragEnd(); send(rows); } }
function dragEnd(event) {
  const rows = dragged;
  dragged.forEach((each) => each.removeAttribute("data-dragged"));
  dragged = [];
  if (event?.dataTransfer.dropEffect === "none" && rows.length && moving) location.reload();
}

/* The tree: arrows go and fold, letters find. */
function treeKey(event) {
  const rows = $$("[data-tree] .tree__row"), at = rows.indexOf(event.target.closest(".tree__row"));
  if (at < 0 || event.ctrlKey || event.altKey) return;
  const item = rows[at].closest("li"), isOpen = item.getAttribute("aria-expanded") === "true";
  const to = { ArrowDown: rows[at + 1], ArrowUp: rows[at - 1], ArrowRight: isOpen ? rows[at + 1] : null, ArrowLeft: item.parentElement.closest("li")?.querySelector(".tree__row"), Home: rows[0], End: rows.at(-1) }[event.key];
  if (event.key === "ArrowRight" && item.getAttribute("aria-expanded") === "false") { event.preventDefault(); rows[at].click(); }
  if (to) { event.preventDefault(); to.focus(); }
}

/* The dialog of what an item is made of: a row moves as a whole, its role goes along. */
function movePiece(row, by) {
  const other = by < 0 ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  if (by < 0) other.before(row); else other.after(row);
  const rows = [...row.parentElement.children];
  say(`已移到件内第 ${rows.indexOf(row) + 1} 份，共 ${rows.length} 份`);
}

if (list) {
  layOut();
  look();
  scroller.addEventListener("scroll", look, { passive: true });
  list.selection = { count: () => (isAll ? total : chosen.size), isAll: () => isAll, clear: () => { isAll = false; chosen.clear(); }, hold, keep };
  list.addEventListener("dragstart", dragStart);
  list.addEventListener("dragover", dragOver);
  list.addEventListener("drop", drop);
  list.addEventListener("dragend", dragEnd);
}
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-long] a.row-link");
  if (link && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    if ($("form[data-track] [data-changed]")) { toast(`有 ${$$("form[data-track] [data-changed]").length} 处未保存。请先保存或放弃，再换别的件。`); return; }
    const item = link.closest("tr").cells[1].dataset.item;
    window.htmx.ajax("GET", link.href, { source: link, target: "#form", values: { item } }).then(() => requestIdleCallback(() => history.replaceState(null, "", link.href)));
  }
  const piece = event.target.closest("[data-piece-move]");
  if (piece) { movePiece(piece.closest("tr"), Number(piece.dataset.pieceMove)); piece.focus(); }
  const mover = event.target.closest("[data-move]");
  if (mover) move(Number(mover.dataset.move));
  if (event.target.closest("[data-select-all]")) chooseAll();
  const take = event.target.closest("[data-take]");
  if (take) $$(`[data-${take.dataset.take}]`, take.form).forEach((each) => { each.checked = true; });
});
document.addEventListener("keydown", (event) => {
  const row = event.target.closest?.("[data-piece]");
  if (row && event.altKey && ["ArrowUp", "ArrowDown"].includes(event.key)) { event.preventDefault(); const held = document.activeElement; movePiece(row, event.key === "ArrowUp" ? -1 : 1); held.focus(); }
  if (event.target.closest?.("[data-tree]")) treeKey(event);
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "a" && list && !event.target.closest("input:not(.tick), textarea, select, dialog")) { event.preventDefault(); chooseAll(); }
});
