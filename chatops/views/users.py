"""Who is here, and the questions before somebody becomes more, less, or a stranger."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from alerts.durations import span
from chatops.asks import Ask, ChangeRole, Invite, Mute, Revoke, Users
from chatops.guard.codes import LASTS
from chatops.layout import NOTHING, align
from chatops.messages import Block, Button, Message, Paragraph
from chatops.people import Directory, Identity, Principal, Revoked, Role, Source
from chatops.views.format import headline, label

#: Buttons of one question, and how many in a row.
_MOST, _A_ROW = 30, 3
_MINUTES = int(LASTS.total_seconds() // 60)
_MAY = {
    Role.VIEWER: "look at everything, and change nothing",
    Role.OPERATOR: "look, close positions, pause and resume entries and exits",
    Role.ADMIN: "do everything: stop all, change settings, let people in and put them out",
}


def users(directory: Directory, seen: Mapping[str, datetime], now: datetime) -> Message:
    """Everybody, with what the settings file and the database say of them."""
    people = directory.people
    counts = Counter(person.role for person in people)
    said = ", ".join(
        f"{counts[role]} {role}{'s' if counts[role] > 1 else ''}" for role in reversed(Role) if counts[role]
    )
    rows = [("name", "role", "from", "seen")]
    rows += [(one.name, one.role, directory.source(one), _ago(seen.get(one.name), now)) for one in people]
    accounts = [
        (one.name, identity.platform, identity.id, "" if identity in directory.fixed(one) else "here")
        for one in people
        for identity in sorted(one.identities, key=str)
    ]
    blocks: list[Block] = [align(rows, right="3"), Paragraph("Accounts", bold=True), align(accounts, right="2")]
    silent = [one.name for one in people if not one.identities]
    if silent:
        blocks.append(Paragraph(f"Without any account, and so never heard: {', '.join(silent)}."))
    blocks += [Paragraph(f"⚠ {clash}.") for clash in directory.clashes]
    blocks.append(Paragraph("“file” is the settings file, and changed there; “here” came by a code."))
    buttons = (Button("Invite", Invite()), Button("Role", ChangeRole()), Button("Revoke", Revoke()))
    return Message(
        headline(f"{len(people)} {'people' if len(people) != 1 else 'person'}: {said}"), tuple(blocks), (buttons,)
    )


def which_role(name: str = "") -> Message:
    """A button a role, for an invitation."""
    return Message(
        "Invite somebody as what?",
        (Paragraph("\n".join(f"{role}: may {may}" for role, may in _MAY.items())),),
        (tuple(Button(role.capitalize(), Invite(to=role, name=name)) for role in Role),),
    )


def which_person(ask: ChangeRole | Revoke, people: Sequence[Principal]) -> Message:
    """A button a person."""
    if not people:
        return Message(
            "Everybody here is of the settings file: change it there, and start again.",
            buttons=((Button("Users", Users()), Button("Invite", Invite())),),
        )
    title = "Make whom a stranger?" if isinstance(ask, Revoke) else "Whose role?"
    buttons = [Button(label(f"{one.name}, {one.role}"), ask.model_copy(update={"who": one.name})) for one in people]
    return Message(title, buttons=_rows(buttons))


def become_what(person: Principal) -> Message:
    """A button a role that they have not."""
    others = [role for role in Role if role is not person.role]
    return Message(
        headline(f"{person.name} is {person.role}. And from now on?"),
        (Paragraph("\n".join(f"{role}: may {may}" for role, may in _MAY.items())),),
        (tuple(Button(role.capitalize(), ChangeRole(who=person.name, to=role)) for role in others),),
    )


def really_role(person: Principal, role: Role) -> Message:
    """The question before a role changes."""
    return Message(
        headline(f"Make {person.name} {role}?"),
        (Paragraph(f"{person.name} is {person.role} now. As {role} they may {_MAY[role]}. It holds at once."),),
    )


def role_changed(person: Principal, role: Role) -> Message:
    """It did."""
    return Message(headline(f"{person.name} is {role} now, and was {person.role}."), (), ((Button("Users", Users()),),))


def really_revoke(person: Principal, fixed: frozenset[Identity]) -> Message:
    """The question before somebody becomes a stranger."""
    gone = _listed(person.identities - fixed)
    if fixed:
        return Message(
            headline(f"Take the linked accounts from {person.name}?"),
            (
                Paragraph(f"{gone}: a stranger at once. What they asked and did not confirm is void."),
                Paragraph(f"{_listed(fixed)} is in the settings file, and stays: take it out there."),
            ),
        )
    return Message(
        headline(f"Revoke {person.name}, {person.role}?"),
        (
            Paragraph(
                f"{gone or 'They'}: a stranger at once. What they asked and did not confirm is void, and so are "
                "their codes. What they did stays on record. Only an invitation brings them back."
            ),
        ),
    )


def revoked(done: Revoked) -> Message:
    """Somebody is one."""
    name = done.person.name
    ended = _voided(done)
    buttons = ((Button("Users", Users()),),)
    if done.stays:
        said = f"{name} is heard no more as {_listed(done.gone)}."
        stays = f"{_listed(done.stays)} is in the settings file, and stays until it is taken out there."
        return Message(headline(said), tuple(Paragraph(one) for one in (stays, ended) if one), buttons)
    return Message(headline(f"{name} is a stranger now."), (Paragraph(ended),) if ended else (), buttons)


def really_take(person: Principal, gone: Identity) -> Message:
    """The question before one account leads nowhere."""
    stays = _listed(person.identities - {gone})
    return Message(
        headline(f"Take {_listed(frozenset({gone}))} from {person.name}?"),
        (
            Paragraph(f"It is a stranger's at once, and {person.name} is heard as {stays}."),
            Paragraph("What they asked and did not confirm is void, and so are codes that they made."),
        ),
    )


def taken(done: Revoked) -> Message:
    """One of their accounts is a stranger's."""
    said = f"{done.person.name} is heard no more as {_listed(done.gone)}, and is as {_listed(done.stays)}."
    return Message(headline(said), (Paragraph(_voided(done)),) if done.voided else (), ((Button("Users", Users()),),))


