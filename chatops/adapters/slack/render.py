"""A posting as Slack takes it: blocks, and the text of its notification.

Limits: the contract's limits.message. “blocks_total_chars” stands in no page of Slack's and is kept well below.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from chatops.adapters.base import MARK_CHARACTERS
from chatops.adapters.slack import blocks as made
from chatops.adapters.slack.blocks import Block
from chatops.adapters.slack.keys import keys, suggesting
from chatops.adapters.slack.mrkdwn import bold, boxed, clean, pieces, units
from chatops.adapters.slack.spelling import longest
from chatops.adapters.slack.uploads import why_not_sendable
from chatops.layout import NOTHING, fit, shows
from chatops.layout import plain as on_one_line
from chatops.messages import Message, Paragraph, Posting, Table
from chatops.splitting import split

#: Of all that a message says, in UTF-16 units and escaped: with the labels of a hundred keys it stays below the limit
#: of all blocks together.
TEXT_CHARACTERS = 8_000
#: Of what a notification says. An edit with more than 4,000 may be refused.
FALLBACK_CHARACTERS = 3_500
#: For what is said: the keys, a picture, a hint and what was cut have the others of the 50.
BLOCKS = 32
#: What is kept free in every part for more than marks: what becomes of a file, and what a reply says.
NOTE_CHARACTERS = 250
#: Of a mark and of a note; each is a block.
_NOTE_BLOCKS = 2
_NAME_COLUMNS = 40
_CUT_ROOM = 40
#: What a box adds to each of its sections; bold adds less.
_FRAME = len(boxed(""))


@dataclass(frozen=True, slots=True)
class Rendered:
    """Values of `text` and `blocks`."""

    text: str
    blocks: list[Block]


def render(
    posting: Posting, *, plain: bool = False, picture: str | None = None, note: str = "", is_direct: bool = False
) -> Rendered:
    """The posting within all limits, whatever it says: what `parts` did not make short enough is cut, and says so.

    `picture` is the id of a file that Slack holds; `note` says what became of one. `plain` leaves out all styles and
    the picture, and keeps one section of the text. Where it goes to one person (`is_direct`) a reply is heard as it is,
    in a channel what mentions the app.
    """
    message = posting.message
    if note:
        message = replace(message, blocks=(*message.blocks, Paragraph(note)))
    said = _one_section(message) if plain else _within(_said(message))
    if picture is not None and not plain:
        said.append(made.picture(picture, message.title or _file_name(message)))
    if posting.wants:
        how = "Reply in the thread of this message" if is_direct else "Mention me in the thread of this message"
        said.append(made.hint(f"{how}, with: {_argument(posting.wants)}"))
    if posting.menu:
        said.append(suggesting(_argument(posting.menu)))
    return Rendered(made.fallback(message.text, FALLBACK_CHARACTERS), [*said, *keys(posting.keys)])


def parts(posting: Posting) -> tuple[Posting, ...]:
    """The posting in pieces that fit, three at most. A file that Slack does not take is told of instead."""
    return tuple(_sendable(part) for part in split(posting, fits))


def fits(posting: Posting) -> bool:
    """Whether nothing of its text need be cut, with room left for a mark and a note.

    Its keys are not counted: no cut makes them fewer.
    """
    room = TEXT_CHARACTERS - MARK_CHARACTERS - NOTE_CHARACTERS
    count = length = 0
    for text, shown in _texts(posting.message):
        weight = _weight(text, shown, room) + longest(text)
        # Each section but the last of a text is full by half at least, and each has a frame of its own.
        further = 2 * weight // made.SECTION_CHARACTERS
        count, length = count + 1 + further, length + weight + further * _FRAME
        if length > room or count > BLOCKS - _NOTE_BLOCKS:
            return False
    return True


def _argument(name: str) -> str:
    said = fit(on_one_line(name.rstrip("_")), _NAME_COLUMNS).strip()
    return said if shows(said) else "a word"


def _texts(message: Message) -> Iterator[tuple[str, Callable[[str], str]]]:
    """Each text and the longest that it may become: one whose beginning can be bold may be plain as a whole."""
    yield message.title, bold
    for block in message.blocks:
        if isinstance(block, Table):
            yield "\n".join(block.lines), boxed
        else:
            yield block.text, bold if block.bold else str


def _weight(text: str, shown: Callable[[str], str], enough: int) -> int:
    """How long it is when it is shown; where that is more than `enough`, any length that is so too."""
    beginning = text[: 3 * enough]
    weight = units(shown(clean(beginning).strip()))
    return weight if weight > enough or beginning == text else units(shown(clean(text).strip()))


def _said(message: Message) -> Iterator[Block]:
    yield from made.title(message.title)
    for block in message.blocks:
        if isinstance(block, Table):
            yield from made.table(block.lines)
        else:
            yield from (made.emphasis if block.bold else made.paragraph)(block.text)


def _within(said: Iterator[Block]) -> list[Block]:
    """What is said as far as there is room; where it was cut, that is said. Never nothing."""
    kept: list[Block] = []
    length = 0
    for block in said:
        length += _length(block)
        if length > TEXT_CHARACTERS or len(kept) == BLOCKS:
            lost = _lines(block) + sum(map(_lines, said))
            return [*kept, *made.paragraph(_cut_line(lost))]
        kept.append(block)
    return kept or list(made.paragraph(NOTHING))


def _one_section(message: Message) -> list[Block]:
    text = clean(message.text).strip()
    if not shows(text):
        return list(made.paragraph(NOTHING))
    first = next(pieces(text, made.SECTION_CHARACTERS - _CUT_ROOM, str))
    rest = text[len(first) :]
    lost = sum(1 for line in rest.split("\n") if shows(line))
    return list(made.paragraph(f"{first}\n{_cut_line(lost)}" if lost else first))


def _cut_line(lost: int) -> str:
    return f"… cut: {lost} more {'line' if lost == 1 else 'lines'}"


def _length(block: Block) -> int:
    return units(block["text"]["text"])


def _lines(block: Block) -> int:
    return sum(1 for line in block["text"]["text"].split("\n") if shows(line) and line != "```")


def _file_name(message: Message) -> str:
    return "" if message.attachment is None else message.attachment.name


def _sendable(posting: Posting) -> Posting:
    message = posting.message
    fault = None if message.attachment is None else why_not_sendable(message.attachment)
    if message.attachment is None or fault is None:
        return posting
    told = Paragraph(f"The file “{fit(message.attachment.name, _NAME_COLUMNS)}” {fault}.")
    return replace(posting, message=replace(message, attachment=None, blocks=(*message.blocks, told)))
