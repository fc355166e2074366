"""What a web client or a probe asks: sessions, `/web/dataset/call_kw`, version, database list, login page.

Pages are as plain as a probe needs them: a title, a form with its token, the session information in a script.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import parse_qs

from towpath.sandbox.odoo_server.env import SUPERUSER, Env
from towpath.sandbox.odoo_server.exceptions import AccessDenied, AccessError
from towpath.sandbox.odoo_server.faults import Interruption
from towpath.sandbox.odoo_server.orm.access import in_group
from towpath.sandbox.odoo_server.wire.calls import call_kw
from towpath.sandbox.odoo_server.wire.errors import Failure, describe, html_page
from towpath.sandbox.odoo_server.wire.files import file_answer
from towpath.sandbox.odoo_server.wire.gateway import Gateway
from towpath.sandbox.odoo_server.wire.http import Request, Response
from towpath.sandbox.odoo_server.wire.rpc import envelope, json_request
from towpath.sandbox.odoo_server.wire.values import dumps

__all__ = ["Session", "Web"]

JSON_TYPE = "application/json; charset=utf-8"
_SESSIONS = 1000  # the oldest goes when one more is opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A logged-in browser: database, user id, login and session id."""

    sid: str
    db: str
    uid: int
    login: str


class Web:
    """The routes below /web, with the sessions they open."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._lock = threading.Lock()
        self._json: dict[str, Callable[[Request, dict[str, Any]], Any]] = {
            "/web/database/list": lambda _request, _params: gateway.listing(),
            "/web/session/authenticate": self._authenticate,
            "/web/session/check": self._check,
            "/web/session/destroy": self._destroy,
            "/web/session/get_lang_list": lambda _request, _params: [["en_US", "English (US)"]],
            "/web/session/get_session_info": lambda request, _params: self._info(self.session(request)),
            "/web/dataset/resequence": self._resequence,
            "/web/session/modules": self._modules,
            "/web/webclient/version_info": lambda _request, _params: gateway.version_info,
        }

    def answer(self, request: Request) -> Response | None:
        """The answer to a request below /web, or None when there is no such page."""
        path = request.path.rstrip("/") or "/"
        action = self._json.get(path)
        if action is not None:
            return self._json_route(request, action) if request.method == "POST" else _not_post(request)
        if path.startswith(("/web/dataset/call_kw", "/web/dataset/call_button")):
            if request.method != "POST":
                return _not_post(request)
            button = path.startswith("/web/dataset/call_button")
            return self._json_route(request, lambda asked, params: self._call(asked, params, button=button))
        if path == "/web/health":
            return Response(
                body=b'{"status": "pass"}', content_type=JSON_TYPE, headers=[("Cache-Control", "no-store")]
            )
        if path in {"/web/version", "/json/version"} and self._gateway.version != "17.0":
            info = {
                "version_info": self._gateway.version_info["server_version_info"],
                "version": self._gateway.version,
            }
            return Response(body=dumps(info), content_type=JSON_TYPE)
        if path.startswith(("/web/content", "/web/image")) and request.method in {"GET", "HEAD"}:
            return self._file(request)
        if path in {"/web/become", "/web/session/logout"}:
            return self._change(request, path)
        if path == "/web/login":
            return self._login(request) if request.method == "POST" else self._login_page(request)
        if path in {"/", "/web", "/odoo"}:
            return self._home(request, path)
        return None

    def session(self, request: Request) -> Session | None:
        """The session whose cookie the request carries, or None."""
        sid = request.cookie("session_id")
        with self._lock:
            return self._sessions.get(sid) if sid else None

    def _open(self, db: str, uid: int, login: str) -> Session:
        session = Session(sid=secrets.token_urlsafe(48), db=db, uid=uid, login=login)
        with self._lock:
            self._sessions[session.sid] = session
            while len(self._sessions) > _SESSIONS:
                self._sessions.popitem(last=False)
        return session

    def _file(self, request: Request) -> Response:
        """A file for whoever asks."""
        session = self.session(request)
        db = session.db if session else self._gateway.names[0]
        return file_answer(self._gateway, request, db=db, uid=session.uid if session else None)

    def _change(self, request: Request, path: str) -> Response:
        """End the session, or go on as the superuser where its user may."""
        client = "/web" if self._gateway.version == "17.0" else "/odoo"
        session = self.session(request)
        if session is None:
            return _redirect("/web/login")
        self._destroy(request, {})
        if path == "/web/session/logout":
            return _redirect(client)
        uid = session.uid
        if self._gateway.transaction(session.db, lambda env: in_group(env, "base.group_system", uid)):
            uid = SUPERUSER
        response = _redirect(client)
        response.headers.append(_cookie(self._open(session.db, uid, session.login)))
        return response

    # JSON-RPC routes

    def _json_route(self, request: Request, action: Callable[[Request, dict[str, Any]], Any]) -> Response:
        refusal, asked = json_request(self._gateway, request)
        if refusal is not None:
            return refusal
        if not request.path.startswith("/web/dataset/"):
            self._gateway.faults.record_path(request.path)
        try:
            result = action(request, dict(asked.get("params") or {}))
        except Interruption:
            raise
        except _SessionExpiredError:
            return envelope(self._gateway, asked, failure=_EXPIRED, code=100)
        except Exception as problem:  # noqa: BLE001 - whatever fails is told to the client
            return envelope(self._gateway, asked, failure=describe(problem))
        if isinstance(result, tuple):
            info, session = result
            response = envelope(self._gateway, asked, result=info)
            response.headers.append(_cookie(session))
            return response
        return envelope(self._gateway, asked, result=result)

    def _authenticate(self, _request: Request, params: dict[str, Any]) -> Any:
        db, login, password = params["db"], params["login"], params["password"]
        if db not in self._gateway.databases:
            raise AccessError("Database not found.")
        uid = self._gateway.log_in(db, login, password)
        if uid is None:
            raise AccessDenied
        if self._gateway.faults.two_factor(str(login)):
            return {"uid": None}
        session = self._open(db, uid, str(login))
        return self._info(session), session

    def _check(self, request: Request, _params: dict[str, Any]) -> None:
        if self.session(request) is None:
            raise _SessionExpiredError

    def _destroy(self, request: Request, _params: dict[str, Any]) -> None:
        with self._lock:
            self._sessions.pop(request.cookie("session_id") or "", None)

    def _modules(self, request: Request, _params: dict[str, Any]) -> list[str]:
        """The names of the installed modules."""
        session = self.session(request)
        if session is None:
            raise _SessionExpiredError
        query = "SELECT name FROM ir_module_module WHERE state = 'installed' ORDER BY name"
        return list(self._gateway.transaction(session.db, lambda env: env.cr.execute(query).column()))

    def _resequence(self, request: Request, params: dict[str, Any]) -> bool:
        """Number records in the order given."""
        field, first = params.get("field", "sequence"), int(params.get("offset", 0))
        for place, one in enumerate(params["ids"]):
            call = {"method": "write", "args": [[one], {field: place + first}], "model": params["model"]}
            self._call(request, call, button=False)
        return True

    def _call(self, request: Request, params: dict[str, Any], *, button: bool) -> Any:
        session = self.session(request)
        if session is None:
            raise _SessionExpiredError
        model, method = str(params["model"]), str(params["method"])
        result = self._gateway.call(
            session.db,
            identify=lambda _env: session.uid,
            model=model,
            method=method,
            perform=lambda env: call_kw(
                env[model],
                method,
                params.get("args") or [],
                params.get("kwargs") or {},
                self._gateway.version,
            ),
            path=request.path,
            http=True,
        )
        if button:
            return result if isinstance(result, dict) and result.get("type") else False
        return result

    def _info(self, session: Session | None) -> dict[str, Any]:
        """What the web client is told about the session it runs in."""
        if session is None:
            raise _SessionExpiredError
        gateway = self._gateway

        def work(root: Env) -> dict[str, Any]:
            env = root.derive(uid=session.uid, su=True)
            row = (
                env["res.users"]
                .browse([session.uid])
                .read(["name", "login", "partner_id", "company_id"], load="")[0]
            )
            context = env["res.users"].context_get()
            is_system = in_group(root, "base.group_system", session.uid)
            return {
                "uid": session.uid,
                "is_system": is_system,
                "is_admin": is_system,
                "is_public": False,
                "is_internal_user": True,
                "user_context": {**dict(context), "uid": session.uid},
                "db": session.db,
                "server_version": gateway.server_version,
                "server_version_info": gateway.version_info["server_version_info"],
                "name": row["name"],
                "username": row["login"],
                "partner_display_name": row["name"],
                "partner_id": row["partner_id"],
                "company_id": row["company_id"],
                "user_companies": _companies(env, row["company_id"]),
                "currencies": _currencies(env),
                "web.base.url": env["res.users"].get_base_url(),
                "show_effect": True,
                "display_switch_company_menu": len(env.company_ids) > 1,
                "active_ids_limit": 20000,
                "max_file_upload_size": 134217728,
                "home_action_id": False,
            }

        return gateway.transaction(session.db, work)

    # pages

    def _home(self, request: Request, path: str) -> Response:
        session = self.session(request)
        if session is None:
            return _redirect("/web/login" + (f"?{request.query}" if request.query else ""))
        client = "/web" if self._gateway.version == "17.0" else "/odoo"
        if path == "/" or path != client:
            return _redirect(client)
        return Response(body=_page("Odoo", "", dumps(self._info(session)).decode()))

    def _login_page(self, request: Request, error: str = "") -> Response:
        token = secrets.token_hex(20)
        options = "".join(f"<option>{escape(name)}</option>" for name in self._gateway.names)
        form = (
            f'<form class="oe_login_form" method="post" action="{escape(request.path)}">'
            f'<input type="hidden" name="csrf_token" value="{token}"/><select name="db">{options}</select>'
            '<input name="login"/><input type="password" name="password"/><button type="submit">Log in</button>'
            f"{f'<p class=alert>{escape(error)}</p>' if error else ''}</form>"
            f'<script>var odoo = {{csrf_token: "{token}", debug: ""}};</script>'
        )
        return Response(
            body=_page("Login | Odoo", form, '{"is_frontend": true, "uid": null, "user_id": false}')
        )

    def _login(self, request: Request) -> Response:
        fields = {
            name: values[-1] for name, values in parse_qs(request.body.decode("utf-8", "replace")).items()
        }
        query = {name: values[-1] for name, values in parse_qs(request.query).items()}
        names = self._gateway.names
        db = fields.get("db") or query.get("db") or (names[0] if len(names) == 1 else "")
        uid = None
        if db in self._gateway.databases:
            uid = self._gateway.log_in(db, fields.get("login"), fields.get("password"))
        if uid is None or self._gateway.faults.two_factor(fields["login"]):
            return self._login_page(request, "Wrong login/password")
        response = _redirect("/web" if self._gateway.version == "17.0" else "/odoo")
        response.headers.append(_cookie(self._open(db, uid, fields["login"])))
        return response


def _companies(env: Env, current: Any) -> dict[str, Any]:
    """The companies of a user, as the client's menu wants them."""
    rows = env["res.company"].browse(env.company_ids).read(["name", "sequence", "parent_id"], load="")
    allowed = {
        str(one["id"]): {**one, "child_ids": [], "parent_id": one["parent_id"] or False} for one in rows
    }
    return {"current_company": current, "allowed_companies": allowed, "disallowed_ancestor_companies": {}}


