"""A posting that is too long for one message, as several that follow each other, or as a file."""

import re
from collections.abc import Callable
from dataclasses import replace

from wcwidth import grapheme_boundary_before

from chatops.layout import plain, shows
from chatops.messages import Attachment, Block, Message, Paragraph, Posting, Table

#: Whether a platform takes a posting as it is. What holds for a text holds for each beginning of it.
Fits = Callable[[Posting], bool]

_IN_THE_FILE = Paragraph("… all of it is in the file.")
_EMPTY_LINE = re.compile(r"\n[^\S\n]*\n")
_NO_WORD = re.compile(r"\W+")
_NAME_CHARACTERS = 40


def split(posting: Posting, fits: Fits, *, most: int = 3) -> tuple[Posting, ...]:
    """The posting in at most `most` parts that `fits` says yes to, or its beginning with all of it as a file.

    The title and the attachment go with the first part, the buttons stand under the last, and only the first makes a
    sound. Nothing that can be seen is lost, and none is said twice; blanks and invisible characters are, where it was
    cut. Each part is judged as though the buttons stood under it. Where the posting has an attachment and becomes a
    file as well, these are two parts, even if `most` is one.
    """
    if fits(posting):
        return (posting,)
    # Cut blocks make fewer parts, whole ones read better.
    return _in_parts(posting, fits, most, keeps_whole=True) or _in_parts(posting, fits, most) or _as_file(posting, fits)


def _in_parts(posting: Posting, fits: Fits, most: int, *, keeps_whole: bool = False) -> tuple[Posting, ...]:
    """The parts, without loss; none at all where that takes more than `most`."""
    title, rest = _cut_title(posting, fits)
    frame = _saying(posting, title=title)
    parts: list[Posting] = []
    is_first = True
    while True:
        before = rest
        taken, rest = _fill(frame, rest, fits, keeps_whole=keeps_whole)
        rest = _without_unseen(rest)
        part = _with(frame, taken)
        if part.message.attachment is not None or shows(part.message.text):
            parts.append(part)
        if not rest and parts:
            return _finished(posting, parts)
        if not rest or len(parts) == most or (rest == before and not is_first):
            return ()
        frame = _going_on(frame)
        is_first = False


def _as_file(posting: Posting, fits: Fits) -> tuple[Posting, ...]:
    message = posting.message
    # Halves of a surrogate pair have no bytes, and no picture either.
    file = Attachment(_file_name(message.title), message.text.encode("utf-8", "ignore"))

    def offered(part: Posting) -> Posting:
        return replace(
            part, message=replace(part.message, blocks=(*part.message.blocks, _IN_THE_FILE), attachment=file)
        )

    def fits_offered(part: Posting) -> bool:
        return fits(offered(part))

    parts = []
    if message.attachment is None:
        title, blocks = _cut_title(posting, fits_offered)
        frame = _saying(posting, title=title)
    else:
        # A message holds one file.
        title, blocks = _cut_title(posting, fits)
        parts.append(_saying(posting, title=title))
        frame = _going_on(parts[0])
    taken, _ = _fill(frame, blocks, fits_offered)
    return _finished(posting, [*parts, offered(_with(frame, taken))])


def _fill(
    frame: Posting, blocks: tuple[Block, ...], fits: Fits, *, keeps_whole: bool = False
) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    """What goes into this part, and what is left for the next ones."""
    count = _most(lambda count: fits(_with(frame, blocks[:count])), len(blocks))
    taken, rest = blocks[:count], blocks[count:]
    if not rest:
        return taken, ()
    following = _going_on(frame)

    def fits_alone(block: Block) -> bool:
        return fits(_with(following, (block,)))

    # A title without anything under it is no message, a picture with a title is.
    stands = bool(taken) or frame.message.attachment is not None
    if keeps_whole and stands and fits_alone(rest[0]):
        return taken, rest
    head, tail = _cut(rest[0], lambda block: fits(_with(frame, (*taken, block))), fits_alone)
    return (*taken, *head), (*tail, *rest[1:])


