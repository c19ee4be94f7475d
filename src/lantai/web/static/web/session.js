// The session under an open page. Before an ordinary form leaves the page, the server is asked whether the person is still signed in:
// a session that ended is renewed over the page, and nothing that was typed is lost.
import { askToSignIn, toast } from "./telling.js";

const asking = () => document.querySelector("#sign-in-again form");
// Forms whose own script speaks with the server and hears of an ended session there.
const OTHERS = "[data-again], [data-theme-form], [data-upload], [hx-post], [target]";

function renew(token) {
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
  document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach((each) => { each.value = token; });
}

/* Who is signed in, no one or somebody, and the token of that sign-in. */
async function now() { return (await fetch(asking().action, { headers: { "X-Requested-With": "lantai" } })).json(); }

/* True where the person whom the page was drawn for is signed in; another window may have signed in anew, whose token is taken over. */
async function isStillSignedIn() {
  const { login, token } = await now();
  if (login !== asking().elements.login.value) return false;
  renew(token);
  return true;
}

async function leave(form, button) {
  form.dataset.leaving = "asks";
  try {
    if (!await isStillSignedIn()) return askToSignIn();
    form.dataset.leaving = "may";
    form.requestSubmit(button);
  } catch {
    document.querySelector("#offline").hidden = false;
  } finally {
    delete form.dataset.leaving;
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.getAttribute("method") !== "post" || form.matches(OTHERS) || form.dataset.leaving === "may" || !asking()) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!form.dataset.leaving) void leave(form, event.submitter);
}, true);

async function enter(form) {
  const { token } = await now();
  const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { "X-CSRFToken": token, "X-Requested-With": "lantai" } });
  return { isIn: answer.ok, body: await answer.json() };
}

document.addEventListener("submit", async (event) => {
  if (!event.target.matches("[data-again]")) return;
  event.preventDefault();
  const form = event.target, error = form.querySelector("[data-again-error]");
  const { isIn, body } = await enter(form).catch(() => ({ isIn: false, body: { message: "没有连上服务器，请稍后再试。" } }));
  form.elements.password.value = "";
  if (!isIn) { error.hidden = false; error.textContent = body.message; form.elements.password.focus(); return; }
  error.hidden = true;
  renew(body.token);
  document.querySelector("#sign-in-again").close();
  toast("已重新登录。刚才那一步没有做成，请再按一次。");
}, true);

document.addEventListener("htmx:responseError", (event) => { if (event.detail.xhr.status === 401) askToSignIn(); });
/* Back in this window from another in which the same person signed in anew. */
addEventListener("focus", () => { if (asking()) isStillSignedIn().catch(() => {}); });
