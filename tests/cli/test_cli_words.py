"""Words of a command mistyped, and an output that nobody reads any more: one sentence, the right status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from towpath.cli import main


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("frobnicate", "There are: overview, settings, connection, stream"),
        ("conection list", "Did you mean `towpath connection`?"),
        ("connection lst", "Did you mean `towpath connection list`?"),
        ("connection add", "NAME is missing: `towpath connection add NAME --url TEXT`."),
        ("connection add x", "--url is missing"),
        ("connection add x --url", "--url needs a value."),
        ("stream add", "CONNECTION is missing"),
        ("stream discover", "--connection is missing"),
        ("sync runs --limit many", "--limit: 'many' is not a valid integer"),
        ("sync runs --limit 0", "--limit: 0 is not in the range"),
        ("sql --jsn 1", "did you mean --json?"),
        ("sql --json --csv 1", "one of --json and --csv"),
        ("sql", "Give the SQL"),
        ("sql 1 2", "extra argument"),
        ("sync run res_partner", "did you mean --stream res_partner?"),
        ("stream discover acme", "--connection is missing"),
        ("stream add --connection acme res.partner", "takes CONNECTION without --connection"),
        ("stream set res_partner", "Did you mean `towpath stream edit`?"),
        ("connection delete acme", "Did you mean `towpath connection remove`?"),
        ("sandbox odoo --version 3", "'3' is not one of '19.0', '17.0'"),
    ],
)
def test_a_mistyped_command_is_told_in_one_sentence(words, says, capsys):
    as_json = "--json" in words
    assert main(words.split()) == 2
    out, err = capsys.readouterr()
    assert not out
    assert len(err.splitlines()) == 1
    said = json.loads(err)["error"]["message"] if as_json else err
    assert says in said
    assert "Usage:" not in said


@pytest.mark.parametrize("words", [[], ["connection"], ["stream"], ["sync"], ["catalog"], ["sandbox"]])
def test_a_group_alone_shows_its_help(words, capsys):
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert not out
    assert err.startswith("Usage: towpath")
    assert "Commands:" in err


@pytest.mark.parametrize(
    "words",
    [["--help"], ["sql", "--help"], ["sql", "--list"], ["sql", "--list", "--json"]],
    ids=" ".join,
)
def test_a_reader_that_goes_away_is_no_error(words, tmp_path):
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "towpath", *words],
            stdin=subprocess.DEVNULL,
            stdout=writing,
            stderr=subprocess.PIPE,
            env=os.environ | {"TOWPATH_HOME": str(tmp_path)},
            timeout=60,
            check=False,
        )
    finally:
        os.close(writing)
    assert ended.returncode == 141
    assert ended.stderr == b""


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["connection", "add", "x", "--url", "http://127.0.0.1:9"], "--key-stdin"),
        (["connection", "add", "x", "--url", "http://127.0.0.1:9", "--key-stdin"], "empty"),
        (["connection", "remove", "x"], "--yes"),
        (["stream", "remove", "x"], "--yes"),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, list) else "",
)
def test_without_a_terminal_nothing_is_asked(words, says, tmp_path):
    environment = {k: v for k, v in os.environ.items() if k != "TOWPATH_ODOO_KEY"}
    ended = subprocess.run(
        [sys.executable, "-m", "towpath", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=environment | {"TOWPATH_HOME": str(tmp_path)},
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert not ended.stdout
    assert says in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("redirection", "status", "says"),
    [("<&-", 2, "SQL is empty"), ("</dev/null >&-", 2, "SQL is empty"), ("--list >&-", 0, "")],
)
def test_closed_streams_are_no_surprise(redirection, status, says, tmp_path):
    ended = subprocess.run(
        [
            "sh",
            "-c",
            f"exec {sys.executable} -m towpath sql {'' if 'list' in redirection else '-'} {redirection}",
        ],
        capture_output=True,
        text=True,
        env=os.environ | {"TOWPATH_HOME": str(tmp_path)},
        timeout=60,
        check=False,
    )
    assert ended.returncode == status, ended.stderr
    assert says in ended.stderr
    assert "not expect" not in ended.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has /dev/full")
def test_a_full_disk_is_told_in_one_sentence(tmp_path):
    ended = subprocess.run(
        ["sh", "-c", f"exec {sys.executable} -m towpath sql --list > /dev/full"],
        capture_output=True,
        text=True,
        env=os.environ | {"TOWPATH_HOME": str(tmp_path)},
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1
    assert "No space left" in ended.stderr
