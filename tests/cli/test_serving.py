"""serve and worker: they start, answer, stop when told, and take everything they started along."""

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.serve import free_port, page, sizes
from lantai.cli.serving import STOPS_WITHIN_SECONDS
from tests.cli.shell import Shell


@contextmanager
def running(shell: Shell, *words: str) -> Iterator["subprocess.Popen[str]"]:
    process = shell.start(*words)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        try:
            process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for_page(port: int, seconds: float) -> None:
    began = time.monotonic()
    while True:
        try:
            page(port)
        except OSError:
            assert time.monotonic() - began < seconds, "no page"
            time.sleep(0.02)
        else:
            return


def test_serve_stops_with_everything_it_started(shell: Shell) -> None:
    port = free_port()
    with running(shell, "serve", "--port", str(port), "--json") as process:
        wait_for_page(port, 60)
        started = all_of(process)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        assert json.loads(out) == {"url": f"http://127.0.0.1:{port}/", "pid": process.pid}
        assert "WARNING" not in err
        assert not [pid for pid in started if Path(f"/proc/{pid}").exists()]


def test_a_web_process_that_does_not_hear_holds_nothing_up(shell: Shell) -> None:
    port = free_port()
    with running(shell, "serve", "--port", str(port)) as process:
        wait_for_page(port, 60)
        started = all_of(process)
        web = next(pid for pid in started - {process.pid} if "worker" not in Path(f"/proc/{pid}/cmdline").read_text().split("\0"))
        os.kill(web, signal.SIGSTOP)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=STOPS_WITHIN_SECONDS + 60)
        assert not [pid for pid in started if Path(f"/proc/{pid}").exists()]


def test_serve_says_that_it_runs_once_its_pages_can_be_opened(shell: Shell) -> None:
    port = free_port()
    with running(shell, "serve", "--port", str(port)) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(2)]
        assert page(port)
    assert [line.split("：")[0].strip("…\n") for line in said] == ["兰台正在启动", "兰台正在运行"]


def all_of(process: "subprocess.Popen[str]") -> set[int]:
    """Wait for server, web process and worker; return their numbers."""
    deadline = time.monotonic() + 30
    while len(sizes(process.pid)) < 3 and time.monotonic() < deadline:
        time.sleep(0.1)
    started = set(sizes(process.pid))
    assert len(started) >= 3
    return started


def test_a_killed_server_leaves_nothing_behind(shell: Shell) -> None:
    port = free_port()
    with running(shell, "serve", "--port", str(port)) as process:
        wait_for_page(port, 60)
        started = all_of(process) - {process.pid}
        process.kill()
        process.wait()
        deadline = time.monotonic() + 40
        while (left := [pid for pid in started if Path(f"/proc/{pid}").exists()]) and time.monotonic() < deadline:
            time.sleep(0.2)
        assert left == []


def test_serve_answers_only_to_the_names_it_was_given(shell: Shell) -> None:
    port = free_port()
    named = shell.with_variables(LANTAI_HOSTS="archives.example, 10.0.0.9")
    with running(named, "serve", "--port", str(port)):
        wait_for_page(port, 60)
        hosts = ("127.0.0.1", "archives.example", "10.0.0.9", "evil.example")
        assert [status_of(port, host) for host in hosts] == [200, 200, 200, 400]


def status_of(port: int, host: str) -> int:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/login", headers={"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code


@pytest.mark.parametrize(
    ("words", "variables", "code", "exit_code"),
    [
        ((), {"LANTAI_SECRET_KEY": ""}, "SECRET-KEY-MISSING", 3),
        (("--bind", "0.0.0.0"), {}, "HOSTS-MISSING", 3),
        (("--bind", "203.0.113.7"), {}, "PORT-TAKEN", 5),
    ],
)
def test_serve_refuses_what_would_not_be_safe(
    shell: Shell, words: tuple[str, ...], variables: dict[str, str], code: str, exit_code: int
) -> None:
    done = shell.with_variables(**variables).run("serve", *words, "--json")
    assert (done.code, done.json("error")["error"]["code"]) == (exit_code, code)
    assert done.json()["error"]["next"]


def test_serve_needs_an_installation(bare: Shell) -> None:
    done = bare.run("serve", "--json")
    assert (done.code, done.json("error")["error"]["code"]) == (3, "NOT-INITIALISED")


def test_a_worker_does_what_is_due_and_stops_when_told(shell: Shell, pdfs: Path) -> None:
    batch = shell.run("capture", pdfs, "--json", "--department", "BGS").json("capture")["code"]
    with running(shell, "worker", "--json") as process:
        deadline = time.monotonic() + 90
        found = 0
        while found < 3 and time.monotonic() < deadline:
            found = shell.run("find", "云汀市", "--json").json("find")["total"]
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=40)
        assert process.returncode == 0, err
        assert json.loads(out) == {"stopped": True}
    assert found == 3
    assert shell.run("check", batch, "--stage", "arrival").code == 0
