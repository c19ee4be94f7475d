"""证据包、审计摘录核验程序 Verifier of a Lantai evidence package or excerpt: one file, Python 3.9 or later, nothing else; no network.

    python3 verify.py [--key KEY] [--tsa FILE] [--json] [FOLDER]

FOLDER is the unpacked package (the folder of this file by default). KEY is the agency's key as it is printed on registers or published
(64 or 130 hexadecimal digits, or NAME+HASH+BASE64 as signed notes have it); without it the package is held against itself
only, and that is said. FILE holds the root certificates (PEM) of time-stamp authorities that you trust; stamps need openssl.
Exit: 0 everything holds, 1 something does not, 2 the call was wrong or the package cannot be read.
"""

from __future__ import annotations

import argparse
import base64
import calendar
import contextlib
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile
import time
from typing import Any, Dict, Tuple

Point = Tuple[int, int, int, int]
Signed = Tuple[str, bytes, bytes]
Document = Dict[str, Any]
PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
CURVE = -121665 * pow(121666, PRIME - 2, PRIME) % PRIME
ROOT_OF_MINUS_ONE = pow(2, (PRIME - 1) // 4, PRIME)
ED25519, SM2 = "Ed25519", "SM2-SM3"
KINDS = {ED25519: b"\x01", SM2: b"\xffSM2-SM3\n"}
SM2_HEAD = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")


# ---- Ed25519, RFC 8032, verification only -----------------------------------------------------------------------------------


def add(one: Point, other: Point) -> Point:
    """Add two points in extended coordinates."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % PRIME
    b = (one[1] + one[0]) * (other[1] + other[0]) % PRIME
    c = 2 * one[3] * other[3] * CURVE % PRIME
    d = 2 * one[2] * other[2] % PRIME
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME


def times(number: int, point: Point) -> Point:
    """Multiply a point."""
    total = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = add(total, point)
        point, number = add(point, point), number >> 1
    return total


def recover(y: int, sign: int) -> int | None:
    """Return the x that goes with y, None where there is none."""
    if y >= PRIME:
        return None
    square = (y * y - 1) * pow(CURVE * y * y + 1, PRIME - 2, PRIME) % PRIME
    if square == 0:
        return None if sign else 0
    x = pow(square, (PRIME + 3) // 8, PRIME)
    if (x * x - square) % PRIME:
        x = x * ROOT_OF_MINUS_ONE % PRIME
    if (x * x - square) % PRIME:
        return None
    return PRIME - x if x & 1 != sign else x


def point_of(encoded: bytes) -> Point | None:
    """Read a point, None where it is none."""
    number = int.from_bytes(encoded, "little")
    y = number & (2**255 - 1)
    x = recover(y, number >> 255)
    return None if x is None else (x, y, 1, x * y % PRIME)


BASE_Y = 4 * pow(5, PRIME - 2, PRIME) % PRIME
BASE_X = recover(BASE_Y, 0) or 0
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % PRIME)


def ed25519_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether a signature is good (RFC 8032, 5.1.7)."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, commitment = point_of(public), point_of(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or scalar >= ORDER:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    left, right = times(scalar, BASE), add(commitment, times(challenge, key))
    return (left[0] * right[2] - right[0] * left[2]) % PRIME == 0 and (left[1] * right[2] - right[1] * left[2]) % PRIME == 0


def sm2_holds(public: bytes, message: bytes, signature: bytes) -> bool | None:
    """Tell whether an SM2 signature is good, None where openssl is not there to say."""
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        for name, content in (("key", SM2_HEAD + public), ("signature", signature), ("message", message)):
            (folder / name).write_bytes(content)
        words = ["openssl", "dgst", "-sm3", "-verify", "key", "-keyform", "DER", "-sigopt", "distid:1234567812345678"]
        try:
            done = subprocess.run([*words, "-signature", "signature", "message"], cwd=place, capture_output=True, check=False)
        except OSError:
            return None
    if b"Verified OK" in done.stdout:
        return True
    return False if b"Verification failure" in done.stdout + done.stderr else None


def holds(algorithm: str, public: bytes, message: bytes, signature: bytes) -> bool | None:
    """Tell whether a signature is good, None where that cannot be told here."""
    if algorithm == ED25519:
        return ed25519_holds(public, message, signature)
    return sm2_holds(public, message, signature) if algorithm == SM2 else None


# ---- the tree, RFC 6962 -----------------------------------------------------------------------------------------------------


def leaf_hash(content: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\x00" + content).digest()


def leads(leaf: bytes, index: int, size: int, path: list[bytes], root: bytes) -> bool:
    """Tell whether a path leads from a leaf to a root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, at = leaf, size - 1, index
    for sibling in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            node = hashlib.sha256(b"\x01" + sibling + node).digest()
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            node = hashlib.sha256(b"\x01" + node + sibling).digest()
        at, last = at >> 1, last >> 1
    return last == 0 and node == root


def canonical(value: Document) -> bytes:
    """Write a value as the one byte string that stands for it."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")


# ---- the package ------------------------------------------------------------------------------------------------------------


class Report:
    """What was found: lines of (state, Chinese, English); state is ok, bad or not (checked)."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, str]] = []

    def say(self, state: str, chinese: str, english: str) -> None:
        """Note one thing."""
        self.lines.append((state, chinese, english))

    def judge(self, good: bool | None, chinese: str, english: str) -> None:
        """Note whether something holds; None is not checked."""
        self.say("not" if good is None else "ok" if good else "bad", chinese, english)

    @property
    def is_good(self) -> bool:
        """True where nothing is wrong and something was checked."""
        return bool(self.lines) and all(state != "bad" for state, _, _ in self.lines)


def digests(path: pathlib.Path) -> tuple[int, str, str | None]:
    """Return (size, SHA-256, SM3 or None) of a file, read once."""
    size, made = 0, [hashlib.sha256()]
    with contextlib.suppress(ValueError):
        made.append(hashlib.new("sm3"))
    with path.open("rb") as stream:
        for block in iter(lambda: stream.read(1 << 20), b""):
            size += len(block)
            for one in made:
                one.update(block)
    return size, made[0].hexdigest(), made[1].hexdigest() if len(made) > 1 else None


def check_files(folder: pathlib.Path, proof: Document, report: Report) -> None:
    """Hold every file against proof.json, and the folder against its list."""
    wrong, no_sm3 = [], False
    for row in proof["files"]:
        path = folder / "record" / row["path"]
        if not path.is_file():
            wrong.append(row["path"])
            continue
        size, sha256, sm3 = digests(path)
        no_sm3 = no_sm3 or sm3 is None
        if (size, sha256) != (row["size"], row["sha256"]) or (sm3 is not None and row.get("sm3") and sm3 != row["sm3"]):
            wrong.append(row["path"])
    listed = {row["path"] for row in proof["files"]} | {"proof.json"}
    present = {path.relative_to(folder / "record").as_posix() for path in (folder / "record").rglob("*") if path.is_file()}
    count = len(proof["files"])
    report.judge(
        not wrong,
        f"文件 {count} 个与归档时的摘要相符" if not wrong else "与归档时不符或缺少：" + "、".join(wrong),
        f"{count} files agree with their digests" if not wrong else "files that differ or are gone: " + ", ".join(wrong),
    )
    extra = sorted(present - listed)
    if extra:
        report.say("bad", "多出归档时没有的文件：" + "、".join(extra), "files that were not archived: " + ", ".join(extra))
    if no_sm3:
        report.say("not", "SM3 摘要没有核（这台机器的 Python 没有 SM3）", "SM3 digests (this Python has no SM3)")


def check_batch(proof: Document, keys: set[str], report: Report) -> None:
    """Hold the proof against itself and its signatures."""
    body = {name: proof[name] for name in ("files", "record", "version")}
    batch = proof["batch"]
    leaf, root = leaf_hash(canonical(body)), bytes.fromhex(batch["root"])
    good = leaf.hex() == batch["leaf"] and leads(leaf, batch["index"], batch["size"], [bytes.fromhex(item) for item in batch["path"]], root)
    report.judge(good, "这一件的摘要清单通到归档批次的根", "the list of digests leads to the root of its batch")
    message = f"lantai batch root v1\n{batch['size']}\n{root.hex()}\n".encode()
    signed = [(row["algorithm"], base64.b64decode(row["public_key"]), base64.b64decode(row["value"])) for row in proof["signatures"]]
    check_signatures(signed, message, keys, ("批次根", "the batch root"), report)


def check_signatures(signed: list[Signed], message: bytes, keys: set[str], name: tuple[str, str], report: Report) -> None:
    """Judge every (algorithm, key, value); one at least must be good and, where keys were given, be of one of them."""
    counted = False
    for algorithm, public, value in signed:
        good = holds(algorithm, public, message, value)
        counted = counted or (good is True and (not keys or public.hex() in keys))
        report.judge(good, f"{name[0]}的 {algorithm} 签名", f"{algorithm} signature of {name[1]}")
    if not counted:
        of = "给出的公钥" if keys else "任何可核的公钥"
        report.say("bad", f"{name[0]}没有{of}的有效签名", f"no good signature of {name[1]} by {'a key given' if keys else 'any key'}")


def check_ledger(folder: pathlib.Path, ledger: Document, proof: Document, report: Report) -> tuple[str, bytes, str]:
    """Hold the archiving event against the package, the path against the event, and return the checkpoint's parts."""
    body, salt, entry = ledger["body"].encode(), bytes.fromhex(ledger["salt"]), ledger["entry"].encode()
    told = json.loads(entry)
    digest = hashlib.sha256(bytes([len(salt)]) + salt + body).hexdigest()
    says = json.loads(body)
    inventory = (folder / "inventory.json").read_bytes()
    listed = json.loads(inventory)["manifest"]
    made = {digests(folder / "record" / name)[1] for name in ("proof.json", "record.xml") if (folder / "record" / name).is_file()}
    is_version = told["type"] in ("record:archived", "record:transferred")
    good = digest == told["payload_digest"] and is_version and told["object_id"] == proof["record"]
    report.judge(
        good and says["version"] == proof["version"],
        f"账本里有这一件第 {proof['version']} 版的归档事件（{told['instant']}）",
        f"the ledger tells of archiving this record, version {proof['version']}, at {told['instant']}",
    )
    good = hashlib.sha256(inventory).hexdigest() == says["inventory_sha256"] and made <= set(listed)
    report.judge(good, "归档事件记的清单摘要就是这个包的清单", "the event names the inventory of this very package")
    text, _, signed = ledger["checkpoint"].partition("\n\n")
    origin, size, root = text.split("\n")
    path = [bytes.fromhex(item) for item in ledger["path"]]
    good = leads(leaf_hash(entry), ledger["position"], int(size), path, base64.b64decode(root))
    report.judge(good, f"第 {ledger['position']} 条通到 {size} 条时的检查点", f"entry {ledger['position']} leads to the checkpoint")
    return origin, (text + "\n").encode(), signed


def check_checkpoint(ledger: Document, parts: tuple[str, bytes, str], keys: set[str], report: Report) -> None:
    """Check the checkpoint's signatures with the keys that the package names."""
    origin, message, signed = parts
    values = {}
    for line in signed.strip("\n").split("\n"):
        name, _, packed = line[2:].partition(" ")
        content = base64.b64decode(packed)
        values[(name, content[:4])] = content[4:]
    found = []
    for row in ledger["keys"]:
        public = base64.b64decode(row["public_key"])
        told = hashlib.sha256(origin.encode() + b"\n" + KINDS[row["algorithm"]] + public).digest()[:4]
        if (origin, told) in values:
            found.append((row["algorithm"], public, values[(origin, told)]))
    check_signatures(found, message, keys, ("检查点", "the checkpoint"), report)
    printed = hashlib.sha256(message).hexdigest()[:32]
    printed = " ".join(printed[at : at + 4] for at in range(0, 32, 4))
    report.say("ok", f"检查点指纹 {printed}，可与登记簿上所印的对照", f"fingerprint of the checkpoint: {printed}")


# ---- time stamps, RFC 3161 --------------------------------------------------------------------------------------------------


def parts(content: bytes) -> list[tuple[int, bytes]]:
    """Take the values of a DER content apart: (tag, content) each."""
    found, at = [], 0
    while at < len(content):
        tag, length, at = content[at], content[at + 1], at + 2
        if length & 0x80:
            count = length & 0x7F
            length, at = int.from_bytes(content[at : at + count], "big"), at + count
        found.append((tag, content[at : at + length]))
        at += length
    return found


def imprint_of(token: bytes) -> tuple[bytes, int]:
    """Return the digest in a token, and its instant as seconds since 1970."""
    signed = parts(parts(parts(parts(token)[0][1])[1][1])[0][1])  # ContentInfo, [0], SignedData
    octets = parts(parts(signed[2][1])[1][1])[0][1]  # EncapsulatedContentInfo, [0], OCTET STRING
    fields = parts(parts(octets)[0][1])  # TSTInfo
    instant = fields[4][1].decode("ascii")[:14]
    return parts(fields[2][1])[1][1], calendar.timegm(time.strptime(instant, "%Y%m%d%H%M%S"))


def stamp_holds(token: bytes, message: bytes, chain: list[str], instant: int, tsa: str) -> bool | None:
    """Tell whether openssl finds the token good under the roots in *tsa*, None where it cannot say."""
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        pem = "".join(f"-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n" for text in chain)
        for name, content in (("token", token), ("message", message), ("chain", pem.encode())):
            (folder / name).write_bytes(content)
        words = ["openssl", "ts", "-verify", "-data", "message", "-in", "token", "-token_in", "-untrusted", "chain"]
        try:
            done = subprocess.run([*words, "-CAfile", tsa, "-attime", str(instant)], cwd=place, capture_output=True, check=False)
        except OSError:
            return None
    if b"Verification: OK" in done.stdout:
        return True
    return False if b"Verification: FAILED" in done.stdout and b"nsupported" not in done.stderr else None


def check_stamps(folder: pathlib.Path, ledger: Document, proof: Document, tsa: str, report: Report) -> None:
    """Hold the stamps of the batch root, and of the checkpoint that goes on for them, against what they stamp."""
    batch = proof["batch"]
    lines = "".join(f"{row['algorithm']} {row['public_key']} {row['value']}\n" for row in proof["signatures"])
    message = f"lantai batch root v1\n{batch['size']}\n{batch['root']}\n{lines}".encode()
    if not ledger.get("time_stamp"):
        report.say(
            "not", "时间：批次根没有时间戳，时间是签署机关自报的", "time: no stamp of the batch root; the instants are the agency's word"
        )
    judge_stamps(ledger.get("time_stamp"), message, ("批次根", "the batch root"), tsa, report)
    later = ledger.get("later_stamp")
    if later:
        _, size, root = later["checkpoint"].partition("\n\n")[0].split("\n")
        path = [bytes.fromhex(item) for item in later["path"]]
        good = leads(leaf_hash(ledger["entry"].encode()), ledger["position"], int(size), path, base64.b64decode(root))
        report.judge(good, f"归档事件也在 {size} 条时盖了时间戳的检查点之下", f"the stamped checkpoint of {size} entries covers it, too")
        judge_stamps(later, later["checkpoint"].encode(), ("检查点", "the checkpoint"), tsa, report)


def judge_stamps(told: Document | None, message: bytes, name: tuple[str, str], tsa: str, report: Report) -> None:
    """Judge every stamp of one thing: its digest here, its signature and authority by openssl."""
    for row in (told or {}).get("stamps", []):
        token = base64.b64decode(row["token"])
        imprint, instant = imprint_of(token)
        at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(instant))
        try:
            good: bool | None = hashlib.new(row["digest"], message).digest() == imprint
        except ValueError:
            good = None
        report.judge(good, f"{name[0]}的时间戳（{at} UTC，{row['digest']}）盖的就是它", f"stamp of {name[1]}, {at} UTC, {row['digest']}")
        held = stamp_holds(token, message, row["certificates"], instant, str(pathlib.Path(tsa).resolve())) if tsa else None
        report.judge(held, f"时间戳机构的签名（{row['authority']}）", f"signature of the authority ({row['authority']})")


