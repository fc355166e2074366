"""What a probe or a web client asks: versions, databases, sessions, the contract of the API."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from towpath.sandbox.odoo_server.server import OdooServer


@pytest.fixture
def http19(odoo19: OdooServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=odoo19.url) as http:
        yield http


@pytest.fixture
def http17(odoo17: OdooServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=odoo17.url) as http:
        yield http


def rpc(http: httpx.Client, path: str, **params: Any) -> Any:
    return http.post(path, json={"jsonrpc": "2.0", "method": "call", "params": params}).json()


@pytest.mark.parametrize("path", ["/web/version", "/json/version"])
def test_version_without_logging_in(http19: httpx.Client, http17: httpx.Client, path: str):
    assert http19.get(path).json() == {"version_info": [19, 0, 0, "final", 0, ""], "version": "19.0"}
    assert http17.get(path).status_code == 404


def test_version_info_and_health(http19: httpx.Client, http17: httpx.Client):
    for http, serie in ((http19, "19.0"), (http17, "17.0")):
        assert rpc(http, "/web/webclient/version_info")["result"]["server_serie"] == serie
        assert rpc(http, "/web/database/list")["result"] == ["demo"]
        assert http.get("/web/health").json() == {"status": "pass"}
        assert http.get("/web/database/list").status_code == 405
        assert http.get("/nothing").status_code == 404


def test_addresses_people_type_lead_to_the_login_page(http19: httpx.Client, http17: httpx.Client):
    for http, path in ((http19, "/"), (http19, "/odoo"), (http19, "/web"), (http17, "/web"), (http17, "/")):
        page = http.get(path, follow_redirects=True)
        assert page.status_code == 200
        assert 'name="generator" content="Odoo"' in page.text
        assert "csrf_token" in page.text


def test_a_session_of_the_web_client(http17: httpx.Client):
    refused = rpc(http17, "/web/session/authenticate", db="demo", login="admin", password="wrong")
    assert refused["error"]["data"]["name"] == "odoo.exceptions.AccessDenied"
    key = rpc(http17, "/web/session/authenticate", db="demo", login="admin", password="key-admin")
    assert key["error"]["data"]["name"] == "odoo.exceptions.AccessDenied"
    unknown = rpc(http17, "/web/session/authenticate", db="nope", login="admin", password="admin")
    assert unknown["error"]["data"]["name"] == "odoo.exceptions.AccessError"
    expired = rpc(http17, "/web/dataset/call_kw", model="res.partner", method="search", args=[[]], kwargs={})
    assert (expired["error"]["code"], expired["error"]["message"]) == (100, "Odoo Session Expired")
    info = rpc(http17, "/web/session/authenticate", db="demo", login="admin", password="admin")["result"]
    assert (info["uid"], info["db"], info["is_system"], info["user_context"]["uid"]) == (2, "demo", True, 2)
    asked = {"model": "res.partner", "method": "search_count", "args": [[["id", "=", 1]]], "kwargs": {}}
    assert rpc(http17, "/web/dataset/call_kw/res.partner/search_count", **asked)["result"] == 1
    assert rpc(http17, "/web/session/get_session_info")["result"]["username"] == "admin"
    assert "error" not in rpc(http17, "/web/session/check")
    rpc(http17, "/web/session/destroy")
    assert rpc(http17, "/web/session/get_session_info")["error"]["code"] == 100


def test_the_login_form(http19: httpx.Client):
    wrong = http19.post("/web/login", data={"db": "demo", "login": "admin", "password": "wrong"})
    assert "Wrong login/password" in wrong.text
    page = http19.post("/web/login", data={"login": "admin", "password": "admin"}, follow_redirects=True)
    assert '"username":"admin"' in page.text
    assert http19.get("/doc/res.partner.json").json()["model"] == "res.partner"


def test_the_contract_of_the_api(odoo19: OdooServer, json2: Callable[..., Any], http17: httpx.Client):
    http = json2(odoo19).http
    index = http.get("/doc-bearer/index.json")
    names = {model["model"]: model for model in index.json()["models"]}
    assert "search_read" in names["res.partner"]["methods"]
    assert "name" in names["res.partner"]["fields"]
    partner = http.get("/doc-bearer/res.partner.json")
    document = partner.json()
    assert document["fields"]["country_id"]["relation"] == "res.country"
    assert list(document["methods"]["write"]["parameters"]) == ["vals"]
    assert document["methods"]["search_read"]["api"] == ["model"]
    assert "_search" not in document["methods"]
    again = http.get("/doc-bearer/res.partner.json", headers={"If-None-Match": partner.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert http.get("/doc-bearer/no.model.json").status_code == 404
    assert json2(odoo19, "key-limited").http.get("/doc-bearer/index.json").status_code == 403
    assert json2(odoo19, "wrong").http.get("/doc-bearer/index.json").status_code == 401
    assert http17.get("/doc-bearer/index.json").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/json/2/res.partner/search", 404),
        ("DELETE", "/json/2/res.partner/search", 404),
        ("POST", "/json/2/res.partner", 404),
        ("POST", "/json/2/res.partner/search/more", 404),
    ],
)
def test_other_paths_of_json_2(
    odoo19: OdooServer, json2: Callable[..., Any], method: str, path: str, status: int
):
    answer = json2(odoo19).http.request(method, path, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    assert answer.json()["message"] == "Did you mean POST /json/2/<model>/<method>?"


def test_json_2_without_a_database_name(odoo_factory: Callable[..., OdooServer]):
    odoo = odoo_factory(choose=True)
    headers = {"Authorization": "bearer key-admin"}
    answer = httpx.post(f"{odoo.url}/json/2/res.users/context_get", headers=headers, json={})
    assert answer.json()["uid"] == 2


def test_several_databases_and_a_hidden_list(odoo_factory: Callable[..., OdooServer]):
    odoo = odoo_factory(data="empty", aliases=("acme", "zoo"), choose=True)
    with httpx.Client(base_url=odoo.url) as http:
        assert rpc(http, "/web/database/list")["result"] == ["acme", "demo", "zoo"]
        assert (
            rpc(http, "/jsonrpc", service="common", method="login", args=["zoo", "admin", "admin"])["result"]
            == 2
        )
        assert http.post("/json/2/res.users/context_get", json={}).status_code == 404
    hidden = odoo_factory(version="17.0", data="empty", listed=False)
    with httpx.Client(base_url=hidden.url) as http:
        for answer in (
            rpc(http, "/web/database/list"),
            rpc(http, "/jsonrpc", service="db", method="list", args=[]),
        ):
            assert answer["error"]["data"]["name"] == "odoo.exceptions.AccessDenied"


def test_json_2_is_not_on_17(http17: httpx.Client):
    answer = http17.post("/json/2/res.partner/search", json={"domain": []})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")


def test_files_and_pictures(http19: httpx.Client, http17: httpx.Client):
    for http in (http19, http17):
        rpc(http, "/web/session/authenticate", db="demo", login="admin", password="admin")

        def create(model: str, asked: httpx.Client = http, **vals: Any) -> int:
            call = {"model": model, "method": "create", "args": [vals], "kwargs": {}}
            made: int = rpc(asked, "/web/dataset/call_kw", **call)["result"]
            return made

        secret = create("ir.attachment", name="malt list.txt", datas="aGVsbG8=")
        public = create("ir.attachment", name="p.txt", datas="aGVsbG8=", public=True)
        saved = http.get(f"/web/content/{secret}?download=true")
        assert (saved.content, saved.headers["content-type"]) == (b"hello", "text/plain")
        assert saved.headers["content-disposition"] == 'attachment; filename="malt list.txt"'
        assert http.get(f"/web/content/ir.attachment/{secret}/datas").content == b"hello"
        assert http.get("/web/content/99999999").status_code == 404
        assert http.get("/web/image/res.partner/1/image_128").headers["content-type"] == "image/png"
        assert http.get("/web/session/logout").status_code == 303
        assert http.get(f"/web/content/{secret}").status_code == 404
        assert http.get(f"/web/content/{public}").content == b"hello"


def test_an_administrator_becomes_the_superuser(http17: httpx.Client):
    rpc(http17, "/web/session/authenticate", db="demo", login="admin", password="admin")
    assert rpc(http17, "/web/dataset/resequence", model="crm.stage", ids=[])["result"] is True
    assert http17.get("/web/become").status_code == 303
    assert rpc(http17, "/web/session/get_session_info")["result"]["uid"] == 1
