"""Who calls: passwords, API keys with scope and expiry, two-factor users; one SQL statement a call.

Rules (facts §2.3, real-odoo §5): the older protocols accept a password or a key, JSON-2 a key only; a user with
two-factor authentication may use keys only; an empty password never passes.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any, Protocol

from towpath.sandbox.odoo_server.exceptions import AccessDenied, MissingError
from towpath.sandbox.odoo_server.wire.passwords import key_columns, verify_password

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.database import Cursor

__all__ = ["Revocations", "authenticate", "bearer", "check_uid", "ensure_columns", "log_in"]

_BY_LOGIN = "SELECT id, login, password, active FROM res_users WHERE login = %s"
_BY_ID = "SELECT id, login, password, active FROM res_users WHERE id = %s"
_KEYS = """
    SELECT k.user_id, k."key", u.login
      FROM res_users_apikeys k JOIN res_users u ON u.id = k.user_id
     WHERE k."index" = %s AND u.active AND (k.scope IS NULL OR k.scope = 'rpc')
       AND (k.expiration_date IS NULL OR k.expiration_date > %s)
"""
_COLUMNS = """
    ALTER TABLE res_users ADD COLUMN IF NOT EXISTS password varchar;
    ALTER TABLE res_users_apikeys ADD COLUMN IF NOT EXISTS expiration_date timestamp;
    ALTER TABLE res_users_apikeys ADD COLUMN IF NOT EXISTS "key" varchar;
    ALTER TABLE res_users_apikeys ADD COLUMN IF NOT EXISTS "index" varchar(8);
    CREATE INDEX IF NOT EXISTS res_users_apikeys_user_id_index_idx ON res_users_apikeys (user_id, "index");
"""


class Revocations(Protocol):
    """What the fault switchboard says about users and keys."""

    def key_revoked(self, key: str, login: str) -> bool:
        """True when this key is to be treated as revoked."""
        ...

    def two_factor(self, login: str) -> bool:
        """True when this user's password is not accepted without a second factor."""
        ...


def ensure_columns(cr: Cursor) -> None:
    """Add the columns that hold secrets; they are no fields, so `fields_get` does not know them."""
    cr.execute(_COLUMNS)


def authenticate(cr: Cursor, login: Any, password: Any, *, now: Any, marks: Revocations) -> int | None:
    """The id of the active user with this login and password (or key); None when they do not fit."""
    row = _active(cr, login, password)
    return int(row[0]) if row and _fits(cr, row, password, now, marks) else None


def log_in(cr: Cursor, login: Any, password: Any) -> int | None:
    """The same for a browser: keys do not count, and the second factor is asked for later."""
    row = _active(cr, login, password)
    return int(row[0]) if row and verify_password(password, row[2]) else None


def _active(cr: Cursor, login: Any, password: Any) -> tuple[Any, ...] | None:
    if not isinstance(password, str) or not password:
        return None
    row = cr.execute(_BY_LOGIN, [str(login)]).fetchone()
    return row if row and row[3] else None


def check_uid(cr: Cursor, uid: int, password: Any, *, now: Any, marks: Revocations) -> None:
    """Let a call by user id pass, or not.

    Raises:
        AccessDenied: wrong or empty password, or an archived user.
        MissingError: no such user.
    """
    if not password or not isinstance(password, str):
        raise AccessDenied("Access Denied")
    row = cr.execute(_BY_ID, [uid]).fetchone() if uid else None
    if row is None:
        if uid:
            raise MissingError(
                f"Record does not exist or has been deleted.\n(Record: res.users({uid},), User: {uid})"
            )
        raise AccessDenied("Access Denied")
    if not row[3] or not _fits(cr, row, password, now, marks):
        raise AccessDenied("Access Denied")


def bearer(cr: Cursor, key: str, *, now: Any, marks: Revocations) -> int | None:
    """The id of the user an API key belongs to, or None."""
    index, digest = key_columns(key)
    for user_id, stored, login in cr.execute(_KEYS, [index, now]).fetchall():
        if hmac.compare_digest(stored or "", digest) and not marks.key_revoked(key, login):
            return int(user_id)
    return None


def _fits(cr: Cursor, row: Any, password: str, now: Any, marks: Revocations) -> bool:
    uid, login, stored, _ = row
    if not marks.two_factor(login) and verify_password(password, stored):
        return True
    return bearer(cr, password, now=now, marks=marks) == int(uid)
