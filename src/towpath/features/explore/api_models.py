"""What the routes of catalog and explorer take and give, as pydantic models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field

__all__ = [
    "AnswerOut",
    "AnswerRowsOut",
    "ChangeOut",
    "ChartIn",
    "ColumnOut",
    "CompletionOut",
    "DiagramOut",
    "DialectOut",
    "DifferenceOut",
    "LineageOut",
    "MemberOut",
    "PastOut",
    "Plain",
    "ReadyOut",
    "RelationOut",
    "ResultColumnOut",
    "RowsOut",
    "RunIn",
    "SavedIn",
    "SavedOut",
    "SavedPatch",
    "SummaryOut",
    "TableOut",
    "TableWithColumnsOut",
    "TranslateIn",
    "VersionOut",
]  # fmt: skip


def _no_null_sign(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not have a NUL character in it")  # pydantic wants a ValueError
    return text


#: Text as PostgreSQL can keep it.
Plain = Annotated[str, AfterValidator(_no_null_sign)]
Sql = Annotated[Plain, Field(max_length=200_000)]


class TableOut(BaseModel):
    """One table of the catalog."""

    path: str = Field(description="Layer, folder and table.", examples=["raw/demo/account_move"])
    id: str = Field(description="The same as addresses take it.", examples=["raw.demo.account_move"])
    layer: str = Field(examples=["raw"], description="The layer it is in.")
    folder: str = Field(examples=["demo"], description="The folder it is in.")
    name: str = Field(examples=["account_move"], description="Its own name.")
    sql_name: str = Field(
        examples=["account_move"], description="The shortest name a query of yours can use."
    )
    model: str = Field(examples=["account.move"], description="The Odoo model it is read from; may be empty.")
    description: str = Field(description="What it holds, in words; may be empty.", examples=["All entries"])
    connection: str = Field(examples=["demo"], description="Name of its connection; may be empty.")
    connection_id: str = Field(description="Id of its connection; may be empty.", examples=["4f0a7c21b9de"])
    rows: int | None = Field(description="Rows not found gone; null where nothing was read.", examples=[1204])
    deleted: int = Field(description="Rows found gone from Odoo, which are kept.", examples=[3])
    version: int | None = Field(description="The newest version.", examples=[12])
    size: int = Field(description="Bytes of its files.", examples=[381_220])
    changed: str | None = Field(description="When it last changed.", examples=["2026-11-01T08:00:02+00:00"])
    problem: str = Field(description="Why it can not be read, if so.", examples=[""])
    may_read: bool = Field(description="Whether you may read its rows.", examples=[True])


class ColumnOut(BaseModel):
    """One column of a table."""

    name: str = Field(examples=["partner_id"], description="Its name.")
    type: str = Field(examples=["bigint"], description="Its type in SQL.")
    kind: str = Field(
        examples=["number"],
        description="What it holds: number, decimal, boolean, date, time, datetime, text or list.",
    )
    label: str = Field(examples=["Partner"], description="What Odoo calls it; the name without that.")
    help: str = Field(examples=["Who is invoiced."], description="What Odoo says of it; may be empty.")
    odoo_type: str = Field(examples=["many2one"], description="Type of the field in Odoo; may be empty.")
    relation: str = Field(examples=["res.partner"], description="The model it leads to; may be empty.")
    selection: list[list[str]] = Field(
        examples=[[["draft", "Draft"], ["posted", "Posted"]]], description="Keys and labels it may have."
    )
    personal: str = Field(examples=[""], description="The kind of personal data it may hold; may be empty.")
    masked: str = Field(examples=[""], description="What is done to its values; may be empty.")
    system: bool = Field(examples=[False], description="Whether it is one of Towpath's own.")


class TableWithColumnsOut(TableOut):
    """A table and its columns."""

    columns: list[ColumnOut] = Field(description="In the table's order.")


class RowsOut(BaseModel):
    """A block of rows."""

    start: int = Field(examples=[0], description="Place of the first row, counted from 0.")
    columns: list[str] = Field(examples=[["id", "name"]], description="Names, in the order of the values.")
    rows: list[list[Any]] = Field(
        examples=[[[1, "INV/2026/0001"]]],
        description="Values. Decimals, and whole numbers beyond 2^53, are texts, so that no digit is lost.",
    )
    total: int = Field(examples=[1204], description="Rows in all.")
    version: int = Field(examples=[12], description="The version they are of; ask for it in the next block.")
    cut: bool = Field(examples=[False], description="There are more rows than a sorted view holds.")
    shortened: bool = Field(examples=[False], description="A long text was cut; an export has it whole.")


class VersionOut(BaseModel):
    """One version of a table and where it came from."""

    version: int = Field(examples=[12], description="Its number.")
    at: str = Field(examples=["2026-11-01T08:00:02+00:00"], description="When it was committed.")
    operation: str = Field(examples=["MERGE"], description="What was done.")
    run_id: str = Field(examples=["9a1f3c5e7b2d"], description="The run that wrote it; may be empty.")
    run_kind: str = Field(
        examples=["sync"], description="What kind of run, as long as it is on record; may be empty."
    )
    run_state: str = Field(examples=["succeeded"], description="How that run ended; may be empty.")
    inserted: int = Field(examples=[4], description="Rows that are new in it.")
    updated: int = Field(examples=[2], description="Rows that changed.")
    deleted: int = Field(examples=[1], description="Rows marked as gone.")
    readable: bool = Field(examples=[True], description="Whether its files are still there.")


class ChangeOut(BaseModel):
    """One row that differs between two versions."""

    kind: Literal["added", "removed", "changed"] = Field(description="What happened.", examples=["changed"])
    id: int = Field(examples=[17], description="Id of the record.")
    columns: list[str] = Field(examples=[["state"]], description="Of a changed row: what differs.")
    old: dict[str, Any] | None = Field(examples=[{"state": "draft"}], description="The row before.")
    new: dict[str, Any] | None = Field(examples=[{"state": "posted"}], description="The row after.")
    state: str = Field(examples=[""], description="Of a removed row: how it is gone, if that is known.")


class DifferenceOut(BaseModel):
    """A page of a difference."""

    items: list[ChangeOut] = Field(description="Rows that differ, by id.")
    next: str | None = Field(description="Give it as `cursor` for the next page; null on the last one.")
    columns_added: list[str] = Field(examples=[["x_note"]], description="Columns only the newer one has.")
    columns_removed: list[str] = Field(examples=[[]], description="Columns only the older one has.")
    columns_retyped: list[str] = Field(examples=[[]], description="Columns of another type.")


class SummaryOut(BaseModel):
    """The numbers of a whole difference."""

    added: int = Field(examples=[4], description="Rows that came.")
    removed: int = Field(examples=[1], description="Rows that went.")
    changed: int = Field(examples=[2], description="Rows that changed.")
    columns: dict[str, int] = Field(examples=[{"state": 2}], description="Changed rows by column.")


class LineageOut(BaseModel):
    """Where a table comes from."""

    connection: str = Field(examples=["demo"], description="Name of the connection; may be empty.")
    url: str = Field(examples=["https://demo.example.com"], description="Address of that Odoo.")
    stream_id: str = Field(examples=["1c2d3e4f5a6b"], description="The stream that fills it; may be empty.")
    model: str = Field(examples=["account.move"], description="The Odoo model.")
    model_label: str = Field(examples=["Journal Entry"], description="What Odoo calls the model.")
    sync_type: str = Field(examples=["INCREMENTAL"], description="How it is read.")
    part_of: str = Field(
        examples=[""], description="Path of the main table, where this one stands beside it."
    )
    beside: list[str] = Field(examples=[[]], description="Paths of tables that stand beside this one.")
    filter: str = Field(examples=[""], description="The stream's filter; may be empty.")
    fields: int = Field(examples=[42], description="How many fields are replicated.")
    versions: list[VersionOut] = Field(description="The newest versions with their runs.")


class MemberOut(BaseModel):
    """A table in the diagram."""

    path: str = Field(examples=["raw/demo/account_move"], description="Layer, folder and table.")
    name: str = Field(examples=["account_move"], description="Its shortest name.")
    model: str = Field(examples=["account.move"], description="The Odoo model.")
    label: str = Field(examples=["Journal Entry"], description="What Odoo calls it.")
    connection: str = Field(examples=["demo"], description="Name of its connection.")
    rows: int | None = Field(examples=[1204], description="How many rows it has; null where not counted.")


class RelationOut(BaseModel):
    """A field that leads from one table to another."""

    source: str = Field(examples=["raw/demo/account_move"], description="Path of the table with the field.")
    target: str = Field(examples=["raw/demo/res_partner"], description="Path of the table it leads to.")
    field: str = Field(examples=["partner_id"], description="Name of the field.")
    label: str = Field(examples=["Partner"], description="What Odoo calls it.")
    kind: str = Field(examples=["many2one"], description="many2one, one2many or many2many.")
    column: bool = Field(examples=[True], description="Whether the table has it as a column.")


class DiagramOut(BaseModel):
    """Tables and how they refer to each other."""

    tables: list[MemberOut] = Field(description="The tables.")
    links: list[RelationOut] = Field(description="The fields that lead from one to another.")
    missing: dict[str, int] = Field(
        examples=[{"res.users": 3}],
        description="Models that columns lead to and that are not replicated, with how many columns do.",
    )


class CompletionOut(BaseModel):
    """Names for an editor."""

    tables: dict[str, list[str]] = Field(
        examples=[{"account_move": ["id", "name"]}], description="Columns by the name a query can use."
    )
    labels: dict[str, dict[str, str]] = Field(
        examples=[{"account_move": {"name": "Number"}}], description="Odoo's labels, by table and column."
    )
    functions: list[str] = Field(examples=[["count", "sum"]], description="Functions of use in queries.")


class RunIn(BaseModel):
    """A query to be run."""

    sql: Sql = Field(
        description="One SELECT in DuckDB's SQL.", examples=["select count(*) from account_move"]
    )
    as_of: Annotated[Plain, Field(max_length=100)] = Field(
        default="", description="A time, or `run:ID`: the tables as they were then.", examples=[""]
    )
    connection: Annotated[Plain, Field(max_length=60)] = Field(
        default="",
        description="Whose tables are meant, where several have tables of one name.",
        examples=[""],
    )
    ready: Annotated[Plain, Field(max_length=100)] = Field(
        default="", description="Name of a ready query, to be fitted to your tables.", examples=[""]
    )
    rows: int | None = Field(
        default=None,
        ge=1,
        le=10_000_000,
        description="Most rows; the setting's limit holds besides.",
        examples=[1000],
    )
    page: int = Field(
        default=200, ge=0, le=500, description="How many rows come with this answer.", examples=[200]
    )
    wait: float = Field(
        default=20,
        ge=0,
        le=55,
        description="Seconds to wait for the answer before this one comes without it.",
        examples=[20],
    )


class ResultColumnOut(BaseModel):
    """One column of an answer."""

    name: str = Field(examples=["n"], description="Its name, unique within the answer.")
    type: str = Field(examples=["bigint"], description="Its type in SQL.")
    kind: str = Field(examples=["number"], description="What it holds; see the catalog's columns.")


class AnswerOut(BaseModel):
    """A query that runs or has run."""

    id: str = Field(examples=["5f2d0a9c41e7aa01"], description="Ask for more of it by this.")
    state: Literal["queued", "running", "succeeded", "failed", "cancelled"] = Field(
        examples=["succeeded"], description="How far it is."
    )
    message: str = Field(examples=[""], description="Why it failed, with what to do.")
    columns: list[ResultColumnOut] = Field(description="Once it has succeeded.")
    rows: list[list[Any]] = Field(examples=[[[98]]], description="The first rows; see the blocks of rows.")
    count: int = Field(examples=[1], description="Rows of the answer.")
    cut: bool = Field(examples=[False], description="There would be more; the limit was reached.")
    shortened: bool = Field(examples=[False], description="A long text was cut; an export has it whole.")
    seconds: float = Field(examples=[0.02], description="How long it took.")
    tables: list[str] = Field(
        examples=[["raw/demo/account_move"]], description="Paths of the tables it names."
    )


class AnswerRowsOut(BaseModel):
    """A block of an answer's rows."""

    start: int = Field(examples=[0], description="Place of the first row, counted from 0.")
    rows: list[list[Any]] = Field(examples=[[[98]]], description="Values in the order of the columns.")
    count: int = Field(examples=[1], description="Rows of the answer.")
    shortened: bool = Field(examples=[False], description="A long text was cut; an export has it whole.")


