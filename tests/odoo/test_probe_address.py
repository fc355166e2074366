"""What people type where an address is asked for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath import errors
from towpath.odoo.address import read_address


@pytest.mark.feature("S1.6", "S2.2")
@pytest.mark.parametrize(
    ("typed", "first", "database"),
    [
        ("https://mycompany.odoo.com", "https://mycompany.odoo.com", None),
        ("mycompany.odoo.com", "https://mycompany.odoo.com", None),
        ("  HTTPS://MyCompany.Odoo.com/  ", "https://mycompany.odoo.com", None),
        ("https://x.odoo.com/web#action=12&cids=1", "https://x.odoo.com", None),
        ("https://x.odoo.com/odoo/contacts/5?debug=1", "https://x.odoo.com", None),
        ("http://erp.local:8069/web/login?db=live#x", "http://erp.local:8069", "live"),
        ("erp.local:8069", "http://erp.local:8069", None),
        ("erp.local:8443", "https://erp.local:8443", None),
        ("localhost", "http://localhost", None),
        ("127.0.0.1:8069/jsonrpc", "http://127.0.0.1:8069", None),
        ("127.0.0.1:45678", "http://127.0.0.1:45678", None),
        ("192.168.1.5:9000", "http://192.168.1.5:9000", None),
        ("192.168.1.5:8443", "https://192.168.1.5:8443", None),
        ("93.184.216.34", "https://93.184.216.34", None),
        ("https://erp.example.com:443/", "https://erp.example.com", None),
        ("http://erp.example.com:80", "http://erp.example.com", None),
        ("https://bücher.example/web", "https://xn--bcher-kva.example", None),
        ("//erp.example.com/web", "https://erp.example.com", None),
        ("[::1]:8069", "http://[::1]:8069", None),
        ("http://[2001:db8::1]/", "http://[2001:db8::1]", None),
        ("2606:4700::1", "https://[2606:4700::1]", None),
        ("<https://x.odoo.com>", "https://x.odoo.com", None),
        ("“x.odoo.com”", "https://x.odoo.com", None),
        ("https:// x.odoo.com", "https://x.odoo.com", None),
        ("htps://x.odoo.com", "https://x.odoo.com", None),
        ("my_erp:8069", "http://my_erp:8069", None),
        ("erp.example.com.", "https://erp.example.com", None),
    ],
)
def test_addresses_are_understood(typed: Any, first: Any, database: Any):
    understood = read_address(typed)
    assert understood.candidates[0] == first
    assert understood.database == database


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "No address"),
        ("   ", "No address"),
        ("ftp://x.odoo.com", "https://"),
        ("file:///etc/passwd", "https://"),
        ("javascript://x", "https://"),
        ("https://admin:secret@x.odoo.com", "own fields"),
        ("https://x.odoo.com:99999", "port"),
        ("https://x.odoo.com:0", "port"),
        ("https://x.odoo.com:port", "port"),
        ("https://", "not an address"),
        ("my company", None),
        ("a..b", "not an address"),
        ("-x-.com", "not an address"),
        ("http://[::g]/", "brackets"),
        ("x" * 3000, "too long"),
    ],
)
def test_what_is_no_address_gets_a_sentence(typed: Any, says: Any):
    if says is None:  # spaces are taken out, so this one becomes a name
        assert read_address(typed).candidates[0] == "https://mycompany"
        return
    with pytest.raises(errors.AddressError, match=says) as caught:
        read_address(typed)
    assert "secret" not in caught.value.message


@given(st.text(max_size=60))
def test_nothing_typed_ever_crashes(typed: Any):
    try:
        urls = read_address(typed).candidates
    except errors.AddressError:
        return
    for url in urls:
        assert url.startswith(("http://", "https://"))
        assert not url.endswith("/")
        assert url.isascii()


@given(
    st.from_regex(r"[a-z]([a-z0-9-]{0,8}[a-z0-9])?(\.[a-z]([a-z0-9-]{0,8}[a-z0-9])?){0,3}", fullmatch=True),
    st.none() | st.integers(1, 65535),
    st.sampled_from(["", "/", "/web", "/odoo", "/web/login?redirect=%2Fodoo", "/web#menu_id=1", "/jsonrpc"]),
    st.sampled_from(["http://", "https://", ""]),
)
def test_host_port_and_scheme_survive_whatever_follows(host: Any, port: Any, path: Any, scheme: Any):
    typed = f"{scheme}{host}{f':{port}' if port else ''}{path}"
    understood = read_address(typed)
    assert all(host in url for url in understood.candidates)
    assert read_address(understood.candidates[0]).candidates[0] == understood.candidates[0]
    if scheme:
        assert len(understood.candidates) == 1
