"""What a spreadsheet could run out of a CSV file."""

from __future__ import annotations

import pytest

from towpath.web.formulas import harmless


@pytest.mark.parametrize(
    ("text", "guarded"),
    [
        ("=1+1", "'=1+1"),
        ("  =1+1", "'  =1+1"),
        ("\u00a0@x", "'\u00a0@x"),
        ("\ufeff=1+1", "'\ufeff=1+1"),
        ("\u200b-1", "'\u200b-1"),
        ("\tx", "'\tx"),
        ("a=1", "a=1"),
        ("", ""),
        # Excel with a semicolon as separator begins cells here, whatever is quoted.
        ("a;=HYPERLINK(A1)", "a;'=HYPERLINK(A1)"),
        ("a\r\n =cmd|' /C calc'!A0", "a\r\n '=cmd|' /C calc'!A0"),
        ("a; +SUM(A1);@SUM(A1)", "a; '+SUM(A1);'@SUM(A1)"),
        ("Terms:\n- paid at once\n- by transfer", "Terms:\n- paid at once\n- by transfer"),
        ("a; b (c)", "a; b (c)"),
    ],
)
def test_what_would_run_gets_an_apostrophe_and_nothing_else_does(text: str, guarded: str):
    assert harmless(text) == guarded
    assert harmless(guarded) == guarded


@pytest.mark.parametrize("piece", [";", "\n", " ", ";=", "\n =", "|=", "; ", "=(", "\ufeff"])
def test_a_long_text_takes_no_longer_than_its_length(piece: str):
    text = "a" + piece * 200_000
    assert harmless(text) == text