class ChartIn(BaseModel):
    """How an answer is drawn."""

    type: Literal["bar", "line", "pie"] = Field(examples=["bar"], description="Kind of chart.")
    x: Annotated[Plain, Field(max_length=300)] = Field(
        examples=["month"], description="Column of the categories."
    )
    y: list[Annotated[Plain, Field(max_length=300)]] = Field(
        min_length=1, max_length=12, examples=[["total"]], description="Columns of the values."
    )


Title = Annotated[Plain, Field(max_length=120)]
Description = Annotated[Plain, Field(max_length=2_000)]
Shared = Annotated[list[Annotated[Plain, Field(max_length=80)]], Field(max_length=100)]


class SavedIn(BaseModel):
    """A query to be saved."""

    title: Title = Field(min_length=1, examples=["Entries by state"], description="What to call it.")
    sql: Sql = Field(
        examples=["select state, count(*) n from account_move group by all"], description="The query."
    )
    description: Description = Field(default="", examples=[""], description="What it is for.")
    chart: ChartIn | None = Field(default=None, description="How its answer is drawn; null: as a table.")
    shared_with: Shared = Field(
        default_factory=list, examples=[["everybody"]], description="`everybody`, or groups as `group:<id>`."
    )


class SavedPatch(BaseModel):
    """What is to be changed of a saved query; what is left out stays."""

    title: Title | None = Field(
        default=None, min_length=1, examples=["Entries"], description="What to call it."
    )
    sql: Sql | None = Field(default=None, examples=["select 1"], description="The query.")
    description: Description | None = Field(default=None, examples=[""], description="What it is for.")
    chart: ChartIn | None = Field(default=None, description="How its answer is drawn; null: as a table.")
    shared_with: Shared | None = Field(
        default=None, examples=[["everybody"]], description="`everybody`, or groups as `group:<id>`."
    )


