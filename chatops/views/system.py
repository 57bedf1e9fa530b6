"""How the desk itself is."""

from datetime import datetime, timedelta

from alerts.durations import span
from chatops.asks import Bots, System
from chatops.condition import Condition, Stored
from chatops.layout import align, fit
from chatops.link import Away, Connected, Link
from chatops.messages import Button, Message, Paragraph
from chatops.views.format import headline

#: Two clocks that are nearer than this are one.
SAME_CLOCK = timedelta(seconds=1)
#: Columns of a reason.
_REASON_COLUMNS = 200
_MIB = 1024 * 1024


def system(desk: Condition, now: datetime) -> Message:
    """A table; what is wrong stands in the title, and why below."""
    rows = [("Version", desk.version), ("Up", span(desk.up)), ("Database", _database(desk))]
    if isinstance(desk.stored, Stored):
        rows += _stored(desk.stored)
    if desk.aside:
        rows.append(("On disk", f"{desk.aside} records of asks"))
    rows += [(platform, _link(link, now)) for platform, link in desk.links.items()]
    rows.append(("Bots", f"{desk.heard} of {desk.bots} heard"))
    if desk.memory is not None:
        rows.append(("Memory", f"{desk.memory / _MIB:.0f} MiB"))
    wrong = _wrong(desk)
    return Message(
        headline(f"⚠ {'; '.join(wrong)}" if wrong else f"The desk {desk.name} is well"),
        (align(rows), *_reasons(desk)),
        ((Button("Refresh", System()), Button("Bots", Bots())),),
    )


def _wrong(desk: Condition) -> list[str]:
    said = []
    if not isinstance(desk.stored, Stored):
        said.append("the database does not answer")
    said += [f"{platform} is away" for platform, link in desk.links.items() if isinstance(link, Away)]
    said += [f"{platform} needs a look" for platform in _notes(desk)]
    if desk.heard < desk.bots:
        said.append(f"{desk.bots - desk.heard} of {desk.bots} bots not heard")
    if isinstance(desk.stored, Stored):
        if not desk.stored.in_time:
            said.append("messages do not go out in time")
        if abs(desk.stored.ahead) >= SAME_CLOCK:
            said.append(f"the clock is {_drift(desk.stored.ahead)}")
    return said


def _reasons(desk: Condition) -> tuple[Paragraph, ...]:
    why = [] if isinstance(desk.stored, Stored) else [desk.stored]
    why += [f"{platform}: {link.reason}" for platform, link in desk.links.items() if isinstance(link, Away)]
    why += [f"{platform}: {note}" for platform, note in _notes(desk).items()]
    return (Paragraph("\n".join(fit(one, _REASON_COLUMNS) for one in why)),) if why else ()


def _notes(desk: Condition) -> dict[str, str]:
    return {name: link.note for name, link in desk.links.items() if isinstance(link, Connected) and link.note}


def _database(desk: Condition) -> str:
    kind = "embedded" if desk.embedded else "own server"
    if not isinstance(desk.stored, Stored):
        return f"{kind}, no answer"
    return f"{kind}, answers in {desk.stored.took / timedelta(milliseconds=1):.0f} ms"


def _stored(stored: Stored) -> list[tuple[str, str]]:
    rows = []
    if abs(stored.ahead) >= SAME_CLOCK:
        rows.append(("Clock", _drift(stored.ahead)))
    owed = ", ".join(f"{count} {state}" for state, count in stored.owed.items() if count)
    rows.append(("Owed", owed or "nothing"))
    if owed:
        rows.append(("Oldest", span(stored.oldest)))
    if stored.lost:
        rows.append(("Lost", f"{stored.lost} urgent, lately"))
    return rows


def _drift(ahead: timedelta) -> str:
    return f"{span(abs(ahead))} {'ahead of' if ahead > timedelta() else 'behind'} the database"


def _link(link: Link, now: datetime) -> str:
    how = "AWAY" if isinstance(link, Away) else "connected"
    return f"{how} for {span(now - link.since)}"
