"""The audit as CSV for spreadsheets and as JSON lines for programs, written as it is read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from towpath.features.audit.search import plain
from towpath.store import AuditEntry
from towpath.web.formulas import harmless

__all__ = ["COLUMNS", "as_csv", "as_json_lines"]

COLUMNS = (
    "number", "at", "actor", "action", "object", "result", "address", "details", "prev_hash", "hash",
)  # fmt: skip
_PORTION = 65_536


def as_csv(entries: Iterable[AuditEntry]) -> Iterator[str]:
    """A heading and the rows (RFC 4180); no cell can be run as a formula, an apostrophe stands before it."""
    held = io.StringIO()
    lines = csv.writer(held)
    lines.writerow(COLUMNS)
    for entry in entries:
        row = plain(entry)
        lines.writerow([_cell(row[name]) for name in COLUMNS])
        if held.tell() > _PORTION:
            yield held.getvalue()
            held.seek(0)
            held.truncate()
    yield held.getvalue()


def as_json_lines(entries: Iterable[AuditEntry]) -> Iterator[str]:
    """One object a line."""
    for entry in entries:
        yield orjson.dumps(plain(entry), option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z).decode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return harmless(value)
    return harmless(orjson.dumps(value, option=orjson.OPT_UTC_Z).decode().strip('"'))