class SharingOut(BaseModel):
    """A group a query can be shared with."""

    id: str = Field(examples=["group:4f0a7c21b9de"], description="As `shared_with` takes it.")
    name: str = Field(examples=["Finance"], description="Name of the group.")


class SavedOut(BaseModel):
    """A saved query."""

    id: str = Field(examples=["0c9d8e7f6a5b"], description="Its id.")
    owner: str = Field(examples=["Ada"], description="Whose it is.")
    mine: bool = Field(examples=[True], description="Whether it is yours, to be changed.")
    title: str = Field(examples=["Entries by state"], description="What it is called.")
    description: str = Field(examples=[""], description="What it is for.")
    sql: str = Field(examples=["select 1"], description="The query.")
    chart: ChartIn | None = Field(description="How its answer is drawn; null: as a table.")
    shared_with: list[str] = Field(examples=[["everybody"]], description="Who else sees it.")
    created_at: str = Field(examples=["2026-11-01T08:00:00+00:00"], description="When it was saved.")
    changed_at: str = Field(examples=["2026-11-01T08:00:00+00:00"], description="When it last changed.")


class PastOut(BaseModel):
    """A query you ran."""

    id: str = Field(examples=["5f2d0a9c41e7aa01"], description="Its id.")
    sql: str = Field(examples=["select 1"], description="Its text.")
    as_of: str = Field(examples=[""], description="The state of the tables it asked for.")
    tables: list[str] = Field(examples=[["raw/demo/account_move"]], description="The tables it named.")
    state: str = Field(examples=["succeeded"], description="How it ended.")
    message: str = Field(examples=[""], description="Why it failed.")
    rows: int = Field(examples=[1], description="Rows of its answer.")
    seconds: float = Field(examples=[0.02], description="How long it took.")
    at: str = Field(examples=["2026-11-01T08:00:00+00:00"], description="When it began.")


