"""Under which names a table has the columns of a stream: a name once given is kept for what it was given to.

A field that gets another type has a new column, as a column never changes its own. Nor does a field take over the
column of another one that bore its name, or one that differs in upper and lower case alone: what is left of that field,
in deleted rows above all, could not be told from it. Each column says in its metadata which field it comes from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from towpath.lake.columns import plain_schema

if TYPE_CHECKING:
    import pyarrow as pa

    from towpath.odoo.columns import Column

__all__ = ["Settled", "settle"]

_LINK = "many2one"


@dataclass(slots=True, kw_only=True)
class Settled:
    """The columns under their names in the table, and a sentence for each that is new beside another one."""

    columns: list[Column] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def settle(columns: Sequence[Column], held: pa.Schema) -> Settled:
    """The columns under the names `held` has for them; a new one gets a name that nothing in `held` bears."""
    found, taken = Settled(), set[str]()
    by_name = {one.name.casefold(): one for one in held}
    wanted = {column.name.casefold() for column in columns}
    for column in columns:
        name, there = column.name, by_name.get(column.name.casefold())
        if there is not None and not (there.name == name and _fits(column, there)):
            old = [one.name for one in held if one.name not in taken and _is_of(column, one, exact=True)]
            if old:
                name = old[0]
            else:
                name = _free(column, {*by_name, *wanted, *taken})
                found.remarks.append(_why(column, there, name))
        taken.add(name)
        found.columns.append(replace(column, name=name))
    return found


def _free(column: Column, names: set[str]) -> str:
    name = f"{column.name}__{column.field.type}"
    while name.casefold() in names:
        name += "_"
    return name


def _why(column: Column, there: pa.Field, name: str) -> str:
    if there.name == column.name and _origin(there) in {None, column.field.name}:
        return (
            f"'{column.field.name}' has another type in Odoo now; its values go into the new column '{name}'."
        )
    return (
        f"The table has a column '{there.name}' of another field already; "
        f"the values of '{column.field.name}' go into the new column '{name}'."
    )


def _fits(column: Column, there: pa.Field) -> bool:
    """Whether the column of this name is the one; under another mask it is rewritten (`remask`) with the new type."""
    if _origin(there) is None:  # of a writer that does not say
        return bool(_type(column) == there.type)
    return _is_of(column, there, exact=False) or (
        _origin(there) == column.field.name and _mask(there) != (str(column.mask) if column.mask else None)
    )


def _is_of(column: Column, there: pa.Field, *, exact: bool) -> bool:
    """Whether a column of the table holds what this one does: the same part of the same field in the same type.

    :param exact: Odoo's type has to be the same too. Else a text may become a longer one, but a link is no number,
        though both are kept as one.
    """
    part, was = _note(there, "odoo.part"), _note(there, "odoo.type")
    mine = column.kind if column.kind in {"name", "label"} else None
    same = _origin(there) == column.field.name and (part == mine or (part is None and not exact))
    same = same and _mask(there) == (str(column.mask) if column.mask else None)
    same = same and (
        was == column.field.type or (not exact and (was is None or _alike(was, column.field.type)))
    )
    return same and bool(there.type == _type(column))


def _alike(was: str, now: str) -> bool:
    return (was == _LINK) == (now == _LINK)


def _type(column: Column) -> pa.DataType:
    import pyarrow as pa

    return plain_schema(pa.schema([column.arrow()]), system=False).field(0).type


def _origin(there: pa.Field) -> str | None:
    return _note(there, "odoo.field")


def _mask(there: pa.Field) -> str | None:
    return _note(there, "odoo.mask")


def _note(there: pa.Field, name: str) -> str | None:
    found = (there.metadata or {}).get(name.encode())
    return None if found is None else found.decode()
