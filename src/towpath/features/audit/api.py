"""The routes under ``/audit``: for people whose role reads the audit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import AfterValidator, BaseModel, Field

from towpath.access import Actor, Right
from towpath.errors import InputError
from towpath.features.audit import service
from towpath.features.audit.output import as_csv, as_json_lines
from towpath.features.audit.search import Search, plain
from towpath.hub import Hub
from towpath.secrets.signing import PublicKey
from towpath.store import AuditHead
from towpath.store.checkpoints import Checkpoint
from towpath.web.asking import HubOf, ManagesSettings, ReadsAudit
from towpath.web.pages import Cursor, Limit, Page, decode, encode

__all__ = ["router"]

_LARGEST = 2**62


def _searchable(text: str) -> str:
    if "\x00" in text or not text.isprintable():
        raise ValueError("may hold printable characters only")
    return text


def _instant(moment: datetime) -> datetime:
    """In UTC; what has no zone is UTC already."""
    if not 1900 <= moment.year <= 9000:
        raise ValueError("is not within the years 1900 to 9000")
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


_Text = Annotated[str, AfterValidator(_searchable)]
_Moment = Annotated[datetime, AfterValidator(_instant)]


async def _search(
    actor: Annotated[
        _Text | None, Query(max_length=200, description="Who acted; * stands for anything.")
    ] = None,
    action: Annotated[
        _Text | None,
        Query(max_length=200, description="What was done, such as `connection.add` or `secret.*`."),
    ] = None,
    object: Annotated[_Text | None, Query(max_length=500, description="On what, such as `stream/*`.")] = None,
    result: Annotated[_Text | None, Query(max_length=200, description="`ok`, or what went wrong.")] = None,
    address: Annotated[_Text | None, Query(max_length=200, description="From where it was asked.")] = None,
    text: Annotated[_Text | None, Query(max_length=200, description="A text anywhere in the row.")] = None,
    since: Annotated[_Moment | None, Query(description="From this time on (ISO 8601).")] = None,
    until: Annotated[_Moment | None, Query(description="Before this time (ISO 8601).")] = None,
) -> Search:
    return Search(
        actor=actor or None,
        action=action or None,
        object=object or None,
        result=result or None,
        address=address or None,
        text=text or None,
        since=since,
        until=until,
    )


_Searched = Annotated[Search, Depends(_search)]


class AuditRow(BaseModel):
    """One row of the audit."""

    number: int = Field(description="Its place in the chain, without gaps.", examples=[1042])
    at: datetime = Field(description="When, in UTC.")
    actor: str = Field(
        description="Who: a person, a token, the command line or the system.", examples=["user:ada"]
    )
    action: str = Field(description="What was done.", examples=["connection.add"])
    object: str = Field(description="On what.", examples=["connection/acme"])
    result: str = Field(description="`ok`, or one word for what went wrong.", examples=["ok"])
    address: str | None = Field(
        description="From where it was asked; null for the command line and the system."
    )
    details: dict[str, Any] = Field(description="More about it; never a secret.")
    prev_hash: str = Field(description="The hash of the row before.")
    hash: str = Field(description="SHA-256 over this row and `prev_hash`.")


class CheckpointRow(BaseModel):
    """A signed statement about one row of the audit."""

    kind: Literal["checkpoint", "removal"] = Field(
        description="`checkpoint`: the chain came to this row. `removal`: rows up to it were removed as too old."
    )
    number: int = Field(description="The row's number.", examples=[1000])
    hash: str = Field(description="The row's hash.")
    at: datetime = Field(description="When it was signed, in UTC.")
    key_id: str = Field(description="Which key signed it.")
    signature: str = Field(description="Ed25519 over `signed`, in base64.")
    signed: str = Field(description="The text that is signed.")


class Checked(BaseModel):
    """What a check of the chain found."""

    whole: bool = Field(description="Whether every row fits.")
    rows: int = Field(description="Rows that were read and fit.", examples=[1042])
    start: int = Field(description="The row the check began behind; 0 for the very first.")
    head: int = Field(description="The last row that fits.", examples=[1042])
    hash: str = Field(description="Its hash, to be noted elsewhere.")
    signed_through: int = Field(description="The newest row that a checkpoint vouches for.", examples=[1000])
    wrong_number: int | None = Field(description="The first row that does not fit; null when all do.")
    reason: str | None = Field(description="Why it does not.")


class Standing(BaseModel):
    """How the audit stands."""

    newest: int = Field(description="Number of the newest row; 0 for none.", examples=[1042])
    hash: str = Field(description="Its hash.")
    oldest: int | None = Field(description="Number of the oldest row that is kept.")
    oldest_at: datetime | None = Field(description="When it was written.")
    checkpoint: CheckpointRow | None = Field(description="The newest signed statement.")
    unsigned: int = Field(description="Rows that no checkpoint vouches for yet.")
    key_id: str = Field(description="The key that signs now.")
    public_key: str = Field(
        description="Its public half in PEM, to check signatures with; keep a copy elsewhere."
    )
    keep_days: int | None = Field(description="Days for which rows are kept; null for ever.")


class ToCheck(BaseModel):
    """What to check."""

    since_checkpoint: bool = Field(default=False, description="Only what came behind the newest checkpoint.")
    known_number: int | None = Field(
        default=None, ge=1, le=_LARGEST, description="A row noted elsewhere, which must still be there."
    )
    known_hash: str | None = Field(default=None, pattern="^[0-9a-f]{64}$", description="Its hash.")
    public_key: str | None = Field(
        default=None,
        max_length=1000,
        description="A further key to believe, noted elsewhere (PEM or base64).",
    )


class ToPrune(BaseModel):
    """What of the audit is to stay."""

    keep_days: int = Field(ge=1, le=36_500, description="Days whose rows stay.", examples=[365])


class PrunedOut(BaseModel):
    """What was removed."""

    removed: int = Field(description="How many rows.", examples=[1200])
    proof: CheckpointRow | None = Field(
        description="The signed statement about the last removed row; none when nothing was that old."
    )


def _row(one: Checkpoint) -> CheckpointRow:
    return CheckpointRow(**one.to_json())


def router() -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/audit")
    def list_audit(
        hub: HubOf, actor: WholeAudit, search: _Searched, limit: Limit = 100, cursor: Cursor = None
    ) -> Page[AuditRow]:
        """List rows of the audit that fit, newest first."""
        del actor
        before = _number(decode(cursor), "cursor")
        found = service.listed(hub, search, before=before, limit=limit + 1)
        more = len(found) > limit
        items = [AuditRow(**plain(entry)) for entry in found[:limit]]
        return Page(items=items, next=encode(items[-1].number) if more else None)

    @routes.get("/audit/status")
    def audit_status(hub: HubOf, actor: WholeAudit) -> Standing:
        """Tell how the audit stands: its newest row, what is signed, the public key."""
        del actor
        found = service.standing(hub)
        return Standing(
            newest=found.newest,
            hash=found.hash,
            oldest=found.oldest,
            oldest_at=found.oldest_at,
            checkpoint=_row(found.checkpoint) if found.checkpoint else None,
            unsigned=found.unsigned,
            key_id=found.key.id,
            public_key=found.key.pem,
            keep_days=found.keep_days,
        )

    @routes.post("/audit/verify")
    def verify_audit(hub: HubOf, actor: WholeAudit, asked: ToCheck) -> Checked:
        """Check that no row was changed, removed, added or moved."""
        del actor
        if (asked.known_number is None) != (asked.known_hash is None):
            raise InputError("Give both number and hash of the row you noted, or neither.")
        known = (
            AuditHead(number=asked.known_number, hash=asked.known_hash)
            if asked.known_number is not None and asked.known_hash is not None
            else None
        )
        key = PublicKey.read(asked.public_key) if asked.public_key else None
        found = service.verify(hub, known=known, key=key, since_checkpoint=asked.since_checkpoint)
        return Checked(
            whole=found.whole,
            rows=found.rows,
            start=found.start,
            head=found.head.number,
            hash=found.head.hash,
            signed_through=found.signed_through,
            wrong_number=found.wrong_number,
            reason=found.reason,
        )

    @routes.get("/audit/checkpoints")
    def list_checkpoints(
        hub: HubOf, actor: WholeAudit, limit: Limit = 100, cursor: Cursor = None
    ) -> Page[CheckpointRow]:
        """List the signed statements, oldest first."""
        del actor
        after = _number(decode(cursor), "cursor")
        # both statements about one row come together, or the second would be lost between two pages
        found = service.checkpoints(hub, after=-1 if after is None else after, limit=limit + 2)
        kept = found[:limit]
        while len(kept) < len(found) and kept and found[len(kept)].number == kept[-1].number:
            kept = found[: len(kept) + 1]
        more = len(found) > len(kept)
        return Page(items=[_row(one) for one in kept], next=encode(kept[-1].number) if more else None)

    @routes.post("/audit/checkpoints", status_code=201)
    def make_checkpoint(hub: HubOf, actor: WholeAudit) -> CheckpointRow:
        """Sign the newest row now."""
        del actor
        made = service.checkpoint(hub)
        if made is None:
            raise InputError("The audit is empty; there is nothing to sign yet.")
        return _row(made)

    @routes.post("/audit/prune")
    def prune_audit(hub: HubOf, actor: ManagesSettings, asked: ToPrune) -> PrunedOut:
        """Remove rows that are older than so many days. A signed statement stays, and the rest still verifies."""
        actor.require(Right.MANAGE_SETTINGS)
        done = service.prune(hub, asked.keep_days)
        return PrunedOut(removed=done.removed, proof=_row(done.proof) if done.proof else None)

    @routes.get(
        "/audit/export",
        response_class=Response,
        responses={200: {"content": {"text/csv": {}, "application/x-ndjson": {}}}},
    )
    def export_audit(
        hub: HubOf,
        actor: WholeAudit,
        search: _Searched,
        form: Annotated[
            Literal["csv", "json"], Query(alias="format", description="CSV, or one JSON object a line.")
        ] = "csv",
    ) -> StreamingResponse:
        """Download all rows that fit, oldest first. No cell of the CSV can be run as a formula."""
        del actor
        return _download(hub, search, form)

    @routes.get("/audit/{number}")
    def show_audit_row(
        hub: HubOf,
        actor: WholeAudit,
        number: Annotated[int, Path(ge=1, le=_LARGEST, description="The row's number.")],
    ) -> AuditRow:
        """Show one row."""
        del actor
        return AuditRow(**plain(service.entry(hub, number)))

    return routes


async def _whole(actor: ReadsAudit) -> Actor:
    """Rows are about the whole installation, so a right on one connection is not enough."""
    actor.require(Right.READ_AUDIT)
    return actor


WholeAudit = Annotated[Actor, Depends(_whole)]


def _download(hub: Hub, search: Search, form: Literal["csv", "json"]) -> StreamingResponse:
    # Put on record before the first byte: when that fails, nothing goes out.
    entries = service.exported(hub, search, form=form)
    texts: Iterator[str] = as_csv(entries) if form == "csv" else as_json_lines(entries)
    kind = "text/csv; charset=utf-8" if form == "csv" else "application/x-ndjson"
    name = f"towpath-audit-{datetime.now(UTC):%Y-%m-%d}.{'csv' if form == 'csv' else 'jsonl'}"
    return StreamingResponse(
        texts, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _number(position: Any, name: str) -> int | None:
    if position is None:
        return None
    if not isinstance(position, int) or isinstance(position, bool) or not 0 <= position <= _LARGEST:
        raise InputError(f"The {name} is not one of a page before; leave it out to begin anew.")
    return position