def _cut(
    block: Block, fits: Callable[[Block], bool], fits_alone: Callable[[Block], bool]
) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    """As much of the block as fits, and the rest of it; either may be nothing."""
    if isinstance(block, Paragraph):
        end = _most(lambda end: fits(replace(block, text=block.text[:end])), len(block.text))
        if not end:
            return (), (block,)
        end = _place(block.text, end)
        # The line that goes on keeps its indent, not the line breaks before it.
        head, tail = block.text[:end].rstrip(), block.text[end:].lstrip("\r\n")
        return (replace(block, text=head),), (replace(block, text=tail),) if tail else ()
    count = _most(lambda count: fits(Table(block.lines[:count])), len(block.lines))
    if count:
        return (Table(block.lines[:count]),), (Table(block.lines[count:]),)
    if not block.lines or fits_alone(Table(block.lines[:1])):
        return (), (block,)
    first, *others = block.lines
    end = _between_characters(first, _most(lambda end: fits(Table((first[:end],))), len(first)))
    if not end:
        return (), (block,)
    return (Table((first[:end],)),), (Table((first[end:], *others)),)


def _cut_title(posting: Posting, fits: Fits) -> tuple[str, tuple[Block, ...]]:
    """The title as far as it fits, and all that comes after."""
    message = posting.message

    def has_room(end: int) -> bool:
        return fits(_saying(posting, title=message.title[:end]))

    if has_room(len(message.title)):
        return message.title, message.blocks
    end = _place(message.title, _most(has_room, len(message.title)))
    return message.title[:end].rstrip(), (Paragraph(message.title[end:], bold=True), *message.blocks)


def _place(text: str, end: int) -> int:
    """Where to cut, at `end` or before: far enough back for a good place, not so far that most room is wasted."""
    if end >= len(text):
        return end
    start = end // 2
    # What is to be cut away may itself lie behind the end.
    empty_lines = [found.start() for found in _EMPTY_LINE.finditer(text, start, end + 2)]
    if empty_lines and empty_lines[-1] > 0:
        return min(empty_lines[-1], end)
    for sign in ("\n", " "):
        found = text.rfind(sign, start, end + 1)
        if found > 0:
            return found
    return _between_characters(text, end)


def _between_characters(text: str, end: int) -> int:
    """The end, or before it where a letter and its marks, or an emoji of several, would come apart."""
    # One that fills the half of a part is no writing any more.
    found = grapheme_boundary_before(text[: end + 1], end + 1) if 0 < end < len(text) else end
    return found if found > end // 2 else end


def _most(holds: Callable[[int], bool], high: int) -> int:
    """The largest number up to `high` for which it holds; it holds for all below."""
    reach = 1
    # From below: what does not fit may be endless.
    while reach < high and holds(reach):
        reach *= 2
    low, top = reach // 2, min(reach, high)
    while low < top:
        middle = (low + top + 1) // 2
        if holds(middle):
            low = middle
        else:
            top = middle - 1
    return low


def _saying(posting: Posting, *, title: str) -> Posting:
    return replace(posting, message=replace(posting.message, title=title, blocks=()))


def _with(posting: Posting, blocks: tuple[Block, ...]) -> Posting:
    return replace(posting, message=replace(posting.message, blocks=blocks))


def _going_on(posting: Posting) -> Posting:
    return replace(posting, message=replace(posting.message, title="", blocks=(), silent=True, attachment=None))


def _finished(posting: Posting, parts: list[Posting]) -> tuple[Posting, ...]:
    """The parts, each but the last without the buttons under which it was judged."""
    above = [Posting(replace(part.message, buttons=())) for part in parts[:-1]]
    return (*above, replace(parts[-1], keys=posting.keys))


def _without_unseen(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The blocks from the first one that shows anything."""
    start = 0
    while start < len(blocks) and not shows(Message("", (blocks[start],)).text):
        start += 1
    return blocks[start:]


def _file_name(title: str) -> str:
    return (_NO_WORD.sub("-", plain(title[: 2 * _NAME_CHARACTERS]))[:_NAME_CHARACTERS].strip("-") or "message") + ".txt"
