// Proposed keywords and persons under the field they are for: Enter takes the marked one, Ctrl and a figure any, Tab leaves them.
const offers = new Map();
const SEPARATOR = /[；;、，,\n]+/;

const parts = (field) => field.value.split(SEPARATOR).map((part) => part.trim()).filter(Boolean);
const joint = (field) => (field.tagName === "TEXTAREA" ? "\n" : "；");
const shown = (field) => field.parentElement.querySelector("[data-offers]");
const left = (place) => [...(place?.querySelectorAll("[data-offer]") || [])].filter((chip) => chip.getAttribute("aria-pressed") === "false");

async function offered(field) {
  const address = field.dataset.from;
  if (!offers.has(address)) offers.set(address, fetch(address, { headers: { "X-Requested-With": "lantai" } }).then((answer) => (answer.ok ? answer.json() : null)).catch(() => null));
  const told = await offers.get(address);
  if (!told) offers.delete(address);
  return told?.[field.dataset.suggest] || [];
}

async function offer(field) {
  if (shown(field)) { mark(field); return; }
  const place = document.createElement("div");
  place.className = "offers";
  place.dataset.offers = field.dataset.suggest;
  const found = await offered(field);
  if (shown(field) || !field.isConnected) return;
  place.setAttribute("role", "group");
  place.setAttribute("aria-label", "建议，按 Enter 采纳");
  for (const item of found) place.append(chip(item));
  if (found.length) place.append(Object.assign(document.createElement("p"), { className: "offers__why small quiet", id: `why-${field.id}` }));
  if (found.length) field.setAttribute("aria-describedby", `why-${field.id}`);
  field.after(place);
  mark(field);
}

function chip(item) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "offer";
  button.tabIndex = -1;
  Object.assign(button.dataset, { offer: item.value, why: item.reason, source: item.source });
  button.append(item.value, Object.assign(document.createElement("span"), { className: "offer__source", textContent: item.source }));
  button.title = `${item.source}：${item.reason}`;
  return button;
}

function mark(field) {
  const place = shown(field), have = parts(field);
  if (!place) return;
  place.querySelectorAll("[data-offer]").forEach((each) => { each.setAttribute("aria-pressed", String(have.includes(each.dataset.offer))); each.removeAttribute("data-next"); });
  const next = left(place)[0], why = place.querySelector("p");
  next?.setAttribute("data-next", "");
  if (why) why.textContent = next ? `Enter 采纳「${next.dataset.offer}」：${next.dataset.source}，${next.dataset.why}` : "建议都已采纳";
}

function take(field, value) {
  const have = parts(field);
  field.value = (have.includes(value) ? have.filter((each) => each !== value) : [...have, value]).join(joint(field));
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
  mark(field);
}

document.addEventListener("focusin", (event) => { if (event.target.dataset?.suggest) offer(event.target); });
document.addEventListener("input", (event) => { if (event.target.dataset?.suggest) mark(event.target); });
document.addEventListener("mousedown", (event) => { if (event.target.closest?.("[data-offer]")) event.preventDefault(); });
document.addEventListener("click", (event) => {
  const pressed = event.target.closest?.("[data-offer]");
  if (!pressed) return;
  const field = pressed.closest("[data-offers]").previousElementSibling;
  take(field, pressed.dataset.offer);
  field.focus();
});
// Before any other listener: here Enter means the marked offer, as long as one is left.
window.addEventListener("keydown", (event) => {
  const field = event.target;
  if (!field.dataset?.suggest || event.isComposing || event.keyCode === 229 || event.altKey) return;
  const open = left(shown(field)), isControl = event.ctrlKey || event.metaKey;
  const wanted = event.key === "Enter" && !isControl && !event.shiftKey ? open[0] : isControl && /^[1-9]$/.test(event.key) ? shown(field)?.querySelectorAll("[data-offer]")[Number(event.key) - 1] : null;
  if (!wanted) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  take(field, wanted.dataset.offer);
}, true);
