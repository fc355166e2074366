"""The page about the REST API says what is so: its commands run, one after the other."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from towpath.access import Grant, Role
from towpath.features.connections import service as connections
from towpath.features.replicate import service

PAGE = Path(__file__).parents[2] / "docs" / "api.md"


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("jq")), reason="needs curl and jq")
@pytest.mark.feature("S2.1", "S2.12", "S2.21")
def test_the_commands_of_the_page_run(hub, served, odoo19, token, tmp_path):
    account = odoo19.users["admin"]
    script = "\n".join(re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))
    told = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env={
            "PATH": os.environ["PATH"],
            "HUB": served.removesuffix("/api/v1"),
            "TOKEN": token(Grant(role=Role.ADMIN))[1],
            "ODOO_URL": odoo19.url,
            "ODOO_LOGIN": account.login,
            "ODOO_KEY": account.key,
            "ODOO_DATABASE": odoo19.db,
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr + told.stdout
    assert '"state": "succeeded"' in told.stdout
    assert '"detail": "There is no stream' in told.stdout
    assert '"Customers and suppliers"' in told.stdout
    assert (tmp_path / "partners.parquet").read_bytes()[:4] == b"PAR1"
    for stream in service.choose(hub, connection="acme"):
        service.remove(hub, stream.id)
    connections.remove(hub, "acme")
