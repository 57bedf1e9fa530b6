"""Where a private ask goes on: what reads is answered to who asked alone, what acts is asked by themselves."""

from dataclasses import replace

from chatops.asking.visit import Visit
from chatops.guard.permissions import Denied
from chatops.messages import Message
from chatops.reach import Reach

#: To whom the settings name rooms, nothing is done where they alone read, whatever room they ask it in.
BOUND = Denied("You may not do that privately: the settings bind you to other rooms. Ask it here without “private”.")


class Privately:
    """Takes visits aside."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    def is_beside(self, visit: Visit) -> bool:
        """Whether they are told alone what comes of a press on a card that others read: it must not take its place."""
        return self._reach.whispers(visit.room) and self._reach.alone(visit.asking.sender) != visit.room

    def told(self, visit: Visit, message: Message) -> Visit:
        """The visit with a place for what was read: the same room, where the platform shows it to one person there.

        It cannot show a file so, nor wait for a reply to what one person alone sees: what was not asked privately waits
        for it in the room.
        """
        if not visit.is_private and (message.wanted is not None or not visit.is_alone):
            return replace(visit, is_alone=False)
        own = self._reach.alone(visit.asking.sender)
        if own is None or own == visit.asking.room:
            return visit
        in_room = self._reach.whispers(visit.asking.room) and message.attachment is None and message.wanted is None
        return replace(visit, is_alone=True) if in_room else replace(visit, answer_in=own, is_alone=False)

    def asked(self, visit: Visit) -> Visit | Denied:
        """The visit as that of an ask which is not answered at once: where its asker alone reads.

        Its question stands there, and so does what comes of it; so they must be let ask there, too.
        """
        own = self._reach.alone(visit.asking.sender) if visit.is_private else None
        if own is None or own == visit.asking.room:
            return visit
        if not visit.person.may_ask_in(own):
            return BOUND
        return replace(
            visit, asking=replace(visit.asking, room=own, around=None), asked_in=visit.asking.room, replaces=None
        )