def taken_from(done: Revoked, by: str) -> Message:
    """For its owner, on each account that they had."""
    return Message(headline(f"{by} took {_listed(done.gone)} from {done.person.name}: it is heard no more."))


def invitation(code: str, role: Role, name: str, links: Sequence[str]) -> Message:
    """A code for somebody new, to be handed on. The title is on record, and says nothing of it."""
    whom = f"{name}, {role}" if name else f"one {role}"
    return Message(
        headline(f"An invitation for {whom}: good once, for {_MINUTES} minutes."),
        (*_ways(code, links), Paragraph("Hand it on in private: whoever types it first is in.")),
    )


def link(code: str, person: Principal, links: Sequence[str]) -> Message:
    """A code for another account of theirs. The title says nothing of it."""
    return Message(
        headline(f"Another account for {person.name}: good once, for {_MINUTES} minutes."),
        (
            Paragraph(f"Say there, to me alone: link {code}"),
            *(Paragraph(f"Or open there: {one}") for one in links),
            Paragraph("Show it to nobody: whoever types it first is you."),
        ),
    )


def sent_in_private(what: str, ask: Ask, links: Sequence[str]) -> Message:
    """In a room where others read: where the code is."""
    there = f" ({links[0]})" if links else ""
    return Message(
        headline(f"I sent you the {what} in private: here anybody could take it."),
        (Paragraph(f"Nothing there? Open a chat with me{there} and say /{ask.usage()}."),),
    )


def refused(reason: str) -> Message:
    """Why it is not done."""
    return Message(headline(reason), buttons=((Button("Users", Users()),),))


def rooms(muted: Mapping[str, bool], said: str = "") -> Message:
    """The rooms by name and which are muted; pressing one makes it the other."""
    if not muted:
        return Message("No rooms are in the settings: nobody is told anything unasked.")
    count = sum(muted.values())
    buttons = [
        Button(label(f"{'🔕' if is_muted else '🔔'} {name}"), Mute(room=name[:64], switch="off" if is_muted else "on"))
        for name, is_muted in muted.items()
    ]
    rows = [(name, "muted" if is_muted else "told") for name, is_muted in muted.items()]
    return Message(
        headline(said or f"{count} of {len(muted)} rooms {'is' if count == 1 else 'are'} muted"),
        (align(rows), Paragraph("A muted room is told nothing unasked; what is asked there is answered.")),
        _rows(buttons),
    )


def _voided(done: Revoked) -> str:
    return f"{done.voided} of their questions {'are' if done.voided > 1 else 'is'} void." if done.voided else ""


def _ways(code: str, links: Sequence[str]) -> tuple[Paragraph, ...]:
    return (
        *(Paragraph(one) for one in links),
        Paragraph(f"Or they say to me alone: start {code}" if links else f"They say to me alone: start {code}"),
    )


def _rows(buttons: Sequence[Button]) -> tuple[tuple[Button, ...], ...]:
    shown = buttons[:_MOST]
    return tuple(tuple(shown[start : start + _A_ROW]) for start in range(0, len(shown), _A_ROW))


def _listed(accounts: frozenset[Identity]) -> str:
    return ", ".join(f"{one.platform} {one.id}" for one in sorted(accounts, key=str))


def _ago(at: datetime | None, now: datetime) -> str:
    return NOTHING if at is None else span(now - at)


def changeable(directory: Directory, ask: ChangeRole | Revoke) -> tuple[Principal, ...]:
    """Those whom the buttons of this question name: of the settings file only who has accounts here, to be revoked."""
    return tuple(
        one
        for one in directory.people
        if directory.source(one) is Source.HERE or (isinstance(ask, Revoke) and one.identities != directory.fixed(one))
    )
