"""XML-RPC, the oldest protocol (to Odoo 21): /xmlrpc/2/common and /xmlrpc/2/object, faults 1 to 4 (real-odoo.md §5).

It is the slowest and the last choice: it loses the class of most errors and can not carry None. A method that returned None answers the fault "cannot marshal None" AFTER its commit; that is a
success here, never an error and never repeated.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from towpath.errors import CallError, TowpathError
from towpath.odoo.answers import Asked, refusal, traceback_tail
from towpath.odoo.status import refused_status
from towpath.odoo.wire import Wire
from towpath.odoo.xml_read import XmlFault, read_answer
from towpath.odoo.xml_write import write_call

__all__ = ["xml_service"]

NONE_RESULT = "cannot marshal None unless allow_none is enabled"
UNSENDABLE = ("cannot marshal", "dictionary key must be string", "int exceeds XML-RPC limits")
FAULT_CLASSES = {3: "odoo.exceptions.AccessDenied", 4: "odoo.exceptions.AccessError"}


def xml_service(
    wire: Wire,
    service: str,
    method: str,
    args: Sequence[Any],
    *,
    asked: Asked | None = None,
    repeatable: bool = False,
    timeout: float | None = None,
) -> Any:
    """Call a service (common, object, db) and return its result."""
    asked = asked or Asked()
    reply = wire.send(
        "POST",
        f"/xmlrpc/2/{service}",
        content=write_call(method, args),
        headers={"Content-Type": "text/xml"},
        repeatable=repeatable,
        timeout=timeout,
    )
    if reply.status != 200 or reply.content_type not in {"text/xml", "application/xml"}:
        raise refused_status(reply, protocol="xmlrpc", database=asked.database)
    try:
        return read_answer(reply.body)
    except XmlFault as fault:
        name, text = FAULT_CLASSES.get(fault.code), fault.text
        if fault.code == 1 or text.startswith("Traceback (most recent call last)"):
            name, text = traceback_tail(text)
        if text == NONE_RESULT:
            return None
        error = _unsendable(name, text, asked) or refusal(name, text, asked)
    raise error


def _unsendable(name: str | None, text: str, asked: Asked) -> TowpathError | None:
    """The method ran and committed, but its answer has no form in XML-RPC (real-odoo.md §4)."""
    if not text.startswith(UNSENDABLE):
        return None
    return CallError(
        f"Odoo ran {asked.model}.{asked.method}, but XML-RPC can not carry its answer; connect over JSON-RPC.",
        details={"odoo_class": name, "odoo_message": asked.clean(text), "applied": True},
    )
