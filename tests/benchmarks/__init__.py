"""The promises that are numbers, measured: `python -m tests.benchmarks`, or `make bench`.

Machines differ and are noisy, so what is told is how many times longer something takes than a baseline that is
measured beside it in the same run. Nothing here is a test: a promise that is not met is printed as such.
"""
