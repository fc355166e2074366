"""Adding streams: many in one go, each with its own settings; all of them or, when one is not right, none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from towpath.access import who
from towpath.errors import GiveUpError, InputError, RightMissingError, SkipRecordError, TowpathError
from towpath.features.connections import service as connections
from towpath.features.connections.service import Connection
from towpath.features.replicate import choice as choices
from towpath.features.replicate import streams
from towpath.features.replicate.children import children_of
from towpath.features.replicate.choice import Choice
from towpath.features.replicate.editing import after_columns, checked, now_of
from towpath.features.replicate.places import check_beside
from towpath.features.replicate.streams import Stream
from towpath.hub import Hub

if TYPE_CHECKING:
    import sqlalchemy as sa

    from towpath.odoo import ModelInfo, Odoo

__all__ = ["Added", "add", "add_many"]


@dataclass(slots=True, kw_only=True)
class Added:
    """What became of streams that were to be added."""

    #: In the order asked for; models of lines follow. As they would be, where there are problems.
    streams: list[Stream] = field(default_factory=list)
    #: Place in the list asked for -> what is wrong with it.
    problems: dict[int, TowpathError] = field(default_factory=dict)
    #: Id of a stream -> its place in the list asked for; that of its parent for a model of lines.
    places: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    place: int
    model: str
    choice: Choice


def add(hub: Hub, connection: str, models: Sequence[str], choice: Choice) -> list[Stream]:
    """Add a stream for each model with the same settings; all of them or, when one is not right, none.

    With ``choice.children`` also for the models of their lines, which follow in the list.

    :raises InputError: a model, field, filter, name, table or setting is not valid, with what to do.
    """
    if choice.table_name and len(models) != 1:
        raise InputError("A table name can be given for one model at a time; use a prefix for several.")
    with hub.store.begin() as db:
        choices.stored(choice, now_of(db))  # what can be seen without Odoo is told first, whatever the models
    added = add_many(hub, connection, [(name, choice) for name in dict.fromkeys(models)])
    for place in sorted(added.problems):
        raise added.problems[place]
    return added.streams


def add_many(
    hub: Hub,
    connection: str,
    items: Sequence[tuple[str, Choice]],
    *,
    keep: bool = True,
    takes: Callable[[Stream], None] | None = None,
) -> Added:
    """Add streams, each with its own settings; none of them when one has a problem.

    :param keep: False only looks whether they could be added.
    :param takes: refuses the place that a stream would take; see :func:`towpath.features.replicate.places.takes`.
    :raises TowpathError: the connection can not be used.
    """
    known = connections.find(hub, connection)
    added = Added()
    with hub.store.begin() as db:
        taken = {stream.model for stream in streams.listed(db, connection_id=known.id)}
        now = now_of(db)
    for place, (_, choice) in enumerate(items):
        try:
            choices.stored(choice, now)
        except InputError as problem:
            added.problems[place] = problem
    wanted = [
        _Wanted(place=place, model=name, choice=choice)
        for place, (name, choice) in enumerate(items)
        if place not in added.problems
    ]
    if wanted:
        with connections.open_odoo(hub, known.id) as odoo:
            wanted = _seen(odoo, known.name, wanted, taken, added.problems)
    with hub.store.begin() as db:
        trial = db.begin_nested()
        for one in wanted:
            try:
                stream = _insert(db, known, one)
                check_beside(db, stream)
                if takes is not None:
                    takes(stream)
            except (InputError, RightMissingError) as problem:
                added.problems.setdefault(one.place, problem)
            else:
                added.streams.append(stream)
                added.places[stream.id] = one.place
        if added.problems or not keep:
            trial.rollback()
            return added
        trial.commit()
        for stream in added.streams:
            hub.store.audit(who(), "stream.add", f"stream/{stream.path}", connection=db)
    return added


def _seen(
    odoo: Odoo,
    connection: str,
    wanted: Sequence[_Wanted],
    taken: set[str],
    problems: dict[int, TowpathError],
) -> list[_Wanted]:
    """Those that Odoo knows as they are described, followed by the models of their lines where these are wanted."""
    listed = {model.name: model for model in odoo.models()}
    right, lines, asked = [], [], {one.model for one in wanted}
    for one in wanted:
        if one.model not in listed and not _answers(odoo, one.model):
            problems[one.place] = InputError(_no_model(one.model, listed, connection))
            continue
        right.append(one)
        if not one.choice.needs_model:
            continue
        try:
            model = checked(odoo, one.model, one.choice)
        except (InputError, RightMissingError) as problem:
            problems[one.place] = problem
            continue
        for _, child in children_of(model, one.choice.fields) if one.choice.children else ():
            if _usable(listed, child) and child not in taken and child not in asked:
                asked.add(child)
                lines.append(_Wanted(place=one.place, model=child, choice=one.choice.for_children()))
    return [*right, *lines]


def _usable(listed: Mapping[str, ModelInfo], name: str) -> bool:
    about = listed.get(name)
    return about is not None and not (about.abstract or about.transient or about.readable is False)


def _insert(db: sa.Connection, known: Connection, one: _Wanted) -> Stream:
    choice = one.choice
    return streams.add(
        db,
        connection_id=known.id,
        model=one.model,
        layer=choice.layer or "raw",
        folder=choice.folder or known.name,
        table_name=choice.table_name or streams.table_name_of(one.model, choice.prefix or ""),
        **choices.stored(choice, now_of(db)),
        **after_columns(db, choice.after, None),
    )


def _answers(odoo: Odoo, model: str) -> bool:
    """Whether a model that is not listed exists all the same: users without rights get a short list."""
    try:
        return bool(odoo.fields_get(model, ["id"], ["type"]))
    except RightMissingError:
        return True  # it exists; the run will name the right that is missing
    except (GiveUpError, SkipRecordError, InputError):
        return False


def _no_model(name: str, known: Iterable[str], connection: str) -> str:
    import difflib

    near = difflib.get_close_matches(name, list(known), n=1)
    hint = f"did you mean {near[0]}?" if near else f"see `towpath stream discover --connection {connection}`."
    return f"There is no model '{name}' that this user may know; {hint}"
