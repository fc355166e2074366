"""Leads and opportunities: stage, probability, what comes from the customer, winning and losing."""

from __future__ import annotations

from typing import Any, Self

from towpath.sandbox.odoo_server.exceptions import UserError
from towpath.sandbox.odoo_server.models.given import vals_rows
from towpath.sandbox.odoo_server.models.numbering import amount
from towpath.sandbox.odoo_server.models.res_partner import normalized_email, sanitized_phone
from towpath.sandbox.odoo_server.records import Records, model, returns

FROM_PARTNER = ("street", "street2", "city", "zip", "website", "function")
MONEY = frozenset({"expected_revenue", "probability", "recurring_revenue", "recurring_plan"})


MERGED = 5
"""How many leads a user merges at once at most."""
TAKEN = (
    "partner_id", "partner_name", "contact_name", "email_from", "phone", "function", "website", "street", "street2",
    "zip", "city", "state_id", "country_id", "user_id", "team_id", "campaign_id", "source_id", "medium_id",
    "expected_revenue", "date_deadline", "description", "referred", "title", "mobile", "company_id",
)  # fmt: skip
"""What the merged opportunity takes from the others where it has nothing itself."""


def _default_type(records: Any) -> str:
    """A lead where the database tells leads from opportunities, else an opportunity."""
    return "lead" if records.env.user.has_group_of("crm.group_use_lead") else "opportunity"


class CrmLead(Records, model="crm.lead"):
    """A lead or an opportunity."""

    _odoo_class = "CrmLead"
    _defaults = {"type": _default_type, "user_id": lambda records: records.env.uid}  # noqa: RUF012 - read by the registry

    @model
    @returns("ids")
    def create(self, vals_list: Any) -> Self:
        """Make leads in the first stage."""
        rows = vals_rows(vals_list)
        return super().create([self._prepared(vals) for vals in rows])

    def _prepared(self, vals: Any) -> Any:
        if not hasattr(vals, "get"):
            return vals
        one, env = dict(vals), self.env
        if "team_id" not in one and "default_team_id" not in env.context:
            one["team_id"] = env.sudo()["crm.team"].search([], limit=1).id
        if "stage_id" not in one and "default_stage_id" not in env.context:
            one["stage_id"] = env.sudo()["crm.stage"].search([], limit=1).id
        one.setdefault("date_last_stage_update", env.now.replace(microsecond=0))
        if one.get("user_id", True):
            one.setdefault("date_open", env.now.replace(microsecond=0))
        one.setdefault("automated_probability", 0.0)
        if "probability" not in one:
            one["probability"] = one["automated_probability"]
        if "company_id" not in one:
            one["company_id"] = False if self.env.is19 else env.company_id
        for field in ("partner_name", "contact_name", "email_from", "phone", *FROM_PARTNER):
            if isinstance(one.get("partner_id"), int) and field not in one:
                value = self._of_partner(one["partner_id"], field)
                if value:
                    one[field] = value
        if one.get("website") and "://" not in str(one["website"]):
            one["website"] = f"http://{one['website']}"
        return one

    def _of_partner(self, partner_id: int, field: str) -> Any:
        """What a lead takes over from its customer."""
        partner = self.env.sudo()["res.partner"].browse(partner_id).exists()
        if not partner:
            return False
        if field == "partner_name":
            return partner.name if partner.is_company else partner.parent_id.name
        if field == "contact_name":
            return False if partner.is_company else partner.name
        return partner[{"email_from": "email"}.get(field, field)]

    def write(self, vals: Any) -> bool:
        """Change leads; a won stage makes them certain."""
        if not hasattr(vals, "get"):
            return super().write(vals)
        vals = dict(vals)
        now = self.env.now.replace(microsecond=0)
        if vals.get("stage_id"):
            stage = self.env["crm.stage"].browse(vals["stage_id"])
            vals.setdefault("date_last_stage_update", now)
            if stage.is_won:
                vals |= {"probability": 100, "automated_probability": 100}
        if vals.get("website") and "://" not in str(vals["website"]):
            vals["website"] = f"http://{vals['website']}"
        if float(vals.get("probability") or 0) >= 100 or vals.get("active") is False:
            vals.setdefault("date_closed", now)
        elif float(vals.get("probability") or 0) > 0:
            vals.setdefault("date_closed", False)
        return super().write(vals)

    def _recompute(self, changed: set[str]) -> None:
        super()._recompute(changed)
        if changed & MONEY:
            rows = {}
            for one in self.sudo():
                monthly = one.recurring_revenue / (one.recurring_plan.number_of_months or 1)
                rows[one.id] = {
                    "prorated_revenue": amount(one.expected_revenue * one.probability / 100),
                    "recurring_revenue_monthly": amount(monthly),
                    "recurring_revenue_monthly_prorated": amount(monthly * one.probability / 100),
                }
            self._store(rows)
        if changed & {"email_from"}:
            self._store({one.id: {"email_normalized": normalized_email(one.email_from)} for one in self})
        if changed & {"phone", "country_id"}:
            self._store(
                {
                    one.id: {"phone_sanitized": sanitized_phone(one.phone, one.country_id.phone_code or 1)}
                    for one in self
                }
            )
        if "won_status" in self._model.fields and changed & {"probability", "active", "stage_id"}:
            states: dict[int, dict[str, Any]] = {}
            for one in self.sudo():
                won = one.active and one.probability == 100 and one.stage_id.is_won
                lost = not one.active and one.probability == 0
                states[one.id] = {"won_status": "won" if won else "lost" if lost else "pending"}
            self._store(states)

    def _compute_company_currency(self) -> dict[int, Any]:
        return {one.id: (one.sudo().company_id or self.env.company).currency_id for one in self}

    def _compute_is_automated_probability(self) -> dict[int, Any]:
        return {one.id: one.probability == one.automated_probability for one in self}

    # -- winning and losing

    def action_set_won(self) -> bool:
        """Win opportunities."""
        self.action_unarchive()
        stages = self.env["crm.stage"].search([("is_won", "=", True)])
        for lead in self:
            own = stages.filtered(
                lambda one, team=lead.team_id: not one["team_ids" if self.env.is19 else "team_id"] or team
            )
            lead.write({"stage_id": (own or stages)[:1].id, "probability": 100})
        return True

    def action_set_won_rainbowman(self) -> Any:
        """Win an opportunity and say so."""
        self._one()
        self.action_set_won()
        return {
            "effect": {
                "fadeout": "slow",
                "message": "Go, go, go! Congrats for your first deal.",
                "type": "rainbow_man",
            }
        }

    def action_set_lost(self, **additional_values: Any) -> Any:
        """Lose opportunities: archived, with no chance left."""
        done = self.action_archive()
        self.write({"probability": 0, "automated_probability": 0, **additional_values})
        return done

    def toggle_active(self) -> Any:
        """Lose or bring back opportunities."""
        done = super().toggle_active()
        self.filtered("active").write({"lost_reason_id": False})
        return done

    def convert_opportunity(self, partner: Any, user_ids: Any = False, team_id: Any = False) -> bool:
        """Make opportunities of leads."""
        for lead in self:
            if not lead.active or lead.probability == 100:
                continue
            vals: dict[str, Any] = {
                "type": "opportunity",
                "date_conversion": self.env.now.replace(microsecond=0),
            }
            if partner:
                vals["partner_id"] = partner.id if hasattr(partner, "ids") else partner
            if user_ids:
                vals["user_id"] = user_ids[0]
            if team_id:
                vals["team_id"] = team_id
            lead.write(vals)
        return True

    def merge_opportunity(self, user_id: Any = False, team_id: Any = False, auto_unlink: bool = True) -> Any:
        """Merge into the most promising one, which takes over what it lacks; the others go.

        Raises:
            UserError: for one alone, or more than five at once.
        """
        if len(self.ids) <= 1:
            raise UserError("Select at least two Leads/Opportunities from the list to merge them.")
        if len(self.ids) > MERGED and not self.env.su:
            raise UserError(
                "To prevent data loss, Leads and Opportunities can only be merged by groups of 5."
            )
        ranked = self.sorted(
            key=lambda one: (
                one.type == "opportunity" or one.active,
                one.type == "opportunity",
                one.stage_id.sequence,
                one.probability,
                -one.id,
            ),
            reverse=True,
        )
        head, tail = ranked[:1], ranked[1:]
        vals: dict[str, Any] = {}
        for name in TAKEN:
            if name not in self._model.fields or head[name]:
                continue
            value: Any = next((one[name] for one in ranked if one[name]), False)
            if value:
                vals[name] = value.id if hasattr(value, "ids") else value
        if any(one.type == "opportunity" for one in ranked) and head.type != "opportunity":
            vals["type"] = "opportunity"
        tags = ranked.mapped("tag_ids")
        vals["tag_ids"] = [(6, 0, list(tags.ids))]
        vals |= {"user_id": user_id} if user_id else {}
        vals |= {"team_id": team_id} if team_id else {}
        head.write(vals)
        if auto_unlink:
            tail.sudo().unlink()
        return head


