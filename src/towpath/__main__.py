"""`python -m towpath` is the same as `towpath`."""

import sys

from towpath.cli import main

sys.exit(main())
