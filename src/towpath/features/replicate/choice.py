"""How a stream is to be kept, in the words people give, and what is stored of them.

The same words serve for a new stream and for a change: what is None was not said, and stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from towpath.errors import InputError
from towpath.features.replicate import schedule
from towpath.features.replicate.schedule import Schedule
from towpath.features.replicate.settings_named import about
from towpath.features.replicate.streams import Stream
from towpath.lake.retention import retention
from towpath.odoo import masking
from towpath.odoo.schema import Model

__all__ = ["ALL", "NEVER", "Choice", "check", "stored"]

#: Words that take a setting away again.
NEVER = frozenset({"never", "none", "default", "off"})
#: The word for what Towpath does when nothing is said.
USUAL = "default"
#: What is stored for all many2many fields.
ALL = "*"
#: Longest overlap and the shortest time between two complete comparisons, in seconds.
_LONGEST_OVERLAP = 7 * 86_400
_LEAST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The settings of a stream as they are typed; ``docs/streams.md`` tells them one by one."""

    #: None: ``raw`` for a new stream.
    layer: str | None = None
    #: None: the connection's name for a new stream.
    folder: str | None = None
    prefix: str | None = None
    #: Only for a single model.
    table_name: str | None = None
    sync_type: str | None = None
    #: Empty: the model's default fields.
    fields: Sequence[str] | None = None
    #: Empty: all records.
    filter: str | None = None
    description: str | None = None
    #: One of these five says when it runs.
    every: str | None = None
    cron: str | None = None
    at: str | None = None
    after: str | None = None
    manual: bool = False
    #: Time zone of all times given or, alone, of those that are set.
    tz: str | None = None
    full_every: str | None = None
    full_cron: str | None = None
    retention: str | None = None
    history: bool | None = None
    #: Field -> ``hash``, ``drop``, ``truncate:N``, ``no-name``; ``plain`` takes a mask away.
    masks: Mapping[str, str] | None = None
    #: Names, ``["all"]`` or ``["none"]``.
    links: Sequence[str] | None = None
    links_every: str | None = None
    names_every: str | None = None
    refresh_every: str | None = None
    overlap: str | None = None
    #: For new streams: the one2many child models too.
    children: bool = False

    @property
    def needs_model(self) -> bool:
        """Whether the fields of the model have to be known to check it."""
        given = (self.fields, self.filter, self.masks, self.links, self.refresh_every)
        return self.children or any(bool(value) for value in given)

    def for_children(self) -> Choice:
        """What of it holds for the models of the lines too: all but what names fields or one table."""
        return replace(
            self, fields=None, filter=None, description=None, table_name=None, masks=None, links=None,
            links_every=None, refresh_every=None, children=False,
        )  # fmt: skip


def stored(choice: Choice, now: datetime, before: Stream | None = None) -> dict[str, Any]:
    """The columns that a choice sets, place and ``after`` apart.

    :raises InputError: a word is not valid, or two contradict each other.
    """
    columns: dict[str, Any] = {}
    if choice.sync_type is not None:
        columns["sync_type"] = choice.sync_type.upper()
    if choice.fields is not None:
        columns["fields"] = list(dict.fromkeys(choice.fields)) or None
    if choice.filter is not None:
        columns["filter"] = choice.filter.strip() or None
    if choice.description is not None:
        columns["description"] = choice.description
    if choice.history is not None:
        columns["history"] = choice.history
    if choice.masks is not None:
        given = {name: how.strip().lower() for name, how in choice.masks.items()}
        masks = {**(before.masks if before else {}), **given}
        columns["masks"] = {name: how for name, how in masks.items() if how != "plain"}
    if choice.links is not None:
        columns["links"] = _links(choice.links)
    if choice.retention is not None:
        columns["retention"] = None if _never(choice.retention) else choice.retention.strip()
        with about("retention"):
            retention(columns["retention"] or "1 day")
    for column, name in (
        ("links_seconds", "links_every"),
        ("names_seconds", "names_every"),
        ("refresh_seconds", "refresh_every"),
    ):
        text: str | None = getattr(choice, name)
        if text is not None:
            with about(name):
                columns[column] = _interval(text)
    if choice.overlap is not None:
        with about("overlap"):
            columns["overlap_seconds"] = None if _never(choice.overlap) else _overlap(choice.overlap)
    return columns | _times(choice, now, before)


def _links(given: Sequence[str]) -> list[str] | None:
    words = [word.lower() for word in given]
    if words in (["all"], [ALL]):
        return [ALL]
    return None if not words or words == ["none"] else list(dict.fromkeys(given))


