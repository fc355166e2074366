"""`/doc-bearer`: the contract of the API as 19.0 publishes it, with an ETag that moves when models or fields do."""

from __future__ import annotations

import hashlib
import inspect
from typing import Any

from towpath.sandbox.odoo_server.env import Env
from towpath.sandbox.odoo_server.exceptions import AccessError
from towpath.sandbox.odoo_server.faults import Interruption
from towpath.sandbox.odoo_server.orm.access import in_group
from towpath.sandbox.odoo_server.wire.calls import Method, find_method, model_of
from towpath.sandbox.odoo_server.wire.errors import HttpError, html_page
from towpath.sandbox.odoo_server.wire.gateway import Gateway
from towpath.sandbox.odoo_server.wire.http import Request, Response
from towpath.sandbox.odoo_server.wire.json2 import failure_response, identify_bearer
from towpath.sandbox.odoo_server.wire.values import dumps
from towpath.sandbox.odoo_server.wire.web import Web

__all__ = ["Documentation"]

_ALLOWED = ("api_doc.group_allow_doc", "base.group_system")
_STATE = """
    SELECT (SELECT count(*) FROM ir_model), (SELECT max(write_date) FROM ir_model),
           (SELECT count(*) FROM ir_model_fields), (SELECT max(write_date) FROM ir_model_fields)
"""
_DEPRECATED = {"read_group", "check_access_rights", "check_access_rule"}
_KINDS = {
    inspect.Parameter.POSITIONAL_ONLY: "POSITIONAL_ONLY",
    inspect.Parameter.KEYWORD_ONLY: "KEYWORD_ONLY",
    inspect.Parameter.VAR_POSITIONAL: "VAR_POSITIONAL",
    inspect.Parameter.VAR_KEYWORD: "VAR_KEYWORD",
}


class Documentation:
    """`/doc-bearer/index.json`, `/doc-bearer/<model>.json` (bearer key) and the same below /doc (session)."""

    def __init__(self, gateway: Gateway, web: Web) -> None:
        self._gateway = gateway
        self._web = web

    def answer(self, request: Request) -> Response:
        """The answer to a request below /doc-bearer or /doc."""
        gateway = self._gateway
        with_key = request.path.startswith("/doc-bearer/")
        name = request.path.rpartition("/")[2]
        if request.method not in {"GET", "HEAD"} or not name.endswith(".json"):
            return Response(status=404, body=html_page(404))
        session = None if with_key else self._web.session(request)
        db = session.db if session else gateway.chosen(request.headers.get("x-odoo-database"))
        if db is None:
            return Response(status=404, body=html_page(404))
        if not with_key and session is None:
            return Response(status=303, headers=[("Location", "/web/login")])
        subject = name.removesuffix(".json")
        identify = identify_bearer(gateway, request)
        try:
            etag, document = gateway.call(
                db,
                identify=(lambda _env: session.uid) if session else identify,
                model="index" if subject == "index" else subject,
                method="doc",
                perform=lambda env: self._document(env, subject, request.headers.get("if-none-match", "")),
                path=request.path,
            )
        except Interruption:
            raise
        except Exception as problem:  # noqa: BLE001 - whatever fails is told to the client
            return failure_response(gateway, problem)
        headers = [("ETag", etag), ("Cache-Control", "private, no-cache")]
        if document is None:
            return Response(status=304, headers=headers)
        return Response(body=dumps(document), content_type="application/json; charset=utf-8", headers=headers)

    def _document(self, env: Env, subject: str, known: str) -> tuple[str, dict[str, Any] | None]:
        """(ETag, document): the document is None when the client has it already.

        Raises:
            AccessError: for users without the group of the API documentation.
            HttpError: 404 for an unknown model.
        """
        if not any(in_group(env, group) for group in _ALLOWED):
            raise AccessError("This page is only accessible to api_doc.group_allow_doc users.")
        if subject != "index" and model_of(env, subject) is None:
            raise HttpError("NotFound", 404, f"the model {subject!r} does not exist")
        state = env.cr.execute(_STATE).fetchone()
        digest = hashlib.sha256(repr((env.uid, subject, state)).encode()).hexdigest()[:40]
        etag = f'"{digest}"'
        if subject != "index":
            env[subject].check_access("read")
        if digest in known:
            return etag, None
        return etag, self._index(env) if subject == "index" else self._model(env, subject)

    def _index(self, env: Env) -> dict[str, Any]:
        models = []
        modules: set[str] = set()
        for name, definition in sorted(env.registry.models.items()):
            if not env[name].has_access("read"):
                continue
            modules.update(definition.modules)
            models.append(
                {
                    "model": name,
                    "name": definition.description,
                    "fields": {
                        field: {"string": one.attrs.get("string", field)}
                        for field, one in definition.fields.items()
                    },
                    "methods": sorted(self._methods(env, name)),
                }
            )
        return {"modules": sorted(modules), "models": models}

    def _model(self, env: Env, name: str) -> dict[str, Any]:
        definition = env.registry.models[name]
        return {
            "model": name,
            "name": definition.description,
            "doc": None,
            "fields": {
                field: {**description, "module": definition.modules[0] if definition.modules else None}
                for field, description in env[name].fields_get().items()
            },
            "methods": {
                method: _describe(found, definition.modules)
                for method, found in sorted(self._methods(env, name).items())
            },
        }

    def _methods(self, env: Env, name: str) -> dict[str, Method]:
        """The methods of a model that may be called, by name."""
        model = env[name]
        found: dict[str, Method] = {}
        for method in dir(type(model)):
            if method.startswith("_") or method in _DEPRECATED:
                continue
            try:
                found[method] = find_method(model, method, self._gateway.version)
            except (AccessError, AttributeError):
                continue
        return found


def _describe(method: Method, modules: tuple[str, ...]) -> dict[str, Any]:
    """Signature, parameters and decorators of a method, `self` left out."""
    parameters: dict[str, dict[str, Any]] = {}
    for parameter in list(method.signature.parameters.values())[1:]:
        shown: dict[str, Any] = {"name": parameter.name}
        if parameter.kind in _KINDS:
            shown["kind"] = _KINDS[parameter.kind]
        if parameter.default is not parameter.empty:
            shown["default"] = _plain(parameter.default)
        parameters[parameter.name] = shown
    api = [] if method.takes_ids else ["model"]
    if getattr(method.func, "is_readonly", False):
        api.append("readonly")
    text = ", ".join(
        str(parameter.replace(annotation=parameter.empty))
        for parameter in list(method.signature.parameters.values())[1:]
    )
    return {
        "model": "core",
        "module": modules[0] if modules else "base",
        "signature": f"({text})",
        "parameters": parameters,
        "doc": inspect.getdoc(method.func),
        "return": {},
        "api": api,
    }


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | list | dict | None) else repr(value)
