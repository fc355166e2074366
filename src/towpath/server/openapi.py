"""The OpenAPI document without a running server: ``python -m towpath.server.openapi`` prints it.

With ``--markdown`` it prints the page docs/routes.md instead.
"""

from __future__ import annotations

import sys
from typing import Any

import orjson

from towpath.hub import Hub
from towpath.server.application import create_app
from towpath.settings import Settings

__all__ = ["as_markdown", "document"]


def document() -> dict[str, Any]:
    """The document of all features that are found; nothing is started for it."""
    return create_app(Hub(Settings(), works=False)).openapi()


def as_markdown() -> str:
    """Every route with what it does and the right it takes, by the feature it belongs to."""
    parts = [
        "# Routes",
        "",
        "This page is made by `python -m towpath.server.openapi --markdown > docs/routes.md`. What each takes and answers",
        "stands in `/api/v1/openapi.json`; [the REST API](api.md) tells how to use them.",
    ]
    found = document()
    groups: dict[str, list[str]] = {}
    for path, operations in sorted(found["paths"].items()):
        for method, operation in operations.items():
            right = operation.get("x-right", "a sign-in" if operation["security"] else "nothing")
            text = " ".join(operation["description"].split("\n\n")[0].split()).replace("|", "\\|")
            row = f"| `{method.upper()} {path}` | {text} | {right.replace('_', ' ')} |"
            groups.setdefault((operation.get("tags") or ["Process"])[0], []).append(row)
    for title, rows in sorted(groups.items()):
        parts += ["", f"## {title}", "", "| route | what it does | takes |", "|---|---|---|", *rows]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    if sys.argv[1:] == ["--markdown"]:
        sys.stdout.write(as_markdown())
    else:
        sys.stdout.buffer.write(orjson.dumps(document(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))
