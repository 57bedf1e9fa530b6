"""Loading what a program is made of."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Nobody looks for garbage while the block imports: of some hundred thousand new objects hardly one is any.

    They are left out of later looks too, since they stay as long as the program. For programs of ours alone: in a
    process of somebody else's this is not for us to decide.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
