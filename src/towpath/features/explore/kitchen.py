"""One process that works on queries, seen from the server: started, asked, and killed when it must be."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, cast

import towpath
from towpath import errors
from towpath.errors import DamagedError, InputError, ServerBusyError, TowpathError
from towpath.features.explore.answering import receive, send
from towpath.logs import get_logger

__all__ = ["Kitchen", "StoppedError"]

log = get_logger(__name__)

#: Seconds beyond a query's own limit before its process is killed: DuckDB's own stop tells more.
_GRACE = 3.0
_START = 60.0
#: How much the process gives way to the server (POSIX nice).
_NICE = 10


class StoppedError(TowpathError):
    """Whoever asked does not want the answer any more."""


class Kitchen:
    """A process of `answering`; not to be used by two threads at once."""

    def __init__(self, *, memory_mb: int, file_mb: int) -> None:
        self.memory_mb = memory_mb
        self.file_mb = file_mb
        self._process: subprocess.Popen[bytes] | None = None

    def work(
        self,
        target: str,
        arguments: Mapping[str, Any],
        *,
        seconds: float,
        stopped: Callable[[], bool] = lambda: False,
    ) -> dict[str, Any]:
        """Let it do `target` (``module:function``) and give what that returns.

        :raises InputError: what the work said, or it took too much time or memory.
        :raises StoppedError: `stopped` turned true meanwhile.
        """
        process = self._started()
        try:
            send(_pipe(process.stdin), {"target": target, "arguments": dict(arguments)})
            answer = self._heard(process, time.monotonic() + seconds + _GRACE, stopped)
        except TimeoutError:
            self.close()
            raise InputError(
                f"The query took longer than {seconds:g} seconds and was stopped; ask for less."
            ) from None
        except BrokenPipeError:
            answer = None
        except BaseException:
            self.close()
            raise
        if answer is None:  # it died: the system refused it memory, or another process killed it
            self.close()
            raise self._too_much()
        if "done" in answer:
            return cast("dict[str, Any]", answer["done"])
        kind, message = answer["error"], answer["message"]
        if kind == "MemoryError":
            self.close()
            raise self._too_much()
        if kind == "unexpected":
            self.close()  # whatever state it is in
            log.error("query_failed", error=message)
            raise DamagedError("The query met something Towpath did not expect; the server's log has more.")
        if kind == "OSError":
            raise ServerBusyError(f"The answer can not be kept ({message}); make room on the disk.")
        raise getattr(errors, kind, InputError)(message)

    def close(self) -> None:
        """Kill the process; the next work starts another."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.close()
        # Keys and the addresses of the database are nothing to it.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TOWPATH_")}
        ours = str(Path(towpath.__file__).parent.parent)  # it is to run the same Towpath as this process
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [ours, environment.get("PYTHONPATH")]))
        environment["MALLOC_ARENA_MAX"] = "2"  # else each thread reserves what the limit then lacks
        self._process = subprocess.Popen(  # our own module
            [sys.executable, "-P", "-m", "towpath.features.explore.answering"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            start_new_session=True,  # Ctrl-C is for the server, which ends it in order
        )
        # Who looks at a page does not wait for somebody's large query.
        os.setpriority(os.PRIO_PROCESS, self._process.pid, _NICE)
        send(_pipe(self._process.stdin), {"memory_mb": self.memory_mb, "file_mb": self.file_mb})
        if self._heard(self._process, time.monotonic() + _START, lambda: False) is None:
            self.close()
            raise ServerBusyError("The process for queries does not start; see the server's log.")
        return self._process

    @staticmethod
    def _heard(process: subprocess.Popen[bytes], end: float, stopped: Callable[[], bool]) -> Any:
        """The next answer; None when the process ended without one."""
        pipe = _pipe(process.stdout)
        while not select.select([pipe], [], [], 0.1)[0]:
            if stopped():
                raise StoppedError("The query was stopped.")
            if time.monotonic() > end:
                raise TimeoutError
        return receive(pipe)

    def _too_much(self) -> InputError:
        log.warning("query_needs_too_much_memory", limit_mb=self.memory_mb)
        return InputError(
            f"The query needs more than {self.memory_mb} MB of memory and was stopped; "
            "ask for less or raise TOWPATH_SQL_MEMORY_MB."
        )


def _pipe(pipe: Any) -> BinaryIO:
    return cast("BinaryIO", pipe)
