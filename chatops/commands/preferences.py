"""Answers to what rooms and people choose for themselves: notices, the pinned status, how they read."""

from bot_integration import Outcome
from chatops.asks import AS_USUAL, EVERY_KIND, Pin, Prefs
from chatops.commands.habits import HabitCommands
from chatops.commands.registry import Asking, Registry, Reply
from chatops.guard.permissions import Allowed, Permissions
from chatops.notices.kinds import USUAL, Loudness, NoticeKind
from chatops.pinned import UPDATE_EVERY_S, InSight, NotPinned, PinnedStatus
from chatops.preferences import Preferences
from chatops.room import Room
from chatops.views import pinned
from chatops.views import preferences as views


class PreferenceCommands:
    """Shows and changes what the room that asks has chosen. To change it again to the same does no harm."""

    def __init__(
        self,
        preferences: Preferences,
        status: PinnedStatus,
        permissions: Permissions,
        habits: HabitCommands,
    ) -> None:
        self._preferences = preferences
        self._habits = habits
        self._status = status
        self._permissions = permissions

    def register(self, registry: Registry) -> None:
        """Answer these words."""
        registry.on(Prefs, self.prefs)
        registry.on(Pin, self.pin)

    async def prefs(self, ask: Prefs, asking: Asking) -> Reply:
        """The notices of this room, or how somebody reads, after the change where one is asked for."""
        # A room that has moved since keeps what it chose.
        await self._preferences.load()
        if ask.habit is not None:
            return await self._habits.answer(ask, ask.habit, asking)
        if self._preferences.is_muted(asking.home):
            return Reply(views.muted(), Outcome.REFUSED if ask.to else Outcome.DONE)
        may_change = isinstance(self._permissions.check(asking.person, Prefs(to=Loudness.OFF)), Allowed)
        if not ask.what:
            return Reply(views.notices(self._heard(asking.home), may_change, reads=await self._habits.briefly(asking)))
        what, to = ask.what.casefold(), ask.to.casefold()
        if what != EVERY_KIND and what not in set(NoticeKind):
            return Reply(views.no_such_preference(ask.what), Outcome.REFUSED)
        kinds = tuple(NoticeKind) if what == EVERY_KIND else (NoticeKind(what),)
        if not to:
            if what == EVERY_KIND:
                return Reply(views.notices(self._heard(asking.home), may_change))
            (kind,) = kinds
            return Reply(views.notice_kind(kind, self._preferences.loudness(asking.home, kind), may_change))
        if to != AS_USUAL and to not in set(Loudness):
            return Reply(views.no_such_loudness(ask.to, what), Outcome.REFUSED)
        wanted = {kind: USUAL[kind] if to == AS_USUAL else Loudness(to) for kind in kinds}
        await self._preferences.set_loudness(asking.home, wanted, asking.person.name)
        heard, changed = self._heard(asking.home), views.now_heard(what, to)
        if asking.pressed:
            return Reply(views.notices(heard, may_change, changed, reads=await self._habits.briefly(asking)))
        return Reply(views.changed(changed, kinds))

    async def pin(self, ask: Pin, asking: Asking) -> Reply:
        """Pin the status of the bots in this room, or let it go."""
        if ask.switch == "on" and asking.person.bots is not None:
            return Reply(pinned.shows_every_bot(), Outcome.REFUSED)
        await self._preferences.load()
        if ask.switch == "off":
            return Reply(pinned.unpinned(await self._status.unpin(asking.home)))
        match await self._status.pin(asking.home, asking.person.name):
            case InSight():
                return Reply(pinned.pinned(UPDATE_EVERY_S))
            case NotPinned(reason):
                return Reply(pinned.pin_refused(reason), Outcome.PARTIAL)
            case _:
                return Reply(pinned.not_shown_yet(), Outcome.UNKNOWN)

    def _heard(self, room: Room) -> dict[NoticeKind, Loudness]:
        return {kind: self._preferences.loudness(room, kind) for kind in NoticeKind}
