"""The launcher: finds a Python, makes the environment once and safely, says in one sentence what is missing.

Every test works on a copy of the launcher in a folder whose name has a space and Chinese characters, with small locks of its
own; nothing is fetched.
"""

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("sh", "dirname", "readlink", "cksum", "cat", "rm", "mv", "id", "date", "ls", "env", "mkdir")
BASE_PYTHON = getattr(sys, "_base_executable", sys.executable)
INSTALLING = "Installing"


def script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def tools(folder: Path, *, has_uv: bool) -> Path:
    """A folder that has the programs of any system, and no Python."""
    folder.mkdir(parents=True)
    for name in TOOLS:
        (folder / name).symlink_to(shutil.which(name) or f"/bin/{name}")
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if has_uv and uv:
        (folder / "uv").symlink_to(uv)
    return folder


class Checkout:
    """A copy of the launcher with a command line that prints what it was given."""

    def __init__(self, folder: Path, *, has_uv: bool = True) -> None:
        self.folder = folder / "co py 兰台"
        self.home = folder / "home"
        self.home.mkdir()
        self.path = [str(tools(folder / "tools", has_uv=has_uv))]
        self.environment = {"LANTAI_PYTHON": BASE_PYTHON}
        shutil.copytree(ROOT / "requirements", self.folder / "requirements", ignore=shutil.ignore_patterns("*.txt"))
        shutil.copy(ROOT / "lantai", self.folder / "lantai")
        for lock in ("base", "dev"):
            self.lock(lock, "")
        script(self.folder / "src/lantai/__init__.py", "")
        script(self.folder / "src/lantai/cli/__init__.py", "")
        script(
            self.folder / "src/lantai/cli/main.py",
            "import os, sys\nprint(sys.argv[1:], os.getcwd(), sys.prefix)\nsys.exit(7 if 'seven' in sys.argv else 0)\n",
        )

    def lock(self, name: str, text: str) -> None:
        (self.folder / f"requirements/{name}.txt").write_text(text, encoding="utf-8")

    def variables(self) -> dict[str, str]:
        return {"PATH": ":".join(self.path), "HOME": str(self.home), **self.environment}

    def start(self, *words: str, cwd: Path | None = None, program: Path | None = None) -> subprocess.CompletedProcess[str]:
        command = [str(program or self.folder / "lantai"), *words]
        where = cwd or self.home
        return subprocess.run(command, env=self.variables(), cwd=where, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """A checkout that was started once; tests leave it as it is."""
    checkout = Checkout(tmp_path_factory.mktemp("started"))
    first = checkout.start("first")
    assert first.returncode == 0, first.stderr
    assert INSTALLING in first.stderr
    yield checkout


def wheel(folder: Path) -> str:
    """Write the wheel of a package ``tinything`` and return the line of a lock that asks for it."""
    folder.mkdir()
    path = folder / "tinything-1.0-py3-none-any.whl"
    files = {
        "tinything.py": b"VALUE = 42\n",
        "tinything-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: tinything\nVersion: 1.0\n",
        "tinything-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(
        f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip('=')},{len(data)}\n"
        for name, data in files.items()
    )
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in {**files, "tinything-1.0.dist-info/RECORD": (record + "tinything-1.0.dist-info/RECORD,,\n").encode()}.items():
            archive.writestr(name, data)
    return f"tinything==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


# ---- starting -------------------------------------------------------------------------------------------------------------


def test_arguments_working_folder_and_exit_code_pass_through(started: Checkout, tmp_path: Path) -> None:
    done = started.start("seven", "b c", "兰", cwd=tmp_path)
    assert done.returncode == 7
    assert done.stdout == f"['seven', 'b c', '兰'] {tmp_path} {started.folder / '.venv'}\n"


def test_a_later_start_installs_nothing_and_says_nothing(started: Checkout) -> None:
    done = started.start("again")
    assert (done.returncode, done.stderr) == (0, "")


def test_compiled_modules_are_kept_in_the_environment_alone(checkout: Checkout) -> None:
    checkout.environment["PYTHONDONTWRITEBYTECODE"] = "1"
    assert checkout.start("x").returncode == 0
    assert list((checkout.folder / ".venv/compiled").rglob("lantai/*.pyc"))
    assert list((checkout.folder / "src").rglob("*.pyc")) == []


