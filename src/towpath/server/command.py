"""The command ``towpath up``: server, worker and scheduler in one process."""

from __future__ import annotations

import click

__all__ = ["up"]


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8300, show_default=True, help="0 chooses a free one."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--no-work", is_flag=True, help="Serve only; leave all work to `towpath worker`.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")
def up(port: int, host: str, no_work: bool, as_json: bool) -> int:
    """Serve the workspace and the REST API, and work on what is due, until stopped by Ctrl-C or SIGTERM.

    At the first start it prints an address with a one-time token; whoever opens it becomes the first administrator.
    """
    from towpath.server.running import serve

    return serve(host=host, port=port, works=not no_work, as_json=as_json)
