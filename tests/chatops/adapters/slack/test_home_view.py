"""A page as the view of an App Home, within every limit of the platform."""

import json
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatops.adapters.slack.home_view import CLOSED, OPEN, REFRESH, home_view, page_blocks
from chatops.home import Page, Row, Word
from chatops.messages import Paragraph, Table
from tests.chatops.adapters.slack.test_render import ANY_TEXT, LONG_TEXT
from tests.chatops.views.facts import NOW
from tests.servers.slack import limits
from tests.servers.slack.block_kit import mentions, problems_of_view, texts_of, unescaped
from tests.servers.slack.post import controls_of

WORDS = st.builds(Word, ANY_TEXT, LONG_TEXT)
PARTS = st.one_of(
    st.builds(Paragraph, LONG_TEXT, st.booleans()),
    st.builds(lambda line, times: Table((line,) * times), ANY_TEXT, st.sampled_from([0, 1, 3, 90])),
    st.builds(Row, st.lists(WORDS, max_size=30).map(tuple)),
)
PAGES = st.builds(Page, LONG_TEXT, st.lists(PARTS, max_size=120).map(tuple), st.just(NOW), st.booleans())
LIVE = timedelta(minutes=10)


def test_it_says_of_when_it_is_and_how_to_have_it_anew() -> None:
    row = Row((Word("Positions", "positions alpha"), Word("Close…", "close")))
    page = Page("alpha is well", (row,), NOW)
    said = page_blocks(page)
    live, once = (home_view(page, said, live=how_long)["blocks"] for how_long in (LIVE, None))
    assert [text for _, text in texts_of(live)][-2:] == [
        "As of 2026-05-04 12:00:00 UTC: shown anew when it changes, until 12:10. After that press Refresh.",
        "Refresh",
    ]
    assert "not kept up to date: press Refresh" in [text for _, text in texts_of(once)][-2]
    positions, close, refresh = (one for block in live if block["type"] == "actions" for one in block["elements"])
    assert (positions["value"], close["value"], refresh["action_id"]) == ("positions alpha", "close", REFRESH)


def test_what_a_page_says_is_the_same_however_late_it_is_shown() -> None:
    page = Page("alpha is well", (Paragraph("PnL +1.00"),), NOW)
    later = Page(page.title, page.parts, NOW + LIVE)
    assert page_blocks(page) == page_blocks(later)


def test_a_page_that_is_closed_is_known_again() -> None:
    page = Page("I do not know you", (), NOW, is_open=False)
    view = home_view(page, page_blocks(page), live=None)
    assert (view["callback_id"], [block["type"] for block in view["blocks"]]) == (CLOSED, ["header", "actions"])


def test_what_there_is_no_room_for_is_cut_and_said_so() -> None:
    page = Page("t", tuple(Paragraph("line " * 100) for _ in range(120)), NOW)
    blocks = page_blocks(page)
    assert blocks[-1]["text"]["text"].startswith("… cut: ")
    assert len(blocks) < len(page.parts)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(PAGES, st.sampled_from([LIVE, None]))
def test_any_page_is_taken_by_slack_and_mentions_nobody(page: Page, live: timedelta | None) -> None:
    view = home_view(page, page_blocks(page), live=live)
    blocks = view["blocks"]
    assert problems_of_view(view) == []
    assert len(json.dumps(view)) <= limits.VIEW_BYTES
    assert view["callback_id"] in (OPEN, CLOSED)
    assert mentions("", blocks) == ()
    assert [unescaped(text) for kind, text in texts_of(blocks) if kind == "mrkdwn" and unescaped(text)] == []
    actions = [control.action_id for control in controls_of([{"block_id": "b", **block} for block in blocks])]
    assert (actions[-1], len(set(actions))) == (REFRESH, len(actions))
