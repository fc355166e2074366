"""The command `towpath sign-in`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from towpath.sandbox.oidc_issuer import Issuer


def run(home: Path, *words: str, given: str = "", code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "towpath", "sign-in", *words],
        env=os.environ | {"TOWPATH_HOME": str(home)},
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


@pytest.mark.feature("S3.google_signin.5")
def test_a_way_is_added_tested_switched_off_and_forgotten(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("sandbox-secret\n")
    with Issuer() as issuer:
        config = {"kind": "oidc", "issuer": issuer.url, "client_id": "towpath"}
        assert "issuer: Field required" in run(
            tmp_path, "add", "Ours", "--config", "-", given='{"kind": "oidc"}', code=2
        )
        words = ("add", "Ours", "--config", "-", "--secret-file", str(secret), "--json")
        made = run(tmp_path, *words, given=json.dumps(config))
        assert "sandbox-secret" not in made
        assert json.loads(made)["config"]["issuer"] == issuer.url
        assert "client: ok" in run(tmp_path, "test", "Ours")
        issuer.client_secret = "changed there"
        assert "client: failed" in run(tmp_path, "test", "Ours", code=1)
        assert "not offered" in run(tmp_path, "disable", "Ours")
        assert "(switched off)" in run(tmp_path, "list")
        assert "add --yes" in run(tmp_path, "remove", "Ours", code=2)
        assert "forgotten" in run(tmp_path, "remove", "Ours", "--yes")
        assert json.loads(run(tmp_path, "list", "--json")) == []
