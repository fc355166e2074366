# ruff: noqa: SLF001 - records call the protected methods of other records, as in Odoo
"""Employees: each has a resource, and on 19.0 a version that holds job, department and contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from towpath.sandbox.odoo_server.models.given import vals_rows
from towpath.sandbox.odoo_server.records import Records, model, returns


class HrEmployee(Records, model="hr.employee"):
    """A person who works for a company."""

    _odoo_class = "HrEmployee"

    @model
    @returns("ids")
    def create(self, vals_list: Any) -> Self:
        """Make employees with their resources (and versions)."""
        rows = vals_rows(vals_list)
        prepared = [self._prepared(vals) if hasattr(vals, "get") else vals for vals in rows]
        employees = super().create(prepared)
        if self.env.is19:
            for employee, vals in zip(employees, prepared, strict=True):
                employee._put({"current_version_id": vals["version_id"]}, touch=False)
                employee.env.sudo()["hr.version"].browse(vals["version_id"])._put(
                    {"employee_id": employee.id}, touch=False
                )
            self.env.forget()
        return employees

    def _prepared(self, vals: Mapping[str, Any]) -> dict[str, Any]:
        one, env = dict(vals), self.env.sudo()
        one.setdefault("company_id", self.env.company_id)
        user = env["res.users"].browse(one.get("user_id") or ()).exists()
        if user:
            one.setdefault("name", user.name)
            one.setdefault("work_contact_id", user.partner_id.id)
            one.setdefault("work_email", user.email)
        if not one.get("resource_id"):
            calendar = env["resource.calendar"].search(
                [("company_id", "in", [one["company_id"], False])], limit=1
            )
            one["resource_id"] = (
                env["resource.resource"]
                .create(
                    [
                        {
                            "name": one.get("name"),
                            "user_id": one.get("user_id") or False,
                            "company_id": one["company_id"],
                            "calendar_id": one.get("resource_calendar_id") or calendar.id,
                            "tz": self.env.user.tz or "UTC",
                            "resource_type": "user",
                        }
                    ]
                )
                .id
            )
        if not one.get("work_contact_id") and one.get("name"):
            contact = {"name": one["name"], "email": one.get("work_email"), "company_id": one["company_id"]}
            one["work_contact_id"] = env["res.partner"].create([contact]).id
        if self.env.is19 and not one.get("version_id"):
            one["version_id"] = env["hr.version"].create([{"company_id": one["company_id"]}]).id
        return one

    def _compute_version_id(self) -> dict[int, Any]:
        return {one.id: one.sudo().current_version_id for one in self}

    def _search_version_id(self, operator: str, value: Any) -> list[Any]:
        return [("current_version_id", operator, value)]

    def write(self, vals: Any) -> bool:
        """Change employees; their resources keep the same name."""
        done = super().write(vals)
        if hasattr(vals, "get") and {"name", "active", "user_id"} & set(vals):
            for employee in self.sudo():
                kept = {name: vals[name] for name in ("name", "active", "user_id") if name in vals}
                employee.resource_id.write(kept)
        return done

    def _recompute(self, changed: set[str]) -> None:
        super()._recompute(changed)
        if "job_id" in changed and "job_title" not in changed and self._model.fields["job_title"].sql_type:
            self._store({one.id: {"job_title": one.job_id.name} for one in self})


class HrVersion(Records, model="hr.version"):
    """What holds for an employee from a day on."""

    _defaults = {  # noqa: RUF012 - a declaration read by the registry
        "date_version": lambda records: records.env.now.date(),
        "hr_responsible_id": lambda records: records.env.uid,
        "last_modified_uid": lambda records: records.env.uid,
        "last_modified_date": lambda records: records.env.now.replace(microsecond=0),
        "distance_home_work_unit": "kilometers",
        "employee_type": "employee",
        "marital": "single",
    }


class HrDepartment(Records, model="hr.department"):
    """A department; its complete name is the path of names."""

    def _recompute(self, changed: set[str]) -> None:
        super()._recompute(changed)
        if changed & {"name", "parent_id"}:
            todo = self.sudo()
            while todo:
                todo._store(
                    {
                        one.id: {
                            "complete_name": f"{one.parent_id.complete_name} / {one.name}"
                            if one.parent_id
                            else one.name
                        }
                        for one in todo
                    }
                )
                todo = todo.mapped("child_ids")

    def _compute_complete_name(self) -> dict[int, Any]:
        """The path of names, which 19.0 does not keep."""
        found: dict[int, Any] = {}
        for one in self:
            names, above = [str(one.name)], one.parent_id
            while above:
                names.insert(0, str(above.name))
                above = above.parent_id
            found[one.id] = " / ".join(names)
        return found

    def _compute_total_employee(self) -> dict[int, Any]:
        return {
            one.id: self.env.sudo()["hr.employee"].search_count([("department_id", "=", one.id)])
            for one in self
        }
