"""What may go to one platform now, and when the rest may: by its limits, and by whether it can be reached."""

from collections.abc import Awaitable, Callable, Iterator, Set
from contextlib import contextmanager

from chatops.adapters.base import Adapter
from chatops.delivery.aside import Allowed
from chatops.delivery.endings import Waits
from chatops.delivery.gate import Gate
from chatops.delivery.limits import Limits
from chatops.owed import Lane, Owed

#: So many are claimed at once.
AT_ONCE = 16
#: So long a message that was claimed waits for the limits at most; for longer it goes back to where it waited, since a
#: claim does not last for ever.
KEPT_S = 5.0


class Traffic:
    """Counts what goes to the chats of one platform. `monotonic` gives seconds."""

    def __init__(
        self, adapter: Adapter, gate: Gate, monotonic: Callable[[], float], sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self._adapter = adapter
        self._gate = gate
        self._time = monotonic
        self._sleep = sleep
        self._limits = Limits(adapter.pace)
        #: Chats that were written to lately, and may still have to be spared.
        self._spared: set[str] = set()
        self._under_way = 0

    @property
    def must_wait_for_another(self) -> bool:
        """Whether nothing may be tried before what is on its way has arrived."""
        return not self._gate.is_proven and self._under_way > 0

    def wait_s(self, owed: Owed) -> float:
        """Seconds until the limits let it go, 0.0 for at once."""
        chat = owed.room.id
        return self._limits.wait_s(chat, owed.lane, self._time(), group=self._adapter.is_group(chat))

    async def wait(self, owed: Owed) -> None:
        """Until the limits let it go, where that is soon.

        Several were claimed at once: each but the first may have to wait for the platform as a whole.
        """
        while 0 < (wait_s := self.wait_s(owed)) <= KEPT_S:
            await self._sleep(wait_s)

    def held_back(self, owed: Owed) -> Waits | None:
        """Why it may not go now; None where it may."""
        if not self._gate.is_open:
            return Waits("held back: the platform cannot be reached")
        if self.must_wait_for_another:
            return Waits("held back until another message has got through")
        wait_s = self.wait_s(owed)
        return Waits("held back by the limits of the platform", wait_s) if wait_s > 0 else None

    def allowance(self, owed: Owed) -> int:
        """How many like this could go to its chat right now."""
        chat = owed.room.id
        return self._limits.allowance(chat, owed.lane, self._time(), group=self._adapter.is_group(chat))

    def count(self, chat: str) -> None:
        """One goes there, whatever comes of it."""
        self._limits.count(chat, self._time(), group=self._adapter.is_group(chat))
        self._spared.add(chat)

    def hold(self, chat: str, wait_s: float) -> None:
        """The platform wants nothing there for so long."""
        self._limits.hold(chat, self._time() + wait_s)
        self._spared.add(chat)

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """For as long as the block lasts a message is on its way, and nobody knows whether it arrives."""
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    def allowed(self, busy: Set[str]) -> tuple[Allowed | None, float | None]:
        """Which chats may be written to now (None for no chat), and in how many seconds more of them may.

        `busy` are those that something is on its way to. No seconds where only news can tell.
        """
        now = self._time()
        overall = self._limits.overall_wait_s(Lane.EMERGENCY, now)
        if overall > 0:
            return None, overall
        for_the_rest = self._limits.overall_wait_s(Lane.INFO, now)
        waits = [for_the_rest] if for_the_rest > 0 else []
        nothing, urgent_only = set(busy), set()
        for chat in tuple(self._spared):
            group = self._adapter.is_group(chat)
            any_lane = self._limits.wait_s(chat, Lane.INFO, now, group=group)
            if any_lane <= 0:
                self._spared.discard(chat)
                continue
            waits.append(any_lane)
            urgent = self._limits.wait_s(chat, Lane.EMERGENCY, now, group=group)
            if urgent > 0:
                nothing.add(chat)
                waits.append(urgent)
            else:
                urgent_only.add(chat)
        # While nobody knows whether messages get through, one finds out for all.
        limit = AT_ONCE if self._gate.is_proven else 1
        allowed = Allowed(limit, tuple(nothing), tuple(urgent_only), all_urgent_only=for_the_rest > 0)
        return allowed, min(waits, default=None)
