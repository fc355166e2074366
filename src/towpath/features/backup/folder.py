"""A lake that is a folder, into a tar file and out of it."""

from __future__ import annotations

import io
import shutil
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

from towpath.errors import InputError

__all__ = ["pack", "put", "settle", "unpack"]

_LOG = "_delta_log"
_LAST = "_last_checkpoint"
#: Stands in a lake that was unpacked for a restore which has not ended.
_MARK = ".towpath-restoring"


def put(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    """Add a small file from memory."""
    about = tarfile.TarInfo(name)
    about.size, about.mtime, about.mode = len(content), int(time.time()), 0o600
    archive.addfile(about, io.BytesIO(content))


def pack(archive: tarfile.TarFile, root: Path, name: str) -> int:
    """Add the folder; the number of tables in it.

    Of each table the hint to its last checkpoint comes first, then the log, then the files: whatever is committed
    meanwhile is either in the log that was read, with its files, or not there at all.
    """
    tables = 0
    for folder in _folders(root):
        log = folder / _LOG
        if log.is_dir():
            tables += 1
            if (last := log / _LAST).is_file():
                put(archive, f"{name}/{last.relative_to(root)}", last.read_bytes())
            _add(archive, root, name, (path for path in _files(log) if path.name != _LAST))
        _add(archive, root, name, _files(folder))
    return tables


def _folders(root: Path) -> Iterator[Path]:
    yield root
    for folder in sorted(path for path in root.rglob("*") if path.is_dir() and path.name != _LOG):
        if _LOG not in folder.relative_to(root).parts:
            yield folder


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file())


def _add(archive: tarfile.TarFile, root: Path, name: str, files: Iterator[Path] | list[Path]) -> None:
    for path in files:
        try:
            archive.add(path, f"{name}/{path.relative_to(root)}", recursive=False)
        except FileNotFoundError:
            continue  # upkeep removed it meanwhile: no version within the retention needs it


def unpack(archive: tarfile.TarFile, name: str, root: Path, *, mark: str) -> int:
    """Put the folder of a backup in its place; the number of tables in it.

    :param mark: tells the backup. A restore of it that was cut off is begun anew.
    :raises InputError: the folder holds something already.
    """
    note = root / _MARK
    if root.is_dir() and any(root.iterdir()):
        if not note.is_file() or note.read_text(encoding="utf-8") != mark:
            raise InputError(f"The lake {root} holds something already; restore into an empty one.")
        shutil.rmtree(root)
    root.mkdir(parents=True, exist_ok=True)
    note.write_text(mark, encoding="utf-8")
    tables = set()
    for member in archive:
        if not member.name.startswith(f"{name}/"):
            continue
        member.name = member.name.removeprefix(f"{name}/")
        archive.extract(member, root, filter="data")
        parts = Path(member.name).parts
        if _LOG in parts:
            tables.add(parts[: parts.index(_LOG)])
    return len(tables)


def settle(root: Path) -> None:
    """The restore has ended: what was unpacked is the lake."""
    (root / _MARK).unlink(missing_ok=True)
