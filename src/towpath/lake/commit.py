"""Publishing: one commit file, put only if nobody else has put it, names files, cursor and schema at once.

Exactly once: a commit carries Delta's own `txn` action (writer and sequence) and, in `userMetadata`, the
cursor, run and counts of every writer of the table. A repeated commit finds its own sequence and run there
and does nothing (facts §0.9, §4: data and cursor commit together; after a restart trust the table).
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import orjson
import pyarrow as pa

from towpath.commit_point import commit_point
from towpath.errors import FixSettingsError, ServerBusyError, TowpathError
from towpath.lake.columns import delta_schema
from towpath.lake.log import File, Mark, Snapshot, advance, commit_path, load, read_commit
from towpath.lake.parts import Staged
from towpath.lake.storage import Storage

__all__ = ["Change", "Commit", "Counts", "already_done", "publish_change"]

ENGINE = "towpath"
_ATTEMPTS = 40
_PROTOCOL = {"minReaderVersion": 1, "minWriterVersion": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """Who commits and how far it has come."""

    app_id: str
    """The writer, one per stream; sequences of different writers are independent."""
    sequence: int
    """Grows with every commit of the writer; `Table.sequence(app_id) + 1` is the next."""
    cursor: dict[str, Any] = field(default_factory=dict)
    """JSON; comes back from `Table.cursor(app_id)`."""
    run_id: str = ""
    operation: str = ""
    """What the history shows; WRITE and MERGE by default."""
    extra: dict[str, Any] = field(default_factory=dict)
    """JSON; kept in the history beside the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What a commit did to the rows."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0

    def to_json(self) -> dict[str, int]:
        """The values as a JSON object."""
        return {
            "inserted": self.inserted,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "deleted": self.deleted,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a commit makes of one snapshot; worked out anew when another writer got there first."""

    add: Sequence[Staged] = ()
    remove: Sequence[File] = ()
    schema: pa.Schema | None = None
    """The schema from now on; None leaves it."""
    description: str | None = None
    configuration: Mapping[str, str] | None = None
    """Table properties to set; others stay."""
    counts: Counts = field(default_factory=Counts)
    fresh: Sequence[Staged] = ()
    """Files written for this very attempt; removed again when it fails."""
    data_change: bool = True
    """False when rows only moved between files."""
    operation: str = "WRITE"
    parameters: Mapping[str, str] = field(default_factory=dict)


def already_done(snapshot: Snapshot | None, commit: Commit) -> Counts | None:
    """The counts of `commit` if the table has it, else None.

    Raises ServerBusyError when another run of the same writer has used the sequence.
    """
    if snapshot is None or snapshot.transactions.get(commit.app_id, -1) < commit.sequence:
        return None
    mark = snapshot.marks.get(commit.app_id)
    if mark is None or (mark.sequence == commit.sequence and mark.run_id == commit.run_id):
        return Counts(**mark.counts) if mark else Counts()
    if mark.sequence > commit.sequence and mark.run_id == commit.run_id:
        return Counts()
    raise ServerBusyError(
        "Another run has written to this table in the meantime; run it again, it goes on from there.",
        details={"app_id": commit.app_id, "sequence": commit.sequence, "found": mark.sequence},
    )


def publish_change(
    storage: Storage,
    known: Snapshot | None,
    commit: Commit | None,
    plan: Callable[[Snapshot | None], Change | None],
) -> tuple[Snapshot | None, Counts]:
    """Commit what `plan` makes of the newest snapshot; repeat while other writers get there first.

    `commit` None is upkeep (no cursor moves). A plan of None means there is nothing to do. Returns the
    snapshot after it. Raises ServerBusyError when others were faster forty times in a row.
    """
    snapshot = known
    for attempt in range(_ATTEMPTS):
        snapshot = advance(storage, snapshot) if snapshot is not None else load(storage)
        if commit is not None and (done := already_done(snapshot, commit)) is not None:
            return snapshot, done
        if snapshot is not None:
            snapshot.require_writable()
        change = plan(snapshot)
        if change is None:
            return snapshot, Counts()
        version = snapshot.version + 1 if snapshot is not None else 0
        token = uuid.uuid4().hex
        data = b"\n".join(map(orjson.dumps, _actions(snapshot, commit, change, token))) + b"\n"
        try:
            won = storage.create(commit_path(version), data)
        except FixSettingsError:  # nothing was put: on a full disk each try would leave its files besides
            with suppress(TowpathError):
                if not storage.exists(commit_path(version)):
                    storage.delete(part.path for part in change.fresh)
            raise
        if won or _is_ours(storage, version, token):
            commit_point("commit_written")
            after = advance(storage, snapshot) if snapshot is not None else load(storage)
            return after, change.counts
        storage.delete(part.path for part in change.fresh)
        time.sleep(random.random() * min(0.01 * 2**attempt, 0.5))  # noqa: S311  # spreads rivals, hides nothing
    raise ServerBusyError("Other writers kept changing this table; try again in a while.")


def _is_ours(storage: Storage, version: int, token: str) -> bool:
    """Whether a refused put had in truth succeeded: its answer was lost and the store's client repeated it."""
    return any(action.get("commitInfo", {}).get("txnId") == token for action in read_commit(storage, version))


def _actions(
    snapshot: Snapshot | None, commit: Commit | None, change: Change, token: str
) -> list[dict[str, Any]]:
    """The lines of the commit file."""
    now = int(time.time() * 1000)
    marks = dict(snapshot.marks) if snapshot is not None else {}
    transactions: list[dict[str, Any]] = []
    if commit is not None:
        transactions = [{"txn": {"appId": commit.app_id, "version": commit.sequence, "lastUpdated": now}}]
        marks[commit.app_id] = Mark(
            sequence=commit.sequence,
            cursor=commit.cursor,
            run_id=commit.run_id,
            counts=change.counts.to_json(),
        )
    note: dict[str, Any] = {"marks": {app: mark.to_json() for app, mark in marks.items()}}
    if commit is not None:
        note |= {"app_id": commit.app_id, "run_id": commit.run_id, "counts": change.counts.to_json()}
        note |= {"extra": commit.extra} if commit.extra else {}
    info = {
        "commitInfo": {
            "timestamp": now,
            "operation": (commit.operation if commit else "") or change.operation,
            "operationParameters": dict(change.parameters),
            "operationMetrics": {
                "numAddedFiles": str(len(change.add)),
                "numRemovedFiles": str(len(change.remove)),
                "numOutputRows": str(sum(part.rows for part in change.add)),
            },
            "isBlindAppend": not change.remove,
            "engineInfo": ENGINE,
            "txnId": token,
            "userMetadata": orjson.dumps({"towpath": note}).decode(),
        }
    }
    return [
        info,
        *([] if snapshot is not None else [{"protocol": _PROTOCOL}]),
        *_metadata(snapshot, change, now),
        *transactions,
        *({"remove": _remove(file, now, change.data_change)} for file in change.remove),
        *({"add": _add(part, change.data_change)} for part in change.add),
    ]


def _metadata(snapshot: Snapshot | None, change: Change, now: int) -> list[dict[str, Any]]:
    """The `metaData` action where something of it changes."""
    before = dict(snapshot.metadata.raw) if snapshot is not None else None
    after: dict[str, Any] = (
        dict(before)
        if before is not None
        else {
            "id": str(uuid.uuid4()),
            "format": {"provider": "parquet", "options": {}},
            "partitionColumns": [],
            "createdTime": now,
            "configuration": {},
        }
    )
    if change.schema is not None:
        after["schemaString"] = delta_schema(change.schema)
    if change.description is not None:
        after["description"] = change.description
    if change.configuration:
        after["configuration"] = {**(after.get("configuration") or {}), **change.configuration}
    return [] if after == before else [{"metaData": after}]


def _add(part: Staged, data_change: bool) -> dict[str, Any]:
    return {
        "path": quote(part.path, safe="/._-~="),
        "partitionValues": {},
        "size": part.size,
        "modificationTime": part.modified,
        "dataChange": data_change,
        "stats": part.stats,
    }


def _remove(file: File, now: int, data_change: bool) -> dict[str, Any]:
    return {
        "path": quote(file.path, safe="/._-~="),
        "deletionTimestamp": now,
        "dataChange": data_change,
        "extendedFileMetadata": True,
        "partitionValues": {},
        "size": file.size,
    }
