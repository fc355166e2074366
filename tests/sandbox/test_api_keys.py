"""API keys: by another key, by the wizard, with scope and expiry, revoked and removed."""

import datetime as dt
import secrets
from collections.abc import Callable
from typing import Any

import httpx

from towpath.sandbox.odoo_server.server import OdooServer


def days(number: int) -> str:
    return (dt.datetime.now(dt.UTC) + dt.timedelta(days=number)).strftime("%Y-%m-%d %H:%M:%S")


def test_a_key_is_renewed_by_the_old_one(odoo19: OdooServer, json2: Callable[..., Any]):
    admin = json2(odoo19)
    new = admin.call(
        "res.users.apikeys", "generate", key="key-admin", scope="rpc", name="new", expiration_date=days(5)
    )
    assert len(new) == 40
    renewed = json2(odoo19, new)
    assert renewed.call("res.users", "context_get")["uid"] == 2
    names = [
        row["name"] for row in renewed.call("res.users.apikeys", "search_read", domain=[], fields=["name"])
    ]
    assert "new" in names
    assert renewed.call("res.users.apikeys", "revoke", key=new) is None
    assert renewed.post("res.users", "context_get").status_code == 401
    answer = admin.post("res.users.apikeys", "revoke", key=new)
    assert (answer.status_code, answer.json()["message"]) == (403, "The provided API key is invalid.")


def test_keys_of_others_do_not_vouch(odoo19: OdooServer, json2: Callable[..., Any]):
    asked = {"key": "key-limited", "scope": "rpc", "name": "x", "expiration_date": False}
    answer = json2(odoo19).post("res.users.apikeys", "generate", **asked)
    assert answer.json()["name"] == "odoo.exceptions.AccessDenied"
    answer = json2(odoo19, "key-limited").post("res.users.apikeys", "generate", **asked)
    assert (answer.status_code, answer.json()["message"]) == (422, "Programmatic API keys are not enabled")


def test_scope_and_expiry_count(odoo19: OdooServer, json2: Callable[..., Any]):
    admin = json2(odoo19)
    asked = {"key": "key-admin", "name": "x"}
    expired = admin.call("res.users.apikeys", "generate", **asked, scope="rpc", expiration_date=days(-1))
    assert json2(odoo19, expired).post("res.users", "context_get").status_code == 401
    # a key of scope rpc makes keys of that scope only
    other = admin.post("res.users.apikeys", "generate", **asked, scope="other", expiration_date=False)
    assert other.status_code == 403


def test_the_wizard_asks_for_the_password_first(odoo19: OdooServer, json2: Callable[..., Any]):
    limited = json2(odoo19, "key-limited")
    wizard = limited.call(
        "res.users.apikeys.description", "create", vals_list=[{"name": "wizard", "duration": "30"}]
    )
    check = limited.call("res.users.apikeys.description", "make_key", ids=wizard)
    assert check["res_model"] == "res.users.identitycheck"
    wrong = limited.post(check["res_model"], "run_check", ids=check["res_id"], context={"password": "wrong"})
    assert wrong.status_code == 422
    shown = limited.call(
        check["res_model"], "run_check", ids=check["res_id"], context={"password": "limited"}
    )
    key = shown["context"]["default_key"]
    assert json2(odoo19, key).call("res.users", "context_get")
    found = limited.call("res.users.apikeys", "search", domain=[["name", "=", "wizard"]])
    check = limited.call("res.users.apikeys", "remove", ids=found)
    limited.call(check["res_model"], "run_check", ids=check["res_id"], context={"password": "limited"})
    assert json2(odoo19, key).post("res.users", "context_get").status_code == 401


def test_the_wizard_of_17_keeps_the_password_in_a_field(odoo17: OdooServer):
    with httpx.Client(base_url=odoo17.url) as http:

        def rpc(path: str, **params: Any) -> Any:
            answer = http.post(path, json={"jsonrpc": "2.0", "method": "call", "params": params}).json()
            assert "error" not in answer, answer
            return answer["result"]

        def call(model: str, method: str, *args: Any) -> Any:
            return rpc("/web/dataset/call_kw", model=model, method=method, args=list(args), kwargs={})

        info = rpc("/web/session/authenticate", db="demo", login="limited", password="limited")
        assert info["username"] == "limited"
        wizard = call("res.users.apikeys.description", "create", {"name": "w17"})
        check = call("res.users.apikeys.description", "make_key", [wizard])
        call(check["res_model"], "write", [check["res_id"]], {"password": "limited"})
        key = call(check["res_model"], "run_check", [check["res_id"]])["context"]["default_key"]
        args = ["demo", "limited", key]
        assert rpc("/jsonrpc", service="common", method="login", args=args) == info["uid"]


def test_users_change_passwords(odoo19: OdooServer, json2: Callable[..., Any]):
    admin = json2(odoo19)
    login = f"user-{secrets.token_hex(4)}"
    admin.call("res.users", "create", vals_list=[{"name": login, "login": login, "password": "one"}])

    def authenticate(password: str) -> Any:
        params = {"service": "common", "method": "login", "args": ["demo", login, password]}
        return httpx.post(f"{odoo19.url}/jsonrpc", json={"params": params}).json()["result"]

    uid = authenticate("one")
    assert uid
    args = ["demo", uid, "one", "res.users", "change_password", ["one", "two"]]
    body = {"params": {"service": "object", "method": "execute_kw", "args": args}}
    assert httpx.post(f"{odoo19.url}/jsonrpc", json=body).json()["result"] is True
    assert authenticate("one") is False
    assert authenticate("two") == uid
