"""What happened, for those who did not ask: one view a kind. The title is all that a phone's notification says."""

from collections.abc import Sequence
from datetime import UTC, tzinfo
from typing import assert_never

from alerts.durations import span
from bot_integration import Mode, Stage
from chatops.asks import Status
from chatops.layout import fit
from chatops.messages import Block, Button, Message, Paragraph
from chatops.notices.happenings import (
    BreakersChanged,
    CameBack,
    Changed,
    Closed,
    Drifted,
    Filled,
    Funded,
    Happening,
    ModeChanged,
    NotHeld,
    Opened,
    PartClosed,
    Reasserted,
    Rebalanced,
    Restarted,
    SettingsChanged,
    StageChanged,
    TakenBack,
    Used,
    WentAway,
)
from chatops.views.desired import asked_again, desired_notice
from chatops.views.format import headline
from chatops.views.position_notices import ROWS, SAID, at, position_notice, table


def notice(happening: Happening, several: bool, zone: tzinfo = UTC) -> Message:
    """What happened, with the bot's name before a position's where there are several bots; moments in this zone."""
    match happening:
        case Opened() | Filled() | Rebalanced() | Closed() | PartClosed() | Funded():
            return position_notice(happening, several, zone)
        case StageChanged():
            return stage(happening)
        case ModeChanged():
            return mode(happening)
        case BreakersChanged():
            return breakers(happening)
        case Restarted():
            return restarted(happening, zone)
        case WentAway():
            return went_away(happening, zone)
        case CameBack():
            return Message(headline(f"{happening.bot} is back after {span(happening.away_for)}"))
        case Used():
            return used(happening)
        case Reasserted() | NotHeld() | Drifted() | TakenBack():
            return desired_notice(happening, zone)
        case SettingsChanged():
            return settings(happening)
        case _:
            assert_never(happening)


def stage(told: StageChanged) -> Message:
    """What it is about; of a bot that is held back what is held, by whom and why."""
    was = f"(was {told.before})"
    if told.after is not Stage.PAUSED:
        return Message(headline(f"{told.bot} is {told.after} now {was}"))
    pause = told.pause
    by = f" by {pause.by}" if pause.by else ""
    why = f": {pause.reason}" if pause.reason else ""
    held = [scope for scope in pause.scopes if scope != "all"]
    if pause.paused and held and "all" not in pause.scopes:
        said = f"{told.bot}: {_list(held)} is paused now{by} {was}{why}"
    elif pause.paused:
        said = f"{told.bot} is paused now{by} {was}{why}"
    elif pause.kill_switch:
        said = f"{told.bot} is paused now {was}: the kill switch is on"
    elif pause.active_breakers:
        said = f"{told.bot} is paused now {was}: breaker {_list(pause.active_breakers)}"
    else:
        said = f"{told.bot} is paused now {was}"
    return _whole(said)


def mode(told: ModeChanged) -> Message:
    """Loud where orders have become real."""
    if told.after is Mode.LIVE:
        return Message(headline(f"⚠ {told.bot} trades LIVE now: its orders are real"), (), _status(told.bot))
    return Message(headline(f"{told.bot} trades on paper now"), (), _status(told.bot))


def breakers(told: BreakersChanged) -> Message:
    """What tripped first, since it holds the bot back."""
    tripped = f"⚠ {told.bot}: breaker {_list(told.tripped)} tripped" if told.tripped else ""
    reset = f"{told.bot}: breaker {_list(told.reset)} was reset" if told.reset else ""
    more = (Paragraph(fit(reset, SAID)),) if tripped and reset else ()
    return Message(headline(tripped or reset), more, _status(told.bot))


def restarted(told: Restarted, zone: tzinfo) -> Message:
    """What it holds, and what came or went over the restart."""
    blocks: list[Block] = []
    if told.was:
        blocks.append(Paragraph(fit(f"Version {told.version or 'unknown'}, was {told.was}.", SAID)))
    if told.gone:
        blocks.append(Paragraph(fit(f"No longer held: {_list(told.gone)}.", SAID), bold=True))
    if told.new:
        blocks.append(Paragraph(fit(f"Held, and was not before: {_list(told.new)}.", SAID), bold=True))
    mark = "⚠ " if told.gone or told.new else ""
    held = f"{told.held} {'position' if told.held == 1 else 'positions'} held"
    if told.again:
        since = Paragraph(fit(f"Since {at(told.started_at, zone)}: {held}.", SAID))
        said = headline(f"{mark}{told.bot} restarted; {asked_again(told.again, told.started_at.astimezone(zone))}")
        return Message(said, (since, *blocks), _status(told.bot))
    return Message(
        headline(f"{mark}{told.bot} was restarted at {at(told.started_at, zone)}: {held}"),
        tuple(blocks),
        _status(told.bot),
    )


def went_away(told: WentAway, zone: tzinfo) -> Message:
    """Since when. What it trades meanwhile nobody sees."""
    heard = "last heard at" if told.heard_at is not None else "nothing heard since"
    return Message(
        headline(f"⚠ {told.bot} is away: {heard} {at(told.since, zone)}"),
        (Paragraph("What it holds may change unseen. What is shown of it is the last that it said."),),
        _status(told.bot),
    )


def used(told: Used) -> Message:
    """Who, what, on which bot, and what came of it."""
    where = f" on {told.bot}" if told.bot else ""
    said = f"{told.person} used /{told.word}{where}: {told.outcome}"
    return _whole(said)


def settings(told: SettingsChanged) -> Message:
    """Each parameter before and after."""
    if len(told.changed) == 1:
        (one,) = told.changed
        return Message(headline(f"{told.bot}: {one.key} {_became(one)}"))
    rows = [(one.key, _became(one)) for one in told.changed]
    return Message(headline(f"{told.bot}: {len(rows)} settings changed"), table(rows, len(rows)))


def _whole(said: str) -> Message:
    """As the title; whole below it where that is too short for it."""
    title = headline(said)
    whole = fit(said, SAID)
    return Message(title, () if whole.strip() == title else (Paragraph(whole),))


def _became(one: Changed) -> str:
    # Of a secret there is nothing to see but that it is another.
    if one.before == one.after:
        return "was changed"
    return fit(f"{one.before} → {one.after}{f' {one.unit}' if one.unit else ''}", SAID)


def _list(names: Sequence[str]) -> str:
    more = f" and {len(names) - ROWS} more" if len(names) > ROWS else ""
    return ", ".join(names[:ROWS]) + more


def _status(bot: str) -> tuple[tuple[Button, ...], ...]:
    return ((Button("Status", Status(bot=bot)),),)
