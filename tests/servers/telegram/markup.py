"""What stands under a message: its buttons."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.servers.telegram.errors import Breach, bad_request
from tests.servers.telegram.limits import (
    BUTTONS_PER_ROW,
    BUTTONS_TOTAL,
    CALLBACK_DATA_BYTES,
    COPY_TEXT_CHARS,
)
from tests.servers.telegram.texts import Text, UnlistedText

Markup = Mapping[str, Any]

_ACTIONS = (
    "url",
    "callback_data",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "copy_text",
)


class Button(NamedTuple):
    """One button as a person sees it; `data` is empty where it does not call back."""

    label: str
    data: str


def accept_markup(markup: Markup | None) -> Markup | None:
    """The markup as the platform keeps it: None where there are no buttons left."""
    if markup is None or "inline_keyboard" not in markup:
        return markup
    rows = [row for row in markup["inline_keyboard"] if row]
    if sum(len(row) for row in rows) > BUTTONS_TOTAL:
        raise bad_request(Text.MARKUP_TOO_LONG)
    for row in rows:
        if len(row) > BUTTONS_PER_ROW:
            raise Breach(f"more than {BUTTONS_PER_ROW} buttons in a row: some are not shown")
        for button in row:
            _check(button)
    return {"inline_keyboard": rows} if rows else None


def rows_of(markup: Markup | None) -> tuple[tuple[Button, ...], ...]:
    """The buttons, row by row, as a person sees them."""
    if markup is None:
        return ()
    return tuple(
        tuple(Button(button["text"], button.get("callback_data", "")) for button in row)
        for row in markup.get("inline_keyboard", ())
    )


def _check(button: Mapping[str, Any]) -> None:
    if not button["text"].strip():
        raise bad_request(UnlistedText.BUTTON_TEXT_EMPTY)
    actions = [name for name in _ACTIONS if name in button]
    if not actions:
        raise bad_request(UnlistedText.BUTTON_WITHOUT_ACTION)
    if len(actions) > 1:
        raise Breach(f"button {button['text']!r} does more than one thing: {actions}")
    if button.get("style", "primary") not in ("primary", "success", "danger"):
        raise Breach(f"button {button['text']!r} has an unknown style")
    if "callback_data" in button:
        least, most = CALLBACK_DATA_BYTES
        if not least <= len(button["callback_data"].encode()) <= most:
            raise bad_request(Text.BUTTON_DATA_INVALID)
    if "copy_text" in button:
        least, most = COPY_TEXT_CHARS
        if not least <= len(button["copy_text"]["text"]) <= most:
            raise Breach(f"button {button['text']!r} copies too much or nothing")
    if "url" in button and "://" not in button["url"]:
        raise Breach(f"button {button['text']!r} leads nowhere: {button['url']!r}")
