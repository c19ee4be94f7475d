"""The vault: archiving, the same with both digests reckoned, a fixity audit and a new version, each beside its floor in the same run.

``python -m bench.vault --files 10000 --megabytes 1600`` makes that many files on fresh ground, one a record. CPU-seconds are those of this
process, or of the programs of a floor (cp, sync, openssl), user and system together, the least of some rounds in which ours and the floors
take turns: a busy machine adds to either at random and takes from neither. Beside each ratio of those stands the median of the ratios of
the single rounds. The line stages on the file system of the vault, which then links instead of copying; ``copied`` is the same with every
byte copied, as a replica is written, and ``records_of_four`` is the same with four files a record, and ocfl-py's with four an object: five
folders and five files that describe the record are then made for four and not for one.

The audit is told for one file of 1 MiB a record, for one of 256 KiB, the least that is asked for, and for a holding as they are: three
files a record, of 256 KiB to 16 MiB, as many between each size and its double as between any other.
"""

import argparse
import hashlib
import json
import logging
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import batched
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

from bench.ground import fresh_ground
from lantai.adapters.stores.fixity import FixityReaders
from lantai.adapters.stores.local import LocalStore
from lantai.packages.digesting import digests_of
from lantai.ports.store import Content, Draft

BATCH = 200
SLICE = 100
LARGE_BYTES = 1 << 20
MADE = ("2026-03-08T09:00:00Z", "归档", "云汀市发展和改革委员会", "urn:lantai:archive")


