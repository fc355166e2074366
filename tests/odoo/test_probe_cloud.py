"""What the probe knows about Odoo's own cloud, tried without going there."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from towpath import errors
from towpath.odoo import Access
from towpath.odoo.databases import choose_database
from towpath.odoo.probe import _elsewhere
from towpath.odoo.version import Version

NEW, OLD = Version(major=19, minor=0), Version(major=17, minor=0)


@pytest.mark.feature("S1.6")
@pytest.mark.parametrize(
    ("url", "cloud"),
    [
        ("https://acme.odoo.com", True),
        ("https://ACME.Odoo.com", True),
        ("https://acme.dev.odoo.com", True),
        ("https://erp.acme.com", False),
        ("https://odoo.com.evil.example", False),
        ("https://notodoo.com", False),
    ],
)
def test_odoos_cloud_is_told_by_its_name(url: str, cloud: bool):
    assert Access(url=url).on_odoo_com is cloud


@pytest.mark.feature("S2.4")
@pytest.mark.parametrize("version", [NEW, OLD])
def test_a_database_there_bears_the_first_part_of_the_name(version: Version):
    assert choose_database("https://acme.odoo.com", None, None, version=version, protocol=None) == "acme"
    assert (
        choose_database("https://acme-1.dev.odoo.com", None, None, version=version, protocol=None) == "acme-1"
    )
    assert choose_database("https://acme.odoo.com", "own", None, version=version, protocol=None) == "own"


def test_a_name_that_it_does_not_know_is_told():
    error = _elsewhere(urlsplit("https://acmee.odoo.com"), urlsplit("https://www.odoo.com/typo"))
    assert "knows no database “acmee”" in error.message
    error = _elsewhere(urlsplit("https://erp.acme.com"), urlsplit("https://www.odoo.com/"))
    assert "leads on to https://www.odoo.com" in error.message


@pytest.mark.parametrize(
    ("text", "info", "number", "json2", "rpc", "enterprise"),
    [
        ("17.0-20240709", [17, 0, 0, "final", 0, ""], "17.0", False, True, False),
        ("19.0", [19, 0, 0, "final", 0, ""], "19.0", True, True, False),
        ("18.0+e", [18, 0, 0, "final", 0, "e"], "18.0", False, True, True),
        ("saas~17.4+e", ["saas~17", 4, 0, "final", 0, "e"], "17.4", False, True, True),
        ("saas~18.4+e", ["saas~18", 4, 0, "final", 0, "e"], "18.4", True, True, True),
        ("22.0", None, "22.0", True, False, False),
        ("15.0", [], "15.0", False, True, False),
    ],
)
def test_versions_are_read(
    text: str, info: list[object] | None, number: str, json2: bool, rpc: bool, enterprise: bool
):
    version = Version.parse(text, info)
    assert (str(version), version.has_json2, version.has_rpc, version.enterprise) == (
        number,
        json2,
        rpc,
        enterprise,
    )


def test_versions_compare_by_number():
    assert Version.parse("9.0") < Version.parse("17.0") < Version.parse("saas~18.4") < Version.parse("19.0")


def test_what_is_no_version_is_refused():
    with pytest.raises(errors.ProtocolError):
        Version.parse("hello")
