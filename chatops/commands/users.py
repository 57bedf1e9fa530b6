"""Answers to who else is here, and who comes, changes and goes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot_integration import Outcome
from chatops.asks import Ask, ChangeRole, Invite, Link, Revoke, Users
from chatops.commands.registry import Asking, Question, Registry, Reply
from chatops.membership.admission import Admission
from chatops.membership.roster import Roster, Unwilling, check_revoke, check_role, linked_account, who
from chatops.messages import Message
from chatops.people import Role
from chatops.reach import Reach
from chatops.views import users as views


class UserCommands:
    """Shows and changes who is known. A code is shown where one person alone reads."""

    def __init__(self, roster: Roster, admission: Admission, reach: Reach, now: Callable[[], datetime]) -> None:
        self._roster = roster
        self._admission = admission
        self._reach = reach
        self._now = now

    def register(self, registry: Registry) -> None:
        """Answer these words."""
        registry.on(Users, self.users)
        registry.on(Invite, self.invite)
        registry.on(Link, self.link)
        registry.on(ChangeRole, self.change_role, self.ask_role)
        registry.on(Revoke, self.revoke, self.ask_revoke)

    async def users(self, ask: Users, asking: Asking) -> Reply:
        """Everybody."""
        await self._roster.load()
        return Reply(views.users(self._roster.directory, await self._roster.last_seen(), self._now()))

    async def invite(self, ask: Invite, asking: Asking) -> Reply:
        """A code for somebody new."""
        role, name = _role(ask.to), ask.name
        if role is None:
            # As in "/invite dan operator", or "/invite dan".
            role, name = _role(ask.name), ask.to
        if role is None:
            return Reply(views.which_role(name), None)
        try:
            code = await self._admission.invitation(role, name, asking.person.name, asking.sender)
        except Unwilling as refusal:
            return Reply(views.refused(str(refusal)), Outcome.REFUSED)
        shown = views.invitation(code, role, name, self._reach.invitations(code))
        return await self._in_private(shown, "invitation", ask, asking)

    async def link(self, ask: Link, asking: Asking) -> Reply:
        """A code for another account of whoever asks."""
        try:
            code = await self._admission.link(asking.person, asking.sender)
        except Unwilling as refusal:
            return Reply(views.refused(str(refusal)), Outcome.REFUSED)
        shown = views.link(code, asking.person, self._reach.invitations(code))
        return await self._in_private(shown, "code", ask, asking)

    async def ask_role(self, ask: ChangeRole, asking: Asking) -> Question | Reply:
        """What the new role means, once it is clear whose and which."""
        if not ask.who:
            return Reply(views.which_person(ask, views.changeable(self._roster.directory, ask)), None)
        try:
            person = who(self._roster.directory, ask.who)
            role = _role(ask.to)
            if role is None:
                return Reply(views.become_what(person), None)
            check_role(self._roster.directory, person, role)
        except Unwilling as refusal:
            return Reply(views.refused(str(refusal)), Outcome.REFUSED)
        return Question(
            ChangeRole(who=person.name, to=role), views.really_role(person, role), {"role": str(person.role)}
        )

    async def change_role(self, ask: ChangeRole, asking: Asking) -> Reply:
        """Make them that."""
        role = _role(ask.to)
        if not ask.who or role is None:
            # Where the settings ask for no second press.
            asked = await self.ask_role(ask, asking)
            return asked if isinstance(asked, Reply) else Reply(asked.message, None)
        try:
            before = await self._roster.set_role(ask.who, role, asking.person.name)
        except Unwilling as refusal:
            return Reply(views.refused(str(refusal)), Outcome.REFUSED)
        return Reply(views.role_changed(before, role))

    async def ask_revoke(self, ask: Revoke, asking: Asking) -> Question | Reply:
        """What it means, once it is clear who."""
        if not ask.who:
            return Reply(views.which_person(ask, views.changeable(self._roster.directory, ask)), None)
        try:
            person = who(self._roster.directory, ask.who)
            if ask.account:
                gone = linked_account(self._roster.directory, person, ask.account)
                # That one from here on: another may be linked there before it is confirmed.
                settled = Revoke(who=person.name, account=str(gone))
                return Question(settled, views.really_take(person, gone), {"account": str(gone)})
            check_revoke(self._roster.directory, person)
        except Unwilling as refusal:
            return Reply(views.refused(str(refusal)), Outcome.REFUSED)
        fixed = self._roster.directory.fixed(person)
        return Question(Revoke(who=person.name), views.really_revoke(person, fixed), {"role": str(person.role)})

    async def revoke(self, ask: Revoke, asking: Asking) -> Reply:
        """Make them a stranger, or one account of theirs."""
        if not ask.who:
            asked = await self.ask_revoke(ask, asking)
            return asked if isinstance(asked, Reply) else Reply(asked.message, None)
        try:
            if ask.account:
                done = await self._roster.take_account(ask.who, ask.account, asking.person.name)
                await self._reach.tell([done.person], views.taken_from(done, asking.person.name))
                return Reply(views.taken(done))
            done = await self._roster.revoke(ask.who, asking.person.name)
        except Unwilling as refusal:
            return Reply(views.refused(str(refusal)), Outcome.REFUSED)
        return Reply(views.revoked(done))

    async def _in_private(self, shown: Message, what: str, ask: Ask, asking: Asking) -> Reply:
        if self._reach.is_direct(asking.room, asking.sender):
            return Reply(shown)
        alone = replace(asking.person, identities=frozenset({asking.sender}))
        await self._reach.tell([alone], shown)
        return Reply(views.sent_in_private(what, ask, self._reach.invitations("")))


def _role(typed: str) -> Role | None:
    folded = typed.casefold()
    return Role(folded) if folded in set(Role) else None
