"""What came of a try to send, as the table is told of it."""

from datetime import datetime, timedelta

from chatops.delivery.endings import Ending, Ends, Moves, Sent, Waits
from chatops.owed import Owed
from chatops.storage.deliveries import Deliveries


async def note(deliveries: Deliveries, owed: Owed, ending: Ending, now: datetime) -> None:
    """Keep it. Raises `DatabaseAway`; done twice it is as done once."""
    match ending:
        case Sent(message_id, said):
            await deliveries.sent(owed.id, message_id, now, note=said)
        case Waits(reason, wait_s, holds_chat, repeat):
            until = now + timedelta(seconds=wait_s)
            if holds_chat:
                await deliveries.hold(owed.room.platform, owed.room.id, until)
            await deliveries.wait(owed.id, until=until, reason=reason, repeat=repeat)
        case Moves(chat, reason):
            await deliveries.move(owed.room.platform, owed.room.id, chat)
            await deliveries.wait(owed.id, until=now, reason=reason)
        case Ends(state, reason):
            await deliveries.end(owed.id, state, reason)
