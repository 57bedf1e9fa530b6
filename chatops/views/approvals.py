"""When an act needs more than its asker's word: a second press, a code, a second person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from chatops.asks import Ask, Cancel, Positions
from chatops.guard.facts import Change
from chatops.layout import fit
from chatops.messages import Button, Message, Paragraph, Whose
from chatops.people import Role
from chatops.views.answers import said_of
from chatops.views.format import headline

#: Columns of a list of names or of what has changed.
_LISTED = 400


def really(ask: Ask) -> Message:
    """The question of a word that has none of its own, and that the settings have asked twice."""
    return Message(headline(f"Really {_named(ask)}?"))


@dataclass(frozen=True, slots=True)
class Put:
    """A question as it is put to people: what saying yes makes, and what it shows of that."""

    ask: Ask
    message: Message
    preview: Mapping[str, Any]
    #: The ask of the log that is answered.
    command_id: UUID


def to_confirm(put: Put, *, by_code: bool, changes: Sequence[Change] = ()) -> Message:
    """The question with what answers it; with what has changed first where it is asked anew."""
    blocks, title = put.message.blocks, put.message.title
    if changes:
        said = "; ".join(map(str, changes))
        title = headline(f"The facts have changed: {said}")
        whole = (Paragraph(fit(f"Changed: {said}", _LISTED)),) if said not in title else ()
        blocks = (*whole, Paragraph(put.message.title, bold=True), *blocks)
    row: tuple[Button, ...] = (Button("Cancel", Cancel(), settles=put.command_id),)
    if by_code:
        blocks = (*blocks, Paragraph("Confirm with your code: /code 123456"))
    else:
        row = (Button("Confirm", put.ask, settles=put.command_id, preview=put.preview), *row)
    return replace(put.message, title=title, blocks=blocks, buttons=(row, *put.message.buttons))


def to_approve(put: Put, asker: str, awaited: Sequence[str], within: timedelta) -> Message:
    """What a second person is asked, with all that the first was shown; and for the first to read who is awaited."""
    minutes = f"{within.total_seconds() / 60:g} min"
    who = Paragraph(fit(f"{asker} asks. May approve, within {minutes}: {', '.join(awaited)}.", _LISTED))
    buttons = (
        Button("Approve", put.ask, settles=put.command_id, whose=Whose.ANOTHER, preview=put.preview),
        Button("Reject", Cancel(), settles=put.command_id, whose=Whose.ANOTHER),
    )
    return Message(headline(f"Approve? {put.message.title}"), (who, *put.message.blocks), (buttons,))


def to_withdraw(message: Message) -> Message:
    """The same where nobody but the asker reads: they may take it back, and not approve it."""
    rows = (
        (replace(button, label="Withdraw") for button in row if isinstance(button.ask, Cancel))
        for row in message.buttons
    )
    return replace(message, buttons=tuple(map(tuple, rows)))


def nobody(needed: Role) -> Message:
    """There is no second person for it."""
    return Message(
        headline(f"Nobody else may approve this: it needs {_another(needed)}. Nothing was done."),
        (
            Paragraph(
                "An admin can let somebody in (/invite, or `quarterdeck users invite` where the desk runs), or change "
                "`approvals` of the word in the settings."
            ),
        ),
    )


def approved(by: str) -> Message:
    """On the copies of a request, while it runs."""
    return Message(headline(f"Approved by {by}. It runs…"))


def ended(asker: str, ask: Ask, said: str) -> Message:
    """On the copies of a request, once it is over."""
    what = _named(ask)
    return Message(headline(f"{what[:1].upper()}{what[1:]}, asked by {asker}: {said}"))


def asked_anew(asker: str, changes: Sequence[Change]) -> Message:
    """On the copies, where the facts have changed before anybody approved."""
    said = "; ".join(map(str, changes))
    return Message(headline(f"The facts have changed ({said}): {asker} is asked anew. Nothing was done."))


def rejected(by: str) -> Message:
    """A second person said no."""
    return Message(headline(f"Rejected by {by}. Nothing was done."), buttons=((Button("Positions", Positions()),),))


def expired(ask: Ask) -> Message:
    """Nobody said anything."""
    return Message("Nobody approved in time. Nothing was done.", buttons=((Button(said_of(ask), ask),),))


def no_longer(reason: str) -> Message:
    """Whoever asked may not any more."""
    return Message(headline(f"Not done: {reason}"))


def means_another(ask: Ask) -> Message:
    """What was asked is not what it was when it was shown."""
    return Message(
        headline(f"“{said_of(ask)}” means something else by now. Nothing was done; ask again."),
        buttons=((Button("Positions", Positions()),),),
    )


def signed(message: Message, asker: str, approver: str) -> Message:
    """How an act ended that took two."""
    return replace(message, blocks=(*message.blocks, Paragraph(f"Asked by {asker}, approved by {approver}.")))


def enrol_first(ask: Ask) -> Message:
    """A code is needed from somebody who has none."""
    return Message(
        headline(
            f"/{ask.form} needs a code from your phone, and you have none yet: /totp sets it up. Nothing was done."
        )
    )


def code_taken() -> Message:
    """The code was right, and what waited for it went on."""
    return Message("Your code was right. What came of it stands at the question.")


def code_too_late() -> Message:
    """The code was right, and nothing waits for it any more."""
    return Message("Your code was right, but nothing waits for it any more. Nothing was done; ask again.")


def _named(ask: Ask) -> str:
    said = said_of(ask)
    if said.casefold() != ask.word:
        return said[:1].lower() + said[1:]
    # Whoever says yes must read to what: as who is invited, which room is muted.
    given = ask.arguments
    return " ".join([f"/{ask.word}", *(str(given[name]) for name in ("bot", *ask.typed()) if name in given)])


def _another(role: Role) -> str:
    return "another admin" if role is Role.ADMIN else f"another {role} or above"
