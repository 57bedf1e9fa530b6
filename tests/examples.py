"""How much the tests try that make up their own cases: enough to find what breaks soon, much more where asked for."""

import os

#: Set to anything but nothing; for a change in what such a test is about, and for a night.
VARIABLE = "QUARTERDECK_LONG_TESTS"
_LONGER = 10


def examples(quick: int) -> int:
    """So many in every run, ten times as many where long tests are asked for."""
    return quick * _LONGER if os.environ.get(VARIABLE) else quick
