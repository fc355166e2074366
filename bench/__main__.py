"""`python -m bench` runs every benchmark."""

from bench.replicate import main

main()
