"""The surroundings of a call: who asks, with which context, in which transaction.

``Env`` is cheap to derive (``sudo``, ``with_context``); all that belong to one transaction share its cursor and
its cache of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from towpath.sandbox.odoo_server.exceptions import AccessError, UserError

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.database import Cursor
    from towpath.sandbox.odoo_server.records import Records
    from towpath.sandbox.odoo_server.registry import Registry

__all__ = ["Env", "Transaction"]

SUPERUSER = 1
"""Id of the user (OdooBot) whom rights and rules never stop."""
REMEMBERED = frozenset(
    [
        "res.users",
        "res.groups",
        "ir.model.access",
        "ir.rule",
        "ir.model",
        "ir.model.data",
        "ir.model.fields",
        "ir.default",
        "res.company",
        "res.currency",
        "res.lang",
    ]
)
"""The models whose rows decide on rights, companies, languages and roundings."""


@dataclass(slots=True)
class Transaction:
    """What all environments of one transaction share."""

    cr: Cursor
    registry: Registry
    now: datetime
    rows: dict[tuple[Any, ...], dict[str, dict[int, dict[str, Any]]]] = field(default_factory=dict)
    memory: dict[Any, Any] = field(default_factory=dict)
    on_commit: list[Callable[[], None]] = field(default_factory=list)
    on_rollback: list[Callable[[], None]] = field(default_factory=list)

    def forget(self, model: str | None = None) -> None:
        """Drop cached rows, of one model or of all, and everything remembered about rights."""
        for (
            rows
        ) in self.rows.values():  # environments hold these dictionaries, so they are emptied, not replaced
            if model is None:
                rows.clear()
            else:
                rows.pop(model, None)
        self.memory.clear()

    def changed(self, *models: str) -> None:
        """Drop cached rows after a write; what is remembered about rights only when it may have changed."""
        for rows in self.rows.values():
            rows.clear()
        if not REMEMBERED.isdisjoint(models):
            self.memory.clear()

    def done(self) -> None:
        """Call what waits for the commit."""
        for callback in self.on_commit:
            callback()

    def undone(self) -> None:
        """Call what has to be taken back after a rollback, the last first."""
        for callback in reversed(self.on_rollback):
            callback()


class Env:
    """One user's view of the database within a transaction.

    ``env["res.partner"]`` is the empty recordset of a model; ``env.su`` says that rights and rules are not checked.
    """

    __slots__ = ("_company", "_rows", "context", "registry", "su", "transaction", "uid")

    def __init__(self, transaction: Transaction, uid: int, context: Mapping[str, Any], *, su: bool) -> None:
        self.transaction = transaction
        self.registry = transaction.registry
        self.uid = uid
        self.su = su or uid == SUPERUSER
        self.context: dict[str, Any] = dict(context)
        self._rows: dict[str, dict[int, dict[str, Any]]] | None = None
        self._company: int | None = None

    @classmethod
    def begin(
        cls,
        cr: Cursor,
        registry: Registry,
        uid: int,
        context: Mapping[str, Any] | None = None,
        *,
        su: bool | None = None,
    ) -> Env:
        """The first environment of a new transaction."""
        row = cr.execute("SELECT now() AT TIME ZONE 'UTC'").fetchone()
        now = cast("datetime", row[0]) if row else datetime.now(UTC).replace(tzinfo=None)
        transaction = Transaction(cr=cr, registry=registry, now=now)
        cr.on_undo = transaction.forget
        return cls(transaction, uid, context or {}, su=bool(su))

    @property
    def cr(self) -> Cursor:
        """The cursor of the transaction."""
        return self.transaction.cr

    @property
    def now(self) -> datetime:
        """Start of the transaction, naive UTC with microseconds: every stamp of the transaction (real-odoo §2)."""
        return self.transaction.now

    @property
    def version(self) -> str:
        """Version of the database, "17.0" or "19.0" as text."""
        return self.registry.version

    @property
    def is19(self) -> bool:
        """Whether the newer version is emulated."""
        return self.registry.is19

    def __getitem__(self, model: str) -> Any:
        found = self.registry.models.get(model)
        if found is None or found.cls is None:
            raise KeyError(model)
        return found.cls(self, ())

    def __contains__(self, model: object) -> bool:
        return model in self.registry.models

    def derive(
        self, *, uid: int | None = None, context: Mapping[str, Any] | None = None, su: bool | None = None
    ) -> Env:
        """The same transaction seen by another user, with another context or with other powers."""
        return Env(
            self.transaction,
            self.uid if uid is None else uid,
            self.context if context is None else context,
            su=self.su if su is None else su,
        )

    def sudo(self, su: bool = True) -> Env:
        """The same without checks of rights and rules."""
        return self if su == self.su else self.derive(su=su)

    def with_user(self, uid: int) -> Env:
        """The same as seen by another user, with that user's rights."""
        return self.derive(uid=uid, su=False)

    def with_context(self, **changes: Any) -> Env:
        """The same with some keys of the context changed."""
        return self.derive(context={**self.context, **changes})

    @property
    def user(self) -> Any:
        """The user as a record that may read everything of itself."""
        return self.sudo()["res.users"].browse(self.uid)

    @property
    def lang(self) -> str:
        """Language of translated values; English unless the context names an installed one.

        Raises:
            UserError: on 19.0 when the language is not installed.
        """
        asked = self.context.get("lang")
        if not asked or asked == "en_US":
            return "en_US"
        memory = self.transaction.memory
        if "langs" not in memory:
            memory["langs"] = set(self.cr.execute("SELECT code FROM res_lang WHERE active").column())
        if asked in memory["langs"]:
            return str(asked)
        if self.is19:
            raise UserError(f"Invalid language code: {asked}")
        return "en_US"

    def _own_companies(self) -> tuple[int, ...]:
        """The companies the user may act for, the main one first."""
        memory = self.transaction.memory
        key = ("companies", self.uid)
        if key not in memory:
            main = self.cr.execute("SELECT company_id FROM res_users WHERE id = %s", [self.uid]).column()
            others = self.cr.execute(
                "SELECT r.cid FROM res_company_users_rel r JOIN res_company c ON c.id = r.cid "
                "WHERE r.user_id = %s ORDER BY c.sequence, c.name, c.id",
                [self.uid],
            ).column()
            memory[key] = (main[0] if main else None, tuple(others))
        return cast("tuple[int, ...]", memory[key])

    @property
    def company_ids(self) -> tuple[int, ...]:
        """Ids of the companies whose records are visible.

        Raises:
            AccessError: when the context names a company the user does not belong to.
        """
        main, own = cast("tuple[int | None, tuple[int, ...]]", self._own_companies())
        asked = self.context.get("allowed_company_ids")
        if asked:
            if not self.su and not set(asked) <= set(own):
                raise AccessError("Access to unauthorized or invalid companies.")
            return tuple(asked)
        return own or ((main,) if main else ())

    @property
    def company_id(self) -> int | None:
        """Id of the company new records belong to.

        Raises:
            AccessError: as for ``company_ids``.
        """
        if self.context.get("allowed_company_ids"):
            return self.company_ids[0]
        return cast("int | None", self._own_companies()[0])

    @property
    def company(self) -> Any:
        """The company new records belong to."""
        found = self.company_id
        return self.sudo()["res.company"].browse(() if found is None else found)

    @property
    def companies(self) -> Any:
        """The companies whose records are visible."""
        return self.sudo()["res.company"].browse(self.company_ids)

    @property
    def rows(self) -> dict[str, dict[int, dict[str, Any]]]:
        """Cached values by model, id and field, as this language, company and filter see them."""
        if self._rows is None:
            # any key of the context may change a computed value, so none is left out
            key = (self.uid, self.su, repr(sorted(self.context.items(), key=lambda item: item[0])))
            self._rows = self.transaction.rows.setdefault(key, {})
        return self._rows

    def ref(self, xmlid: str, raise_if_not_found: bool = True) -> Any:
        """The record behind an external id such as ``base.be``.

        Raises:
            ValueError: when there is none, unless told otherwise (then None).
        """
        module, _, name = xmlid.partition(".")
        found = self.cr.execute(
            "SELECT model, res_id FROM ir_model_data WHERE module = %s AND name = %s", [module, name]
        ).fetchone()
        if found is not None and found[0] in self.registry:
            return self[found[0]].browse(found[1])
        if raise_if_not_found:
            raise ValueError(f"External ID not found in the system: {xmlid}")
        return None

    def forget(self, model: str | None = None) -> None:
        """Drop cached values after writing with SQL of one's own."""
        self.transaction.forget(model)

    def records(self, model: str, ids: Any = ()) -> Records:
        """Some records of a model, typed for the engine's own use."""
        return cast("Records", self[model].browse(ids))
