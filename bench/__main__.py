"""`python -m bench` runs every benchmark."""

from bench import replicate, scale
from bench.report import write_page

scale.main()
replicate.main()
write_page()
