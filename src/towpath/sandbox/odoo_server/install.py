"""What a new database is filled with: the base records of every Odoo, users with keys, and the chosen data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from towpath.sandbox.odoo_server.orm.access import group_of
from towpath.sandbox.odoo_server.wire.auth import ensure_columns
from towpath.sandbox.odoo_server.wire.passwords import hash_password, key_columns

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.env import Env

__all__ = ["DATA", "installer"]

DATA = ("demo", "empty", "large")


class Account(Protocol):
    """A user whose password and key are to be known."""

    @property
    def login(self) -> str:
        """Its login."""

    @property
    def password(self) -> str:
        """Its password, in clear."""

    @property
    def key(self) -> str:
        """Its API key, in clear."""


def installer(data: str, users: Sequence[Account]) -> Callable[[Env], None]:
    """A function that fills an empty database with `data` ("demo", "empty" or "large")."""

    def fill(env: Env) -> None:
        from towpath.sandbox.odoo_server.data import essentials

        ensure_columns(env.cr)
        essentials.install(env)
        if env.is19:  # users may make keys for 90 days, as the groups of a real server say (facts §2.3)
            env.cr.execute(
                "UPDATE res_groups SET api_key_duration = 90 WHERE id = %s",
                [group_of(env, "base.group_user")],
            )
        if data == "demo":
            from towpath.sandbox.odoo_server.data import demo

            demo.install(env)
        elif data == "large":
            from towpath.sandbox.odoo_server.data import large

            large.install(env)
        for user in users:
            _give_secrets(env, user)

    return fill


def _give_secrets(env: Env, user: Account) -> None:
    """Set a user's password and its API key."""
    env.cr.execute(
        "UPDATE res_users SET password = %s WHERE login = %s", [hash_password(user.password), user.login]
    )
    index, digest = key_columns(user.key)
    env.cr.execute(
        """
        INSERT INTO res_users_apikeys (user_id, name, scope, "index", "key", create_date)
        SELECT id, 'sandbox', 'rpc', %s, %s, now() AT TIME ZONE 'UTC' FROM res_users WHERE login = %s
        """,
        [index, digest, user.login],
    )
