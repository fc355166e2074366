"""A process that calls Odoo as fast as it may, for the tests of the budget: NAME SECONDS [SLOW_AFTER].

Prints `ready` after its first call, begins at a line of input, and prints the moments of its answers as JSON.
"""

from __future__ import annotations

import json
import sys
import time

from towpath.features.connections import service
from towpath.hub import open_hub


def main() -> None:
    name, seconds = sys.argv[1], float(sys.argv[2])
    answered = []
    with open_hub() as hub, service.open_odoo(hub, service.find(hub, name).id) as odoo:
        odoo.version  # noqa: B018  # the first call
        if len(sys.argv) > 3:
            odoo.pace.slow_after = float(sys.argv[3])
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        end = time.time() + seconds
        while time.time() < end:
            odoo.search_count("res.country", [])
            answered.append(time.time())
    sys.stdout.write(json.dumps(answered) + "\n")


if __name__ == "__main__":
    main()
