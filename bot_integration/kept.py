"""The last deltas of a stream, for those who come back."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic_core import from_json, to_json

from bot_integration.frames import Delta, DeltaKind

#: Deltas that are kept.
KEPT = 10_000
#: As much memory they may take, in the bot's process; where they are larger than that, fewer are kept.
KEPT_BYTES = 16 * 2**20
#: Deltas that are encoded at one go: no other thread runs meanwhile.
_AT_ONE_GO = 250


@dataclass(frozen=True, slots=True)
class _Chunk:
    #: As JSON: a tenth of the memory that mappings take.
    given: bytes
    count: int

    def deltas(self) -> list[Delta]:
        return [Delta(DeltaKind(kind), data) for kind, data in from_json(self.given)]


class Kept:
    """As many of the newest deltas as were asked for, in order."""

    def __init__(self, most: int = KEPT, most_bytes: int = KEPT_BYTES) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._chunks: deque[_Chunk] = deque()
        self._count = 0
        self._bytes = 0

    def __len__(self) -> int:
        return min(self._count, self._most)

    @property
    def bytes(self) -> int:
        """The memory that they take."""
        return self._bytes

    def add(self, deltas: Sequence[Delta]) -> None:
        """Keep these, too. Raises `ValueError` where JSON cannot say one of them, and then keeps none."""
        chunks = []
        for first in range(0, len(deltas), _AT_ONE_GO):
            some = deltas[first : first + _AT_ONE_GO]
            chunks.append(_Chunk(encoded([(one.kind, one.data) for one in some]), len(some)))
        self._chunks.extend(chunks)
        self._count += sum(one.count for one in chunks)
        self._bytes += sum(len(one.given) for one in chunks)
        while self._chunks and (self._bytes > self._most_bytes or self._count - self._chunks[0].count >= self._most):
            oldest = self._chunks.popleft()
            self._count -= oldest.count
            self._bytes -= len(oldest.given)

    def newest(self, count: int) -> tuple[Delta, ...] | None:
        """The last so many; None where not so many are kept."""
        if not 0 <= count <= len(self):
            return None
        found: list[_Chunk] = []
        wanted = count
        # From the newest end: most have missed little.
        for chunk in reversed(self._chunks):
            if wanted <= 0:
                break
            found.append(chunk)
            wanted -= chunk.count
        deltas = [delta for chunk in reversed(found) for delta in chunk.deltas()]
        return tuple(deltas[len(deltas) - count :])

    def clear(self) -> None:
        """Keep none of them any more."""
        self._chunks.clear()
        self._count = self._bytes = 0


def encoded(said: object) -> bytes:
    """As JSON. Raises `ValueError` where it has no word for something in it."""
    return to_json(said, inf_nan_mode="null")
