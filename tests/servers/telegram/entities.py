"""Text with its entities, as the platform takes it in. Offsets are UTF-16 units."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.servers.telegram.errors import Breach, bad_request
from tests.servers.telegram.limits import CAPTION_CHARS, MESSAGE_ENTITIES, MESSAGE_TEXT_CHARS
from tests.servers.telegram.texts import Text

Entity = dict[str, Any]

#: Each type, and the fields that it cannot do without.
ENTITY_TYPES: Mapping[str, tuple[str, ...]] = {
    "mention": (),
    "hashtag": (),
    "cashtag": (),
    "bot_command": (),
    "url": (),
    "email": (),
    "phone_number": (),
    "bold": (),
    "italic": (),
    "underline": (),
    "strikethrough": (),
    "spoiler": (),
    "blockquote": (),
    "expandable_blockquote": (),
    "code": (),
    "pre": (),
    "text_link": ("url",),
    "text_mention": ("user",),
    "custom_emoji": ("custom_emoji_id",),
    "date_time": ("unix_time",),
}
#: The platform drops these where they meet `code` or `pre`.
_STYLES = frozenset({"bold", "italic", "underline", "strikethrough", "spoiler"})
_MONOSPACE = frozenset({"code", "pre"})
_SPACE = " \t\n\r\v\f"
#: A text of these alone shows nothing.
_INVISIBLE = _SPACE + "\u00a0\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"


def units(text: str) -> int:
    """The length of a text in UTF-16 units."""
    return len(text) + sum(1 for sign in text if ord(sign) > 0xFFFF)


def part(text: str, entity: Mapping[str, Any]) -> str:
    """The part of a text that an entity covers."""
    encoded = text.encode("utf-16-le")
    start, length = int(entity["offset"]), int(entity["length"])
    return encoded[2 * start : 2 * (start + length)].decode("utf-16-le")


def accept_text(text: str, entities: Sequence[Entity]) -> tuple[str, tuple[Entity, ...]]:
    """A message's text as the platform keeps it: trimmed, entities moved and sorted."""
    if not text:
        raise bad_request(Text.TEXT_EMPTY)
    if not text.strip(_INVISIBLE):
        raise bad_request(Text.TEXT_BLANK)
    return _accept(text, entities, MESSAGE_TEXT_CHARS[1], Text.TEXT_TOO_LONG)


def accept_caption(text: str, entities: Sequence[Entity]) -> tuple[str, tuple[Entity, ...]]:
    """A caption as the platform keeps it; it may be empty."""
    return _accept(text, entities, CAPTION_CHARS[1], Text.CAPTION_TOO_LONG)


def _accept(text: str, entities: Sequence[Entity], most: int, too_long: str) -> tuple[str, tuple[Entity, ...]]:
    if "\r" in text or "\x00" in text:
        raise Breach("the platform strips \\r and \\0 from a text, and its entities move")
    _check(text, entities)
    left = len(text) - len(text.lstrip(_SPACE))
    trimmed = text.strip(_SPACE)
    if len(trimmed) > most:
        raise bad_request(too_long)
    return trimmed, _moved(entities, left, units(trimmed))


def _moved(entities: Sequence[Entity], left: int, length: int) -> tuple[Entity, ...]:
    kept = []
    for entity in entities:
        start = max(entity["offset"] - left, 0)
        end = min(entity["offset"] + entity["length"] - left, length)
        if end > start:
            kept.append({**entity, "offset": start, "length": end - start})
    return tuple(sorted(kept, key=lambda item: (item["offset"], -item["length"], item["type"])))


def _check(text: str, entities: Sequence[Entity]) -> None:
    if len(entities) > MESSAGE_ENTITIES:
        raise Breach(f"more than {MESSAGE_ENTITIES} entities: the platform ignores the rest")
    if not entities:
        return
    length = units(text)
    middles = _middles(text)
    for entity in entities:
        _check_one(entity, length, middles)
    spans = sorted(entities, key=lambda item: (item["offset"], -item["length"]))
    for index, entity in enumerate(spans):
        for other in spans[index + 1 :]:
            if other["offset"] >= entity["offset"] + entity["length"]:
                break
            _check_pair(entity, other)


def _check_one(entity: Entity, length: int, middles: frozenset[int]) -> None:
    kind, start, size = entity["type"], entity["offset"], entity["length"]
    if kind not in ENTITY_TYPES:
        raise Breach(f"there is no entity of type {kind!r}")
    for name in ENTITY_TYPES[kind]:
        if not entity.get(name):
            raise Breach(f"an entity of type {kind} needs {name}")
    if start < 0 or size <= 0:
        raise Breach(f"entity {kind} has offset {start} and length {size}")
    beginning = f"Bad Request: entity beginning at UTF-16 offset {start} "
    if start + size > length:
        raise bad_request(f"{beginning}ends after the end of the text at offset {length}")
    if start in middles:
        raise bad_request(f"{beginning}begins in a middle of a UTF-16 symbol")
    if start + size in middles:
        raise bad_request(f"{beginning}ends in a middle of a UTF-16 symbol")


def _check_pair(first: Entity, second: Entity) -> None:
    if second["offset"] + second["length"] > first["offset"] + first["length"]:
        raise Breach(f"entities {first['type']} and {second['type']} cross each other")
    kinds = {first["type"], second["type"]}
    if kinds & _MONOSPACE and (kinds & _STYLES or kinds <= _MONOSPACE):
        raise Breach(f"{first['type']} cannot hold {second['type']}: the platform drops one")


def _middles(text: str) -> frozenset[int]:
    """The offsets that fall between the two halves of a sign."""
    offset, found = 0, []
    for sign in text:
        if ord(sign) > 0xFFFF:
            found.append(offset + 1)
            offset += 1
        offset += 1
    return frozenset(found)
