"""Which databases a server has, and which one is meant (S2.4, S2.5)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import orjson

from towpath.errors import DatabaseError, RetryLaterError, TowpathError
from towpath.odoo.access import ProtocolName
from towpath.odoo.jsonrpc import json_service
from towpath.odoo.version import Version
from towpath.odoo.wire import Wire

__all__ = ["choose_database", "list_databases"]

SHOWN = 8
"""Names of databases put into a sentence at most."""


def list_databases(wire: Wire) -> tuple[str, ...] | None:
    """Return the names of a server's databases, or None where listing is switched off.

    Asks the page that the database manager uses, which survives the removal of the older protocols, then
    the db service. Raises RetryLaterError only.
    """
    try:
        reply = wire.send(
            "POST",
            "/web/database/list",
            content=b'{"jsonrpc":"2.0","method":"call","params":{},"id":1}',
            headers={"Content-Type": "application/json"},
            repeatable=True,
        )
        if reply.status == 200 and reply.is_json:
            body = orjson.loads(reply.body)
            names = _names(body.get("result") if isinstance(body, dict) else None)
            if names is not None:
                return names
            if isinstance(body, dict) and body.get("error"):
                return None
        return _names(json_service(wire, "db", "list", [], repeatable=True))
    except RetryLaterError:
        raise
    except (TowpathError, ValueError):
        return None


def choose_database(
    url: str,
    named: str | None,
    databases: tuple[str, ...] | None,
    *,
    version: Version,
    protocol: ProtocolName | None,
) -> str | None:
    """Return the database to use; raises DatabaseError when it must be named or does not exist.

    None means that the server decides by host name, which only JSON-2 can do.
    """
    host = urlsplit(url).hostname or ""
    if named:
        if databases and named not in databases:
            near = next((name for name in databases if name.lower() == named.lower()), None)
            if near is not None:
                raise DatabaseError(
                    f"{host} has no database “{named}”; did you mean “{near}”?",
                    details={"databases": list(databases)},
                )
            raise DatabaseError(
                f"{host} has no database “{named}”; it has {_list(databases)}.",
                details={"databases": list(databases)},
            )
        return named
    if databases is not None and len(databases) == 1:
        return databases[0]
    if databases:
        raise DatabaseError(
            f"{host} has several databases; name one of {_list(databases)}.",
            details={"databases": list(databases)},
        )
    if databases is not None:
        raise DatabaseError(
            f"{host} has no database yet; create one in Odoo first.", details={"databases": []}
        )
    if host.endswith(".odoo.com"):
        return host.partition(".")[0]  # on odoo.com the first label is its name
    if version.has_json2 and protocol in {None, "json2"}:
        return None
    raise DatabaseError(f"{host} needs the name of the database; give it (the server does not list them).")


def _names(result: Any) -> tuple[str, ...] | None:
    if isinstance(result, list) and all(isinstance(name, str) for name in result):
        return tuple(sorted(result))
    return None


def _list(names: tuple[str, ...]) -> str:
    shown = ", ".join(f"“{name}”" for name in names[:SHOWN])
    return f"{shown} and {len(names) - SHOWN} more" if len(names) > SHOWN else shown
