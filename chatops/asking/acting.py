"""The act itself: on record before it and after it, with a card that says how far it is."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from bot_integration import Outcome
from chatops.asking.clerk import Clerk
from chatops.asking.visit import Visit, bot_of
from chatops.asks import Ask
from chatops.commands.registry import NotHeard, Registry, Reply
from chatops.desired.folding import WORDS, Asked, runs_of
from chatops.fleet import Fleet
from chatops.guard.audit import StepName
from chatops.ledger import Aside, Entry, Ledger, Recorded, aside_of
from chatops.messages import Message
from chatops.outbox import Outbox
from chatops.progress import ProgressCard
from chatops.room import Room
from chatops.views import answers, approvals
from chatops.views.format import in_a_row

log = logging.getLogger(__name__)

#: Told what somebody did, so that the other rooms hear of it: the word, who, where, the bot, how it ended. It never
#: raises.
Used = Callable[[str, str, Room, str, str], Awaitable[None]]
#: Told how an ask ended that holds bots back or lets them go. It does not wait or raise.
Ended = Callable[[Asked], None]


class Acting:
    """Carries out asks that nothing stands in the way of any more. Whoever calls it has checked that."""

    def __init__(
        self,
        *,
        clerk: Clerk,
        ledger: Ledger,
        outbox: Outbox,
        registry: Registry,
        fleet: Fleet,
        used: Used,
        ended: Ended,
    ) -> None:
        self._clerk = clerk
        self._ledger = ledger
        self._outbox = outbox
        self._registry = registry
        self._fleet = fleet
        self._used = used
        self._ended = ended

    async def begin(self, visit: Visit, ask: Ask, entry: Entry) -> bool:
        """Record that it runs, with all that led to it. False: somebody else settled it first, and nothing may act."""
        data = {**self._reached(visit, ask), **visit.place}
        running = self._clerk.step(visit.asking.command_id, StepName.RUNNING, visit.person.name, data)
        recorded = await self._ledger.record(replace(entry, steps=(*entry.steps, running), aside=aside_of(ask)))
        return recorded is not Recorded.BEFORE

    async def carry_out(self, visit: Visit, ask: Ask, *, asked_at: datetime, approved_by: str | None = None) -> Reply:
        """Do what has begun, and say what became of it in the room where it was asked.

        `asked_at` is the moment in the log; `visit` may be of the press that confirmed it, later.
        """
        command_id = visit.asking.command_id
        progress = ProgressCard(self._outbox, visit.asking.room, command_id, visit.replaces)
        asking = replace(visit.asking, progress=progress.show)
        reached = self._reached(visit, ask)
        # The act does not wait for its card: "closing…" is on its way while the bot closes.
        act = asyncio.create_task(self._registry.entry(ask).answer(ask, asking))
        try:
            if ask.moves is not None:
                await progress.show(answers.working(ask, self._one_of_several(visit, ask)))
            reply = await act
        except asyncio.CancelledError:
            act.cancel()
            await asyncio.gather(act, return_exceptions=True)
            raise
        except NotHeard as unheard:
            return await self._leave(visit, unheard, progress.card)
        except Exception:
            log.exception("%s %s broke", ask.word, command_id)
            reply = Reply(answers.broke(command_id), Outcome.UNKNOWN)
        self._say_ended(visit, ask, asked_at, reply, reached)
        return await self._end(visit, ask, reply, progress.card, approved_by)

    async def _end(self, visit: Visit, ask: Ask, reply: Reply, card: str | None, approved_by: str | None) -> Reply:
        if approved_by is not None:
            reply = replace(reply, message=approvals.signed(reply.message, visit.person.name, approved_by))
        await self._finish(visit, visit.asking.command_id, reply, card)
        if ask.moves is not None:
            await self._tell_others(visit, ask, reply, approved_by)
        return reply

    async def _leave(self, visit: Visit, unheard: NotHeard, card: str | None) -> Reply:
        """End what nothing came of, since whoever asked did not prove who they are: perhaps in silence."""
        command_id, message = visit.asking.command_id, unheard.message
        step = self._clerk.step(command_id, StepName.DENIED, visit.person.name, {"reason": str(unheard)})
        if message is None:
            await self._ledger.record(Entry((step,), aside=Aside.ANYHOW))
        else:
            draft = self._outbox.draft(
                message,
                visit.asking.room,
                asker=visit.person.name,
                command_id=command_id,
                replaces=card,
                whisper_to=visit.asking.sender,
            )
            await self._ledger.record(Entry((step,), minted=draft.minted, owed=draft.owed, aside=Aside.ANYHOW))
            await self._outbox.show(draft)
        return Reply(message or Message(str(unheard)), Outcome.REFUSED)

    async def _tell_others(self, visit: Visit, ask: Ask, reply: Reply, approved_by: str | None) -> None:
        why = f"Reason: {reason}" if (reason := getattr(ask, "reason", "")) else ""
        ended = in_a_row(reply.message.title, why, f"Approved by {approved_by}." if approved_by else "")
        await self._used(ask.word, visit.person.name, visit.asking.room, bot_of(ask) or "", ended)

    async def _finish(self, visit: Visit, command_id: UUID, reply: Reply, card: str | None) -> None:
        # A message that was edited does not ask a client for a reply.
        place = None if reply.message.wanted is not None else card
        draft = self._outbox.draft(
            reply.message, visit.asking.room, asker=visit.person.name, command_id=command_id, replaces=place
        )
        step = self._clerk.step(command_id, StepName.FINISHED, visit.person.name, visit.ending(reply))
        # It was done, and that is what people must hear, whatever takes the record of it.
        await self._ledger.record(Entry((step,), minted=draft.minted, owed=draft.owed, aside=Aside.ANYHOW))
        await self._clerk.show(visit, draft)

    def _say_ended(self, visit: Visit, ask: Ask, asked_at: datetime, reply: Reply, reached: dict[str, Any]) -> None:
        if ask.word not in WORDS or reply.outcome is None:
            return
        runs = runs_of(reached)
        ends = {bot: reply.ends.get(bot, reply.outcome) for bot in runs}
        asking = visit.asking
        self._ended(
            Asked(asking.command_id, asked_at, visit.person.name, asking.room, ask.word, ask.arguments, runs, ends)
        )

    def _one_of_several(self, visit: Visit, ask: Ask) -> str:
        """The bot that an ask goes to, where whoever asks may ask more than that one; else nothing."""
        bot = bot_of(ask) or ""
        return bot if len(self._fleet.seen_by(visit.person).names) > 1 else ""

    def _reached(self, visit: Visit, ask: Ask) -> dict[str, Any]:
        """The bots that it goes to, each with this run of it: whoever settles it after a stop asks them."""
        name = bot_of(ask)
        if ask.moves is None:
            return {}
        known = self._fleet.seen_by(visit.person).snapshots(name or "")
        runs = {bot.name: str(facts.session_id) if facts else None for bot, facts in known}
        if name is None:
            return {"sessions": runs}
        session = next(iter(runs.values()), None)
        return {"bot": name, **({"session": session} if session else {})}
