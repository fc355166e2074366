# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""What a form shows after a field was changed in it: the change is carried out, looked at, and taken back."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.orm import web
from towpath.sandbox.odoo_server.orm.values import EMPTY

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.env import Env
    from towpath.sandbox.odoo_server.records import Records

__all__ = ["changed_values"]

FOLLOWING = {
    "res.partner": frozenset(
        {"street", "street2", "zip", "city", "state_id", "country_id", "vat", "is_company"}
    ),
    "crm.lead": frozenset({"street", "street2", "zip", "city", "state_id", "country_id"}),
}
"""Fields that follow a change though no server says that they are computed."""
LEFT_ALONE = frozenset({"create_date", "write_date", "create_uid", "write_uid", "name"})


class _BackError(Exception):
    """Ends the trial."""


@contextlib.contextmanager
def _trial(env: Env) -> Iterator[None]:
    """Nothing that happens inside is kept: no row, no cached value, nothing that waits for the commit."""
    waiting = len(env.transaction.on_commit)
    with contextlib.suppress(_BackError), env.cr.savepoint():
        yield
        raise _BackError
    del env.transaction.on_commit[waiting:]
    env.transaction.forget()


def changed_values(
    records: Records, values: Mapping[str, Any], names: Sequence[str], specification: web.Specification
) -> dict[str, Any]:
    """The fields of the form that differ once ``names`` have been set to their ``values``, in the form's manner.

    A change that the records would refuse (a form is seldom complete) shows no effects.
    """
    model, env = records._model, records.env
    shown = {
        name: asked
        for name, asked in specification.items()
        if name in model.fields and name != "id" and not model.fields[name].multiple
    }
    found: dict[str, Any] = {}
    with contextlib.suppress(Exception), _trial(env):
        before = _before(records, values, shown)
        # what stands empty in the form may be filled by what follows
        given = {
            name: value
            for name, value in values.items()
            if name in model.fields and name != "id" and (value or name in names)
        }
        given |= _links(records, given, names)
        if records.ids:
            one: Any = records
            one.write(given)
        else:
            one = records.create([{**_fillers(records, given), **given}])
        (after,) = web.web_read(one, shown)
        found = {name: after[name] for name in shown if after[name] != before[name]}
    follows = FOLLOWING.get(model.name, frozenset())
    return {
        name: value
        for name, value in found.items()
        if name not in LEFT_ALONE and (model.fields[name].attrs.get("depends") or name in follows)
    }


def _before(records: Records, values: Mapping[str, Any], shown: web.Specification) -> dict[str, Any]:
    """What the form shows already: the record's values, the defaults of a new one, and what was typed."""
    model, env = records._model, records.env
    start: dict[str, Any]
    if records.ids:
        (start,) = web.web_read(records, shown)
    else:
        defaults = records.default_get([name for name in shown if name not in values])
        start = {name: defaults.get(name, EMPTY.get(model.fields[name].type, False)) for name in shown}
    for name, asked in shown.items():
        if name in values:
            start[name] = values[name]
        value = start[name]
        if model.fields[name].type == "many2one" and "fields" in asked and isinstance(value, int) and value:
            rows = web.web_read(env.records(model.fields[name].relation, (value,)), asked["fields"])
            start[name] = rows[0] if rows else False
    return start


def _links(records: Records, given: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """A country without the state, and the country of a state, for records with an address."""
    fields = records._model.fields
    if "state_id" not in fields or "country_id" not in fields:
        return {}
    states: Any = records.env.records("res.country.state", ())
    kept = given.get("state_id") or (records[:1]._value("state_id").id if records.ids else False)
    state = states.browse(kept) if kept else states
    if "country_id" in names and given.get("country_id") and state.country_id.id != given["country_id"]:
        return {"state_id": False}
    if "state_id" in names and given.get("state_id"):
        return {"country_id": state.country_id.id}
    return {}


def _fillers(records: Records, given: Mapping[str, Any]) -> dict[str, Any]:
    """Texts for required fields that the form does not hold yet."""
    return {
        name: "-"
        for name, field in records._model.fields.items()
        if field.required and field.type == "char" and field.sql_type and not given.get(name)
    }
