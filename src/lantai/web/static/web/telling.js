// Saying things: one polite region for what a screen reader should hear, toasts at the bottom left for what happened, and the
// question for the password over the page.
export function say(text) { const region = document.querySelector("#said"); if (region) region.textContent = text; }

export function toast(text, act) {
  const box = document.querySelector("#toasts");
  if (!box) return;
  const item = document.createElement("div");
  item.className = "toast";
  item.tabIndex = -1;
  item.append(text);
  if (act) {
    const button = document.createElement("button");
    button.textContent = act.label;
    button.onclick = () => { act.run(); item.remove(); };
    item.append(button);
  }
  box.append(item);
  const leave = () => (item.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : item.remove());
  setTimeout(leave, 10000);
}

export function askToSignIn() { const dialog = document.querySelector("#sign-in-again"); if (dialog && !dialog.open) dialog.showModal(); }
