"""The locks: every package pinned by hash, no address of an index, everything that pyproject.toml asks for; scripts that parse."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PINNED = re.compile(r"^([a-z0-9-]+)==\S+(?: ; .+)? \\$", re.MULTILINE)


def lock(name: str) -> str:
    return (ROOT / f"requirements/{name}.txt").read_text(encoding="utf-8")


def normalised(requirement: str) -> str:
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name
    return re.sub(r"[-_.]+", "-", name[0]).lower()


@pytest.mark.parametrize("name", ["base", "dev"])
def test_no_address_stands_in_a_lock(name: str) -> None:
    assert "://" not in lock(name)
    assert not re.search(r"^\s*--?(index-url|extra-index-url|find-links|i|f)\b", lock(name), re.MULTILINE)


@pytest.mark.parametrize("name", ["base", "dev"])
def test_every_package_has_a_hash(name: str) -> None:
    lines = [line for line in lock(name).splitlines() if not line.startswith(("    ", "#"))]
    assert all(PINNED.match(line + "\n") for line in lines), [line for line in lines if not PINNED.match(line + "\n")]
    assert lock(name).count("--hash=sha256:") >= len(lines)


def test_the_base_lock_has_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = {normalised(row) for row in project["project"]["dependencies"]}
    assert wanted <= set(PINNED.findall(lock("base")))
    assert {normalised(row) for row in project["dependency-groups"]["dev"]} <= set(PINNED.findall(lock("dev")))


def test_the_development_lock_pins_what_the_base_lock_pins() -> None:
    versions = {name: dict(re.findall(r"^([a-z0-9-]+)==(\S+)", lock(name), re.MULTILINE)) for name in ("base", "dev")}
    assert versions["base"].items() <= versions["dev"].items()


def test_no_lock_of_a_kind_that_holds_addresses_is_kept() -> None:
    assert not (ROOT / "uv.lock").exists()
    assert not (ROOT / "pylock.toml").exists()


@pytest.mark.parametrize("path", ["lantai", "requirements/compile", "requirements/check-aarch64"])
def test_scripts_parse_as_posix_shell(path: str) -> None:
    shell = shutil.which("dash") or "sh"
    subprocess.run([shell, "-n", str(ROOT / path)], check=True)


def test_the_ci_script_parses() -> None:
    subprocess.run(["bash", "-n", str(ROOT / ".ci/run")], check=True)
