import base64
import io
import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.secrets import REDACTED, Redactor, Secret
from towpath.secrets.redaction import RedactingFilter, redact_event

VALUES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=6, max_size=30).filter(
    lambda text: "*" not in text
)


@given(secret=VALUES, before=st.text(max_size=10), after=st.text(max_size=10))
@pytest.mark.feature("S4.7")
def test_a_value_is_cut_out_wherever_it_stands(secret: str, before: str, after: str):
    redactor = Redactor()
    redactor.add(secret)
    assert secret not in redactor.redact(f"{before}{secret}{after}")
    assert REDACTED in redactor.redact(f"{before}{secret}{after}")


@pytest.mark.parametrize(
    "form",
    [
        lambda text: quote(text, safe=""),
        quote,
        quote_plus,
        lambda text: json.dumps({"k": text}),
        lambda text: json.dumps({"k": text}, ensure_ascii=False),
        lambda text: repr([text]),
        lambda text: base64.b64encode(text.encode()).decode(),
        lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    ],
)
@given(secret=VALUES)
def test_its_other_forms_are_cut_out_too(form: Any, secret: str):
    redactor = Redactor()
    redactor.add(secret)
    text = redactor.redact(form(secret))
    assert REDACTED in text
    for known in (json.dumps(secret)[1:-1], quote(secret, safe=""), repr(secret)[1:-1]):
        assert known not in text or len(known) < 6


@given(
    secret=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=12, max_size=40),
    before=st.binary(max_size=9),
    after=st.binary(max_size=9),
)
def test_it_is_found_inside_a_longer_base64_text(secret: str, before: bytes, after: bytes):
    """As in the header of Basic authentication, ``login:key`` encoded as a whole."""
    redactor = Redactor()
    redactor.add(secret)
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        whole = encode(before + secret.encode() + after).decode()
        text = redactor.redact(whole)
        assert REDACTED in text
        cut_out = len(whole) - (len(text) - len(REDACTED))
        assert cut_out >= len(secret) * 8 // 6 - 2, "all but the characters shared with the neighbours"


def test_many_secrets_are_quick_and_the_longest_wins():
    redactor = Redactor()
    for number in range(500):
        redactor.add(f"secret-{number:04}")
    redactor.add("secret-0001-and-more")
    assert redactor.redact("x secret-0001-and-more secret-0499 y") == f"x {REDACTED} {REDACTED} y"
    redactor.forget("secret-0499")
    assert redactor.redact("secret-0499") == "secret-0499"


def test_short_and_empty_values_are_not_taken():
    redactor = Redactor()
    for value in (None, "", "abc"):
        redactor.add(value)
    assert redactor.redact("abc") == "abc"


def test_values_inside_structures_are_found():
    redactor = Redactor()
    redactor.add("hunter2hunter2")
    value = {
        "a": ["hunter2hunter2", ("x hunter2hunter2",)],
        "hunter2hunter2": b"hunter2hunter2",
        "n": 1,
        "e": None,
    }
    assert redactor.redact_any(value) == {"a": ["***", ["x ***"]], "***": "***", "n": 1, "e": None}
    assert "hunter2" not in redactor.redact_any(ValueError("hunter2hunter2"))


def test_the_processor_redacts_every_value_of_an_event():
    Secret("processor-canary")
    event = {"event": "x processor-canary", "list": ["processor-canary"], "number": 3}
    assert redact_event(None, "info", event) == {"event": "x ***", "list": ["***"], "number": 3}


def test_the_filter_redacts_message_arguments_and_traceback():
    Secret("filter-canary")
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactingFilter())
    logger = logging.getLogger("test.filter")
    logger.addHandler(handler)
    try:
        logger.warning("one %s", "filter-canary")
        try:
            int("filter-canary")
        except ValueError:
            logger.exception("two", stack_info=True)
    finally:
        logger.removeHandler(handler)
    assert "filter-canary" not in stream.getvalue().replace('"filter-canary"', "")
    assert "one ***" in stream.getvalue()
    assert "ValueError: invalid literal for int() with base 10: '***'" in stream.getvalue()


CANARY = """
import logging, sys, threading
from towpath.errors import InputError
from towpath.logs import bound, get_logger, set_up
from towpath.secrets import Secret, Vault, key_source
from towpath.settings import load

parts = ["canary", "of", "this", "test"]
settings = load(home=sys.argv[1], log_level="debug",
                database_url="postgresql://u:" + "-".join(["database", *parts]) + "@h/d",
                storage_options={"AWS_SECRET_ACCESS_KEY": "-".join(["storage", *parts]), "AWS_REGION": "eu-west-1"})
set_up(settings, json_lines=sys.argv[2] == "json")
vault = Vault(key_source(settings))
sealed = vault.seal("-".join(parts), "a")
secret = vault.open(sealed, "a")
log = get_logger("towpath.test")
with bound(run="r1", key=secret.reveal()):
    log.info("plain", secret=secret, value=secret.reveal(), deep={"a": [secret.reveal()]}, region="eu-west-1")
    log.info("settings", settings=settings, options=settings.storage_options,
             url=settings.database_url.get_secret_value())
    logging.getLogger("some.library").warning("sent %s to %s", secret.reveal(), "there")
    try:
        raise InputError("bad " + secret.reveal(), details={"k": secret.reveal()})
    except InputError:
        log.exception("caught", sealed=sealed)
        logging.getLogger("some.library").exception("caught too")
log.info("key", key=open(sys.argv[1] + "/master.key").read())
thread = threading.Thread(target=lambda: 1 / len(secret.reveal()[:0]) + {}[secret.reveal()])
thread.start()
thread.join()
raise RuntimeError(secret.reveal())
"""


@pytest.mark.feature("S4.7")
@pytest.mark.parametrize("form", ["json", "console"])
def test_no_secret_reaches_the_log_or_the_console(tmp_path: Path, form: Any):
    done = subprocess.run(
        [sys.executable, "-c", CANARY, str(tmp_path), form],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert "canary-of-this-test" not in done.stderr
    assert (tmp_path / "master.key").read_text().strip() not in done.stderr
    assert "eu-west-1" in done.stderr
    assert "r1" in done.stderr
    assert "RuntimeError: ***" in done.stderr
    assert "ZeroDivisionError" in done.stderr
    if form == "json":
        lines = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
        assert {"plain", "settings", "caught", "sent *** to there"} <= {line["event"] for line in lines}
        assert all({"timestamp", "level", "logger"} <= line.keys() for line in lines)
        assert lines[0]["run"] == "r1"
