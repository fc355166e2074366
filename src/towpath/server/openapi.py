"""The OpenAPI document without a running server: ``python -m towpath.server.openapi`` prints it."""

from __future__ import annotations

import sys
from typing import Any

import orjson

from towpath.hub import Hub
from towpath.server.application import create_app
from towpath.settings import Settings

__all__ = ["document"]


def document() -> dict[str, Any]:
    """The document of all features that are found; nothing is started for it."""
    return create_app(Hub(Settings(), works=False)).openapi()


if __name__ == "__main__":
    sys.stdout.buffer.write(orjson.dumps(document(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))
