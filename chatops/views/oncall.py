"""Who is on call: now, next, and in the shifts to come."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from alerts.oncall import Shift
from chatops.alert_record import StandIn
from chatops.asks import EndStandIn, GiveOncall, Oncall, TakeOncall
from chatops.layout import align, fit
from chatops.messages import Block, Button, Message, Paragraph, Wanted
from chatops.people import Principal
from chatops.views.format import headline, label
from chatops.views.trading import SAID, rows_of

#: Buttons of one question.
_MOST = 12
_LENGTHS = ("2h", "8h", "1d", "7d")
_ROTATION = "People take turns by [oncall] in the settings: people, handover, timezone."


def oncall(
    coming: Sequence[Shift],
    stand_ins: Sequence[StandIn],
    now: datetime,
    zone: tzinfo,
    *,
    may_change: bool,
    unable: Sequence[str] = (),
) -> Message:
    """Who now, until when, and who then; `coming` begins with the shift of now, where there is one.

    `unable` are those of them who could not answer an alert.
    """
    buttons: list[tuple[Button, ...]] = []
    if may_change:
        buttons.append((Button("I take it", TakeOncall()), Button("Give it to…", GiveOncall(), form=True)))
        ends = [_end(one, "End ") for one in stand_ins[:_MOST]]
        buttons += rows_of(ends)
    buttons.append((Button("Refresh", Oncall()),))
    there = [one for one in coming if one.start <= now < one.end]
    if not coming:
        return Message("⚠ Nobody is on call.", (Paragraph(_ROTATION),), tuple(buttons))
    rows = [(_moment(one.start, zone), one.who, "stands in" if one.is_override else "") for one in coming]
    blocks: list[Block] = [align([("from", "who", ""), *rows]), Paragraph(f"Times: {zone}.")]
    if unable:
        why = "no operator, without an account, or a guest on Slack"
        blocks.insert(0, Paragraph(fit(f"⚠ Could not answer an alert: {', '.join(unable)} ({why}).", SAID), bold=True))
    if stand_ins:
        said = [fit(_stand_in(one, zone), SAID) for one in stand_ins[:_MOST]]
        blocks.append(Paragraph("\n".join(["Stand-ins:", *said])))
    if not there:
        title = f"⚠ Nobody is on call before {_moment(coming[0].start, zone)}."
        return Message(headline(title), tuple(blocks), tuple(buttons))
    after = next((one for one in coming if one.start >= there[0].end and one.who != there[0].who), None)
    then = f", then {after.who}" if after is not None and after.start == there[0].end else ""
    title = f"{there[0].who} is on call until {_moment(there[0].end, zone)}{then}"
    return Message(headline(title), tuple(blocks), tuple(buttons))


def which_person(people: Sequence[Principal], length: str, said: str = "") -> Message:
    """Those who could answer: operators and admins with an account."""
    if not people:
        return Message(headline(f"{said} There is nobody who could be on call.".strip()))
    buttons = [Button(label(one.name), GiveOncall(who=one.name, length=length)) for one in people[:_MOST]]
    menu = Wanted(GiveOncall(length=length), "who") if len(people) > _MOST else None
    return Message(headline(f"{said} Who is on call?".strip()), buttons=rows_of(buttons), menu=menu)


def how_long(ask: TakeOncall | GiveOncall, said: str = "") -> Message:
    """For how long, where no shift says it."""
    buttons = tuple(Button(length, ask.model_copy(update={"length": length})) for length in _LENGTHS)
    return Message(headline(f"{said} For how long?".strip()), buttons=(buttons,))


def stands_in(made: StandIn, now: datetime, zone: tzinfo) -> Message:
    """They are on call, until then."""
    one = made.override
    until = _moment(one.until, zone)
    who = f"{one.who} is on call from now until {until}" if one.start <= now else f"{one.who}: until {until}"
    return Message(
        headline(f"{who}."),
        (Paragraph(f"Times: {zone}. After that the rotation counts again."),),
        ((Button("Take it back", EndStandIn(number=made.number)), Button("On call", Oncall())),),
    )


def is_already(who: str, until: datetime, zone: tzinfo) -> Message:
    """Nothing would change."""
    said = f"{who} is on call already, until {_moment(until, zone)}. Nothing was done."
    return Message(headline(said), buttons=((Button("On call", Oncall()),),))


def which_to_end(stand_ins: Sequence[StandIn], said: str = "") -> Message:
    """A button for each who stands in."""
    rows = rows_of([_end(one) for one in stand_ins[:_MOST]]) or ((Button("On call", Oncall()),),)
    question = "End which?" if stand_ins else "Nobody stands in."
    menu = Wanted(EndStandIn(), "number") if len(stand_ins) > _MOST else None
    return Message(headline(f"{said} {question}".strip()), buttons=rows, menu=menu)


def ended(gone: StandIn, on_call: str | None) -> Message:
    """The rotation counts again."""
    said = f"{gone.override.who} stands in no more. {on_call or 'Nobody'} is on call."
    return Message(headline(said), buttons=((Button("On call", Oncall()),),))


def _stand_in(one: StandIn, zone: tzinfo) -> str:
    span = f"{_moment(one.override.start, zone)} to {_moment(one.override.until, zone)}"
    return f"{one.number}: {one.override.who}, {span}, said {one.by}"


def _end(one: StandIn, before: str = "") -> Button:
    return Button(label(f"{before}{one.number}: {one.override.who}"), EndStandIn(number=one.number))


def _moment(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%a %m-%d %H:%M}"