class ReadyOut(BaseModel):
    """A ready query."""

    name: str = Field(examples=["payments-by-month"], description="Its name.")
    title: str = Field(examples=["Money in and out by month"], description="What it answers.")
    about: str = Field(examples=[""], description="What one should know of it.")
    topic: str = Field(examples=["payments"], description="payments, quotations or invoices.")
    sql: str = Field(examples=["select 1"], description="Its text in DuckDB's SQL.")
    tables: list[str] = Field(examples=[["account_payment"]], description="Tables it needs.")
    missing: list[str] = Field(examples=[[]], description="Those of them that you do not have.")
    chart: ChartIn | None = Field(
        examples=[{"type": "line", "x": "month", "y": ["net"]}],
        description="How its answer is best drawn; null for a table.",
    )


class TranslateIn(BaseModel):
    """A query for another engine."""

    sql: Sql = Field(examples=["select count(*) from account_move"], description="DuckDB's SQL.")
    dialect: Annotated[Plain, Field(max_length=20)] = Field(examples=["athena"], description="The engine.")


class DialectOut(BaseModel):
    """A query in another engine's SQL."""

    dialect: str = Field(examples=["athena"], description="The engine.")
    sql: str = Field(examples=["SELECT COUNT(*) FROM account_move"], description="The text for it.")
