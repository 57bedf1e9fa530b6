"""What somebody is told who comes in, or wants to, and what others are told of it."""

from chatops.asks import Help, Positions, Status, Whoami
from chatops.guard.codes import CodeKind, StoredCode
from chatops.layout import fit
from chatops.messages import Button, Message, Paragraph
from chatops.people import Identity, Principal
from chatops.views.format import headline

_WHAT = {CodeKind.CLAIM: "claim", CodeKind.INVITE: "invitation", CodeKind.LINK: "link"}
_ANEW = {
    CodeKind.CLAIM: "Each start of the program prints a new one where it runs, as long as there is no admin.",
    CodeKind.INVITE: "Ask whoever gave it to you for another: it is good for ten minutes, once.",
    CodeKind.LINK: "Say /link on the account that I know you by: it shows another.",
}


def welcome(person: Principal, desk: str, kind: CodeKind) -> Message:
    """To somebody who is in: who they are here, and what to do first."""
    if kind is CodeKind.LINK:
        title = f"Welcome back, {person.name}: this account is you too, {person.role} on the desk “{desk}”."
    else:
        title = f"Welcome, {person.name}: you are {person.role} on the desk “{desk}”."
    steps = ["Ask /status for how things are, /positions for what is held, /help for all that you may ask."]
    if kind is CodeKind.CLAIM:
        steps.append(
            "You are the first here: /invite lets in others, /users shows who is here, /link makes another account of "
            "yours you. Keep two admins: one phone gets lost."
        )
    buttons = (Button("Status", Status()), Button("Positions", Positions()), Button("Help", Help()))
    return Message(headline(title), tuple(map(Paragraph, steps)), (buttons,))


def spent(code: StoredCode, *, used: bool) -> Message:
    """To somebody whose code was one once."""
    what = _WHAT[code.kind]
    if used:
        return Message(f"That {what} was used already, and works once. Nothing was done.", (_anew(code),))
    return Message(f"That {what} has expired. Nothing was done.", (_anew(code),))


def _anew(code: StoredCode) -> Paragraph:
    return Paragraph(_ANEW[code.kind])


def not_now(reason: str) -> Message:
    """To somebody with a good code that does nothing for them."""
    return Message(headline(reason))


def unknown(person: Principal) -> Message:
    """To somebody who needs no code, and typed one that is none of ours."""
    return Message(
        headline(f"I do not know that code. You need none: you are {person.name} here, {person.role}."),
        buttons=((Button("Who am I?", Whoami()), Button("Help", Help())),),
    )


def too_many() -> Message:
    """To somebody we know whose codes are not looked at for a while."""
    return Message("Those were too many wrong codes. I look at none of yours for five minutes.")


def came_in(person: Principal, identity: Identity) -> Message:
    """To whoever invited them."""
    return Message(
        headline(f"{person.name} came in by your invitation, {person.role}."),
        (Paragraph(f"Their account is {account(identity)}. Is that not who you meant? /revoke {person.name}"),),
    )


def linked(person: Principal, identity: Identity) -> Message:
    """To the same person on the accounts that they had."""
    return Message(
        headline(f"Another account is you now, {person.name}: {account(identity)}"),
        (Paragraph(f"Was that not you? Have an admin say /revoke {person.name} at once."),),
    )


def guesses(identity: Identity, known: Principal | None) -> Message:
    """To the admins, once."""
    who = f"{known.name} ({account(identity)})" if known else f"A stranger, {account(identity)},"
    return Message(
        headline(f"{who} typed five wrong codes within five minutes."),
        (Paragraph("Nobody came in by them. Codes of that account are not looked at for five minutes."),),
    )


def claim_words(code: str) -> str:
    """What is printed where the program runs."""
    return (
        f"\nNobody is admin of this desk yet. Say to the bot, in a private chat:\n\n    claim {code} YOURNAME\n\n"
        "It is good once, until the next start.\n"
    )


def account(identity: Identity) -> str:
    """An account as people read it."""
    return fit(f"{identity.platform} {identity.id}", 60)
