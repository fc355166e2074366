"""Tables in an object store (S3 and what speaks like it, Google Cloud Storage, Azure) through obstore."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import obstore
import pyarrow as pa
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import from_url

from towpath.errors import ConnectionLostError, FixSettingsError, InputError
from towpath.lake.storage import Entry

__all__ = ["ObjectStorage", "open_object_storage"]

_CLIENT_OPTIONS = {
    "allow_http",
    "allow_invalid_certificates",
    "connect_timeout",
    "proxy_url",
    "timeout",
    "user_agent",
}
_BATCH = 500
#: Places that are known to refuse a name that is taken.
_TRIED: set[str] = set()


class ObjectStorage:
    """Files of one table below a prefix of a bucket or container."""

    def __init__(self, store: Any, place: str | None = None) -> None:
        """`place` names bucket and endpoint, which are tried once before something is created; None: not tried."""
        self.local: Path | None = None
        self._store = store
        self._place = place

    def read(self, path: str) -> Any:
        """See `Storage.read`."""
        try:
            return pa.py_buffer(obstore.get(self._store, path).bytes())
        except BaseError as error:
            raise _lost(error) from error

    def open(self, path: str) -> Any:
        """See `Storage.open`; parts are a few MB, one request for the whole beats many for its pieces."""
        return pa.BufferReader(self.read(path))

    def exists(self, path: str) -> bool:
        """See `Storage.exists`."""
        try:
            obstore.head(self._store, path)
        except FileNotFoundError:
            return False
        except BaseError as error:
            raise _lost(error) from error
        return True

    def create(self, path: str, data: bytes) -> bool:
        """See `Storage.create`."""
        self._require_create()
        return self._create(path, data)

    def _create(self, path: str, data: bytes) -> bool:
        try:
            obstore.put(self._store, path, data, mode="create")
        except AlreadyExistsError:
            return False
        except BaseError as error:
            raise _lost(error) from error
        return True

    def _require_create(self) -> None:
        """See that the store refuses a name that is taken: one that does not would lose the commits of rivals unseen.

        Asked once in the life of a process for each place.
        """
        if self._place is None or self._place in _TRIED:
            return
        trial = f"_towpath-trial-{uuid.uuid4().hex}.tmp"
        kept = self._create(trial, b"1") and not self._create(trial, b"2")
        with suppress(ConnectionLostError):  # one that can not be removed is swept later
            self.delete([trial])
        if not kept:
            raise FixSettingsError(
                "The object store puts a file over one of the same name although it was told not to (If-None-Match), so "
                "commits could be lost; use a store, or a version of it, that knows the conditional put."
            )
        _TRIED.add(self._place)

    def put(self, path: str, data: Any) -> None:
        """See `Storage.put`."""
        try:
            obstore.put(self._store, path, bytes(data))
        except BaseError as error:
            raise _lost(error) from error

    def entries(self, folder: str = "", *, after: str | None = None) -> Iterator[Entry]:
        """See `Storage.entries`."""
        try:
            for page in obstore.list(self._store, prefix=folder or None, offset=after):
                for item in sorted(page, key=lambda found: found["path"]):
                    yield Entry(
                        path=item["path"], size=item["size"], modified=item["last_modified"].timestamp()
                    )
        except BaseError as error:
            raise _lost(error) from error

    def delete(self, paths: Iterable[str]) -> None:
        """See `Storage.delete`."""
        wanted = list(paths)
        for start in range(0, len(wanted), _BATCH):
            try:
                obstore.delete(self._store, wanted[start : start + _BATCH])
            except FileNotFoundError:
                continue
            except BaseError as error:
                raise _lost(error) from error


def _lost(error: Exception) -> ConnectionLostError:
    """Our error for a store that did not answer; the library has retried already."""
    return ConnectionLostError(
        "The object store did not accept the request; check its address, keys and rights.",
        details={"store": str(error)[:2000]},
    )


def open_object_storage(uri: str, options: Mapping[str, str]) -> ObjectStorage:
    """Open the store of an address with the options people know from other Delta tools.

    Names are taken in any case (`AWS_ENDPOINT_URL`, `aws_endpoint_url`); what is missing comes from the
    environment. Raises InputError when an option is not known or misses.
    """
    config: dict[str, str] = {}
    client: dict[str, Any] = {}
    for given, value in options.items():
        name = given.lower().removeprefix("aws_") if given.lower() == "aws_allow_http" else given.lower()
        if name in _CLIENT_OPTIONS:
            client[name] = _client_value(name, value)
        else:
            config[name] = value
    build: Any = from_url  # the options' names decide the kind of store at run time
    try:
        store = build(uri, config=config or None, client_options=client or None)
    except (BaseError, ValueError, TypeError) as error:
        raise InputError(
            f"The storage address {uri} or its options are not valid: {str(error).splitlines()[0]}"
        ) from error
    place = urlsplit(uri)
    known = sorted((name, value) for name, value in config.items() if "endpoint" in name)
    return ObjectStorage(store, f"{place.scheme}://{place.netloc} {known}")


def _client_value(name: str, value: str) -> Any:
    """Client options arrive as text; the library wants booleans and durations."""
    if name.startswith("allow_"):
        return str(value).strip().lower() in {"1", "true", "yes", "on"}
    if name.endswith("timeout"):
        return timedelta(seconds=float(str(value).removesuffix("s")))
    return value
