"""The status that stays in sight: it says of when it is, since nobody knows when it will be read."""

from collections.abc import Sequence
from datetime import datetime

from chatops.asks import Status
from chatops.messages import Message, Paragraph
from chatops.restraints import NO_WISHES, WishesOf
from chatops.views.format import is_stale
from chatops.views.status import NO_ALERTS, AlertsOf, Known, status, title

#: A card is one message (4,096 characters on Telegram): bots beyond so many characters are left to /status.
_CHARACTERS = 3_000


def pinned_status(
    bots: Sequence[Known], now: datetime, wishes: WishesOf = NO_WISHES, alerts: AlertsOf = NO_ALERTS
) -> Message:
    """The status without a sound and without buttons: each edit would make new ones."""
    shown = _that_fit(bots, now, wishes, alerts)
    left = len(bots) - len(shown)
    more = (Paragraph(f"And {left} more: /status"),) if left else ()
    as_of = Paragraph(f"As of {now:%Y-%m-%d %H:%M:%S} {now:%Z}, kept up to date.")
    blocks = status(shown, now, Status(), wishes=wishes, alerts=alerts).blocks if shown else ()
    return Message(title(bots, now, wishes, alerts), (*blocks, *more, as_of), silent=True)


def signature(bots: Sequence[Known], now: datetime, wishes: WishesOf = NO_WISHES, alerts: AlertsOf = NO_ALERTS) -> str:
    """What differs where the card is worth an edit: everything but how much time has gone by."""
    said = []
    for name, snapshot in bots:
        at = snapshot.at if snapshot else now
        shown = status([(name, snapshot)], at, Status(), wishes=wishes, alerts={name: alerts.get(name, ())})
        said.append(f"{shown.text}\n{is_stale(at, now)}")
    return "\n".join(said)


def pin_refused(reason: str) -> Message:
    """The card is there and not in sight."""
    return Message(
        "The status is here, but I could not pin it.",
        (
            Paragraph(f"The platform says: {reason}"),
            Paragraph(
                "Give the bot the right to pin messages in this room and ask /pin again. "
                "It is kept up to date all the same; /pin off stops that."
            ),
        ),
    )


def pinned(every_s: float) -> Message:
    """The card is in sight."""
    kept = f"It is kept up to date, every {every_s:.0f} s at most. /pin off lets it go."
    return Message("The status is pinned here.", (Paragraph(kept),))


def not_shown_yet() -> Message:
    """The platform is slow or away."""
    return Message("The status could not be shown yet. It comes, and is pinned, as soon as it can be.")


def unpinned(was_pinned: bool) -> Message:
    """It is let go."""
    if not was_pinned:
        return Message("No status is pinned here. /pin pins one.")
    return Message("The status is no longer pinned here, nor kept up to date.")


def _that_fit(bots: Sequence[Known], now: datetime, wishes: WishesOf, alerts: AlertsOf) -> Sequence[Known]:
    left = _CHARACTERS
    for count, one in enumerate(bots):
        # Counted as Telegram counts.
        left -= len(status([one], now, Status(), wishes=wishes, alerts=alerts).text.encode("utf-16-le")) // 2
        if left < 0:
            return bots[:count]
    return bots


def shows_every_bot() -> Message:
    """The settings bind whoever asks to some of the bots."""
    return Message("The pinned status shows every bot, and the settings bind you to some. /status shows you yours.")
