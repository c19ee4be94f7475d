"""证据包、审计摘录核验程序 Verifier of a Lantai evidence package or excerpt: one file, Python 3.9 or later, nothing else; no network.

    python3 verify.py [--key KEY] [--tsa FILE] [--json] [PACKAGE]

PACKAGE is the package: a folder (that of this file by default) or the zip as it came. KEY is the agency's key as it is printed on
registers or published (64 or 130 hexadecimal digits, or NAME+HASH+BASE64 as signed notes have it); without it the package is held against
itself only, anybody could have made it, and the verdict says so. FILE holds the root certificates (PEM) of time-stamp authorities that
you trust; stamps need openssl. Use a copy of this program that you have from elsewhere: one in a forged package says what its forger likes.
Exit: 0 everything that was checked holds, 1 something does not, 2 the call was wrong or the package cannot be read.
"""

from __future__ import annotations

import argparse
import base64
import calendar
import contextlib
import hashlib
import io
import json
import os
import pathlib
import shutil
import stat
import subprocess
import sys
import tempfile
import time
import zipfile
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
VERSIONS = ("record:archived", "record:transferred", "record:amended", "record:restored", "record:replaced")
LEDGER, EXCERPT, PROOF = "ledger.json", "excerpt.json", "record/proof.json"
LARGEST_JSON, MOST_FILES, MOST_NAMED, A_DAY = 64 << 20, 100_000, 20, 86_400
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
        """Note one thing; what a package brings cannot move the cursor or turn the line around."""
        self.lines.append((state, shown(chinese), shown(english)))

    def judge(self, good: bool | None, chinese: str, english: str) -> None:
        """Note whether something holds; None is not checked."""
        self.say("not" if good is None else "ok" if good else "bad", chinese, english)

    @property
    def is_good(self) -> bool:
        """True where nothing is wrong and something was checked."""
        return bool(self.lines) and all(state != "bad" for state, _, _ in self.lines)

    def verdict(self, has_key: bool) -> tuple[str, str]:
        """Return (what it comes to, in words): proved only where somebody said whose key is to be believed."""
        if not self.is_good:
            return "broken", "结论：不一致，请勿采信。 Verdict: NOT as archived; do not rely on it."
        if has_key:
            return "proved", "结论：与归档时一致，账本可证。 Verdict: as archived, and the ledger proves it."
        return "consistent", (
            "结论：只是自相一致：没有给出该机关的公钥，谁都可以做出这样一个包，还不能采信。"
            " Verdict: consistent in itself only; without the agency's key (--key) anybody could have made it."
        )


def shown(text: str) -> str:
    """Return a text with everything that a terminal would obey, or that cannot be seen, as its code."""
    return "".join(sign if sign.isprintable() or sign == "\u3000" else f"\\u{ord(sign):04x}" for sign in text)


def named(names: list[str]) -> str:
    """Return names in a row, the first few of many."""
    more = f"…（{len(names)}）" if len(names) > MOST_NAMED else ""
    return "、".join(names[:MOST_NAMED]) + more


def load(folder: pathlib.Path, path: str) -> Document:
    """Read a JSON object that says nothing twice. Raises ValueError for what is too large or no such thing."""
    place = folder / path
    if place.stat().st_size > LARGEST_JSON:
        raise ValueError(f"{path}: {place.stat().st_size} bytes")
    told = json.loads(place.read_text(encoding="utf-8"), object_pairs_hook=once, parse_constant=refused)
    if not isinstance(told, dict):
        raise TypeError(f"{path}: not an object")
    return told


def once(pairs: list[tuple[str, Any]]) -> Document:
    """Return an object. Raises ValueError where it has a name twice: readers would differ on what it says."""
    told = dict(pairs)
    if len(told) < len(pairs):
        raise ValueError("a name twice in one JSON object")
    return told


def refused(constant: str) -> float:
    """Raise ValueError: NaN and infinity are no JSON."""
    raise ValueError(constant)


def present(folder: pathlib.Path) -> tuple[list[str], list[str]]:
    """Return the plain files below a folder, and whatever else lies there: links, pipes, devices. Nothing is followed."""
    plain: list[str] = []
    odd: list[str] = []
    for place, folders, names in os.walk(folder):
        for name in sorted([*folders, *names]):
            path = pathlib.Path(place) / name
            mode = path.lstat().st_mode
            if not stat.S_ISDIR(mode):
                (plain if stat.S_ISREG(mode) else odd).append(path.relative_to(folder).as_posix())
        if len(plain) + len(odd) > MOST_FILES:
            raise ValueError(f"more than {MOST_FILES} files")
    return plain, odd


