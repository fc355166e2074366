"""Every error Towpath raises, grouped by what the caller should do next.

    TowpathError
    ├── RetryLaterError        the same call may succeed later
    │   ├── ConnectionLostError    the other side was not reached, or the answer was lost
    │   ├── TimedOutError          no answer within the time-out
    │   ├── ServerBusyError        502, 503, 504 or a serialization failure
    │   └── RateLimitedError       429, or a budget of our own is spent
    ├── FixSettingsError       a person has to correct what they typed or configured
    │   ├── AddressError           unknown host, TLS trouble, or not the service it should be
    │   ├── DatabaseError          the database is missing, unknown or must be named
    │   ├── KeyRefusedError        the key or password is wrong, revoked or expired
    │   ├── InputError             a model, field, domain, SQL text or option is not valid
    │   ├── NotFoundError          nothing of ours bears that name
    │   ├── ConflictError          somebody else changed or made the same thing meanwhile
    │   └── SignInError            nobody is signed in, or the sign-in was refused
    ├── AskHumanError          somebody else has to grant or change something in Odoo
    │   ├── RightMissingError      the user lacks a right in Odoo
    │   ├── AccessError            the person lacks a right in Towpath
    │   ├── PlanError              the subscription has no external API
    │   └── TwoFactorError         a password was given where only an API key works
    ├── SkipRecordError        this record can not be handled; the others can
    │   ├── RecordMissingError     the record is gone or no longer readable
    │   └── RecordRefusedError     Odoo refused a value or a business step
    └── GiveUpError            repeating will not help and nobody can fix it by a setting
        ├── ProtocolError          the answer is not what the protocol promises
        ├── CallError              our call was wrong: unknown method, argument, server-side Python error
        └── DamagedError           stored data or a sealed secret can not be read

The message is one sentence for the person, with the next step. ``details`` holds what a developer may
want (never a secret, never a traceback of the other side).
"""

from __future__ import annotations

from typing import Any, ClassVar

__all__ = [
    "AccessError",
    "AddressError",
    "AskHumanError",
    "CallError",
    "ConflictError",
    "ConnectionLostError",
    "DamagedError",
    "DatabaseError",
    "FixSettingsError",
    "GiveUpError",
    "InputError",
    "KeyRefusedError",
    "NotFoundError",
    "PlanError",
    "ProtocolError",
    "RateLimitedError",
    "RecordMissingError",
    "RecordRefusedError",
    "RetryLaterError",
    "RightMissingError",
    "ServerBusyError",
    "SignInError",
    "SkipRecordError",
    "TimedOutError",
    "TowpathError",
    "TwoFactorError",
]


class TowpathError(Exception):
    """Something went wrong in Towpath."""

    exit_code: ClassVar[int] = 1
    """Exit status of a command that ends with this error."""

    def __init__(self, message: str | None = None, *, details: dict[str, Any] | None = None) -> None:
        self.message = _whole(message or (self.__doc__ or "").splitlines()[0])
        self.details = details or {}
        super().__init__(self.message)


def _whole(text: str) -> str:
    """The text without what neither a file nor PostgreSQL can hold: a server may put anything into its answers."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")


class RetryLaterError(TowpathError):
    """The other side is not available at the moment; try again in a while."""

    def __init__(
        self,
        message: str | None = None,
        *,
        retry_after: float | None = None,
        details: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, details=details)
        #: Seconds the other side asked us to wait; None when it did not say.
        self.retry_after = retry_after


class ConnectionLostError(RetryLaterError):
    """The connection was lost before the whole answer arrived; try again."""


class TimedOutError(RetryLaterError):
    """No answer arrived in time; try again."""


class ServerBusyError(RetryLaterError):
    """The server is busy or restarting; try again in a while."""


class RateLimitedError(RetryLaterError):
    """Too many calls were made; wait before the next one."""


class FixSettingsError(TowpathError):
    """A setting is wrong; correct it and try again."""

    exit_code = 2


class AddressError(FixSettingsError):
    """The address does not lead to the service it should; check it."""


class DatabaseError(FixSettingsError):
    """The database was not found; name one that exists."""


class KeyRefusedError(FixSettingsError):
    """The key or password was refused; make a new API key and store it."""


class InputError(FixSettingsError):
    """What was given is not valid; correct it."""


class NotFoundError(FixSettingsError):
    """There is nothing of that name."""


class ConflictError(FixSettingsError):
    """Somebody else changed this meanwhile; load it again and repeat your change."""


class SignInError(FixSettingsError):
    """You are not signed in; sign in and try again."""


class AskHumanError(TowpathError):
    """Somebody has to grant or change something in the other system."""

    exit_code = 2


class RightMissingError(AskHumanError):
    """The user lacks a right; ask an administrator of the database for it."""


class AccessError(AskHumanError):
    """You may not do this in Towpath; ask an administrator of Towpath."""


class PlanError(AskHumanError):
    """The subscription does not include the external API; it needs Odoo's Custom plan."""


class TwoFactorError(AskHumanError):
    """Two-factor authentication is on; create an API key and use it in place of the password."""


class SkipRecordError(TowpathError):
    """One record can not be handled; the others can."""


class RecordMissingError(SkipRecordError):
    """The record does not exist any more, or may no longer be read."""


class RecordRefusedError(SkipRecordError):
    """The record was refused by the other system."""


class GiveUpError(TowpathError):
    """Something is wrong that trying again will not mend."""


class ProtocolError(GiveUpError):
    """The answer was not what the protocol promises."""


class CallError(GiveUpError):
    """The call itself was wrong."""


class DamagedError(GiveUpError):
    """Stored data can not be read."""
