"""Who may ask what: one function, asked for every text and every press at the moment of execution."""

from dataclasses import dataclass

from chatops.asks import Ask
from chatops.people import Principal, Role


@dataclass(frozen=True, slots=True)
class Allowed:
    """They may."""


@dataclass(frozen=True, slots=True)
class Denied:
    """They may not; the reason is for them to read."""

    reason: str


def check(person: Principal | None, ask: Ask) -> Allowed | Denied:
    """Whether this person may ask this. Nobody is let in by default."""
    if person is None:
        return Denied("I do not know you.")
    needed = ask.needs
    if needed is None or person.role.covers(needed):
        return Allowed()
    return Denied(f"/{ask.word} is for {_those(needed)}; you are {_a(person.role)}.")


def may_ever(role: Role, kind: type[Ask]) -> bool:
    """Whether help and menus show a word to this role: it may ask it in its plainest form."""
    return not kind.hidden and (kind.role is None or role.covers(kind.role))


def _those(role: Role) -> str:
    return "admins" if role is Role.ADMIN else f"{role}s and above"


def _a(role: Role) -> str:
    return f"an {role}" if role[0] in "ao" else f"a {role}"
