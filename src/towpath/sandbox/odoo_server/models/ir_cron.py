# ruff: noqa: SLF001 - records call the protected methods of other records, as in Odoo
"""Scheduled actions, which run here when they are told to; and the code of server actions, which has to be Python."""

from __future__ import annotations

from typing import Any, ClassVar

from towpath.sandbox.odoo_server.exceptions import ValidationError
from towpath.sandbox.odoo_server.orm.write import check
from towpath.sandbox.odoo_server.records import Records, constrains

__all__ = ["IrCron", "WrittenActions"]


class IrCron(Records, model="ir.cron"):
    """A scheduled action."""

    _odoo_class = "ir_cron"
    _defaults: ClassVar[dict[str, Any]] = {"numbercall": 1}

    def _recompute(self, changed: set[str]) -> None:
        super()._recompute(changed)
        if "cron_name" in self._model.fields and changed & {"name", "ir_actions_server_id"}:
            self._store({one.id: {"cron_name": one.name} for one in self.sudo()}, touch=False)

    def method_direct_trigger(self) -> bool:
        """Run these at once."""
        check(self, "write")
        for cron in self:
            cron.with_user(cron.user_id).ir_actions_server_id.run()
            cron.sudo()._put({"lastcall": self.env.now.replace(microsecond=0)}, touch=False)
        return True


class WrittenActions(Records, model="ir.actions.server"):
    """Server actions that people write."""

    @constrains("code", "state")
    def _check_python_code(self) -> None:
        for action in self.sudo():
            if action.state != "code" or not action.code:
                continue
            try:
                compile(action.code.strip(), "", "exec")
            except SyntaxError as problem:
                said = f"{type(problem).__name__} : {problem.msg} at line {problem.lineno}\n{problem.text}"
                raise ValidationError(said) from problem
            except (TypeError, ValueError) as problem:
                raise ValidationError(str(problem)) from problem

    def create_action(self) -> bool:
        """Offer these in the menu of their model's records."""
        for action in self:
            action.write({"binding_model_id": action.sudo().model_id.id, "binding_type": "action"})
        return True

    def unlink_action(self) -> bool:
        """Offer these no more."""
        self.write({"binding_model_id": False})
        return True
