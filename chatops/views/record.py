"""What is on record, for a phone: asks in two lines each, one ask with all its steps."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from chatops.asks import Audit, by_word
from chatops.guard.audit import State, Step, StepName
from chatops.guard.lookup import AskOnRecord
from chatops.layout import fit, pad, width
from chatops.messages import PHONE_COLUMNS, Block, Button, Message, Paragraph, Table
from chatops.views.format import clock, headline

#: So many digits of an id stand beside an ask: enough to name it by.
_TAIL = 6
#: Columns of a line of running text.
_LINE = 200
#: Of one ask no more steps are shown than a message holds.
_MOST_STEPS = 40


def asks_on_record(found: Sequence[AskOnRecord], more: bool, now: datetime, asked: Audit) -> Message:
    """The newest first: when, who, what; then the bot, how it ended, who approved it, and the end of its id.

    `now` is in the zone in which moments are told.
    """
    many = "1 ask" if len(found) == 1 else f"{len(found)} asks"
    of = f" of {asked.about}" if asked.about else ""
    lines = tuple(line for ask in found for line in _two_lines(ask, now))
    turn = []
    if asked.before:
        turn.append(Button("Newest", asked.model_copy(update={"before": ""})))
    else:
        turn.append(Button("Refresh", asked))
    if more:
        turn.append(Button("Older", asked.model_copy(update={"before": str(found[-1].id)})))
    return Message(
        headline(f"{many}{of}, newest first ({now:%Z})"),
        (Table(lines), Paragraph("All steps of one: /audit and its last digits.")),
        (tuple(turn),),
    )


def nothing_on_record(asked: Audit) -> Message:
    """Nobody asked so, or not in what this person may see."""
    older = "older " if asked.before else ""
    of = f" of “{fit(asked.about, 40)}”" if asked.about else ""
    back = (Button("All", Audit()),) if asked.about or asked.before else ()
    hint = Paragraph("Name a person, a word, a bot, a state as denied, or the last digits of an id.")
    return Message(headline(f"Nothing {older}is on record{of}."), (hint,), (back,) if back else ())


def all_steps(ask: AskOnRecord, steps: Sequence[Step], now: datetime, asked: Audit) -> Message:
    """One ask: what came of it, and each of its steps."""
    where = f"{ask.platform} {ask.room}"
    took = f", {ask.latency_ms:,.0f} ms" if ask.latency_ms is not None else ""
    bot = f"{ask.bot} · " if ask.bot else ""
    blocks: list[Block] = []
    if ask.answer:
        blocks.append(Paragraph(fit(f"Answered: {ask.answer}", 2 * _LINE)))
    shown = steps[:_MOST_STEPS]
    blocks.append(Table(tuple(line for step in shown for line in _step_lines(step, now))))
    if len(shown) < len(steps):
        blocks.append(Paragraph(f"{len(steps) - len(shown)} more: `quarterdeck audit export` has all."))
    blocks.append(Paragraph(fit(f"{bot}{where}{took}; times in {now:%Z}", _LINE)))
    blocks.append(Paragraph(str(ask.id)))
    return Message(
        headline(f"{_said(ask)} by {ask.who}: {_ended(ask)}"),
        tuple(blocks),
        ((Button("Refresh", asked), Button("All", Audit())),),
    )


def _two_lines(ask: AskOnRecord, now: datetime) -> tuple[str, str]:
    approved = f"by {', '.join(ask.approved_by)}" if ask.approved_by else ""
    ended = " · ".join(part for part in (ask.bot or "", _ended(ask), approved) if part)
    first = fit(f"{clock(ask.at, now)} {_who(ask.who)} {_said(ask)}", PHONE_COLUMNS)
    return first, f"{pad(f'  {ended}', PHONE_COLUMNS - _TAIL - 1)} {ask.id.hex[-_TAIL:]}"


def _who(who: str) -> str:
    """The account of a stranger without its workspace: what was asked has to stand beside it."""
    platform, _, account = who.partition(":")
    _, slash, member = account.rpartition("/")
    return f"{platform}:…{member}" if slash else who


def _said(ask: AskOnRecord) -> str:
    return fit(" ".join([ask.word, *_short(ask.word, ask.arguments)]), 80)


def _short(word: str, arguments: Mapping[str, Any]) -> list[str]:
    """In the order in which they are typed: the database keeps them in one of its own."""
    kind = by_word(word)
    typed = [] if kind is None else [name for name in kind.model_fields if name in arguments]
    names = [*typed, *(name for name in arguments if name not in typed)]
    return [_value(arguments[name]) for name in names if name != "bot"]


def _value(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _ended(ask: AskOnRecord) -> str:
    if ask.state is State.FINISHED:
        return ask.outcome or "answered"
    return ask.state.replace("_", " ")


def _step_lines(step: Step, now: datetime) -> tuple[str, ...]:
    line = f"{clock(step.at, now)} {step.step}"
    who = f" {step.by}"
    first = fit(line + who, PHONE_COLUMNS) if width(line + who) <= PHONE_COLUMNS else fit(line, PHONE_COLUMNS)
    said = _of_note(step)
    return (first, fit(f"  {said}", PHONE_COLUMNS)) if said else (first,)


def _of_note(step: Step) -> str:
    """What a step says beyond its name. The first holds what stands above already."""
    if step.step is StepName.RECEIVED:
        return ""
    facts = {key: value for key, value in step.data.items() if key not in ("answer", "latency_ms") and value}
    return ", ".join(f"{key}: {_value(value)}" for key, value in facts.items())
