"""Every setting of Towpath once: its name, type, default and one sentence of help.

A setting is read from the environment variable ``TOWPATH_<NAME>`` when :func:`load` is called, never at
import. ``docs/settings.md`` is :func:`as_markdown` word for word; a test holds the two together.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from towpath.errors import InputError

__all__ = ["SettingRow", "Settings", "as_markdown", "describe", "load"]


class Settings(BaseSettings):
    """All settings, checked and frozen. Build it with :func:`load`; tests may pass values by name.

    Values that are secrets show as ``**********`` in ``repr``.
    """

    model_config = SettingsConfigDict(
        env_prefix="TOWPATH_", frozen=True, extra="ignore", validate_default=True, env_ignore_empty=True
    )

    home: Path = Field(
        default=Path("~/.towpath"),
        description="Folder for everything Towpath keeps: the embedded PostgreSQL, the master key, the lake. "
        "Without it a folder `.towpath` of yours in the current directory is used where there is one.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="PostgreSQL 14 or newer to use in place of the embedded one, as "
        "`postgresql://user:password@host:5432/database`. Several machines share their work through it.",
    )
    database_connections: int = Field(
        default=10, ge=1, le=200, description="Connections to PostgreSQL that one process keeps open."
    )
    storage: str | None = Field(
        default=None,
        description="Root of the lake: a folder, or `s3://`, `abfss://`, `gs://` with a prefix. "
        "Without it the tables lie in `lake` under the home folder.",
    )
    storage_options: Annotated[dict[str, str], Field(repr=False)] = Field(
        default_factory=dict,
        description="Keys for the object store as JSON, with the names of the `deltalake` package, "
        'such as `{"AWS_REGION": "eu-west-1"}`.',
    )
    master_key_file: Path | None = Field(
        default=None,
        description="File with the key that seals all secrets (mode 0600). "
        "Without it `master.key` under the home folder is made at the first start.",
    )
    master_key: SecretStr | None = Field(
        default=None,
        description="The master key itself, 32 bytes in base64; used in place of the file. "
        "During a rotation: the new key, a comma, the old key.",
    )
    master_key_command: str | None = Field(
        default=None,
        description="Command whose output is the master key, for key stores; used in place of the file.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="warning", description="Least level of what is written to the log (standard error)."
    )
    log_format: Literal["auto", "console", "json"] = Field(
        default="auto",
        description="Form of the log: `auto` is console on a terminal and JSON lines elsewhere.",
    )
    call_timeout: float = Field(default=120.0, gt=0, description="Seconds to wait for one answer of Odoo.")
    calls_at_once: int | None = Field(
        default=None,
        ge=1,
        le=64,
        description="Calls to one Odoo database at the same time. Without it: 1 on `*.odoo.com`, "
        "elsewhere as many as make it faster, up to 4.",
    )
    calls_per_second: float | None = Field(
        default=None,
        gt=0,
        description="Calls per second to one Odoo database. Without it: 1 on `*.odoo.com`, no limit elsewhere.",
    )
    retry_attempts: int = Field(
        default=8,
        ge=1,
        le=100,
        description="How often a call that may be repeated is tried before a run ends as failed.",
    )
    retry_seconds: float = Field(
        default=300.0, ge=0, description="Seconds after which a call that keeps failing is not tried again."
    )
    page_rows: int = Field(
        default=5000,
        ge=1,
        le=100_000,
        description="Most records to ask Odoo for in one call; slow pages become smaller.",
    )
    range_rows: int = Field(
        default=100_000,
        ge=1,
        description="A full read of more than twice as many records is cut into ranges of so many, "
        "which all workers read side by side.",
    )
    ranges_at_once: int = Field(
        default=4,
        ge=1,
        le=256,
        description="Ranges of one connection that are read at the same time over all workers; "
        "1 on `*.odoo.com` whatever is set.",
    )
    overlap_seconds: int = Field(
        default=900,
        ge=0,
        description="Seconds before the cursor that an incremental run reads again, to catch records "
        "that a long transaction wrote late; less than 90 is safe only where Odoo's clock never steps back.",
    )
    proof_rows: int = Field(
        default=20_000,
        ge=0,
        description="Rows that a run which read something compares with Odoo's, by id and write_date, to prove "
        "that the table is complete; larger tables are proved in turns. 0 leaves it at counts.",
    )
    sql_memory_mb: int = Field(
        default=1024, ge=64, description="Memory in megabytes that one SQL query may use."
    )
    sql_seconds: float = Field(default=60.0, gt=0, description="Seconds after which an SQL query is stopped.")
    sql_rows: int = Field(
        default=100_000, ge=1, description="Most rows that an SQL query returns unless told otherwise."
    )
    queries_at_once: int = Field(
        default=4,
        ge=1,
        le=64,
        description="SQL queries and exports that the server works on at the same time, each in a process of its own; "
        "the others wait.",
    )
    queries_per_person: int = Field(
        default=2, ge=1, le=64, description="How many of them may be one person's at the same time."
    )
    queries_waiting: int = Field(
        default=50,
        ge=0,
        description="Most queries and exports that wait; further ones are refused until there is room.",
    )
    answers_mb: int = Field(
        default=2048,
        ge=16,
        description="Megabytes under the home folder for answers to queries and exported files, which are kept for a "
        "quarter of an hour, the oldest being removed first.",
    )
    export_seconds: float = Field(
        default=900.0,
        gt=0,
        description="Seconds after which an export asked for in the workspace is stopped.",
    )
    jobs_at_once: int = Field(
        default=4, ge=1, le=256, description="Jobs that one process works on at the same time."
    )
    keep_jobs_days: float = Field(
        default=90.0,
        gt=0,
        description="Days for which ended jobs, and runs that found nothing new, stay on record; other runs and the "
        "audit stay.",
    )
    audit_days: int | None = Field(
        default=None,
        ge=1,
        description="Days for which rows of the audit are kept; older ones are removed behind a signed checkpoint. "
        "Without it they stay for ever.",
    )
    audit_checkpoint_rows: int = Field(
        default=1000, ge=1, description="Rows of the audit after which its newest row is signed."
    )
    audit_checkpoint_hours: float = Field(
        default=6.0,
        gt=0,
        description="Hours after which the newest row of the audit is signed, where there is one.",
    )
    upkeep_hours: float = Field(
        default=24.0,
        gt=0,
        description="Hours after which a worker joins the small files of a table again and removes what is older "
        "than its retention.",
    )
    takeover_seconds: float = Field(
        default=20.0,
        ge=2,
        description="Seconds without a sign of life after which the work of a process on another machine is taken over.",
    )

    public_url: str = Field(
        default="",
        description="Address under which people reach the workspace, such as `https://towpath.example.com`; for links, "
        "sign-in at other services, and whether cookies are for TLS only. Without it: the address `towpath up` "
        "listens at.",
    )
    hosts: list[str] = Field(
        default_factory=list,
        description="Further host names the server answers to, as JSON; this machine's own and the public address always are.",
    )
    trusted_proxies: int = Field(
        default=0,
        ge=0,
        le=10,
        description="How many reverse proxies of yours stand before the server; as many entries of `X-Forwarded-For` are "
        "believed.",
    )
    private_addresses: bool = Field(
        default=False,
        description="Whether addresses that people type in the workspace may lead to private networks and this machine. "
        "The command line may always.",
    )
    session_idle_hours: float = Field(
        default=12.0, gt=0, description="Hours without a request after which a person has to sign in again."
    )
    session_days: float = Field(
        default=14.0, gt=0, description="Days after which a person has to sign in again in any case."
    )
    body_bytes: int = Field(
        default=2_000_000, ge=1024, description="Most bytes of one request to the server."
    )
    requests_per_minute: int = Field(
        default=1200,
        ge=0,
        description="Requests a minute that one address may send to the API; 0 is no limit.",
    )
    client_seconds: float = Field(
        default=60.0,
        ge=0,
        description="Seconds a client may take for the headers of a request, for its body (one more for every 10 kB), and "
        "without taking any of the answer; 0 is no limit.",
    )
    client_connections: int = Field(
        default=1000,
        ge=1,
        description="Connections that clients may hold open at the same time; without a reverse proxy one address may hold "
        "half of them.",
    )

    @field_validator("home", "master_key_file")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return None if value is None else value.expanduser().absolute()

    @field_validator("database_url")
    @classmethod
    def _postgres(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or not value.get_secret_value().strip():
            return None
        if not value.get_secret_value().startswith(("postgresql://", "postgres://", "postgresql+psycopg://")):
            raise ValueError("must start with postgresql://")  # pydantic wants a ValueError
        return value

    @field_validator("public_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must start with https:// or http://")  # pydantic wants a ValueError
        return value.rstrip("/")

    @property
    def lake_root(self) -> str:
        """Root of the lake without a trailing slash: an absolute folder or an object store's URI."""
        if not self.storage:
            return str(self.home / "lake")
        if "://" in self.storage:
            return self.storage.rstrip("/")
        return str(Path(self.storage).expanduser().absolute())


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingRow:
    """One row of the table of settings."""

    name: str
    environment: str
    type: str
    default: str
    help: str


