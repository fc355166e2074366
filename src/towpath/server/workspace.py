"""The workspace: the built pages, one ``index.html`` for all its addresses."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from towpath.web.places import is_api

__all__ = ["BUILT", "add_workspace"]

#: Where ``make ui`` puts the pages; a wheel brings them.
BUILT = Path(__file__).parent / "static"

_NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Towpath</title>
<body><h1>Towpath runs</h1><p>The workspace is not built in this checkout; run <code>make ui</code> and load this page
again. The API answers under <code>/api/v1</code>.</p></body></html>"""


class _Files(StaticFiles):
    """Files whose names hold a digest of their content: a browser may keep them for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, to be kept for a year; packed where the build packed it and the browser takes that."""
        accepted = b",".join(value for name, value in scope["headers"] if name == b"accept-encoding")
        response = await super().get_response(path, scope)
        if response.status_code == 200 and b"gzip" in accepted:
            packed, found = self.lookup_path(f"{path}.gz")
            if found is not None:
                response = FileResponse(packed, stat_result=found, media_type=response.media_type)
                response.headers["Content-Encoding"] = "gzip"
                response.headers["Vary"] = "Accept-Encoding"
        if response.status_code == 200:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


@lru_cache(maxsize=2)
def _page(changed: float) -> str:
    del changed  # the key: a page that was built anew is read anew
    return (BUILT / "index.html").read_text(encoding="utf-8")


def add_workspace(app: FastAPI) -> None:
    """Serve the pages under every address that is not the API's."""
    if (BUILT / "assets").is_dir():
        app.mount("/assets", _Files(directory=BUILT / "assets"), name="assets")

    @app.get("/{path:path}", include_in_schema=False)
    def page(request: Request, path: str) -> HTMLResponse:
        """The workspace; it finds out by itself what the address asks for."""
        if is_api(f"/{path}") or path.startswith("assets/"):
            raise HTTPException(404)
        index = BUILT / "index.html"
        text = _page(index.stat().st_mtime) if index.is_file() else _NOT_BUILT
        # The placeholder stands where the build wants the nonce of this answer.
        page = text.replace("__NONCE__", request.scope["towpath.nonce"])
        return HTMLResponse(page, headers={"Cache-Control": "no-store"})
