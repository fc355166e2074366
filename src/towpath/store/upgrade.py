"""Bring the tables up to date: find migrations, compare, run what is missing under a lock.

A migration is a file in the folder ``migrations`` of a part, of a feature, or of a feature that another wheel
brings (entry point group ``towpath.features``); its name is its revision. Which ones have run stands in ``towpath.migrations_done``. When ours all stand there, nothing else
happens and Alembic is not even imported; so an older release also starts against a newer database.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from towpath import __version__
from towpath.errors import DamagedError
from towpath.store.tables import SCHEMA

if TYPE_CHECKING:  # Alembic takes most of a second to import, and is needed only when something changes
    from alembic.runtime.migration import MigrationContext, RevisionStep

__all__ = ["find_folders", "missing", "upgrade"]

_LOCK = 7_403_211_950  # our number among the advisory locks of a shared database


def find_folders() -> list[Path]:
    """All folders with migrations: the shared parts, our features, features of other wheels."""
    package = Path(__file__).parent.parent
    ours = [
        path
        for pattern in ("*/migrations", "features/*/migrations")
        for path in sorted(package.glob(pattern))
    ]
    return [*ours, *_foreign_folders()]


def _foreign_folders() -> list[Path]:
    from importlib.metadata import entry_points
    from importlib.util import find_spec

    found = []
    for entry in entry_points(group="towpath.features"):
        try:
            spec = find_spec(entry.module)
        except ImportError:
            continue  # who loads the feature reports it
        for place in (spec.submodule_search_locations or ()) if spec else ():
            folder = Path(place) / "migrations"
            if folder.is_dir():
                found.append(folder)
    return sorted(found)


def missing(connection: sa.Connection, folders: Sequence[Path]) -> set[str]:
    """Revisions of ours that have not run on this database."""
    ours = {path.stem for folder in folders for path in folder.glob("[!_.]*.py")}
    table = f"{SCHEMA}.migrations_done"
    if connection.scalar(sa.text("select to_regclass(:name)"), {"name": table}) is None:
        return ours
    return ours - set(connection.scalars(sa.text(f"select revision from {table}")))


def upgrade(engine: sa.Engine, folders: Sequence[Path], *, older_at_work: bool | None = None) -> list[str]:
    """Run what is missing, in one transaction, and return the revisions that ran.

    Processes that start at the same time wait for the first. While a process of another release works on jobs
    (None: look), files named ``*_post`` are left for a later start. Raises DamagedError when the files and the
    database do not fit together.
    """
    with engine.connect() as connection:
        if not _due(connection, folders, older_at_work):
            return []
    with engine.begin() as connection:
        connection.execute(sa.text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        due = _due(connection, folders, older_at_work)
        if not due:
            return []  # the process that held the lock before us has done it
        return _run(connection, folders, older_at_work=not any(name.endswith("_post") for name in due))


def _due(connection: sa.Connection, folders: Sequence[Path], older_at_work: bool | None) -> set[str]:
    """What is to run now."""
    due = missing(connection, folders)
    later = {name for name in due if name.endswith("_post")}
    if not later or not (_others_at_work(connection) if older_at_work is None else older_at_work):
        return due
    return due - later


def _others_at_work(connection: sa.Connection) -> bool:
    """Whether a process of another release has given a sign of life within the last minute."""
    table = f"{SCHEMA}.executors"
    if connection.scalar(sa.text("select to_regclass(:name)"), {"name": table}) is None:
        return False
    question = f"select exists(select 1 from {table} where release <> :ours and heartbeat_at > now() - interval '1 minute')"
    return bool(connection.scalar(sa.text(question), {"ours": __version__}))


def _run(connection: sa.Connection, folders: Sequence[Path], *, older_at_work: bool) -> list[str]:
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    connection.execute(sa.text(f"create schema if not exists {SCHEMA}"))
    connection.execute(
        sa.text(
            f"create table if not exists {SCHEMA}.migrations_done"
            " (revision text primary key, done_at timestamptz not null default now())"
        )
    )
    script = ScriptDirectory(str(folders[0]), version_locations=[str(folder) for folder in folders])
    ran: list[str] = []

    def steps(heads: tuple[str, ...], _context: MigrationContext) -> list[RevisionStep]:
        try:
            plan: list[RevisionStep] = script._upgrade_revs("heads", heads)  # type: ignore[arg-type]  # noqa: SLF001  # what command.upgrade calls
        except CommandError as error:
            raise DamagedError(
                "The tables of this database were changed by another release of Towpath than this one and can not be "
                "brought up to date; install the newest release that has used the database.",
                details={"reason": str(error)},
            ) from error
        if older_at_work:
            plan = _before_post(plan)
        ran.extend(step.revision.revision for step in plan)
        return plan

    with EnvironmentContext(Config(), script, fn=steps, destination_rev="heads") as environment:
        environment.configure(
            connection=connection,
            version_table="schema_heads",
            version_table_schema=SCHEMA,
            transactional_ddl=True,
        )
        environment.run_migrations()
    if ran:
        connection.execute(
            sa.text(f"insert into {SCHEMA}.migrations_done (revision) values (:revision)"),
            [{"revision": name} for name in ran],
        )
    return ran


def _before_post(plan: list[RevisionStep]) -> list[RevisionStep]:
    """The plan without ``*_post`` files and whatever builds on them."""
    left: set[str] = set()
    kept = []
    for step in plan:
        needs = {*step.revision._all_down_revisions}  # noqa: SLF001  # down_revision and depends_on as one tuple
        if step.revision.revision.endswith("_post") or needs & left:
            left.add(step.revision.revision)
        else:
            kept.append(step)
    return kept
