"""Probes of official documents 公文: their elements against documents whose elements are known, numbers, and one text in many forms."""

import csv
import re
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.tables import Table
from lantai import formats
from lantai.core import officialdoc, text
from lantai.core.officialdoc import NAMES, Elements, Page
from lantai.demo import agency
from lantai.demo.compose import Letter, compose
from lantai.demo.typeset import Press
from lantai.ports.reader import Limits, Reading

AIM = 0.99
LETTERS = 150
_LIMITS = Limits()
_SHOWN = 3


def pages_of(reading: Reading) -> list[Page]:
    """Return the pages of a reading as the reading of official documents takes them."""
    return [Page(page.width, page.height, tuple((line.text, line.box) for line in page.lines), page.text) for page in reading.pages]


def elements_of(path: Path, name: str = "") -> Elements:
    """Read the elements of a file."""
    return officialdoc.elements(pages_of(formats.read(path, name or path.name, _LIMITS)), name)


# --- the demonstration's documents, whose every element is known


def known_elements(letter: Letter, page_count: int) -> dict[str, str]:
    """Return what must be read of a letter; an element that it does not have is empty."""
    return dict.fromkeys(NAMES, "") | {
        "precedence": letter.urgency,
        "issuing_sign": agency.NAME + ("纪要" if letter.kind == "纪要" else "文件"),
        "document_number": letter.number,
        "signatory": letter.signer,
        "title": letter.title,
        "document_type": letter.kind,
        "principal_receiver": letter.receiver.rstrip("："),
        "body": "\n".join(item.text for item in letter.paragraphs),
        "attachment_note": "；".join(sheet.title for sheet in letter.attachments),
        "author": agency.NAME,
        "date": f"{letter.dated:%Y%m%d}",
        "other_receivers": letter.copies.rstrip("。"),
        "printing_body": f"{agency.NAME}办公室",
        "printing_date": f"{letter.dated:%Y%m%d}",
        "page_numbers": "1" if page_count == 1 else f"1—{page_count}",
    }


def demo(_corpus: Path) -> dict[str, object]:
    """Precision and recall of every element over the demonstration's documents, set as PDF."""
    right, wrong, missed, absent = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    seconds, count = 0.0, 0
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.pdf"
        for letter, content in letters(LETTERS):
            path.write_bytes(content)
            pages = pages_of(formats.read(path, path.name, _LIMITS))
            start = time.process_time()
            read = officialdoc.elements(pages, path.name)
            seconds, count = seconds + time.process_time() - start, count + len(pages)
            for name, value in known_elements(letter, len(pages)).items():
                got = read.value(name)
                right[name] += bool(value) and got == value
                wrong[name] += bool(got) and got != value
                missed[name] += bool(value) and got != value
                absent[name] += not value and not got
    rows = Table(
        {
            "要素": NAMES[name],
            "读对": right[name],
            "读错": wrong[name],
            "没有读对": missed[name],
            "本无且未读": absent[name],
            "precision": _share(right[name], wrong[name]),
            "recall": _share(right[name], missed[name]),
        }
        for name in NAMES
    )
    worst = min(min(row["precision"], row["recall"]) for row in rows)
    return {
        "documents": LETTERS,
        "elements": rows,
        "worst": worst,
        "ms_a_page": round(seconds / count * 1000, 3),
        "is_reached": worst >= AIM,
    }


def letters(count: int, seed: int = 7) -> list[tuple[Letter, bytes]]:
    """Return letters of the demonstration with the PDF of their main document."""
    press = Press()
    every = [letter for dispatch in compose(count, seed) for letter in dispatch.letters]
    return [(letter, next(iter(press.pages(letter))).content) for letter in every]


def _share(right: int, other: int) -> float:
    return round(right / (right + other), 4) if right + other else 1.0


# --- the corpus


def forms(corpus: Path) -> dict[str, object]:
    """One red-headed document as DOC, DOCX, WPS, PDF and OFD: every element must be the same in all."""
    paths = sorted([*(corpus / "official-documents").rglob("master_template.*"), *(corpus / "ofd").rglob("master_template.*")])
    read = {path.suffix: elements_of(path) for path in paths}
    rows = Table()
    for name, title in NAMES.items():
        values = {suffix: elements.value(name) for suffix, elements in read.items()}
        if any(values.values()):
            is_same = len(set(values.values())) == 1
            confidences = " ".join(f"{suffix[1:]} {found.confidence if (found := read[suffix].get(name)) else 0:.2f}" for suffix in read)
            rows.append({"要素": title, "一致": is_same, "可信度": confidences})
    return {"forms": "、".join(read), "elements": rows, "is_reached": all(row["一致"] for row in rows) and len(read) > 1}


