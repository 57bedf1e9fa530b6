"""The process that draws: facts come in by its first pipe, pictures go out by its second, one after the other.

Each is a length in four bytes and so many bytes. Before it takes on anything it says that it is ready; it ends when
its first pipe does, so that it never outlives who started it.
"""

import contextlib
import os
import pickle
import traceback
from collections.abc import Callable
from typing import BinaryIO

LENGTH = 4
#: The first byte of each answer: ready, a picture, the words of an error.
READY, PICTURE, ERROR = b"R", b"P", b"E"
#: It never takes a core from what trades.
_NICE = 10


def serve(asked: BinaryIO, answers: BinaryIO) -> None:
    """Draw until nothing more is asked."""
    try:
        draw = _warm()
    except Exception:  # noqa: BLE001 - it is told to who started this process, and ends it
        _say(answers, ERROR, traceback.format_exc().encode())
        return
    _say(answers, READY, b"")
    while (size := asked.read(LENGTH)) and (question := asked.read(int.from_bytes(size, "big"))):
        try:
            answer = PICTURE, draw(question)
        except Exception:  # noqa: BLE001 - one picture that fails is not the next one's fault
            answer = ERROR, traceback.format_exc().encode()
        _say(answers, *answer)


def main() -> None:
    """Serve by the standard pipes; what anything else prints goes to the third."""
    with contextlib.suppress(AttributeError, OSError):
        os.nice(_NICE)
    with os.fdopen(os.dup(0), "rb") as asked, os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        with contextlib.suppress(BrokenPipeError):
            serve(asked, answers)
    # Nothing has to be put away, and whoever waits for the end of it should not for the rest of Python.
    os._exit(0)


def _warm() -> Callable[[bytes], bytes]:
    """What draws, after a first picture: half of what that takes is never needed again."""
    import matplotlib as mpl

    from chatops.charts.drawing import figure, png
    from chatops.charts.facts import Exposure, Held
    from chatops.charts.style import Style

    # What a person has set for their own plots is not for ours.
    mpl.rcdefaults()

    def draw(question: bytes) -> bytes:
        facts, style = pickle.loads(question)  # noqa: S301 - it comes from the program that started this process
        return png(figure(facts, style))

    png(figure(Exposure("", 0.0, (Held("", 1.0, 1.0),)), Style()))
    return draw


def _say(answers: BinaryIO, kind: bytes, content: bytes) -> None:
    answers.write((len(content) + 1).to_bytes(LENGTH, "big") + kind + content)
    answers.flush()


if __name__ == "__main__":
    main()
