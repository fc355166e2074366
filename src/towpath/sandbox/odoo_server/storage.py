"""Where a server's rows are: a database of the embedded PostgreSQL, copied from a template, or one named by address.

A template is made once per kind of data and per state of this package's files; a copy takes a fraction of a second.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import secrets
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg

from towpath.sandbox.odoo_server.database import OPTIONS, Cluster, Database
from towpath.sandbox.odoo_server.env import Env
from towpath.sandbox.odoo_server.orm.tables import schema_statements
from towpath.sandbox.odoo_server.registry import Registry

__all__ = ["Fill", "embedded", "external"]

Fill = Callable[[Env], None]
_HERE = Path(__file__).parent
_TABLES = ("schema", "orm/tables.py", "orm/columns.py", "orm/fields.py")
_ROWS = ("data", "models", "install.py")
_OWNER = re.compile(r"_p(\d+)_[0-9a-f]{6}$")
_clusters: dict[Path, tuple[Cluster, int]] = {}
_lock = threading.Lock()


def external(url: str, registry: Registry, fill: Fill, *, name: str) -> str:
    """Use the database at `url`, filled when it holds no Odoo yet; gives its connection string.

    Raises:
        psycopg.OperationalError: when it cannot be reached.
    """
    with psycopg.connect(url, options=OPTIONS) as connection:
        found = connection.execute("SELECT to_regclass('res_users')").fetchone()
        if found is None or found[0] is None:
            connection.execute("; ".join(schema_statements(registry)).encode())
            connection.commit()
            with Database(url, registry, name=name, connections=2) as made:
                made.run(fill, su=True)
    return url


@contextlib.contextmanager
def embedded(home: Path, registry: Registry, fill: Fill, *, data: str, keep: bool) -> Iterator[str]:
    """A database in the PostgreSQL below `home`, for the time of the block; gives its connection string.

    With `keep` it is the one of earlier times (made anew only when the tables of this package have changed), else a
    fresh copy that is dropped at the end.
    """
    home.mkdir(parents=True, exist_ok=True)
    kind = f"odoo_{registry.version.replace('.', '_')}_{data}"
    tables = _fingerprint(*_TABLES)
    with _cluster(home / "postgres") as cluster:
        name = f"{kind}_kept_{tables}" if keep else f"{kind}_p{os.getpid()}_{secrets.token_hex(3)}"
        with _only_one(home / "odoo.lock"):
            if not (keep and cluster.exists(name)):
                template = f"{kind}_{_fingerprint(*_TABLES, *_ROWS)}"
                _drop_leftovers(cluster, kind, template)
                cluster.ensure(template, registry, fill)
                cluster.create(name, template=template)
        try:
            yield cluster.dsn(name)
        finally:
            if not keep:
                cluster.drop(name)


@contextlib.contextmanager
def _cluster(path: Path) -> Iterator[Cluster]:
    """The PostgreSQL of a folder, shared by the servers of this process and stopped after the last of them."""
    with _lock:
        cluster, users = _clusters.get(path) or (Cluster(path), 0)
        _clusters[path] = cluster, users + 1
    try:
        yield cluster
    finally:
        with _lock:
            cluster, users = _clusters.pop(path)
            if users > 1:
                _clusters[path] = cluster, users - 1
            else:
                cluster.stop()


@contextlib.contextmanager
def _only_one(path: Path) -> Iterator[None]:
    """Keep other processes from making the same template at the same time."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _fingerprint(*parts: str) -> str:
    """Eight characters that change when one of these files or folders of the package does."""
    digest = hashlib.sha256()
    for part in parts:
        top = _HERE / part
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file() and path.suffix != ".pyc":
                digest.update(f"{path.relative_to(_HERE)} {path.stat().st_size}\n".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:8]


def _drop_leftovers(cluster: Cluster, kind: str, template: str) -> None:
    """Remove outdated templates of a kind, and copies whose process is gone."""
    with psycopg.connect(cluster.dsn("postgres"), autocommit=True) as connection:
        names = [row[0] for row in connection.execute("SELECT datname FROM pg_database").fetchall()]
    for name in names:
        outdated = name != template and re.fullmatch(re.escape(kind) + r"_[0-9a-f]{8}", name)
        owner = _OWNER.search(name)
        if outdated or (owner and not _alive(int(owner[1]))):
            cluster.drop(name)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