def state_council(corpus: Path) -> dict[str, object]:
    """Documents of the State Council as web pages: title, number, date and author against their catalogue."""
    folder = corpus / "catalogue"
    right, wrong = Counter[str](), Table()
    rows = _rows(folder / "国务院文件_全元数据.csv")
    for row in rows:
        read = elements_of(folder / row["正文文件"])
        for name, value in {
            "title": re.sub(r"\s", "", row["标题"]),
            "document_number": row["发文字号"],
            "date": re.sub(r"\D", "", row["成文日期"]),
            "author": row["发文机关"],
        }.items():
            got = re.sub(r"\s", "", read.value(name))
            right[name] += got == value
            if got != value:
                wrong.append({"要素": NAMES[name], "应为": value[:40], "读作": got[:40]})
    share = right.total() / (4 * len(rows))
    return {"documents": len(rows), "right": dict(right), "share": round(share, 4), "wrong": wrong, "is_reached": share >= AIM}


def numbers(corpus: Path) -> dict[str, object]:
    """Raw document numbers of real catalogues: how many come into the common form, which are refused and why."""
    counts, refused, reasons = Table(), Table(), dict[str, list[str]]()
    for name in ("公文目录_国务院及六省市.csv", "发文字号_五省区市_无题名.csv"):
        seen = Counter[str]()
        for row in _rows(corpus / "catalogue" / name):
            raw = row["发文字号"]
            reason = officialdoc.objection(raw)
            kind = "空白" if not officialdoc.document_number(raw) else "拒绝" if reason else "规范"
            seen[kind] += 1
            seen["改写"] += kind == "规范" and officialdoc.document_number(raw) != raw
            if kind == "拒绝":
                refused.append({"原文": raw, "理由": reason})
                reasons.setdefault(reason, []).append(raw)
            elif kind == "空白":
                reasons.setdefault("没有内容", []).append(raw)
        counts.append({"目录": name, "行": seen.total() - seen["改写"]} | {kind: seen[kind] for kind in ("规范", "改写", "空白", "拒绝")})
    written = sum(row["规范"] + row["拒绝"] for row in counts)
    share = 1 - len(refused) / written
    by_reason = Table({"理由": why, "数": len(raws), "例": "｜".join(dict.fromkeys(raws[:_SHOWN]))} for why, raws in reasons.items())
    return {
        "catalogues": counts,
        "reasons": by_reason,
        "refused": Table(refused[:200]),
        "share": round(share, 5),
        "is_reached": share >= AIM,
    }


def laws(corpus: Path) -> dict[str, object]:
    """Laws as DOCX and as PDF: the text must agree, white space aside."""
    rows = Table()
    for path in sorted((corpus / "official-documents").rglob("*.docx")):
        other = path.with_suffix(".pdf")
        if other.is_file() and path.stem != "master_template":
            one, two = (_text(formats.read(item, item.name, _LIMITS)) for item in (path, other))
            rows.append({"法律": path.stem, "字数": len(one), "一致": agreement(one, two)})
    worst = min((row["一致"] for row in rows), default=0.0)
    return {
        "pairs": len(rows),
        "worst": worst,
        "table": Table(sorted(rows, key=lambda row: row["一致"])),
        "is_reached": worst >= AIM,
    }


def _text(reading: Reading) -> str:
    return text.normalise_joined([page.text for page in reading.pages]).replace(" ", "")


def agreement(one: str, other: str) -> float:
    """Return how far two texts agree: the share of runs of five characters that both have, as often as both have them."""
    runs = [Counter(item[at : at + 5] for at in range(max(len(item) - 4, 1))) for item in (one, other)]
    return round((runs[0] & runs[1]).total() / max(runs[0].total(), runs[1].total()), 4)


def secrets(corpus: Path) -> dict[str, object]:
    """Marks of state secrets: none in laws, one in each form of the marked document."""
    found = {"strong in laws": 0, "weak in laws": 0, "marked": 0, "marked and found": 0}
    for path in (corpus / "law-texts").glob("*.md"):
        hit = officialdoc.secrecy([path.read_text("utf-8")], {}, path.name)
        found["strong in laws"] += bool(hit.strong)
        found["weak in laws"] += bool(hit.weak)
    for path in [*(corpus / "official-documents").rglob("master_template.*"), *(corpus / "ofd").rglob("master_template.*")]:
        found["marked"] += 1
        texts = [page.text for page in formats.read(path, path.name, _LIMITS).pages]
        found["marked and found"] += bool(officialdoc.secrecy(texts, {}, path.name).strong)
    return {**found, "is_reached": not found["strong in laws"] and found["marked"] == found["marked and found"]}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


PROBES = {
    "officialdoc-demo": demo,
    "officialdoc-forms": forms,
    "officialdoc-state-council": state_council,
    "officialdoc-numbers": numbers,
    "officialdoc-laws": laws,
    "officialdoc-secrets": secrets,
}
