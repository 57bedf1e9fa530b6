"""The kill switch: how it is, and what it would mean."""

from collections.abc import Sequence
from uuid import UUID

from bot_integration import Snapshot
from chatops.asks import Kill, Status
from chatops.layout import fit
from chatops.messages import Button, Message, Paragraph
from chatops.views.answers import said_of
from chatops.views.format import headline, label
from chatops.views.trading import rows_of

#: Columns of a line of running text.
_LINE = 200
#: A bot and its last facts.
Known = tuple[str, Snapshot | None]


def on_or_off(ask: Kill, known: Sequence[Known]) -> Message:
    """How it is now, with a button a bot to change that."""
    told = f"I cannot turn it “{ask.switch}”: it is on or off. " if ask.switch else ""
    states = [fit(f"{name}: {_state(facts)}", _LINE) for name, facts in known]
    buttons = []
    for name, facts in known:
        is_on = facts is not None and facts.session.pause.kill_switch
        named = f" {name}" if len(known) > 1 else ""
        if not is_on:
            buttons.append(Button(label(f"Kill on{named}"), Kill(switch="on", bot=name)))
        if is_on or facts is None:
            buttons.append(Button(label(f"Kill off{named}"), Kill(switch="off", bot=name)))
    if len(known) > 1:
        buttons.append(Button("Kill on everywhere", Kill(switch="on")))
    said = f"{told}Kill switch of {states[0]}" if len(known) == 1 else f"{told}Kill switches"
    more = (Paragraph("\n".join(states)),) if len(known) > 1 else ()
    meaning = Paragraph("On: no new order from that instant, whoever asks. What is open stays open.")
    return Message(headline(said), (*more, meaning), (*rows_of(buttons), (Button("Status", Status(bot=ask.bot)),)))


def really_kill(ask: Kill, known: Sequence[Known], command_id: UUID) -> Message:
    """What it means. With several bots: all by confirming, or one by its own button that settles the same question."""
    on = ask.switch == "on"
    meaning = (
        "No new order from this instant, whoever asks. What is open stays open, and is not closed either."
        if on
        else "The bot may place orders again as it sees fit."
    )
    held = [fit(f"{name}: now {_state(facts)}, {_holds(facts)}", _LINE) for name, facts in known]
    names = ", ".join(name for name, _ in known)
    each = [
        Button(label(f"Only {name}"), ask.model_copy(update={"bot": name}), settles=command_id) for name, _ in known
    ]
    said = f"{said_of(ask.model_copy(update={'bot': ''}))} for {names}?"
    blocks = (Paragraph(meaning), Paragraph("\n".join(held)))
    return Message(headline(said), blocks, rows_of(each) if len(known) > 1 else ())


def _state(facts: Snapshot | None) -> str:
    if facts is None:
        return "not known"
    return "ON" if facts.session.pause.kill_switch else "off"


def _holds(facts: Snapshot | None) -> str:
    if facts is None:
        return "nothing heard yet"
    count = len(facts.positions)
    return "1 position" if count == 1 else f"{count} positions"
