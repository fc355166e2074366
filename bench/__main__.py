"""`python -m bench` runs every benchmark."""

from bench import replicate, scale, server
from bench.report import write_page

replicate.main()  # first: a process inherits the peak of memory of the one that starts it
scale.main()
server.main()
write_page()
