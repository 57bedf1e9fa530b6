"""Words of bot authors: what they want to know, what they would do, and what became of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from bot_integration import Argument, ArgumentType, CommandResult, Preview
from chatops.asks.custom import CustomAsk, Gone, field_of, said_value
from chatops.fleet import Held
from chatops.layout import align, fit
from chatops.messages import Block, Button, Message, Paragraph, Table, Wanted
from chatops.moments import TAKES
from chatops.views.answers import said_of
from chatops.views.choices import MOST, which_position
from chatops.views.format import change, headline, label, money, size
from chatops.views.trading import result as told

#: Lines of what a bot answers as a table, and columns of one of its values.
_ROWS, _VALUE = 40, 60
#: Columns of what an author says of an argument.
_HELP = 300


def which(ask: CustomAsk, argument: Argument, held: Sequence[Held]) -> Message:
    """Asks for an argument: with buttons where there is little to choose from, else for a reply."""
    title = headline(f"{ask.said}: {argument.name}?")
    if argument.type is ArgumentType.POSITION:
        return which_position(
            title, held, lambda position, _: ask.told(argument, position) if position else ask, field_of(argument)
        )
    says = [fit(argument.help, _HELP)] if argument.help else []
    offers: tuple[Any, ...] = (True, False) if argument.type is ArgumentType.BOOL else argument.choices
    if 0 < len(offers) <= MOST:
        buttons = [Button(label(said_value(one)), ask.told(argument, one)) for one in offers]
        rows = tuple(tuple(buttons[start : start + 3]) for start in range(0, len(buttons), 3))
        return Message(title, tuple(map(Paragraph, says)), rows)
    says.append(f"{takes(argument)}. Reply with it.")
    return Message(title, tuple(map(Paragraph, says)), wanted=Wanted(ask, field_of(argument)))


def takes(argument: Argument) -> str:
    """What may be said: `A number over 0, at most 72 h`."""
    match argument.type:
        case ArgumentType.STR:
            return f"A text of at most {argument.longest} characters"
        case ArgumentType.INT | ArgumentType.FLOAT:
            kind = "A whole number" if argument.type is ArgumentType.INT else "A number"
            return f"{kind}{_bounds(argument)}"
        case ArgumentType.BOOL:
            return "yes or no"
        case ArgumentType.CHOICE:
            return fit(f"One of {', '.join(argument.choices)}", _HELP)
        case ArgumentType.MOMENT:
            return f"A moment: {TAKES}"
        case ArgumentType.POSITION:
            return "A position"


def _bounds(argument: Argument) -> str:
    pairs = (("over", argument.above), ("at least", argument.min), ("under", argument.below), ("at most", argument.max))
    said = ", ".join(f"{word} {bound:,.12g}" for word, bound in pairs if bound is not None)
    unit = fit(argument.unit, 16)
    if not said:
        return f" of {unit}" if unit else ""
    return f" {said} {unit}".rstrip()


def arguments(kind: type[CustomAsk]) -> Table | Paragraph:
    """What the word of an author takes, for its help."""
    if not kind.declared.arguments:
        return Paragraph("It takes no arguments.")
    said = []
    for one in kind.declared.arguments:
        more = "" if one.required else f", {one.default} where you do not say" if one.default else ", may be left out"
        about = f" {fit(one.help, _HELP)}" if one.help else ""
        said.append(f"{one.name}: {takes(one)[:1].lower()}{takes(one)[1:]}{more}.{about}")
    return Paragraph("\n".join(said))


def really(ask: CustomAsk, preview: Preview | None, note: str) -> Message:
    """What it would do, before it is confirmed."""
    declared = ask.declared
    values = ask.values
    rows = [
        (one.name, f"{said_value(values[one.name], one) if one.name in values else one.default} {one.unit}".strip())
        for one in declared.arguments
        if one.name in values or one.default
    ]
    blocks: list[Block] = [Paragraph(type(ask).summary())]
    if rows:
        blocks.append(align([(name, fit(said, _VALUE)) for name, said in rows]))
    if preview is not None:
        money_rows = [("Would realize", change(preview.realized)), ("Fees", money(preview.fees))]
        if preview.realized or preview.fees or preview.slippage:
            blocks.append(align([*money_rows, ("Slippage", money(preview.slippage))], right="1"))
        if preview.message:
            blocks.append(Paragraph(fit(preview.message, _HELP * 2)))
    if note:
        blocks.append(Paragraph(fit(note, _HELP * 2)))
    return Message(f"{said_of(ask)}? On {fit(ask.bot, 30)}.", tuple(blocks))


def ended(ask: CustomAsk, bot: str, result: CommandResult) -> Message:
    """What became of it, in the bot's words, with what it gave as a table."""
    said = result if result.message else result.model_copy(update={"message": f"{ask.said}."})
    message = told([(bot, said)], ask)
    table = _table(result.data)
    return message if table is None else replace(message, blocks=(*message.blocks, table))


def _table(data: Mapping[str, Any]) -> Table | None:
    """What a bot gave beside its words, where it is a plain list of values."""
    if not data or any(isinstance(value, dict | list | tuple) for value in data.values()):
        return None
    rows = [(fit(str(name), _VALUE), _value(value)) for name, value in list(data.items())[:_ROWS]]
    numbers = all(isinstance(value, int | float | Decimal) for value in data.values())
    return align(rows, right="1" if numbers else "")


def _value(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return said_value(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float | Decimal):
        return size(Decimal(str(value)))
    return fit(str(value), _VALUE)


def not_its(ask: CustomAsk, bot: str) -> Message:
    """Another bot than the one that was named knows the word."""
    return Message(headline(f"{bot} does not know /{ask.word}. It is a word of {', '.join(ask.bots)}."))


def nobodys(ask: CustomAsk) -> Message:
    """None of the bots that this person may ask about knows it."""
    return Message(headline(f"None of the bots that you may ask about knows /{ask.word}."))


def gone(ask: Gone, silent: Sequence[str]) -> Message:
    """A button of a word that nobody has now."""
    said = f"/{fit(ask.said_word, 40)}"
    if silent:
        return Message(
            headline(f"I do not know {said} yet: {', '.join(silent)} has said nothing. Press again in a moment.")
        )
    return Message(
        headline(f"{said} is not known any more as it was asked there. Nothing was done; /help shows what there is.")
    )
