"""What JSON-RPC and XML-RPC have in common: sign in once, then `execute_kw` with the credentials in every call.

Both go with Odoo 22 (facts §0.3) and take an API key or a password in the same place.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from towpath.errors import InputError, KeyRefusedError, RetryLaterError
from towpath.odoo.access import Access, ProtocolName
from towpath.odoo.answers import Asked
from towpath.odoo.outgoing import by_place, call_path
from towpath.odoo.wire import Wire

__all__ = ["RpcTransport", "Service"]


class Service(Protocol):
    """Calls one of Odoo's services (common, object, db) over one of the two protocols."""

    def __call__(
        self,
        wire: Wire,
        service: str,
        method: str,
        args: Sequence[Any],
        *,
        asked: Asked | None = None,
        repeatable: bool = False,
        timeout: float | None = None,
    ) -> Any:
        """Return the result; raises errors of `towpath.errors` only."""
        ...


class RpcTransport:
    """Transport over one of the two older protocols."""

    def __init__(self, access: Access, wire: Wire, *, protocol: ProtocolName, service: Service) -> None:
        self._access = access
        self._wire = wire
        self._protocol: ProtocolName = protocol
        self._service = service
        self._lock = threading.Lock()
        self._user: int | None = None

    @property
    def protocol(self) -> ProtocolName:
        """Which of the two it is."""
        return self._protocol

    def call(
        self,
        model: str,
        method: str,
        arguments: Mapping[str, Any],
        *,
        ids: Sequence[int] | None = None,
        context: Mapping[str, Any] | None = None,
        repeatable: bool = False,
    ) -> Any:
        """Run a method; see `towpath.odoo.transport.Transport.call`."""
        call_path(model, method)
        try:
            user = self.user_id()
        except RetryLaterError as error:
            error.details["applied"] = False  # the sign-in failed, the call itself was never sent
            raise
        leading, named = by_place(method, arguments)
        if ids is not None:
            leading.insert(0, list(ids))
        if context is not None:
            named["context"] = dict(context)
        access = self._access
        return self._service(
            self._wire,
            "object",
            "execute_kw",
            [access.database, user, access.secret, model, method, leading, named],
            asked=self._asked(model, method),
            repeatable=repeatable,
        )

    def user_id(self) -> int:
        """Sign in once and return the user's id; raises KeyRefusedError when Odoo says no."""
        if self._user is not None:
            return self._user
        with self._lock:
            if self._user is None:
                self._user = self._sign_in()
            return self._user

    def close(self) -> None:
        """Nothing is held open here."""

    def _sign_in(self) -> int:
        access = self._access
        if not access.login:
            raise InputError("This Odoo needs the user name that the API key belongs to; give the login.")
        if not access.database:
            raise InputError("This Odoo needs the name of the database; give it.")
        user = self._service(
            self._wire,
            "common",
            "authenticate",
            [access.database, access.login, access.secret, {}],
            asked=self._asked("res.users", "authenticate"),
            repeatable=True,
        )
        if isinstance(user, bool) or not isinstance(user, int):
            raise KeyRefusedError(
                f"Odoo refused the key or password of {access.login}; make a new API key and store it."
            )
        return user

    def _asked(self, model: str, method: str) -> Asked:
        return Asked(model=model, method=method, database=self._access.database, secret=self._access.secret)
