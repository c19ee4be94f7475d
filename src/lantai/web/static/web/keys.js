// A person's own single keys: what a press means, and the caps that are shown for it. The server keeps them with the account.
const OWN = new Map((document.body.dataset.keys ?? "").split(" ").filter(Boolean).map((pair) => [pair[0], pair[1]]));
const USUAL = new Map([...OWN].map(([usual, own]) => [own, usual]));

/* What a press means: the usual key; a usual key that was given another means nothing of its own any more. */
export function meant(key) {
  const low = key.length === 1 ? key.toLowerCase() : key;
  const usual = USUAL.get(low) ?? (OWN.has(low) ? "" : low);
  return usual && key !== low && usual.length === 1 ? usual.toUpperCase() : usual;
}

export function showOwn(root = document) {
  if (!OWN.size) return;
  root.querySelectorAll("kbd:not([data-fixed], [data-own])").forEach((cap) => {
    const own = OWN.get(cap.textContent.trim().toLowerCase());
    const before = cap.previousElementSibling;
    if (cap.textContent.trim().length !== 1 || !own || before?.matches("kbd") && ["Ctrl", "Alt"].includes(before.textContent)) return;
    cap.textContent = own.toUpperCase();
    cap.dataset.own = "";
  });
}

showOwn();
document.addEventListener("htmx:afterSettle", (event) => showOwn(event.target.parentElement ?? document));
/* A field holds one key: what is pressed takes the place of what was there. */
document.addEventListener("focusin", (event) => { if (event.target.matches(".own-keys input")) event.target.select(); });
