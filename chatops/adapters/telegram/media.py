"""Which files Telegram takes, and whether one is shown as a picture or offered as a document.

Limits: the contract's photo_upload_bytes, photo_dimensions, file_upload_bytes.
"""

from chatops.messages import Attachment

PHOTO_BYTES = 10 * 1024 * 1024
PHOTO_WIDTH_PLUS_HEIGHT = 10_000
PHOTO_RATIO = 20
FILE_BYTES = 50_000_000

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"


def sendable_as_photo(attachment: Attachment) -> bool:
    """Whether it is a picture that is taken as one; any file that is not too large is taken as a document.

    Of a PNG the size in pixels is looked at too, of a JPEG that in bytes alone.
    """
    content = attachment.content
    if not attachment.is_picture or len(content) > PHOTO_BYTES:
        return False
    if not content.startswith(_PNG) or len(content) < 24:
        return content.startswith(_JPEG)
    width, height = int.from_bytes(content[16:20]), int.from_bytes(content[20:24])
    shorter, longer = sorted((width, height))
    return shorter > 0 and width + height <= PHOTO_WIDTH_PLUS_HEIGHT and longer <= PHOTO_RATIO * shorter


def why_not_sendable(attachment: Attachment) -> str | None:
    """What is wrong with a file that is not taken in any way."""
    size = len(attachment.content)
    if size > FILE_BYTES:
        return f"is too large for Telegram: {size / 1e6:,.1f} MB of {FILE_BYTES / 1e6:.0f}"
    # td, FileLoaderUtils: "File must be non-empty".
    return None if size else "is empty"
