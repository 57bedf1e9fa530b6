"""When an ask leaves something open: buttons to choose from."""

from collections.abc import Callable, Sequence

from chatops.asks import Ask, Pause, Positions, Resume
from chatops.fleet import Held
from chatops.layout import fit
from chatops.messages import Button, Message, Paragraph, Wanted
from chatops.views.danger import urgency
from chatops.views.format import headline, label

#: Buttons of one question.
MOST = 12

#: Makes the whole ask from a position's id and its bot's name.
Asking = Callable[[str, str], Ask]


def which_position(title: str, held: Sequence[Held], ask: Asking, argument: str = "position") -> Message:
    """A button a position, the most endangered first; beyond the most that fit a word is quicker, or a menu.

    `argument` is the one of the ask that names it.
    """
    if not held:
        return Message("There are no open positions.", buttons=((Button("Positions", Positions()),),))
    several = len({one.bot.name for one in held}) > 1
    first = sorted(held, key=lambda one: urgency(one.position))[:MOST]
    buttons = [
        Button(
            label(f"{one.position.id} {one.bot.name}" if several else one.position.id),
            ask(one.position.id, one.bot.name),
        )
        for one in first
    ]
    word = ask("", "").word
    more = f"These are the {MOST} most endangered of {len(held)}. For another: /{word}, then its name."
    return Message(
        title,
        (Paragraph(more),) if len(held) > MOST else (),
        tuple(tuple(buttons[start : start + 3]) for start in range(0, len(buttons), 3)),
        menu=Wanted(ask("", "" if several else first[0].bot.name), argument) if len(held) > MOST else None,
    )


def not_one(wanted: str, found: Sequence[Held], held: Sequence[Held], ask: Asking) -> Message:
    """Nothing of that name, or more than one."""
    shown = fit(wanted, 20)
    if found:
        return which_position(f"“{shown}” may mean {len(found)} positions. Which?", found, ask)
    if not held:
        return which_position("", held, ask)
    return which_position(f"There is no position “{shown}”. These are open:", held, ask)


def not_heard(silent: Sequence[str]) -> Message:
    """Of these bots nothing is known yet: neither that they hold something, nor that they do not."""
    said = headline(f"{', '.join(silent)} has said nothing yet: what is open is not known. Try again.")
    return Message(said, buttons=((Button("Positions", Positions()),),))


def which_scope(ask: Pause | Resume, scopes: Sequence[str]) -> Message:
    """A button a scope."""
    buttons = [Button(label(scope), ask.model_copy(update={"scope": scope})) for scope in scopes]
    return Message(
        f"{ask.word.capitalize()} what?",
        buttons=tuple(tuple(buttons[start : start + 3]) for start in range(0, len(buttons), 3)),
    )


def no_such_scope(ask: Pause | Resume, scopes: Sequence[str]) -> Message:
    """What can be held back, where something else was typed."""
    asked = which_scope(ask, scopes)
    said = headline(f"I cannot {ask.word} “{fit(ask.scope, 20)}”: there is {', '.join(scopes)}.")
    return Message(said, buttons=asked.buttons)


def which_bot(ask: Ask, names: Sequence[str]) -> Message:
    """A button a bot."""
    buttons = [Button(label(name), ask.model_copy(update={"bot": name})) for name in names[:MOST]]
    return Message(
        "Which bot?",
        buttons=tuple(tuple(buttons[start : start + 3]) for start in range(0, len(buttons), 3)),
        menu=Wanted(ask, "bot") if len(names) > MOST else None,
    )


def no_such_bot(wanted: str, names: Sequence[str]) -> Message:
    """The bots there are."""
    return Message(headline(f"There is no bot “{fit(wanted, 20)}”. There is: {', '.join(names) or 'none'}."))
