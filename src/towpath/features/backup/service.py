"""Make a backup of what a hub keeps, and begin a new one from it."""

from __future__ import annotations

import os
import tarfile
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa

from towpath import __version__
from towpath.access import who
from towpath.errors import DamagedError, InputError, TowpathError
from towpath.features.backup import database, folder
from towpath.hub import Hub, open_hub
from towpath.settings import Settings
from towpath.store import AuditHead, Store, noted
from towpath.store.tables import SCHEMA

__all__ = ["Made", "Restored", "create", "restore"]

_DUMP, _MANIFEST, _LAKE = "database.dump", "manifest.json", "lake"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A backup that was written."""

    file: str
    bytes: int
    #: Tables of the lake in it; 0 when it was left out.
    tables: int
    #: The newest row of the audit when it was begun.
    audit: AuditHead
    #: Where the master key is, in words.
    key: str

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was restored."""

    file: str
    made_at: datetime
    version: str
    tables: int
    audit: AuditHead
    #: Whether the master key here opens the secrets in it.
    key_fits: bool

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def create(hub: Hub, file: Path, *, lake: bool | None = None, force: bool = False) -> Made:
    """Write everything but the master key into one tar file (mode 0600), while others go on working.

    The database is a snapshot of one moment. The tables are copied after it, log first, so each is a version that was
    published; they may be newer than the database, which reads on from what a table says.

    :param lake: whether the tables go into it; None: where the lake is a folder.
    :raises InputError: the file is there, or the lake is an object store.
    """
    local = None if "://" in hub.lake_root else Path(hub.lake_root)
    if lake and local is None:
        raise InputError(
            f"The lake is at {hub.lake_root}; copy it with the tools of that store, and leave out --lake here."
        )
    if file.exists() and not force:
        raise InputError(f"There is a file {file} already; name another one or add --force.")
    if not file.parent.is_dir():
        raise InputError(f"There is no folder {file.parent}; make it first.")
    root = local if local is not None and lake is not False else None
    with hub.store.begin() as db:
        head = hub.store.audit(who(), "backup.create", f"backup/{file.name}", connection=db)
    known = AuditHead(number=head.number, hash=head.hash)
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".towpath-backup-") as place:
        dump = Path(place) / _DUMP
        database.dump(hub.store, dump)
        whole = Path(place) / "whole.tar"
        tables = 0
        with os.fdopen(os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            with tarfile.open(fileobj=target, mode="w") as archive:
                # First, so that a reader knows what follows without reading through.
                folder.put(archive, _MANIFEST, orjson.dumps(_manifest(known, lake=root is not None)))
                archive.add(dump, _DUMP)
                if root is not None and root.is_dir():
                    tables = folder.pack(archive, root, _LAKE)
            target.flush()
            os.fsync(target.fileno())
        size = whole.stat().st_size
        whole.replace(file)
    return Made(file=str(file), bytes=size, tables=tables, audit=known, key=_key_place(hub.settings))


def restore(settings: Settings, file: Path) -> Restored:
    """Begin from a backup: the database in one transaction, after the tables are in their place.

    :raises InputError: there is something already, or the file is no backup.
    :raises DamagedError: the audit in it is not whole.
    """
    with _opened(file) as archive:
        manifest = _read_manifest(archive, file)
        known = AuditHead(**manifest["audit"])
        store = Store(settings)
        try:
            _refuse_used(store)
            tables = 0
            if manifest["lake"]:
                if "://" in settings.lake_root:
                    raise InputError(
                        "The backup holds the tables of a local lake, but TOWPATH_STORAGE is an object store; "
                        "restore without it and copy the tables there yourself."
                    )
                tables = folder.unpack(archive, _LAKE, Path(settings.lake_root), mark=known.hash)
            with tempfile.TemporaryDirectory(prefix="towpath-restore-") as place:
                member = archive.getmember(_DUMP)
                archive.extract(member, place, filter="data")
                database.load(store, Path(place) / _DUMP)
        finally:
            store.close()
        folder.settle(Path(settings.lake_root))
    noted.forget(settings.home)
    with open_hub(settings, works=False) as hub:
        check = hub.store.verify_audit(known=known)
        if not check.whole:
            raise DamagedError(
                f"The audit in the backup is not whole: row {check.wrong_number}: {check.reason}. Use another backup."
            )
        fits = _key_fits(hub)
        hub.store.audit(
            who(), "backup.restore", f"backup/{file.name}", details={"made_at": manifest["made_at"]}
        )
    return Restored(
        file=str(file),
        made_at=datetime.fromisoformat(manifest["made_at"]),
        version=manifest["version"],
        tables=tables,
        audit=known,
        key_fits=fits,
    )


def _manifest(head: AuditHead, *, lake: bool) -> dict[str, Any]:
    return {
        "towpath_backup": 1,
        "version": __version__,
        "made_at": datetime.now(UTC).isoformat(),
        "audit": asdict(head),
        "lake": lake,
    }


def _opened(file: Path) -> tarfile.TarFile:
    try:
        return tarfile.open(file, mode="r:")  # the caller closes it
    except (tarfile.TarError, OSError):
        raise InputError(f"{file} is not a backup of Towpath; name one that `towpath backup` made.") from None


def _read_manifest(archive: tarfile.TarFile, file: Path) -> dict[str, Any]:
    try:
        member = archive.extractfile(_MANIFEST)
        manifest = orjson.loads(member.read(1_000_000)) if member else None
        if isinstance(manifest, dict) and manifest["towpath_backup"] == 1:
            return manifest
    except (KeyError, ValueError, tarfile.TarError):
        pass
    raise InputError(f"{file} is not a backup of Towpath; name one that `towpath backup` made.")


def _refuse_used(store: Store) -> None:
    """Go on only where nothing of anybody's would be lost."""
    with store.begin() as db:
        there = db.scalar(sa.text("select to_regclass(:name)"), {"name": f"{SCHEMA}.audit"}) is not None
        if there and db.scalar(sa.text(f"select exists (select from {SCHEMA}.audit)")):
            raise InputError(
                "This database is in use by Towpath already; restore into an empty TOWPATH_HOME or TOWPATH_DATABASE_URL."
            )


def _key_fits(hub: Hub) -> bool:
    """Whether one of the secrets can be opened; where there is none, any key fits."""
    from towpath.secrets.tables import secrets

    with hub.store.begin() as db:
        owner = db.scalar(sa.select(secrets.c.owner).limit(1))
    if owner is None:
        return True
    try:
        hub.cabinet.get(owner)
    except TowpathError:
        return False
    return True


def _key_place(settings: Settings) -> str:
    if settings.master_key is not None:
        return "the value of TOWPATH_MASTER_KEY"
    if settings.master_key_command:
        return "what TOWPATH_MASTER_KEY_COMMAND prints"
    return str(settings.master_key_file or settings.home / "master.key")
