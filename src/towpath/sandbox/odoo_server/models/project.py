"""Projects and tasks: alias, stages, who is on a task, when it was closed."""

from __future__ import annotations

from typing import Any, Self

from towpath.sandbox.odoo_server.exceptions import UserError
from towpath.sandbox.odoo_server.models.given import one_id, vals_rows
from towpath.sandbox.odoo_server.records import Records, constrains, model, returns

CLOSED = frozenset({"1_done", "1_canceled"})


class ProjectProject(Records, model="project.project"):
    """A project; it owns a mail alias."""

    _odoo_class = "ProjectProject"
    _defaults = {"user_id": lambda records: records.env.uid, "label_tasks": "Tasks"}  # noqa: RUF012 - read by the registry

    @model
    @returns("ids")
    def create(self, vals_list: Any) -> Self:
        """Make projects with their aliases."""
        target = self.env.ref("project.model_project_task").id
        rows = []
        for vals in vals_rows(vals_list):
            one = {"alias_model_id": target, "alias_contact": "everyone", "alias_defaults": "{}", **vals}
            if "label_tasks" in one and not one["label_tasks"]:
                one["label_tasks"] = "Tasks"
            one.setdefault("company_id", False if self.env.is19 else self.env.company_id)
            one.setdefault("allow_milestones", False)
            rows.append(one)
        return super().create(rows)

    def unlink(self) -> bool:
        """Delete projects with their tasks."""
        self.sudo().with_context(active_test=False).mapped("tasks").unlink()
        aliases = self.sudo().mapped("alias_id")
        done = super().unlink()
        aliases.exists().unlink()
        return done

    def _counts(self, condition: str = "true") -> dict[int, Any]:
        rows = self.env.cr.execute(
            f"SELECT project_id, count(*) FROM project_task WHERE project_id = ANY(%s) AND active AND {condition} GROUP BY 1",
            [list(self.ids)],
        )
        return dict(rows.fetchall())

    def _compute_task_count(self) -> dict[int, Any]:
        return self._counts()

    def _compute_open_task_count(self) -> dict[int, Any]:
        return self._counts("state NOT IN ('1_done', '1_canceled')")

    def _compute_closed_task_count(self) -> dict[int, Any]:
        return self._counts("state IN ('1_done', '1_canceled')")

    def _compute_currency_id(self) -> dict[int, Any]:
        return {one.id: (one.sudo().company_id or self.env.company).currency_id for one in self}

    def _compute_is_favorite(self) -> dict[int, Any]:
        return {one.id: self.env.uid in one.sudo().favorite_user_ids.ids for one in self}


class ProjectTask(Records, model="project.task"):
    """A task."""

    _odoo_class = "ProjectTask"

    @model
    @returns("ids")
    def create(self, vals_list: Any) -> Self:
        """Make tasks in the first stage of their project."""
        rows = []
        for vals in vals_rows(vals_list):
            one = dict(vals) if hasattr(vals, "get") else vals
            rows.append(self._prepared(one) if isinstance(one, dict) else one)
        return super().create(rows)

    def _prepared(self, one: dict[str, Any]) -> dict[str, Any]:
        env = self.env
        parent = env.sudo()["project.task"].browse(one_id(one.get("parent_id")) or ()).exists()
        project_id = (
            one_id(one.get("project_id") or env.context.get("default_project_id")) or parent.project_id.id
        )
        project = env.sudo()["project.project"].browse(project_id or ()).exists()
        if parent and "project_id" not in one:
            one["project_id"] = parent.project_id.id
        if "stage_id" not in one and "default_stage_id" not in env.context and project:
            stage = env.sudo()["project.task.type"].search(
                [("project_ids", "=", project.id), ("fold", "=", False)], limit=1
            )
            one["stage_id"] = stage.id
        if "partner_id" not in one and project and project.partner_id:
            one["partner_id"] = project.partner_id.id
        one.setdefault("company_id", project.company_id.id if project else False)
        one.setdefault("display_in_project", not parent or parent.project_id.id != project_id)
        if "user_ids" not in one and not project and "default_user_ids" not in env.context:
            one["user_ids"] = [(4, env.uid)]
        now = env.now.replace(microsecond=0)
        one.setdefault("date_last_stage_update", now)
        if one.get("user_ids"):
            one.setdefault("date_assign", now)
        return one

    def write(self, vals: Any) -> bool:
        """Change tasks; stage and state leave their dates."""
        if not hasattr(vals, "get"):
            return super().write(vals)
        vals = dict(vals)
        now = self.env.now.replace(microsecond=0)
        if "stage_id" in vals:
            vals.setdefault("date_last_stage_update", now)
        if "state" in vals:
            vals.setdefault("date_last_stage_update", now)
            vals["date_end"] = now if vals["state"] in CLOSED else False
        if vals.get("user_ids") and any(not one.date_assign for one in self.exists()):
            vals.setdefault("date_assign", now)
        return super().write(vals)

    @constrains("parent_id")
    def _check_parent(self) -> None:
        for task in self.sudo():
            seen, above = {task.id}, task.parent_id
            while above:
                if above.id in seen:
                    raise UserError("Error! You cannot create a recursive hierarchy of tasks.")
                seen.add(above.id)
                above = above.parent_id

    def _compute_is_closed(self) -> dict[int, Any]:
        return {one.id: one.state in CLOSED for one in self}

    def _search_is_closed(self, operator: str, value: Any) -> list[Any]:
        wanted = bool(value[0] if isinstance(value, list | tuple) else value) == (operator in {"=", "in"})
        return [("state", "in" if wanted else "not in", sorted(CLOSED))]

    def _compute_subtask_count(self) -> dict[int, Any]:
        return {one.id: len(one.child_ids) for one in self}

    def _compute_portal_user_names(self) -> dict[int, Any]:
        return {one.id: ", ".join(user.name for user in one.sudo().user_ids) for one in self}
