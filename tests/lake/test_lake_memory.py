"""Arrow gives back what it does not need any more."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(("chosen", "used"), [(None, "system"), ("mimalloc", "mimalloc")])
def test_arrow_uses_the_systems_allocator_unless_somebody_chose_another(chosen: str | None, used: str):
    """Whatever of ours is imported first: by then Arrow has decided."""
    environment = {name: value for name, value in os.environ.items() if name != "ARROW_DEFAULT_MEMORY_POOL"}
    environment |= {"ARROW_DEFAULT_MEMORY_POOL": chosen} if chosen else {}
    asked = "from towpath.lake.table import pa; print(pa.default_memory_pool().backend_name)"
    done = subprocess.run(
        [sys.executable, "-c", asked], env=environment, check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == used
