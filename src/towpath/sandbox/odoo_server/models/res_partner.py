# ruff: noqa: SLF001 - records call the protected methods of other records, as in Odoo
"""Partners: complete names, commercial entity, what contacts take over from their company, addresses.

The rules follow what a real server does on create and write (real-odoo.md §2, scenarios meta-names and company-multi).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from email.utils import getaddresses
from typing import Any, Self

from towpath.sandbox.odoo_server.exceptions import UserError, ValidationError
from towpath.sandbox.odoo_server.models.given import vals_rows
from towpath.sandbox.odoo_server.records import Records, constrains, model, returns

ADDRESS = ("street", "street2", "zip", "city", "state_id", "country_id")
COMMERCIAL = ("vat", "company_registry", "industry_id")
NAMING = frozenset({"name", "parent_id", "is_company", "type", "company_name", "commercial_partner_id"})
LABELLED = ("invoice", "delivery", "other")


def normalized_email(text: Any) -> Any:
    """The one address in a text, in small letters; False when there is none or several."""
    found = [address for _name, address in getaddresses([text])] if isinstance(text, str) and text else []
    found = [one for one in found if re.fullmatch(r"[^@\s]+@[^@\s]+", one)]
    return found[0].lower() if len(found) == 1 else False


def sanitized_phone(text: Any, code: int) -> Any:
    """A number in international form, by the dial code of its country; False when it can not be one."""
    if not isinstance(text, str):
        return False
    digits = re.sub(r"\D", "", text)
    if text.strip().startswith("+"):
        full = digits
    elif text.strip().startswith("00"):
        full = digits[2:]
    else:
        full = f"{code}{digits.lstrip('0')}" if code else ""
    return f"+{full}" if 8 <= len(full) <= 15 else False


class ResPartner(Records, model="res.partner"):
    """A contact, a company or an address."""

    _odoo_class = "ResPartner"

    @model
    @returns("ids")
    def create(self, vals_list: Any) -> Self:
        """Make partners; contacts take over their company's address and commercial values."""
        rows = vals_rows(vals_list)
        prepared = [self._prepared(vals) for vals in rows]
        partners = super().create(prepared)
        for partner, vals in zip(partners, prepared, strict=True):
            if vals.get("parent_id"):
                partner._take_over(vals)
                partner._first_contact()
        return partners

    def write(self, vals: Any) -> bool:
        """Change partners, and what follows for their contacts."""
        if not hasattr(vals, "get"):
            return super().write(vals)
        vals = self._prepared(vals, created=False)
        if vals.get("active") is False:
            self._keep_users(
                "archive contacts linked to an active user.\nAsk an administrator to archive their associated user first."
            )
        if vals.get("company_id"):
            self._check_users_company(vals["company_id"])
        done = super().write(vals)
        if "company_id" in vals:
            children = self.sudo().with_context(active_test=False).mapped("child_ids")
            if children:
                children.write({"company_id": vals["company_id"]})
        for partner in self:
            partner._sync(vals)
        return done

    def unlink(self) -> bool:
        """Delete partners that are no user's."""
        self._keep_users(
            "delete contacts linked to an active user.\nYou should rather archive them after archiving their associated user."
        )
        return super().unlink()

    def _prepared(self, vals: Any, *, created: bool = True) -> Any:
        if not hasattr(vals, "get"):
            return vals
        vals = dict(vals)
        site = vals.get("website")
        if isinstance(site, str) and site and "://" not in site:
            vals["website"] = f"http://{site}"
        if "company_type" in vals:
            kind = vals.pop("company_type")
            if kind not in {"person", "company", None, False, ""}:
                raise ValueError(f"Wrong value for res.partner.company_type: {kind!r}")
            vals.setdefault("is_company", kind == "company")
        if created and "lang" not in vals and "default_lang" not in self.env.context:
            vals["lang"] = self.env.context.get("lang") or "en_US"
        if vals.get("parent_id"):
            vals["company_name"] = vals.get("company_name", False)
        return vals

    def _keep_users(self, what: str) -> None:
        """Refuse when active users are linked."""
        users = self.env.sudo()["res.users"].search([("partner_id", "in", list(self.ids))])
        if users:
            names = ", ".join(user.name for user in users)
            raise ValidationError(f"You cannot {what}\n\nLinked active users : {names}")

    def _check_users_company(self, company: Any) -> None:
        wanted = company.id if hasattr(company, "ids") else company
        users = self.env.sudo()["res.users"].search([("partner_id", "in", list(self.ids))])
        if any(user.company_id.id != wanted for user in users):
            raise UserError(
                "The selected company is not compatible with the companies of the related user(s)"
            )

    # -- what goes from company to contact

    def _address(self) -> dict[str, Any]:
        found = {name: self[name] for name in ADDRESS}
        return {name: value.id if hasattr(value, "ids") else value for name, value in found.items()}

    def _take_over(self, vals: Mapping[str, Any]) -> None:
        """Take the parent's commercial values, and its address when this is a plain contact."""
        parent = self.sudo().parent_id
        if not parent:
            return
        own = parent.commercial_partner_id
        values: dict[str, Any] = {}
        if own != self:
            for name in COMMERCIAL:
                value = own[name]
                values[name] = value.id if hasattr(value, "ids") else value
        if self.type == "contact":
            address = parent._address()
            if any(address.values()):
                values |= address
        changed = {name: value for name, value in values.items() if self._plain(name) != value}
        if changed:
            super().write(changed)
            self._sync({**vals, **changed})

    def _plain(self, name: str) -> Any:
        value = self[name]
        return value.id if hasattr(value, "ids") else value

    def _first_contact(self) -> None:
        """A first contact with an address gives it to a company without one."""
        parent = self.sudo().parent_id
        if not parent or not (parent.is_company or not parent.parent_id):
            return
        address = self._address()
        if any(address.values()) and not any(parent._address().values()):
            children = parent.with_context(active_test=False).child_ids
            if len(children) == 1:
                parent.write(address)

    def _sync(self, vals: Mapping[str, Any]) -> None:
        """Pass changed commercial values and addresses on to the contacts below."""
        if vals.get("parent_id"):
            self._take_over({key: value for key, value in vals.items() if key != "parent_id"})
        children = self.sudo().child_ids
        if not children:
            return
        commercial = {name: vals[name] for name in COMMERCIAL if name in vals}
        if commercial and self.commercial_partner_id == self:
            people = children.filtered(lambda one: not one.is_company)
            if people:
                people.write(commercial)
        address = {name: vals[name] for name in ADDRESS if name in vals}
        contacts = children.filtered(lambda one: one.type == "contact")
        if address and contacts:
            contacts.write(address)

    # -- stored computations

    def _recompute(self, changed: set[str]) -> None:
        super()._recompute(changed)
        if changed & {"email"}:
            self._store({one.id: {"email_normalized": normalized_email(one.email)} for one in self})
        if changed & {"phone", "country_id"} and "phone_sanitized" in self._model.fields:
            home = self.env.company.country_id.phone_code if self.env.company_id else 0
            self._store(
                {
                    one.id: {"phone_sanitized": sanitized_phone(one.phone, one.country_id.phone_code or home)}
                    for one in self
                }
            )
        if changed & NAMING:
            self._refresh_names()
        if "user_ids" in changed or "partner_share" not in changed:
            self._store({one.id: {"partner_share": one._shared()} for one in self})

    def _shared(self) -> bool:
        users = self.sudo().with_context(active_test=False).user_ids
        return not any(not user.share for user in users)

    def _refresh_names(self) -> None:
        """Work out commercial entity and complete name of these and of everything below them."""
        todo = self.sudo().with_context(active_test=False)
        done: set[int] = set()
        while todo:
            todo._store({one.id: {"commercial_partner_id": one._commercial().id} for one in todo})
            rows = {}
            for one in todo:
                owner = one.commercial_partner_id
                company = owner.name if owner.is_company else one.company_name
                rows[one.id] = {"commercial_company_name": company}
            todo._store(rows)
            todo._store({one.id: {"complete_name": one._complete_name()} for one in todo})
            done.update(todo.ids)
            todo = todo.mapped("child_ids")._browse(
                [one for one in todo.mapped("child_ids").ids if one not in done]
            )

    def _commercial(self) -> Any:
        if self.is_company or not self.parent_id:
            return self
        return self.parent_id.commercial_partner_id or self.parent_id

    def _complete_name(self) -> str:
        """The name with its company before it, as lists show it."""
        name = self.name or ""
        if self.company_name or self.parent_id:
            if not name and self.type in LABELLED:
                name = dict(self._model.fields["type"].attrs["selection"]).get(self.type, "")
            hidden = self.env.context.get("partner_display_name_hide_company")
            if not self.is_company and not hidden:
                company = self.commercial_company_name or self.sudo().parent_id.name or ""
                name = f"{company}, {name}"
        return str(name).strip()

    def _display_names(self) -> dict[int, Any]:
        """The complete name, with address, e-mail or VAT number as the context asks."""
        context = self.env.context
        keys = (
            "show_address",
            "show_email",
            "show_vat",
            "partner_show_db_id",
            "partner_display_name_hide_company",
        )
        if not any(context.get(key) for key in keys):
            found = self.env.cr.execute(
                "SELECT id, coalesce(complete_name, '') FROM res_partner WHERE id = ANY(%s)", [list(self.ids)]
            )
            return {int(one): name for one, name in found.fetchall()}
        names: dict[int, Any] = {}
        for one in self.sudo().exists():
            name = one._complete_name()
            if context.get("partner_show_db_id"):
                name = f"{name} ({one.id})"
            if context.get("show_email") and one.email:
                name = f"{name} <{one.email}>"
            if context.get("show_address"):
                name = re.sub(r"\n\s*\n", "\n", f"{name}\n{one._lines()}").strip()
            if context.get("show_vat") and one.vat:
                name = f"{name} ‒ {one.vat}"  # noqa: RUF001 - the dash a real server writes
            names[one.id] = name
        return names

    @model
    def name_create(self, name: Any) -> Any:
        """Make a partner of `Name <address>`."""
        found = re.fullmatch(r"\s*(.*?)\s*<([^<>@\s]+@[^<>\s]+)>\s*", name) if isinstance(name, str) else None
        vals: dict[str, Any] = {"name": name}
        if found:
            vals = {"name": found[1].strip('"') or found[2], "email": found[2]}
        made = self.create(vals)
        return made.id, made._display_names().get(made.id)

    @constrains("parent_id")
    def _check_parent(self) -> None:
        for partner in self.sudo():
            seen, above = {partner.id}, partner.parent_id
            while above:
                if above.id in seen:
                    raise ValidationError("You cannot create recursive Partner hierarchies.")
                seen.add(above.id)
                above = above.parent_id

    # -- computed fields

    def _lines(self) -> str:
        """The postal address, one part a line, as the country writes it."""
        form = (
            self.country_id.address_format
            or "%(street)s\n%(street2)s\n%(city)s %(state_code)s %(zip)s\n%(country_name)s"
        )
        parts = {
            "street": self.street or "",
            "street2": self.street2 or "",
            "city": self.city or "",
            "zip": self.zip or "",
            "state_code": self.state_id.code or "",
            "state_name": self.state_id.name or "",
            "country_code": self.country_id.code or "",
            "country_name": self.country_id.name or "",
            "company_name": self.commercial_company_name or "",
        }
        if self.commercial_company_name:
            form = "%(company_name)s\n" + form
        return str(form % parts)

    def _compute_contact_address(self) -> dict[int, Any]:
        return {one.id: one._lines() for one in self}

    def _compute_contact_address_inline(self) -> dict[int, Any]:
        return {
            one.id: ", ".join(part.strip() for part in one._lines().splitlines() if part.strip())
            for one in self
        }

    def _compute_company_type(self) -> dict[int, Any]:
        return {one.id: "company" if one.is_company else "person" for one in self}

    def _search_company_type(self, operator: str, value: Any) -> list[Any]:
        wanted = [
            one == "company"
            for one in (value if isinstance(value, Iterable) and not isinstance(value, str) else [value])
        ]
        return [("is_company", "in" if operator in {"=", "in"} else "not in", wanted)]

    def _compute_email_formatted(self) -> dict[int, Any]:
        return {one.id: f'"{one.name or "False"}" <{one.email}>' if one.email else False for one in self}

    def _compute_tz_offset(self) -> dict[int, Any]:
        from zoneinfo import ZoneInfo

        return {one.id: self.env.now.astimezone(ZoneInfo(one.tz or "GMT")).strftime("%z") for one in self}

    def _compute_self(self) -> dict[int, Any]:
        return {one.id: one for one in self}

    def _compute_currency_id(self) -> dict[int, Any]:
        return {one.id: self.env.company.currency_id for one in self}

    def _compute_vat_label(self) -> dict[int, Any]:
        return dict.fromkeys(self.ids, self.env.company.country_id.vat_label or "Tax ID")

    def _compute_type_address_label(self) -> dict[int, Any]:
        labels = {"invoice": "Invoice Address", "delivery": "Delivery Address", "other": "Other Address"}
        return {one.id: labels.get(one.type, "Address") for one in self}

    def _compute_im_status(self) -> dict[int, Any]:
        return {one.id: "offline" if one.sudo().user_ids else "im_partner" for one in self}

    def _compute_credit(self) -> dict[int, Any]:
        return self._open_amounts("asset_receivable", 1)

    def _compute_debit(self) -> dict[int, Any]:
        return self._open_amounts("liability_payable", -1)

    def _open_amounts(self, kind: str, sign: int) -> dict[int, Any]:
        """What is still open on accounts of a type, for the companies that are visible."""
        rows = self.env.cr.execute(
            "SELECT l.partner_id, sum(l.amount_residual) FROM account_move_line l JOIN account_account a ON a.id = l.account_id "
            "WHERE l.partner_id = ANY(%s) AND l.parent_state = 'posted' AND a.account_type = %s AND NOT coalesce(l.reconciled, false) "
            "AND l.company_id = ANY(%s) GROUP BY 1",
            [list(self.ids), kind, list(self.env.company_ids)],
        )
        return {one: sign * float(amount) for one, amount in rows.fetchall()}

    def _compute_total_invoiced(self) -> dict[int, Any]:
        rows = self.env.cr.execute(
            "SELECT p.id, sum(m.amount_untaxed_signed) FROM res_partner p JOIN res_partner c ON c.commercial_partner_id = p.id "
            "JOIN account_move m ON m.partner_id = c.id WHERE p.id = ANY(%s) AND m.state NOT IN ('draft', 'cancel') "
            "AND m.move_type IN ('out_invoice', 'out_refund') GROUP BY 1",
            [list(self.ids)],
        )
        return {one: float(amount) for one, amount in rows.fetchall()}

    def _compute_sale_order_count(self) -> dict[int, Any]:
        return self._counted("sale_order")

    def _compute_purchase_order_count(self) -> dict[int, Any]:
        return self._counted("purchase_order")

    def _compute_opportunity_count(self) -> dict[int, Any]:
        return self._counted("crm_lead")

    def _compute_task_count(self) -> dict[int, Any]:
        return self._counted("project_task")

    def _counted(self, table: str) -> dict[int, Any]:
        rows = self.env.cr.execute(
            f'SELECT partner_id, count(*) FROM "{table}" WHERE partner_id = ANY(%s) GROUP BY 1',
            [list(self.ids)],
        )
        return dict(rows.fetchall())
