import json

from hypothesis import given
from hypothesis import strategies as st

from chatops.messages import Attachment, Key, Message, Paragraph, Posting, Table
from chatops.payload import payload_of, posting_of
from chatops.people import Identity

POSTINGS = st.builds(
    Posting,
    st.builds(
        Message,
        st.text(),
        st.lists(
            st.builds(Paragraph, st.text(), st.booleans()) | st.builds(Table, st.lists(st.text()).map(tuple)),
            max_size=4,
        ).map(tuple),
        silent=st.booleans(),
        attachment=st.none() | st.builds(Attachment, st.text(), st.binary(), st.booleans()),
    ),
    st.lists(st.lists(st.builds(Key, st.text(), st.text(), st.booleans()), max_size=3).map(tuple), max_size=3).map(
        tuple
    ),
    st.text(),
    st.text(),
    whisper_to=st.none() | st.builds(Identity, st.text(), st.text(), st.text()),
)


@given(POSTINGS)
def test_what_is_stored_is_shown_as_it_was(posting: Posting) -> None:
    file = posting.message.attachment
    stored = json.loads(json.dumps(payload_of(posting, None)))
    assert posting_of(stored, file.content if file else None) == posting


def test_a_file_stands_beside_what_tells_of_it() -> None:
    payload = payload_of(
        Posting(Message("Daily", attachment=Attachment("equity.png", b"\x89PNG", is_picture=True))), "7"
    )
    assert payload["attachment"] == {"name": "equity.png", "is_picture": True}
    assert payload["replaces"] == "7"


def test_what_has_no_file_has_no_word_of_one() -> None:
    assert payload_of(Posting(Message("Pong")), None).keys() == {"title", "blocks", "keys", "silent", "replaces"}


def test_what_was_stored_before_keys_could_open_forms_is_shown_all_the_same() -> None:
    old = {"title": "Pong", "blocks": [], "keys": [[["Again", "token"]]], "silent": False, "replaces": None}
    assert posting_of(old) == Posting(Message("Pong"), ((Key("Again", "token"),),))
