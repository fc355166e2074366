"""What Odoo's refusals mean: every error class of every protocol to one of Towpath's errors.

The message of each error is one sentence with the next step. Odoo's own text for people stands in
``details["odoo_message"]``, its Python class in ``details["odoo_class"]``; tracebacks and ``debug`` are
dropped here and reach nothing behind. ``details["applied"]`` is False when Odoo certainly rolled back.
Sources: real-odoo.md §4 and §5, facts §2.1.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from towpath.errors import (
    CallError,
    DatabaseError,
    InputError,
    KeyRefusedError,
    PlanError,
    RecordMissingError,
    RecordRefusedError,
    RightMissingError,
    ServerBusyError,
    TowpathError,
)
from towpath.odoo.rights import right_missing

__all__ = ["Asked", "refusal", "traceback_tail"]

LONGEST = 2_000
"""Characters kept of a text of Odoo."""

BUSY = frozenset({
    "SerializationFailure", "DeadlockDetected", "LockNotAvailable", "TransactionRollbackError", "QueryCanceled",
    "QueryCanceledError", "AdminShutdown", "CrashShutdown", "CannotConnectNow", "TooManyConnections",
    "OutOfMemory", "DiskFull", "OperationalError", "InterfaceError", "PoolError", "LockError",
    "ConcurrencyError", "RetryableJobError", "IdleInTransactionSessionTimeout", "InFailedSqlTransaction",
})  # fmt: skip
"""Classes (last part of the name) that say "not now": the same call may pass a little later."""

ROLLED_BACK = frozenset({
    "SerializationFailure", "DeadlockDetected", "LockNotAvailable", "TransactionRollbackError", "LockError",
    "ConcurrencyError", "RetryableJobError", "PoolError", "CannotConnectNow", "TooManyConnections",
})  # fmt: skip
"""Of those, the ones after which nothing was done for certain. A connection lost at the commit is not one."""

WRITES = frozenset({"create", "write", "unlink", "copy", "load", "name_create", "web_save"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which call an answer belongs to, and how to keep the secret out of what is said about it."""

    model: str = ""
    method: str = ""
    database: str | None = None
    secret: str = field(default="", repr=False)

    def clean(self, text: Any) -> str:
        """Return a text of Odoo fit to show: no secret, no traceback, not endless."""
        plain = text if isinstance(text, str) else "" if text is None else str(text)
        if "Traceback (most recent call last)" in plain:
            plain = traceback_tail(plain)[1]
        if len(self.secret) >= 4:
            plain = plain.replace(self.secret, "***")
        plain = plain.strip()
        return plain if len(plain) <= LONGEST else plain[: LONGEST - 1] + "…"


def refusal(name: str | None, text: Any, asked: Asked) -> TowpathError:
    """Return the error for a Python class name and message that Odoo answered.

    name: such as ``odoo.exceptions.AccessError`` or ``builtins.ValueError``; None when the protocol lost it.
    """
    message = asked.clean(text)
    kind = (name or "").rpartition(".")[2]
    found = (rule(kind, message, asked) for rule in RULES)
    error = next((error for error in found if error is not None), None) or _wrong_call(kind, message, asked)
    error.details.setdefault("odoo_class", name)
    error.details.setdefault("odoo_message", message)
    error.details.setdefault("model", asked.model)
    error.details.setdefault("method", asked.method)
    known = not isinstance(error, (ServerBusyError, CallError)) or kind in ROLLED_BACK
    if known or "could not serialize access" in message:
        error.details.setdefault("applied", False)
    return error


def traceback_tail(text: str) -> tuple[str, str]:
    r"""Return class and message of the exception that a Python traceback ends with.

    >>> traceback_tail("Traceback (most recent call last):\n  File x\nValueError: no such field\n")
    ('builtins.ValueError', 'no such field')
    """
    lines = text.rstrip("\n").rpartition("Traceback (most recent call last):\n")[2].split("\n")
    start = next((n for n, line in enumerate(lines) if line and not line.startswith(" ")), 0)
    name, _, message = "\n".join(lines[start:]).partition(": ")
    name = name.strip()
    if name == "KeyError":  # the text of a KeyError is the repr of its key
        message = message.strip().strip("'\"")
    return (name if "." in name else f"builtins.{name}"), message.strip()


def _key(kind: str, message: str, _asked: Asked) -> TowpathError | None:
    if kind in {"AccessDenied", "Unauthorized", "SessionExpiredException"}:
        return KeyRefusedError("Odoo refused the key or password; make a new API key and store it.")
    if kind == "MissingError" and re.search(r"res\.users\((\d+),\), User: \1\)", message):
        return KeyRefusedError(
            "The Odoo user of this key does not exist any more; make a key for another user."
        )
    return None


def _plan(kind: str, message: str, _asked: Asked) -> TowpathError | None:
    """Odoo's cloud words this in its own ways; what they have in common is tried here."""
    if kind in {"AccessError", "AccessDenied", "Forbidden", "UserError"} and re.search(
        r"external api|pricing plan|custom plan|subscription plan", message, re.IGNORECASE
    ):
        return PlanError(
            "This Odoo subscription has no external API; it comes with Odoo's Custom plan "
            "(Odoo.sh and own servers have it always)."
        )
    return None


