"""Requests that may be repeated: a POST with an ``Idempotency-Key`` is carried out once and answered alike for a day."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta

import sqlalchemy as sa
from anyio import to_thread
from sqlalchemy.dialects.postgresql import insert
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from towpath.access import Actor
from towpath.hub import Hub
from towpath.server.answers import refuse
from towpath.server.tables import answers

__all__ = ["KEPT", "Idempotency"]

#: How long an answer is kept.
KEPT = timedelta(days=1)
#: A request that has been under way for so long was cut off together with its process.
LOST = timedelta(minutes=10)
#: Larger answers are not kept; the repeated request is then refused rather than carried out again.
LARGEST = 1_000_000
#: Headers that belong to the answer and are given again. Never a cookie; what holds for the connection or the moment
#: is added anew by the layers outside.
AGAIN = frozenset(
    {
        "cache-control",
        "content-disposition",
        "content-language",
        "content-location",
        "etag",
        "last-modified",
        "link",
        "location",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    asker: str
    key: str
    request: str


@dataclass(slots=True, kw_only=True)
class _Told:
    status: int = 500
    media_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)
    shown_once: bool = False


class Idempotency:
    """Keep what was answered, and answer the same again.

    Answers of 500 and more, and refusals for lack of a right, are not kept: the next try is a fresh one. Answers that
    show a secret once carry ``Cache-Control: no-store, private`` and are kept without their body.
    """

    def __init__(self, app: ASGIApp, hub: Hub) -> None:
        self.app = app
        self.hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        key = _key(scope)
        if key is None:
            await self.app(scope, receive, send)
            return
        if not 1 <= len(key) <= 200 or not key.isprintable():
            await refuse(
                scope,
                receive,
                send,
                400,
                "An Idempotency-Key is 1 to 200 printable characters; choose another.",
            )
            return
        body = await _whole(receive)
        if body is None:
            return
        digest = hashlib.sha256(
            f"{scope['method']} {scope['path']}?".encode() + scope["query_string"] + b"\n" + body
        )
        actor: Actor = scope["towpath.actor"]
        # A token may less than its person, so it is not told what they were answered.
        asker = actor.name if actor.token_id else actor.user_id or actor.name
        asked = _Asked(asker=asker, key=key, request=digest.hexdigest())
        known = await to_thread.run_sync(self._claim, asked)
        if known is not None:
            await self._repeat(known, asked, scope, receive, send)
            return
        await self._carry_out(asked, body, scope, receive, send)

    async def _repeat(
        self, known: sa.Row[tuple[object, ...]], asked: _Asked, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if known.request != asked.request:
            sentence = "This Idempotency-Key was sent with another request before; choose a new key for a new request."
            await refuse(scope, receive, send, 422, sentence)
        elif known.status is None:
            sentence = "The request with this Idempotency-Key is still under way; ask again in a moment."
            await refuse(scope, receive, send, 409, sentence, Retry_After="2")
        elif known.body is None:
            sentence = "This was done before, and its answer is not kept; look at what it made."
            await refuse(scope, receive, send, 409, sentence)
        else:
            headers = (known.headers or {}) | {"Idempotent-Replayed": "true"}
            again = Response(
                known.body, status_code=known.status, headers=headers, media_type=known.media_type
            )
            await again(scope, receive, send)

    async def _carry_out(
        self, asked: _Asked, body: bytes, scope: Scope, receive: Receive, send: Send
    ) -> None:
        told = _Told()
        given = False

        async def once() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def look(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = {
                    name.decode("latin-1").lower(): value.decode("latin-1")
                    for name, value in message["headers"]
                }
                told.status = message["status"]
                told.media_type = headers.get("content-type", told.media_type)
                told.headers = {name: value for name, value in headers.items() if name in AGAIN}
                told.shown_once = "private" in headers.get("cache-control", "")
            elif len(told.body) <= LARGEST:
                told.body.extend(message.get("body", b""))
            await send(message)

        try:
            await self.app(scope, once, look)
        finally:
            await to_thread.run_sync(self._note, asked, told)

    def _claim(self, asked: _Asked) -> sa.Row[tuple[object, ...]] | None:
        """Make the request ours, or give what is known of it. Rival: the same request sent at the same moment."""
        with self.hub.store.begin() as db:
            db.execute(answers.delete().where(answers.c.begun_at < sa.func.now() - KEPT))
            db.execute(
                answers.delete().where(answers.c.status.is_(None), answers.c.begun_at < sa.func.now() - LOST)
            )
            ours = insert(answers).values(asker=asked.asker, key=asked.key, request=asked.request)
            if db.execute(ours.on_conflict_do_nothing().returning(answers.c.key)).first() is not None:
                return None
            same = (answers.c.asker == asked.asker) & (answers.c.key == asked.key)
            return db.execute(answers.select().where(same)).one_or_none()

    def _note(self, asked: _Asked, told: _Told) -> None:
        same = (answers.c.asker == asked.asker) & (answers.c.key == asked.key)
        with self.hub.store.begin() as db:
            if told.status >= 500 or told.status in {401, 403, 409, 429}:
                db.execute(answers.delete().where(same))
                return
            kept = not told.shown_once and len(told.body) <= LARGEST
            values = {
                "status": told.status,
                "media_type": told.media_type,
                "headers": told.headers,
                "body": bytes(told.body) if kept else None,
            }
            db.execute(answers.update().where(same).values(**values))


def _key(scope: Scope) -> str | None:
    """The key of a request that this is about: a POST of somebody who is signed in, the second step done."""
    actor = scope.get("towpath.actor")
    if (
        scope["type"] != "http"
        or scope["method"] != "POST"
        or not isinstance(actor, Actor)
        or actor.pending is not None
    ):
        return None
    return next(
        (value.decode("latin-1") for name, value in scope["headers"] if name == b"idempotency-key"), None
    )


async def _whole(receive: Receive) -> bytes | None:
    """The whole body, whose size was limited before; None when the client went away before it was here."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)
