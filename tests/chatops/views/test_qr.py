"""The QR picture as a phone's camera gets it: every module where the standard puts it, large, with white around."""

import struct
import zlib
from itertools import accumulate

import segno

from chatops.adapters.telegram.media import sendable_as_photo
from chatops.views.qr import BORDER, SCALE, qr

SAID = "otpauth://totp/Quarterdeck%20main:ada?secret=MFLK77MNBQA2HTBRUD46V5EVYBDFUAG6&issuer=Quarterdeck%20main"


def dark(png: bytes) -> list[list[bool]]:
    """Which pixels of a PNG of one bit are dark (w3.org/TR/png-3)."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    chunks, at = {}, 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        chunks[png[at + 4 : at + 8]] = png[at + 8 : at + 8 + length]
        at += length + 12
    width, height, depth, kind = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert (depth, kind) == (1, 0)
    rows = zlib.decompress(chunks[b"IDAT"])
    stride = 1 + (width + 7) // 8
    lines = [rows[start : start + stride] for start in range(0, height * stride, stride)]
    assert {line[0] for line in lines} <= set(_FILTERS)
    whole = list(accumulate(lines, lambda above, line: _FILTERS[line[0]](above, line), initial=bytes(stride)))
    return [[not line[1 + x // 8] >> 7 - x % 8 & 1 for x in range(width)] for line in whole[1:]]


def _as_it_is(above: bytes, line: bytes) -> bytes:
    return line


def _up(above: bytes, line: bytes) -> bytes:
    return bytes((one + other) % 256 for one, other in zip(above, line, strict=True))


#: How a line is written (w3.org/TR/png-3, 9.2).
_FILTERS = {0: _as_it_is, 2: _up}


def test_every_module_is_a_square_of_its_colour_with_four_of_white_around() -> None:
    pixels = dark(qr(SAID, "totp.png").content)
    modules = [[bool(module) for module in row] for row in segno.make(SAID, micro=False, error="m").matrix]
    size = len(modules) + 2 * BORDER
    assert (len(pixels), len(pixels[0])) == (size * SCALE, size * SCALE)
    blank = [False] * size
    framed = [*[blank] * BORDER, *([*blank[:BORDER], *row, *blank[:BORDER]] for row in modules), *[blank] * BORDER]
    assert pixels == [[module for module in row for _ in range(SCALE)] for row in framed for _ in range(SCALE)]


def test_telegram_takes_it_as_a_picture() -> None:
    attachment = qr(SAID, "totp.png")
    assert sendable_as_photo(attachment)
    assert len(attachment.content) < 2_000
