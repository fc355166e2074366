"""`/web/content` and `/web/image`: the bytes of an attachment, or of a binary field of a record."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, unquote

from towpath.sandbox.odoo_server.env import Env
from towpath.sandbox.odoo_server.exceptions import AccessError, MissingError
from towpath.sandbox.odoo_server.wire.errors import html_page
from towpath.sandbox.odoo_server.wire.gateway import Gateway
from towpath.sandbox.odoo_server.wire.http import Request, Response

__all__ = ["file_answer"]

_KINDS = {
    b"\x89PNG": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"RIFF": "image/webp",
    b"<svg": "image/svg+xml",
    b"<?xml": "image/svg+xml",
    b"%PDF": "application/pdf",
}
_PLACEHOLDER = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""The picture that stands where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    model: str
    record: int
    field: str
    name: str
    xmlid: str = ""
    token: str = ""
    download: bool = False


def file_answer(gateway: Gateway, request: Request, *, db: str, uid: int | None) -> Response:
    """The file an address names, as the user may see it (nobody: only what is public or carries its token).

    A picture that is missing is shown as a placeholder, any other file is 404.
    """
    image = request.path.startswith("/web/image")
    asked = _asked(request, image=image)
    found: tuple[bytes, str, str] | None = None
    if asked is not None:
        chosen = asked

        def work(root: Env) -> tuple[bytes, str, str] | None:
            return _found(root, chosen, uid)

        try:
            found = gateway.transaction(db, work)
        except (AccessError, MissingError, KeyError, ValueError):
            found = None
    if found is None and not image:
        return Response(status=404, body=html_page(404))
    content, kind, name = found or (_PLACEHOLDER, "image/png", "placeholder.png")
    etag = f'"{hashlib.sha1(content, usedforsecurity=False).hexdigest()}"'
    if request.headers.get("if-none-match") == etag:
        return Response(status=304, body=b"", headers=[("ETag", etag)])
    way = "attachment" if asked is not None and asked.download else "inline"
    shown = name if name.isascii() and name.replace(".", "").isalnum() else f'"{quote(name, safe=" .")}"'
    return Response(
        body=content,
        content_type=kind,
        headers=[
            ("Content-Disposition", f"{way}; filename={shown}"),
            ("X-Content-Type-Options", "nosniff"),
            ("Content-Security-Policy", "default-src 'none'"),
            ("ETag", etag),
        ],
    )


def _asked(request: Request, *, image: bool) -> _Asked | None:
    """What an address means: `/<id>`, `/<model>/<id>/<field>`, `/<external id>`, or the same as parameters."""
    query = {name: values[-1] for name, values in parse_qs(request.query).items()}
    parts = [unquote(one) for one in request.path.split("/")[3:] if one]
    model, field = query.get("model", "ir.attachment"), query.get("field", "raw")
    number, xmlid, name = query.get("id", ""), query.get("xmlid", ""), query.get("filename", "")
    if parts and (parts[0].isdigit() or parts[0].partition("-")[0].isdigit()):
        number, rest = parts[0].partition("-")[0], parts[1:]
    elif len(parts) >= 3 and parts[1].isdigit():
        model, number, field, rest = parts[0], parts[1], parts[2], parts[3:]
    elif parts and "." in parts[0]:
        xmlid, rest = parts[0], parts[1:]
    else:
        rest = parts
    if image and rest and rest[0].replace("x", "").isdigit():
        rest = rest[1:]
    if not xmlid and not number.isdigit():
        return None
    return _Asked(
        model=model,
        record=int(number or 0),
        field=field,
        name=rest[0] if rest else name,
        xmlid=xmlid,
        token=query.get("access_token", ""),
        download=query.get("download", "").lower() in {"1", "true", "t", "yes", "y"},
    )


def _found(root: Env, asked: _Asked, uid: int | None) -> tuple[bytes, str, str] | None:
    """(bytes, mimetype, name), or None when there is nothing to see.

    Raises:
        AccessError, MissingError, KeyError, ValueError: as reading does.
    """
    env = root.derive(su=True) if uid is None else root.derive(uid=uid, su=False)
    record: Any = (
        root.derive(su=True).ref(asked.xmlid) if asked.xmlid else env[asked.model].browse(asked.record)
    )
    record = env[record._name].browse(record.ids).exists()  # noqa: SLF001 - the ORM's own word
    if not record:
        return None
    attachment = record._name == "ir.attachment"  # noqa: SLF001 - the ORM's own word
    field = "datas" if attachment and asked.field == "raw" else asked.field
    if uid is None:
        row = record.read(["public", "access_token"])[0] if attachment else {}
        if not row.get("public") and (not asked.token or row.get("access_token") != asked.token):
            return None
    names = [field, "display_name", *(["name", "mimetype"] if attachment else [])]
    row = record.read(names)[0]
    content = base64.b64decode(row[field] or b"")
    if not content and not attachment:
        return None
    kind = row.get("mimetype") or next(
        (one for start, one in _KINDS.items() if content.startswith(start)), "application/octet-stream"
    )
    return content, kind, asked.name or str(row.get("name") or row["display_name"] or asked.field)
