// 质检 by keyboard: arrows move, 1 2 3 judge and go on, U takes back, C compares, Z enlarges, R turns, space plays.
import { meant } from "./keys.js";
import { askToSignIn, say, toast } from "./telling.js";

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const root = $("[data-inspect]");
const csrf = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
const cards = () => $$("[data-card]");
const current = () => $("[data-card][aria-current]");
const NAMES = { good: "合格", rescan: "退扫", doubt: "待议", "": "未判定" };
const undone = [];
let playing = 0, showing = 0, pending = 0, before = Promise.resolve();

/* One request after the other: a verdict that is taken back at once must not overtake itself. */
function send(address, values) {
  pending += 1;
  before = before.catch(() => null).then(() => post(address, values)).finally(() => { pending -= 1; });
  return before;
}
window.addEventListener("beforeunload", (event) => { if (pending) event.preventDefault(); });

async function post(address, values) {
  const answer = await fetch(address, { method: "POST", body: new URLSearchParams(values), headers: { "X-CSRFToken": csrf(), "X-Requested-With": "lantai" } });
  const told = await answer.json().catch(() => ({}));
  if (answer.status === 401) askToSignIn();
  if (!answer.ok && answer.status !== 401) toast(`${told.message || "没有记上。"} ${told.next || ""}`);
  return answer.ok ? told : null;
}

function choose(card) {
  if (!card) return;
  cards().forEach((each) => { each.removeAttribute("aria-current"); each.tabIndex = each === card ? 0 : -1; });
  card.setAttribute("aria-current", "true");
  card.scrollIntoView({ block: "nearest" });
  card.focus({ preventScroll: true });
  clearTimeout(showing);
  showing = setTimeout(() => window.htmx.ajax("GET", `/inspect/pages/${card.dataset.card}/`, { target: "#compare", swap: "innerHTML" }), 90);
}

function step(by) {
  const all = cards(), at = all.indexOf(current());
  const next = all[Math.max(0, Math.min(all.length - 1, at + by))];
  if (next !== current()) choose(next);
  return next !== all[at];
}

async function judge(verdict, error = "") {
  const card = current();
  if (!card) return;
  const was = { id: card.dataset.card, verdict: card.dataset.verdict, error: card.dataset.error };
  const kind = verdict === "rescan" ? error || $("#error")?.value || "" : "";
  if (verdict === "rescan" && !kind) { $("#error")?.focus(); say("请选差错类型"); return; }
  card.dataset.verdict = verdict;
  card.dataset.error = kind;
  undone.push(was);
  step(1);
  const told = await send(`/inspect/pages/${was.id}/verdict`, { verdict, error: kind });
  if (!told) { card.dataset.verdict = was.verdict; card.dataset.error = was.error; undone.splice(undone.indexOf(was), 1); return; }
  stand(told);
  say(`${card.getAttribute("aria-label")}：${NAMES[verdict]}`);
}

async function undo() {
  const last = undone.pop();
  if (!last) { say("没有可撤销的判定"); return; }
  const told = await send(`/inspect/pages/${last.id}/verdict`, { verdict: last.verdict, error: last.error });
  if (!told) { undone.push(last); return; }
  const card = $(`[data-card="${last.id}"]`);
  if (card) { card.dataset.verdict = last.verdict; card.dataset.error = last.error; choose(card); }
  stand(told);
  toast(`已撤销，回到「${NAMES[last.verdict]}」。`);
}

function stand(told) {
  const judged = $("[data-judged]"), count = cards().filter((card) => card.dataset.verdict).length;
  if (judged) judged.firstChild.textContent = judged.textContent.replace(/^\d+/, Math.max(count, Number(judged.dataset.judged)));
  if ($("[data-rate]")) $("[data-rate]").textContent = `${told.rate.toFixed(1)}%`;
  if ($("[data-undecided]")) $("[data-undecided]").textContent = told.undecided;
}

async function turn() {
  const card = current();
  say("正在转正并重新识别");
  const told = card && (await send(`/inspect/pages/${card.dataset.card}/turn`, {}));
  if (!told) return;
  const again = (image) => { const address = new URL(image.src); address.searchParams.set("turned", told.turned); image.src = address; };
  again($("[data-thumb]", card));
  $$("[data-large], .loupe img").forEach(again);
}

function play() {
  clearInterval(playing);
  if (playing) { playing = 0; say("已停"); return; }
  say("逐页播放，再按空格停下");
  playing = setInterval(() => { if (!step(1)) { clearInterval(playing); playing = 0; } }, 1200);
}

const row = () => { const all = cards(); return all.findIndex((card) => card.offsetTop > all[0].offsetTop) || 6; };
const ACTS = {
  ArrowLeft: () => step(-1), ArrowRight: () => step(1), ArrowUp: () => step(-row()), ArrowDown: () => step(row()),
  1: () => judge("good"), 2: () => judge("rescan"), 3: () => judge("doubt"), u: undo, r: turn, " ": play,
  c: () => $("#compare").toggleAttribute("data-single"), z: () => $("#compare").toggleAttribute("data-zoomed"),
};

document.addEventListener("keydown", (event) => {
  if (!root || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || $("dialog[open]")) return;
  if (event.target.closest("select, input, textarea") && event.key !== "Escape") {
    if (event.target.id === "error" && event.key === "Enter") { event.preventDefault(); judge("rescan"); }
    return;
  }
  const single = localStorage.getItem("lantai.keys") !== "off" || event.key.startsWith("Arrow");
  const act = single && ACTS[event.key.length === 1 ? meant(event.key).toLowerCase() : event.key];
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}, true);

document.addEventListener("click", (event) => {
  if (!root) return;
  const card = event.target.closest("[data-card]"), act = event.target.closest("[data-verdict-act]");
  if (card) choose(card);
  if (event.target.closest("[data-turn]")) turn();
  if (act) judge(act.dataset.verdictAct);
});
document.addEventListener("change", (event) => { if (event.target.matches("[data-which]")) location.assign(event.target.value); });
document.addEventListener("input", (event) => { if (event.target.matches("input[data-across]")) { $("[data-cards]").dataset.across = event.target.value; localStorage.setItem("lantai.inspect.across", event.target.value); } });
document.addEventListener("scroll", (event) => {
  if (!event.target.matches?.("[data-view]")) return;
  $$("[data-view]").forEach((view) => { if (view !== event.target && Math.abs(view.scrollTop - event.target.scrollTop) > 1) { view.scrollTop = event.target.scrollTop; view.scrollLeft = event.target.scrollLeft; } });
}, true);
document.addEventListener("pointermove", (event) => {
  const view = event.target.closest?.("[data-view]");
  if (!view) return;
  const image = $("img", view), place = image.getBoundingClientRect(), x = (event.clientX - place.left) / place.width, y = (event.clientY - place.top) / place.height;
  $$(".loupe").forEach((loupe) => {
    const large = $("img", loupe);
    large.style.setProperty("left", `${loupe.clientWidth / 2 - x * large.clientWidth}px`);
    large.style.setProperty("top", `${loupe.clientHeight / 2 - y * large.clientHeight}px`);
    large.style.setProperty("transform", "none");
  });
});

if (root) {
  const across = localStorage.getItem("lantai.inspect.across");
  if (across) { $("[data-cards]").dataset.across = across; $("input[data-across]").value = across; }
  const card = current();
  if (card) { card.tabIndex = 0; card.focus({ preventScroll: true }); card.scrollIntoView({ block: "nearest" }); }
}
