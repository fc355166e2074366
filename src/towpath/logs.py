"""Logging: one event name and keys per line, to standard error, with every live secret cut out.

``set_up`` is called once by a command; before that nothing is configured and structlog is not imported.
All libraries' records go the same way. Redaction happens on the finished line, so no path leads round it.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, TextIO
from urllib.parse import unquote, urlsplit

from towpath.secrets.redaction import redact, redactor
from towpath.settings import Settings

__all__ = ["bound", "get_logger", "guard_settings", "set_up"]

# libraries that tell at INFO what only their developers want to know
_CHATTY = ("alembic", "asyncio", "dbos", "httpcore", "httpx2", "sqlalchemy", "urllib3", "uvicorn.access")
_SECRET_OPTION = ("secret", "key", "token", "password", "credential")


def set_up(settings: Settings, *, json_lines: bool | None = None) -> None:
    """Log to standard error as the settings say; ``json_lines`` (a command's ``--json``) has the last word.

    May be repeated. Also makes uncaught exceptions print without secrets.
    """
    import structlog

    guard_settings(settings)
    as_json = json_lines if json_lines is not None else _wants_json(settings.log_format)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    if as_json:
        shared.append(structlog.processors.format_exc_info)
        last: Any = structlog.processors.JSONRenderer(default=str)
    else:
        last = structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    handler = _StandardError()
    handler.setFormatter(
        _RedactingFormatter(
            structlog.stdlib.ProcessorFormatter(
                foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
                processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
            )
        )
    )
    root = logging.getLogger()
    for old in [known for known in root.handlers if isinstance(known, _StandardError)]:
        root.removeHandler(old)
    root.addHandler(handler)
    level = getattr(logging, settings.log_level.upper())
    root.setLevel(level)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(
            max(level, logging.WARNING) if level > logging.DEBUG else logging.DEBUG
        )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    sys.excepthook = _show_uncaught
    threading.excepthook = _show_uncaught_in_thread


def get_logger(name: str = "towpath") -> Any:
    """A structlog logger: ``get_logger(__name__).info("stream_read", model="res.partner", rows=10)``."""
    import structlog

    return structlog.stdlib.get_logger(name)


@contextmanager
def bound(**keys: Any) -> Iterator[None]:
    """Add keys, such as ``run="..."``, to every line logged by this thread inside the block."""
    import structlog

    with structlog.contextvars.bound_contextvars(**keys):
        yield


def guard_settings(settings: Settings) -> None:
    """Have the redactor know the secrets that stand in the settings."""
    if settings.database_url is not None:
        address = settings.database_url.get_secret_value()
        try:
            password = urlsplit(address).password
        except ValueError:
            password = None
        redactor.add(password)
        redactor.add(unquote(password) if password else None)
    if settings.master_key is not None:
        for word in settings.master_key.get_secret_value().replace(",", " ").split():
            redactor.add(word)
    for name, value in settings.storage_options.items():
        if any(part in name.lower() for part in _SECRET_OPTION):
            redactor.add(value)


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes to what ``sys.stderr`` is at that moment."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:
        return sys.stderr

    @stream.setter
    def stream(self, value: TextIO) -> None:
        """StreamHandler sets it; ours follows sys.stderr."""


class _RedactingFormatter(logging.Formatter):
    """A formatter around another one."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        return redact(self._inner.format(record))


def _wants_json(log_format: str) -> bool:
    return log_format == "json" or (log_format == "auto" and not sys.stderr.isatty())


def _show_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    sys.stderr.write(redact("".join(traceback.format_exception(kind, error, trace))))


def _show_uncaught_in_thread(given: threading.ExceptHookArgs) -> None:
    if given.exc_value is not None and given.exc_type is not SystemExit:
        _show_uncaught(given.exc_type, given.exc_value, given.exc_traceback)
