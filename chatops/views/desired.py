"""What people asked to hold a bot back with: how that is said, and what became of it."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import assert_never

from bot_integration import PauseState
from chatops.asks import Ask, Kill, Pause, Resume, Status
from chatops.layout import fit
from chatops.messages import Button, Message, Paragraph
from chatops.notices.happenings import Drifted, NotHeld, Reasserted, TakenBack
from chatops.restraints import ALL, Wish, holds
from chatops.views.answers import said_of
from chatops.views.format import headline, label, when

#: Columns of a line of running text.
_LINE = 200


def asked_again(wishes: Sequence[Wish], now: datetime) -> str:
    """`paused again as ada asked 14:02 UTC`; of several, each."""
    return "; ".join(f"{_so(wish)} again {_asked(wish, now)}" for wish in wishes)


def said_now(pause: PauseState, wishes: Sequence[Wish], now: datetime) -> list[str]:
    """A line a wish: that it is in force, or that it is not. Whether it will be is for another message to say."""
    return [
        fit(
            f"{_what(wish)}: {_asked(wish, now)}{f': {wish.reason}' if wish.reason else ''}"
            if holds(pause, wish.what)
            else f"⚠ Asked to {_do(wish)} by {wish.by} {when(wish.at, now)}, not in force",
            _LINE,
        )
        for wish in wishes
    ]


def is_said_by(pause: PauseState, wishes: Sequence[Wish]) -> bool:
    """Whether the reason that the bot gives for its pause is that of a wish in force, which `said_now` says."""
    why = pause.reason or ""
    return any(
        wish.by == pause.by and (why == wish.reason or why.startswith(f"as {wish.by} asked "))
        for wish in wishes
        if not wish.is_kill and holds(pause, wish.what)
    )


def not_so(bot: str, wishes: Sequence[Wish], now: datetime) -> str:
    """`alpha: entry not paused as ada asked 14:02 UTC`."""
    return f"{bot}: " + "; ".join(f"{_so(wish, 'not ')} {_asked(wish, now)}" for wish in wishes)


def desired_notice(told: Reasserted | NotHeld | Drifted | TakenBack, zone: tzinfo) -> Message:
    """What became of it, and what people can do; moments in this zone."""
    now = told.at.astimezone(zone)
    match told:
        case Reasserted():
            return _reasserted(told, now)
        case NotHeld():
            return _not_held(told, now)
        case Drifted():
            return _drifted(told, now)
        case TakenBack():
            return _taken_back(told, now)
        case _:
            assert_never(told)


def _reasserted(told: Reasserted, now: datetime) -> Message:
    said = headline(f"{told.bot}: {asked_again(told.again, now)}")
    if told.unwanted:
        why = Paragraph("It was taken back while this was on its way. If it shall trade, resume it once more.")
        return Message(f"⚠ {said}", (why,), _rows([_off(wish) for wish in told.again], told.bot))
    return Message(said, (Paragraph("It had come back without it."),), _rows([], told.bot))


def _not_held(told: NotHeld, now: datetime) -> Message:
    said = "; ".join(f"{_so(wish, 'NOT ')}, though {wish.by} asked {when(wish.at, now)}" for wish in told.wishes)
    goes_on = (
        "I try again, and tell when it is done."
        if told.goes_on
        else "I do not ask again in this run of it. Look at the bot itself, or stop it."
    )
    blocks = (Paragraph(fit(f"It came back without it. {told.reason}", 600)), Paragraph(goes_on))
    return Message(headline(f"⚠ {told.bot}: {said}"), blocks, _rows([_on(wish) for wish in told.wishes], told.bot))


def _drifted(told: Drifted, now: datetime) -> Message:
    said = "; ".join(f"{_so(wish, 'not ')} any more, as {wish.by} asked {when(wish.at, now)}" for wish in told.wishes)
    why = (
        "Nobody here took it back: another gateway did, somebody at the bot, or the bot itself. I leave it as it is; "
        "when the bot restarts it is asserted again."
    )
    buttons = [button for wish in told.wishes for button in (_on(wish), _off(wish, "Leave it"))]
    return Message(headline(f"⚠ {told.bot}: {said}"), (Paragraph(why),), _rows(buttons, told.bot))


def _taken_back(told: TakenBack, now: datetime) -> Message:
    said = " and ".join(_what(wish) for wish in told.wishes)
    where = " through another gateway" if told.elsewhere else ""
    asked = ", ".join(f"{wish.by} had asked for it {when(wish.at, now)}" for wish in told.wishes[:1])
    return Message(
        headline(f"{told.bot}: {said} taken back by {told.by}{where}"),
        (Paragraph(fit(f"{asked}. After a restart it is not asserted again.", _LINE)),),
        _rows([], told.bot),
    )


def _what(wish: Wish) -> str:
    return "Kill switch" if wish.is_kill else f"Pause of {wish.what}"


def _do(wish: Wish) -> str:
    if wish.is_kill:
        return "turn the kill switch on"
    return "pause" if wish.what.casefold() == ALL else f"pause {wish.what}"


def _so(wish: Wish, negated: str = "") -> str:
    if wish.is_kill:
        return f"kill switch {negated}on"
    return f"{negated}paused" if wish.what.casefold() == ALL else f"{wish.what} {negated}paused"


def _asked(wish: Wish, now: datetime) -> str:
    return f"as {wish.by} asked {when(wish.at, now)}"


def _on(wish: Wish) -> Button:
    ask: Ask = Kill(switch="on", bot=wish.bot) if wish.is_kill else Pause(scope=wish.what, bot=wish.bot)
    return Button(label(said_of(ask) if wish.is_kill else f"{said_of(ask)} again"), ask)


def _off(wish: Wish, text: str = "") -> Button:
    ask: Ask = Kill(switch="off", bot=wish.bot) if wish.is_kill else Resume(scope=wish.what, bot=wish.bot)
    return Button(label(text or said_of(ask)), ask)


def _rows(buttons: Sequence[Button], bot: str) -> tuple[tuple[Button, ...], ...]:
    pairs = [tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2)]
    return (*pairs, (Button("Status", Status(bot=bot)),))
