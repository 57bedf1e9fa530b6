"""Forms for people whom we know: of words that they may ask, with what they may see suggested."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from chatops.asks import Ask
from chatops.asks.custom import CustomAsk
from chatops.filling.matching import matching
from chatops.filling.narrowing import Narrowing
from chatops.filling.shaping import pressed_form, typed_form
from chatops.filling.suggesting import Gap, Suggesting
from chatops.fleet import Fleet
from chatops.forms import Form, Option
from chatops.grammar import Misread, faults, parse
from chatops.guard.permissions import Allowed, Permissions
from chatops.guard.presses import Presses, StoredPress, Verdict, could_be_ours, judge
from chatops.people import Directory, Identity, Principal
from chatops.redactor import Redactor
from chatops.room import Room
from chatops.storage.errors import DatabaseAway
from chatops.vocabulary import Vocabulary

log = logging.getLogger(__name__)

#: Longer values no word takes whose argument names something.
_LONGEST = 64


class Forming:
    """The `Forms` of a desk."""

    def __init__(
        self,
        *,
        directory: Directory,
        fleet: Fleet,
        vocabulary: Vocabulary,
        permissions: Permissions,
        presses: Presses,
        suggesting: Suggesting,
        narrowing: Narrowing,
        now: Callable[[], datetime],
        redact: Redactor,
    ) -> None:
        """`redact` takes the secrets of the settings out of what is shown."""
        self._directory = directory
        self._fleet = fleet
        self._vocabulary = vocabulary
        self._permissions = permissions
        self._presses = presses
        self._suggesting = suggesting
        self._narrowing = narrowing
        self._now = now
        self._redact = redact

    async def of_text(self, sender: Identity, room: Room, text: str) -> Form | None:
        """The form of a text whose word needs more than was said."""
        person = self._directory.identify(sender)
        if person is None:
            return None
        ask = parse(text, self._fleet.names, self._vocabulary.now)
        if isinstance(ask, Misread) or not ask.lacks or not self._may(person, ask, room):
            return None
        fleet = self._seen(person, type(ask))
        return self._shown(typed_form(ask, fleet.names), fleet, ask)

    async def of_press(self, sender: Identity, room: Room, token: str) -> Form | None:
        """The form behind a key, where the press would be good."""
        person = self._directory.identify(sender)
        stored = await self._stored(token) if person is not None and could_be_ours(token) else None
        if person is None or stored is None or stored.command_id is not None or stored.fills is not None:
            return None
        if judge(stored, person, room, self._now()) is not Verdict.GOOD or not self._may(person, stored.ask, room):
            return None
        fleet = self._seen(person, type(stored.ask))
        form = self._shown(pressed_form(stored.ask, fleet.names), fleet, stored.ask)
        return None if form is None else replace(form, beside=stored.beside)

    async def suggest(
        self, sender: Identity, word: str, argument: str, typed: str, filled: Mapping[str, str]
    ) -> tuple[Option, ...]:
        """What may stand in an argument."""
        person = self._directory.identify(sender)
        kind = self._vocabulary.now.find(word)
        if person is None or kind is None or kind.hidden or not self._may(person, kind()):
            return ()
        return await self._suggested(person, kind, argument, typed, filled)

    async def suggest_reply(self, sender: Identity, room: Room, message_id: str, typed: str) -> tuple[Option, ...]:
        """What may stand in the argument that a reply to this message fills in."""
        person = self._directory.identify(sender)
        if person is None:
            return ()
        try:
            stored = await self._presses.find_reply(room, message_id)
        except DatabaseAway:
            return ()
        if stored is None or stored.fills is None or not self._may(person, stored.ask, room):
            return ()
        if judge(stored, person, stored.room, self._now()) is not Verdict.GOOD:
            return ()
        filled = {name: str(value) for name, value in stored.ask.arguments.items()}
        return await self._suggested(person, type(stored.ask), stored.fills, typed, filled)

    def faults(self, sender: Identity, word: str, filled: Mapping[str, str]) -> Mapping[str, str]:
        """What will not do, of those whom we know."""
        person = self._directory.identify(sender)
        words = self._vocabulary.now
        kind = words.find(word)
        if person is None or kind is None or kind.hidden or not self._may(person, kind()):
            return {}
        fleet = self._seen(person, kind)
        return faults(word, filled, fleet.names, words) or self._narrowing.faults(fleet, kind, filled)

    # ------------------------------------------------------------------------ inside

    async def _stored(self, token: str) -> StoredPress | None:
        try:
            return await self._presses.find(token)
        except DatabaseAway:
            # The press finds out, too, and says so.
            return None

    def _may(self, person: Principal, ask: Ask, room: Room | None = None) -> bool:
        if isinstance(ask, CustomAsk) and not any(person.may_see(bot) for bot in ask.bots):
            return False
        return isinstance(self._permissions.check(person, ask, room), Allowed)

    def _seen(self, person: Principal, kind: type[Ask]) -> Fleet:
        """The bots that they may ask this about."""
        fleet = self._fleet.seen_by(person)
        if not issubclass(kind, CustomAsk):
            return fleet
        return Fleet(bot for bot in fleet.bots() if bot.name in kind.bots)

    async def _suggested(
        self, person: Principal, kind: type[Ask], argument: str, typed: str, filled: Mapping[str, str]
    ) -> tuple[Option, ...]:
        fleet = self._seen(person, kind)
        every = await self._suggesting.options(Gap(person, fleet, kind, argument, typed, filled))
        return matching((one for one in every if len(one.value) <= _LONGEST and self._is_plain(one)), typed)

    def _is_plain(self, option: Option) -> bool:
        return all(self._redact(text) == text for text in (option.value, option.label))

    def _shown(self, form: Form | None, fleet: Fleet, ask: Ask) -> Form | None:
        if form is None:
            return None
        fields = tuple(self._narrowing.narrowed(fleet, ask, one) for one in form.fields)
        return replace(
            form,
            title=self._redact(form.title),
            fields=tuple(replace(one, hint=self._redact(one.hint), label=self._redact(one.label)) for one in fields),
        )
