"""Grouped reads that some models answer in their own way: stages without records, private meetings."""

from __future__ import annotations

from typing import Any

from towpath.sandbox.odoo_server.orm import group_rows
from towpath.sandbox.odoo_server.orm.domain_text import normal
from towpath.sandbox.odoo_server.records import Records, model, versions

__all__ = ["CalendarEventGroups", "CrmLeadGroups", "ProjectTaskGroups"]

PUBLIC = frozenset(
    {
        "id", "active", "allday", "duration", "user_id", "interval", "partner_id", "count", "rrule", "recurrence_id",
        "show_as", "privacy", "byday", "until", "rrule_type", "month_by", "event_tz", "end_type", "day", "weekday",
        "mon", "tue", "wed", "thu", "fri", "sat", "sun", "start", "stop", "start_date", "stop_date",
    }
)  # fmt: skip
"""Fields of a meeting that everybody may see."""


class CrmLeadGroups(Records, model="crm.lead"):
    """Leads by stage show every stage of the team."""

    def _group_expand_stage_id(self, stages: Any, _domain: Any) -> Any:
        team = self.env.context.get("default_team_id")
        domain: list[Any] = ["|", ("id", "in", list(stages.ids))]
        field = "team_ids" if "team_ids" in stages._model.fields else "team_id"  # noqa: SLF001 - the ORM's own word
        domain += ["|", (field, "=", False), (field, "=", team)] if team else [(field, "=", False)]
        return stages.sudo().search(domain)


class ProjectTaskGroups(Records, model="project.task"):
    """Tasks by stage show every stage of the project of the context."""

    def _group_expand_stage_id(self, stages: Any, _domain: Any) -> Any:
        project = self.env.context.get("default_project_id")
        domain: list[Any] = [("id", "in", list(stages.ids))]
        if project:
            domain = ["|", ("project_ids", "=", project), *domain]
        return stages.sudo().search(domain)


class CalendarEventGroups(Records, model="calendar.event"):
    """Private meetings of others do not count where more than their time is asked for."""

    @model
    @versions("17.0", name="read_group")
    def _read_group_17(
        self,
        domain: Any,
        fields: Any,
        groupby: Any,
        offset: Any = 0,
        limit: Any = None,
        orderby: Any = False,
        lazy: bool = True,
    ) -> list[dict[str, Any]]:
        """Groups of meetings."""
        known = self._model.fields
        wanted = [one for one in (fields or list(known)) if ":" in one or known.get(one) is not None]
        names = {one.split(":")[0].split("(")[-1].rstrip(")") for one in wanted}
        names |= {one.split(":")[0] for one in ([groupby] if isinstance(groupby, str) else groupby)}
        if names - PUBLIC and not self.env.su:
            # one after the other, with an explicit "&" as 17.0 writes it
            domain = ["&", *normal(domain), "|", ("privacy", "!=", "private"), ("user_id", "=", self.env.uid)]
        return group_rows.read_group(self, domain, fields, groupby, offset, limit, orderby, lazy=lazy)
