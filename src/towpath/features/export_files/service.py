"""Writing rows into one file, whole or not at all.

The rows go into a temporary file beside the wanted one, which takes its name only when everything is written;
nobody ever sees half a file, and a file that is there is left alone unless it is to be replaced. Memory: one
row group.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from towpath.errors import FixSettingsError, InputError
from towpath.features.explore.answers import stored
from towpath.features.explore.asof import AsOf
from towpath.features.explore.output import print_csv
from towpath.features.explore.service import Limits, Result, query
from towpath.features.explore.whole import whole
from towpath.lake.catalog import TableRef

__all__ = ["FORMATS", "Exported", "export", "produce", "target"]

FORMATS = ("parquet", "csv", "xlsx")
_GROUP_ROWS = 65_536
_GROUP_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A file that was written."""

    path: Path
    format: str
    rows: int
    size: int
    """Bytes."""
    remarks: tuple[str, ...] = ()
    """What the format could not hold as it was."""

    def to_json(self) -> dict[str, Any]:
        """The values as a JSON object."""
        return {
            "path": str(self.path),
            "format": self.format,
            "rows": self.rows,
            "size": self.size,
            **({"remarks": list(self.remarks)} if self.remarks else {}),
        }


def target(path: str, kind: str | None, *, force: bool) -> tuple[Path, str]:
    """The file to write and its format, which its ending tells where `kind` is None.

    Raises InputError when the format is not clear, the folder is not there, or the file is and `force` is not.
    """
    if "://" in path or path == "-":
        raise InputError("An export goes into a file on this machine; towpath sql --csv prints rows.")
    file = Path(path).expanduser().absolute()
    if file.is_dir():
        raise InputError(f"{file} is a folder; name the file to write in it.")
    chosen = kind or file.suffix.lower().removeprefix(".")
    if chosen not in FORMATS:
        raise InputError(
            f"It is not clear what {file.name} is to be; add --to parquet, --to csv or --to xlsx."
        )
    if not file.parent.is_dir():
        raise InputError(f"There is no folder {file.parent}; make it first.")
    if not force and os.path.lexists(file):
        raise _taken(file)
    return file, chosen


def export(result: Result, file: Path, kind: str, *, force: bool = False, guard: bool = False) -> Exported:
    """Write all rows of a result as `kind` (one of `FORMATS`); with `guard` no CSV cell is a formula.

    Raises InputError when the file is there and `force` is not, or a column has a type that Parquet lacks,
    FixSettingsError when the file can not be written. Nothing of the file is left then.
    """
    remarks: list[str] = []
    with _beside(file, force=force) as (handle, part):
        if kind == "csv":
            print_csv(result, lambda text: handle.write(text.encode()), guard=guard)
        elif kind == "xlsx":
            from towpath.features.export_files.workbook import write_workbook

            remarks = write_workbook(result, str(part))
        else:
            _write_parquet(result, handle)
        handle.flush()
        size = part.stat().st_size
    return Exported(path=file, format=kind, rows=result.count, size=size, remarks=tuple(remarks))


def produce(
    *,
    path: str,
    kind: str,
    guard: bool,
    sql: str = "",
    table: str = "",
    answer: str = "",
    tables: Sequence[TableRef] = (),
    limits: Limits | None = None,
    as_of: AsOf | None = None,
) -> dict[str, Any]:
    """Write one file out of a SELECT, a whole table, or an answer that is kept; for a process of its own.

    Raises what `export`, `query` and `whole` raise.
    """
    file = Path(path)
    try:
        if answer:
            done = export(stored(Path(answer)), file, kind, force=True, guard=guard)
        else:
            asked = (
                query(sql, tables, limits, as_of=as_of) if sql else whole(table, tables, limits, as_of=as_of)
            )
            with asked as result:
                done = export(result, file, kind, force=True, guard=guard)
    except FixSettingsError as error:
        if type(error) is not FixSettingsError:
            raise
        # Where the server keeps its files is nothing to whoever asked.
        raise InputError(
            "The file can not be written: it is larger than TOWPATH_ANSWERS_MB allows, or the server's disk is full; "
            "export less, or ask an administrator for room."
        ) from error
    return {"rows": done.rows, "bytes": done.size, "remarks": list(done.remarks)}


def _write_parquet(result: Result, handle: Any) -> None:
    schema = pa.schema([pa.field(column.name, column.type) for column in result.columns])
    for field in schema:
        if pa.types.is_interval(field.type) or pa.types.is_union(field.type):
            raise InputError(f"Parquet has no type for the column {field.name}; cast it to varchar.")
    held: list[pa.RecordBatch] = []
    rows = size = 0
    with pq.ParquetWriter(handle, schema, compression="zstd") as writer:
        for batch in result.batches:
            held.append(batch)
            rows, size = rows + batch.num_rows, size + batch.nbytes
            if rows >= _GROUP_ROWS or size >= _GROUP_BYTES:
                writer.write_table(pa.Table.from_batches(held).cast(schema), row_group_size=rows)
                held, rows, size = [], 0, 0
        if held:
            writer.write_table(pa.Table.from_batches(held).cast(schema), row_group_size=rows)


@contextmanager
def _beside(file: Path, *, force: bool) -> Iterator[tuple[Any, Path]]:
    """A temporary file that becomes `file` when the block ends well, and is gone when it does not."""
    part = file.parent / f".{file.name[:100]}.{uuid.uuid4().hex}.tmp"
    try:
        with part.open("xb") as handle:
            yield handle, part
            handle.flush()
            os.fsync(handle.fileno())
        if force:
            part.replace(file)
        else:
            _name(part, file)
    except FileExistsError as error:  # somebody else wrote it while we did
        raise _taken(file) from error
    except BrokenPipeError:
        raise
    except OSError as error:
        raise FixSettingsError(
            f"The file {file} can not be written ({error.strerror or error}); choose another place or make room."
        ) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _name(part: Path, file: Path) -> None:
    """Give the file its name unless there is one of that name."""
    try:
        os.link(part, file)
    except FileExistsError:
        raise
    except OSError:  # exFAT and some network mounts know no hard links
        if os.path.lexists(file):
            raise FileExistsError(file) from None
        part.rename(file)


def _taken(file: Path) -> InputError:
    return InputError(f"{file} is there already; add --force to replace it.")
