"""A table in an object store as a pyarrow dataset, for engines that push columns and filters down."""

from __future__ import annotations

from typing import Any

import pyarrow.dataset as ds
from pyarrow.fs import FileInfo, FileSystemHandler, FileType, PyFileSystem

from towpath.lake.log import Snapshot
from towpath.lake.storage import Storage

__all__ = ["dataset", "parts_of"]


class _ReadOnly(FileSystemHandler):  # type: ignore[misc]  # pyarrow carries no types
    """The files of one snapshot, to be opened and nothing more."""

    def __init__(self, storage: Storage, sizes: dict[str, int]) -> None:
        self._storage = storage
        self._sizes = sizes

    def get_type_name(self) -> str:
        return "towpath"

    def normalize_path(self, path: str) -> str:
        return path

    def get_file_info(self, paths: list[str]) -> list[FileInfo]:
        return [
            FileInfo(path, FileType.File, size=self._sizes[path])
            if path in self._sizes
            else FileInfo(path, FileType.NotFound)
            for path in paths
        ]

    def open_input_file(self, path: str) -> Any:
        return self._storage.open(path)

    def open_input_stream(self, path: str) -> Any:
        return self._storage.open(path)

    def get_file_info_selector(self, selector: Any) -> list[FileInfo]:
        raise NotImplementedError

    def create_dir(self, path: str, recursive: bool) -> None:
        raise NotImplementedError

    def delete_dir(self, path: str) -> None:
        raise NotImplementedError

    def delete_dir_contents(self, path: str, missing_dir_ok: bool = False) -> None:
        raise NotImplementedError

    def delete_root_dir_contents(self) -> None:
        raise NotImplementedError

    def delete_file(self, path: str) -> None:
        raise NotImplementedError

    def move(self, src: str, dest: str) -> None:
        raise NotImplementedError

    def copy_file(self, src: str, dest: str) -> None:
        raise NotImplementedError

    def open_output_stream(self, path: str, metadata: Any) -> Any:
        raise NotImplementedError

    def open_append_stream(self, path: str, metadata: Any) -> Any:
        raise NotImplementedError


def parts_of(storage: Storage, sizes: dict[str, int]) -> Any:
    """A file system for pyarrow that has these files (bytes by path) of a table and nothing else."""
    return PyFileSystem(_ReadOnly(storage, sizes))


def dataset(storage: Storage, snapshot: Snapshot) -> Any:
    """The snapshot's rows as a `pyarrow.dataset.Dataset`; columns newer than a part are null in it."""
    sizes = {path: file.size for path, file in snapshot.files.items()}
    return ds.dataset(
        sorted(sizes),
        schema=snapshot.metadata.schema,
        format="parquet",
        filesystem=parts_of(storage, sizes),
    )
