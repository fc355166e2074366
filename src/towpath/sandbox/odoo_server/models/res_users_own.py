"""What users ask about themselves: whether they ever logged in, their time zone, their groups, their preferences."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from towpath.sandbox.odoo_server.records import Records, versions

__all__ = ["ResUsersOwn"]


class ResUsersOwn(Records, model="res.users"):
    """A user and its preferences."""

    def _compute_state(self) -> dict[int, Any]:
        return {one.id: "active" if one.login_date else "new" for one in self.sudo()}

    def _compute_tz_offset(self) -> dict[int, Any]:
        return {one.id: _offset(one.tz) for one in self.sudo()}

    @versions("19.0")
    def has_groups(self, group_spec: str) -> bool:
        """Whether the user is in one of some groups, and in none of those with ``!``; ``.`` is no group."""
        self._one()
        named = [one.strip() for one in group_spec.split(",")]
        if any(self._in(one[1:]) for one in named if one.startswith("!")):
            return False
        wanted = [one for one in named if not one.startswith("!")]
        return not wanted or any(self._in(one) for one in wanted)

    def _in(self, xmlid: str) -> bool:
        return xmlid != "." and bool(self.has_group_of(xmlid))

    def preference_save(self) -> dict[str, Any]:
        """Reload the client with the new preferences."""
        return {"type": "ir.actions.client", "tag": "reload_context"}

    def preference_change_password(self) -> dict[str, Any]:
        """Lead to the form for a new password."""
        return {"type": "ir.actions.client", "tag": "change_password", "target": "new"}


def _offset(name: Any) -> str:
    """``+0100``: how far a time zone is from UTC now; one that is not known counts as UTC."""
    try:
        zone = ZoneInfo(str(name or "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    return datetime.now(UTC).astimezone(zone).strftime("%z")
