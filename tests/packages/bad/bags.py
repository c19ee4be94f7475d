"""Bags that break one requirement each."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from lantai.packages import bagit

Damage = Callable[[Path], object]
PAYLOAD = {"正本/关于水库调度的通知.txt": "各单位：\n".encode(), "附件/a.bin": bytes(range(64))}


def make(folder: Path) -> Path:
    """Write a good bag."""
    bagit.write(folder, PAYLOAD, [("Source-Organization", "云汀市水务局"), ("Contact-Name", "沈知远")], algorithms=("sha256", "md5"))
    return folder


def reseal(folder: Path) -> None:
    """Write the tag manifests anew, so that only what was meant to be wrong is wrong."""
    for path in folder.glob("tagmanifest-*.txt"):
        algorithm = path.stem.partition("-")[2]
        rows = [
            f"{hashlib.new(algorithm, (folder / name).read_bytes()).hexdigest()}  {name}\n"
            for name in (line.split("  ", 1)[1] for line in path.read_text().splitlines())
            if (folder / name).is_file()
        ]
        path.write_text("".join(rows))


def edited(name: str, old: str, new: str) -> Damage:
    """Replace a text in a tag file."""

    def damage(folder: Path) -> None:
        path = folder / name
        before = path.read_bytes().decode()
        assert old in before, (old, before)
        path.write_bytes(before.replace(old, new, 1).encode())

    return damage


def added(name: str, text: str) -> Damage:
    """Add a text to a tag file, which may be new."""

    def damage(folder: Path) -> None:
        path = folder / name
        path.write_bytes((path.read_bytes() if path.exists() else b"") + text.encode())

    return damage


def old(*more: Damage) -> Damage:
    """Make it a bag of edition 0.97 first."""
    return lambda folder: [step(folder) for step in (edited("bagit.txt", "1.0", "0.97"), *more)]


def line(algorithm: str, path: str, content: bytes = b"") -> str:
    return f"{hashlib.new(algorithm, content).hexdigest()}  {path}\n"


def _first_line_again(folder: Path) -> None:
    path = folder / "manifest-md5.txt"
    path.write_text(path.read_text() + path.read_text().splitlines(keepends=True)[0])


def _drop_a_line(folder: Path) -> None:
    path = folder / "manifest-md5.txt"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[1:]))


def _gone(name: str) -> Damage:
    return lambda folder: (folder / name).unlink()


def _no_payload(folder: Path) -> None:
    (folder / "data").rename(folder.parent / "elsewhere")


def _bom(folder: Path) -> None:
    (folder / "bagit.txt").write_bytes(b"\xef\xbb\xbf" + (folder / "bagit.txt").read_bytes())


def _unlisted(folder: Path) -> None:
    (folder / "data" / "later.txt").write_bytes(b"")


def _link(folder: Path) -> None:
    (folder / "data" / "link").symlink_to("/etc/hostname")


def _clash(name: str, other: str) -> Damage:
    def damage(folder: Path) -> None:
        for one in (name, other):
            (folder / "data" / one).write_bytes(b"")
            for algorithm in ("md5", "sha256"):
                added(f"manifest-{algorithm}.txt", line(algorithm, f"data/{one}"))(folder)

    return damage


def _other_form(folder: Path) -> None:
    (folder / "data" / "cafe\u0301.txt").write_bytes(b"")
    for algorithm in ("md5", "sha256"):
        added(f"manifest-{algorithm}.txt", line(algorithm, "data/caf\u00e9.txt"))(folder)


def _fetch(path: str, size: str = "-") -> Damage:
    return added("fetch.txt", f"https://example.org/a {size} {path}\n")


def _needed(folder: Path) -> None:
    (folder / "data/附件/a.bin").unlink()
    _fetch("data/附件/a.bin")(folder)


def _tag_payload(folder: Path) -> None:
    added("tagmanifest-md5.txt", line("md5", "data/附件/a.bin", PAYLOAD["附件/a.bin"]))(folder)


def _tag_of_tags(folder: Path) -> None:
    added("tagmanifest-md5.txt", line("md5", "tagmanifest-sha256.txt", (folder / "tagmanifest-sha256.txt").read_bytes()))(folder)


def _forget_manifest(folder: Path) -> None:
    path = folder / "tagmanifest-md5.txt"
    path.write_text("".join(row for row in path.read_text().splitlines(keepends=True) if "manifest-md5" not in row))


def _unreadable(folder: Path) -> None:
    (folder / "bag-info.txt").write_bytes(b"Source-Organization: \xff\xfe\n")


def _no_manifests(folder: Path) -> None:
    for path in folder.glob("manifest-*.txt"):
        path.unlink()


BAD: dict[str, Damage] = {
    "DECLARATION-MISSING_none": _gone("bagit.txt"),
    "DECLARATION-INVALID_one_line": edited("bagit.txt", "Tag-File-Character-Encoding: UTF-8\n", ""),
    "DECLARATION-BOM_before_it": _bom,
    "DECLARATION-SPACING_before_the_colon": edited("bagit.txt", "Version:", "Version :"),
    "DECLARATION-SPACING-OLD_in_0_97": old(edited("bagit.txt", "Version:", "Version :")),
    "DECLARATION-LINES_three": added("bagit.txt", "More: 1\n"),
    "VERSION-UNKNOWN_2_0": edited("bagit.txt", "1.0", "2.0"),
    "ENCODING-UNKNOWN_klingon": edited("bagit.txt", "UTF-8", "KLINGON-1"),
    "ENCODING-UNKNOWN_no_text": edited("bagit.txt", "UTF-8", "rot13"),
    "TAG-FILE-UNREADABLE_no_utf8": _unreadable,
    "PAYLOAD-MISSING_no_data": _no_payload,
    "MANIFEST-MISSING_none": _no_manifests,
    "ALGORITHM-UNKNOWN_crc": added("manifest-crc99.txt", "00  data/x\n"),
    "MANIFEST-LINE-INVALID_no_path": added("manifest-md5.txt", "0123\n"),
    "DIGEST-INVALID_too_short": added("manifest-md5.txt", "0123  data/x\n"),
    "MANIFEST-ASTERISK_md5sum": edited("manifest-md5.txt", "  data", " *data"),
    "MANIFEST-OUTSIDE-PAYLOAD_tag_file": lambda folder: added("manifest-md5.txt", line("md5", "bag-info.txt"))(folder),
    "PATH-ESCAPES_dots": added("manifest-md5.txt", line("md5", "data/../../x")),
    "PATH-ESCAPES_absolute": added("manifest-md5.txt", line("md5", "/etc/passwd")),
    "PATH-ESCAPES_drive": added("manifest-md5.txt", line("md5", "C:\\x")),
    "PATH-ESCAPES_home": added("manifest-md5.txt", line("md5", "~root/x")),
    "PATH-ESCAPES_network": added("manifest-md5.txt", line("md5", "\\\\host\\x")),
    "PATH-DOT_before_it": edited("manifest-md5.txt", "  data", "  ./data"),
    "ENTRY-TWICE_same": _first_line_again,
    "ENTRY-TWICE-OLD_in_0_97": old(_first_line_again),
    "ENTRY-TWICE-DIFFERENT_two_digests": added("manifest-md5.txt", f"{'0' * 32}  data/附件/a.bin\n"),
    "MANIFESTS-DIFFER_one_forgets": _drop_a_line,
    "MANIFESTS-DIFFER-OLD_in_0_97": old(_drop_a_line),
    "FILE-MISSING_gone": _gone("data/附件/a.bin"),
    "FILE-NOT-LISTED_later": _unlisted,
    "FILE-UNREADABLE_no_right": lambda folder: (folder / "data/附件/a.bin").chmod(0),
    "DIGEST-DIFFERS_one_byte": lambda folder: (folder / "data/附件/a.bin").write_bytes(bytes(64)),
    "TAG-FILE-MISSING_told": added("tagmanifest-md5.txt", line("md5", "notes.txt")),
    "TAG-MANIFEST-PAYLOAD_told": _tag_payload,
    "TAG-MANIFEST-LISTED_itself": _tag_of_tags,
    "TAG-MANIFEST-INCOMPLETE_one": _forget_manifest,
    "TAG-MANIFEST-INCOMPLETE-OLD_in_0_97": old(_forget_manifest),
    "INFO-LINE-INVALID_no_colon": added("bag-info.txt", "no colon here\n"),
    "INFO-SPACING_before_the_colon": edited("bag-info.txt", "Contact-Name:", "Contact-Name :"),
    "OXUM-INVALID_words": edited("bag-info.txt", "Payload-Oxum: ", "Payload-Oxum: about "),
    "OXUM-REPEATED_twice": added("bag-info.txt", f"Payload-Oxum: {sum(map(len, PAYLOAD.values()))}.2\n"),
    "OXUM-DIFFERS_count": edited("bag-info.txt", ".2\n", ".3\n"),
    "FETCH-LINE-INVALID_two_words": added("fetch.txt", "https://example.org/a data/附件/a.bin\n"),
    "FETCH-PATH-ESCAPES_dots": _fetch("../x"),
    "FETCH-PATH-ESCAPES_absolute": _fetch("/tmp/x"),
    "FETCH-PATH-ESCAPES_drive": _fetch("C:\\Windows\\x"),
    "FETCH-NOT-LISTED_by_a_manifest": _fetch("data/other"),
    "FETCH-SIZE_wrong": _fetch("data/附件/a.bin", "63"),
    "FETCH-NEEDED_not_here": _needed,
    "NAME-NORMALIZATION_nfd": _other_form,
    "NAME-CLASH_case": _clash("A.txt", "a.txt"),
    "NAME-CLASH_normal_form": _clash("cafe\u0301.txt", "caf\u00e9.txt"),
    "NAME-RESERVED_device": _clash("nul.txt", "b.txt"),
    "FOLDER-EMPTY_in_data": lambda folder: (folder / "data" / "空").mkdir(),
    "LINK_out_of_it": _link,
}
#: Broken by how a bag is packed, not by what is in it: see the tests of packed bags.
ELSEWHERE = {"SERIALIZED-BASE", "CSIP-FOLDER-UNREADABLE"}
#: Told of as more than the requirement that the name gives, because one fault breaks several.
