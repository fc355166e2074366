"""`python -m bench` runs every benchmark."""

from bench import replicate, scale
from bench.report import write_page

replicate.main()  # first: a process inherits the peak of memory of the one that starts it
scale.main()
write_page()
