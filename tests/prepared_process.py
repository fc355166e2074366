"""Processes of ``python -m towpath`` that begin with the libraries in memory: a run of the tests starts hundreds.

Half of what a short command costs is the import of libraries. This file, run as a program, imports them once and
then copies itself for each process that is asked for; what it has imported starts no threads, so the copy is as good
as a fresh process. It reads its environment, opens its files and ends as any other, by its own pid.
"""

from __future__ import annotations

import functools
import gc
import importlib
import json
import os
import random
import runpy
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil

#: What a run of a stream imports, without pyarrow and what needs it: pyarrow starts a thread.
IMPORTED = (
    "dbos",
    "httpx2",
    "orjson",
    "psycopg",
    "sqlalchemy.orm",
    "structlog.dev",
    "truststore",
    "towpath.cli.entry",
    "towpath.hub",
    "towpath.jobs.dbos_engine",
    "towpath.secrets.cabinet",
    "towpath.secrets.signing",
)
TOWPATH = [sys.executable, "-m", "towpath"]


class Prepared(subprocess.Popen[str]):
    """As ``Popen``, for a command that begins with ``python -m towpath``."""

    def _execute_child(self, args: list[str], *rest: Any) -> None:
        words, (env, pipes) = list(args), (rest[5], rest[9:15])
        plain = rest[1] is None and rest[4] is None  # nothing to be called in the child, no other folder
        if not plain or words[:3] != TOWPATH or (line := _program()[0]) is None:
            return super()._execute_child(args, *rest)  # type: ignore[misc]  # of the standard library
        self._ending, theirs = _pair()
        wanted = {"words": words[2:], "environment": dict(os.environ if env is None else env)}
        files = [own if given == -1 else given for own, given in enumerate((pipes[0], pipes[3], pipes[5]))]
        with theirs:
            socket.send_fds(line, [json.dumps(wanted).encode()], [*files, theirs.fileno()])
        self.pid = int(self._ending.recv(64))
        self._child_created = True
        self._close_pipe_fds(*pipes)  # type: ignore[attr-defined]  # as above
        return None

    def _try_wait(self, flags: int) -> tuple[int, int]:
        if (ending := getattr(self, "_ending", None)) is None:
            return super()._try_wait(flags)  # type: ignore[misc]  # as above
        if flags and not select.select([ending], [], [], 0)[0]:
            return 0, 0
        status = int(ending.recv(64))
        ending.close()
        return self.pid, status

    def _internal_poll(self, *rest: Any, **more: Any) -> int | None:
        if getattr(self, "_ending", None) is None:
            return super()._internal_poll(*rest, **more)  # type: ignore[misc]  # as above
        if self.returncode is None and self._waitpid_lock.acquire(blocking=False):
            try:
                if self.returncode is None:
                    pid, status = self._try_wait(os.WNOHANG)
                    if pid:
                        self._handle_exitstatus(status)
            finally:
                self._waitpid_lock.release()
        return self.returncode


def run(
    command: list[str],
    *,
    env: dict[str, str],
    check: bool = True,
    timeout: float = 150,
    text: bool = True,
    **more: Any,
) -> subprocess.CompletedProcess[Any]:
    """As ``subprocess.run`` with what the process says captured."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    told = more.pop("input", None)
    if told is not None:
        pipes["stdin"] = subprocess.PIPE
    with Prepared(command, env=env, text=text, **pipes, **more) as process:
        try:
            out, err = process.communicate(told, timeout=timeout)
        except BaseException:
            process.kill()
            raise
    if check and process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, out, err)
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def left_over() -> list[psutil.Process]:
    """Processes that were asked for and are still there."""
    if not _program.cache_info().currsize or (program := _program()[1]) is None:
        return []
    return psutil.wait_procs(psutil.Process(program.pid).children(recursive=True), timeout=10)[1]


def _pair() -> tuple[socket.socket, socket.socket]:
    """Two ends of a line on which messages stay apart."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


@functools.cache
def _program() -> tuple[socket.socket | None, subprocess.Popen[bytes] | None]:
    """The line to the program below, one for each process of pytest; None where it can not be had."""
    if sys.platform != "linux":
        return None, None
    ours, theirs = _pair()
    with theirs:
        program = subprocess.Popen(
            [sys.executable, __file__, str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )
    return (ours if ours.recv(64) == b"ready" else None), program


def _serve(line: socket.socket) -> list[str] | None:
    """Copy this process for each request; the words of a command in a copy, None at the end."""
    gc.disable()
    for name in IMPORTED:
        importlib.import_module(name)
    if len(list(Path("/proc/self/task").iterdir())) != 1:
        return None  # a copy would lack a thread
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those who wait for the copies
    line.send(b"ready")
    while True:
        asked, files, *_ = socket.recv_fds(line, 1_048_576, 4)
        if not asked:
            return None
        if os.fork() == 0:
            line.close()
            return _begun(json.loads(asked), files)
        for file in files:
            os.close(file)


def _begun(asked: dict[str, Any], files: list[int]) -> list[str]:
    """Let a copy of this copy go on as the process that was asked for, wait for it and tell how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    *standard, ending = files
    if pid := os.fork():
        for file in (*standard, 0, 1, 2):
            os.close(file)
        with socket.socket(fileno=ending) as told:
            told.send(str(pid).encode())
            told.send(str(os.waitpid(pid, 0)[1]).encode())
        os._exit(0)
    for number, file in enumerate(standard):
        os.dup2(file, number)
    os.closerange(3, max(files) + 1)
    os.environ.clear()
    os.environ.update(asked["environment"])
    importlib.reload(importlib.import_module("towpath.commit_point"))  # it has read the environment
    random.seed()
    gc.enable()
    words: list[str] = asked["words"]
    return words


if __name__ == "__main__":
    if wanted := _serve(socket.socket(fileno=int(sys.argv[1]))):
        sys.argv = wanted
        runpy.run_module(wanted[0], run_name="__main__", alter_sys=True)
