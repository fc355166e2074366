"""The command that works on what is due."""

from __future__ import annotations

import click

__all__ = ["worker"]


@click.command()
@click.option(
    "--jobs", type=click.IntRange(1, 256), help="Jobs to work on at the same time; else TOWPATH_JOBS_AT_ONCE."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")
def worker(jobs: int | None, as_json: bool) -> int:
    """Work on what is due until stopped by Ctrl-C or SIGTERM.

    Start as many as you like, on any machine that has the same TOWPATH_DATABASE_URL, TOWPATH_STORAGE and master
    key. Work that is cut off goes on in another worker.
    """
    import signal
    import threading

    import orjson

    from towpath.features.worker import service
    from towpath.hub import open_hub
    from towpath.settings import load

    stop = threading.Event()

    def leave(*_: object) -> None:
        for sign in (signal.SIGINT, signal.SIGTERM):
            signal.signal(sign, signal.SIG_DFL)  # a second one ends it without waiting
        stop.set()

    def tell(event: str, sentence: str, **more: object) -> None:
        click.echo(orjson.dumps({"event": event, **more}).decode() if as_json else sentence)

    if threading.current_thread() is threading.main_thread():
        for sign in (signal.SIGINT, signal.SIGTERM):
            signal.signal(sign, leave)
    settings = load() if jobs is None else load(jobs_at_once=jobs)
    at_once = settings.jobs_at_once
    with open_hub(settings) as hub:
        service.work(
            hub,
            stop,
            ready=lambda: tell(
                "started",
                f"Working on what is due, {at_once} job{'s' if at_once > 1 else ''} at a time. Ctrl-C stops.",
                jobs=at_once,
            ),
        )
        tell("stopping", "Stopping; what is not done goes on in another worker or at the next start.")
    return 0
