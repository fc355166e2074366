# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""Attachments: files kept in the database, with size, checksum and type; a record's files go with the record."""

from __future__ import annotations

import base64
import binascii
import hashlib
import mimetypes
import re
import secrets
from collections.abc import Mapping
from typing import Any, Self

from towpath.sandbox.odoo_server.exceptions import AccessError, ValidationError
from towpath.sandbox.odoo_server.models.given import vals_rows
from towpath.sandbox.odoo_server.orm import access, rules, search
from towpath.sandbox.odoo_server.orm.values import human_size
from towpath.sandbox.odoo_server.records import Records, model, returns

__all__ = ["IrAttachment"]

DENIED = "Sorry, you are not allowed to access this document."
SIGNATURES = (
    (b"\x89PNG\r\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"%PDF", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"<svg", "image/svg+xml"),
    (b"<?xml", "application/xml"),
)
WORDS = re.compile(rb"[\x20-\x7E]{4,}")
OCTETS = "application/octet-stream"


def _decoded(value: Any) -> bytes:
    """The bytes behind a base64 text, strange characters passed over."""
    raw = value.encode() if isinstance(value, str) else bytes(getattr(value, "data", value) or b"")
    try:
        return base64.b64decode(raw)
    except binascii.Error:
        return b""


def _kind(vals: Mapping[str, Any], raw: bytes) -> str:
    """The type of a file: as said, by its name, by its address, by its first bytes."""
    if vals.get("mimetype"):
        return str(vals["mimetype"]).lower()
    for text in (vals.get("name"), str(vals.get("url") or "").partition("?")[0]):
        found = mimetypes.guess_type(str(text))[0] if text else None
        if found:
            return found
    for start, kind in SIGNATURES:
        if raw.startswith(start):
            return kind
    if raw and all(32 <= one < 127 or one in b"\t\r\n" for one in raw[:1024]):
        return "text/plain"
    return OCTETS


class IrAttachment(Records, model="ir.attachment"):
    """A file or a link."""

    _odoo_class = "IrAttachment"

    @model
    @returns("ids")
    def create(self, vals_list: Any) -> Self:
        """Keep files."""
        rows = vals_rows(vals_list)
        prepared = []
        for vals in rows:
            self._check_target(vals, "write")
            prepared.append(self._stored(vals, created=True))
        return super().create(prepared)

    def _stored(self, vals: Mapping[str, Any], *, created: bool = False) -> dict[str, Any]:
        """The columns for a file's values."""
        one = {
            name: value
            for name, value in vals.items()
            if name not in {"datas", "raw", "checksum", "file_size", "store_fname"}
        }
        given = "datas" in vals or "raw" in vals
        raw = b""
        if vals.get("raw"):
            raw = (
                vals["raw"].encode()
                if isinstance(vals["raw"], str)
                else bytes(getattr(vals["raw"], "data", vals["raw"]))
            )
        elif vals.get("datas"):
            raw = _decoded(vals["datas"])
        elif vals.get("db_datas"):
            given, raw = True, _decoded(vals["db_datas"])
        if created or given:
            known = (
                one
                if created or one.get("mimetype")
                else {**one, "name": one.get("name") or self[:1]["name"]}
            )
            one["mimetype"] = _kind(known, raw)
        if not given:
            return one
        digest = hashlib.sha1(raw, usedforsecurity=False).hexdigest()
        text = one["mimetype"].startswith("text/")
        words = b"\n".join(WORDS.findall(raw)).decode("ascii") if text else one["mimetype"].partition("/")[0]
        return one | {
            "db_datas": base64.b64encode(raw).decode() if raw else False,
            "file_size": len(raw),
            "checksum": digest,
            "store_fname": f"{digest[:2]}/{digest}" if raw else False,
            "index_content": words or False,
        }

    def write(self, vals: Any) -> bool:
        """Change files."""
        self._check_documents("write")
        self._check_target(vals, "write")
        return super().write(self._stored(vals) if hasattr(vals, "get") else vals)

    def unlink(self) -> bool:
        """Delete files."""
        self._check_documents("unlink")
        return super().unlink()

    def copy_data(self, default: Any = None) -> list[dict[str, Any]]:
        """The values of copies, their content included."""
        found = super().copy_data(default)
        for one, vals in zip(self, found, strict=True):
            if not {"datas", "raw", "db_datas"} & set(default or {}):
                vals["datas"] = one.with_context(bin_size=False)["datas"]
        return found

    # -- rights

    def _check_target(self, vals: Any, mode: str) -> None:
        """Refuse to put a file on a record one may not change.

        Raises:
            AccessError: then.
        """
        if self.env.su or not hasattr(vals, "get") or not vals.get("res_model") or not vals.get("res_id"):
            return
        definition = self.env.registry.models.get(vals["res_model"])
        if definition is not None:
            access.check_model(self.env, definition, mode)
            rules.check(self.env, definition, (vals["res_id"],), mode)

    def _visible(self, mode: str) -> list[int]:
        """Ids of the files the user may read (or change): public ones, own ones, those of records it may."""
        env = self.env
        rows = env.cr.execute(
            "SELECT id, res_model, res_id, create_uid, public FROM ir_attachment WHERE id = ANY(%s)",
            [list(self.ids)],
        ).fetchall()
        system = env.user.has_group_of("base.group_system")
        needed = "read" if mode == "read" else "write"
        targets: dict[str, set[int]] = {}
        found = []
        for one, name, res_id, creator, public in rows:
            if (public and mode == "read") or ((not name or not res_id) and (creator == env.uid or system)):
                found.append(one)
            elif name in env.registry and res_id:
                targets.setdefault(name, set()).add(res_id)
        for name, ids in targets.items():
            definition = env.registry[name]
            if not access.may(env, definition, needed):
                continue
            there = env.sudo()[name].browse(sorted(ids)).exists().ids
            hidden = set(rules.hidden(env, definition, there, needed))
            found += [row[0] for row in rows if row[1] == name and row[2] in set(there) - hidden]
        return found

    def _check_documents(self, mode: str) -> None:
        if self.env.su or not self.ids:
            return
        known = self.exists()
        if set(known.ids) - set(known._visible(mode)):
            raise AccessError(DENIED)

    def read(self, fields: Any = None, load: Any = "_classic_read") -> list[dict[str, Any]]:
        """One dictionary per file."""
        self._check_documents("read")
        return super().read(fields, load)

    @model
    @returns("ids")
    def search(self, domain: Any, offset: Any = 0, limit: Any = None, order: Any = None) -> Self:
        """The files that fulfil a domain and may be seen."""
        if self.env.su:
            return self._browse(search.ids(self, domain, offset, limit, order))
        everything = self._browse(search.ids(self, domain, 0, None, order))
        seen = set(everything._visible("read"))
        found = [one for one in everything.ids if one in seen][offset or 0 :]
        return self._browse(found[:limit] if limit else found)

    @model
    def search_count(self, domain: Any, limit: Any = None) -> int:
        """How many files fulfil a domain and may be seen."""
        return len(self.search(domain, limit=limit))

    def _read_format(
        self, domain: Any, fields: Any, offset: Any, limit: Any, order: Any, load: Any = "_classic_read"
    ) -> list[dict[str, Any]]:
        return self.search(domain, offset, limit, order).read(fields, load)

    # -- content

    def _contents(self) -> dict[int, bytes]:
        rows = self.env.cr.execute(
            "SELECT id, db_datas FROM ir_attachment WHERE id = ANY(%s)", [list(self.ids)]
        ).fetchall()
        return {one: bytes(raw or b"") for one, raw in rows}

    def _compute_datas(self) -> dict[int, Any]:
        context = self.env.context
        if context.get("bin_size") or context.get("bin_size_datas"):
            return {one: human_size(len(raw)) if raw else False for one, raw in self._contents().items()}
        return {one: base64.b64encode(raw).decode() for one, raw in self._contents().items()}

    def _compute_raw(self) -> dict[int, Any]:
        return {
            one: raw.decode("utf-8", "replace") if raw else False for one, raw in self._contents().items()
        }

    def _compute_res_name(self) -> dict[int, Any]:
        found: dict[int, Any] = {}
        for one in self.sudo():
            known = one["res_model"] in self.env.registry and one["res_id"]
            record = self.env.sudo()[one["res_model"]].browse(one["res_id"]) if known else None
            found[one.id] = (record._display_names().get(record.id) if record else False) or False
        return found

    def _compute_local_url(self) -> dict[int, Any]:
        return {
            one.id: one["url"] or f"/web/image/{one.id}?unique={(one['checksum'] or '')[-8:]}"
            for one in self.sudo()
        }

    def _compute_image_src(self) -> dict[int, Any]:
        found: dict[int, Any] = {}
        for one in self.sudo():
            picture = (one["mimetype"] or "").startswith("image/")
            found[one.id] = (
                f"/web/image/{one.id}-{(one['checksum'] or '')[:8]}/{one['name']}" if picture else False
            )
        return found

    def generate_access_token(self) -> list[str]:
        """A token for each file by which it can be fetched without a login."""
        tokens = []
        for one in self:
            token = one["access_token"] or secrets.token_hex(16)
            if not one["access_token"]:
                one.write({"access_token": token})
            tokens.append(token)
        return tokens

    @model
    def check(self, mode: str, values: Any = None) -> None:
        """Nothing when the files may be used in a mode."""
        if mode not in access.MODES:
            raise ValidationError(f"Invalid access mode {mode}")
        self._check_target(values or {}, "write" if mode != "read" else "read")
