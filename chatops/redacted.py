"""What is shown and recorded, without the secrets of the settings: bots may say them, and people may type them."""

from dataclasses import replace
from typing import Any

from chatops.asks import Ask, Rest
from chatops.guard.audit import Asked, Step, StepName
from chatops.guard.presses import StoredPress
from chatops.home import Page, Row
from chatops.ledger import Entry
from chatops.messages import Block, Button, Message, Paragraph, Table
from chatops.redactor import Redactor


def redacted_entry(entry: Entry, redact: Redactor) -> Entry:
    """The entry without secrets in what is on record of it: what is hashed is the text without them."""
    asked = entry.asked
    if asked is not None:
        asked = replace(asked, word=redact(asked.word), arguments=redact.value(asked.arguments))
    steps = tuple(_step(step, asked, redact) for step in entry.steps)
    return replace(entry, asked=asked, steps=steps, minted=tuple(_press(press, redact) for press in entry.minted))


def _step(step: Step, asked: Asked | None, redact: Redactor) -> Step:
    if step.step is StepName.RECEIVED and asked is not None:
        # The log and the chain have to say the same.
        return replace(step, data=asked.facts())
    return replace(step, data=redact.value(step.data)) if step.data else step


def _press(press: StoredPress, redact: Redactor) -> StoredPress:
    """The press without secrets in its running text. What else its ask holds is what will be done, and stays."""
    free = {
        name: redact(value)
        for name, value in press.ask
        if isinstance(value, str) and any(isinstance(mark, Rest) for mark in _marks(press.ask, name))
    }
    changed = {name: value for name, value in free.items() if value != getattr(press.ask, name)}
    return replace(press, ask=press.ask.model_copy(update=changed)) if changed else press


def _marks(ask: Ask, name: str) -> list[Any]:
    field = type(ask).model_fields.get(name)
    return [] if field is None else field.metadata


def redacted(message: Message, redact: Redactor) -> Message:
    """The message without secrets. What its buttons do stays as it is."""
    # One look at all of it: nearly every message holds none.
    whole = "\n".join([message.text, *(button.label for row in message.buttons for button in row)])
    if redact(whole) == whole and redact.value(message.facts) == message.facts:
        return message
    return replace(
        message,
        title=redact(message.title),
        blocks=tuple(_block(block, redact) for block in message.blocks),
        buttons=tuple(tuple(_button(button, redact) for button in row) for row in message.buttons),
        facts=redact.value(message.facts),
    )


def redacted_page(page: Page, redact: Redactor) -> Page:
    """The page without secrets. What its words ask stays as it is."""
    parts = tuple(_row(part, redact) if isinstance(part, Row) else _block(part, redact) for part in page.parts)
    return replace(page, title=redact(page.title), parts=parts)


def _row(row: Row, redact: Redactor) -> Row:
    return Row(tuple(replace(word, label=redact(word.label)) for word in row.words))


def _block(block: Block, redact: Redactor) -> Block:
    if isinstance(block, Paragraph):
        return replace(block, text=redact(block.text))
    return Table(tuple(map(redact, block.lines)))


def _button(button: Button, redact: Redactor) -> Button:
    return replace(button, label=redact(button.label))
