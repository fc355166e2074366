"""Commands ``towpath catalog diff`` and ``towpath catalog lineage``."""

from __future__ import annotations

import click

__all__ = ["diff", "lineage"]

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command()
@click.argument("table")
@click.argument("old", type=click.IntRange(0))
@click.argument("new", type=click.IntRange(0), required=False)
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=100, help="Most rows to print.", show_default=True
)
@_json
def diff(table: str, old: int, new: int | None, limit: int, as_json: bool) -> None:
    """Show what became different in a TABLE between the versions OLD and NEW (the newest without).

    `towpath catalog show TABLE` lists its versions.
    """
    from towpath.access import who
    from towpath.features.explore import names
    from towpath.features.explore.cells import Cells
    from towpath.features.explore.past import snapshots
    from towpath.hub import open_hub
    from towpath.lake import difference
    from towpath.lake.table import Table

    with open_hub() as hub:
        found = names.find_one(table, hub.tables())
        newest = new if new is not None else Table(found.uri, found.storage_options).require().version
        lake, before, after = snapshots(found, old, newest)
        hub.store.audit(who(), "catalog.compare", f"table/{found.path}", details={"old": old, "new": newest})
        total = difference.summary(lake, before, after)
        changes, rest = difference.changes(lake, before, after, limit=limit)
    if as_json:
        cells = Cells()
        rows = [
            {
                "kind": one.kind,
                "id": one.key,
                "columns": list(one.columns),
                "old": cells.record(one.old) if one.old else None,
                "new": cells.record(one.new) if one.new else None,
                "state": one.state,
            }
            for one in changes
        ]
        counts = {"added": total.added, "removed": total.removed, "changed": total.changed}
        _print({"old": old, "new": newest, **counts, "columns": total.columns, "rows": rows})
        return
    click.echo(f"{total.added:,} came, {total.removed:,} went, {total.changed:,} changed")
    for one in changes:
        name = (one.new or one.old or {}).get("display_name") or (one.new or one.old or {}).get("name") or ""
        click.echo(f"{one.kind:<8} {one.key} {name}".rstrip() + (f" ({one.state})" if one.state else ""))
        for column in one.columns:
            click.echo(f"         {column}: {(one.old or {})[column]} -> {(one.new or {})[column]}")
    if rest is not None:
        click.echo(f"There is more than {limit:,} rows; --limit takes more.", err=True)


@click.command()
@click.argument("table")
@_json
def lineage(table: str, as_json: bool) -> None:
    """Show where a TABLE comes from: connection, model, stream, and the runs behind its newest versions."""
    from dataclasses import asdict

    from towpath.features.explore import lineage as origin
    from towpath.features.explore import names
    from towpath.features.explore.past import past_versions
    from towpath.hub import open_hub

    with open_hub() as hub:
        tables = hub.tables()
        ref = names.find_one(table, tables)
        found = origin.lineage(hub, ref, tables)
        versions = past_versions(hub, ref, 20)
    if as_json:
        _print({"table": ref.path, **asdict(found), "versions": [asdict(one) for one in versions]})
        return
    if found.connection:
        click.echo(f"connection {found.connection} ({found.url})")
        click.echo(f"model      {found.model} {found.model_label}".rstrip())
        click.echo(f"stream     {found.stream_id}, {found.sync_type}, {found.fields} fields")
    click.echo(f"table      {ref.path}" + (f", beside {found.part_of}" if found.part_of else ""))
    for path in found.beside:
        click.echo(f"beside it  {path}")
    for one in versions:
        told = f"{one.inserted:,} new, {one.updated:,} changed, {one.deleted:,} gone"
        click.echo(f"version {one.version} of {one.at[:19]} UTC: {told}, run {one.run_id or '-'}")


def _print(value: object) -> None:
    import orjson

    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode())
