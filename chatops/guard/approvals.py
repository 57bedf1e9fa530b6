"""Who may approve what somebody else asked: never oneself, and nobody of less right."""

from dataclasses import dataclass

from chatops.asks import Ask
from chatops.guard.permissions import Allowed, Denied, Permissions
from chatops.people import Principal
from chatops.room import Room


@dataclass(frozen=True, slots=True)
class Request:
    """What waits for a second person."""

    ask: Ask
    asker: Principal
    #: The account from which they asked: whoever has it now.
    account: str


def may_approve(
    approver: Principal, request: Request, permissions: Permissions, room: Room, *, database_is_away: bool = False
) -> Allowed | Denied:
    """Whether `approver` may approve this in this room.

    They need every right that asking it themselves would need, and a role at least as high as the asker's. What names
    no bot reaches every one that the asker may ask about: then they may ask about all of these, too.
    """
    asker = request.asker
    if is_same(approver, asker) or request.account in map(str, approver.identities):
        return Denied("You asked for this yourself: somebody else has to approve it.")
    if not approver.role.covers(asker.role):
        return Denied(f"{asker.name} is {asker.role}: only who is at least that may approve what they ask.")
    if request.ask.moves is not None and not getattr(request.ask, "bot", "") and not _sees_all_of(approver, asker):
        return Denied(f"You may not approve that: it reaches bots of {asker.name} that you may not ask about.")
    return permissions.check(approver, request.ask, room, database_is_away=database_is_away)


def is_same(one: Principal, other: Principal) -> bool:
    """Whether these are one person, by their name or by any account."""
    return one.name.casefold() == other.name.casefold() or not one.identities.isdisjoint(other.identities)


def _sees_all_of(approver: Principal, asker: Principal) -> bool:
    return approver.bots is None or (asker.bots is not None and asker.bots <= approver.bots)