def _right(kind: str, message: str, asked: Asked) -> TowpathError | None:
    if kind not in {"AccessError", "Forbidden"}:
        return None
    if "cannot be called remotely" in message or message.startswith("Private method"):
        return CallError(f"The method {asked.method} of {asked.model} can not be called from outside.")
    if "companies" in message and asked.model != "res.company":
        return RightMissingError(
            "The Odoo user may not use one of the companies asked for; choose companies it is allowed.",
            details={"operation": "use", "groups": []},
        )
    return right_missing(message, asked.model, asked.method)


def _database(kind: str, message: str, asked: Asked) -> TowpathError | None:
    if (
        kind in {"OperationalError", "InvalidCatalogName"}
        and "does not exist" in message
        and "database" in message
    ):
        named = f"“{asked.database}” " if asked.database else ""
        return DatabaseError(f"There is no database {named}on this server; name one that exists.")
    return None


def _busy(kind: str, message: str, _asked: Asked) -> TowpathError | None:
    if kind in BUSY or "could not serialize access" in message or "deadlock detected" in message:
        return ServerBusyError("Odoo's database was busy with the same records; the call can be repeated.")
    if kind in {"MemoryError", "CpuTimeLimitExceeded"} or "CPU time limit exceeded" in message:
        return ServerBusyError(
            "Odoo ran out of memory or time for one call; ask for fewer records at once.",
            details={"too_large": True},
        )
    return None


def _missing(kind: str, message: str, asked: Asked) -> TowpathError | None:
    if kind == "MissingError" or message.startswith("Record does not exist or has been deleted"):
        return RecordMissingError(
            f"A record of {asked.model} does not exist any more, or the user may not read it."
        )
    return None


def _unknown(kind: str, message: str, asked: Asked) -> TowpathError | None:
    """Unknown model, method, field, order, language: a person typed it, or this Odoo differs."""
    if re.search(r"Object [\w.]+ doesn't exist", message) or re.search(
        r"the model '[\w.]+' does not exist", message
    ):
        return InputError(
            f"This Odoo has no model {asked.model}; check the name, or install the app that brings it.",
            details={"unknown": "model"},
        )
    if re.search(r"method '?[\w.]+'? does not exist", message) or (
        kind == "AttributeError" and f"'{asked.method}'" in message
    ):
        return CallError(f"The model {asked.model} of this Odoo has no method {asked.method}.")
    field = re.search(r"[Ii]nvalid field '?(?:[\w.]*\.)?(\w+)'?|Unknown field '?(?:[\w.]*\.)?(\w+)", message)
    if field and kind not in {"UserError", "ValidationError"}:
        name = field.group(1) or field.group(2)
        return InputError(
            f"The model {asked.model} of this Odoo has no usable field “{name}”; check the name.",
            details={"unknown": "field", "field": name},
        )
    if message.startswith('Invalid "order" specified') or "Invalid order" in message:
        return InputError(f"The order is not valid for {asked.model}; give field names with asc or desc.")
    if message.startswith("Invalid language code"):
        return InputError("This Odoo has no such language; install it there or choose another one.")
    return None


def _refused(kind: str, message: str, asked: Asked) -> TowpathError | None:
    """What Odoo's own rules, or PostgreSQL's, have against a value or a business step."""
    first = message.partition("\n")[0]
    if kind in {"UserError", "ValidationError", "RedirectWarning", "Warning", "except_orm", ""}:
        return RecordRefusedError(f"Odoo refused: {first}" if first else None)
    if kind in {
        "IntegrityError",
        "NotNullViolation",
        "UniqueViolation",
        "ForeignKeyViolation",
        "CheckViolation",
    }:
        return RecordRefusedError("Odoo's database refused the record: a constraint does not hold.")
    if asked.method in WRITES:
        if kind == "KeyError":
            return RecordRefusedError(
                f"Odoo does not know, or misses, the field “{message}” of {asked.model}.",
                details={"field": message},
            )
        if kind in {"ValueError", "NumericValueOutOfRange"} or kind.startswith("Invalid"):
            return RecordRefusedError(f"Odoo refused a value: {first}")
    return None


def _domain(kind: str, message: str, asked: Asked) -> TowpathError | None:
    """A search that PostgreSQL or the domain parser can not make sense of."""
    if asked.method.startswith(("search", "web_search", "read_group", "formatted_read_group")) and (
        kind in {"UndefinedFunction", "DatatypeMismatch", "NumericValueOutOfRange", "SyntaxError"}
        or kind.startswith("Invalid")
        or (
            kind in {"ValueError", "AssertionError"}
            and ("domain" in message.lower() or "operator" in message)
        )
    ):
        return InputError(
            f"Odoo can not make sense of the filter on {asked.model}: {message.partition(chr(10))[0]}"
        )
    return None


def _wrong_call(kind: str, message: str, asked: Asked) -> TowpathError:
    first = message.partition("\n")[0]
    what = f"{asked.model}.{asked.method}" if asked.model else "the call"
    return CallError(f"Odoo failed at {what}: {first or kind or 'no reason given'}")


# each rule takes the same three, whether it needs them or not
RULES: tuple[Callable[[str, str, Asked], TowpathError | None], ...] = (
    _plan, _key, _right, _database, _busy, _missing, _unknown, _domain, _refused,
)  # fmt: skip
