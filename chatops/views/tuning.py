"""How a bot is set: its categories, the values of one, one parameter, and the question before one is changed."""

from collections.abc import Sequence

from bot_integration import CommandResult, Outcome, Parameter, Snapshot
from chatops.asks import Config, Set
from chatops.layout import align, fit
from chatops.messages import Block, Button, Message, Paragraph, Wanted
from chatops.readings import said, takes, with_unit
from chatops.views.format import headline, label
from chatops.views.trading import SAID, rows_of

#: What parameters are under that name no category.
OTHERS = "other"
#: Of so many hot parameters at most each gets a button.
_BUTTONS = 6
#: Buttons of one question.
_MOST = 12
#: Characters of a name that people type.
_TYPED = 64
#: Columns of a value in a table.
_VALUE = 12
_HOW = "Reply with the value, or write: /set {key} and the value."
#: In place of a secret's value.
_HIDDEN = "set, not shown"


def category_of(parameter: Parameter) -> str:
    """The category that people call it under: no longer than what they may type."""
    return parameter.category.strip()[:_TYPED].strip() or OTHERS


def categories(bot: str, parameters: Sequence[Parameter]) -> Message:
    """Every category with how much is in it, and what of that may change while the bot runs."""
    if not parameters:
        return Message(headline(f"{bot} shows no parameters."))
    names = list(dict.fromkeys(map(category_of, parameters)))
    rows = [("category", "all", "hot")]
    for name in names:
        within = [one for one in parameters if category_of(one) == name]
        rows.append((name, str(len(within)), str(sum(_changes(one) for one in within))))
    buttons = [Button(label(name), Config(category=name, bot=bot)) for name in names[:_MOST]]
    note = Paragraph("Hot ones can change while the bot runs: /set, then the name and the value.")
    menu = Wanted(Config(bot=bot), "category") if len(names) > _MOST else None
    return Message(headline(f"How {bot} is set"), (align(rows, right="12"), note), rows_of(buttons), menu=menu)


def category(bot: str, name: str, parameters: Sequence[Parameter], *, may_set: bool) -> Message:
    """Every value of one category; for whoever may change it with a button for each that can be, where they are few."""
    hot = [one for one in parameters if _changes(one)]
    rows = [(f"{'• ' if one in hot else '  ' if hot else ''}{one.key}", _cell(one), one.unit) for one in parameters]
    few = hot if may_set and len(hot) <= _BUTTONS else []
    buttons = [Button(label(f"Change {one.key}…"), Set(key=one.key, bot=bot), form=True) for one in few]
    blocks: list[Block] = [align(rows, right="1")]
    if hot:
        blocks.append(Paragraph("• changes while the bot runs"))
    each = tuple((button,) for button in buttons)
    back = ((Button("All categories", Config(bot=bot)), Button("Refresh", Config(category=name, bot=bot))),)
    return Message(headline(f"{bot}: {name}"), tuple(blocks), (*each, *back))


def parameter(bot: str, one: Parameter, *, may_set: bool) -> Message:
    """All about one parameter."""
    change = ((Button("Change…", Set(key=one.key, bot=bot), form=True),),) if may_set and _changes(one) else ()
    back = ((Button(label(category_of(one)), Config(category=category_of(one), bot=bot)),),)
    return Message(headline(f"{one.key} is {_value(one)}"), _about(one), (*change, *back))


def no_such_category(bot: str, wanted: str, parameters: Sequence[Parameter]) -> Message:
    """The categories there are."""
    shown = categories(bot, parameters)
    return Message(headline(f"{bot} has no category “{fit(wanted, 20)}”."), shown.blocks, shown.buttons)


def which_key(bot: str, parameters: Sequence[Parameter]) -> Message:
    """What can be changed while the bot runs: the parameters where they are few, else their categories."""
    hot = [one for one in parameters if _changes(one)]
    if not hot:
        return Message(headline(f"Nothing of {bot} can be changed while it runs."))
    if len(hot) <= _MOST:
        buttons = [Button(label(one.key), Set(key=one.key, bot=bot), form=True) for one in hot]
    else:
        names = list(dict.fromkeys(map(category_of, hot)))
        buttons = [Button(label(name), Config(category=name, bot=bot)) for name in names[:_MOST]]
    menu = Wanted(Set(bot=bot), "key") if len(hot) > _MOST else None
    return Message(headline(f"Set which parameter of {bot}?"), buttons=rows_of(buttons), menu=menu)


