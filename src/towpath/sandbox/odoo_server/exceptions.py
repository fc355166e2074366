"""The exceptions that Odoo's clients see on the wire.

Python's own ``ValueError``, ``KeyError``, ``TypeError``, ``IndexError`` and ``AttributeError`` are raised as
such where Odoo raises them for a bad call; PostgreSQL's errors leave as psycopg's (real-odoo §5).
"""

from __future__ import annotations

from typing import Any, ClassVar

__all__ = [
    "AccessDenied",
    "AccessError",
    "LockError",
    "MissingError",
    "RedirectWarning",
    "SandboxError",
    "UserError",
    "ValidationError",
    "no_model_text",
]


class SandboxError(Exception):
    """Something the emulated server refuses, with the class name its clients see."""

    odoo_name: ClassVar[str] = "odoo.exceptions.UserError"
    """Dotted class name as found in ``error.data.name``."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.message: str = str(args[0]) if args else ""


class UserError(SandboxError):
    """The user asked for something the model does not allow."""


class ValidationError(UserError):
    """A constraint of the model or the database was violated."""

    odoo_name = "odoo.exceptions.ValidationError"


class AccessError(UserError):
    """The user lacks a right or a record rule hides the record."""

    odoo_name = "odoo.exceptions.AccessError"


class AccessDenied(UserError):  # noqa: N818 - the name of Odoo's class, part of the wire
    """The login or the password is wrong."""

    odoo_name = "odoo.exceptions.AccessDenied"

    def __init__(self, message: str = "Access Denied") -> None:
        super().__init__(message)


class MissingError(UserError):
    """A record does not exist any more."""

    odoo_name = "odoo.exceptions.MissingError"


class RedirectWarning(SandboxError):  # noqa: N818 - the name of Odoo's class, part of the wire
    """A refusal that names an action which would help."""

    odoo_name = "odoo.exceptions.RedirectWarning"


class LockError(UserError):
    """A row is locked by another transaction."""

    odoo_name = "odoo.exceptions.LockError"


def no_model_text(model: str) -> str:
    """The sentence the old protocols answer for a model that does not exist."""
    return f"Object {model} doesn't exist"
