"""Circuit breakers: which are active, since when and why, and what else there is."""

from collections.abc import Sequence
from datetime import datetime

from alerts.durations import span
from bot_integration import Breaker, Snapshot
from chatops.asks import BreakerReset, Breakers
from chatops.layout import fit
from chatops.messages import Block, Button, Message, Paragraph
from chatops.views.format import headline, how_old, label, when
from chatops.views.trading import SAID, rows_of


def known(snapshot: Snapshot) -> tuple[Breaker, ...]:
    """Every breaker of a bot; of one that says no more than which are active, those."""
    session = snapshot.session
    named = {one.name for one in session.breakers}
    bare = [Breaker(name=name, active=True) for name in session.pause.active_breakers if name not in named]
    return (*bare, *session.breakers)


def breakers(seen: Sequence[tuple[str, Snapshot | None]], may_reset: bool, now: datetime, asked: Breakers) -> Message:
    """Those that are active first, with their cause; a button to reset each for whoever may."""
    several = len(seen) > 1
    blocks: list[Block] = []
    buttons: list[Button] = []
    tripped: list[str] = []
    for bot, snapshot in seen:
        if snapshot is None:
            blocks.append(Paragraph(fit(f"{bot} has said nothing yet.", SAID)))
            continue
        if several:
            blocks.append(Paragraph(fit(bot, SAID), bold=True))
        every = known(snapshot)
        active = [one for one in every if one.active]
        tripped += [f"{one.name} of {bot}" if several else one.name for one in active]
        blocks += [Paragraph(fit(_active(one, now), SAID)) for one in active]
        at_rest = [f"· {one.name}" + (f": {one.help}" if one.help else "") for one in every if not one.active]
        if at_rest:
            blocks.append(Paragraph(fit("Not tripped:", SAID) + "\n" + "\n".join(fit(one, SAID) for one in at_rest)))
        blocks.append(Paragraph(how_old(snapshot.at, now)))
        buttons += [
            Button(label(f"Reset {one.name} {bot}" if several else f"Reset {one.name}"), _reset(one.name, bot))
            for one in active
        ]
    heard = any(snapshot is not None for _, snapshot in seen)
    title = f"⚠ Tripped: {', '.join(tripped)}" if tripped else "No breaker has tripped." if heard else "Not known yet."
    shown = rows_of(buttons) if may_reset else ()
    return Message(headline(title), tuple(blocks), (*shown, (Button("Refresh", asked),)))


def which(bot: str, snapshot: Snapshot | None, wanted: str = "") -> Message:
    """A button a breaker that can be reset."""
    active = [one.name for one in known(snapshot) if one.active] if snapshot else []
    back = (Button("Breakers", Breakers(bot=bot)),)
    if snapshot is None:
        return Message(headline(f"{bot} has said nothing yet: its breakers are not known. Try again."), buttons=(back,))
    told = f"“{fit(wanted, 20)}” has not tripped. " if wanted else ""
    if not active:
        return Message(headline(f"{told}No breaker of {bot} has tripped."), buttons=(back,))
    buttons = [Button(label(name), _reset(name, bot)) for name in active]
    return Message(headline(f"{told}Reset which?"), buttons=(*rows_of(buttons), back))


def really_reset(ask: BreakerReset, one: Breaker, now: datetime) -> Message:
    """Why it tripped, and what resetting it means."""
    blocks = (
        Paragraph(fit(_active(one, now), SAID)),
        Paragraph("The bot may open positions again. Where what tripped it goes on, it trips again or is refused."),
    )
    return Message(headline(f"Reset {one.name} of {ask.bot}?"), blocks)


def _active(one: Breaker, now: datetime) -> str:
    since = f" {span(now - one.since)} ago, at {when(one.since, now)}" if one.since else ""
    why = f": {one.reason}" if one.reason else ""
    return f"⚠ {one.name} tripped{since}{why}"


def _reset(name: str, bot: str) -> BreakerReset:
    return BreakerReset(name=name, bot=bot)