def _never(text: str) -> bool:
    return text.strip().lower() in NEVER


def _interval(text: str) -> int | None:
    """Seconds between two complete comparisons; 0 for never, None for the usual ones."""
    if _never(text):
        return None if text.strip().lower() == USUAL else 0
    seconds = retention(text)
    if seconds < _LEAST:
        raise InputError(f"'{text}' is too short for reading all of a model again; give a minute or more.")
    return int(seconds)


def _overlap(text: str) -> int:
    seconds = retention(text)
    if seconds > _LONGEST_OVERLAP:
        raise InputError(
            f"An overlap of '{text}' is too long; give a week or less, or add an additional full sync."
        )
    return int(seconds)


def _times(choice: Choice, now: datetime, before: Stream | None) -> dict[str, Any]:
    """The columns of both schedules."""
    ways = {
        "--every": choice.every, "--cron": choice.cron, "--at": choice.at, "--after": choice.after,
        "--manual": choice.manual or None,
    }  # fmt: skip
    given = [name for name, value in ways.items() if value is not None]
    if len(given) > 1:
        raise InputError(f"{given[0]} and {given[1]} contradict each other; a stream runs in one way.")
    if choice.full_every and choice.full_cron:
        raise InputError("--full-every and --full-cron contradict each other; give one of them.")
    columns: dict[str, Any] = {}
    with about(next((name for name in ("every", "cron", "at") if getattr(choice, name)), "tz")):
        runs = _planned(
            before.schedule if before else None, choice.every, choice.cron, choice.at, choice.tz, now
        )
    if choice.manual or choice.after is not None:
        columns |= {"schedule": None, "next_run_at": None}
    elif runs is not None:
        # A new stream has nothing yet: one that runs every so often begins at once.
        first = now if before is None and choice.every else runs.next_after(now)
        columns |= {"schedule": runs.to_json(), "next_run_at": first}
    if choice.manual or runs is not None:
        columns["after_stream_id"] = None
    if choice.full_every and _never(choice.full_every):
        return columns | {"full_schedule": None, "next_full_at": None}
    with about("full_cron" if choice.full_cron else "full_every" if choice.full_every else "tz"):
        full = _planned(
            before.full_schedule if before else None,
            choice.full_every,
            choice.full_cron,
            None,
            choice.tz,
            now,
        )
    if full is not None:
        columns |= {"full_schedule": full.to_json(), "next_full_at": full.next_after(now)}
    if choice.tz is not None and not runs and not full:
        raise InputError("--tz is the time zone of times; give it with --cron, --at, --every or --full-cron.")
    return columns


def _planned(
    before: Mapping[str, Any] | None,
    every: str | None,
    cron: str | None,
    at: str | None,
    tz: str | None,
    now: datetime,
) -> Schedule | None:
    """The schedule that was given; or the one that is set, in a new time zone; or None."""
    zone = tz or (before["tz"] if before else "UTC")
    if every:
        return schedule.every(every, anchor=now, tz=zone)
    if cron:
        return schedule.cron(cron, tz=zone)
    if at:
        return schedule.daily(at, tz=zone)
    if tz and before:
        schedule.zone(tz)
        return schedule.from_json({**before, "tz": tz})
    return None


def check(choice: Choice, model: Model, before: Stream | None = None) -> None:
    """See that what a choice says of fields is true of the model.

    :raises InputError: a field does not exist, or can not be treated so.
    """
    wanted = choice.fields if choice.fields is not None else before.fields if before else None
    # What was chosen before may be gone from the model since; the runs tell that, and go on.
    with about("fields"):
        fields = (
            model.choose(choice.fields or None)
            if choice.fields is not None or before is None
            else tuple(name for name in wanted or model.default_fields() if name in model.fields)
        )
    with about("masks"):
        for name, how in (choice.masks or {}).items():
            if how.strip().lower() != "plain":  # also of a field that is gone
                masking.check(model, name, how)
    with about("links"):
        _check_links(choice, model)
    refreshed = choice.refresh_every is not None and not _never(choice.refresh_every)
    if refreshed and not any(model.fields[name].stampless for name in fields):
        raise InputError(
            f"All fields that are read of {model.name} are stored and need no refresh; "
            "leave out the refresh, or choose computed fields or lists of lines.",
            details={"setting": "refresh_every"},
        )


def _check_links(choice: Choice, model: Model) -> None:
    for name in _links(choice.links or []) or []:
        if name == ALL:
            continue
        if name not in model.fields:
            raise InputError(model.missing(name))
        if model.fields[name].type != "many2many":
            raise InputError(
                f"'{name}' of {model.name} is no many2many field; only those become link tables."
            )
