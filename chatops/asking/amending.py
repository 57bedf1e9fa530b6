"""Puts on record what became of an ask that ended as unknown, and tells it."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

from bot_integration import Outcome
from chatops.asking.acting import Ended, Used
from chatops.asking.inquiry import End
from chatops.commands.orders import together
from chatops.desired.folding import WORDS, Asked, runs_of
from chatops.drafts import Draft
from chatops.guard.audit import State, Step, StepName, standing, storable
from chatops.ledger import Aside, Entry, Ledger, Recorded, Unsettled
from chatops.outbox import Outbox
from chatops.people import THE_DESK
from chatops.room import Room
from chatops.views import approvals, late
from chatops.views.settled import what_was_asked

log = logging.getLogger(__name__)


class Unknown(Protocol):
    """What the ledger knows of asks that ended. Every method raises `DatabaseAway`."""

    async def ask_of(self, command_id: UUID) -> Unsettled | None:
        """The ask of this id, however it stands."""
        ...

    async def unknown(self, since: datetime) -> list[Unsettled]:
        """What was asked since then and ended as unknown, oldest first."""
        ...


def ends_of(steps: Sequence[Step]) -> dict[str, Outcome]:
    """How an ask ended on each bot that it went to, as its steps have it. Pure; nothing where it went to none."""
    began = next((step for step in steps if step.step is StepName.RUNNING), None)
    ended = next((step for step in reversed(steps) if step.step is StepName.FINISHED), None)
    if began is None or ended is None or ended.data.get("outcome") is None:
        return {}
    apart: Mapping[str, str] = ended.data.get("outcomes", {})
    return {bot: Outcome(apart.get(bot, ended.data["outcome"])) for bot in runs_of(began.data)}


def unknown_on(ask: Unsettled, name: str) -> str | None:
    """This bot as the ask names it, where it is over and nobody knows how it ended there. Pure."""
    if standing(ask.steps).state is not State.FINISHED:
        return None
    unknown = (bot for bot, end in ends_of(ask.steps).items() if end is Outcome.UNKNOWN)
    return next((bot for bot in unknown if bot.casefold() == name.casefold()), None)


class Amending:
    """The step and the messages that tell of it are one write: what a stop leaves of them is all, or nothing."""

    def __init__(
        self,
        *,
        unknown: Unknown,
        ledger: Ledger,
        outbox: Outbox,
        used: Used,
        ended: Ended,
        now: Callable[[], datetime],
    ) -> None:
        self._unknown = unknown
        self._ledger = ledger
        self._outbox = outbox
        self._used = used
        self._ended = ended
        self._now = now
        #: Who learns something goes alone: what two say of one ask is told once.
        self._turn = asyncio.Lock()

    async def take(self, name: str, command_id: UUID, end: End) -> bool:
        """Record how it ended on this bot, and tell it, where that is news. False while the ask itself goes on.

        Raises `DatabaseAway`; then it is taken again, and told once.
        """
        async with self._turn:
            ask = await self._unknown.ask_of(command_id)
            if ask is None:
                return True
            if standing(ask.steps).state is State.RUNNING:
                # What the desk does by itself it ends by itself, sooner or later.
                return ask.asked.principal == THE_DESK
            if (bot := unknown_on(ask, name)) is not None:
                await self._amend(ask, bot, end)
            return True

    async def _amend(self, ask: Unsettled, bot: str, end: End) -> None:
        asked, (outcome, said) = ask.asked, end
        ends = {**ends_of(ask.steps), bot: outcome}
        learnt = late.Learnt(what_was_asked(asked.word, asked.arguments), bot, said, ends, together(ends.values()))
        draft = self._draft(ask, learnt)
        apart = {"outcomes": {name: str(one) for name, one in ends.items()}} if len(ends) > 1 else {}
        data = {**apart, "outcome": str(learnt.together), "answer": storable(late.card(learnt).title)}
        step = Step(asked.id, self._now(), StepName.FINISHED, THE_DESK, data)
        entry = Entry((step,), minted=draft.minted, owed=draft.owed, amends=True, aside=Aside.REFUSED)
        if await self._ledger.record(entry) is Recorded.BEFORE:
            return
        log.info("%s %s ended on %s: %s", asked.word, asked.id, bot, outcome)
        if asked.principal in (None, THE_DESK):
            return
        self._say_ended(ask, asked.principal, bot, outcome)
        await self._outbox.show(draft)
        room = Room.of(asked.platform, asked.room)
        await self._used(asked.word, asked.principal, room, asked.bot or "", late.news(learnt).title)

    def _draft(self, ask: Unsettled, learnt: late.Learnt) -> Draft:
        """The card as it is from now on, and the news after it."""
        asked = ask.asked
        if asked.principal in (None, THE_DESK):
            # What the desk did by itself it tells by itself.
            return Draft((), ())
        room = Room.of(asked.platform, asked.room)
        message = late.card(learnt)
        approver = next((step.by for step in ask.steps if step.step is StepName.APPROVED), None)
        if approver is not None:
            message = approvals.signed(message, asked.principal, approver)
        card = self._outbox.draft(message, room, asker=asked.principal, command_id=asked.id, replaces=ask.card)
        news = self._outbox.draft(late.news(learnt), room, asker=asked.principal, command_id=asked.id)
        # Of one moment: after a stop neither overtakes the other, and both go out. And the news are not the card of the
        # ask: what is learnt of another bot later changes that, and not the news of this one.
        at = card.owed[0].created_at
        owed = tuple(replace(one, card=f"{asked.id} news", created_at=at) for one in news.owed)
        if ask.card is None:
            return Draft(owed, news.minted)
        return Draft((*(replace(one, created_at=at) for one in card.owed), *owed), (*card.minted, *news.minted))

    def _say_ended(self, ask: Unsettled, person: str, bot: str, outcome: Outcome) -> None:
        asked = ask.asked
        if asked.word not in WORDS:
            return
        began = next(step for step in ask.steps if step.step is StepName.RUNNING)
        runs = {bot: runs_of(began.data)[bot]}
        room = Room.of(asked.platform, asked.room)
        self._ended(
            Asked(asked.id, asked.at, person, room, asked.word, asked.arguments, runs, {bot: outcome}, is_late=True)
        )