def unpack(source: pathlib.Path, target: pathlib.Path) -> None:
    """Unpack a zip. Raises ValueError for names that lead elsewhere or come twice, links, and more than there is room for."""
    with zipfile.ZipFile(source) as packed:
        rows = [row for row in packed.infolist() if not row.is_dir()]
        names = [row.filename for row in rows]
        if len(rows) > MOST_FILES or sum(row.file_size for row in rows) > shutil.disk_usage(target).free // 2:
            raise ValueError(f"{len(rows)} files of {sum(row.file_size for row in rows)} bytes: too large to unpack here")
        if len({name.casefold() for name in names}) < len(names):
            raise ValueError("a file name comes twice")
        for row in rows:
            if not is_plain(row.filename) or stat.S_IFMT(row.external_attr >> 16) not in (0, stat.S_IFREG):
                raise ValueError(f"no plain file: {row.filename!r}")
            place = target / row.filename
            place.parent.mkdir(parents=True, exist_ok=True)
            with packed.open(row) as content, place.open("xb") as out:
                shutil.copyfileobj(content, out, 1 << 20)  # never more than file_size, and CRC-32 is checked


def is_plain(path: str) -> bool:
    """Tell whether a path leads down from where it stands, and nowhere else."""
    return not any(sign in path for sign in "\\\0:") and all(part not in ("", ".", "..") for part in path.split("/"))


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
    plain, odd = present(folder)
    there = {path[len("record/") :] for path in plain if path.startswith("record/")}
    wrong, no_sm3, listed = [], False, set()
    for row in proof["files"]:
        path = row["path"]
        if path not in there or path in listed or (folder / "record" / path).stat().st_size != row["size"]:
            wrong.append(path)
            continue
        listed.add(path)
        _, sha256, sm3 = digests(folder / "record" / path)
        no_sm3 = no_sm3 or sm3 is None
        if sha256 != row["sha256"] or (sm3 is not None and row.get("sm3") and sm3 != row["sm3"]):
            wrong.append(path)
    count = len(proof["files"])
    report.judge(
        not wrong and count > 0,
        f"文件 {count} 个与归档时的摘要相符" if not wrong else "与归档时不符或缺少：" + named(wrong),
        f"{count} files agree with their digests" if not wrong else "files that differ or are gone: " + named(wrong),
    )
    extra = sorted(there - {row["path"] for row in proof["files"]} - {"proof.json"})
    if extra:
        report.say("bad", "多出归档时没有的文件：" + named(extra), "files that were not archived: " + named(extra))
    if odd:
        report.say("bad", "不是普通文件，没有打开：" + named(odd), "no plain files, not opened: " + named(odd))
    if no_sm3:
        report.say("not", "SM3 摘要没有核（这台机器的 Python 没有 SM3）", "SM3 digests (this Python has no SM3)")


