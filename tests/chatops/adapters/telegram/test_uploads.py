from typing import Any

from chatops.adapters.telegram.uploads import Uploads
from chatops.messages import Attachment
from tests.chatops.adapters.telegram.pictures import png


def shown(*file_ids: str) -> dict[str, object]:
    return {"message_id": 1, "photo": [{"file_id": file_id, "width": 1, "height": 1} for file_id in file_ids]}


def picture(number: int) -> Attachment:
    return Attachment(f"{number}.png", png(8, 6, size=64 + number), is_picture=True)


def test_a_picture_is_known_by_what_is_in_it_and_by_the_id_of_its_largest_size() -> None:
    uploads = Uploads()
    mark = uploads.mark(picture(1))
    assert uploads.known(mark) is None
    uploads.learn(mark, shown("small", "large"))
    assert uploads.known(uploads.mark(Attachment("other.png", picture(1).content, is_picture=True))) == "large"
    assert uploads.known(uploads.mark(picture(2))) is None
    uploads.forget(mark)
    assert uploads.known(mark) is None


def test_what_is_shown_as_no_picture_is_not_known() -> None:
    uploads = Uploads()
    mark = uploads.mark(Attachment("rows.csv", b"a,b\n"))
    uploads.learn(mark, shown("id"))
    assert (mark, uploads.known(mark)) == (None, None)


def test_an_answer_that_tells_no_id_teaches_nothing() -> None:
    uploads = Uploads()
    mark = uploads.mark(picture(1))
    answers: list[Any] = [True, {}, {"photo": []}, {"photo": [{}]}, {"photo": [{"file_id": ""}]}, {"photo": "no"}]
    for answer in answers:
        uploads.learn(mark, answer)
        assert uploads.known(mark) is None


def test_of_many_pictures_those_used_last_are_known() -> None:
    uploads = Uploads(most=2)
    marks = [uploads.mark(picture(number)) for number in range(3)]
    uploads.learn(marks[0], shown("first"))
    uploads.learn(marks[1], shown("second"))
    assert uploads.known(marks[0]) == "first"
    uploads.learn(marks[2], shown("third"))
    assert [uploads.known(mark) for mark in marks] == ["first", None, "third"]
