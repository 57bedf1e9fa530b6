"""Answers that wait their turn, by chat."""

from uuid import uuid4

from chatops.delivery.lines import Lines


def test_whoever_is_in_line_holds_back_its_chat_alone_until_it_leaves() -> None:
    lines, first, second = Lines(), uuid4(), uuid4()
    assert not lines
    lines.join("-1", first)
    lines.join("-1", second)
    assert ("-1" in lines, "-2" in lines) == (True, False)
    lines.leave("-1", first)
    lines.leave("-1", uuid4())
    lines.leave("-2", second)
    assert "-1" in lines
    lines.leave("-1", second)
    assert not lines


def test_a_line_follows_its_chat_to_its_new_id() -> None:
    lines, moved, there = Lines(), uuid4(), uuid4()
    lines.join("-1", moved)
    lines.join("-2", there)
    lines.move("-1", "-2")
    lines.move("-3", "-2")
    assert ("-1" in lines, "-2" in lines) == (False, True)
    lines.leave("-2", there)
    assert "-2" in lines
    lines.leave("-2", moved)
    assert not lines


def test_what_ended_elsewhere_is_let_go_at_the_second_look() -> None:
    lines, ended, waits = Lines(), uuid4(), uuid4()
    lines.join("-1", ended)
    lines.join("-2", waits)
    lines.check({waits})
    assert "-1" in lines
    lines.check({waits})
    assert ("-1" in lines, "-2" in lines) == (False, True)


def test_what_was_on_its_way_at_one_look_is_still_in_line_at_the_next() -> None:
    lines, answer = Lines(), uuid4()
    lines.join("-1", answer)
    for known in ((), (answer,), (), (answer,)):
        lines.check(known)
    assert "-1" in lines