def pinned(texts: list[str], ledger: Document, report: Report) -> set[str]:
    """Return the keys that were given, in hexadecimal; none were means that any key counts, and that is said."""
    if not texts:
        report.say("not", "密钥是不是该机关的：没有给出公钥（--key），请与登记簿或公布的对照", "whose key it is: none was given (--key)")
        return set()
    given = {base64.b64decode(text.rsplit("+", 1)[1])[1:].hex() if "+" in text else text.lower() for text in texts}
    named = {base64.b64decode(row["public_key"]).hex() for row in ledger["keys"]}
    report.judge(bool(given & named), "给出的公钥是该机关的", "the key given is one of the agency's")
    return given | successors(given, ledger.get("handovers", []), report)


def successors(given: set[str], handovers: list[Document], report: Report) -> set[str]:
    """Return the keys that keys given handed over to, each change signed by one that counts already."""
    found: set[str] = set()
    for made in handovers:
        lines = "".join(f"{key['algorithm']} {key['public_key']}\n" for key in made["current"])
        message = f"lantai key handover v1\n{lines}".encode()
        signed = [(row["algorithm"], base64.b64decode(row["public_key"]), base64.b64decode(row["value"])) for row in made["signatures"]]
        if any(public.hex() in given | found and holds(name, public, message, value) for name, public, value in signed):
            found |= {base64.b64decode(key["public_key"]).hex() for key in made["current"]}
            report.say("ok", "给出的公钥签字交接给了后来的公钥", "the key given signed that it hands over to a later one")
    return found


