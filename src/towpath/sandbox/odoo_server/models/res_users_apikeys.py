"""API keys: made in the wizard after an identity check, or by an existing key (19.0); removed and revoked.

The key itself is shown once; the table keeps its first eight characters and a digest (facts §2.3).
"""

from __future__ import annotations

import datetime as dt
import hmac
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from towpath.sandbox.odoo_server.exceptions import AccessDenied, AccessError, UserError
from towpath.sandbox.odoo_server.origin import over_http
from towpath.sandbox.odoo_server.orm.access import group_ids, in_group
from towpath.sandbox.odoo_server.records import Records, model, versions
from towpath.sandbox.odoo_server.wire.passwords import key_columns, new_key, verify_password

LIMIT = 10
"""Keys a user may have that were not made in the wizard."""
_CLOSE = {"type": "ir.actions.act_window_close"}
_ENABLED = "SELECT 1 FROM ir_config_parameter WHERE key = 'base.enable_programmatic_api_keys' AND lower(value) IN ('1', 'true')"
_LIMIT = "SELECT value FROM ir_config_parameter WHERE key = 'base.programmatic_api_keys_limit'"
_COUNT = """
    SELECT count(*) FROM res_users_apikeys
     WHERE user_id = %s AND (expiration_date IS NULL OR expiration_date >= %s)
"""
_FIND = """
    SELECT id, user_id, scope, "key" FROM res_users_apikeys
     WHERE "index" = %s AND (expiration_date IS NULL OR expiration_date >= %s)
"""
_INSERT = """
    INSERT INTO res_users_apikeys (name, user_id, scope, expiration_date, create_date, "index", "key")
    VALUES (%s, %s, %s, %s, %s, %s, %s)
"""
_DURATION = "SELECT max(api_key_duration) FROM res_groups WHERE id = ANY(%s)"
_pending: OrderedDict[tuple[int, int], tuple[str, tuple[int, ...], str]] = OrderedDict()
_pending_lock = threading.Lock()
_confirmed: ContextVar[bool] = ContextVar("confirmed", default=False)


