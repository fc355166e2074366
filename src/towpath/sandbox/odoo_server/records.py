# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""Recordsets with the public methods every model has, under Odoo's own parameter names.

Behaviour classes import everything they need from here:
``from towpath.sandbox.odoo_server.records import Records, constrains, model, private, returns, versions``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from towpath.sandbox.odoo_server.orm import (
    access,
    copying,
    create,
    defaults,
    describe,
    names,
    read,
    rules,
    search,
    unlink,
    write,
)
from towpath.sandbox.odoo_server.orm.domain import TRUE
from towpath.sandbox.odoo_server.recordset import (
    RecordSet,
    build_class,
    constrains,
    model,
    private,
    returns,
    versions,
)

__all__ = ["Records", "build_class", "constrains", "model", "private", "returns", "versions"]


class Records(RecordSet):
    """A recordset; public methods may be called over RPC, those with an underscore may not."""

    __slots__ = ()
    _odoo_class: ClassVar[str] = "BaseModel"

    # -- surroundings

    @private
    def browse(self, ids: Any = ()) -> Self:
        """The records of these ids, which may not exist."""
        return self._browse(ids)

    @private
    def sudo(self, flag: bool = True) -> Self:
        """The same records without checks of rights and rules."""
        return self._with_env(self.env.sudo(flag))

    @private
    def with_user(self, user: Any) -> Self:
        """The same records as another user sees them."""
        return self._with_env(self.env.with_user(user.id if hasattr(user, "ids") else user))

    @private
    def with_context(self, *args: Mapping[str, Any], **kwargs: Any) -> Self:
        """The same records with a new context (a dictionary) or a changed one (keywords)."""
        context = dict(args[0] if args else self.env.context) | kwargs
        return self._with_env(self.env.derive(context=context))

    @private
    def with_company(self, company: Any) -> Self:
        """The same records as seen from a company."""
        one = company.id if hasattr(company, "ids") else company
        if not one or self.env.company_id == one:
            return self
        others = [other for other in self.env.context.get("allowed_company_ids", []) if other != one]
        return self.with_context(allowed_company_ids=[one, *others])

    @private
    def ensure_one(self) -> Self:
        """The set itself; ValueError unless it holds exactly one record."""
        return self._one()

    @returns("ids")
    @private
    def exists(self) -> Self:
        """Those of the records that are in the database."""
        if not self.ids or not self._model.stored:
            return self if not self.ids else self._browse(())
        query = f'SELECT id FROM "{self._model.table}" WHERE id = ANY(%s)'
        found = set(self.env.cr.execute(query, [[one for one in self.ids if isinstance(one, int)]]).column())
        return self._browse([one for one in self.ids if one in found])

    # -- searching and reading

    @model
    @returns("ids")
    @versions("17.0", name="search")
    def _search_17(self, domain: Any, offset: Any = 0, limit: Any = None, order: Any = None) -> Self:
        """The records that fulfil a domain."""
        return self._browse(search.ids(self, domain, offset, limit, order))

    @model
    @returns("ids")
    @versions("19.0", name="search")
    def _search_19(self, domain: Any, offset: Any = 0, limit: Any = None, order: Any = None) -> Self:
        """The records that fulfil a domain."""
        return self._browse(search.ids(self, domain, offset, limit, order))

    @model
    @returns("ids")
    @private
    def search_fetch(
        self, domain: Any, field_names: Any, offset: Any = 0, limit: Any = None, order: Any = None
    ) -> Self:
        """The records that fulfil a domain; fetching is the cache's own affair here."""
        read.checked_names(self, field_names)
        return self._browse(search.ids(self, domain, offset, limit, order))

    @model
    def search_count(self, domain: Any, limit: Any = None) -> int:
        """How many records fulfil a domain, at most ``limit``."""
        return search.count(self, domain, limit)

    @model
    def search_read(
        self,
        domain: Any = None,
        fields: Any = None,
        offset: Any = 0,
        limit: Any = None,
        order: Any = None,
        **read_kwargs: Any,
    ) -> list[dict[str, Any]]:
        """Search, then read."""
        return self._read_format(domain or [], fields, offset, limit, order, **read_kwargs)

    def _read_format(
        self, domain: Any, fields: Any, offset: Any, limit: Any, order: Any, load: Any = "_classic_read"
    ) -> list[dict[str, Any]]:
        return read.search_read(self, domain, fields, offset, limit, order, load)

    def read(self, fields: Any = None, load: Any = "_classic_read") -> list[dict[str, Any]]:
        """One dictionary per record; many2one as [id, name] unless ``load`` is another text."""
        return read.read(self, fields, load)

    # -- changing

    @model
    @returns("ids")
    def create(self, vals_list: Any) -> Self:
        """Make one record per dictionary."""
        if isinstance(vals_list, Mapping):
            vals_list = [vals_list]
        return create.create(self, list(vals_list))  # type: ignore[return-value]  # the same class comes back

    def write(self, vals: Any) -> bool:
        """Set fields of all these records."""
        if not hasattr(vals, "get"):
            raise AttributeError(f"'{type(vals).__name__}' object has no attribute 'get'")
        write.write(self, vals)
        return True

    def unlink(self) -> bool:
        """Delete all these records."""
        unlink.unlink(self)
        return True

    @returns("id")
    def copy(self, default: Any = None) -> Self:
        """Copies of these records (17.0 takes one)."""
        if not self.env.is19:
            self._one()
        return copying.copy(self, default)  # type: ignore[no-any-return]  # the same class comes back

    def copy_data(self, default: Any = None) -> list[dict[str, Any]]:
        """The values copies are made from."""
        return copying.copy_data(self, default)

    @model
    def default_get(self, fields_list: Any) -> dict[str, Any]:
        """Default values of some fields."""
        return defaults.get(self, fields_list)

    def action_archive(self) -> Any:
        """Archive the records that are active."""
        return self._switch(active=False)

    def action_unarchive(self) -> Any:
        """Bring back the records that are archived."""
        return self._switch(active=True)

    def toggle_active(self) -> Any:
        """Archive what is active and bring back the rest."""
        name = self._model.active_name
        active = self.filtered(lambda one: one[name]) if name else self
        active.action_archive()
        (self - active).action_unarchive()

    def _switch(self, *, active: bool) -> Any:
        name = self._model.active_name
        if name:
            self.filtered(lambda one: bool(one[name]) != active).write({name: active})

    # -- names

    def _display_names(self) -> dict[int, Any]:
        """Display name by id; records that are gone are left out."""
        return names.display_names(self)

    def _search_display_name(self, operator: str, value: Any) -> list[Any]:
        """The domain that stands for a condition on the name."""
        return names.name_domain(self, operator, value)

    @versions("17.0")
    def name_get(self) -> list[tuple[int, Any]]:
        """(id, name) of the records."""
        found = self._display_names()
        return [(one, found[one]) for one in self.ids if one in found]

    @model
    @versions("17.0", name="name_search")
    def _name_search_17(
        self, name: Any = "", args: Any = None, operator: str = "ilike", limit: Any = 100
    ) -> Any:
        """(id, name) of the records with such a name."""
        return self._named(name, args, operator, limit)

    @model
    @versions("19.0", name="name_search")
    def _name_search_19(
        self, name: Any = "", domain: Any = None, operator: str = "ilike", limit: Any = 100
    ) -> Any:
        """(id, name) of the records with such a name."""
        return self._named(name, domain, operator, limit)

    def _named(self, name: Any, domain: Any, operator: str, limit: Any) -> list[tuple[int, Any]]:
        found = self._browse(
            search.ids(self, [*self._search_display_name(operator, name), *(domain or [])], 0, limit)
        )
        shown = found.sudo()._display_names()
        return [(one, shown[one]) for one in found.ids if one in shown]

    @model
    def name_create(self, name: Any) -> Any:
        """(id, name) of a record made of its name alone; False for models without a naming field."""
        naming = self._model.rec_name
        if not naming:
            return False
        made = self.create({naming: name})
        return made.id, made._display_names().get(made.id)

    # -- descriptions and rights

    @model
    def fields_get(self, allfields: Any = None, attributes: Any = None) -> dict[str, dict[str, Any]]:
        """The attributes of the fields."""
        return describe.fields_get(self, allfields, attributes)

    @model
    def check_access_rights(self, operation: str, raise_exception: bool = True) -> Any:
        """Whether the user has a right on the model; 19.0 answers nothing unless asked not to raise."""
        if not raise_exception:
            return access.may(self.env, self._model, operation)
        if not access.may(self.env, self._model, operation):
            raise access.refusal(self.env, self._model, operation)
        return None if self.env.is19 else True

    def check_access_rule(self, operation: str) -> None:
        """Nothing when the rules allow an operation on all these records."""
        rules.check(self.env, self._model, self.ids, operation)

    @versions("19.0")
    def check_access(self, operation: str) -> None:
        """Nothing when rights and rules allow an operation on all these records."""
        write.check(self, operation)

    @versions("19.0")
    def has_access(self, operation: str) -> bool:
        """Whether rights and rules allow an operation on all these records."""
        if not access.may(self.env, self._model, operation):
            return False
        if not self.ids:
            return True
        if rules.domain(self.env, self._model, operation) is TRUE:
            return True
        write.exist(self)
        return not rules.hidden(self.env, self._model, self.ids, operation)


for _found in list(vars(Records).values()):
    if callable(_found) and hasattr(_found, "__qualname__"):
        # Python's messages about wrong arguments carry the class name, and clients read them
        _found.__qualname__ = f"BaseModel.{getattr(_found, 'public_name', _found.__name__)}"
