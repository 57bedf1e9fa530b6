"""What the gateway itself says: refusals, and what became of a button."""

from dataclasses import replace
from uuid import UUID

from pydantic import ValidationError

from chatops.asks import Ask, Close, Help, Pause, Positions, Resume, ShowPosition
from chatops.grammar import Misread
from chatops.guard.permissions import Allowed, Denied, Permissions
from chatops.guard.presses import StoredPress, Verdict
from chatops.layout import fit
from chatops.messages import Button, Message, Paragraph
from chatops.people import Principal
from chatops.views.format import headline, label


def misread(read: Misread, person: Principal, permissions: Permissions) -> Message:
    """The hint, with buttons for what may have been meant and needs no argument."""
    near = []
    for kind in read.nearest:
        try:
            ask = kind()
        except ValidationError:
            continue
        if kind is not Help and isinstance(permissions.check(person, ask), Allowed):
            near.append(Button(f"/{kind.word}", ask))
    return Message(headline(read.hint), buttons=((*near, Button("/help", Help())),))


def denied(decision: Denied) -> Message:
    """Why not."""
    return Message(decision.reason)


def said_of(ask: Ask) -> str:
    """An ask in a few words, as on a button or in a question."""
    return label(_said(ask))


def _said(ask: Ask) -> str:
    match ask:
        case Close(percent=100):
            return f"Close {ask.position}"
        case Close():
            return f"Close {ask.percent:g}% of {ask.position or 'a position'}"
        case Pause() | Resume():
            return f"{ask.word.capitalize()} {ask.scope}"
        case ShowPosition():
            return ask.position or "Position"
        case _:
            return ask.word.capitalize()


def working(ask: Ask) -> Message:
    """While it runs. It claims nothing that is not so yet."""
    doing = {"close": "Closing", "pause": "Pausing", "resume": "Resuming"}.get(ask.word, "Working on")
    what = said_of(ask).partition(" ")[2]
    return Message(f"{doing} {what}…".replace(" …", "…"))


def stale(ask: Ask) -> Message:
    """What came while nobody was here is never run unasked, and never dropped."""
    return Message(
        "That came while I was away. Nothing was done; press again if you still want it.",
        buttons=((Button(said_of(ask), ask),),),
    )


def cancelled() -> Message:
    """The question was answered with no."""
    return Message("Cancelled. Nothing was done.", buttons=((Button("Positions", Positions()),),))


def not_good(verdict: Verdict, stored: StoredPress | None) -> Message:
    """Why a press did nothing."""
    match verdict:
        case Verdict.ANOTHERS:
            asker = stored.principal if stored else None
            return Message(headline(f"Only {asker} can press that: {asker} asked. Nothing was done."))
        case Verdict.ELSEWHERE:
            return Message("That button belongs to another room. Nothing was done.")
        case Verdict.LATE:
            again = ((Button(said_of(stored.ask), stored.ask),),) if stored and not stored.ask.hidden else ()
            return Message("That button is too old, or was pressed while I was away. Nothing was done.", buttons=again)
        case Verdict.SPENT if stored is not None and stored.result:
            said = fit(f"What came of it: {stored.result}", 600)
            return Message("That button was pressed before, and works once.", (Paragraph(said),))
        case Verdict.SPENT:
            return Message("That button was pressed before, and works once. What came of it is not on record yet.")
        case _:
            return Message("I do not know that button. Nothing was done; ask again with a word, as /status.")


def database_away() -> Message:
    """Nothing is done that cannot be put on record."""
    return Message("The database is away, so this could not be put on record. Nothing was done; try again in a minute.")


def unrecorded(message: Message) -> Message:
    """The end of an act that could not be put on record. Its buttons could not be either."""
    note = Paragraph("The database is away: how this ended is not on record yet.")
    return replace(message, blocks=(*message.blocks, note), buttons=())


def broke(command_id: UUID) -> Message:
    """What nobody foresaw."""
    return Message(
        "That broke on our side.",
        (Paragraph(f"Look at the state before you ask again. The log has the whole story under {command_id}."),),
    )
