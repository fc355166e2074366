"""From which version until which each part belonged to the table, as far back as its files are there.

Read from the commits, newest first, so that only what is kept is looked at. Memory: one small record for
each part; rows are read by whoever asks for the `dataset` of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.dataset as ds

from towpath.errors import TowpathError
from towpath.lake.dataset import parts_of
from towpath.lake.log import Snapshot, load, read_commit
from towpath.lake.storage import Storage

__all__ = ["CAME", "PART", "WENT", "Span", "Timeline", "dataset", "read_timeline"]

CAME, WENT, PART = "_towpath_came", "_towpath_went", "_towpath_part"
#: Most commits looked at, a week of one every five minutes: so much is read in a second or two.
_VERSIONS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One part and the versions in which it belonged to the table."""

    path: str
    size: int
    came: int
    """The version that added it, or the oldest one that is known."""
    went: int | None
    """The version that removed it; None while it is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """What is known of a table's past."""

    spans: tuple[Span, ...]
    times: Mapping[int, datetime]
    """When each version was committed; the oldest known one is left out unless it is version 0."""


def read_timeline(storage: Storage, snapshot: Snapshot) -> Timeline:
    """The past of a snapshot, as far back as commits and files are kept and no column had another type."""
    there = {entry.path: entry.size for entry in storage.entries() if entry.path.endswith(".parquet")}
    going: dict[str, int | None] = dict.fromkeys(snapshot.files)
    sizes = {path: file.size for path, file in snapshot.files.items()}
    spans: list[Span] = []
    times: dict[int, datetime] = {}
    version = snapshot.version
    while True:
        try:
            actions = read_commit(storage, version)
        except FileNotFoundError:
            break
        added = [unquote(action["add"]["path"]) for action in actions if "add" in action]
        removed = [unquote(action["remove"]["path"]) for action in actions if "remove" in action]
        before = all(path in there for path in removed) and snapshot.version - version < _VERSIONS
        if version and not (before and _same_types(storage, snapshot, version, actions)):
            break
        info: dict[str, Any] = next((found["commitInfo"] for found in actions if "commitInfo" in found), {})
        times[version] = datetime.fromtimestamp(int(info.get("timestamp") or 0) / 1000, UTC)
        spans += [
            Span(path=path, size=sizes[path], came=version, went=going.pop(path))
            for path in added
            if path in going
        ]
        if version == 0:
            break
        for path in removed:
            going[path], sizes[path] = version, there[path]
        version -= 1
    spans += [Span(path=path, size=sizes[path], came=version, went=went) for path, went in going.items()]
    return Timeline(spans=tuple(spans), times=times)


def _same_types(storage: Storage, snapshot: Snapshot, version: int, actions: list[dict[str, Any]]) -> bool:
    """Whether the columns before `version` had the types that they have now."""
    if not any("metaData" in action for action in actions):
        return True
    try:
        earlier = load(storage, version - 1)
    except TowpathError:
        return False
    now = snapshot.metadata.schema
    return earlier is not None and all(
        now.field(field.name).type == field.type
        for field in earlier.metadata.schema
        if field.name in now.names
    )


def dataset(storage: Storage, snapshot: Snapshot, timeline: Timeline) -> Any:
    """The rows of all parts as a `pyarrow.dataset.Dataset`, with `CAME`, `WENT` and `PART` (a number) beside them."""
    kind = ds.ParquetFileFormat()
    files = parts_of(storage, {span.path: span.size for span in timeline.spans})
    fragments = []
    for number, span in enumerate(timeline.spans):
        known = (ds.field(CAME) == span.came) & (ds.field(PART) == number)
        if span.went is not None:
            known &= ds.field(WENT) == span.went
        fragments.append(kind.make_fragment(span.path, filesystem=files, partition_expression=known))
    schema = snapshot.metadata.schema
    for name in (CAME, WENT, PART):
        schema = schema.append(pa.field(name, pa.int64()))
    return ds.FileSystemDataset(fragments, schema, kind, filesystem=files)
