"""What real servers answered, step by step, beside what the sandbox answers.

The recorded scenarios lie beside the checkout; docs/sandbox-odoo-differences.md names every step that is not the same.
"""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from towpath.sandbox.odoo_server.server import OdooServer

ROOT = Path(__file__).parents[2]
RECORDED = ROOT.parent / "shared" / "odoo"
DIFFERENCES = ROOT / "docs" / "sandbox-odoo-differences.md"
LINE = re.compile(
    r"^\| (?P<versions>[\d., ]+) \| (?P<protocols>[\w, ]+) \| `(?P<scenario>[\w-]+)` \| (?P<steps>[\d, ]+) \| \S"
)
FAILED = re.compile(r"^FAIL (?P<scenario>\S+) step (?P<step>\d+) ", re.MULTILINE)
RESULT = re.compile(r"^(?P<passed>\d+) passed, (?P<failed>\d+) failed$", re.MULTILINE)

pytestmark = [
    pytest.mark.feature("S2.52"),
    pytest.mark.slow,
    pytest.mark.skipif(
        not RECORDED.is_dir(), reason="the recorded scenarios (../shared/odoo) are not on this machine"
    ),
]


def documented(version: str, protocol: str) -> set[tuple[str, int]]:
    """The steps known to differ, from the table of the document."""
    found: set[tuple[str, int]] = set()
    for line in DIFFERENCES.read_text(encoding="utf-8").splitlines():
        row = LINE.match(line)
        if row and version in row["versions"] and protocol in row["protocols"]:
            found |= {(row["scenario"], int(step)) for step in row["steps"].split(",")}
    return found


@pytest.mark.timeout(1000)  # on a busy machine
@pytest.mark.parametrize(
    ("version", "protocol"),
    [("19.0", "jsonrpc"), ("19.0", "json2"), ("19.0", "xmlrpc"), ("17.0", "jsonrpc"), ("17.0", "xmlrpc")],
)
def test_recorded_scenarios(version: str, protocol: str, odoo_factory: Callable[..., OdooServer]):
    odoo = odoo_factory(version=version)
    options = ["--url", odoo.url, "--db", odoo.db, "--login", "admin", "--password", "key-admin"]
    options += ["--limited", "limited:key-limited", "--version", version, "--protocol", protocol]
    folders = [str(RECORDED / "scenarios"), str(RECORDED / f"scenarios-{protocol}")]
    run = subprocess.run(
        [sys.executable, str(RECORDED / "replay.py"), *options, *folders],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    result = RESULT.search(run.stdout)
    assert result, run.stdout[-2000:] + run.stderr[-2000:]
    passed, failed = int(result["passed"]), int(result["failed"])
    assert passed >= 0.95 * (passed + failed), run.stdout[-5000:]
    different = {(row["scenario"], int(row["step"])) for row in FAILED.finditer(run.stdout)}
    known = documented(version, protocol)
    assert different - known == set(), f"not in {DIFFERENCES.name}:\n{run.stdout[-5000:]}"
    assert known - different == set(), f"the same as real by now, to be struck from {DIFFERENCES.name}"
