"""Sequences: numbers with prefix, suffix and padding, per company, and per period where they have ranges."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from towpath.sandbox.odoo_server.exceptions import UserError
from towpath.sandbox.odoo_server.orm.write import check
from towpath.sandbox.odoo_server.records import Records, constrains, model

__all__ = ["IrSequence", "IrSequenceDateRange"]

WORD = re.compile(r"%\((?:range_|current_)?(\w+)\)s")
FORMATS = {
    "year": "%Y", "month": "%m", "day": "%d", "y": "%y", "doy": "%j", "woy": "%W", "weekday": "%w",
    "h24": "%H", "h12": "%I", "min": "%M", "sec": "%S", "isoyear": "%G", "isoy": "%g", "isoweek": "%V",
}  # fmt: skip
"""What may stand in a prefix or suffix as ``%(year)s``."""


class IrSequence(Records, model="ir.sequence"):
    """A sequence."""

    _odoo_class = "IrSequence"

    @constrains("implementation", "number_increment")
    def _check_step(self) -> None:
        if any(one.implementation == "standard" and not one.number_increment for one in self.sudo()):
            raise UserError("Step must not be zero.")

    def next_by_id(self, sequence_date: Any = None) -> str:
        """The next number of this sequence."""
        self._one()
        check(self, "read")
        return self._next(sequence_date)

    @model
    def next_by_code(self, sequence_code: Any, sequence_date: Any = None) -> Any:
        """The next number of the sequence with a code, the caller's company first; False when there is none."""
        check(self, "read")
        company = self.env.company_id
        found = self.sudo().search(
            [("code", "=", sequence_code), ("company_id", "in", [company, False])],
            order="company_id",
            limit=1,
        )
        return found._next(sequence_date) if found else False  # noqa: SLF001 - the same class

    def _next(self, when: Any) -> str:
        """Take a number: the row is locked, so that no two callers get the same."""
        day = _day(when) or self.env.now
        table, one = "ir_sequence", self.id
        if self.sudo()["use_date_range"]:
            table, one = "ir_sequence_date_range", self._range(day)
        row = self.env.cr.execute(
            f"UPDATE {table} SET number_next = number_next + %s WHERE id = %s RETURNING number_next - %s",
            [self.sudo()["number_increment"], one, self.sudo()["number_increment"]],
        ).fetchone()
        self.env.forget()
        return self._text(int(row[0]) if row else 0, day)

    def _range(self, day: datetime) -> int:
        """The id of the range a day lies in, made for its year when there is none."""
        ranges = self.env.sudo()["ir.sequence.date_range"]
        text = day.date().isoformat()
        found = ranges.search(
            [("sequence_id", "=", self.id), ("date_from", "<=", text), ("date_to", ">=", text)], limit=1
        )
        if not found:
            found = ranges.create(
                {
                    "sequence_id": self.id,
                    "date_from": f"{day.year}-01-01",
                    "date_to": f"{day.year}-12-31",
                    "number_next": 1,
                }
            )
        return int(found.id)

    def _text(self, number: int, day: datetime) -> str:
        one = self.sudo()
        parts = [one["prefix"] or "", str(number).zfill(one["padding"] or 0), one["suffix"] or ""]
        return "".join(self._filled(part, day) for part in parts)

    def _filled(self, text: str, day: datetime) -> str:
        def word(found: re.Match[str]) -> str:
            if found[1] not in FORMATS:
                raise UserError(f"Invalid prefix or suffix for sequence “{self.sudo()['name']}”")
            return day.strftime(FORMATS[found[1]])

        return WORD.sub(word, text)

    def get_next_char(self, number_next: int) -> str:
        """A number as this sequence writes it."""
        return self._text(number_next, self.env.now)

    def _compute_number_next_actual(self) -> dict[int, Any]:
        return {one.id: one["number_next"] for one in self}

    def _inverse_number_next_actual(self, value: Any) -> None:
        self.write({"number_next": value or 1})


class IrSequenceDateRange(Records, model="ir.sequence.date_range"):
    """A sequence's number within a period."""

    def _compute_number_next_actual(self) -> dict[int, Any]:
        return {one.id: one["number_next"] for one in self}

    def _inverse_number_next_actual(self, value: Any) -> None:
        self.write({"number_next": value or 1})


def _day(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - naive UTC is Odoo's convention
    return datetime.fromisoformat(value) if value else None
