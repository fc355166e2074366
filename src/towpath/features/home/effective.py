"""What the settings are at the moment, without secrets; and where things lie and how much room they take."""

from __future__ import annotations

import platform
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import orjson
import sqlalchemy as sa
from pydantic import SecretStr
from pydantic_core import to_jsonable_python

from towpath import __version__
from towpath.hub import Hub
from towpath.settings import Settings, describe

__all__ = ["About", "Effective", "Storage", "about", "effective", "storage"]

Group = Literal["limits", "storage", "server", "secrets", "log"]

#: Settings whose values may hold keys: only that they are set is told.
_HIDDEN = frozenset({"storage_options", "master_key_command"})
_STORAGE = frozenset({"home", "database_url", "database_connections", "storage", "storage_options"})
_SERVER = frozenset({"public_url", "hosts", "trusted_proxies", "private_addresses"})
#: Tables whose files are added up; more would let a page wait too long.
_MOST_TABLES = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Effective:
    """One setting as it is."""

    name: str
    environment: str
    group: Group
    #: The value as JSON; None where it is not set or is a secret.
    value: Any
    #: True where the value is a secret that is set.
    hidden: bool
    #: Whether it differs from the default.
    changed: bool
    default: str
    type: str
    help: str


def effective(settings: Settings) -> list[Effective]:
    """All settings in the order of the class, secrets without their values."""
    found = []
    for row in describe():
        value = getattr(settings, row.name)
        default = Settings.model_fields[row.name].get_default(call_default_factory=True)
        secret = isinstance(value, SecretStr) or (row.name in _HIDDEN and bool(value))
        given = row.name in settings.model_fields_set
        found.append(
            Effective(
                name=row.name,
                environment=row.environment,
                group=_group(row.name),
                value=None if secret else to_jsonable_python(value),
                hidden=secret,
                changed=given and value != default,
                default=row.default,
                type=row.type,
                help=row.help,
            )
        )
    return found


def _group(name: str) -> Group:
    if name in _STORAGE:
        return "storage"
    if name in _SERVER:
        return "server"
    if name.startswith("master_key"):
        return "secrets"
    if name.startswith("log_"):
        return "log"
    return "limits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """Where the tables and the database lie, and what they take."""

    #: Root of the lake, without keys.
    root: str
    kind: Literal["folder", "s3", "azure", "google", "other"]
    tables: int
    #: Bytes of the files of the tables' newest versions; the tables counted are at most ``counted``.
    bytes: int
    counted: int
    #: Rows of those tables.
    rows: int
    #: Bytes free where the lake lies; None in an object store.
    free_bytes: int | None
    #: PostgreSQL: ours or one given, its version and size.
    database_embedded: bool
    database_version: str
    database_bytes: int


def storage(hub: Hub) -> Storage:
    """What is stored, and where."""
    from towpath.lake.table import Table

    refs = list(hub.tables())
    size = rows = counted = 0
    for ref in refs[:_MOST_TABLES]:
        table = Table(ref.uri, ref.storage_options)
        if not table.exists:
            continue
        counted += 1
        for file in table.files():
            size += file.size
            rows += file.rows or 0
    with hub.store.begin() as db:
        version = db.execute(sa.text("select current_setting('server_version')")).scalar_one()
        bytes_ = db.execute(sa.text("select pg_database_size(current_database())")).scalar_one()
    root = hub.lake_root
    scheme = root.partition("://")[0] if "://" in root else ""
    kinds: dict[str, Literal["folder", "s3", "azure", "google", "other"]] = {
        "": "folder",
        "file": "folder",
        "s3": "s3",
        "s3a": "s3",
        "abfs": "azure",
        "abfss": "azure",
        "az": "azure",
        "gs": "google",
    }
    kind = kinds.get(scheme, "other")
    return Storage(
        root=root,
        kind=kind,
        tables=len(refs),
        bytes=size,
        counted=counted,
        rows=rows,
        free_bytes=_free(root) if kind == "folder" else None,
        database_embedded=hub.settings.database_url is None,
        database_version=str(version).partition(" ")[0],
        database_bytes=int(bytes_),
    )


def _free(folder: str) -> int | None:
    """Bytes free at a folder, or at the nearest one above it that is there."""
    there = Path(folder.removeprefix("file://"))
    found = next((one for one in (there, *there.parents) if one.is_dir()), None)
    return shutil.disk_usage(found).free if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What runs here."""

    version: str
    python: str
    platform: str
    licence: str


def about() -> About:
    """What runs here."""
    return About(
        version=__version__,
        python=platform.python_version(),
        platform=f"{platform.system()} {platform.machine()}",
        licence="Apache-2.0",
    )


def shown(one: Effective) -> str:
    """A setting's value for a terminal."""
    if one.hidden:
        return "(set, not shown)"
    if one.value is None:
        return "not set"
    return one.value if isinstance(one.value, str) else orjson.dumps(one.value).decode()
