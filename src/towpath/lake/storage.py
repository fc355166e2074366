"""Where a table's files lie: one port, a local folder behind it or an object store.

The whole of exactly-once rests on one operation, `Storage.create`: put a file if and only if there is
none of that name. A folder does it with a hard link, S3, GCS and Azure with a conditional put.
"""

from __future__ import annotations

import fcntl
import os
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from towpath.errors import FixSettingsError, InputError

__all__ = ["Entry", "LocalStorage", "Storage", "open_storage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One stored file: path relative to the table, bytes, and last change in seconds since 1970."""

    path: str
    size: int
    modified: float


class Storage(Protocol):
    """Files of one table, named by paths relative to it with `/` between the parts."""

    local: Path | None
    """The folder when it is one on this machine, else None."""

    def read(self, path: str) -> Any:
        """The whole file as a buffer; FileNotFoundError when there is none."""
        ...

    def open(self, path: str) -> Any:
        """A seekable binary file for pyarrow; FileNotFoundError when there is none."""
        ...

    def exists(self, path: str) -> bool:
        """Whether there is a file of that name."""
        ...

    def create(self, path: str, data: bytes) -> bool:
        """Put a new file at once and durably; False, and nothing written, when the name is taken.

        Raises FixSettingsError or ConnectionLostError when it can not be written.
        """
        ...

    def put(self, path: str, data: Any) -> None:
        """Put a file durably, replacing one of that name; readers see the old or the new one whole."""
        ...

    def entries(self, folder: str = "", *, after: str | None = None) -> Iterator[Entry]:
        """Files below `folder` in order of name, only those named greater than `after`."""
        ...

    def delete(self, paths: Iterable[str]) -> None:
        """Remove files; those already gone are no error."""
        ...


class LocalStorage:
    """A folder on this machine (or a mounted one)."""

    def __init__(self, folder: str | Path) -> None:
        self.local: Path | None = Path(folder).expanduser().absolute()
        self._folder = self.local

    def read(self, path: str) -> Any:
        """See `Storage.read`."""
        with self._said():
            return (self._folder / path).read_bytes()

    def open(self, path: str) -> Any:
        """See `Storage.open`; memory-mapped would count as our memory, hence plain reads."""
        import pyarrow as pa

        with self._said():
            return pa.OSFile(str(self._folder / path), "rb")

    def exists(self, path: str) -> bool:
        """See `Storage.exists`."""
        with self._said():
            return (self._folder / path).is_file()

    def create(self, path: str, data: bytes) -> bool:
        """See `Storage.create`."""
        final = self._folder / path
        if final.exists():
            return False
        staged = self._write_beside(final, data)
        try:
            os.link(staged, final)
        except FileExistsError:
            return False
        except OSError:  # exFAT and some network mounts know no hard links
            return self._create_under_lock(staged, final)
        else:
            _sync_folder(final.parent)
            return True
        finally:
            staged.unlink(missing_ok=True)

    def put(self, path: str, data: Any) -> None:
        """See `Storage.put`."""
        final = self._folder / path
        staged = self._write_beside(final, data)
        staged.replace(final)
        _sync_folder(final.parent)

    def entries(self, folder: str = "", *, after: str | None = None) -> Iterator[Entry]:
        """See `Storage.entries`; temporary files of writers that died are among them."""
        top = self._folder / folder if folder else self._folder
        found: list[Entry] = []
        stack = [top]
        while stack:
            here = stack.pop()
            items: list[os.DirEntry[str]] = []
            with suppress(FileNotFoundError), self._said():
                items = list(os.scandir(here))
            for item in items:
                if item.is_dir(follow_symlinks=False):
                    stack.append(Path(item.path))
                    continue
                path = Path(item.path).relative_to(self._folder).as_posix()
                if after is not None and path <= after:
                    continue
                with suppress(FileNotFoundError):
                    stat = item.stat()
                    found.append(Entry(path=path, size=stat.st_size, modified=stat.st_mtime))
        yield from sorted(found, key=lambda entry: entry.path)

    def delete(self, paths: Iterable[str]) -> None:
        """See `Storage.delete`."""
        with self._said():
            for path in paths:
                (self._folder / path).unlink(missing_ok=True)

    def _write_beside(self, final: Path, data: Any) -> Path:
        """Write to a temporary name in the same folder and wait until it is on the disk."""
        staged = final.parent / f".{final.name}.{uuid.uuid4().hex}.tmp"
        try:
            with self._said():
                final.parent.mkdir(parents=True, exist_ok=True)
                with staged.open("xb") as handle:
                    handle.write(data)
                    handle.flush()
                    os.fsync(handle.fileno())
        except FixSettingsError:
            with suppress(OSError):
                staged.unlink(missing_ok=True)
            raise
        return staged

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Turn what the file system refuses (full, no right, no folder) into an error for people."""
        try:
            yield
        except (FileNotFoundError, FileExistsError):
            raise
        except OSError as error:
            raise FixSettingsError(
                f"The folder {self._folder} can not be used ({error.strerror or error}); make room or give the right to it."
            ) from error

    def _create_under_lock(self, staged: Path, final: Path) -> bool:
        """Check and rename while holding a lock that dies with its process."""
        with (final.parent / ".create.lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if final.exists():
                return False
            staged.rename(final)
            _sync_folder(final.parent)
            return True


def _sync_folder(folder: Path) -> None:
    """Make a new name in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def open_storage(uri: str, options: Mapping[str, str] | None = None) -> Storage:
    """The storage behind an address: a path, `file://`, or an object store's `s3://`, `gs://`, `abfss://`.

    Raises InputError when the address is of no known kind.
    """
    scheme = urlsplit(uri).scheme if "://" in uri else ""
    if scheme == "":
        return LocalStorage(uri)
    if scheme == "file":
        return LocalStorage(unquote(urlsplit(uri).path))
    if scheme in {"s3", "s3a", "gs", "az", "azure", "abfs", "abfss", "adl", "memory"}:
        from towpath.lake.objects import open_object_storage

        return open_object_storage(uri, options or {})
    raise InputError(
        f"Tables can not be kept at {uri!r}; give a folder or an address that starts with s3://, gs://, az:// or abfss://."
    )
