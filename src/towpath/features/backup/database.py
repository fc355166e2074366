"""Towpath's part of a PostgreSQL as one file, by PostgreSQL's own tools."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from towpath.errors import GiveUpError, InputError
from towpath.secrets.redaction import redact
from towpath.store import SCHEMA, Store
from towpath.store.embedded import programs

__all__ = ["dump", "load"]

#: Our tables, and those of the job engine.
_SCHEMAS = (SCHEMA, "towpath_jobs")


def dump(store: Store, file: Path) -> None:
    """Write our schemas into a file in PostgreSQL's custom format: one snapshot, others go on working.

    :raises InputError: the server is newer than the tools here.
    """
    chosen = [word for schema in _SCHEMAS for word in ("--schema", schema)]
    _run(store, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", *chosen, "--file", str(file))


def load(store: Store, file: Path) -> None:
    """Replace our schemas, which hold nothing, by those in the file: wholly or not at all."""
    with store.begin() as db:
        for schema in _SCHEMAS:
            db.execute(sa.text(f'drop schema if exists "{schema}" cascade'))
    _run(
        store,
        "pg_restore",
        "--exit-on-error",
        "--single-transaction",
        "--no-owner",
        "--no-privileges",
        str(file),
    )


def _run(store: Store, program: str, *arguments: str) -> None:
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    store.open()
    parts: dict[str, Any] = conninfo_to_dict(store.dsn)
    # Other users of the machine see the words of a command, not its environment.
    password = parts.pop("password", None)
    environment = os.environ | ({"PGPASSWORD": str(password)} if password else {})
    ran = subprocess.run(  # noqa: S603  # a program of PostgreSQL's, and words of ours
        [_program(program), "--dbname", make_conninfo(**parts), *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode == 0:
        return
    reason = redact(ran.stderr.strip().splitlines()[-1] if ran.stderr.strip() else f"status {ran.returncode}")
    if "server version mismatch" in ran.stderr:
        raise InputError(
            f"This PostgreSQL is newer than the {program} here; install its client tools, so that they are found first "
            "in PATH."
        )
    raise GiveUpError(f"{program} failed: {reason}.", details={"status": ran.returncode})


def _program(name: str) -> str:
    """The one in PATH where there is one, as it fits a server of one's own; else the one that comes with Towpath."""
    own = programs() / name
    found = shutil.which(name)
    if found is not None and _version(found) >= _version(str(own)):
        return found
    return str(own)


def _version(program: str) -> int:
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    digits = told.rsplit(" ", 1)[-1].partition(".")[0].strip() if told else ""
    return int(digits) if digits.isdigit() else 0
