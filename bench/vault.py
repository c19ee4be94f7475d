"""The vault: archiving, the same with both digests reckoned, a fixity audit and a new version, each beside its floor in the same run.

``python -m bench.vault --files 10000 --megabytes 1600`` makes that many files on fresh ground, one a record. CPU-seconds are those of this
process, or of the programs of a floor (cp, sync, openssl), user and system together. The line stages on the file system of the vault, which
then links instead of copying; ``copied`` is the same with every byte copied, as a replica is written.
"""

import argparse
import hashlib
import os
import resource
import shutil
import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import batched
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

from bench.ground import fresh_ground
from lantai.adapters.stores.local import LocalStore
from lantai.packages.digesting import digests_of
from lantai.ports.store import Content, Draft

BATCH = 200
LARGE_BYTES = 1 << 20
MADE = ("2026-03-08T09:00:00Z", "归档", "云汀市发展和改革委员会", "urn:lantai:archive")


def main(arguments: list[str]) -> dict[str, Any]:
    """Run the benchmark and return its figures."""
    parser = argparse.ArgumentParser(prog="lantai bench vault")
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--megabytes", type=int, default=1600)
    parser.add_argument("--audit-megabytes", type=int, default=400)
    chosen = parser.parse_args(arguments)
    needed = (10 * chosen.megabytes + 2 * chosen.audit_megabytes + 1500) << 20
    with fresh_ground(needed) as (ground, kind):
        return {"ground": kind, "files": chosen.files, "megabytes": chosen.megabytes} | _run(ground, chosen)