def check_excerpt(excerpt: Document, keys: list[str], report: Report) -> None:
    """Hold every event of an excerpt of the ledger against the checkpoint, and what it says against its digest."""
    text, _, signed = excerpt["checkpoint"].partition("\n\n")
    origin, size, root = text.split("\n")
    wrong, shown, places = [], 0, [row["position"] for row in excerpt["events"]]
    for row in excerpt["events"]:
        entry, path = row["entry"].encode(), [bytes.fromhex(item) for item in row["path"]]
        good = leads(leaf_hash(entry), row["position"], int(size), path, base64.b64decode(root))
        if "body" in row:
            salt, shown = bytes.fromhex(row["salt"]), shown + 1
            digest = hashlib.sha256(bytes([len(salt)]) + salt + row["body"].encode()).hexdigest()
            good = good and digest == json.loads(entry)["payload_digest"]
        if not good:
            wrong.append(str(row["position"]))
    count = len(places)
    report.judge(
        not wrong and count > 0,
        f"{count} 条都在账本里，位置和内容未变（给出内容的 {shown} 条）"
        if not wrong
        else "不在账本里或被改过：第 " + "、".join(wrong) + " 条",
        f"{count} events stand in the ledger ({shown} with what they say)" if not wrong else "not in the ledger: " + ", ".join(wrong),
    )
    if excerpt["is_range"]:
        is_whole = places == list(range(places[0], places[0] + count))
        report.judge(is_whole, f"第 {places[0]}–{places[-1]} 条连续，其间无一缺少", f"entries {places[0]} to {places[-1]}, none missing")
    else:
        report.say("not", "是按条件挑选的，此外还有没有别的", "it is a selection; whether there is more cannot be told")
    held = pinned(keys, excerpt, report)
    check_checkpoint(excerpt, (origin, (text + "\n").encode(), signed), held, report)


