"""Files as the platform keeps them; the size of a picture, read from its first bytes."""

import struct

from tests.servers.telegram.errors import bad_request
from tests.servers.telegram.limits import PHOTO_BYTES, PHOTO_RATIO, PHOTO_WIDTH_PLUS_HEIGHT
from tests.servers.telegram.message import Attachment
from tests.servers.telegram.parameters import Upload
from tests.servers.telegram.texts import UnlistedText
from tests.servers.telegram.world import World

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8"


def keep_photo(world: World, photo: Upload | str) -> Attachment:
    """A photo that is uploaded, or the one of an id."""
    width, height = accept_photo(photo.content) if isinstance(photo, Upload) else (0, 0)
    return world.keep_file(photo, width=width, height=height, default_name="photo")


def keep_document(world: World, document: Upload | str) -> Attachment:
    """A document that is uploaded, or the one of an id."""
    return world.keep_file(document, default_name="document")


def accept_photo(content: bytes) -> tuple[int, int]:
    """Width and height in pixels, or the platform's refusal of the picture."""
    if len(content) > PHOTO_BYTES:
        raise bad_request(UnlistedText.PHOTO_TOO_BIG)
    width, height = _size(content)
    too_large = width + height > PHOTO_WIDTH_PLUS_HEIGHT
    if min(width, height) < 1 or too_large or max(width, height) > PHOTO_RATIO * min(width, height):
        raise bad_request(UnlistedText.PHOTO_DIMENSIONS)
    return width, height


def _size(content: bytes) -> tuple[int, int]:
    if content.startswith(_PNG) and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return width, height
    if content.startswith(_JPEG):
        return _jpeg_size(content)
    raise bad_request(UnlistedText.PHOTO_UNREADABLE)


def _jpeg_size(content: bytes) -> tuple[int, int]:
    at = 2
    while at + 9 <= len(content):
        marker, length = content[at + 1], struct.unpack(">H", content[at + 2 : at + 4])[0]
        # Frames are C0 to CF, without the tables DHT, JPG and DAC.
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + length
    raise bad_request(UnlistedText.PHOTO_UNREADABLE)
