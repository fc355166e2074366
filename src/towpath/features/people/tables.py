"""The tables of people: who they are, what was granted to them, and by what they prove who they are.

Nothing in them signs anybody in: of passwords, sessions, tokens, links and recovery codes only digests are kept.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from towpath.store import metadata

__all__ = [
    "api_tokens",
    "attempts",
    "grants",
    "groups",
    "identities",
    "memberships",
    "oidc_flows",
    "one_time_links",
    "recovery_codes",
    "sessions",
    "sign_in_methods",
    "users",
]

_MOMENT = sa.DateTime(timezone=True)


def _user() -> sa.ForeignKey:
    return sa.ForeignKey("towpath.users.id", ondelete="CASCADE")


users = sa.Table(
    "users",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    # As it is typed, folded to small letters.
    sa.Column("login", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("email", sa.Text),
    # Argon2id; null for who signs in elsewhere or has not chosen one yet.
    sa.Column("password_hash", sa.Text),
    sa.Column("password_set_at", _MOMENT),
    # Where the account comes from: `local`, `oidc` or `ldap`.
    sa.Column("source", sa.Text, nullable=False, server_default="local"),
    sa.Column("language", sa.Text),
    sa.Column("theme", sa.Text),
    sa.Column("disabled_at", _MOMENT),
    sa.Column("created_at", _MOMENT, nullable=False, server_default=sa.func.now()),
    # One-time codes are asked for since then; the secret lies in the cabinet.
    sa.Column("totp_since", _MOMENT),
    # The thirty seconds whose code was used last: none is taken twice.
    sa.Column("totp_step", sa.BigInteger),
)
"""People. Who is disabled stays on record."""

groups = sa.Table(
    "groups",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("description", sa.Text, nullable=False, server_default=""),
    sa.Column("created_at", _MOMENT, nullable=False, server_default=sa.func.now()),
)
"""Groups: what is granted to them, their members have."""

memberships = sa.Table(
    "memberships",
    metadata,
    sa.Column("group_id", sa.Text, sa.ForeignKey("towpath.groups.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("user_id", sa.Text, _user(), primary_key=True),
    # `hand`, or the id of the way of signing in whose groups said so.
    sa.Column("source", sa.Text, nullable=False, server_default="hand"),
    sa.Index("memberships_user_id_idx", "user_id"),
)
"""Who belongs to which group."""

grants = sa.Table(
    "grants",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("user_id", sa.Text, _user()),
    sa.Column("group_id", sa.Text, sa.ForeignKey("towpath.groups.id", ondelete="CASCADE")),
    sa.Column("role", sa.Text, nullable=False),
    # Null: on the whole installation, connections to come included.
    sa.Column("connection_id", sa.Text, sa.ForeignKey("towpath.connections.id", ondelete="CASCADE")),
    # `hand`, or the id of the way of signing in whose groups said so.
    sa.Column("source", sa.Text, nullable=False, server_default="hand"),
    sa.Column("created_at", _MOMENT, nullable=False, server_default=sa.func.now()),
    sa.CheckConstraint("(user_id is null) <> (group_id is null)", name="one_holder"),
    sa.Index("grants_user_id_idx", "user_id"),
    sa.Index("grants_group_id_idx", "group_id"),
)
"""A role for a person or a group, on one connection or on all."""

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("user_id", sa.Text, _user(), nullable=False),
    # How the person proved who they are: `password`, or the id of a way of signing in.
    sa.Column("method", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("device", sa.Text, nullable=False),
    sa.Column("created_at", _MOMENT, nullable=False, server_default=sa.func.now()),
    sa.Column("used_at", _MOMENT, nullable=False, server_default=sa.func.now()),
    # Whatever happens it ends then.
    sa.Column("expires_at", _MOMENT, nullable=False),
    # Whether one-time codes of ours belong to it: not where another service has asked for a second factor of its own.
    sa.Column("own_codes", sa.Boolean, nullable=False, server_default=sa.true()),
    # Whether a code was to be given at its beginning.
    sa.Column("code_needed", sa.Boolean, nullable=False),
    sa.Column("code_given_at", _MOMENT),
    sa.Column("ended_at", _MOMENT),
    sa.Index("sessions_user_id_idx", "user_id"),
)
"""Sessions of browsers. Those that ended are removed after a while; the audit keeps that they were."""

api_tokens = sa.Table(
    "api_tokens",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("secret_hash", sa.LargeBinary, nullable=False),
    # Null: a token of the installation itself, for a program that belongs to nobody.
    sa.Column("user_id", sa.Text, _user()),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("rights", ARRAY(sa.Text), nullable=False),
    # Null: wherever the person may.
    sa.Column("connection_ids", ARRAY(sa.Text)),
    sa.Column("created_at", _MOMENT, nullable=False, server_default=sa.func.now()),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("expires_at", _MOMENT),
    sa.Column("used_at", _MOMENT),
    sa.Column("used_from", sa.Text),
    sa.Column("revoked_at", _MOMENT),
    sa.Index("api_tokens_user_id_idx", "user_id"),
)
"""Tokens of programs."""

one_time_links = sa.Table(
    "one_time_links",
    metadata,
    sa.Column("token_hash", sa.LargeBinary, primary_key=True),
    # `setup` makes the first administrator, `password` lets a person choose one.
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("user_id", sa.Text, _user()),
    sa.Column("created_at", _MOMENT, nullable=False, server_default=sa.func.now()),
    sa.Column("expires_at", _MOMENT, nullable=False),
    sa.Column("used_at", _MOMENT),
    sa.Index("one_time_links_user_id_idx", "user_id"),
)
"""Links that work once."""

attempts = sa.Table(
    "sign_in_attempts",
    metadata,
    # What is counted (`login`, `address`, `code`) and a digest of whose.
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("last_at", _MOMENT, nullable=False),
    # Nothing is looked at before.
    sa.Column("next_at", _MOMENT, nullable=False),
    sa.Index("sign_in_attempts_last_at_idx", "last_at"),
)
"""Failed attempts, and how long each has to wait for the next."""

recovery_codes = sa.Table(
    "recovery_codes",
    metadata,
    sa.Column("user_id", sa.Text, _user(), primary_key=True),
    sa.Column("code_hash", sa.LargeBinary, primary_key=True),
    sa.Column("used_at", _MOMENT),
)
"""Codes for who has lost their authenticator; each works once."""

sign_in_methods = sa.Table(
    "sign_in_methods",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    # A folder of `towpath.logins`: `oidc` or `ldap`.
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False, unique=True),
    sa.Column("enabled", sa.Boolean, nullable=False, server_default=sa.true()),
    # Everything but the secret, which lies in the cabinet.
    sa.Column("config", JSONB, nullable=False),
    sa.Column("created_at", _MOMENT, nullable=False, server_default=sa.func.now()),
    sa.Column("changed_at", _MOMENT, nullable=False, server_default=sa.func.now()),
)
"""Ways to sign in beside the password."""

identities = sa.Table(
    "identities",
    metadata,
    sa.Column(
        "method_id",
        sa.Text,
        sa.ForeignKey("towpath.sign_in_methods.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    # What never changes there: issuer and subject, or the entry's own id.
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("user_id", sa.Text, _user(), nullable=False),
    # How the service called them when they came last: to ask it for their password once more, never to know them by.
    sa.Column("login", sa.Text),
    sa.Column("linked_at", _MOMENT, nullable=False, server_default=sa.func.now()),
    sa.Index("identities_user_id_idx", "user_id"),
)
"""Who a person is at another service."""

oidc_flows = sa.Table(
    "oidc_flows",
    metadata,
    sa.Column("state_hash", sa.LargeBinary, primary_key=True),
    sa.Column(
        "method_id", sa.Text, sa.ForeignKey("towpath.sign_in_methods.id", ondelete="CASCADE"), nullable=False
    ),
    sa.Column("nonce", sa.Text, nullable=False),
    # Of use only together with a code that the issuer sends to the browser.
    sa.Column("verifier", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("begun_at", _MOMENT, nullable=False, server_default=sa.func.now()),
)
"""Sign-ins that are under way at another service; each is taken once."""
