"""How long to wait before trying again."""

from collections.abc import Callable, Iterator


def backoff(first_s: float, longest_s: float, chance: Callable[[], float]) -> Iterator[float]:
    """Seconds, without end: each up to twice the last until `longest_s`, and never less than half of that.

    `chance` gives 0 to 1, so that many who lost the same bot do not come back as one.
    """
    ceiling = first_s
    while True:
        yield ceiling * (0.5 + chance() / 2)
        ceiling = min(ceiling * 2, longest_s)
