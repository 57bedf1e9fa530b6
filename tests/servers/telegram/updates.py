"""What is owed to the bot: the queue behind getUpdates and the webhook."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from tests.servers.common.bell import Bell
from tests.servers.common.refusal import Dropped
from tests.servers.telegram.errors import ApiError, Breach
from tests.servers.telegram.limits import (
    CALLBACK_QUERY_TTL_S,
    GET_UPDATES_LIMIT,
    GET_UPDATES_TIMEOUT_MAX_S,
    UPDATE_TTL_S,
)
from tests.servers.telegram.texts import Text

Update = dict[str, Any]

#: Everything that the platform can hand over.
_KINDS = (
    "message edited_message channel_post edited_channel_post business_connection "
    "business_message edited_business_message deleted_business_messages guest_message "
    "message_reaction message_reaction_count inline_query chosen_inline_result "
    "callback_query shipping_query pre_checkout_query purchased_paid_media poll "
    "poll_answer my_chat_member chat_member chat_join_request chat_boost "
    "removed_chat_boost managed_bot"
)
UPDATE_KINDS = frozenset(_KINDS.split())
#: Not sent unless asked for by name.
_ASKED_FOR = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
#: How many delivered updates can be sent again.
_REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class _Owed:
    update: Update
    expires_at: float

    @property
    def id(self) -> int:
        return int(self.update["update_id"])


@dataclass(slots=True)
class _Poll:
    """A getUpdates that waits; `ended` says why it must stop."""

    ended: ApiError | Dropped | None = field(default=None)


class UpdateQueue:
    """Updates in order, each kept until it is confirmed or too old.

    `now` gives Unix seconds. An update counts as confirmed when getUpdates is called with a
    higher offset, or when a webhook has answered with 2xx.
    """

    def __init__(self, now: Callable[[], float], changed: Bell, *, first_id: int, paces_repeats: bool) -> None:
        #: Rings when there is more to deliver; `changed` when there is less.
        self.bell = Bell()
        self._changed = changed
        self._now = now
        self._next_id = first_id
        self._paces_repeats = paces_repeats
        self._owed: deque[_Owed] = deque()
        self._again: list[Update] = []
        self._newest_first = False
        self._delivered: dict[int, Update] = {}
        self._allowed: frozenset[str] = UPDATE_KINDS - _ASKED_FOR
        self._allowed_as_given: list[str] = []
        self._poll: _Poll | None = None
        self._last_offset: int | None = None
        self._last_started = 0.0

    @property
    def pending(self) -> list[Update]:
        """What is not confirmed yet, oldest first."""
        self._drop_expired()
        return [*self._again, *(owed.update for owed in self._owed)]

    @property
    def is_polled(self) -> bool:
        """Whether the bot is waiting in getUpdates at this moment."""
        return self._poll is not None

    @property
    def allowed_as_given(self) -> list[str]:
        return list(self._allowed_as_given)

    def allow(self, kinds: Sequence[str]) -> None:
        """Set what to hand over from now on; what is in the queue stays in it."""
        unknown = set(kinds) - UPDATE_KINDS
        if unknown:
            raise Breach(f"allowed_updates has no {sorted(unknown)}")
        self._allowed = frozenset(kinds) or UPDATE_KINDS - _ASKED_FOR
        self._allowed_as_given = list(kinds)

    def push(self, kind: str, payload: Mapping[str, Any]) -> int | None:
        """Owe an update to the bot; None where the bot does not want this kind."""
        if kind not in self._allowed:
            return None
        return self.push_raw({kind: dict(payload)})

    def push_raw(self, raw: Mapping[str, Any]) -> int:
        """Owe an update of any form; it gets an `update_id` where it has none."""
        update = {"update_id": self._next_id, **raw}
        self._next_id = max(self._next_id, int(update["update_id"])) + 1
        ttl = CALLBACK_QUERY_TTL_S if "callback_query" in raw else UPDATE_TTL_S
        self._owed.append(_Owed(update, self._now() + ttl))
        self.bell.ring()
        return int(update["update_id"])

    def redeliver(self, count: int = 1) -> list[Update]:
        """Send the last delivered updates again, under their old ids, confirmed or not."""
        self._again = list(self._delivered.values())[-count:] if count else []
        self.bell.ring()
        return list(self._again)

    def reorder(self) -> None:
        """Hand over the next batch of several updates with the newest first, as no bot may rely on their order."""
        self._newest_first = True

    async def poll(self, *, offset: int = 0, limit: int = GET_UPDATES_LIMIT[1], timeout_s: int = 0) -> list[Update]:
        """Answer one getUpdates. Confirms when it is called, not when it answers."""
        limit = min(max(limit, GET_UPDATES_LIMIT[0]), GET_UPDATES_LIMIT[1])
        timeout_s = min(max(timeout_s, 0), GET_UPDATES_TIMEOUT_MAX_S)
        limit, timeout_s = self._paced(offset, limit, timeout_s)
        self._confirm(offset)
        self.end_poll(ApiError(409, Text.OTHER_POLL))
        poll = self._poll = _Poll()
        self._changed.ring()
        try:
            await self.bell.until(lambda: poll.ended or self.pending, timeout_s)
            if poll.ended is not None:
                raise poll.ended
            return self.take(limit)
        finally:
            if self._poll is poll:
                self._poll = None
            self._changed.ring()

    def take(self, limit: int) -> list[Update]:
        """The next updates to deliver. They stay owed until they are confirmed."""
        again, self._again = self._again[:limit], self._again[limit:]
        self._drop_expired()
        owed = list(islice(self._owed, limit - len(again)))
        self._delivered.update((one.id, one.update) for one in owed)
        while len(self._delivered) > _REMEMBERED:
            del self._delivered[next(iter(self._delivered))]
        batch = again + [one.update for one in owed]
        if self._newest_first and len(batch) > 1:
            self._newest_first = False
            batch.reverse()
        return batch

    def confirm_through(self, update_id: int) -> None:
        """Forget every update up to this one."""
        while self._owed and self._owed[0].id <= update_id:
            self._owed.popleft()
        self._changed.ring()

    def end_poll(self, reason: ApiError | Dropped) -> None:
        """End the poll that waits, if there is one."""
        if self._poll is not None:
            self._poll.ended = reason
            self.bell.ring()

    def drop_pending(self) -> None:
        self._owed.clear()
        self._again.clear()

    def _confirm(self, offset: int) -> None:
        if offset > 0:
            self.confirm_through(offset - 1)
        elif offset < 0:
            while len(self._owed) > -offset:
                self._owed.popleft()

    def _drop_expired(self) -> None:
        now = self._now()
        if any(owed.expires_at <= now for owed in self._owed):
            self._owed = deque(owed for owed in self._owed if owed.expires_at > now)

    def _paced(self, offset: int, limit: int, timeout_s: int) -> tuple[int, int]:
        """The same offset again within 3 s waits at least 3 s; within 0.5 s it gets one."""
        since, repeated = self._now() - self._last_started, offset == self._last_offset
        self._last_offset, self._last_started = offset, self._now()
        if not (self._paces_repeats and repeated):
            return limit, timeout_s
        return (1 if since < 0.5 else limit), (max(timeout_s, 3) if since < 3 else timeout_s)
