// Files, folders and archives dropped anywhere on a page that takes them, or chosen with its buttons, go up with progress.
import { askToSignIn, toast } from "./telling.js";
import { sendParts, Stopped } from "./sending.js";

const ready = new WeakSet();

export function watchDrops() {
  document.querySelectorAll("[data-upload]").forEach((form) => {
    if (ready.has(form)) return;
    ready.add(form);
    form.querySelectorAll("input[type=file]").forEach((input) => {
      input.addEventListener("change", () => send(form, [...input.files].map((file) => ({ file, path: file.webkitRelativePath || file.name }))));
    });
    watch(form);
  });
}

function watch(form) {
  const veil = document.querySelector("[data-drop-veil]");
  let depth = 0;
  const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  document.addEventListener("dragenter", (event) => { if (holdsFiles(event)) { depth += 1; veil.hidden = false; } });
  document.addEventListener("dragleave", (event) => { if (holdsFiles(event) && (depth -= 1) <= 0) { depth = 0; veil.hidden = true; } });
  document.addEventListener("dragover", (event) => { if (holdsFiles(event)) event.preventDefault(); });
  document.addEventListener("drop", async (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    depth = 0;
    veil.hidden = true;
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const found = [];
    for (const entry of entries) await gather(entry, "", found);
    send(form, found);
  });
}

async function gather(entry, folder, found) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    found.push({ file, path: folder + entry.name });
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return;
    for (const each of some) await gather(each, `${folder}${entry.name}/`, found);
  }
}

function send(form, found) {
  if (!found.length) return;
  const size = found.reduce((sum, { file }) => sum + file.size, 0);
  if (size > Number(form.dataset.whole)) return inParts(form, found);
  const data = new FormData(form);
  data.delete("files");
  for (const { file, path } of found) { data.append("paths", path); data.append("files", file, file.name); }
  const box = form.querySelector("[data-upload-state]"), bar = box.querySelector("rect"), words = box.querySelector("[data-upload-words]");
  const request = new XMLHttpRequest();
  box.hidden = false;
  request.upload.onprogress = (event) => {
    const percent = Math.floor((100 * event.loaded) / event.total);
    bar.setAttribute("width", `${percent}%`);
    words.textContent = percent < 100 ? `正在送入 ${found.length} 个文件，已传 ${percent}%` : "已传完，正在登记";
  };
  request.onload = () => {
    box.hidden = true;
    const body = answer(request);
    forget(form);
    if (request.status === 401) return askToSignIn();
    if (request.status >= 400) return toast(`没有送入：${body.message ?? "服务器没有收下"}${body.next ?? ""}`);
    document.body.toggleAttribute("data-leaving", true);
    window.location.assign(body.url);
  };
  request.onerror = () => { box.hidden = true; forget(form); toast("没有送入：与服务器断开。文件都还在原处，请稍后再试。"); };
  request.open("POST", form.action);
  request.setRequestHeader("X-Requested-With", "lantai");
  request.setRequestHeader("X-CSRFToken", JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"]);
  request.send(data);
}

let sending = null;

async function inParts(form, found) {
  if (sending) return toast("上一次还没有传完；请等它传完，或先停下。");
  const box = form.querySelector("[data-upload-state]"), bar = box.querySelector("rect"), words = box.querySelector("[data-upload-words]");
  const stop = box.querySelector("[data-upload-stop]");
  sending = new AbortController();
  const halt = () => sending?.abort();
  const hold = (event) => event.preventDefault();
  const tell = (done, total, said) => {
    if (total) bar.setAttribute("width", `${Math.floor((100 * done) / total)}%`);
    words.textContent = total ? `${said}，已传 ${Math.floor((100 * done) / total)}%` : said;
  };
  box.hidden = stop.hidden = false;
  stop.addEventListener("click", halt);
  window.addEventListener("beforeunload", hold);
  tell(0, 1, `正在送入 ${found.length} 个文件`);
  try {
    const { url } = await sendParts(form, found, tell, sending.signal);
    window.removeEventListener("beforeunload", hold);
    document.body.toggleAttribute("data-leaving", true);
    window.location.assign(url);
  } catch (problem) {
    toast(problem instanceof Stopped ? "已停下，已传的保留着；再选同样的文件，从断处继续。" : `没有送入：${problem.message}`);
  } finally {
    sending = null;
    box.hidden = stop.hidden = true;
    stop.removeEventListener("click", halt);
    window.removeEventListener("beforeunload", hold);
    forget(form);
  }
}

/* What was chosen may be chosen again; what was typed beside it stays. */
function forget(form) { form.querySelectorAll("input[type=file]").forEach((input) => { input.value = ""; }); }

function answer(request) {
  try { return JSON.parse(request.responseText); } catch { return {}; }
}