def _after_check(method: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Ask for the password before a method of records runs, as real servers do; the check then runs the method."""

    def first(self: Any) -> Any:
        if not over_http.get():
            raise UserError("This method can only be accessed over HTTP")
        if _confirmed.get():
            return method(self)
        check = self.env.sudo()["res.users.identitycheck"].create({})
        with _pending_lock:
            _pending[id(self.env.registry), check.id] = (self._name, self.ids, method.__name__)
            while len(_pending) > 1000:
                _pending.popitem(last=False)
        action = {
            "type": "ir.actions.act_window",
            "res_model": "res.users.identitycheck",
            "res_id": check.id,
            "name": "Access Control" if self.env.is19 else "Security Control",
            "target": "new",
            "views": [[False, "form"]],
        }
        return action | {"context": {"dialog_size": "medium"}} if self.env.is19 else action

    first.__name__ = method.__name__
    first.__qualname__ = method.__qualname__
    first.__doc__ = method.__doc__
    return first


class ResUsersApikeys(Records, model="res.users.apikeys"):
    """The keys of users."""

    _odoo_class = "ResUsersApikeys"

    @model
    @versions("19.0")
    def generate(self, key: Any, scope: Any, name: Any, expiration_date: Any) -> str:
        """A further key of the caller, vouched for by one it has."""
        self._require_programmatic()
        until = _moment(expiration_date)
        count = self.env.cr.execute(_COUNT, [self.env.uid, self.env.now]).fetchone()
        limit = self.env.cr.execute(_LIMIT).fetchone()
        most = int(limit[0]) if limit and str(limit[0]).isdigit() else LIMIT
        if count and count[0] >= most:
            raise UserError(f"Limit of {most} API keys is reached for programmatic creation")
        found = self._find(key)
        if found is None or found[1] != self.env.uid or found[2] not in {None, scope or "rpc"}:
            raise AccessDenied("The provided API key is invalid or does not belong to the current user.")
        return self._generate(scope, name, until)

    @model
    @versions("19.0")
    def revoke(self, key: Any) -> None:
        """Delete a key; whoever holds it may do that."""
        self._require_programmatic()
        found = self._find(key)
        if found is None:
            raise AccessDenied("The provided API key is invalid.")
        self.env.cr.execute("DELETE FROM res_users_apikeys WHERE id = %s", [found[0]])
        self.env.forget("res.users.apikeys")

    @_after_check
    def remove(self) -> Any:
        """Delete these keys: one's own, or any as an administrator."""
        if not self.ids:
            return _CLOSE
        mine = self.env.cr.execute(
            "SELECT DISTINCT user_id FROM res_users_apikeys WHERE id = ANY(%s)", [list(self.ids)]
        )
        if mine.column() != [self.env.uid] and not self._is_system():
            raise AccessError("You can not remove API keys unless they're yours or you are a system user")
        self.sudo().unlink()
        return _CLOSE

    def _generate(self, scope: Any, name: Any, until: dt.datetime | None) -> str:
        """Store a new key of the caller and give it."""
        self._check_expiration(until)
        key = new_key()
        index, digest = key_columns(key)
        self.env.cr.execute(_INSERT, [name, self.env.uid, scope or None, until, self.env.now, index, digest])
        self.env.forget("res.users.apikeys")
        return key

    def _check_expiration(self, until: dt.datetime | None) -> None:
        if not self.env.is19 or self._is_system():
            return
        if until is None:
            raise UserError("The API key must have an expiration date")
        found = self.env.cr.execute(_DURATION, [list(group_ids(self.env))]).fetchone()
        days = (found[0] if found else None) or 1.0
        if until > self.env.now + dt.timedelta(days=days):
            raise UserError(f"You cannot exceed {days} days.")

    def _find(self, key: Any) -> tuple[Any, ...] | None:
        """(id, user, scope, digest) of an unexpired key."""
        index, digest = key_columns(str(key))
        for row in self.env.cr.execute(_FIND, [index, self.env.now]).fetchall():
            if hmac.compare_digest(row[3] or "", digest):
                return row
        return None

    def _is_system(self) -> bool:
        return self.env.su or in_group(self.env, "base.group_system")

    def _require_programmatic(self) -> None:
        if not self._is_system() and self.env.cr.execute(_ENABLED).fetchone() is None:
            raise UserError("Programmatic API keys are not enabled")


class ApiKeyDescription(Records, model="res.users.apikeys.description"):
    """The wizard that makes a key."""

    _odoo_class = "ResUsersApikeysDescription"

    @_after_check
    def make_key(self) -> Any:
        """Make the key that the wizard describes and show it, once."""
        if not in_group(self.env, "base.group_user"):
            raise AccessError("Only internal users can create API keys")
        wizard = self.sudo()
        until = None
        if self.env.is19:
            days = int(wizard["duration"] or 0)
            until = _moment(wizard["expiration_date"]) if days < 0 else None
            if days > 0:
                until = self.env.now.replace(microsecond=0) + dt.timedelta(days=days)
        key = self.env["res.users.apikeys"]._generate(None, wizard["name"], until)  # noqa: SLF001 - of the same file
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.users.apikeys.show",
            "name": "API Key Ready",
            "views": [[False, "form"]],
            "target": "new",
            "context": {"default_key": key},
        }


class IdentityCheck(Records, model="res.users.identitycheck"):
    """Asks the user for the password before something that needs it."""

    _odoo_class = "ResUsersIdentitycheck"

    def run_check(self) -> Any:
        """Check the password (a field on 17.0, in the context on 19.0) and run what was asked for."""
        if not over_http.get():
            raise UserError("This method can only be accessed over HTTP")
        given = self.env.context.get("password") if self.env.is19 else self.sudo()["password"]
        row = self.env.cr.execute("SELECT password FROM res_users WHERE id = %s", [self.env.uid]).fetchone()
        if not verify_password(str(given or ""), row[0] if row else None):
            raise UserError(
                "Incorrect Password, try again or click on Forgot Password to reset your password."
            )
        with _pending_lock:
            asked = _pending.pop((id(self.env.registry), self.id), None)
        if asked is None:
            return _CLOSE
        name, ids, method = asked
        mark = _confirmed.set(True)
        try:
            return getattr(self.env[name].browse(ids), method)()
        finally:
            _confirmed.reset(mark)


def _moment(value: Any) -> dt.datetime | None:
    """A moment given as text, date or datetime; None when empty."""
    if not value:
        return None
    if isinstance(value, dt.datetime):
        return value
    return dt.datetime.fromisoformat(str(value)).replace(tzinfo=None)