def check_beside(folder: pathlib.Path, ledger: Document, proof: Document, report: Report) -> None:
    """Name every file that nothing here speaks of; of the files of time stamps those that are not the very stamps in ledger.json."""
    told = [row for row in (ledger.get("time_stamp"), *later_stamps(ledger)) if row]
    rows = [row for one in told for row in one.get("stamps", [])]
    kept = {base64.b64decode(text) for row in rows for text in (row["token"], *row.get("lists", []), *row.get("answers", []))}
    kept |= {root_message(proof), *(one["checkpoint"].encode() for one in told if "checkpoint" in one)}
    chains = ["".join(row["certificates"]) for row in rows]

    def is_told(path: str) -> bool:
        if path.startswith("record/") or path in (LEDGER, "inventory.json"):
            return True
        place = folder / path
        if not path.startswith("timestamp/") or place.stat().st_size > LARGEST_JSON:
            return False
        content = place.read_bytes()
        lines = content.decode("ascii", "replace").splitlines() if path.endswith(".pem") else []
        return content in kept or "".join(line for line in lines if not line.startswith("-----")) in chains

    beside = [path for path in present(folder)[0] if not is_told(path)]
    if beside:
        report.say("not", "不在证明之内的文件：" + named(beside), "files that nothing here speaks of: " + named(beside))


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
        is_known = not keys or public.hex() in keys
        counted = counted or (good is True and is_known)
        told = ("", "") if is_known else ("（公钥没有给出，不算数）", " (by a key not given, it does not count)")
        state = None if good and not is_known else good
        report.judge(state, f"{name[0]}的 {algorithm} 签名{told[0]}", f"{algorithm} signature of {name[1]}{told[1]}")
    for algorithm in sorted(set(KINDS) - {row[0] for row in signed}):
        report.say("bad", f"{name[0]}缺少 {algorithm} 签名", f"{name[1]} has no {algorithm} signature")
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
    is_version = told["type"] in VERSIONS
    good = digest == told["payload_digest"] and is_version and told["object_id"] == proof["record"]
    report.judge(
        good and says["version"] == proof["version"],
        f"账本里有这一件第 {proof['version']} 版入库的事件（{told['instant']}）",
        f"the ledger tells of archiving this record, version {proof['version']}, at {told['instant']}",
    )
    good = (ledger["record"], ledger["version"], ledger["code"]) == (proof["record"], proof["version"], says["code"])
    good = good and ledger["title"][:500] == says.get("title", ledger["title"][:500])
    report.judge(
        good, "包上所写的档号、题名和版次就是归档事件里的", "the package names the very code, title and version that were archived"
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
    """Check the checkpoint's signatures, and tell its fingerprint."""
    check_note(ledger, parts, keys, ("检查点", "the checkpoint"), report)
    printed = hashlib.sha256(parts[1]).hexdigest()[:32]
    printed = " ".join(printed[at : at + 4] for at in range(0, 32, 4))
    report.say("ok", f"检查点指纹 {printed}，可与登记簿上所印的对照", f"fingerprint of the checkpoint: {printed}")


def check_note(ledger: Document, parts: tuple[str, bytes, str], keys: set[str], name: tuple[str, str], report: Report) -> None:
    """Check the signatures of a note with the keys that the package names."""
    origin, message, signed = parts
    values = {}
    for line in signed.strip("\n").split("\n"):
        signer, _, packed = line[2:].partition(" ")
        content = base64.b64decode(packed)
        values[(signer, content[:4])] = content[4:]
    found = []
    for row in ledger["keys"]:
        public = base64.b64decode(row["public_key"])
        told = hashlib.sha256(origin.encode() + b"\n" + KINDS[row["algorithm"]] + public).digest()[:4]
        if (origin, told) in values:
            found.append((row["algorithm"], public, values[(origin, told)]))
    check_signatures(found, message, keys, name, report)


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


def ends_at(certificate: str) -> int:
    """Return when a certificate (DER in base64) ends, as seconds since 1970."""
    fields = parts(parts(parts(base64.b64decode(certificate))[0][1])[0][1])  # Certificate, TBSCertificate
    tag, told = parts(fields[4 if fields[0][0] == 0xA0 else 3][1])[1]  # Validity, notAfter; the version may be left out
    text = told.decode("ascii")
    if tag == 0x17:  # UTCTime: two digits of the year
        text = ("19" if text >= "5" else "20") + text
    return calendar.timegm(time.strptime(text[:14], "%Y%m%d%H%M%S"))


def check_times(ledger: Document, report: Report) -> None:
    """Tell where the ledger's own instant is far from the stamp's, and where a stamp's certificate ended and nobody went on."""
    root = judged(ledger.get("time_stamp"))
    if not root:
        return
    first, until = min(instant for instant, _ in root), max(end for _, end in root)
    claimed = calendar.timegm(time.strptime(json.loads(ledger["entry"])["instant"][:19], "%Y-%m-%dT%H:%M:%S"))
    if abs(first - claimed) > A_DAY:
        days = round((first - claimed) / A_DAY)
        english = f"the ledger's own instant and the first stamp are {days} days apart"
        report.say("not", f"账本自报的时刻与第一枚时间戳相差 {days} 天，以时间戳为准", english)
    for told in later_stamps(ledger):
        until = max([until, *(end for instant, end in judged(told) if instant <= until)])
    if until < time.time():
        day = time.strftime("%Y-%m-%d", time.gmtime(until))
        english = f"the stamp's certificate ended {day}, and no stamp goes on for it"
        report.say("bad", f"时间戳所用证书已于 {day} 到期，没有新的时间戳接续", english)


def later_stamps(ledger: Document) -> list[Document]:
    """Return the stamped checkpoints that go on for the stamps of the root; edition 2 had one at most."""
    found: list[Any] = ledger["later_stamps"] if "later_stamps" in ledger else [ledger.get("later_stamp")]
    return [told for told in found if told]


def judged(told: Document | None) -> list[tuple[int, int]]:
    """Return (instant, end of the shortest certificate) of every stamp."""
    rows = (told or {}).get("stamps", [])
    return [(imprint_of(base64.b64decode(row["token"]))[1], min(ends_at(item) for item in row["certificates"])) for row in rows]


def check_stamps(ledger: Document, proof: Document, keys: set[str], tsa: str, report: Report) -> None:
    """Hold the stamps of the batch root, and of the checkpoint that goes on for them, against what they stamp."""
    if not (ledger.get("time_stamp") or {}).get("stamps"):
        report.say(
            "not", "时间：批次根没有时间戳，时间是签署机关自报的", "time: no stamp of the batch root; the instants are the agency's word"
        )
    judge_stamps(ledger.get("time_stamp"), root_message(proof), ("批次根", "the batch root"), tsa, report)
    for later in later_stamps(ledger):
        text, _, signed = later["checkpoint"].partition("\n\n")
        origin, size, root = text.split("\n")
        path = [bytes.fromhex(item) for item in later["path"]]
        good = leads(leaf_hash(ledger["entry"].encode()), ledger["position"], int(size), path, base64.b64decode(root))
        report.judge(good, f"归档事件也在 {size} 条时盖了时间戳的检查点之下", f"the stamped checkpoint of {size} entries covers it, too")
        name = ("盖了时间戳的检查点", "the stamped checkpoint")
        check_note(ledger, (origin, (text + "\n").encode(), signed), keys, name, report)
        judge_stamps(later, later["checkpoint"].encode(), ("检查点", "the checkpoint"), tsa, report)
    check_times(ledger, report)


def root_message(proof: Document) -> bytes:
    """Return what is stamped of a batch: its root and the signatures of it."""
    batch = proof["batch"]
    lines = "".join(f"{row['algorithm']} {row['public_key']} {row['value']}\n" for row in proof["signatures"])
    return f"lantai batch root v1\n{batch['size']}\n{batch['root']}\n{lines}".encode()


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
    given = {base64.b64decode(text.split("+", 2)[2])[1:].hex() if "+" in text else text.lower() for text in texts}
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
    plain, _ = present(folder)
    if EXCERPT in plain:
        if LEDGER in plain or any(path.startswith("record/") for path in plain):
            report.say("bad", "又是审计摘录又是证据包，两者不能混放", "both an excerpt and an evidence package: neither is judged")
            return report
        check_excerpt(load(folder, EXCERPT), keys, report)
        if beside := sorted(path for path in plain if path not in (EXCERPT, "verify.py")):
            beside_it = "are for reading and were not checked; excerpt.json counts"
            report.say("not", f"{named(beside)} 供人阅读，没有核对，以 excerpt.json 为准", f"{named(beside)} {beside_it}")
        return report
    if missing := [path for path in (LEDGER, PROOF, "inventory.json") if path not in plain]:
        raise ValueError("缺少 missing: " + named(missing))
    proof, ledger = load(folder, PROOF), load(folder, LEDGER)
    held = pinned(keys, ledger, report)
    check_files(folder, proof, report)
    check_batch(proof, held, report)
    check_checkpoint(ledger, check_ledger(folder, ledger, proof, report), held, report)
    check_stamps(ledger, proof, held, tsa, report)
    check_beside(folder, ledger, proof, report)
    report.say(
        "not",
        "检查点以后账本有没有被换过：须与见证处或登记簿上的指纹对照",
        "whether the ledger was replaced later: compare the fingerprint with a witness or a printed register",
    )
    report.say("not", f"第 {proof['version']} 版以后有没有新的版本", f"whether there is a version later than {proof['version']}")
    return report


def opened(package: pathlib.Path, scratch: pathlib.Path) -> pathlib.Path:
    """Return the folder to be checked: the package, or what the zip holds, which may stand in one folder of it."""
    if package.is_dir():
        return package
    unpack(package, scratch)
    inside = list(scratch.iterdir())
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else scratch


def main() -> None:
    """Check, print the verdict in both languages, leave with the exit code."""
    parser = argparse.ArgumentParser(description="核验证据包 Verify an evidence package")
    parser.add_argument("package", nargs="?", default=str(pathlib.Path(__file__).resolve().parent), help="文件夹或 zip folder or zip")
    parser.add_argument("--key", action="append", default=[], help="该机关的公钥 the agency's key")
    parser.add_argument("--tsa", default="", help="受信任的时间戳根证书 trusted roots of time-stamp authorities")
    parser.add_argument("--json", action="store_true", help="只给 JSON one JSON document")
    given = parser.parse_args()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal of GBK has no ✓
    try:
        with tempfile.TemporaryDirectory() as scratch:
            report = check(opened(pathlib.Path(given.package), pathlib.Path(scratch)), given.key, given.tsa)
    except Exception as problem:  # noqa: BLE001 - whatever a package makes of a reader, it is no verdict and no crash
        print(shown(f"不能核验 cannot be verified: {type(problem).__name__}: {problem}"), file=sys.stderr)
        sys.exit(2)
    verdict, words = report.verdict(bool(given.key))
    if given.json:
        rows = [{"state": state, "zh": chinese, "en": english} for state, chinese, english in report.lines]
        print(json.dumps({"ok": report.is_good, "verdict": verdict, "lines": rows}, ensure_ascii=False, indent=1))
    else:
        marks = {"ok": "✓", "bad": "✗", "not": "·"}
        for state, chinese, english in sorted(report.lines, key=lambda line: line[0] == "not"):
            prefix = "未核 not checked  " if state == "not" else ""
            print(f"{marks[state]} {prefix}{chinese}\n    {english}")
        print(words)
    sys.exit(0 if report.is_good else 1)


if __name__ == "__main__":
    main()
