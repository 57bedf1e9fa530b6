"""Answers to one position: as it is, with its life; of one that is closed what it made."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot_integration import Outcome, Position
from chatops.asks import ShowPosition
from chatops.commands.accounts import Ringing
from chatops.commands.past import past
from chatops.commands.registry import Asking, Registry, Reply
from chatops.fleet import Held
from chatops.habits import Habits
from chatops.history.figures import Figures
from chatops.messages import Message, Paragraph
from chatops.money.facts import Trade
from chatops.money.funding import funding
from chatops.money.spans import Span
from chatops.views import choices, life
from chatops.views.life import Life
from chatops.views.positions import card

#: Trades of one id that are looked at: ids are used again after a restart of a bot.
_MOST = 50


class PositionCommands:
    """Looks at what is held first; at what was held, where nothing of that name is."""

    def __init__(self, figures: Figures, habits: Habits, now: Callable[[], datetime], alerts: Ringing) -> None:
        self._figures = figures
        self._habits = habits
        self._now = now
        self._alerts = alerts

    def register(self, registry: Registry) -> None:
        """Answer this word."""
        registry.on(ShowPosition, self.position)

    async def position(self, ask: ShowPosition, asking: Asking) -> Reply:
        """One position."""
        fleet = asking.fleet
        if ask.bot and not fleet.bots(ask.bot):
            return Reply(choices.no_such_bot(ask.bot, fleet.names), Outcome.REFUSED)
        every = fleet.held(ask.bot)
        if not ask.position:
            if not every and (silent := fleet.silent(ask.bot)):
                return Reply(choices.not_heard(silent), Outcome.REFUSED)
            return Reply(choices.which_position("Show which?", every, _show), outcome=None)
        found = fleet.holding(ask.position, ask.bot)
        if ask.trade or not found:
            return await self._past(ask, asking)
        if len(found) > 1:
            return Reply(choices.not_one(ask.position, found, every, _show), Outcome.REFUSED)
        return Reply(await self._held(found[0], asking))

    # ------------------------------------------------------------------------ held

    async def _held(self, one: Held, asking: Asking) -> Message:
        zone = self._habits.of(asking.person.name, asking.room).zone
        bot, position, now = one.bot.name, one.position, self._now().astimezone(zone)
        snapshot = one.bot.snapshot()
        shown = card(bot, position, snapshot.at if snapshot else now, now)
        read = await past("position", self._life_of(bot, position, now))
        if read is None:
            return replace(
                shown, blocks=(*shown.blocks, Paragraph("The database does not answer, and its life is stored there."))
            )
        lived, before = read
        *blocks, age = shown.blocks
        buttons = tuple((button,) for button in life.earlier(before, zone, now)[:2])
        note = [Paragraph(f"{len(before)} before it went by this id.")] if before else []
        told = life.told(lived, zone, now)
        return replace(
            shown,
            blocks=(*blocks, told, *note, Paragraph(f"{_text(age)}; times in {zone.key}")),
            buttons=(*shown.buttons, *buttons),
        )

    async def _life_of(self, bot: str, position: Position, now: datetime) -> tuple[Life, tuple[Trade, ...]]:
        """And the trades that went by its id before."""
        lived = await self._life(bot, position.id, position.opened_at, now)
        made = await self._figures.history.trades((bot,), position=position.id, most=_MOST)
        return lived, tuple(one for one in made if one.opened_at != position.opened_at)

    # ------------------------------------------------------------------------ closed

    async def _past(self, ask: ShowPosition, asking: Asking) -> Reply:
        """What was held by this id; nothing, and what is held instead."""
        fleet, now = asking.fleet, self._now()
        made = await past("position", self._trades(ask, asking))
        if made:
            zone = self._habits.of(asking.person.name, asking.room).zone
            if len(made) > 1:
                return Reply(life.which(ask.position, made, zone, now), outcome=None)
            trade = made[0]
            lived = await past(
                "position", self._life(trade.of.bot, trade.of.position, trade.opened_at, trade.closed_at, trade)
            )
            lived = lived or Life(
                trade.of.bot, trade.of.position, trade.opened_at, funding((), _empty(now)), trade=trade
            )
            return Reply(life.closed(lived, trade, zone, now))
        every = fleet.held(ask.bot)
        if not every and (silent := fleet.silent(ask.bot)):
            return Reply(choices.not_heard(silent), Outcome.REFUSED)
        said = choices.not_one(ask.position, (), every, _show)
        if made is None:
            note = Paragraph("Whether it was held before is stored in the database, which does not answer.")
            said = replace(said, blocks=(*said.blocks, note))
        return Reply(said, Outcome.REFUSED)

    async def _trades(self, ask: ShowPosition, asking: Asking) -> tuple[Trade, ...]:
        bots = [bot.name for bot in asking.fleet.bots(ask.bot)]
        for typed in dict.fromkeys((ask.position, ask.position.upper())):
            made = await self._figures.history.trades(bots, position=typed, most=_MOST)
            if ask.trade:
                made = tuple(one for one in made if one.id == ask.trade)
            if made:
                return made
        return ()

    async def _life(self, bot: str, position: str, start: datetime, end: datetime, trade: Trade | None = None) -> Life:
        span = Span(min(start, end), end + datetime.resolution)
        paid = await self._figures.history.payments((bot,), span, position=position)
        return Life(
            bot,
            position,
            start,
            funding(paid, span),
            max((one.at for one in paid), default=None),
            await self._alerts.rang(bot, position, span),
            await self._figures.history.happened((bot,), span, position=position, most=100),
            trade,
        )


def _empty(now: datetime) -> Span:
    return Span(now, now)


def _text(block: object) -> str:
    return block.text if isinstance(block, Paragraph) else ""


def _show(position: str, bot: str) -> ShowPosition:
    return ShowPosition(position=position, bot=bot)
