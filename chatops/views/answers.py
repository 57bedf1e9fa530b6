"""What the gateway itself says: refusals, and what became of a button."""

from uuid import UUID

from pydantic import ValidationError

from chatops.asks import Ask, Help, Positions
from chatops.grammar import Misread
from chatops.guard.codes import masked
from chatops.guard.limits import Over
from chatops.guard.permissions import Allowed, Denied, Permissions
from chatops.guard.presses import StoredPress, Verdict
from chatops.layout import fit
from chatops.messages import Button, Message, Paragraph, Wanted
from chatops.people import Principal
from chatops.views.format import headline, label

#: What is on record of a question whose time is over.
NOT_CONFIRMED = "Nobody confirmed in time."
#: What was written makes no ask, and part of it looks like a secret: none of it is said again.
LOOKS_SECRET = Misread("I cannot read that, and it holds what looks like a secret. Delete it here; it is on no record.")
#: What was chosen from a menu says nothing without it.
MENU_IS_GONE = Misread("That menu is too old, or the database is away. Nothing was done; ask again.")


def misread(read: Misread, person: Principal, permissions: Permissions) -> Message:
    """The hint, with buttons for what may have been meant and needs no argument."""
    near = []
    for kind in read.nearest:
        try:
            ask = kind()
        except ValidationError:
            continue
        if kind is not Help and isinstance(permissions.check(person, ask), Allowed):
            near.append(Button(f"/{kind.word}", ask, form=bool(ask.lacks)))
    return Message(headline(masked(read.hint)), buttons=((*near, Button("/help", Help())),))


def say_again(fault: str, wanted: Wanted) -> Message:
    """What was written in reply will not do; it is asked for once more."""
    return Message(headline(fault), (Paragraph("Reply with another."),), wanted=wanted)


def not_awaited(verdict: Verdict, stored: StoredPress) -> Message:
    """Why a reply did nothing."""
    if verdict is Verdict.ANOTHERS:
        return Message(headline(f"Only {stored.principal} can answer that. Nothing was done."))
    again = ((Button(said_of(stored.ask), stored.ask),),) if not stored.ask.hidden else ()
    return Message("That question is too old. Nothing was done; ask again.", buttons=again)


def denied(decision: Denied) -> Message:
    """Why not."""
    return Message(decision.reason)


def too_many(over: Over) -> Message:
    """Said once; what follows until then is met with silence."""
    again_s = int(over.again_in.total_seconds())
    return Message(f"Too many {over.what}: {over.limit} in a minute. Try again in {again_s} s; until then I am silent.")


def said_of(ask: Ask) -> str:
    """An ask in a few words, as on a button or in a question."""
    return label(ask.said)


def working(ask: Ask, bot: str = "") -> Message:
    """While it runs; `bot` is said where there are several. It claims nothing that is not so yet."""
    doing = ask.doing.strip()
    if bot and bot not in doing.split():
        doing = f"{bot}: {doing[:1].lower()}{doing[1:]}"
    return Message(headline(f"{doing}…"))


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
        case Verdict.OWN:
            return Message("You asked for this yourself: somebody else has to approve it. Nothing was done.")
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
    """It needs what only the database knows, or was not to be done without a record there."""
    return Message(
        "The database is away, so I cannot do that now. Nothing was done; try again in a minute.",
        (Paragraph("What reduces risk works: /close, /pause, /stop. So does what only looks at the bots."),),
    )


def nowhere_to_record() -> Message:
    """Nothing is done that is on no record, but an emergency."""
    return Message(
        "The database is away, and the disk takes no record either. Nothing was done.",
        (Paragraph("Only /stop and its like work now. Somebody has to look at the machine: at its disk first."),),
    )


def unreached(*, acts: bool) -> Message:
    """What was to be read where they alone read may not be shown there: some platforms let nobody be written to who
    has not written first. What `acts` and is not asked twice was done.
    """
    record = (Paragraph("Whatever was done is on record: /audit."),) if acts else ()
    return Message(
        "I may not write to you by yourself. Open a chat with me and say /start there; then ask again.", record
    )


def broke(command_id: UUID) -> Message:
    """What nobody foresaw."""
    return Message(
        "That broke on our side.",
        (Paragraph(f"Look at the state before you ask again. The log has the whole story under {command_id}."),),
    )
