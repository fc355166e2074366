"""The sandbox Odoo of the demo, run as a process of its own, as any other Odoo would be."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from towpath.errors import TimedOutError

__all__ = ["DemoOdoo"]

#: Seconds until the sandbox must be ready; its database is built at the first start.
PATIENCE = 120.0


class DemoOdoo:
    """Starts ``towpath sandbox odoo`` and stops it at the end of the ``with`` block."""

    def __init__(self, home: Path, version: str, data: str = "demo") -> None:
        self._home = home
        self._version = version
        self._data = data
        self._process: subprocess.Popen[str] | None = None
        self.url = ""
        self.key = "key-admin"

    def __enter__(self) -> Self:
        """Start the sandbox and wait until it answers.

        :raises TimedOutError: it did not get ready.
        """
        command = [sys.executable, "-m", "towpath", "sandbox", "odoo", "--json", "--port", "0"]
        command += ["--version", self._version, "--data", self._data, "--home", str(self._home)]
        self._process = subprocess.Popen(  # noqa: S603  # our own command with our own arguments
            command,
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            start_new_session=True,
        )
        try:
            self.url = self._ready(self._process)
        except BaseException:
            self._stop()
            raise
        return self

    def _ready(self, process: subprocess.Popen[str]) -> str:
        """Address from the line of JSON the sandbox prints when it is ready."""
        out = process.stdout
        if out is None:
            raise TimedOutError("The sandbox Odoo could not be started.")
        deadline = time.monotonic() + PATIENCE
        with selectors.DefaultSelector() as waiting:
            waiting.register(out, selectors.EVENT_READ)
            while time.monotonic() < deadline and waiting.select(deadline - time.monotonic()):
                line = out.readline()
                if not line:
                    break
                if line.startswith("{"):
                    return str(json.loads(line)["url"])
        raise TimedOutError("The sandbox Odoo did not get ready; try `towpath sandbox odoo` to see why.")

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the sandbox and wait until it is gone."""
        self._stop()

    def _stop(self) -> None:
        process = self._process
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
