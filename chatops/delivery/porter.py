"""Puts one message on its platform: whole, else without what that refuses."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, tzinfo

from chatops.adapters.base import Ability, Adapter, SendError
from chatops.delivery.endings import Ending, Ends, Manner, Sent, Waits, judge
from chatops.delivery.gate import CLOSES_THE_GATE, Gate
from chatops.delivery.marks import marked
from chatops.delivery.traffic import Traffic
from chatops.messages import Delivery
from chatops.owed import Owed, State
from chatops.room import Room

#: Why what only changes a message goes nowhere: no failure, since another message says it.
NOTHING_TO_CHANGE = "the message that it would change is not there"


class Porter:
    """Tries, and says what came of it. Each try counts; one that says that the platform is away closes the gate."""

    def __init__(
        self,
        adapter: Adapter,
        gate: Gate,
        traffic: Traffic,
        now: Callable[[], datetime],
        zone_of: Callable[[Room], tzinfo] = lambda room: UTC,
    ) -> None:
        """`zone_of` is in whose time a room is told of when a late message is."""
        self._adapter = adapter
        self._gate = gate
        self._traffic = traffic
        self._now = now
        self._zone_of = zone_of
        self._finds_again = Ability.FIND_AGAIN in adapter.abilities

    async def put(self, owed: Owed, attempts: int, *, repeat: bool = False, reply_to: str | None = None) -> Ending:
        """Try it now, whatever the limits say. `attempts` counts this one, `repeat` marks it as a possible repeat."""
        if owed.only_changes and not owed.edits:
            return Ends(State.FOLDED, NOTHING_TO_CHANGE)
        with self._traffic.under_way():
            return await self._put(owed, attempts, repeat, reply_to)

    async def _put(self, owed: Owed, attempts: int, repeat: bool, reply_to: str | None) -> Ending:
        manner = Manner()
        while True:
            self._traffic.count(owed.room.id)
            try:
                message_id = await self._call(owed, manner, repeat, reply_to)
            except SendError as error:
                eased = manner.without(error.without) if error.without else None
                if owed.only_changes and eased is not None and not eased.edit:
                    return Ends(State.FOLDED, NOTHING_TO_CHANGE)
                if eased is not None:
                    manner = eased
                    continue
                if error.fault in CLOSES_THE_GATE and not error.of_room:
                    self._gate.close(error)
                # What could not be changed went as a new message, which may be there twice.
                put = owed if manner.edit else replace(owed, replaces=None)
                ending = judge(put, error, attempts, repeat=repeat, found_again=self._finds_again)
                if isinstance(ending, Waits) and ending.holds_chat:
                    self._traffic.hold(owed.room.id, ending.wait_s)
                return ending
            self._gate.note_sent()
            return Sent(message_id, manner.note)

    async def _call(self, owed: Owed, manner: Manner, repeat: bool, reply_to: str | None) -> str:
        # A card that could not be changed is a message like any other.
        put = owed if manner.edit else replace(owed, replaces=None)
        said, anew = (
            marked(put, self._now(), self._zone_of, repeat=one, topic_gone=not manner.topic) for one in (repeat, False)
        )
        posting = replace(said, delivery=Delivery(owed.id, owed.created_at, repeat, anew, owed.goes_again))
        room = owed.room if manner.topic else owed.room.without_topic
        if owed.replaces is not None and manner.edit:
            return await self._adapter.edit(room, owed.replaces, posting, plain=manner.plain)
        return await self._adapter.send(room, posting, reply_to=reply_to if manner.reply else None, plain=manner.plain)
