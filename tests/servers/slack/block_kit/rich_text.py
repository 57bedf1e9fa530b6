"""Text with its look said apart from it; nothing in it is parsed."""

from collections.abc import Mapping
from typing import Any

from tests.servers.slack.block_kit.checks import Check, Problems, Shape, boolean, integer, items, one_of, string, typed

_STYLE = Shape(optional=dict.fromkeys(("bold", "italic", "strike", "code", "underline"), boolean))
_LONG = 13_200
_ITEMS = 1_000
_INLINE: Mapping[str, Check] = {
    "text": Shape({"type": one_of("text"), "text": string(_LONG, 1)}, {"style": _STYLE}),
    "link": Shape(
        {"type": one_of("link"), "url": string(3000, 1)}, {"text": string(_LONG), "unsafe": boolean, "style": _STYLE}
    ),
    "emoji": Shape({"type": one_of("emoji"), "name": string(100, 1)}, {"unicode": string(100), "style": _STYLE}),
    "user": Shape({"type": one_of("user"), "user_id": string(32, 1)}, {"style": _STYLE}),
    "usergroup": Shape({"type": one_of("usergroup"), "usergroup_id": string(32, 1)}, {"style": _STYLE}),
    "channel": Shape({"type": one_of("channel"), "channel_id": string(32, 1)}, {"style": _STYLE}),
    "broadcast": Shape({"type": one_of("broadcast"), "range": one_of("here", "channel", "everyone")}, {}),
}
_INLINES = items(typed(_INLINE), _ITEMS, 0)
_SECTION = Shape({"type": one_of("rich_text_section"), "elements": _INLINES})
_BORDER: Mapping[str, Check] = {"border": integer(0, 1)}
_PIECES: Mapping[str, Check] = {
    "rich_text_section": _SECTION,
    "rich_text_preformatted": Shape(
        {
            "type": one_of("rich_text_preformatted"),
            "elements": items(typed(_INLINE, ("text", "link")), _ITEMS),
        },
        {**_BORDER, "language": string(100)},
    ),
    "rich_text_quote": Shape({"type": one_of("rich_text_quote"), "elements": _INLINES}, _BORDER),
    "rich_text_list": Shape(
        {
            "type": one_of("rich_text_list"),
            "style": one_of("bullet", "ordered"),
            "elements": items(_SECTION, _ITEMS),
        },
        {**_BORDER, "indent": integer(0, 8), "offset": integer(0, 1_000_000)},
    ),
}
PIECES = items(typed(_PIECES), _ITEMS)


def cell(value: Any, where: str, problems: Problems) -> None:
    """A cell of a table: raw text, or rich text of one section."""
    typed(
        {
            "raw_text": Shape({"type": one_of("raw_text"), "text": string(_LONG, 1)}),
            "rich_text": Shape({"type": one_of("rich_text"), "elements": items(_SECTION, 1)}),
        }
    )(value, where, problems)
