"""A process that works on jobs, for the tests to start and to kill.

Usage: job_process.py HOME MARKS COMMAND [ARGUMENT...]; MARKS is a file that steps append a line to.
Commands: ``run ID QUEUE|-`` starts a job and waits for it, ``start NAME ID [QUEUE]`` starts one and works
until its standard input ends, ``serve`` works until its standard input ends,
``finish ID`` waits for a job that another process has started.
"""

import sys
import time
from pathlib import Path

from towpath.jobs import Context, open_engine
from towpath.settings import load
from towpath.store import Store

HOME, MARKS, COMMAND, *REST = sys.argv[1:]


def mark(text: str) -> str:
    with Path(MARKS).open("a", encoding="utf-8") as file:
        file.write(text + "\n")
    return text


def slow(text: str) -> str:
    mark(f"{text} begins")
    time.sleep(1.0)
    return mark(f"{text} ends")


def turns(context: Context) -> str:
    mark(f"{context.job_id} turns begin")
    for _ in range(100):
        time.sleep(0.02)
        context.check()
    return mark(f"{context.job_id} turns end")


def walk(context: Context, payload: dict[str, int]) -> list[str]:
    done = [
        context.step(f"s{number}", mark, f"{context.job_id} s{number}") for number in range(payload["before"])
    ]
    done.append(context.step("slow", slow, f"{context.job_id} slow"))
    done.append(context.step("last", mark, f"{context.job_id} last"))
    return done


def spin(context: Context, _payload: dict[str, int]) -> str:
    context.step("turns", turns, context)
    return context.step("last", mark, f"{context.job_id} last")


def ask(context: Context, _payload: dict[str, int]) -> list[object]:
    context.step("post", mark, f"{context.job_id} posted")
    answer = context.receive("decision", 7 * 86400)
    return [answer, context.step("apply", mark, f"{context.job_id} applied")]


def fan(context: Context, payload: dict[str, int]) -> list[list[str]]:
    children = [
        context.start("walk", f"{context.job_id}-{n}", {"before": 1}, queue="odoo", key=f"db{n}")
        for n in range(payload["n"])
    ]
    return [context.wait(child) for child in children]


def main() -> None:
    settings = load(home=HOME, takeover_seconds=2)
    with Store(settings) as store:
        engine = open_engine(settings, store.engine)
        for function in (walk, spin, ask, fan):
            engine.register(function.__name__, function)
        engine.queue("odoo", limit_per_key=1)
        engine.open()
        print("open", flush=True)
        if COMMAND == "start":
            name, job_id, *queue = REST
            engine.start(name, job_id, {"before": 2, "n": 3}, queue=queue[0] if queue else None, key="acme")
            sys.stdin.read()
        elif COMMAND == "run":
            queue = None if REST[1] == "-" else REST[1]
            handle = engine.start("walk", REST[0], {"before": 2}, queue=queue, key="acme" if queue else None)
            print("result", handle.wait(60), flush=True)
        elif COMMAND == "finish":
            print("result", engine.wait(REST[0], 60), flush=True)
        elif COMMAND == "serve":
            sys.stdin.read()
        engine.close(grace=80)


main()
