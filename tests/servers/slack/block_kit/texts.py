"""What texts in blocks say to people: whom they mention, and what is not escaped."""

import re
from collections.abc import Iterator
from typing import Any

_MENTION = re.compile(r"<(@[UW][A-Z0-9]+|!here|!channel|!everyone|!subteam\^S[A-Z0-9]+)(?:\|[^<>]*)?>")
_REFERENCE = re.compile(
    r"<(?:@[UW][A-Z0-9]+|#C[A-Z0-9]+|!(?:here|channel|everyone)|!subteam\^S[A-Z0-9]+"
    r"|!date\^\d+\^[^<>|]+|(?:https?|mailto|tel|slack):[^<>|\s]+)(?:\|[^<>]*)?>"
)
_ENTITY = re.compile(r"&(?:amp|lt|gt);")


def texts_of(value: Any) -> Iterator[tuple[str, str]]:
    """Kind and content of every text that people see: `mrkdwn`, `markdown`, `plain_text`, `text`, `raw_text`."""
    if isinstance(value, list):
        for item in value:
            yield from texts_of(item)
    elif isinstance(value, dict):
        kind, content = value.get("type"), value.get("text")
        if isinstance(kind, str) and isinstance(content, str):
            yield kind, content
        for item in value.values():
            yield from texts_of(item)


def slack_files(value: Any, where: str = "/blocks") -> Iterator[tuple[str, str]]:
    """The pictures that the platform should hold already: where each stands, and its id."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from slack_files(item, f"{where}/{index}")
    elif isinstance(value, dict):
        if "id" in value.get("slack_file", ()):
            yield f"{where}/slack_file", str(value["slack_file"]["id"])
        for name, item in value.items():
            yield from slack_files(item, f"{where}/{name}")


def mentions(text: str, blocks: Any) -> tuple[str, ...]:
    """Whom the text of a message and its blocks wake: `@U…`, `!channel` and their like."""
    found = _MENTION.findall(text)
    for kind, content in texts_of(blocks):
        if kind in ("mrkdwn", "markdown"):
            found += _MENTION.findall(content)
    return (*found, *_elements(blocks))


def _elements(value: Any) -> Iterator[str]:
    """Mentions in rich text are elements of their own."""
    if isinstance(value, list):
        for item in value:
            yield from _elements(item)
    elif isinstance(value, dict):
        match value.get("type"):
            case "user":
                yield f"@{value['user_id']}"
            case "usergroup":
                yield f"!subteam^{value['usergroup_id']}"
            case "broadcast":
                yield f"!{value['range']}"
        for item in value.values():
            yield from _elements(item)


def unescaped(text: str) -> str:
    """The first piece of a mrkdwn text that should have been escaped; empty where there is none."""
    rest = _ENTITY.sub("", _REFERENCE.sub("", text))
    # A line that begins with ">" is a quotation.
    rest = re.sub(r"^>+", "", rest, flags=re.MULTILINE)
    found = re.search(r"[<>&].{0,20}", rest)
    return found[0] if found else ""
