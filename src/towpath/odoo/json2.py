"""JSON-2, the protocol of Odoo 19.0 and later: POST /json/2/<model>/<method> with a bearer key (facts §2.1).

Arguments go by name. When a module has renamed one, Odoo refuses the call before running it; the true name
is then read from /doc-bearer/<model>.json where the key may read that, else from the refusal, and remembered.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from towpath.errors import KeyRefusedError, ProtocolError, TowpathError
from towpath.odoo.access import Access, ProtocolName
from towpath.odoo.answers import Asked, refusal
from towpath.odoo.incoming import read_json
from towpath.odoo.outgoing import PLACES, as_json, call_path
from towpath.odoo.status import refused_status
from towpath.odoo.wire import Reply, Wire

__all__ = ["Json2"]

MISSING = re.compile(r"missing a required argument: '(\w+)'")
UNEXPECTED = re.compile(r"got an unexpected keyword argument '(\w+)'")
BY_PLACE = {"POSITIONAL_ONLY", "POSITIONAL_OR_KEYWORD"}


class Json2:
    """Transport over JSON-2."""

    def __init__(self, access: Access, wire: Wire) -> None:
        self._wire = wire
        self._asked = Asked(database=access.database, secret=access.secret)
        self._database = access.database
        self._headers = {
            "Authorization": f"bearer {access.secret}",
            "Content-Type": "application/json",
            **({"X-Odoo-Database": access.database} if access.database else {}),
        }
        self._lock = threading.Lock()
        self._renamed: dict[tuple[str, str, str], str] = {}
        self._contracts: dict[str, tuple[str, dict[str, tuple[str, ...]]]] = {}
        self._no_contracts = False
        self._user: int | None = None

    @property
    def protocol(self) -> ProtocolName:
        """Always JSON-2."""
        return "json2"

    def call(
        self,
        model: str,
        method: str,
        arguments: Mapping[str, Any],
        *,
        ids: Sequence[int] | None = None,
        context: Mapping[str, Any] | None = None,
        repeatable: bool = False,
        read: Callable[[bytes | bytearray], Any] = read_json,
        sent: Callable[[], None] | None = None,
    ) -> Any:
        """Run a method; see `towpath.odoo.transport.Transport.call`.

        read: makes the value of the answer's text. sent: called as soon as the question is on its way.
        """
        call_path(model, method)
        for _ in range(1 + len(arguments)):
            body = {
                self._renamed.get((model, method, name), name): value for name, value in arguments.items()
            }
            if ids is not None:
                body["ids"] = list(ids)
            if context is not None:
                body["context"] = dict(context)
            reply = self._wire.send(
                "POST",
                f"/json/2/{model}/{method}",
                content=as_json(body),
                headers=self._headers,
                repeatable=repeatable,
                sent=sent,
            )
            if reply.status == 200:
                return read(self._text(reply))
            error = self._refused(reply, replace(self._asked, model=model, method=method))
            if reply.status != 422 or not self._learn(model, method, body, error):
                raise error
        raise error

    def user_id(self) -> int:
        """Return the id of the key's user."""
        if self._user is None:
            answer = self.call("res.users", "context_get", {}, repeatable=True)
            user = answer.get("uid") if isinstance(answer, dict) else None
            if not isinstance(user, int):
                raise ProtocolError("Odoo did not say whose key this is; check the address.")
            self._user = user
        return self._user

    def parameters(self, model: str, method: str) -> tuple[str, ...] | None:
        """Return the names a method takes by place, from the server's own contract; None where not offered.

        The contract of a model is kept with its ETag and asked for again at no cost (304).
        """
        if self._no_contracts:
            return None
        call_path(model, method)
        known = self._contracts.get(model)
        headers = {**self._headers, **({"If-None-Match": known[0]} if known else {})}
        try:
            reply = self._wire.send("GET", f"/doc-bearer/{model}.json", headers=headers, repeatable=True)
        except TowpathError:
            return None
        if reply.status == 304 and known:
            return known[1].get(method)
        if reply.status != 200 or not reply.is_json:
            # not installed, not allowed or blocked on the way: ask no more (Fluvo #213)
            self._no_contracts = reply.status in {403, 404, 405}
            return None
        contract = _contract(reply)
        with self._lock:
            self._contracts[model] = (reply.headers.get("etag", ""), contract)
        return contract.get(method)

    def close(self) -> None:
        """Nothing is held open here."""

    def _text(self, reply: Reply) -> bytes | bytearray:
        if not reply.is_json:
            raise refused_status(reply, protocol="json2", database=self._database)
        return reply.body

    def _refused(self, reply: Reply, asked: Asked) -> TowpathError:
        try:
            body = orjson.loads(reply.body) if reply.is_json else None
        except ValueError:
            body = None
        if not isinstance(body, dict) or not isinstance(body.get("name"), str):
            return refused_status(reply, protocol="json2", database=self._database)
        if reply.status == 401:
            return KeyRefusedError(
                "Odoo refused the API key; make a new one and store it (JSON-2 takes no passwords).",
                details={"odoo_class": body["name"], "odoo_message": asked.clean(body.get("message"))},
            )
        error = refusal(body["name"], body.get("message"), asked)
        error.details["status"] = reply.status
        return error

    def _learn(self, model: str, method: str, body: Mapping[str, Any], error: TowpathError) -> bool:
        """Remember the true name of a renamed parameter; return whether trying again makes sense."""
        text = str(error.details.get("odoo_message", ""))
        missing, unexpected = MISSING.search(text), UNEXPECTED.search(text)
        if missing is None and unexpected is None:
            return False
        places = PLACES.get(method, ())
        real = self.parameters(model, method)
        if real is not None:
            pairs = [(name, real[n]) for n, name in enumerate(places) if n < len(real) and name in body]
            changed = [(name, true) for name, true in pairs if name != true and name not in real]
        elif missing is not None:
            wanted = missing.group(1)
            given = [name for name in places if name in body]
            changed = [(given[0], wanted)] if len(given) >= 1 and wanted not in body else []
        else:
            changed = []
        with self._lock:
            for name, true in changed:
                self._renamed[model, method, name] = true
        return bool(changed)


def _contract(reply: Reply) -> dict[str, tuple[str, ...]]:
    """Read the parameter names of every method out of a model's contract."""
    try:
        methods = orjson.loads(reply.body)["methods"]
        return {
            method: tuple(
                name
                for name, about in entry.get("parameters", {}).items()
                if about.get("kind", "POSITIONAL_OR_KEYWORD") in BY_PLACE
            )
            for method, entry in methods.items()
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}
