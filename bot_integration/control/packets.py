"""Frames as they go out: each is encoded once, however many read it."""

import asyncio
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from bot_integration.control.codec import Encoding, encode, encode_changed, encode_event, encode_whole
from bot_integration.feed import Feed
from bot_integration.frames import CHANNEL_OF, Beat, Changed, Channel, Delta, Resume, Stamp, Whole, Why

#: Frames of a feed that are kept as they are; what is older the feed finds again.
RECENT = 16
#: Deltas that are encoded in one go; a bot on another thread of this process waits for no more.
DELTAS_AT_ONCE = 200
#: Long enough for another thread to take the interpreter's lock, where one waits for it.
GIVE_WAY_S = 0.000_05


@dataclass(frozen=True, slots=True)
class Wish:
    """What a client wants to be told, and how; channels of None are all."""

    encoding: Encoding
    channels: frozenset[Channel] | None


@dataclass(frozen=True, slots=True)
class Packet:
    """A WebSocket frame, and where who reads it stands then. Empty where nothing in it is for this wish."""

    session_id: UUID
    seq: int
    bytes: bytes


class Packets:
    """What to send to bring a reader up to date with a feed, on the loop of the feed."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._whole: Whole | None = None
        #: Of where the feed stands now.
        self._made: dict[tuple[object, ...], Packet | None] = {}
        #: The newest changes, as they were handed out: nearly everybody stands where one of them begins.
        self._recent: deque[Changed] = deque(maxlen=RECENT)

    def hear(self, frame: Whole | Changed) -> None:
        """Take in what the feed hands out."""
        if isinstance(frame, Changed):
            self._recent.append(frame)
        else:
            self._recent.clear()

    def forget(self, seq: int) -> None:
        """Nobody needs what leads up to there any more."""
        while self._recent and self._recent[0].stamp.seq <= seq:
            self._recent.popleft()

    def stamp(self) -> Stamp | None:
        """Where the feed stands; None while the bot has published nothing."""
        whole = self._feed.whole
        if whole is None:
            return None
        if self._whole is None or whole.stamp != self._whole.stamp:
            self._whole = whole
            self._made.clear()
        return whole.stamp

    def whole(self, why: Why, encoding: Encoding) -> Packet:
        """All there is."""
        key = (why, encoding)
        if (made := self._made.get(key)) is None:
            whole = self._now()
            frame = Whole(whole.stamp, whole.snapshot, why)
            made = self._made[key] = _packet(whole.stamp, encode_whole(frame, encoding), encoding)
        return made

    def since(self, session_id: UUID, seq: int, wish: Wish) -> Packet | None:
        """What came after that; None where that is no longer known."""
        key = (session_id, seq, wish)
        if key not in self._made:
            changed = self._changed(Resume(session_id, seq))
            self._made[key] = None if changed is None else _told(changed, seq + 1, wish)
        return self._made[key]

    def beat(self, encoding: Encoding) -> Packet:
        """A sign of life."""
        key = ("beat", encoding)
        if (made := self._made.get(key)) is None:
            stamp = self._now().stamp
            made = self._made[key] = _packet(stamp, encode(Beat(stamp), encoding), encoding)
        return made

    async def caught_up(self, resume: Resume, wish: Wish) -> Packet | None:
        """What a reader missed that comes back; None where that is no longer known.

        It may be ten thousand deltas: they are encoded a few at a time, and while that goes on more may come.
        """
        missed = self._feed.since(resume)
        if missed is None:
            return None
        events: list[bytes] = []
        for begin in range(0, len(missed.deltas), DELTAS_AT_ONCE):
            some = missed.deltas[begin : begin + DELTAS_AT_ONCE]
            events += _encoded(some, resume.last_seq + 1 + begin, wish)
            await give_way()
        payload = encode_changed(missed.stamp, events, wish.encoding, caught_up=True)
        return _packet(missed.stamp, payload, wish.encoding)

    def _changed(self, resume: Resume) -> Changed | None:
        found: deque[Delta] = deque()
        for frame in reversed(self._recent):
            found.extendleft(reversed(frame.deltas))
            if frame.stamp.seq - len(frame.deltas) == resume.last_seq:
                return Changed(self._now().stamp, tuple(found))
        return self._feed.since(resume)

    def _now(self) -> Whole:
        assert self._whole is not None, "asked for a packet before there was anything"
        return self._whole


def _encoded(deltas: Iterable[Delta], first: int, wish: Wish) -> list[bytes]:
    return [
        encode_event(delta, seq, wish.encoding)
        for seq, delta in enumerate(deltas, first)
        if wish.channels is None or CHANNEL_OF[delta.kind] in wish.channels
    ]


def _told(changed: Changed, first: int, wish: Wish) -> Packet:
    stamp, events = changed.stamp, _encoded(changed.deltas, first, wish)
    if not events:
        return Packet(stamp.session_id, stamp.seq, b"")
    return _packet(stamp, encode_changed(stamp, events, wish.encoding, caught_up=False), wish.encoding)


async def give_way() -> None:
    """Let other tasks have their turn, and other threads the interpreter."""
    # It has to block: a lock that is let go and taken again at once is never seen to be free.
    time.sleep(GIVE_WAY_S)  # noqa: ASYNC251
    await asyncio.sleep(0)


def framed(payload: bytes, encoding: Encoding) -> bytes:
    """A message of the WebSocket protocol, whole and unmasked, as a server sends it (RFC 6455, section 5.2)."""
    first = b"\x81" if encoding is Encoding.JSON else b"\x82"
    length = len(payload)
    if length < 126:
        return first + length.to_bytes(1, "big") + payload
    if length < 65_536:
        return first + b"\x7e" + length.to_bytes(2, "big") + payload
    return first + b"\x7f" + length.to_bytes(8, "big") + payload


def _packet(stamp: Stamp, payload: bytes, encoding: Encoding) -> Packet:
    return Packet(stamp.session_id, stamp.seq, framed(payload, encoding))
