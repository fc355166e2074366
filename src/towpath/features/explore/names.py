"""Which table a name in a query means.

``account_move`` where the name is unique in the catalog, else ``folder.account_move``,
``layer.account_move`` or ``layer.folder.account_move``. With ``__all`` at the end rows found gone from
Odoo are there too, with ``__deleted`` they alone, with ``__history`` every state of every row that is kept. Upper and
lower case are the same, as everywhere in SQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from towpath.errors import InputError, NotFoundError
from towpath.features.explore.asof import AsOf
from towpath.features.explore.guard import Reference, one_line
from towpath.lake.catalog import TableRef

__all__ = [
    "ALL_SUFFIX",
    "DELETED_SUFFIX",
    "HISTORY_SUFFIX",
    "Resolved",
    "find",
    "find_one",
    "resolve",
    "short_names",
]

ALL_SUFFIX = "__all"
DELETED_SUFFIX = "__deleted"
HISTORY_SUFFIX = "__history"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A name of the query and the table it means."""

    reference: Reference
    table: TableRef
    deleted: bool
    """Rows found gone are asked for as well."""
    at: AsOf | None = None
    """The state asked for; None for the newest."""
    history: bool = False
    """Earlier states of the rows are asked for as well."""
    only_deleted: bool = False
    """Rows found gone are asked for and no others."""


def find(reference: Reference, tables: Sequence[TableRef], as_of: AsOf | None = None) -> Resolved:
    """The table a reference means, in the state it asks for itself or else in that of `as_of`.

    InputError when no table of that name is there, or several are.
    """
    for suffix in ("", ALL_SUFFIX, DELETED_SUFFIX, HISTORY_SUFFIX):
        if not reference.table.casefold().endswith(suffix):
            continue
        name = reference.table[: len(reference.table) - len(suffix)]
        hits = [table for table in tables if _means(reference, name, table)]
        if len(hits) == 1:
            return Resolved(
                reference=reference,
                table=hits[0],
                deleted=bool(suffix),
                at=reference.at or as_of,
                history=suffix == HISTORY_SUFFIX,
                only_deleted=suffix == DELETED_SUFFIX,
            )
        if hits:
            places = ", ".join(sorted(_dotted(table) for table in hits))
            raise InputError(
                f"Several tables bear the name {one_line(reference.text)}; write one of: {places}."
            )
    raise InputError(_unknown(reference.text, tables))


def _means(reference: Reference, name: str, table: TableRef) -> bool:
    if table.name.casefold() != name.casefold():
        return False
    if reference.catalog:
        return (
            reference.catalog.casefold() == table.layer.casefold()
            and reference.schema.casefold() == table.folder.casefold()
        )
    if reference.schema:
        return reference.schema.casefold() in {table.folder.casefold(), table.layer.casefold()}
    return True


def find_one(text: str, tables: Sequence[TableRef]) -> TableRef:
    """The table people mean by ``account_move``, ``raw/demo/account_move`` or the model ``account.move``.

    Raises NotFoundError or InputError with near names.
    """
    return resolve(text, tables).table


def resolve(text: str, tables: Sequence[TableRef], as_of: AsOf | None = None) -> Resolved:
    """Like `find_one`, with what the end of the name asks for (``__all``, ``__deleted``, ``__history``)."""
    by_model = [table for table in tables if table.model == text]
    if len(by_model) == 1:
        return Resolved(reference=Reference(table=text), table=by_model[0], deleted=False, at=as_of)
    parts = text.replace("/", ".").split(".")
    if len(parts) > 3 or not all(parts):
        raise NotFoundError(_unknown(text, tables))
    catalog, schema, table = ["", "", *parts][-3:]
    try:
        return find(Reference(catalog=catalog, schema=schema, table=table), tables, as_of)
    except InputError as error:
        raise (NotFoundError(error.message) if "no table" in error.message else error) from None


def short_names(tables: Iterable[TableRef]) -> dict[TableRef, str]:
    """For each table the shortest name a query can use for it."""
    known = list(tables)
    names: dict[TableRef, str] = {}
    for table in known:
        same = [other for other in known if other.name.casefold() == table.name.casefold()]
        beside = [other for other in same if other.folder.casefold() == table.folder.casefold()]
        if len(same) == 1:
            names[table] = table.name
        elif len(beside) == 1:
            names[table] = f"{table.folder}.{table.name}"
        else:
            names[table] = _dotted(table)
    return names


def _dotted(table: TableRef) -> str:
    return table.path.replace("/", ".")


def _unknown(text: str, tables: Sequence[TableRef]) -> str:
    """A sentence with the names that come near."""
    shown = one_line(text)
    if not tables:
        return f"There is no table {shown}, nor any other yet; add a stream and run it: towpath stream add, towpath sync run."
    by_model = [table.name for table in tables if table.model == text]
    wanted = text.rpartition(".")[2].casefold()
    names = {table.name.casefold(): table.name for table in tables}
    near = by_model or [
        names[name]
        for name in dict.fromkeys(
            [
                *get_close_matches(text.replace(".", "_").casefold(), names, n=3, cutoff=0.6),
                *get_close_matches(wanted, names, n=3, cutoff=0.6),
                *sorted(name for name in names if len(wanted) > 2 and wanted in name)[:3],
            ]
        )
    ]
    if near:
        return f"There is no table {shown}; did you mean {' or '.join(near[:3])}?"
    return f"There is no table {shown}; towpath catalog ls lists those there are."
