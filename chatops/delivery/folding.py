"""Many messages that could not go out yet, in one newer message that says what it stands for (pure)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from alerts.severity import Severity
from chatops.messages import Attachment, Key, Message, Paragraph, Posting
from chatops.owed import Kind, Owed
from chatops.storage.deliveries import Claimed
from chatops.views.format import when

#: So many that wait in one room and lane go out by themselves; more are folded.
BY_THEMSELVES = 10
#: Characters of a list that stands in the message itself, and of one above a file that has all of it.
LIST_CHARACTERS, ABOVE_FILE_CHARACTERS = 3_000, 600
#: Of so many the buttons are kept, the newest, the first row of each.
WITH_BUTTONS = 8

#: How the title of an alert ends.
_NUMBER = re.compile(r"#(\d{1,10})$", re.ASCII)
_WORDS = {
    Severity.INFO: "messages",
    Severity.WARNING: "warnings",
    Severity.CRITICAL: "critical alerts",
    Severity.EMERGENCY: "EMERGENCIES",
}


@dataclass(frozen=True, slots=True)
class Folded:
    """A message, and those that it stands for, itself not among them."""

    into: Owed
    of: tuple[UUID, ...]


def fold(first: Owed, behind: Sequence[Owed], new_id: UUID, now: datetime, *, at_once: int = 1) -> Folded | None:
    """What goes out instead of `first` and those behind it; None where it goes out as it is.

    `behind` is in the order in which they came, `at_once` how many the limits let go now, and `now` in the zone in
    which the room is told. Of one card, and of one
    alert, the newest state stands for all before it. Where more than `BY_THEMSELVES` are left they become a list.
    What only changes a message that is shown stays where it is: it is no news.
    """
    here = sorted((one for one in (first, *behind) if one.room == first.room), key=lambda one: one.created_at)
    same = [one for one in here if one.about == first.about and not one.only_changes]
    if first.edits or first.only_changes:
        same = [one for one in same if one.edits and one.card == first.card]
        return _newest_of(same, new_id, now) if len(same) > 1 else None
    if same[-1].edits and same[-1].is_calm:
        # Somebody has it in hand, or it is over: nobody is called to it any more.
        return _newest_of(same, new_id, now)
    waiting = [one for one in here if not (one.edits or one.only_changes)]
    by_card = _by_card(waiting)
    if len(by_card) > max(BY_THEMSELVES, at_once):
        return Folded(_listed(waiting, by_card, new_id, now), tuple(one.id for one in waiting))
    same = [one for one in same if not one.edits]
    return _newest_of(same, new_id, now) if len(same) > 1 else None


def _newest_of(same: Sequence[Owed], new_id: UUID, now: datetime) -> Folded:
    """The newest of one card, saying that it stands for those before it.

    Where the card itself was never shown, this shows it from here on: what follows hangs on it, and changes it.
    """
    newest = same[-1]
    message = newest.posting.message
    said = _span(same, now)
    # What changes a message says how things are, and not what was not shown.
    stands_for = message if newest.edits or not said else replace(message, blocks=(Paragraph(said), *message.blocks))
    into = replace(newest, id=new_id, posting=replace(newest.posting, message=stands_for))
    card = next((one for one in same if one.card == one.about and not one.edits), None)
    if card is not None and not newest.edits and newest.card != card.card:
        into = replace(into, card=card.card, in_place=card.in_place, hangs_on=card.hangs_on)
    return Folded(into, tuple(one.id for one in same))


def standing_for(folded: Folded, waiting: Sequence[Claimed]) -> Claimed:
    """The new message as it is claimed, where `waiting` has all that it stands for."""
    of = [one for one in waiting if one.owed.id in folded.of]
    hangs_on = folded.into.hangs_on
    return Claimed(
        owed=folded.into,
        attempts=1,
        # What one of them may have shown is shown again.
        repeat=any(one.repeat for one in of),
        reply_to=next((one.reply_to for one in of if one.owed.hangs_on == hangs_on), None) if hangs_on else None,
        behind=0,
    )


def _by_card(waiting: Sequence[Owed]) -> list[list[Owed]]:
    """Those of one card together, in the order of the first of each."""
    cards: dict[object, list[Owed]] = {}
    for one in waiting:
        cards.setdefault(one.about, []).append(one)
    return list(cards.values())


def _span(same: Sequence[Owed], now: datetime) -> str:
    """Of when the states of one card are."""
    first, last = same[0], same[-1]
    if first.ends:
        return ""
    if last.ends and first.hangs_on is None:
        return f"Fired {when(first.created_at, now)}, over {when(last.created_at, now)}."
    times = ", ".join(when(one.created_at, now) for one in same[:-1][-5:])
    return f"Stands for {len(same) - 1} earlier {'one' if len(same) == 2 else 'ones'}: {times}."


def _listed(waiting: Sequence[Owed], by_card: Sequence[Sequence[Owed]], new_id: UUID, now: datetime) -> Owed:
    first, last = waiting[0], waiting[-1]
    words = _WORDS[max((one.severity for one in waiting), key=lambda one: one.rank)]
    since, until = when(first.created_at, now), when(last.created_at, now)
    title = f"{len(waiting)} {words} in one, " + (f"of {since}" if since == until else f"{since} to {until}")
    lines = [_line(number, same, now) for number, same in enumerate(by_card, 1)]
    if named := _numbers(by_card):
        lines.insert(0, named)
    text, attachment = "\n".join(lines), None
    if len(text) > LIST_CHARACTERS or any(one.posting.message.blocks for one in waiting):
        # Which leg, how far: what a title does not say must not be lost.
        whole = "\n\n---\n\n".join(f"{when(one.created_at, now)}\n{one.posting.message.text}" for one in waiting)
        attachment = Attachment("messages.txt", whole.encode("utf-8", "replace"))
        text = _shortened(lines)
    message = Message(
        title,
        (Paragraph(text),),
        silent=all(same[-1].posting.message.silent for same in by_card),
        attachment=attachment,
    )
    # What it stands for hangs on different messages, and is of different cards.
    return replace(
        last,
        id=new_id,
        posting=Posting(message, _keys(by_card)),
        created_at=first.created_at,
        card=None,
        in_place=False,
        replaces=None,
        hangs_on=None,
        ends=False,
    )


def _line(number: int, same: Sequence[Owed], now: datetime) -> str:
    last = same[-1]
    title = last.posting.message.title or last.posting.message.text[:80]
    at = when(last.created_at, now).rpartition(" ")[0]
    more = ""
    if len(same) > 1:
        more = f" ({_span(same, now).rstrip('.').lower()})" if last.ends else f" (×{len(same)})"
    return f"{number}. {at} {title}{more}"


def _numbers(by_card: Sequence[Sequence[Owed]]) -> str:
    """Which alerts these are, by what people type: as in `Alerts #3–#17, #19.`."""
    found = (_NUMBER.search(same[-1].posting.message.title) for same in by_card if same[-1].kind is Kind.ALERT)
    runs: list[list[int]] = []
    for number in sorted({int(one[1]) for one in found if one is not None}):
        if runs and number == runs[-1][-1] + 1:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
    return f"Alerts {', '.join('–'.join(f'#{end}' for end in run) for run in runs)}." if runs else ""


def _shortened(lines: Sequence[str]) -> str:
    """The first lines, and that all of them are in the file, whole."""
    shown: list[str] = []
    left = ABOVE_FILE_CHARACTERS
    for line in lines:
        left -= len(line) + 1
        if left < 0:
            break
        shown.append(line)
    more = len(lines) - len(shown)
    return "\n".join(
        [*shown, f"… and {more} more, all of them whole in the file." if more else "All whole in the file."]
    )


def _keys(by_card: Sequence[Sequence[Owed]]) -> tuple[tuple[Key, ...], ...]:
    rows = [
        tuple(replace(key, label=f"{number}: {key.label}") for key in same[-1].posting.keys[0])
        for number, same in enumerate(by_card, 1)
        if same[-1].posting.keys
    ]
    return tuple(rows[-WITH_BUTTONS:])