def which_of(bot: str, name: str, parameters: Sequence[Parameter]) -> Message:
    """The hot parameters of one category, as buttons."""
    hot = [one for one in parameters if _changes(one)]
    buttons = [Button(label(one.key), Set(key=one.key, bot=bot), form=True) for one in hot[:_MOST]]
    menu = Wanted(Set(bot=bot), "key") if len(hot) > _MOST else None
    return Message(headline(f"Set which parameter of {name}?"), buttons=rows_of(buttons), menu=menu)


def no_such_key(bot: str, wanted: str, near: Sequence[str]) -> Message:
    """What it may have been meant to be. What was typed behind it is not said again: it might be a secret's."""
    hint = f" Did you mean {near[0]}?" if near else ""
    buttons = [Button(label(key), Set(key=key, bot=bot), form=True) for key in near]
    said_ = headline(f"{bot} has no parameter “{fit(wanted, 30)}”.{hint}")
    return Message(said_, buttons=(*rows_of(buttons), (Button("Config", Config(bot=bot)),)))


def is_secret(one: Parameter) -> Message:
    """A secret is set where the bot runs, and nowhere else."""
    return Message(
        headline(f"{one.key} is a secret: it is never set or shown here. Nothing was done."),
        (Paragraph("If you wrote its value here, delete that message and change the secret where the bot runs."),),
    )


def not_hot(bot: str, one: Parameter) -> Message:
    """It is read at the start alone."""
    note = Paragraph("Change it in the bot’s own settings, and start the bot anew.")
    back = ((Button(label(category_of(one)), Config(category=category_of(one), bot=bot)),),)
    said_ = f"{one.key} cannot change while {bot} runs. It stays {_value(one)}."
    return Message(headline(said_), (note,), back)


def which_value(bot: str, one: Parameter) -> Message:
    """All about it, and the wish for a value: written in reply, or behind the word."""
    ask = Set(key=one.key, bot=bot)
    blocks = (*_about(one), Paragraph(_HOW.format(key=fit(one.key, 64))))
    buttons: tuple[tuple[Button, ...], ...] = ()
    if isinstance(one.value, bool):
        buttons = ((Button("off" if one.value else "on", ask.model_copy(update={"to": not one.value})),),)
    return Message(
        headline(f"Set {one.key} to what? It is {_value(one)}."), blocks, buttons, wanted=Wanted(ask, "value")
    )


def will_not_do(bot: str, one: Parameter, typed: str) -> Message:
    """The value does not fit what the bot declares. It is not secret, so it may be said."""
    shown = which_value(bot, one)
    said_ = headline(f"“{fit(typed, 20)}” will not do: {one.key} takes {takes(one)}. It stays {_value(one)}.")
    return Message(said_, shown.blocks[1:], shown.buttons, wanted=shown.wanted)


def is_already(bot: str, one: Parameter) -> Message:
    """Nothing would change."""
    back = ((Button(label(category_of(one)), Config(category=category_of(one), bot=bot)),),)
    return Message(headline(f"{one.key} is {_value(one)} already. Nothing was done."), buttons=back)


def really_set(ask: Set, one: Parameter, note: str = "") -> Message:
    """Old and new, with the unit."""
    change = f"{_value(one)} → {with_unit(ask.to, one.unit)}"
    blocks: list[Block] = [*_about(one)]
    if note:
        blocks.append(Paragraph(fit(note, SAID)))
    return Message(headline(f"Set {one.key} of {ask.bot}: {change}?"), tuple(blocks))


def now_is(ask: Set, ended: CommandResult, facts: Snapshot | None) -> tuple[Paragraph, ...]:
    """What the bot's own facts say now; nothing where they may be of before it was changed."""
    if facts is None or ended.finished_at is None or ended.outcome is Outcome.REFUSED:
        return ()
    found = next((one for one in facts.parameters if one.key == ask.key), None)
    if found is None or found.secret:
        return ()
    same = found.value == ask.to
    # A bot publishes what it has changed a moment before it says that it is done.
    if facts.at < (ended.started_at or ended.finished_at if same else ended.finished_at):
        return ()
    other = "" if same else " ⚠ That is not what was asked for."
    return (Paragraph(fit(f"{ask.bot} says: {found.key} is {_value(found)}.{other}", SAID)),)


def _about(one: Parameter) -> tuple[Block, ...]:
    rows = [("takes", takes(one)), ("category", category_of(one))]
    blocks: list[Block] = [Paragraph(fit(one.help, SAID))] if one.help else []
    return (*blocks, align(rows))


def _cell(one: Parameter) -> str:
    return _HIDDEN if one.secret else fit(said(one.value), _VALUE)


def _value(one: Parameter) -> str:
    return _HIDDEN if one.secret else fit(with_unit(one.value, one.unit), 60)


def _changes(one: Parameter) -> bool:
    return one.hot and not one.secret