class CrmLeadLost(Records, model="crm.lead.lost"):
    """The wizard that loses opportunities for a reason."""

    @model
    def default_get(self, fields_list: Any) -> dict[str, Any]:
        """Take the leads the wizard was called on."""
        found = super().default_get(fields_list)
        if "lead_ids" in fields_list and self.env.context.get("active_ids"):
            found["lead_ids"] = [(6, 0, list(self.env.context["active_ids"]))]
        return found

    def action_lost_reason_apply(self) -> Any:
        """Lose the leads."""
        self._one()
        return self.lead_ids.action_set_lost(lost_reason_id=self.lost_reason_id.id)


class CrmTeam(Records, model="crm.team"):
    """A sales team; it owns a mail alias."""

    @model
    @returns("ids")
    def create(self, vals_list: Any) -> Self:
        """Make teams with their aliases."""
        rows = vals_rows(vals_list)
        target = self.env.ref("crm.model_crm_lead").id
        return super().create(
            [
                {"alias_model_id": target, "alias_contact": "everyone", "alias_defaults": "{}", **vals}
                for vals in rows
            ]
        )

    def unlink(self) -> bool:
        """Delete teams other than the first ones."""
        kept = [
            self.env.ref(f"sales_team.{one}", raise_if_not_found=False)
            for one in ("salesteam_website_sales",)
        ]
        for team in kept:
            if team is not None and team.id in self.ids:
                raise UserError(f'Cannot delete default team "{team.name}"')
        return super().unlink()