def main(arguments: list[str]) -> dict[str, Any]:
    """Run the benchmark and return its figures."""
    parser = argparse.ArgumentParser(prog="lantai bench vault")
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--megabytes", type=int, default=1600)
    parser.add_argument("--audit-megabytes", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args(arguments)
    needed = ((4 + 5 * chosen.rounds) * chosen.megabytes + 8 * chosen.audit_megabytes + 2500) << 20
    with fresh_ground(needed) as (ground, kind):
        told = {"ground": kind, "processors": os.cpu_count(), "files": chosen.files, "megabytes": chosen.megabytes, "rounds": chosen.rounds}
        return told | _run(ground, chosen)


def _run(ground: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    size = (chosen.megabytes << 20) // chosen.files
    files = made(ground / "staged", [size] * chosen.files)
    known = {path: digests_of(str(path), ("sha256", "sm3")) for path in files}
    figures = _archiving(ground, files, known, chosen)
    for name, sizes, count in _holdings(chosen.audit_megabytes << 20):
        figures |= _auditing(ground / f"audited{name}", sizes, count, name)
    return figures | _versions(ground, min(chosen.files, 500))


def _holdings(wanted: int) -> Iterator[tuple[str, list[int], int]]:
    """Yield what is audited: how its figures end, the sizes of its files in bytes, and how many of them a record has."""
    yield "", [LARGE_BYTES] * (wanted // LARGE_BYTES), 1
    yield "_of_256_kib", [LARGE_BYTES // 4] * (2 * wanted // LARGE_BYTES), 1
    chance, mixed = Random(3), [LARGE_BYTES // 4]
    while sum(mixed) < 2 * wanted or len(mixed) % 3:
        mixed.append(int(LARGE_BYTES / 4 * 64 ** chance.random()))
    yield "_of_a_mixture", mixed, 3


def made(folder: Path, sizes: Sequence[int], seed: int = 1) -> list[Path]:
    """Write a file of random bytes of each size and return their paths."""
    folder.mkdir(parents=True)
    chance, paths = Random(seed), [folder / f"{number:06d}.pdf" for number in range(len(sizes))]
    for path, size in zip(paths, sizes, strict=True):
        path.write_bytes(chance.randbytes(size))
    return paths


def cpu(act: Callable[[], object], who: int = resource.RUSAGE_SELF) -> float:
    """Return the CPU-seconds, user and system, that an act takes."""
    before = resource.getrusage(who)
    act()
    after = resource.getrusage(who)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _archiving(ground: Path, files: Sequence[Path], known: dict[Path, list[str]], chosen: argparse.Namespace) -> dict[str, Any]:
    """Archive with digests known, with both reckoned, and with every byte copied; the floors are taken right beside each."""
    (ground / "rounds").mkdir()
    rounds = [_round(ground / "rounds" / str(number), ground / "staged", files, known) for number in range(chosen.rounds)]
    least = {name: min(each[name] for each in rounds) for name in rounds[0]}
    created, created_of_four = (_ocfl_py(ground / f"ocfl-py-{count}", files, chosen.rounds, count) for count in (1, 4))
    tree = _tree(ground / "rounds" / "0" / "copied", ground / "tree")
    megabytes = chosen.megabytes
    floor, floor_both = megabytes / (least["cp"] + least["sha256"]), megabytes / _floor_of_both(least)
    linked, copied, both, both_of_four = (megabytes / least[name] for name in ("linked", "copied", "both", "both_of_four"))
    return {
        "archive_mb_per_cpu_s": round(linked),
        "archive_copied_mb_per_cpu_s": round(copied),
        "floor_cp_sha256_mb_per_cpu_s": round(floor),
        "archive_to_floor": round(linked / floor, 2),
        "archive_to_floor_median": round(median((each["cp"] + each["sha256"]) / each["linked"] for each in rounds), 2),
        "archive_records_of_four_to_floor": round(megabytes / least["four"] / floor, 2),
        "archive_records_of_four_to_floor_median": round(median((each["cp"] + each["sha256"]) / each["four"] for each in rounds), 2),
        "archive_copied_to_floor_of_the_same_tree": round(tree / least["copied"], 2),
        "archive_copied_to_floor": round(copied / floor, 2),
        "archive_sha256_sm3_mb_per_cpu_s": round(both),
        "floor_cp_sha256_twice_sm3_mb_per_cpu_s": round(floor_both),
        "archive_sha256_sm3_to_floor": round(both / floor_both, 2),
        "archive_sha256_sm3_to_floor_median": round(median(_floor_of_both(each) / each["both"] for each in rounds), 2),
        "ocfl_py_create_mb_per_cpu_s": round(created, 1),
        "archive_sha256_sm3_to_ocfl_py": round(both / created, 2) if created else None,
        "archive_sha256_sm3_records_of_four_to_floor": round(both_of_four / floor_both, 2),
        "archive_sha256_sm3_records_of_four_to_ocfl_py": round(both_of_four / created_of_four, 2) if created else None,
    }


def _floor_of_both(spent: dict[str, float]) -> float:
    """Return the CPU-seconds of copying, reckoning both digests and reading back."""
    return spent["cp"] + 2 * spent["sha256"] + spent["sm3"]


def _round(ground: Path, staged: Path, files: Sequence[Path], known: dict[Path, list[str]]) -> dict[str, float]:
    """Return the CPU-seconds of each floor and of each way to archive, once."""
    ground.mkdir()
    child = resource.RUSAGE_CHILDREN
    spent = {"cp": cpu(partial(_cp, staged, ground / "copy"), child)}
    spent["linked"] = cpu(partial(_write, LocalStore(ground / "linked"), drafts(files, known)))
    spent["four"] = cpu(partial(_write, LocalStore(ground / "four"), drafts(files, known, count=4)))
    spent["sha256"] = cpu(partial(_openssl, "sha256", sorted((ground / "copy").iterdir())), child)
    spent["copied"] = cpu(partial(_write, LocalStore(ground / "copied"), drafts(files, known, is_copied=True)))
    spent["sm3"] = cpu(partial(_openssl, "sm3", files), child)
    for name, count in (("both", 1), ("both_of_four", 4)):
        spent[name] = cpu(partial(_reckon_and_write, LocalStore(ground / name), files, count))
    return spent


def _reckon_and_write(store: LocalStore, files: Sequence[Path], count: int) -> None:
    known = {path: digests_of(str(path), ("sha256", "sm3")) for path in files}
    _write(store, drafts(files, known, count=count))


def drafts(files: Sequence[Path], known: dict[Path, list[str]], *, is_copied: bool = False, count: int = 1) -> list[Draft]:
    """Return records of *count* files each."""
    return [
        Draft(f"01JV{number:022d}", 1, tuple(_content(path, known[path], is_copied=is_copied) for path in part), *MADE)
        for number, part in enumerate(batched(files, count), 1)
    ]


def _content(path: Path, digests: Sequence[str], *, is_copied: bool) -> Content:
    source = partial(path.open, "rb") if is_copied else path
    return Content(f"01-正本/original/{path.name}", source, path.stat().st_size, *digests)


def _write(store: LocalStore, wanted: Sequence[Draft]) -> None:
    for at in range(0, len(wanted), BATCH):
        store.write(wanted[at : at + BATCH])


def _cp(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-r", "--reflink=never", str(source), str(target)], check=True)
    subprocess.run(["sync", "-f", str(target)], check=True)


def _tree(vault: Path, tree: Path) -> float:
    """Return the CPU-seconds of cp and a read-back over the vault itself: six files in five folders a record, where the floor has one."""
    child = resource.RUSAGE_CHILDREN
    spent = cpu(partial(_cp, vault, tree), child)
    spent += cpu(partial(_openssl, "sha256", sorted(path for path in tree.rglob("*") if path.is_file())), child)
    return spent


def _openssl(algorithm: str, files: Sequence[Path]) -> None:
    for at in range(0, len(files), 500):
        part = [str(path) for path in files[at : at + 500]]
        subprocess.run(["openssl", "dgst", f"-{algorithm}", *part], check=True, stdout=subprocess.DEVNULL)


def _ocfl_py(folder: Path, files: Sequence[Path], rounds: int, count: int) -> float:
    """Return the MB a CPU-second of ``ocfl-py``, over a tenth of the files, *count* an object; 0 where it is not installed."""
    try:
        from ocfl import Object
        from ocfl.version_metadata import VersionMetadata
    except ImportError:
        return 0.0
    some = files[: max(1, len(files) // 10)]
    folder.mkdir()
    sources = []
    for number, part in enumerate(batched(some, count)):  # of unequal lengths: the last may be short
        (folder / f"source-{number}").mkdir()
        for path in part:
            (folder / f"source-{number}" / path.name).hardlink_to(path)
        sources.append(folder / f"source-{number}")

    logging.getLogger().setLevel(logging.WARNING)  # it tells of every object

    def create(turn: int) -> None:
        for number, source in enumerate(sources):
            made = Object(identifier=f"urn:bench:{number}", digest_algorithm="sha256", fixity=["md5"])
            made.create(srcdir=str(source), metadata=VersionMetadata(message="x"), objdir=str(folder / f"object-{turn}-{number}"))

    return sum(path.stat().st_size for path in some) / (1 << 20) / min(cpu(partial(create, turn)) for turn in range(rounds))


def _auditing(ground: Path, sizes: Sequence[int], count: int, ending: str) -> dict[str, Any]:
    """Read records of *count* files as an audit does, on all processors and on one, beside ``openssl dgst``; best of three.

    CPU-seconds are those of the processes that read and of this one; they are up before, as in an audit that goes on for hours. *ending* is
    what the names of the figures end with.
    """
    files, megabytes = made(ground / "large", sizes, seed=2), sum(sizes) / (1 << 20)
    known = {path: digests_of(str(path), ("sha256", "sm3")) for path in files}
    wanted = drafts(files, known, count=count)
    _write(LocalStore(ground / "vault"), wanted)
    ids, ours, wall, alone, theirs = [draft.record_id for draft in wanted], [], [], [], []
    all_processors, one = FixityReaders(), FixityReaders(workers=1)
    for _ in range(3):
        spent, took = _audit(ground / "vault", ids, all_processors)
        ours.append(spent)
        wall.append(took)
        alone.append(_audit(ground / "vault", ids, one)[1])
        theirs.append(cpu(partial(_openssl, "sha256", files), resource.RUSAGE_CHILDREN))
    all_processors.close()
    one.close()
    told = {
        "audit_mb_per_cpu_s": round(megabytes / min(ours)),
        "openssl_sha256_mb_per_cpu_s": round(megabytes / min(theirs)),
        "audit_to_openssl": round(min(theirs) / min(ours), 2),
        "audit_processors_used": round(min(ours) / min(wall), 2),
        "audit_wall_s": round(min(wall), 3),
        "audit_wall_s_of_one_worker": round(min(alone), 3),
    }
    return {f"{name}{ending}": value for name, value in told.items()}


def _audit(vault: Path, ids: Sequence[str], readers: FixityReaders) -> tuple[float, float]:
    """Read objects in slices, as an audit does; return the CPU-seconds and the seconds that takes."""
    store = LocalStore(vault, readers=readers)
    bad = store.doubtful(ids[:SLICE])  # the processes come up
    before, began = {pid: _spent(pid) for pid in readers.idle}, perf_counter()

    def read() -> None:
        for part in batched(ids, SLICE):
            bad.extend(store.doubtful(part))

    own, took = cpu(read), perf_counter() - began
    if bad or before.keys() != set(readers.idle):
        raise RuntimeError(f"{len(bad)} objects are damaged, or a process died")
    return own + sum(_spent(pid) - earlier for pid, earlier in before.items()), took


def _spent(pid: int) -> float:
    """Return the CPU-seconds of a process that is running."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def _versions(ground: Path, count: int) -> dict[str, Any]:
    """Write a second version of one record after another among those that are there, description changed and the file kept."""
    store = LocalStore(ground / "rounds" / "0" / "linked")
    held = sum(1 for _ in store.record_ids())
    changed = [_changed(store, f"01JV{number:022d}", b"<x>%d</x>" % number) for number in range(1, count + 1)]
    alone = cpu(lambda: [store.write([draft]) for draft in changed[: count // 2]])
    together = cpu(partial(_write, store, changed[count // 2 :]))
    return {
        "records": held,
        "new_version_ms_cpu": round(1000 * alone / (count // 2), 2),
        "new_version_batched_ms_cpu": round(1000 * together / (count - count // 2), 2),
    }


def _changed(store: LocalStore, record_id: str, described: bytes) -> Draft:
    kept = [Content(path, b"", 0, digest, "") for path, digest in store.files(record_id).items()]
    fresh = Content("record.xml", described, len(described), hashlib.sha256(described).hexdigest(), "")
    return replace(Draft(record_id, 2, (*kept, fresh), *MADE), message="著录更正")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1:]), ensure_ascii=False, indent=1) + "\n")
