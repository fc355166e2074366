"""What would repair a run that failed: by the kind of its error, which says who can mend it (``towpath.errors``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from towpath import errors
from towpath.features.replicate.runs import HELD, Run

__all__ = ["Action", "Repair", "refused", "repair_of"]

#: Where a person goes to mend it: the connection's key or address, the stream's settings, rights in Odoo; or what helps.
Action = Literal["key", "address", "settings", "rights", "wait", "run", "log"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """What would repair a run, for a person and for a page."""

    sentence: str
    action: Action


_BY_KIND: tuple[tuple[type[errors.TowpathError], Action, str], ...] = (
    (
        errors.KeyRefusedError,
        "key",
        "Make a new API key in Odoo (Preferences, Account Security), store it for this connection and run it again.",
    ),
    (
        errors.TwoFactorError,
        "key",
        "Make an API key in Odoo and store it in place of the password, then run it again.",
    ),
    (
        errors.PlanError,
        "address",
        "The Odoo subscription has to include the external API (Custom plan); after that run it again.",
    ),
    (
        errors.AddressError,
        "address",
        "Check that Odoo answers at the connection's address; if it moved, change the address, then run it again.",
    ),
    (
        errors.DatabaseError,
        "address",
        "Check that the database still has its name; add a connection of its own if it is another one now.",
    ),
    (
        errors.RightMissingError,
        "rights",
        "Let an administrator of Odoo give the connection's user that right, or leave the field out; then run it again.",
    ),
    (
        errors.InputError,
        "settings",
        "Correct the stream's settings where the message points at, then run it again.",
    ),
    (
        errors.RateLimitedError,
        "wait",
        "Nothing is lost: Odoo wants fewer calls. The next run goes on where this one stopped.",
    ),
    (
        errors.RetryLaterError,
        "wait",
        "Nothing is lost: when Odoo answers again, the next run goes on where this one stopped.",
    ),
    (errors.SkipRecordError, "run", "Run it again; the record may have changed meanwhile."),
    (
        errors.GiveUpError,
        "log",
        "Run it again; if it fails in the same way, the server's log has more under the run's id.",
    ),
)
_CUT_OFF = Repair(sentence="Run it again: it goes on where this one stopped.", action="run")


def repair_of(run: Run) -> Repair | None:
    """What would repair a run; None for one that needs no repair."""
    if run.state == "cancelled":
        return None if run.message == HELD else _CUT_OFF
    if run.state != "failed":
        return None
    kind = getattr(errors, run.error_kind or "", None)
    if isinstance(kind, type):
        for known, action, sentence in _BY_KIND:
            if issubclass(kind, known):
                return Repair(sentence=sentence, action=action)
    return _CUT_OFF


def refused(run: Run) -> bool:
    """Whether a run failed because Odoo does not take the key any more."""
    repair = repair_of(run)
    return repair is not None and repair.action == "key"
