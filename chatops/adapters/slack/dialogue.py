"""Forms on Slack: opened as modals, filled with what can be suggested, and looked through before they are taken.

A modal can be opened within three seconds of what somebody did, and once. That is tried after the update was stored
and confirmed, in the place of handing it on: where it comes to nothing, whatever the reason, the update goes its usual
way, and is answered with buttons. So nothing is lost or shown twice, however often Slack hands it over: an update whose
modal was opened is handled, and after a kill before that was marked it is answered with buttons besides.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

from chatops.adapters.slack.api import SlackApi
from chatops.adapters.slack.bare import bare, part
from chatops.adapters.slack.blocks import Block
from chatops.adapters.slack.errors import SlackError
from chatops.adapters.slack.inbound import Unreadable, Update, doer
from chatops.adapters.slack.keys import opens_form
from chatops.adapters.slack.modals import errors, modal, opened, options
from chatops.adapters.slack.senders import Known, WhyNot
from chatops.adapters.slack.suggestions import InForm, sought
from chatops.adapters.slack.within import Within
from chatops.forms import Form, Forms, Option
from chatops.messages import Incoming, Press, Text
from chatops.room import Room
from chatops.storage.errors import StorageError

log = logging.getLogger(__name__)

NOT_STORED = "This could not be stored just now, and nothing was done. Send it again in a moment."


class Dialogue:
    """The forms of one app. `forms` is asked for each time: the desk may not run yet."""

    def __init__(
        self, api: SlackApi, forms: Callable[[], Forms | None], *, known: Known, why_not: WhyNot, within: Within
    ) -> None:
        self._api = api
        self._within = within
        self._forms = forms
        self._known = known
        self._why_not = why_not

    async def opens(self, update: Update, incoming: Incoming) -> bool:
        """Whether a form stands before whoever did this: then it is handled. They are known, and may ask."""
        forms, trigger = self._forms(), update.get("trigger_id")
        if forms is None or not isinstance(trigger, str):
            return False
        try:
            async with asyncio.timeout(self._within.opened_s):
                form = await _form(forms, update, incoming)
                view = None if form is None else modal(form, _answered_in(incoming, form), alone=incoming.alone)
                if view is None:
                    return False
                await self._api.call("views.open", {"trigger_id": trigger, "view": view})
        except (SlackError, StorageError, TimeoutError) as error:
            log.info("slack: no form was opened, it is answered with buttons: %s", str(error) or "no answer in time")
            return False
        except Exception:
            # A form is a help: whatever is wrong with it keeps nobody from asking.
            log.exception("slack: a form broke, it is answered with buttons")
            return False
        return True

    async def options(self, body: Mapping[str, Any]) -> list[Block]:
        """What a menu offers for what was typed into it: nothing to whom may not ask, and where it takes too long."""
        forms = self._forms()
        if forms is None:
            return []
        try:
            async with asyncio.timeout(self._within.suggested_s):
                return options(await self._suggested(forms, body))
        except Unreadable as error:
            log.warning("slack: what a menu is to offer cannot be read: %s", error)
        except (StorageError, TimeoutError) as error:
            log.info("slack: a menu offers nothing: %s", str(error) or "it took too long")
        return []

    def errors(self, body: Mapping[str, Any]) -> dict[str, str]:
        """What will not do of what was filled in, by field. Nothing to strangers: they are turned away later."""
        forms, update = self._forms(), bare("view", body, 0)
        form = opened(update["form"])
        try:
            sender = self._known(doer(update))
        except Unreadable:
            return {}
        if forms is None or form is None or sender is None:
            return {}
        return errors(forms.faults(sender, form.word, {**form.settled, **update["filled"]}), _values(body))

    def unstored(self, body: Mapping[str, Any]) -> dict[str, str]:
        """What to say where it cannot be taken: it stays before whoever filled it in."""
        return errors({"": NOT_STORED}, _values(body))

    async def _suggested(self, forms: Forms, body: Mapping[str, Any]) -> tuple[Option, ...]:
        what = sought(body)
        sender = self._known(what.sender)
        if sender is None or await self._why_not(sender) is not None:
            return ()
        if isinstance(what, InForm):
            return await forms.suggest(sender, what.word, what.argument, what.typed, what.filled)
        return await forms.suggest_reply(sender, what.room, what.message_id, what.typed)


async def _form(forms: Forms, update: Update, incoming: Incoming) -> Form | None:
    match incoming:
        case Text(chosen=False):
            return await forms.of_text(incoming.sender, incoming.room, incoming.text)
        case Press() if any(opens_form(action.get("action_id")) for action in update.get("actions", ())):
            return await forms.of_press(incoming.sender, incoming.room, incoming.token)
        case _:
            return None


def _answered_in(incoming: Incoming, form: Form) -> Room:
    """Where what is filled in is answered, as a press of that key would be."""
    if not isinstance(incoming, Press):
        return incoming.room
    return incoming.thread if form.beside and incoming.thread is not None else incoming.place


def _values(body: Mapping[str, Any]) -> object:
    return part(part(body, "view"), "state").get("values")
