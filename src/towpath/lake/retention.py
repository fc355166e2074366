"""How long old states of a table can be read: lengths of time as people write them, and as Delta keeps them.

Two properties decide: `delta.logRetentionDuration` (how long the log tells of a state) and
`delta.deletedFileRetentionDuration` (how long its files stay); a state is there as long as both are
(features S2.18). Delta knows weeks to microseconds, so months and years are written as days.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from towpath.errors import InputError

__all__ = ["FILES", "LOG_ENTRIES", "checked", "gone", "kept_files", "kept_log", "retention"]

LOG_ENTRIES = "delta.logRetentionDuration"
FILES = "delta.deletedFileRetentionDuration"
_DEFAULTS = {LOG_ENTRIES: "interval 30 days", FILES: "interval 7 days"}
_SECONDS = {
    "millisecond": 0.001, "second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800,
    "month": 2_592_000, "year": 31_536_000,
}  # fmt: skip
_SHORT = {
    "ms": "millisecond", "s": "second", "sec": "second", "m": "minute", "min": "minute", "h": "hour", "hr": "hour",
    "d": "day", "w": "week", "mo": "month", "y": "year",
}  # fmt: skip
_INTERVAL = re.compile(r"\s*(?:interval\s+)?(\d{1,18}|an?|one)\s*([a-z]+)\s*", re.IGNORECASE | re.ASCII)
_LONGEST = 100 * 31_536_000


def retention(text: str) -> float:
    """Seconds of a length of time: `30 days`, `15m`, `a week`, `interval 12 hours`; InputError for others.

    A month is 30 days, a year 365. More than a hundred years is taken for a mistake.
    """
    number, unit = _split(text)
    seconds = number * _SECONDS[unit]
    if seconds > _LONGEST:
        raise InputError(f"{text!r} is more than a hundred years; write it like '30 days' or '12 hours'.")
    return seconds


def _split(text: str) -> tuple[int, str]:
    found = _INTERVAL.fullmatch(text)
    word = found[2].lower() if found else ""
    word = word if word in _SHORT or len(word) < 3 else word.removesuffix("s")
    unit = _SHORT.get(word, word)
    if found is None or unit not in _SECONDS:
        raise InputError(f"{text!r} is no length of time; write it like '30 days' or '12 hours'.")
    return int(found[1]) if found[1].isdigit() else 1, unit


def checked(properties: Mapping[str, str] | None) -> dict[str, str] | None:
    """Table properties as they are to be stored: lengths of time in Delta's words, the others as given.

    Raises InputError for a retention that is none, since every later upkeep would stumble over it.
    """
    if properties is None:
        return None
    return {name: _delta_words(value) if name in _DEFAULTS else value for name, value in properties.items()}


def _delta_words(text: str) -> str:
    retention(text)
    number, unit = _split(text)
    if unit in {"month", "year"}:
        number, unit = round(number * _SECONDS[unit] / _SECONDS["day"]), "day"
    return f"interval {number} {unit}{'' if number == 1 else 's'}"


def kept_log(configuration: Mapping[str, str]) -> float:
    """Seconds for which the log tells of old states."""
    return retention(configuration.get(LOG_ENTRIES) or _DEFAULTS[LOG_ENTRIES])


def kept_files(configuration: Mapping[str, str]) -> float:
    """Seconds for which files stay that are no part of the table any more."""
    return retention(configuration.get(FILES) or _DEFAULTS[FILES])


def gone(what: str, configuration: Mapping[str, str]) -> InputError:
    """The error for a state that is not there any more: `what` (such as `Version 3`), how long, and by what."""
    name = LOG_ENTRIES if kept_log(configuration) <= kept_files(configuration) else FILES
    number, unit = _split(configuration.get(name) or _DEFAULTS[name])
    length = f"{number} {unit}{'' if number == 1 else 's'}"
    return InputError(
        f"{what} of the table is not kept any more, since old states stay for {length} ({name}); "
        "take a newer one (towpath catalog show lists them)."
    )
