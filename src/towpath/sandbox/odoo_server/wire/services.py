"""The services of JSON-RPC and XML-RPC: `common`, `object`, `db`, with the argument errors of their real functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from towpath.sandbox.odoo_server.env import Env
from towpath.sandbox.odoo_server.exceptions import AccessDenied, AccessError, UserError, no_model_text
from towpath.sandbox.odoo_server.wire import auth
from towpath.sandbox.odoo_server.wire.calls import call_kw, model_of
from towpath.sandbox.odoo_server.wire.gateway import Gateway

__all__ = ["dispatch"]


def dispatch(gateway: Gateway, service: Any, method: Any, params: Sequence[Any], *, path: str) -> Any:
    """Call `service.method(*params)`.

    Raises:
        KeyError: unknown service.
        Exception: whatever the service raises.
    """
    if service == "object":
        run = _object_17 if gateway.version == "17.0" else _object_19
        return run(gateway, method, params, path)
    gateway.faults.record_path(f"{service}/{method}")
    if service == "common":
        function = _common(gateway).get(str(method))
        if function is None:
            raise Exception(f"Method not found: {method}")  # noqa: TRY002 - the class clients see
        return function(*params)
    if service == "db":
        return _db(gateway, method, params)
    raise KeyError(service)


def _common(gateway: Gateway) -> dict[str, Callable[..., Any]]:
    def exp_login(db: str, login: str, password: str) -> Any:
        return exp_authenticate(db, login, password, None)

    def exp_authenticate(db: str, login: str, password: str, user_agent_env: Any) -> Any:  # noqa: ARG001 - Odoo's own
        return gateway.authenticate(db, login, password) or False

    def exp_version() -> Any:
        return gateway.version_info

    def exp_about(extended: Any = False) -> Any:
        info = "See http://openerp.com"
        return (info, gateway.server_version) if extended else info

    def exp_set_loglevel(loglevel: Any, logger: Any = None) -> Any:  # noqa: ARG001 - accepted and without effect
        return True

    return _named(exp_login, exp_authenticate, exp_version, exp_about, exp_set_loglevel)


def _db(gateway: Gateway, method: Any, params: Sequence[Any]) -> Any:
    def exp_db_exist(db_name: str) -> Any:
        return db_name in gateway.databases

    def exp_list(document: Any = False) -> Any:  # noqa: ARG001 - Odoo's own
        return gateway.listing()

    def exp_list_lang() -> Any:
        return [["en_US", "English (US)"]]

    def exp_server_version() -> Any:
        return gateway.server_version

    function = _named(exp_db_exist, exp_list, exp_list_lang, exp_server_version).get(str(method))
    if function is not None:
        return function(*params)
    if method in _MANAGING:
        if not params:
            raise IndexError("list index out of range")
        raise AccessDenied  # the sandbox has no master password, so none is right
    raise KeyError(f"Method not found: {method}")


_MANAGING = {
    "change_admin_password",
    "create_database",
    "drop",
    "dump",
    "duplicate_database",
    "migrate_databases",
    "rename",
    "restore",
}


def _named(*functions: Callable[..., Any]) -> dict[str, Callable[..., Any]]:
    """The functions by service name, with the plain name Python's messages show on a real server."""
    for function in functions:
        function.__qualname__ = function.__name__
    return {function.__name__.removeprefix("exp_"): function for function in functions}


def _object_17(gateway: Gateway, method: Any, params: Sequence[Any], path: str) -> Any:
    db, uid, password = params[0], int(params[1]), params[2]
    if method not in {"execute", "execute_kw"}:
        raise NameError(f"Method not available {method}")
    identify = _identify(gateway, uid, password)

    def execute(db: str, uid: int, obj: Any, method: Any, *args: Any, **kw: Any) -> Any:  # noqa: ARG001 - Odoo's own
        if isinstance(method, str) and (method.startswith("_") or method == "init"):
            raise AccessError(f"Private methods (such as {method}) cannot be called remotely.")
        return gateway.call(
            db,
            identify=identify,
            model=str(obj),
            method=str(method),
            perform=lambda env: call_kw(_model(env, obj), method, args, kw, "17.0"),
            path=path,
        )

    def execute_kw(db: str, uid: int, obj: Any, method: Any, args: Any, kw: Any = None) -> Any:
        return execute(db, uid, obj, method, *args, **(kw or {}))

    functions = _named(execute, execute_kw)
    if len(params) < (5 if method == "execute" else 6):
        gateway.transaction(db, identify)  # who calls is checked before what is called
    return functions[method](db, uid, *params[3:])


def _object_19(gateway: Gateway, method: Any, params: Sequence[Any], path: str) -> Any:
    db, uid, password, obj, name, *args = params
    uid = int(uid)
    if not password:
        raise AccessDenied
    if method == "execute":
        kw: Any = {}
    elif method == "execute_kw":
        if len(args) == 1:
            args += ({},)
        args, kw = args
        if kw is None:
            kw = {}
    else:
        raise NameError(f"Method not available {method}")
    return gateway.call(
        db,
        identify=_identify(gateway, uid, password),
        model=str(obj),
        method=str(name),
        perform=lambda env: call_kw(_model(env, obj), str(name), args, kw, gateway.version),
        path=path,
    )


def _identify(gateway: Gateway, uid: int, password: Any) -> Callable[[Env], int]:
    def identify(env: Env) -> int:
        auth.check_uid(env.cr, uid, password, now=gateway.now(), marks=gateway.faults)
        return uid

    return identify


def _model(env: Any, name: Any) -> Any:
    model = model_of(env, name)
    if model is None:
        raise UserError(no_model_text(str(name)))
    return model
