"""The client: one Odoo database as Python calls, over whichever protocol it speaks.

Round the transport stand the budget (`towpath.odoo.pace`) and the retries (`towpath.odoo.retry`). Reads are
repeated after a lost answer, writes only when Odoo certainly did not do them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeAlias, TypeVar

from towpath.errors import ConnectionLostError, ProtocolError, RightMissingError
from towpath.odoo.access import Access, ProtocolName
from towpath.odoo.detect import ask_version, connect, greet
from towpath.odoo.guard import Guard
from towpath.odoo.json2 import Json2
from towpath.odoo.model_list import ModelInfo, list_models
from towpath.odoo.pace import Pace, pace_for
from towpath.odoo.pages import Page
from towpath.odoo.retry import Retry, RetryObserver
from towpath.odoo.transport import Transport, open_transport
from towpath.odoo.version import Version
from towpath.odoo.wire import MAX_ANSWER, Wire

__all__ = ["NAMES_AT_ONCE", "Odoo"]

NAMES_AT_ONCE = 1_000
"""Records whose names are asked for in one call."""

CLOCK_AGE = 60.0  # seconds; an older sight of the server's clock is renewed before it is used
Domain: TypeAlias = Sequence[Any]
T = TypeVar("T")


class Odoo:
    """One Odoo database. Thread-safe; use it as a context manager or close it."""

    def __init__(
        self,
        access: Access,
        pace: Pace | None = None,
        *,
        retry: Retry | None = None,
        lang: str | None = None,
        observe: RetryObserver | None = None,
        cancel: threading.Event | None = None,
        guard: Guard | None = None,
        max_answer: int = MAX_ANSWER,
    ) -> None:
        """Make a client; nothing is sent before the first call.

        pace: the budget; None takes the one shared by all clients of this database in the process.
        lang: language of names and translated values read, such as ``fr_FR``; None is the user's own.
        observe: told of every retry. cancel: ends all waiting when set. max_answer: bytes at most.
        """
        self.access = access
        self.pace = pace or pace_for(access)
        self.retry = retry or Retry()
        self._reading: dict[str, Any] = {"tz": "UTC", **({"lang": lang} if lang else {})}
        self._observe = observe
        self._cancel = cancel
        self._wire = Wire(
            access.url,
            timeout=access.timeout,
            max_answer=max_answer,
            verify=access.verify,
            ca_file=access.ca_file,
            guard=guard,
        )
        self._connecting = threading.Lock()
        self._transport: Transport | None = None
        self._version: Version | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        if self._transport is not None:
            self._transport.close()
        self._wire.close()

    @property
    def version(self) -> Version:
        """The server's version, asked once."""
        if self._version is None:
            return self._detect()[0]
        return self._version

    @property
    def protocol(self) -> ProtocolName:
        """The protocol in use; chosen at the first call when the access names none."""
        return self._connected().protocol

    @property
    def user_id(self) -> int:
        """Id of the user the credentials belong to."""
        transport = self._connected()
        return self._with_retries(transport.user_id, repeatable=True, what="sign-in")

    @property
    def calls(self) -> int:
        """HTTP requests answered so far."""
        return self._wire.calls

    @property
    def bytes_read(self) -> int:
        """Bytes of answers as they came over the network (compressed where they were)."""
        return self._wire.bytes_read

    @property
    def bytes_sent(self) -> int:
        """Bytes of request bodies sent."""
        return self._wire.bytes_sent

    @property
    def seconds(self) -> float:
        """Seconds spent waiting for and reading answers, summed over threads."""
        return self._wire.seconds

    @property
    def last_seconds(self) -> float:
        """Seconds that the last answer this thread received took; waiting for one's turn is no part of it."""
        return self._wire.last_seconds()

    @property
    def last_size(self) -> int:
        """Bytes of the last answer this thread received, as they came over the network."""
        return self._wire.last_size()

    def call(
        self,
        model: str,
        method: str,
        /,
        *,
        ids: Sequence[int] | None = None,
        context: Mapping[str, Any] | None = None,
        repeatable: bool = False,
        **arguments: Any,
    ) -> Any:
        """Run any public method; arguments by the names of Odoo 19.0 (`towpath.odoo.outgoing.PLACES`).

        ids: the records; None for methods of the model. repeatable: True only if doing it twice is harmless.
        Raises errors of `towpath.errors`; see `towpath.odoo.answers` for which.
        """
        transport = self._connected()
        return self._with_retries(
            lambda: transport.call(model, method, arguments, ids=ids, context=context, repeatable=repeatable),
            repeatable=repeatable,
            what=f"{model}.{method}",
        )

    # reading

    def search_ids(
        self,
        model: str,
        domain: Domain,
        *,
        order: str = "id",
        limit: int | None = None,
        offset: int = 0,
        context: Mapping[str, Any] | None = None,
    ) -> list[int]:
        """Return the ids of matching records."""
        return self._list(
            model, "search", context, domain=list(domain), **_paging(order=order, limit=limit, offset=offset)
        )

    def search_count(self, model: str, domain: Domain, context: Mapping[str, Any] | None = None) -> int:
        """Return how many records match."""
        count = self._read(model, "search_count", context, domain=list(domain))
        if isinstance(count, bool) or not isinstance(count, int):
            raise ProtocolError(f"Odoo answered the count of {model} with something else than a number.")
        return count

    def search_read(
        self,
        model: str,
        domain: Domain,
        fields: Sequence[str],
        *,
        order: str = "id",
        limit: int | None = None,
        offset: int = 0,
        context: Mapping[str, Any] | None = None,
        load: str = "",
    ) -> list[dict[str, Any]]:
        """Return matching records with `fields`.

        load: ``""`` gives bare ids for many2one fields, which is 1.5 times as fast; ``"_classic_read"`` gives
        ``[id, name]`` (real-odoo.md §1, §3).
        """
        return self._list(
            model,
            "search_read",
            context,
            domain=list(domain),
            fields=list(fields) or ["id"],  # none at all would mean every field (real-odoo.md §3)
            load=load,
            **_paging(order=order, limit=limit, offset=offset),
        )

    def page(
        self,
        model: str,
        domain: Domain,
        fields: Sequence[str],
        *,
        limit: int,
        context: Mapping[str, Any] | None = None,
        sent: Callable[[], None] | None = None,
    ) -> Page:
        """Return matching records in order of id, as they came: as `search_read`, to be made into values later.

        sent: called as soon as the question is on its way; over other protocols than JSON-2 before it is sent.
        """
        transport, what = self._connected(), f"{model}.search_read"
        arguments = {
            "domain": list(domain),
            "fields": list(fields) or ["id"],
            "load": "",
            "order": "id",
            "limit": limit,
        }
        told = {**self._reading, **(context or {})}

        def ask() -> Page:
            if isinstance(transport, Json2):
                read = partial(Page.of_text, what=what)
                page: Page = transport.call(
                    model, "search_read", arguments, context=told, repeatable=True, read=read, sent=sent
                )
                return page
            if sent is not None:
                sent()
            rows = transport.call(model, "search_read", arguments, context=told, repeatable=True)
            return Page.of_rows(rows, what)

        return self._with_retries(ask, repeatable=True, what=what)

    def read(
        self,
        model: str,
        ids: Sequence[int],
        fields: Sequence[str],
        *,
        load: str = "",
        context: Mapping[str, Any] | None = None,
    ) -> list[dict[str, Any]]:
        """Return the records with `fields`; ids that do not exist are left out, except when only ``id`` is asked."""
        return (
            self._list(model, "read", context, ids=list(ids), fields=list(fields) or ["id"], load=load)
            if ids
            else []
        )

    def names(
        self, model: str, ids: Iterable[int], context: Mapping[str, Any] | None = None
    ) -> dict[int, str]:
        """Return the display name of each record, asked once per distinct id.

        Records that are gone or that the user may not read are left out; of a model that it may not read
        at all, every one.
        """
        wanted = sorted({number for number in ids if number})
        found: dict[int, str] = {}
        for start in range(0, len(wanted), NAMES_AT_ONCE):
            chunk = wanted[start : start + NAMES_AT_ONCE]
            # a search leaves out what a record rule hides, where a read of it would fail as a whole
            try:
                rows = self.search_read(
                    model,
                    [("id", "in", chunk)],
                    ["display_name"],
                    context={"active_test": False, **(context or {})},
                )
            except RightMissingError:
                return {}
            found.update((row["id"], row.get("display_name") or "") for row in rows)
        return found

    def fields_get(
        self, model: str, fields: Sequence[str] | None = None, attributes: Sequence[str] | None = None
    ) -> dict[str, dict[str, Any]]:
        """Return the fields of a model that the user may read, each with its attributes (S2.52)."""
        answer = self._read(
            model, "fields_get", None, allfields=list(fields or []), attributes=list(attributes or [])
        )
        if not isinstance(answer, dict):
            raise ProtocolError(f"Odoo answered the fields of {model} in a form that is not known.")
        return answer

    def models(self, *, count: bool = False) -> list[ModelInfo]:
        """Return the models of the database, as far as the user may know them."""
        return list_models(self, count=count)

    def clock(self) -> datetime:
        """Return Odoo's clock, timezone-aware UTC, never ahead of the truth by more than the drift of a minute.

        From the Date header of an answer not older than a minute; asked for when there is none. Where no
        answer carries one, this machine's clock is returned.
        """
        seen = self._wire.clock()
        if seen is None or self._wire.clock_age() > CLOCK_AGE:
            self._with_retries(lambda: greet(self._wire, self.access.protocol), repeatable=True, what="clock")
            seen = self._wire.clock()
        return (seen or datetime.now(UTC)).replace(microsecond=0)

    # writing

    def create(
        self, model: str, vals_list: Sequence[Mapping[str, Any]], context: Mapping[str, Any] | None = None
    ) -> list[int]:
        """Create records, all or none, and return their ids in the same order."""
        if not vals_list:
            return []
        made = self.call(model, "create", vals_list=[dict(vals) for vals in vals_list], context=context)
        return [made] if isinstance(made, int) else list(made)

    def write(
        self,
        model: str,
        ids: Sequence[int],
        vals: Mapping[str, Any],
        context: Mapping[str, Any] | None = None,
    ) -> bool:
        """Write the same values into all records, all or none."""
        return (
            bool(self.call(model, "write", ids=list(ids), vals=dict(vals), context=context)) if ids else True
        )

    def unlink(self, model: str, ids: Sequence[int], context: Mapping[str, Any] | None = None) -> bool:
        """Delete records, all or none; raises RecordMissingError when one is gone already."""
        return bool(self.call(model, "unlink", ids=list(ids), context=context)) if ids else True

    def _read(
        self,
        model: str,
        method: str,
        context: Mapping[str, Any] | None,
        *,
        ids: Sequence[int] | None = None,
        **arguments: Any,
    ) -> Any:
        # tz only shapes computed texts and groupings; a write must not carry it, it is a default of contacts
        merged = {**self._reading, **(context or {})}
        return self.call(model, method, ids=ids, context=merged, repeatable=True, **arguments)

    def _list(
        self,
        model: str,
        method: str,
        context: Mapping[str, Any] | None,
        *,
        ids: Sequence[int] | None = None,
        **arguments: Any,
    ) -> list[Any]:
        answer = self._read(model, method, context, ids=ids, **arguments)
        if not isinstance(answer, list):
            raise ProtocolError(
                f"Odoo answered {model}.{method} with something else than a list; "
                "over XML-RPC an empty value in a record does that, so connect over JSON-RPC."
            )
        return answer

    def _with_retries(self, call: Callable[[], T], *, repeatable: bool, what: str) -> T:
        def once() -> T:
            with self.pace.turn(self._cancel) as turn:
                try:
                    return call()
                finally:
                    turn.work = self._wire.last_size()

        retry = self.retry.but(attempts=1) if self.pace.gone else self.retry
        try:
            answer = retry.run(
                once, repeatable=repeatable, what=what, observe=self._observe, cancel=self._cancel
            )
        except ConnectionLostError as error:
            if repeatable and not error.details.get("cancelled"):
                self.pace.gave_up()
            raise
        self.pace.answered()
        return answer

    def _connected(self) -> Transport:
        transport = self._transport
        if transport is not None:
            return transport
        with self._connecting:
            if self._transport is None:
                if self.access.protocol is None:
                    version, told_by = self._detect()
                    self._transport = self._with_retries(
                        lambda: connect(self.access, self._wire, version, told_by),
                        repeatable=True,
                        what="sign-in",
                    )
                else:
                    self._transport = open_transport(self.access, self._wire)
            return self._transport

    def _detect(self) -> tuple[Version, ProtocolName | None]:
        self._version, told_by = self._with_retries(
            lambda: ask_version(self._wire), repeatable=True, what="version"
        )
        return self._version, told_by


def _paging(*, order: str | None, limit: int | None, offset: int) -> dict[str, Any]:
    """Leave out what is not asked for: XML-RPC servers differ in how they take None."""
    return {
        **({"order": order} if order else {}),
        **({"limit": limit} if limit is not None else {}),
        **({"offset": offset} if offset else {}),
    }