def test_runs_under_dash_and_through_links(started: Checkout, tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to(started.folder / "lantai")
    (tmp_path / "two").symlink_to("one")
    assert started.start("x", program=tmp_path / "two").returncode == 0
    shell = shutil.which("dash") or "sh"
    done = subprocess.run([shell, "lantai", "y"], cwd=started.folder, env=started.variables(), capture_output=True, text=True, check=False)
    assert done.stdout.startswith("['y']")


def test_a_file_in_the_working_folder_shadows_nothing(started: Checkout, tmp_path: Path) -> None:
    script(tmp_path / "os.py", "raise SystemExit('shadowed')\n")
    script(tmp_path / "lantai.py", "raise SystemExit('shadowed')\n")
    assert started.start("x", cwd=tmp_path).returncode == 0


# ---- installing -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("has_uv", [True, False], ids=["uv", "pip"])
def test_installs_from_a_wheelhouse_by_hash(tmp_path: Path, has_uv: bool) -> None:
    checkout = Checkout(tmp_path, has_uv=has_uv)
    checkout.lock("base", wheel(tmp_path / "wheel house"))
    checkout.environment["LANTAI_WHEELHOUSE"] = str(tmp_path / "wheel house")
    script(checkout.folder / "src/lantai/cli/main.py", "import tinything\nprint(tinything.VALUE)\n")
    done = checkout.start()
    assert (done.returncode, done.stdout) == (0, "42\n"), done.stderr


def test_a_file_whose_hash_differs_is_not_installed(checkout: Checkout, tmp_path: Path) -> None:
    line = wheel(tmp_path / "wheels")
    checkout.lock("base", line[:-5] + "0000\n")
    checkout.environment["LANTAI_WHEELHOUSE"] = str(tmp_path / "wheels")
    done = checkout.start()
    assert done.returncode == 5
    assert "依赖没有装全" in done.stderr


def test_a_changed_lock_is_installed_again(checkout: Checkout) -> None:
    checkout.start()
    checkout.lock("base", "# another lock\n")
    assert INSTALLING in checkout.start().stderr
    assert checkout.start().stderr == ""


def test_an_install_that_failed_is_tried_again_and_never_taken_for_done(checkout: Checkout, tmp_path: Path) -> None:
    checkout.start()
    before = (checkout.folder / "requirements/base.txt").read_text(encoding="utf-8")
    (tmp_path / "empty").mkdir()
    checkout.environment["LANTAI_WHEELHOUSE"] = str(tmp_path / "empty")
    checkout.lock("base", f"tinything==1.0 --hash=sha256:{'0' * 64}\n")
    assert checkout.start().returncode == 5
    assert not (checkout.folder / ".venv/lantai-base").exists()
    checkout.lock("base", before)
    done = checkout.start()
    assert done.returncode == 0
    assert INSTALLING in done.stderr


def test_two_starts_at_once_install_once(checkout: Checkout) -> None:
    command = [str(checkout.folder / "lantai"), "x"]
    both = [
        subprocess.Popen(command, env=checkout.variables(), cwd=checkout.home, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    ends = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], ends
    assert sum(errors.count(INSTALLING) for _, errors in ends) == 1


def test_a_start_that_was_killed_leaves_nothing_in_the_way(checkout: Checkout) -> None:
    process = subprocess.Popen(
        [str(checkout.folder / "lantai")], env=checkout.variables(), cwd=checkout.home, start_new_session=True, stderr=subprocess.DEVNULL
    )
    for _ in range(1000):
        if (checkout.folder / ".venv.lock").exists() or process.poll() is not None:
            break
    os.killpg(process.pid, 9)
    process.wait()
    assert checkout.start().returncode == 0


def test_an_environment_that_does_not_run_is_made_anew(checkout: Checkout) -> None:
    checkout.start()
    (checkout.folder / ".venv/bin/python").unlink()
    (checkout.folder / ".venv/bin/python").symlink_to("/nowhere/python3")
    assert checkout.start().returncode == 0


def test_a_moved_checkout_finds_its_source(checkout: Checkout) -> None:
    checkout.start()
    moved = checkout.folder.with_name("moved here")
    checkout.folder.rename(moved)
    checkout.folder = moved
    done = checkout.start("x")
    assert (done.returncode, done.stdout) == (0, f"['x'] {checkout.home} {moved / '.venv'}\n")


# ---- finding a Python -----------------------------------------------------------------------------------------------------


def test_without_python_one_sentence_says_what_to_install(checkout: Checkout) -> None:
    del checkout.environment["LANTAI_PYTHON"]
    (Path(checkout.path[0]) / "uv").unlink(missing_ok=True)
    done = checkout.start()
    assert done.returncode == 6
    assert done.stderr.count("\n") == 1
    assert "请安装" in done.stderr
    assert "install one" in done.stderr
    assert not (checkout.folder / ".venv").exists()


def test_the_python_that_was_named_is_not_quietly_replaced(checkout: Checkout) -> None:
    checkout.environment["LANTAI_PYTHON"] = "/nowhere/python3"
    done = checkout.start()
    assert done.returncode == 6
    assert "LANTAI_PYTHON" in done.stderr


def test_shims_that_fail_are_passed_over(checkout: Checkout, tmp_path: Path) -> None:
    del checkout.environment["LANTAI_PYTHON"]
    for name in ("python3.13", "python3.12", "python3"):
        script(tmp_path / "shims" / name, "#!/bin/sh\necho not installed >&2\nexit 127\n")
    script(tmp_path / "good/python3", f'#!/bin/sh\nexec "{BASE_PYTHON}" "$@"\n')
    checkout.path = [str(tmp_path / "shims"), *checkout.path, str(tmp_path / "good")]
    assert checkout.start().returncode == 0


def test_a_pyenv_python_is_found_without_shims(checkout: Checkout, tmp_path: Path) -> None:
    del checkout.environment["LANTAI_PYTHON"]
    script(checkout.home / ".pyenv/versions/2.7.18/bin/python3", "#!/bin/sh\nexit 1\n")
    script(checkout.home / ".pyenv/versions/3.12.9/bin/python3", f'#!/bin/sh\nexec "{BASE_PYTHON}" "$@"\n')
    assert checkout.start().returncode == 0


# ---- ./lantai test --------------------------------------------------------------------------------------------------------


def fake_tools(checkout: Checkout, *, failing: str = "") -> None:
    """Stand-ins for the tools that print their name and arguments; the one named *failing* ends with 1."""
    for module in ("ruff", "mypy", "pytest"):
        code = 1 if module == failing else 0
        script(checkout.folder / f"src/{module}.py", f"import sys\nprint('{module}', *sys.argv[1:])\nsys.exit({code})\n")
    script(checkout.folder / "src/importlinter/__init__.py", "")
    script(checkout.folder / "src/importlinter/cli.py", "def lint_imports_command():\n    print('importlinter')\n")
    script(checkout.folder / "tests/__init__.py", "")
    script(checkout.folder / "tests/support/__init__.py", "")
    script(checkout.folder / "tests/support/postgres.py", "import sys\nprint('postgres', *sys.argv[1:])\n")


def test_test_with_arguments_runs_pytest_alone(checkout: Checkout) -> None:
    fake_tools(checkout)
    done = checkout.start("test", "tests/core", "-k", "a b")
    assert (done.returncode, done.stdout) == (0, "pytest tests/core -k a b\n")


def test_test_runs_every_step_and_closes_with_a_summary(checkout: Checkout) -> None:
    fake_tools(checkout)
    done = checkout.start("test")
    assert done.returncode == 0, done.stderr
    steps = done.stdout.splitlines()
    assert steps[:4] == ["ruff check .", "ruff format --check .", "mypy", "importlinter"]
    assert re.fullmatch(r"pytest -n \d+ --dist loadfile --no-loadscope-reorder --durations=15", steps[4])
    summary = done.stderr[done.stderr.index("小结") :]
    for step in ("ruff-check", "ruff-format", "mypy", "lint-imports", "pytest-sqlite"):
        assert f"{step} " in summary
    assert "everything passed" in summary


def test_test_says_what_is_not_tested_for_want_of_a_package(checkout: Checkout) -> None:
    fake_tools(checkout)
    done = checkout.start("test")
    assert "缺少 Debian 软件包 chromium" in done.stderr


def test_a_missing_package_is_a_failure_in_ci(checkout: Checkout) -> None:
    fake_tools(checkout)
    checkout.environment["CI"] = "true"
    done = checkout.start("test")
    assert done.returncode == 1
    assert "failed: debian-packages" in done.stderr


def test_a_step_that_fails_fails_the_run_after_all_others_ran(checkout: Checkout) -> None:
    fake_tools(checkout, failing="mypy")
    done = checkout.start("test")
    assert done.returncode == 1
    assert "pytest" in done.stdout
    assert "failed: mypy" in done.stderr
