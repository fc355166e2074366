"""Values that could not be kept as they came: counted, with a few examples, never a reason to stop."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

__all__ = ["Change", "Changes"]

_EXAMPLES = 5
_SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One value that was changed on its way: the record stays, the value became null, a part or was rounded."""

    field: str
    id: int | None
    reason: str
    value: str


class Changes:
    """Collects changes over a run in bounded memory: a count for each field and reason, and a few examples."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.examples: list[Change] = []

    def __len__(self) -> int:
        return self.counts.total()

    def __bool__(self) -> bool:
        return bool(self.counts)

    def add(self, field: str, id_: Any, reason: str, value: Any, *, secret: bool = False) -> None:
        """Count one change; the first few of each field and reason are kept as examples, secrets and what is masked never."""
        key = (field, reason)
        self.counts[key] += 1
        if self.counts[key] <= _EXAMPLES and len(self.examples) < _EXAMPLES * 20:
            shown = "(hidden)" if secret else _short(value)
            known = id_ if type(id_) is int else None
            self.examples.append(Change(field=field, id=known, reason=reason, value=shown))

    def sentences(self) -> list[str]:
        """One sentence for each field and reason, the most frequent first."""
        return [
            f"{count:,} value{'s' if count > 1 else ''} of '{field}': {reason}."
            for (field, reason), count in self.counts.most_common()
        ]

    def to_json(self) -> dict[str, Any]:
        """A form for a run's record: counts by field and reason, and the examples."""
        return {
            "total": len(self),
            "counts": [{"field": f, "reason": r, "count": n} for (f, r), n in self.counts.most_common()],
            "examples": [
                {"field": c.field, "id": c.id, "reason": c.reason, "value": c.value} for c in self.examples
            ],
        }


def _short(value: Any) -> str:
    text = repr(value[:_SHOWN] if isinstance(value, (str, bytes, list)) else value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
