"""Who may ask what: one function, asked for every text, press and approval, and again at the moment of execution."""

from dataclasses import dataclass

from chatops.asks import Ask
from chatops.guard.policy import Policy, Terms
from chatops.people import Principal, Role
from chatops.room import Room


@dataclass(frozen=True, slots=True)
class Allowed:
    """They may, on these terms."""

    terms: Terms


@dataclass(frozen=True, slots=True)
class Denied:
    """They may not; the reason is for them to read."""

    reason: str


class Permissions:
    """Decides by the policy of the desk. Nobody is let in by default."""

    def __init__(self, policy: Policy | None = None) -> None:
        self._policy = policy or Policy()

    @property
    def policy(self) -> Policy:
        """What the words need."""
        return self._policy

    def check(
        self, person: Principal | None, ask: Ask, room: Room | None = None, *, database_is_away: bool = False
    ) -> Allowed | Denied:
        """Whether this person may ask this in this room now. Without a `room`: wherever they may ask at all."""
        if person is None:
            return Denied("I do not know you.")
        terms = self._policy.terms(ask)
        if terms.role is not None and not person.role.covers(terms.role):
            return Denied(f"/{ask.form} is for {_those(terms.role)}; you are {_a(person.role)}.")
        if room is not None and not person.may_ask_in(room):
            return Denied(f"You may not ask here, {person.name}: the settings bind you to other rooms.")
        bot = getattr(ask, "bot", "")
        if bot and not person.may_see(bot):
            return Denied(f"You may not ask about {bot}: the settings bind you to other bots.")
        if database_is_away and ask.stored:
            return Denied("The database is away, and only it has the answer. /status works. Try again in a minute.")
        if database_is_away and not ask.cannot_wait:
            return Denied(
                "The database is away, so this could not be put on record. What reduces risk works: /close, /pause, "
                "/stop. Try again in a minute."
            )
        return Allowed(terms)

    def may_ever(self, role: Role, kind: type[Ask]) -> bool:
        """Whether help and menus show a word to this role: it may ask it in its plainest form."""
        needed = self._policy.terms(kind()).role
        return not kind.hidden and (needed is None or role.covers(needed))


def _those(role: Role) -> str:
    return "admins" if role is Role.ADMIN else f"{role}s and above"


def _a(role: Role) -> str:
    return f"an {role}" if role[0] in "ao" else f"a {role}"