def _currencies(env: Env) -> dict[str, Any]:
    """How the active currencies are written."""
    rows = env["res.currency"].search_read([], ["symbol", "position", "decimal_places"])
    return {
        str(one["id"]): {
            "symbol": one["symbol"],
            "position": one["position"],
            "digits": [69, one["decimal_places"]],
        }
        for one in rows
    }


_EXPIRED = Failure(
    name="odoo.http.SessionExpiredException",
    message="Session expired",
    arguments=["Session expired"],
    debug="Traceback (most recent call last):\nodoo.http.SessionExpiredException: Session expired\n",
    status=403,
)


class _SessionExpiredError(Exception):
    """The request carries no open session."""


def _cookie(session: Session) -> tuple[str, str]:
    return "Set-Cookie", f"session_id={session.sid}; Max-Age=604800; HttpOnly; Path=/"


def _redirect(location: str) -> Response:
    return Response(status=303, body=b"", headers=[("Location", location)])


def _not_post(request: Request) -> Response:
    status = 405 if request.method in {"GET", "HEAD", "PUT", "DELETE"} else 404
    return Response(status=status, body=html_page(status))


def _page(title: str, body: str, session_info: str) -> bytes:
    return (
        f"<!DOCTYPE html>\n<html><head><title>{title}</title>\n"
        f'<meta name="generator" content="Odoo"/>\n'
        f"<script>odoo.__session_info__ = {session_info};\n</script></head>\n<body>{body}</body></html>\n"
    ).encode()
