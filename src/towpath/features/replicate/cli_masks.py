"""Command: which fields of a model probably hold personal data, and how they can be masked."""

from __future__ import annotations

import click

from towpath.features.replicate.cli_shown import as_json_option, print_json

__all__ = ["masks"]


@click.command(short_help="List a MODEL's fields with personal data, and masks.")
@click.argument("connection")
@click.argument("model")
@as_json_option
def masks(connection: str, model: str, as_json: bool) -> None:
    """List fields of a MODEL that probably hold personal data, and suggest masks.

    It goes by the names of fields, so look over it: a field with an odd name is not found.
    """
    from towpath.features.replicate import masked
    from towpath.hub import open_hub

    with open_hub() as hub:
        found = masked.hints(hub, connection, model)
    if as_json:
        print_json([hint.to_json() for hint in found])
        return
    if not found:
        click.echo(f"No field of {model} looks like personal data.")
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("field", "label", "holds", "mask"):
        table.add_column(title, overflow="fold")
    for hint in found:
        table.add_row(hint.field, hint.label, hint.kind, hint.mask)
    Console().print(table)
    chosen = " ".join(f"--mask {hint.field}={hint.mask}" for hint in found)
    click.echo(f"Take over what you want: towpath stream add {connection} {model} {chosen}")
