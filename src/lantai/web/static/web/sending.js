// A large delivery goes up in parts: it waits out a lost connection, goes on after a reload, and is held against digests at the end.
import { askToSignIn } from "./telling.js";
import { sha256 } from "./sha256.js";

const WAITS = [1, 2, 5, 10, 20, 30];

export class Stopped extends Error {}

export async function sendParts(form, found, tell, signal) {
  const whole = new Blob(found.map(({ file }) => file));
  const given = new FormData(form);
  const begun = await ask(form.dataset.sending, JSON.stringify({
    files: found.map(({ file, path }) => [path, file.size, file.lastModified]),
    channel: given.get("channel"), department: given.get("department"), title: given.get("title"), carrier: given.get("carrier"),
  }), { "Content-Type": "application/json" }, tell, signal);
  const digests = [];
  let here = begun.here;
  for (let number = 0; number < begun.parts; number += 1) {
    const part = whole.slice(number * begun.part_bytes, (number + 1) * begun.part_bytes);
    const digest = await digestOf(part);
    digests.push(digest);
    if (number < here) {
      tell(number + 1, begun.parts, "正在核对已传的部分");
    } else {
      const state = await ask(`${form.dataset.sending}${begun.id}/${number}`, part, { "Content-Type": "application/octet-stream", "X-Part-Digest": digest }, tell, signal);
      here = state.here;
      tell(number + 1, begun.parts, `正在送入 ${found.length} 个文件`);
    }
  }
  tell(begun.parts, begun.parts, "已传完，正在核对摘要");
  const body = new URLSearchParams({ digest: await sha256(new TextEncoder().encode(digests.join(""))) });
  return ask(`${form.dataset.sending}${begun.id}/finish`, body, {}, tell, signal);
}

async function digestOf(part) {
  try {
    return await sha256(new Uint8Array(await part.arrayBuffer()));
  } catch {
    throw new Error("选的文件读不出来，可能已移动或改过");
  }
}

// What the network or the server's disk spoils is tried again until it works or the person stops it; a refusal is final.
async function ask(address, body, headers, tell, signal) {
  for (let turn = 0; ; turn += 1) {
    if (signal.aborted) throw new Stopped();
    const answer = await once(address, body, headers, signal);
    if (answer.status === 200) return answer.body;
    if (answer.status === 401) askToSignIn();
    else if (answer.status && answer.status < 500 && answer.body.code !== "UPLOAD-PART-DIGEST" && answer.body.code !== "UPLOAD-BUSY") throw new Error(`${answer.body.message ?? "服务器没有收下"}${answer.body.next ?? ""}`);
    tell(0, 0, answer.status === 401 ? "登录已过期，重新输入口令后从断处继续" : "与服务器断开，接上后从断处继续");
    await pause(WAITS[Math.min(turn, WAITS.length - 1)] * 1000, signal);
  }
}

async function once(address, body, headers, signal) {
  const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  try {
    const answer = await fetch(address, { method: "POST", body, signal, headers: { ...headers, "X-Requested-With": "lantai", "X-CSRFToken": token } });
    return { status: answer.status, body: await answer.json().catch(() => ({})) };
  } catch {
    return { status: 0, body: {} };
  }
}

function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
    window.addEventListener("online", () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}
