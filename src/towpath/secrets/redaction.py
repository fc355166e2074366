"""Redaction by value: whatever text is about to leave the process, live secrets are cut out of it.

A registry knows every secret value the process has touched, and the forms such a value takes in other texts:
as base64 (also in the middle of a longer encoded text, such as ``login:key`` of Basic authentication),
URL-encoded, as JSON and as a Python literal.
"""

from __future__ import annotations

import base64
import json
import logging
import re
import threading
import traceback
from collections.abc import Iterator, MutableMapping
from typing import Any
from urllib.parse import quote, quote_plus

__all__ = ["REDACTED", "RedactingFilter", "Redactor", "redact", "redact_event", "redactor"]

REDACTED = "***"
_SHORTEST = 4  # characters; shorter ones would cut pieces out of ordinary words
_SHORTEST_BASE64 = 8
_MOST = 20_000


class Redactor:
    """A thread-safe set of secret values; ``redact`` replaces each by ``***``."""

    def __init__(self) -> None:
        self._values: dict[str, None] = {}
        self._pattern: re.Pattern[str] | None = None
        self._guard = threading.Lock()

    def add(self, value: str | None) -> None:
        """From now on cut this value out. Values under four characters are not taken."""
        if not value or len(value) < _SHORTEST:
            return
        with self._guard:
            if value in self._values:
                return
            if len(self._values) >= _MOST:  # the oldest goes; no process holds that many connections
                self._values.pop(next(iter(self._values)))
            self._values[value] = None
            self._pattern = None

    def forget(self, value: str) -> None:
        """Stop cutting this value out."""
        with self._guard:
            self._values.pop(value, None)
            self._pattern = None

    def redact(self, text: str) -> str:
        """The text without any live secret."""
        pattern = self._pattern or self._compile()
        return pattern.sub(REDACTED, text) if pattern else text

    def redact_any(self, value: Any) -> Any:
        """The same for texts inside dicts, lists, tuples and sets; other values stay as they are."""
        if isinstance(value, str):
            return self.redact(value)
        if isinstance(value, bytes):
            return self.redact(value.decode("utf-8", "replace"))
        if isinstance(value, dict):
            return {self.redact_any(key): self.redact_any(item) for key, item in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.redact_any(item) for item in value]
        if isinstance(value, BaseException):
            return self.redact(repr(value))
        return value

    def _compile(self) -> re.Pattern[str] | None:
        with self._guard:
            if not self._values:
                return None
            forms = {form for value in self._values for form in _forms(value)}
            alternatives = sorted(forms, key=lambda form: (-len(form), form))
            self._pattern = re.compile("|".join(map(re.escape, alternatives)))
            return self._pattern


def _forms(value: str) -> Iterator[str]:
    yield value
    yield quote(value, safe="")
    yield quote(value)
    yield quote_plus(value)
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield repr(value)[1:-1]
    raw = value.encode("utf-8", "surrogatepass")
    for shift in range(3):
        # the characters that depend on this value alone, wherever it stands in the encoded text
        encoded = base64.b64encode(b"\0" * shift + raw)
        first = (0, 2, 3)[shift]
        last = (shift + len(raw)) * 8 // 6
        piece = encoded[first:last].decode("ascii")
        if len(piece) >= _SHORTEST_BASE64:
            yield piece
            yield piece.replace("+", "-").replace("/", "_")


redactor = Redactor()
"""The registry of this process."""


def redact(text: str) -> str:
    """The text without any secret this process has touched."""
    return redactor.redact(text)


def redact_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor that redacts every value of the event."""
    for key, value in event.items():
        event[key] = redactor.redact_any(value)
    return event


class RedactingFilter(logging.Filter):
    """Redacts standard logging records: message, arguments and the traceback's text."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place; it always passes."""
        record.msg = redact(record.getMessage())
        record.args = ()
        if record.exc_info and record.exc_info[1] is not None and not record.exc_text:
            record.exc_text = "".join(traceback.format_exception(record.exc_info[1])).rstrip()
        if record.exc_text:
            record.exc_text = redact(record.exc_text)
            record.exc_info = None
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
        return True
