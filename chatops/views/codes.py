"""What is said of codes that prove who one is. A code itself is said by `enrolment` and `recovery_codes` alone."""

from dataclasses import replace
from datetime import datetime

from chatops.asks import TakeAway, Totp
from chatops.guard.totp import in_fours
from chatops.layout import fit
from chatops.messages import Button, Message, Paragraph, Table
from chatops.people import Principal
from chatops.room import Room
from chatops.views.format import headline
from chatops.views.qr import qr

#: With less than so many recovery codes left one is told to have others made.
FEW = 3
_HOW = "Send /code and what the app shows, as in /code 123456."


def elsewhere() -> Message:
    """What only its owner may read is not said here."""
    return Message("Write to me directly: what I have to show you is for you alone. There say /totp.")


def unseen() -> Message:
    """The message with the secret could not be shown at once, and is stored nowhere."""
    return Message("I could not show it to you just now. Say /totp again in a moment.", buttons=((_begin(),),))


def no_key() -> Message:
    """The key could not be made."""
    return Message("I cannot keep the key that codes need. Whoever runs the desk finds the reason in its log.")


def enrolment(secret: str, uri: str) -> Message:
    """The seed, for an app to read. It is shown to one person, stored nowhere, and taken away."""
    return Message(
        "Scan this with your authenticator app",
        (
            Paragraph("On this very phone: add an account by hand, based on time, with this key."),
            Table((in_fours(secret),)),
            Paragraph("Show it to nobody. I take it away as soon as your first code is here."),
        ),
        attachment=qr(uri, "totp.png"),
    )


def begun() -> Message:
    """What to do with it."""
    return Message("Now send me the first code", (Paragraph(_HOW),))


def enrolled_already(recovery_codes: int) -> Message:
    """What one may want besides."""
    return Message(
        "Your codes count already",
        (Paragraph(f"{_left(recovery_codes)} Either of these needs a code first."),),
        ((Button("Make a new one", Totp(what="new")), Button("Turn it off", Totp(what="off"))),),
    )


def not_enrolled() -> Message:
    """Nothing to end or to try."""
    return Message("You have no codes yet. Write to me directly and say /totp.", buttons=((_begin(),),))


def really_new() -> Message:
    """Before the old one is given up."""
    return Message("Make a new one?", (Paragraph("What your app and your recovery codes say now will count no more."),))


def really_off() -> Message:
    """Before one's own end."""
    return Message(
        "Turn your codes off?", (Paragraph("What asks for a code will then be refused to you until you enrol again."),)
    )


def really_off_for(who: str) -> Message:
    """Before those of somebody else end."""
    return Message(
        headline(f"Turn the codes of {who} off?"),
        (Paragraph("For a phone that is lost. They enrol again with /totp. Make sure that it is they who ask you."),),
    )


def off() -> Message:
    """One's own have ended."""
    return Message("Your codes are off.", buttons=((_begin(),),))


def off_for(who: str) -> Message:
    """Those of somebody else have ended."""
    return Message(headline(f"The codes of {who} are off."))


def none_of(who: str) -> Message:
    """Somebody else who has none."""
    return Message(headline(f"{fit(who, 40)} has no codes."))


def that_is_you() -> Message:
    """One's own need a code."""
    return Message(
        "That is you: your own codes need one of them to be turned off.",
        buttons=((Button("Turn it off", Totp(what="off")),),),
    )


def who_is(who: str) -> Message:
    """Of somebody else only the end is an admin's."""
    return Message(
        headline(f"What of the codes of {fit(who, 40)}? An admin may turn them off."),
        (Paragraph("For a phone that is lost: /totp NAME off."),),
    )


# ------------------------------------------------------------------------ what came of a code


def how_it_goes() -> Message:
    """What was given is no code."""
    return Message("A code has six digits, a recovery code twelve letters or digits.", (Paragraph(_HOW),))


def first_code_elsewhere() -> Message:
    """What it brings is for its owner alone."""
    return Message("Send me your first code directly: what it brings is for you alone. That one is not used up.")


def enrolled(*, shown: bool, hidden: bool) -> Message:
    """It is theirs from now on; whether the recovery codes are `shown`, and the picture `hidden`."""
    said = "Above are ten recovery codes, for when the phone is lost. Keep them where the phone is not."
    if not shown:
        said = "Your recovery codes could not be shown just now. For others have a new one made: /totp new."
    blocks = [Paragraph(said)]
    if not hidden:
        blocks.append(Paragraph("I could not take the picture with the key away: delete it yourself."))
    buttons = ((Button("Saved: take them away", TakeAway()),),) if shown else ()
    return Message("Enrolled. Your codes count from now on.", tuple(blocks), buttons)


def recovery_codes(codes: tuple[str, ...]) -> Message:
    """Shown once, stored nowhere."""
    return Message(
        "Your recovery codes: each works once",
        (Table(codes), Paragraph("In place of a code: /code and one of these.")),
    )


def taken_away() -> Message:
    """The message with the secret is gone."""
    return Message("They are gone from here.")


def still_there() -> Message:
    """It could not be deleted by us."""
    return Message("I could not take them away. Delete that message yourself.")


def wrong() -> Message:
    """It is none of now."""
    return Message(
        "That code is wrong.",
        (Paragraph("Wait for the next one. If it goes on: is your phone’s clock set by the network?"),),
    )


def used() -> Message:
    """A code works once."""
    return Message("That code was used before, and works once. Wait for the next one.")


def locked(until: datetime) -> Message:
    """Said once; then there is silence. `until` is in the zone in which it is told."""
    return Message(f"Too many wrong codes. I take none from you before {until:%H:%M:%S %Z}, right or wrong.")


def key_is_gone() -> Message:
    """No code can be right."""
    return Message(
        "I cannot check codes: my key for them is gone. `quarterdeck check` says more to whoever runs the desk."
    )


def cannot_check() -> Message:
    """Whether a code was used before only the database knows."""
    return Message("My database is away: I cannot tell whether that code was used before. Try again in a minute.")


def nothing_waits() -> Message:
    """Nothing to confirm."""
    return Message("Nothing of yours waits for a code. That one was not tried, and is not used up.")


def tell_of_locked(who: Principal, room: Room, at: datetime, until: datetime) -> Message:
    """For an admin: somebody tries codes. `at` and `until` are in the zone in which they are told."""
    return Message(
        headline(f"⚠ Too many wrong codes from {who.name} on {room.platform}"),
        (
            Paragraph(f"The last came at {at:%H:%M:%S %Z}. I take none from them before {until:%H:%M:%S}."),
            Paragraph("Ask them by another way. If it was not they, somebody has their account: revoke it."),
        ),
    )


def with_left(message: Message, left: int) -> Message:
    """What is answered to a recovery code, with how many more times that can be done."""
    few = " Have a new one made: /totp new." if left < FEW else ""
    return replace(message, blocks=(*message.blocks, Paragraph(f"That was a recovery code. {_left(left)}{few}")))


def _left(recovery_codes: int) -> str:
    return "No recovery code is left." if not recovery_codes else f"Recovery codes left: {recovery_codes}."


def _begin() -> Button:
    return Button("Enrol", Totp())
