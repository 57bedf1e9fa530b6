"""Whoever sent an update: who they are to the desk, and whether and where they are answered."""

from collections.abc import Awaitable, Callable

from chatops.adapters.slack.inbound import PLATFORM, Me, Update, account, names
from chatops.adapters.slack.places import Places
from chatops.adapters.slack.standing import Standing
from chatops.guard.codes import attempt
from chatops.messages import Incoming, Press
from chatops.people import Directory, Identity
from chatops.room import Room

#: What may come from where we are not: a form may have been open while we were taken out of its channel.
_FORM = "view"
_FROM_ANYWHERE = ("command", _FORM)

#: The account as the directory knows it; None of a stranger.
Known = Callable[[Identity], Identity | None]
#: What keeps an account from asking, as Slack tells; None where nothing does.
WhyNot = Callable[[Identity], Awaitable[str | None]]


class Senders:
    """Strangers cause no calls to Slack, but for those who say a code."""

    def __init__(self, directory: Directory, standing: Standing, places: Places, me: Callable[[], Me | None]) -> None:
        """`me` is who we are, by which members of our own workspace are known; None while nobody has told."""
        self._directory = directory
        self._standing = standing
        self._places = places
        self._me = me

    def named(self, sender: Identity) -> Identity:
        """As they stand in the settings, where they do."""
        me = self._me()
        if me is None:
            return sender
        return next((name for name in names(sender, me) if self._directory.identify(name) is not None), sender)

    def known(self, sender: Identity) -> Identity | None:
        """The same; None of a stranger."""
        name = self.named(sender)
        return None if self._directory.identify(name) is None else name

    async def why_not(self, sender: Identity) -> str | None:
        """What keeps this account from asking: it is a guest's, or no person's. None where nothing does."""
        return await self._standing.why_not(account(sender))

    async def why_not_heard(self, incoming: Incoming, sender: Identity) -> str | None:
        """The same of what they sent. A stranger is turned away anyway; but a guest is not let in by a code."""
        may_come_in = not isinstance(incoming, Press) and attempt(incoming.text) is not None
        if self._directory.identify(sender) is None and not may_come_in:
            return None
        return await self.why_not(sender)

    async def answered_in(self, update: Update, incoming: Incoming, sender: Identity) -> Room:
        """Where it was said; of a command or a form in a channel where we cannot answer, by themselves."""
        alone = Room(PLATFORM, account(sender))
        is_known = self._directory.identify(sender) is not None
        kind = update.get("kind")
        if kind not in _FROM_ANYWHERE or not is_known or incoming.room == alone:
            return incoming.room
        return incoming.room if await self._places.has_us(incoming.room.id, anew=kind == _FORM) else alone
