"""What people install: one wheel with the library, the command line, the server and the workspace."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import httpx2
import orjson
import pytest

from towpath.server.workspace import BUILT

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(not (BUILT / "index.html").is_file(), reason="the workspace is not built")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, unpacked as an installation does."""
    folder = tmp_path_factory.mktemp("wheel")
    made = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_it_holds_all_that_is_needed_and_nothing_else(installed: Path):
    package = ROOT / "src" / "towpath"
    there = {str(path.relative_to(installed / "towpath")) for path in (installed / "towpath").rglob("*.*")}
    wanted = {
        str(path.relative_to(package))
        for path in package.rglob("*")
        if path.is_file() and "ui" not in path.relative_to(package).parts and "__pycache__" not in path.parts
    }
    assert {name for name in wanted - there if not name.startswith("server/static/.")} == set()
    assert not [name for name in there if name.endswith((".tsx", ".map"))]


def test_it_serves_the_workspace_from_any_folder(installed: Path, tmp_path: Path):
    process = subprocess.Popen(
        [sys.executable, "-m", "towpath", "up", "--json", "--port", "0", "--no-work"],
        env=os.environ | {"PYTHONPATH": str(installed), "TOWPATH_HOME": str(tmp_path / "home")},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        address = f"http://127.0.0.1:{orjson.loads(process.stdout.readline())['port']}"
        page = httpx2.get(address).text
        assert '<div id="root">' in page
        assert httpx2.get(f"{address}/readyz").status_code == 200
        found = orjson.loads(httpx2.get(f"{address}/api/v1/openapi.json").content)
        assert len(found["paths"]) > 60
    finally:
        process.terminate()
        process.communicate(timeout=90)