def check(folder: pathlib.Path, keys: list[str], tsa: str) -> Report:
    """Check the package in a folder and return the report."""
    report = Report()
    if (folder / "excerpt.json").is_file():
        check_excerpt(json.loads((folder / "excerpt.json").read_text(encoding="utf-8")), keys, report)
        return report
    proof = json.loads((folder / "record" / "proof.json").read_text(encoding="utf-8"))
    ledger = json.loads((folder / "ledger.json").read_text(encoding="utf-8"))
    held = pinned(keys, ledger, report)
    check_files(folder, proof, report)
    check_batch(proof, held, report)
    check_checkpoint(ledger, check_ledger(folder, ledger, proof, report), held, report)
    check_stamps(folder, ledger, proof, tsa, report)
    report.say(
        "not",
        "检查点以后账本有没有被换过：须与见证处或登记簿上的指纹对照",
        "whether the ledger was replaced later",
    )
    return report


def main() -> None:
    """Check, print the verdict in both languages, leave with the exit code."""
    parser = argparse.ArgumentParser(description="核验证据包 Verify an evidence package")
    parser.add_argument("folder", nargs="?", default=str(pathlib.Path(__file__).resolve().parent))
    parser.add_argument("--key", action="append", default=[], help="该机关的公钥 the agency's key")
    parser.add_argument("--tsa", default="", help="受信任的时间戳根证书 trusted roots of time-stamp authorities")
    parser.add_argument("--json", action="store_true", help="只给 JSON one JSON document")
    given = parser.parse_args()
    try:
        report = check(pathlib.Path(given.folder), given.key, given.tsa)
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as problem:
        print(f"不能核验 cannot be verified: {type(problem).__name__}: {problem}", file=sys.stderr)
        sys.exit(2)
    if given.json:
        rows = [{"state": state, "zh": chinese, "en": english} for state, chinese, english in report.lines]
        print(json.dumps({"ok": report.is_good, "lines": rows}, ensure_ascii=False, indent=1))
    else:
        marks = {"ok": "✓", "bad": "✗", "not": "·"}
        for state, chinese, english in sorted(report.lines, key=lambda line: line[0] == "not"):
            prefix = "未核 not checked  " if state == "not" else ""
            print(f"{marks[state]} {prefix}{chinese}\n    {english}")
        print(
            "结论：与归档时一致，账本可证。 Verdict: as archived, and the ledger proves it."
            if report.is_good
            else "结论：不一致，请勿采信。 Verdict: NOT as archived; do not rely on it."
        )
    sys.exit(0 if report.is_good else 1)


if __name__ == "__main__":
    main()
