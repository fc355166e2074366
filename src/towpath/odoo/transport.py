"""The port that all three protocols implement: one call of one method of one model.

A transport knows its protocol and nothing of retries, budgets or pages; those stand round it in the client.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from towpath.odoo.access import Access, ProtocolName
from towpath.odoo.json2 import Json2
from towpath.odoo.jsonrpc import json_service
from towpath.odoo.rpc import RpcTransport
from towpath.odoo.wire import Wire
from towpath.odoo.xmlrpc import xml_service

__all__ = ["Transport", "open_transport"]


class Transport(Protocol):
    """Calls Odoo over one protocol. Thread-safe."""

    @property
    def protocol(self) -> ProtocolName:
        """Which protocol it speaks."""
        ...

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
        """Run a method and return its JSON value; raises errors of `towpath.errors` only.

        arguments: by name, under the names of Odoo 19.0 (`towpath.odoo.outgoing.PLACES`).
        ids: the records; None for methods of the model. context: Odoo's context.
        repeatable: whether doing it twice is harmless; a lost answer is worded accordingly.
        """
        ...

    def user_id(self) -> int:
        """Return the id of the user that the credentials belong to; raises KeyRefusedError."""
        ...

    def close(self) -> None:
        """Let go of what the transport holds; the wire is closed by whoever opened it."""
        ...


def open_transport(access: Access, wire: Wire) -> Transport:
    """Return the transport for the protocol that `access` names (JSON-RPC when it names none)."""
    match access.protocol:
        case "json2":
            return Json2(access, wire)
        case "xmlrpc":
            return RpcTransport(access, wire, protocol="xmlrpc", service=xml_service)
        case _:
            return RpcTransport(access, wire, protocol="jsonrpc", service=json_service)
