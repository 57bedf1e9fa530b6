import pytest

from chatops.adapters.telegram.media import sendable_as_photo, why_not_sendable
from chatops.messages import Attachment
from tests.chatops.adapters.telegram.pictures import png
from tests.servers.telegram.errors import ApiError
from tests.servers.telegram.pictures import accept_photo


@pytest.mark.parametrize("content", [png(800, 600), png(9_500, 500), png(20, 1), png(1, 1, size=10 * 1024 * 1024)])
def test_a_picture_goes_as_a_photo_up_to_the_limits(content: bytes) -> None:
    accept_photo(content)
    assert sendable_as_photo(Attachment("equity.png", content, is_picture=True))


@pytest.mark.parametrize(
    "content",
    [png(9_500, 501), png(21, 1), png(0, 600), png(1, 1, size=10 * 1024 * 1024 + 1), b"<svg/>", b"", png(1, 1)[:20]],
    ids=["too large", "too long", "nothing", "too many bytes", "of another kind", "empty", "torn"],
)
def test_one_beyond_them_goes_as_a_document(content: bytes) -> None:
    with pytest.raises(ApiError):
        accept_photo(content)
    assert not sendable_as_photo(Attachment("equity.png", content, is_picture=True))


def test_a_jpeg_is_a_photo_too_and_what_is_no_picture_is_none() -> None:
    assert sendable_as_photo(Attachment("a.jpg", b"\xff\xd8\xff\xe0", is_picture=True))
    assert not sendable_as_photo(Attachment("equity.png", png(800, 600)))


def test_a_file_goes_up_to_its_limit() -> None:
    assert why_not_sendable(Attachment("a", bytes(50_000_000))) is None
    assert why_not_sendable(Attachment("a", bytes(50_100_000))) == "is too large for Telegram: 50.1 MB of 50"
