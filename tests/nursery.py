"""Processes that begin at once: each is forked from one that has imported everything already. POSIX.

That one, the nursery, is a process without threads; it begins at the first use and ends with the tests, and kills whatever it
bore. Importing Pomost takes over a second and a half, and the trials start hundreds of processes.
"""

from __future__ import annotations

import atexit
import functools
import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any

REPO = Path(__file__).resolve().parents[1]
PATHS = f"{REPO / 'src'}{os.pathsep}{REPO}"
THREADS = Path("/proc/self/task")
LOOK_S = 0.005
WIDTH = "250"
"""Columns of what the command line prints: it asks once, when it is imported."""


class Child:
    """A process that does ``main`` of a module; to be handled like a ``subprocess.Popen``.

    Its number belongs to it until its end was seen here, so no signal can meet another process.
    """

    def __init__(self, nursery: Nursery, pid: int, stdin: IO[str] | None, stdout: IO[str] | None) -> None:
        self._nursery, self.pid = nursery, pid
        self.stdin, self.stdout = stdin, stdout
        self.returncode: int | None = None
        self._lock = threading.RLock()

    def poll(self) -> int | None:
        """How it ended, the negative number of the signal where one killed it; None while it lives, also while frozen."""
        with self._lock:
            if self.returncode is None:
                self.returncode = self._nursery.ask({"do": "look", "pid": self.pid})["code"]
            return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Raises subprocess.TimeoutExpired."""
        end = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if end is not None and time.monotonic() > end:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0.0)
            time.sleep(LOOK_S)
        return code

    def send_signal(self, number: int) -> None:
        with self._lock:
            if self.poll() is None:
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def close(self) -> None:
        """Kills it unless it has ended, and closes its pipes."""
        self.kill()
        self.wait(20)
        for pipe in (self.stdin, self.stdout):
            if pipe is not None:
                pipe.close()

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Nursery:
    """Our side of the process that forks."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-X", "faulthandler", "-m", "tests.nursery", str(theirs.fileno())],
                cwd=REPO,
                env={**os.environ, "PYTHONPATH": PATHS, "COLUMNS": WIDTH},
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        self._socket, self._answers, self._lock = ours, ours.makefile("r"), threading.Lock()
        atexit.register(self.close)

    def ask(self, wanted: dict[str, Any], fds: Iterable[int] = ()) -> dict[str, Any]:
        with self._lock:
            socket.send_fds(self._socket, [f"{json.dumps(wanted)}\n".encode()], list(fds))
            answer: dict[str, Any] = json.loads(
                self._answers.readline() or '{"failure": "the nursery ended"}'
            )
        if "failure" in answer:
            raise RuntimeError(answer["failure"])
        return answer

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._process.wait(20)


@functools.cache
def nursery() -> Nursery:
    return Nursery()


def start(
    module: str,
    *arguments: str,
    pipes: bool = False,
    output: tuple[IO[Any], IO[Any]] | None = None,
    folder: Path = REPO,
    environment: Mapping[str, str] = {},
) -> Child:
    """A process that calls ``main`` of the module with the arguments, in the environment of this moment and what is given.

    ``pipes``: its standard input and output are here, as texts; ``output``: files for its output and its errors; ``folder``:
    where it works. What a module reads of the environment while it is imported it has from the nursery.
    """
    wanted = {
        "do": "fork",
        "module": module,
        "arguments": arguments,
        "environment": {**os.environ, "PYTHONPATH": PATHS, **environment},
        "folder": str(folder),
    }
    if output:
        files = [file.fileno() for file in output]
        return Child(nursery(), nursery().ask({**wanted, "as": [1, 2]}, files)["pid"], None, None)
    if not pipes:
        return Child(nursery(), nursery().ask({**wanted, "as": []})["pid"], None, None)
    (theirs_in, ours_in), (ours_out, theirs_out) = os.pipe(), os.pipe()
    try:
        pid = nursery().ask({**wanted, "as": [0, 1]}, [theirs_in, theirs_out])["pid"]
    finally:
        os.close(theirs_in)
        os.close(theirs_out)
    return Child(nursery(), pid, os.fdopen(ours_in, "w"), os.fdopen(ours_out))


def run(
    module: str,
    *arguments: str,
    seconds: float = 60.0,
    folder: Path = REPO,
    environment: Mapping[str, str] = {},
) -> tuple[int, str, str]:
    """How it ended, what it said, and its errors. Raises subprocess.TimeoutExpired."""
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as errors:
        with start(
            module, *arguments, output=(said, errors), folder=folder, environment=environment
        ) as child:
            code = child.wait(seconds)
        said.seek(0)
        errors.seek(0)
        return code, said.read(), errors.read()


# --- the process that forks ------------------------------------------------------------------------------------------


def serve(here: socket.socket) -> dict[str, Any] | None:
    """Gives what is to be done, in each process that was forked; None in the one that forks, at its end."""
    living: set[int] = set()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        wanted, fds = receive(here)
        if wanted is None:
            for pid in living:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            return None
        answer: dict[str, Any]
        if wanted["do"] == "look":
            gone, status = os.waitpid(wanted["pid"], os.WNOHANG)
            living.discard(gone)
            answer = {"code": os.waitstatus_to_exitcode(status) if gone else None}
        else:
            try:
                warm(wanted["module"])
                pid = os.fork()
            except (ImportError, AttributeError, RuntimeError, OSError) as error:
                answer = {"failure": f"{type(error).__name__}: {error}"}
            else:
                if not pid:
                    settle_in(here, wanted, fds)
                    return wanted
                living.add(pid)
                answer = {"pid": pid}
        for fd in fds:
            os.close(fd)
        here.sendall(f"{json.dumps(answer)}\n".encode())


def receive(here: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    """What is wanted, and the files that come with it; None when nobody is there any more."""
    text, files = b"", list[int]()
    while not text.endswith(b"\n"):
        part, fds, _, _ = socket.recv_fds(here, 65_536, 2)
        if not part:
            return None, files
        text += part
        files += fds
    return json.loads(text), files


@functools.cache
def warm(name: str) -> None:
    """Imports a module, and has it do what every process of it would do first. Threads would be missing in the children."""
    module = importlib.import_module(name)
    if hasattr(module, "warm"):
        module.warm()
    gc.freeze()  # or each child would look through all of it for garbage, at its end at the latest
    threads = [one.name for one in THREADS.iterdir()] if THREADS.exists() else threading.enumerate()
    if len(threads) > 1:
        raise RuntimeError(f"{name} has begun threads, and can't be forked: {threads}")


def settle_in(here: socket.socket, wanted: dict[str, Any], fds: list[int]) -> None:
    here.close()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(wanted["environment"])
    os.chdir(wanted["folder"])
    for fd, place in zip(fds, wanted["as"], strict=True):
        os.dup2(fd, place)
        os.close(fd)


if __name__ == "__main__":
    _work = serve(socket.socket(fileno=int(sys.argv[1])))
    if _work is None:
        os._exit(0)
    sys.argv[:] = [_work["module"], *_work["arguments"]]
    importlib.import_module(_work["module"]).main(*_work["arguments"])
