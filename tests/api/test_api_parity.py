"""Everything the command line does can be asked of the REST API too, or there is a reason why not."""

from __future__ import annotations

from collections.abc import Iterator

import click

from towpath.cli.entry import cli
from towpath.server.openapi import document

#: Commands that are about the machine or the process itself, and have no route on purpose.
LOCAL = {
    "backup": "writes a file of the machine, which may hold all tables",
    "restore": "starts from nothing, when no server runs and nobody can sign in",
    "up": "is the server",
    "worker": "is a process",
    "demo": "is a process",
    "sandbox odoo": "is a process",
}
#: The route (its operationId) that does what a command does.
ROUTES = {
    "overview": "get_overview",
    "settings": "get_settings",
    "connection add": "add_connection",
    "connection list": "list_connections",
    "connection move": "edit_connection",
    "connection remove": "remove_connection",
    "connection rotate": "rotate_connection_key",
    "connection set": "edit_connection",
    "connection show": "get_connection",
    "connection test": "check_connection",
    "stream add": "add_streams",
    "stream discover": "list_models",
    "stream edit": "edit_stream",
    "stream list": "list_streams",
    "stream masks": "list_fields",
    "stream pause": "pause_stream",
    "stream remove": "remove_stream",
    "stream resume": "resume_stream",
    "stream show": "get_stream_status",
    "sync batches": "list_batches",
    "sync run": "start_runs",
    "sync runs": "list_runs",
    "sync upkeep": "keep_up_stream",
    "sync verify": "start_runs",
    "catalog diff": "table_difference",
    "catalog lineage": "table_lineage",
    "catalog ls": "list_tables",
    "catalog show": "show_table",
    "query list": "list_queries",
    "query remove": "remove_query",
    "query run": "run_query",
    "query save": "save_query",
    "query share": "change_query",
    "sql": "run_query",
    "export": "start_export",
    "audit checkpoint": "make_checkpoint",
    "audit export": "export_audit",
    "audit key": "audit_status",
    "audit list": "list_audit",
    "audit prune": "prune_audit",
    "audit verify": "verify_audit",
    "secrets expire": "set_secret_expiry",
    "secrets list": "list_secrets",
    "secrets rotate": "rotate_master_key",
    "secrets set": "set_secret",
    "user add": "add_user",
    "user delete": "delete_user",
    "user disable": "edit_user",
    "user enable": "edit_user",
    "user grant": "add_grant",
    "user list": "list_users",
    "user reset": "make_password_link",
    "token add": "add_token",
    "token list": "list_tokens",
    "token revoke": "revoke_token",
    "sign-in add": "add_sign_in_method",
    "sign-in disable": "edit_sign_in_method",
    "sign-in enable": "edit_sign_in_method",
    "sign-in guide": "guide_sign_in_method",
    "sign-in list": "list_sign_in_methods",
    "sign-in remove": "remove_sign_in_method",
    "sign-in secret": "edit_sign_in_method",
    "sign-in test": "test_sign_in_method",
}


def commands(command: click.Command, name: str = "") -> Iterator[str]:
    """Full names of all commands below one."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for word in command.list_commands(context):
            below = command.get_command(context, word)
            assert below is not None
            yield from commands(below, f"{name} {word}".strip())
    else:
        yield name


def test_every_command_has_its_route():
    routes = {
        operation["operationId"]
        for operations in document()["paths"].values()
        for operation in operations.values()
    }
    found = set(commands(cli))
    assert found - set(ROUTES) - set(LOCAL) == set(), "no route does what these commands do"
    assert {ROUTES[name] for name in found & set(ROUTES)} - routes == set(), "these routes are gone"
    assert not set(LOCAL) - found, "these commands are gone"
