# ruff: noqa: SLF001 - records call the protected methods of other records, as in Odoo
"""Users: each has a partner, groups imply groups, companies are checked.

What a user may change of itself without rights on users is the short list of a real server.
"""

from __future__ import annotations

from typing import Any, Self

from towpath.sandbox.odoo_server.exceptions import AccessDenied, UserError, ValidationError
from towpath.sandbox.odoo_server.models.given import vals_rows
from towpath.sandbox.odoo_server.records import Records, constrains, model, private, returns, versions
from towpath.sandbox.odoo_server.wire.passwords import hash_password, verify_password

OWN = frozenset(
    {
        "signature", "action_id", "company_id", "email", "name", "image_1920", "lang", "tz", "notification_type", "phone",
        "calendar_last_notif_ack", "odoobot_state", "tour_enabled", "mobile", "password",
    }
)  # fmt: skip
"""Fields users may write on themselves."""
KEPT = "You cannot delete the {} user because it is utilized in various places (such as security configurations,...). Instead, archive it."


class ResUsers(Records, model="res.users"):
    """A user of the database."""

    _odoo_class = "ResUsers"

    @property
    def _groups(self) -> str:
        return "group_ids" if self.env.is19 else "groups_id"

    @model
    @returns("ids")
    def create(self, vals_list: Any) -> Self:
        """Make users with their partners; internal users unless groups are named."""
        rows = vals_rows(vals_list)
        prepared = []
        for vals in rows:
            one = dict(vals)
            if self._groups not in one:
                one[self._groups] = [(6, 0, list(self._default_groups()))]
            if "company_id" not in one:
                one["company_id"] = self.env.company_id
            if "company_ids" not in one:
                one["company_ids"] = [(4, one["company_id"])]
            if one.get("login") and not one.get("email") and not one.get("partner_id"):
                one |= {"email": one["login"]} if "@" in str(one["login"]) else {}
            prepared.append(one)
        users = super().create(prepared)
        for user in users.sudo():
            if user.partner_id.company_id:
                user.partner_id.write({"company_id": user.company_id.id})
            if user.partner_id.active != user.active:
                user.partner_id.write({"active": user.active})
        users._after_groups()
        return users

    def _default_groups(self) -> tuple[int, ...]:
        names = ["base.group_user"] if not self.env.is19 else ["base.group_user", "base.default_user_group"]
        return tuple(found.id for one in names if (found := self.env.ref(one, raise_if_not_found=False)))

    def write(self, vals: Any) -> bool:
        """Change users; a user may change a little of itself."""
        if not hasattr(vals, "get"):
            return super().write(vals)
        if vals.get("active") and 1 in self.ids:
            raise UserError("You cannot activate the superuser.")
        if vals.get("active") is False and self.env.uid in self.ids:
            raise UserError("You cannot deactivate the user you're currently logged in as.")
        records: Any = self
        if self.ids == (self.env.uid,) and not self.env.su and set(vals) <= OWN:
            company = vals.get("company_id")
            allowed = self.env.sudo()["res.users"].browse(self.env.uid).company_ids.ids
            if company is None or company in allowed:
                records = self.sudo()
        done = Records.write(records, vals) if records is self else super(ResUsers, records).write(vals)
        if self._groups in vals:
            self._after_groups()
        return done

    def _after_groups(self) -> None:
        """On 17.0 users hold the implied groups themselves; a user is shared unless it is internal."""
        users = self.sudo()
        if not self.env.is19:
            field = self._model.fields["groups_id"].relation_table
            if field is not None:
                self.env.cr.execute(
                    "WITH RECURSIVE more (uid, gid) AS (SELECT uid, gid FROM res_groups_users_rel WHERE uid = ANY(%s) "
                    "UNION SELECT m.uid, i.hid FROM more m JOIN res_groups_implied_rel i ON i.gid = m.gid) "
                    "INSERT INTO res_groups_users_rel (uid, gid) SELECT uid, gid FROM more ON CONFLICT DO NOTHING",
                    [list(users.ids)],
                )
            self.env.forget()
        users._store({one.id: {"share": not one.has_group_of("base.group_user")} for one in users})
        partners = users.mapped("partner_id")
        partners._store({one.id: {"partner_share": one._shared()} for one in partners}, touch=False)

    def unlink(self) -> bool:
        """Delete users, but not those the system needs."""
        names = {"base.user_root": "superuser", "base.user_admin": "admin", "base.public_user": "public"}
        for xmlid, name in names.items():
            found = self.env.ref(xmlid, raise_if_not_found=False)
            if found is not None and found.id in self.ids and self.has_access_to_delete():
                raise UserError(KEPT.format(name))
        return super().unlink()

    @private
    def has_access_to_delete(self) -> bool:
        """Whether the caller may delete users at all."""
        from towpath.sandbox.odoo_server.orm import access

        return bool(self.env.su or access.may(self.env, self._model, "unlink"))

    # -- groups

    @private
    def has_group_of(self, xmlid: str) -> bool:
        """Whether the user holds a group, itself or implied."""
        module, _, name = xmlid.partition(".")
        found = self.env.cr.execute(
            "WITH RECURSIVE held (gid) AS (SELECT gid FROM res_groups_users_rel WHERE uid = %s "
            "UNION SELECT i.hid FROM held h JOIN res_groups_implied_rel i ON i.gid = h.gid) "
            "SELECT 1 FROM held JOIN ir_model_data d ON d.model = 'res.groups' AND d.res_id = held.gid "
            "WHERE d.module = %s AND d.name = %s",
            [self.id or self.env.uid, module, name],
        ).fetchone()
        return found is not None

    @model
    @versions("17.0", name="has_group")
    def _has_group_17(self, group_ext_id: str) -> bool:
        """Whether the caller holds a group."""
        return bool(self.env.user.has_group_of(group_ext_id))

    @versions("19.0", name="has_group")
    def _has_group_19(self, group_ext_id: str) -> bool:
        """Whether the user holds a group."""
        self._one()
        return bool(self.has_group_of(group_ext_id))

    def _compute_all_group_ids(self) -> dict[int, Any]:
        rows = self.env.cr.execute(
            "WITH RECURSIVE held (uid, gid) AS (SELECT uid, gid FROM res_groups_users_rel WHERE uid = ANY(%s) "
            "UNION SELECT h.uid, i.hid FROM held h JOIN res_groups_implied_rel i ON i.gid = h.gid) SELECT uid, gid FROM held",
            [list(self.ids)],
        )
        found: dict[int, list[int]] = {one: [] for one in self.ids}
        for uid, gid in rows.fetchall():
            found[uid].append(gid)
        return dict(found)

    def _search_all_group_ids(self, operator: str, value: Any) -> list[Any]:
        wanted = [value] if isinstance(value, int) and not isinstance(value, bool) else list(value or [])
        rows = self.env.cr.execute(
            "WITH RECURSIVE giving (gid) AS (SELECT unnest(%s::int4[]) UNION "
            "SELECT i.gid FROM giving g JOIN res_groups_implied_rel i ON i.hid = g.gid) SELECT gid FROM giving",
            [wanted],
        )
        return [("group_ids", "in" if operator in {"=", "in"} else "not in", rows.column())]

    # -- the caller's own

    @model
    def context_get(self) -> dict[str, Any]:
        """The caller's language, time zone and id."""
        user = self.env.user
        return {"lang": user.lang or "en_US", "tz": user.tz or False, "uid": self.env.uid}

    def _inverse_password(self, value: Any) -> None:
        """Keep a hash of a password that was set; an empty one changes nothing."""
        if value:
            self.env.cr.execute(
                "UPDATE res_users SET password = %s WHERE id = ANY(%s)",
                [hash_password(value), list(self.ids)],
            )

    @model
    def change_password(self, old_passwd: str, new_passwd: str) -> bool:
        """Change the caller's own password."""
        found = self.env.cr.execute("SELECT password FROM res_users WHERE id = %s", [self.env.uid]).fetchone()
        if not old_passwd or not verify_password(old_passwd, found[0] if found else None):
            raise AccessDenied("Access Denied")
        if not new_passwd:
            raise UserError("Setting empty passwords is not allowed for security reasons!")
        self.browse(self.env.uid)._inverse_password(new_passwd)
        return True

    def _compute_password(self) -> dict[int, Any]:
        return dict.fromkeys(self.ids, "")

    def _compute_companies_count(self) -> dict[int, Any]:
        count = self.env.sudo()["res.company"].search_count([])
        return dict.fromkeys(self.ids, count)

    def _compute_groups_count(self) -> dict[int, Any]:
        return {one.id: len(one[self._groups]) for one in self}

    def _display_names(self) -> dict[int, Any]:
        rows = self.env.cr.execute(
            "SELECT u.id, p.name FROM res_users u JOIN res_partner p ON p.id = u.partner_id WHERE u.id = ANY(%s)",
            [list(self.ids)],
        )
        return {one: name or "" for one, name in rows.fetchall()}

    @constrains("group_ids", "groups_id")
    def _check_user_types(self) -> None:
        """A user is internal, of the portal or public, and only one of them."""
        names = ("base.group_user", "base.group_portal", "base.group_public")
        for user in self.sudo():
            held = [one for one in names if user.has_group_of(one)]
            if len(held) > 1:
                if not self.env.is19:
                    raise ValidationError("The user cannot have more than one user types.")
                shown = ", ".join(repr(self.env.ref(one).sudo().display_name) for one in held)
                raise ValidationError(
                    f"User {user.name!r} cannot be at the same time in exclusive groups {shown}."
                )

    @constrains("group_ids", "groups_id", "active")
    def _check_administrator(self) -> None:
        """Somebody must be able to administrate."""
        found = self.env.cr.execute(
            "WITH RECURSIVE held (uid, gid) AS (SELECT uid, gid FROM res_groups_users_rel "
            "UNION SELECT h.uid, i.hid FROM held h JOIN res_groups_implied_rel i ON i.gid = h.gid) "
            "SELECT 1 FROM held JOIN ir_model_data d ON d.model = 'res.groups' AND d.res_id = held.gid AND d.module = 'base' "
            "AND d.name = 'group_system' JOIN res_users u ON u.id = held.uid AND u.active LIMIT 1"
        ).fetchone()
        if found is None:
            raise ValidationError("You must have at least an administrator user.")

    @constrains("company_id", "company_ids", "active")
    def _check_company(self) -> None:
        for user in self.sudo().filtered(lambda one: one.active):
            if user.company_id not in user.company_ids:
                names = ", ".join(one.name for one in user.company_ids)
                raise ValidationError(
                    f"Company {user.company_id.name} is not in the allowed companies for user {user.name} ({names})."
                )