def load(**overrides: Any) -> Settings:
    """Read the settings from the environment; ``overrides`` by name win.

    Raises InputError with one sentence that names the variable, and never the value of a secret.
    """
    if "home" not in overrides and not os.environ.get("TOWPATH_HOME") and (near := _home_here()) is not None:
        overrides["home"] = near
    try:
        return Settings(**overrides)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        name = "_".join(str(part) for part in first["loc"][:1])
        reason = first["msg"].removeprefix("Value error, ")
        raise InputError(f"The setting TOWPATH_{name.upper()} is not valid: {reason}.") from None
    except ValueError:
        raise InputError(
            "The setting TOWPATH_STORAGE_OPTIONS is not valid JSON; write it as an object of texts."
        ) from None


def _home_here() -> Path | None:
    """A home folder in the current directory, as ``make demo`` leaves it; somebody else's is not trusted."""
    near = Path.cwd() / ".towpath"
    return near if near.is_dir() and near.stat().st_uid == os.getuid() else None


def describe() -> Sequence[SettingRow]:
    """One row per setting, in the order of the class."""
    return [
        SettingRow(
            name=name,
            environment=f"TOWPATH_{name.upper()}",
            type=_type_name(field.annotation),
            default=_default_text(field.get_default(call_default_factory=True)),
            help=field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]


def as_markdown() -> str:
    """The page ``docs/settings.md``."""
    lines = [
        "# Settings",
        "",
        "Each setting is an environment variable; all have a default that works.",
        "This page is made from `src/towpath/settings.py` by `python -m towpath.settings > docs/settings.md`.",
        "",
        "| variable | type | default | meaning |",
        "|---|---|---|---|",
    ]
    lines += [f"| `{row.environment}` | {row.type} | {row.default} | {row.help} |" for row in describe()]
    return "\n".join(lines) + "\n"


def _type_name(annotation: Any) -> str:
    text = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    if text.startswith("typing.Literal["):
        options = text.removeprefix("typing.Literal[").rstrip("]").replace("'", "`")
        return f"one of {options}"
    names = {"Path": "path", "SecretStr": "secret", "str": "text", "int": "whole number", "float": "number"}
    inner = text.replace(" | None", "").rsplit(".", 1)[-1]
    if inner.startswith("dict"):
        return "JSON"
    return names.get(inner, inner)


def _default_text(value: Any) -> str:
    return "none" if value is None or value == {} else f"`{value}`"


if __name__ == "__main__":
    sys.stdout.write(as_markdown())
