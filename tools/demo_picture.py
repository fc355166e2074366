"""Draw docs/demo.svg from a real run of the demo: ``python tools/demo_picture.py``.

Runs the demo and one question in a fresh home folder and paints what the terminal showed.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

TARGET = Path(__file__).parents[1] / "docs" / "demo.svg"
QUESTION = (
    "select currency_id__name currency, payment_state__label paid, count(*) invoices, "
    "sum(amount_total) total from account_move where state = 'posted' group by all order by all"
)


def shown(*arguments: str, home: str) -> str:
    """What a terminal shows of a command, colours included."""
    environment = os.environ | {
        "TOWPATH_HOME": home,
        "FORCE_COLOR": "1",
        "COLUMNS": "104",
        "TTY_INTERACTIVE": "0",
    }
    done = subprocess.run(  # noqa: S603  # our own command
        [sys.executable, "-m", "towpath", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return (done.stderr + done.stdout).replace(home, ".towpath")


def main() -> None:
    """Run, paint, write."""
    with tempfile.TemporaryDirectory(prefix="towpath-picture-") as home:
        report = shown("demo", "--once", home=home)
        answer = shown("sql", QUESTION, home=home)
    report = re.sub(r"^.*towpath_demo.*$", "", report, flags=re.MULTILINE).rstrip()
    console = Console(record=True, width=104, file=io.StringIO(), force_terminal=True)
    console.print(Text("$ make demo ONCE=1", style="bold"))
    console.print(Text.from_ansi(report))
    console.print(Text(f'\n$ .venv/bin/towpath sql "{QUESTION}"', style="bold"))
    console.print(Text.from_ansi(answer.rstrip()))
    console.save_svg(str(TARGET), title="Towpath")
    svg = TARGET.read_text(encoding="utf-8")
    # The picture must not fetch a font from anywhere.
    TARGET.write_text(re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
    main()
