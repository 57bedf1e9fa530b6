"""No secret of the settings is shown or recorded, and what a button does stays what it was."""

import uuid
from datetime import UTC, datetime

from chatops.asks import Close, Pause
from chatops.guard.audit import Asked, Step, StepName, standing
from chatops.guard.presses import StoredPress
from chatops.ledger import Entry
from chatops.messages import Attachment, Button, Message, Paragraph, Table
from chatops.redacted import redacted, redacted_entry
from chatops.redactor import Redactor
from chatops.room import Room

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SECRET = "CANARY-of-the-bot-alpha"
REDACT = Redactor([SECRET])


def test_a_message_is_shown_without_the_secret_wherever_it_stands() -> None:
    close = Close(position=SECRET)
    file = Attachment("a.txt", b"a")
    message = Message(
        f"Closed with {SECRET}",
        (Paragraph(f"so {SECRET}", bold=True), Table((f"a {SECRET}", "b"))),
        ((Button(f"Close {SECRET}", close),),),
        attachment=file,
    )
    assert redacted(message, REDACT) == Message(
        "Closed with ***",
        (Paragraph("so ***", bold=True), Table(("a ***", "b"))),
        ((Button("Close ***", close),),),
        attachment=file,
    )


def test_a_message_without_one_is_the_same() -> None:
    message = Message("alpha is well", (Paragraph("Equity 100.00"),), ((Button("Close", Close()),),))
    assert redacted(message, REDACT) is message


def test_the_log_and_its_chain_say_the_same_without_it() -> None:
    id_ = uuid.uuid4()
    asked = Asked(id_, AT, "memory", "ada", "memory:1", "desk", None, SECRET, {"position": SECRET, "n": 1}, None)
    steps = (
        Step(id_, AT, StepName.RECEIVED, "ada", asked.facts()),
        Step(id_, AT, StepName.FINISHED, "ada", {"outcome": "done", "answer": f"No {SECRET}"}),
    )
    clean = redacted_entry(Entry(steps, asked=asked), REDACT)
    assert clean.asked is not None
    assert (clean.asked.word, clean.asked.arguments) == ("***", {"position": "***", "n": 1})
    assert clean.steps[0].data == clean.asked.facts()
    assert standing(clean.steps).answer == "No ***"


def test_a_name_that_is_a_secret_too_does_not_break_the_record() -> None:
    id_ = uuid.uuid4()
    asked = Asked(id_, AT, "memory", SECRET, "memory:1", "desk", None, "status", {}, None)
    clean = redacted_entry(Entry((Step(id_, AT, StepName.RECEIVED, SECRET, asked.facts()),), asked=asked), REDACT)
    assert clean.asked is not None
    assert clean.steps[0].data == clean.asked.facts()


def test_of_a_button_the_running_text_is_cleaned_and_what_it_does_is_kept() -> None:
    def press(ask: Close | Pause) -> StoredPress:
        return StoredPress("t" * 22, ask, "ada", Room("memory", "desk"), None, AT, None)

    pause, close = press(Pause(scope="entry", reason=f"as {SECRET} says")), press(Close(position=SECRET))
    clean = redacted_entry(Entry((Step(uuid.uuid4(), AT, StepName.RUNNING, "ada"),), minted=(pause, close)), REDACT)
    assert [one.ask for one in clean.minted] == [Pause(scope="entry", reason="as *** says"), Close(position=SECRET)]
