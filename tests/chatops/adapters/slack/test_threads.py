from chatops.adapters.slack.threads import Threads


def test_what_hangs_on_a_reply_stands_in_the_thread_of_that() -> None:
    threads = Threads()
    threads.learn("2.0", "1.0")
    threads.learn("3.0", None)
    assert [threads.of(ts) for ts in (None, "1.0", "2.0", "3.0")] == [None, "1.0", "1.0", "3.0"]


def test_the_newest_replies_are_known() -> None:
    threads = Threads(most=2)
    for ts in ("2.0", "3.0", "4.0"):
        threads.learn(ts, "1.0")
    assert [threads.of(ts) for ts in ("2.0", "3.0", "4.0")] == ["2.0", "1.0", "1.0"]