def _run(ground: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    size = (chosen.megabytes << 20) // chosen.files
    files = made(ground / "staged", chosen.files, size)
    known = {path: digests_of(str(path), ("sha256", "sm3")) for path in files}
    figures = _archiving(ground, files, known, chosen.megabytes)
    figures |= _auditing(ground, chosen.audit_megabytes, LARGE_BYTES)
    quarter = _auditing(ground, chosen.audit_megabytes // 2, LARGE_BYTES // 4)
    figures |= {f"{name}_of_256_kib": quarter[name] for name in ("audit_mb_per_cpu_s", "openssl_sha256_mb_per_cpu_s", "audit_to_openssl")}
    return figures | _versions(ground, min(chosen.files, 500))


def made(folder: Path, count: int, size: int, seed: int = 1) -> list[Path]:
    """Write *count* files of *size* random bytes and return their paths."""
    folder.mkdir(parents=True)
    chance, paths = Random(seed), [folder / f"{number:06d}.pdf" for number in range(count)]
    for path in paths:
        path.write_bytes(chance.randbytes(size))
    return paths


def cpu(act: Callable[[], object], who: int = resource.RUSAGE_SELF) -> float:
    """Return the CPU-seconds, user and system, that an act takes."""
    before = resource.getrusage(who)
    act()
    after = resource.getrusage(who)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _archiving(ground: Path, files: Sequence[Path], known: dict[Path, list[str]], megabytes: int) -> dict[str, Any]:
    """Archive with digests known, with both reckoned, and with every byte copied; the floors are taken right beside each."""
    child = resource.RUSAGE_CHILDREN
    copying = cpu(partial(_cp, ground / "staged", ground / "copy"), child)
    reading = cpu(partial(_openssl, "sha256", sorted((ground / "copy").iterdir())), child)
    linked = cpu(partial(_write, LocalStore(ground / "linked"), drafts(files, known)))
    copied = cpu(partial(_write, LocalStore(ground / "copied"), drafts(files, known, is_copied=True)))
    both = cpu(
        lambda: _write(LocalStore(ground / "both"), drafts(files, {path: digests_of(str(path), ("sha256", "sm3")) for path in files}))
    )
    sm3 = cpu(partial(_openssl, "sm3", files), child)
    created = _ocfl_py(ground / "ocfl-py", files)
    tree = _tree(ground)
    floor, floor_both = megabytes / (copying + reading), megabytes / (copying + 2 * reading + sm3)
    return {
        "archive_mb_per_cpu_s": round(megabytes / linked),
        "archive_copied_mb_per_cpu_s": round(megabytes / copied),
        "floor_cp_sha256_mb_per_cpu_s": round(floor),
        "archive_to_floor": round(megabytes / linked / floor, 2),
        "archive_copied_to_floor_of_the_same_tree": round(tree / copied, 2),
        "archive_copied_to_floor": round(megabytes / copied / floor, 2),
        "archive_sha256_sm3_mb_per_cpu_s": round(megabytes / both),
        "floor_cp_sha256_twice_sm3_mb_per_cpu_s": round(floor_both),
        "archive_sha256_sm3_to_floor": round(megabytes / both / floor_both, 2),
        "ocfl_py_create_mb_per_cpu_s": round(created, 1),
        "archive_sha256_sm3_to_ocfl_py": round(megabytes / both / created, 2) if created else None,
    }


def drafts(files: Sequence[Path], known: dict[Path, list[str]], *, is_copied: bool = False) -> list[Draft]:
    """Return a record of one file for each."""
    return [
        Draft(f"01JV{number:022d}", 1, (_content(path, known[path], is_copied=is_copied),), *MADE) for number, path in enumerate(files, 1)
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


def _tree(ground: Path) -> float:
    """Return the CPU-seconds of cp and a read-back over the vault itself: six files in five folders a record, where the floor has one."""
    child = resource.RUSAGE_CHILDREN
    spent = cpu(partial(_cp, ground / "copied", ground / "tree"), child)
    spent += cpu(partial(_openssl, "sha256", sorted(path for path in (ground / "tree").rglob("*") if path.is_file())), child)
    shutil.rmtree(ground / "tree")
    return spent


def _openssl(algorithm: str, files: Sequence[Path]) -> None:
    for at in range(0, len(files), 500):
        part = [str(path) for path in files[at : at + 500]]
        subprocess.run(["openssl", "dgst", f"-{algorithm}", *part], check=True, stdout=subprocess.DEVNULL)


def _ocfl_py(folder: Path, files: Sequence[Path]) -> float:
    """Return the MB a CPU-second of ``ocfl-py``, over a tenth of the files; 0 where it is not installed."""
    try:
        from ocfl import Object
        from ocfl.version_metadata import VersionMetadata
    except ImportError:
        return 0.0
    some = files[: max(1, len(files) // 10)]
    folder.mkdir()
    sources = []
    for number, path in enumerate(some):
        (folder / f"source-{number}").mkdir()
        (folder / f"source-{number}" / path.name).hardlink_to(path)
        sources.append(folder / f"source-{number}")

    def create() -> None:
        for number, source in enumerate(sources):
            made = Object(identifier=f"urn:bench:{number}", digest_algorithm="sha256", fixity=["md5"])
            made.create(srcdir=str(source), metadata=VersionMetadata(message="x"), objdir=str(folder / f"object-{number}"))

    return sum(path.stat().st_size for path in some) / (1 << 20) / cpu(create)


def _auditing(ground: Path, megabytes: int, size: int) -> dict[str, Any]:
    """Verify objects of files of a size, on all processors and on one, beside ``openssl dgst`` over the same files; best of three."""
    files = made(ground / f"large-{size}", (megabytes << 20) // size, size, seed=2)
    known = {path: digests_of(str(path), ("sha256", "sm3")) for path in files}
    store, wanted = LocalStore(ground / f"audited-{size}"), drafts(files, known)
    _write(store, wanted)
    ids, wall, ours, theirs = [draft.record_id for draft in wanted], [], [], []
    alone = []
    for _ in range(3):
        began = perf_counter()
        ours.append(cpu(partial(_verify, store, ids)))
        wall.append(perf_counter() - began)
        began = perf_counter()
        _verify(store, ids, 1)
        alone.append(perf_counter() - began)
        theirs.append(cpu(partial(_openssl, "sha256", files), resource.RUSAGE_CHILDREN))
    return {
        "audit_mb_per_cpu_s": round(megabytes / min(ours)),
        "openssl_sha256_mb_per_cpu_s": round(megabytes / min(theirs)),
        "audit_to_openssl": round(min(theirs) / min(ours), 2),
        "audit_processors_used": round(min(ours) / min(wall), 2),
        "audit_wall_s": round(min(wall), 3),
        "audit_wall_s_of_one_worker": round(min(alone), 3),
        "processors": os.cpu_count(),
    }


def _verify(store: LocalStore, ids: Sequence[str], workers: int = 0) -> None:
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        parts = pool.map(lambda keys: [store.verify(key) for key in keys], batched(ids, 8))  # handed out as an audit does
        bad = [found for part in parts for found in part if found]
    if bad:
        raise RuntimeError(f"{len(bad)} objects are damaged")


def _versions(ground: Path, count: int) -> dict[str, Any]:
    """Write a second version of one record after another among those that are there, description changed and the file kept."""
    store = LocalStore(ground / "linked")
    held = sum(1 for _ in store.record_ids())
    changed = [_changed(store, f"01JV{number:022d}", b"<x>%d</x>" % number) for number in range(1, count + 1)]
    alone = cpu(lambda: [store.write([draft]) for draft in changed[: count // 2]])
    together = cpu(partial(_write, store, changed[count // 2 :]))
    shutil.rmtree(ground / "staged")
    return {
        "records": held,
        "new_version_ms_cpu": round(1000 * alone / (count // 2), 2),
        "new_version_batched_ms_cpu": round(1000 * together / (count - count // 2), 2),
    }


def _changed(store: LocalStore, record_id: str, described: bytes) -> Draft:
    kept = [Content(path, b"", 0, digest, "") for path, digest in store.files(record_id).items()]
    fresh = Content("record.xml", described, len(described), hashlib.sha256(described).hexdigest(), "")
    return replace(Draft(record_id, 2, (*kept, fresh), *MADE), message="著录更正")
