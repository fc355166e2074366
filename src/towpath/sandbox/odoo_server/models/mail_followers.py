"""Followers of records: who follows, to which kinds of messages, and who is told of a message."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from towpath.sandbox.odoo_server.env import Env

__all__ = ["follow", "followed", "notify", "partners", "unfollow"]


def _usual(env: Env, model: str, *, internal: bool) -> list[int]:
    """The kinds of messages a new follower gets: internal ones only for colleagues."""
    rows = env.cr.execute(
        'SELECT id, internal FROM mail_message_subtype WHERE "default" AND (res_model = %s OR res_model IS NULL)',
        [model],
    ).fetchall()
    return [one for one, inside in rows if internal or not inside]


def follow(
    env: Env,
    model: str,
    ids: Sequence[int],
    partner_ids: Iterable[int],
    subtype_ids: Iterable[int] | None = None,
) -> None:
    """Let partners (those that exist and are active) follow records; with kinds given these replace the old ones."""
    rows = env.cr.execute(
        "SELECT p.id, COALESCE(p.partner_share, TRUE) FROM res_partner p WHERE p.id = ANY(%s) AND p.active",
        [list(partner_ids)],
    ).fetchall()
    if not rows or not ids:
        return
    for partner, share in rows:
        kinds = list(subtype_ids) if subtype_ids is not None else _usual(env, model, internal=not share)
        made = env.cr.execute(
            "INSERT INTO mail_followers (res_model, res_id, partner_id) SELECT %s, one, %s FROM unnest(%s::int4[]) one "
            "ON CONFLICT DO NOTHING RETURNING id",
            [model, partner, list(ids)],
        ).column()
        if subtype_ids is not None:
            made = env.cr.execute(
                "SELECT id FROM mail_followers WHERE res_model = %s AND res_id = ANY(%s) AND partner_id = %s",
                [model, list(ids), partner],
            ).column()
            env.cr.execute(
                "DELETE FROM mail_followers_mail_message_subtype_rel WHERE mail_followers_id = ANY(%s)",
                [made],
            )
        env.cr.execute(
            "INSERT INTO mail_followers_mail_message_subtype_rel (mail_followers_id, mail_message_subtype_id) "
            "SELECT f, s FROM unnest(%s::int4[]) f, unnest(%s::int4[]) s ON CONFLICT DO NOTHING",
            [made, kinds],
        )
    env.forget()


def unfollow(env: Env, model: str, ids: Sequence[int], partner_ids: Sequence[int]) -> None:
    """Let partners no longer follow records."""
    env.cr.execute(
        "DELETE FROM mail_followers WHERE res_model = %s AND res_id = ANY(%s) AND partner_id = ANY(%s)",
        [model, list(ids), list(partner_ids)],
    )
    env.forget()


def partners(
    env: Env, model: str, ids: Sequence[int], only: Sequence[int] | None = None
) -> dict[int, list[int]]:
    """The partners (or those of some) that follow each record, in the order in which they came."""
    rows = env.cr.execute(
        "SELECT f.res_id, f.partner_id FROM mail_followers f JOIN res_partner p ON p.id = f.partner_id AND p.active "
        "WHERE f.res_model = %s AND f.res_id = ANY(%s) AND (%s::int4[] IS NULL OR f.partner_id = ANY(%s::int4[])) "
        "ORDER BY f.id",
        [
            model,
            list(ids),
            list(only) if only is not None else None,
            list(only) if only is not None else None,
        ],
    ).fetchall()
    found: dict[int, list[int]] = {one: [] for one in ids}
    for one, partner in rows:
        found[one].append(partner)
    return found


def followed(env: Env, model: str, partner_ids: Sequence[int]) -> list[int]:
    """Ids of the records that one of some partners follows."""
    return env.cr.execute(
        "SELECT DISTINCT res_id FROM mail_followers WHERE res_model = %s AND partner_id = ANY(%s)",
        [model, list(partner_ids)],
    ).column()


def notify(message: Any, recipients: Iterable[int], author: Any, subtype: Any) -> None:
    """Write a notification for the recipients, and for the followers of that kind of message, but not the author."""
    env = message.env
    wanted = dict.fromkeys(recipients)
    if subtype is not None and message["model"] and message["res_id"]:
        rows = env.cr.execute(
            "SELECT f.partner_id FROM mail_followers f JOIN mail_followers_mail_message_subtype_rel r "
            "ON r.mail_followers_id = f.id AND r.mail_message_subtype_id = %s WHERE f.res_model = %s AND f.res_id = %s",
            [subtype.id, message["model"], message["res_id"]],
        ).column()
        wanted.update(dict.fromkeys(rows))
    wanted.pop(author.id, None)
    if not wanted:
        return
    env.cr.execute(
        "INSERT INTO mail_notification (mail_message_id, res_partner_id, author_id, notification_type, "
        "notification_status, is_read) SELECT %s, p.id, %s, COALESCE(u.notification_type, 'email'), "
        "CASE WHEN u.notification_type = 'inbox' THEN 'sent' ELSE 'ready' END, "
        "COALESCE(u.notification_type, 'email') <> 'inbox' FROM res_partner p "
        "LEFT JOIN LATERAL (SELECT notification_type FROM res_users WHERE partner_id = p.id AND active LIMIT 1) u ON TRUE "
        "WHERE p.id = ANY(%s)",
        [message.id, author.id or None, list(wanted)],
    )
    env.forget()
