"""The process that works on queries: nothing a person types runs inside the server itself.

DuckDB's memory limit does not count what a single function call builds (`repeat`, `lpad`, lists of a range), and such a
call hears no interruption. So the server gives each query to a process like this one, whose memory the system
limits, which may write one file of limited size, knows no secret of Towpath's, and is killed when its time is up.

Frames of pickled values come by standard input and go by standard output, each with its length before it; both ends
are ours.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import struct
import sys
from collections.abc import Callable
from typing import Any, BinaryIO, cast

__all__ = ["receive", "send"]

_LENGTH = struct.Struct(">I")
#: What a process has beside the memory of the query: parts being read, results being written.
_BESIDE = 1024 * 1024 * 1024


def send(stream: BinaryIO, value: Any) -> None:
    """Write one frame."""
    data = pickle.dumps(value)
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def receive(stream: BinaryIO) -> Any:
    """The next frame; None at the end of the stream."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    data = stream.read(length)
    return pickle.loads(data) if len(data) == length else None  # noqa: S301  # from our own process


def _limit(memory_mb: int, file_mb: int) -> None:
    """Have the system refuse what goes beyond; where it can not, DuckDB's own limits are left."""
    import resource

    with contextlib.suppress(OSError, ValueError):
        used = int(open("/proc/self/statm", encoding="ascii").read().split()[0]) * os.sysconf("SC_PAGE_SIZE")  # noqa: PTH123, SIM115  # a pseudo file, read once
        most = used + memory_mb * 1024 * 1024 + _BESIDE
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    for kind, most in ((resource.RLIMIT_FSIZE, file_mb * 1024 * 1024), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(kind, (most, most))


def _start_threads() -> None:
    """Let Arrow start its threads while their stacks are still granted."""
    import pyarrow as pa

    pa.set_cpu_count(2)
    pa.set_io_thread_count(2)
    pa.table({"a": list(range(1000))}).group_by("a", use_threads=True).aggregate([("a", "count")])


def _serve(source: BinaryIO, target: BinaryIO) -> None:
    from towpath.errors import TowpathError
    from towpath.features.explore import service  # noqa: F401  # the slow imports, before anybody waits
    from towpath.plugins import load

    first = receive(source)
    if first is None:
        return
    _start_threads()
    _limit(first["memory_mb"], first["file_mb"])
    send(target, {"ready": True})
    while (task := receive(source)) is not None:
        work = cast("Callable[..., dict[str, Any]]", load(task["target"]))
        try:
            send(target, {"done": work(**task["arguments"])})
        except TowpathError as error:
            send(target, {"error": type(error).__name__, "message": error.message})
        except MemoryError:
            send(target, {"error": "MemoryError", "message": ""})
        except OSError as error:
            # Arrow's own have no number: what it packs its buffers with found no memory, the disk is not to blame.
            kind = "OSError" if error.errno else "MemoryError"
            send(target, {"error": kind, "message": os.strerror(error.errno or 0)})
        except Exception as error:  # noqa: BLE001  # told, not lost: the server logs it
            send(target, {"error": "unexpected", "message": f"{type(error).__name__}: {error}"[:500]})


def main() -> None:
    """Work until standard input ends."""
    target = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not get between the frames
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        _serve(sys.stdin.buffer, target)


if __name__ == "__main__":
    main()
    os._exit(0)  # DuckDB's bindings complain at a tidy end
