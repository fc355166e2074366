"""Reading a model page by page, by id, one page ahead of whoever consumes.

Keyset pages (``id > last``, ordered by id) neither skip nor repeat a row when rows change in between, and
cost Odoo the same at the end of a table as at its start (real-odoo §1). The next page is on its way while
the present one is made into values, turned into columns and written, so Odoo and we work at the same time.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import le, lt
from typing import Any

from towpath.errors import ProtocolError, TowpathError
from towpath.odoo import Odoo, PageSize
from towpath.odoo.pages import Page
from towpath.odoo.readable import FIELD_ERRORS, readable

__all__ = ["Reader"]

Row = dict[str, Any]

#: Pages that may wait between the reader and the consumer; bounds memory.
AHEAD = 1
#: Seconds that a page waits for the question after it to be sent; where that question has to wait for its turn,
#: the page does not wait with it.
ASKING = 0.05


_TWICE = "Odoo shows several records under one id here; the last of each is in the table."


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A page, and whether Odoo is at work at the next one."""

    page: Page
    asked: threading.Event


class _End:
    """Marks the end of the pages, with the error that ended them if there was one."""

    def __init__(self, problem: BaseException | None = None) -> None:
        self.problem = problem


@dataclass(slots=True, kw_only=True)
class Reader:
    """Reads the records of one model that a domain describes."""

    odoo: Odoo
    model: str
    fields: Sequence[str]
    context: dict[str, Any]
    size: PageSize
    #: Called while a page is waited for; raises when the run is to be left.
    check: Callable[[], None]
    #: Sentences about fields that had to be left out.
    remarks: list[str] = field(default_factory=list)
    #: Told of fields that had to be left out, and in which records they raised.
    missed: Callable[[Sequence[str], Sequence[int]], None] | None = None

    @contextmanager
    def pages(self, domain: Sequence[Any], *, after: int = 0) -> Iterator[Iterator[list[Row]]]:
        """Pages of records with ``id > after`` in ascending order of id, read ahead by a thread.

        :param domain: a complete Odoo domain in list form; the id condition is added to it.
        :raises TowpathError: what the client raised, when the page it concerns is reached.

        Only an empty page is the end: some models take away from a page what the user may not see
        (messages, attachments), and a proxy may have a limit of its own. Leaving the ``with`` block stops the
        reading.
        """
        waiting: queue.Queue[_Waiting | _End] = queue.Queue(maxsize=AHEAD)
        stop = threading.Event()

        def put(item: _Waiting | _End) -> None:
            while not stop.is_set():
                try:
                    waiting.put(item, timeout=0.2)
                except queue.Full:
                    continue
                return

        def read() -> None:
            last, asked = after, threading.Event()
            try:
                while not stop.is_set():
                    page = self._page([*domain, ["id", ">", last]], asked.set)
                    if page.last_id is None:
                        break
                    if page.last_id <= last:
                        put(_End(self._out_of_order()))
                        return
                    last, asked = page.last_id, threading.Event()
                    put(_Waiting(page, asked))
                put(_End())
            except BaseException as problem:  # noqa: BLE001  # handed to the consumer, which raises it
                put(_End(problem))

        thread = threading.Thread(target=read, name=f"read {self.model}", daemon=True)
        thread.start()
        try:
            yield self._in_order(self._until_end(waiting), after)
        finally:
            stop.set()
            thread.join(timeout=5)

    def _until_end(self, waiting: queue.Queue[_Waiting | _End]) -> Iterator[list[Row]]:
        while True:
            try:
                item = waiting.get(timeout=0.5)
            except queue.Empty:
                self.check()  # a page may take minutes; whoever wants to leave does not wait for it
                continue
            if isinstance(item, _End):
                if item.problem is not None:
                    raise item.problem
                return
            # Making values keeps other threads of the process from running: the next question would be sent after it.
            item.asked.wait(ASKING)
            yield item.page.rows()

    def _in_order(self, pages: Iterator[list[Row]], after: int) -> Iterator[list[Row]]:
        """The pages, with each id once and greater than the one before it.

        Some database views show several records under one id; a table has room for one, so the last one counts.

        :raises ProtocolError: they come in another order, so that records would be in the table twice, or never.
        """
        for rows in pages:
            ids: list[Any] = [row.get("id") for row in rows]
            if set(map(type, ids)) - {int}:
                raise ProtocolError("Odoo sent a record without its id; the page can not be used.")
            before = [after, *ids[:-1]]
            if not all(map(lt, before, ids)):
                if not all(map(le, before, ids)) or ids[0] == after:
                    raise self._out_of_order()
                rows = list({row["id"]: row for row in rows}.values())  # noqa: PLW2901  # what is given on
                if _TWICE not in self.remarks:
                    self.remarks.append(_TWICE)
            after = ids[-1] if ids else after
            yield rows
            del rows, ids, before

    def _out_of_order(self) -> ProtocolError:
        return ProtocolError(
            f"Odoo sent records of {self.model} twice or in another order than by id, so that some would be lost; "
            "look for an add-on that changes how this model is searched, or a proxy that repeats old answers."
        )

    def _page(self, domain: list[Any], sent: Callable[[], None]) -> Page:
        """One page; `sent` is called when Odoo has been asked for it.

        A page that is too much for the server is asked for again with fewer rows; a field that raises is
        left out from then on and reported.
        """
        while True:
            asked = self.size.rows
            try:
                page = self.odoo.page(
                    self.model, domain, self.fields, limit=asked, context=self.context, sent=sent
                )
            except FIELD_ERRORS as problem:
                self._leave_out(domain, asked, problem)
                continue
            except TowpathError as problem:
                if not self.size.failed(problem):
                    raise
                continue
            self.size.took(page.count, self.odoo.last_seconds, self.odoo.last_size)
            return page

    def _leave_out(self, domain: list[Any], limit: int, problem: TowpathError) -> None:
        """Find the fields that raise in this page and go on without them.

        :raises TowpathError: the problem itself, when no single field is to blame.
        """
        ids = self.odoo.search_ids(self.model, domain, order="id", limit=limit, context=self.context)
        found = readable(self.odoo, self.model, self.fields, ids)
        if not found.dropped or not ids:
            raise problem
        if self.missed is not None:  # before anything is kept that lacks them
            self.missed([*found.dropped], ids)
        self.fields = found.fields
        self.remarks += found.sentences()
