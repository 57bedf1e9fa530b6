import asyncio
import logging
import os
import stat
from pathlib import Path
from uuid import uuid4

import pytest

from alerts.severity import Severity
from chatops.ids import uuid7
from chatops.messages import Attachment, Message, Paragraph, Table
from chatops.owed import Kind, Owed, State
from chatops.storage.database import Database
from chatops.storage.deliveries import Deliveries
from chatops.storage.spool import Spool, SpoolRecord
from tests.chatops.storage.owing import BUSY_DISK, HOUR, NOON, SECOND, owe, states, stored


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "desk" / "spool.jsonl")


@pytest.fixture
def deliveries(database: Database) -> Deliveries:
    return Deliveries(database, uuid4())


async def carry(spool: Spool, deliveries: Deliveries) -> None:
    await deliveries.carry(await spool.read(), NOON + HOUR)


async def shown(spool: Spool, owed: Owed) -> Owed:
    """A message that went out while the database was away."""
    await spool.add(owed)
    await spool.begun(owed.id, NOON)
    await spool.result(owed.id, State.SENT, "700", NOON + SECOND)
    return owed


async def test_what_is_written_is_read_as_it_was(spool: Spool) -> None:
    picture = Attachment("a.png", bytes(range(256)), is_picture=True)
    message = Message("SOL \x00 \u202e 💥", (Paragraph("x\ny", bold=True), Table(("a", "b"))), attachment=picture)
    owed = [
        owe("", message=message, severity=Severity.EMERGENCY, kind=Kind.ALERT, card="c", in_place=True, ends=True),
        owe("plain", "-1/7", replaces="5", hangs_on="c", command_id=uuid4()),
    ]
    for one in owed:
        await spool.add(one)
    assert await spool.read() == [SpoolRecord(one.id, one) for one in owed]
    assert stat.S_IMODE(spool.path.stat().st_mode) == 0o600


async def test_of_each_message_the_last_that_is_known_counts(spool: Spool) -> None:
    a, b, c = (owe(name) for name in "abc")
    table_has_it = uuid7()
    for one in (a, b, c):
        await spool.add(one)
        await spool.begun(one.id, NOON)
    await spool.result(a.id, State.PENDING, "connection refused", NOON + SECOND)
    await spool.result(b.id, State.PENDING, "connection refused", NOON + SECOND)
    await spool.begun(b.id, NOON + HOUR)
    await spool.result(c.id, State.SENT, "700", NOON + SECOND)
    await spool.result(table_has_it, State.DEAD, "blocked", NOON)
    assert await spool.read() == [
        SpoolRecord(a.id, a, None, 1, State.PENDING, None, "connection refused", NOON + SECOND),
        SpoolRecord(b.id, b, NOON + HOUR, 2, None, None, None, NOON + SECOND),
        SpoolRecord(c.id, c, NOON, 1, State.SENT, "700", None, NOON + SECOND),
        SpoolRecord(table_has_it, None, None, 0, State.DEAD, None, "blocked", NOON),
    ]


async def test_what_is_written_at_once_stands_line_by_line(spool: Spool) -> None:
    owed = [owe(f"{number} " + "x" * 5_000) for number in range(50)]
    await asyncio.gather(*(spool.add(one) for one in owed))
    assert [record.owed for record in await spool.read()] == owed


async def test_who_gives_up_waiting_tears_no_line(spool: Spool) -> None:
    for number in range(20):
        writing = asyncio.create_task(spool.add(owe(f"{number}" + "x" * 50_000)))
        await asyncio.sleep(0)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        await spool.add(owe("next"))
    assert len(await spool.read()) >= 20
    assert not spool.path.with_name("spool.jsonl.bad").exists()


async def test_every_line_is_synced_before_it_counts(tmp_path: Path) -> None:
    synced: list[tuple[bool, int]] = []

    def sync(file: int) -> None:
        status = os.fstat(file)
        synced.append((stat.S_ISDIR(status.st_mode), status.st_size))
        os.fsync(file)

    spool = Spool(tmp_path / "spool.jsonl", sync)
    await spool.add(owe("one"))
    first = spool.path.stat().st_size
    assert [is_directory for is_directory, _ in synced] == [False, True]
    assert synced[0] == (False, first)
    await spool.begun(uuid7(), NOON)
    assert synced[2:] == [(False, spool.path.stat().st_size)]
    await spool.clear()
    assert synced[3:] == [(False, 0)]


async def test_wherever_a_kill_tears_the_file_what_was_written_before_is_read(spool: Spool) -> None:
    owed = [owe("one"), owe("two"), owe("thrée 💥")]
    for one in owed:
        await spool.add(one)
    whole = spool.path.read_bytes()
    ends = [at for at, byte in enumerate(whole) if byte == ord("\n")]
    for cut in range(0, len(whole), 7):
        spool.path.write_bytes(whole[:cut])
        kept = owed[: sum(end < cut for end in ends)]
        assert [record.owed for record in await spool.read()] == kept
        # What comes after the tear is whole again.
        await spool.add(later := owe("later"))
        assert [record.owed for record in await spool.read()] == [*kept, later]


async def test_lines_that_cannot_be_read_stop_no_others(spool: Spool, caplog: pytest.LogCaptureFixture) -> None:
    one, two = owe("one"), owe("two")
    await spool.add(one)
    bad = [b"\xff\x00", b"{}", b"7", b'{"add": {"id": "x"}}', b'{"result": "y", "state": "odd"}', b"[" * 2_000, b"null"]
    with spool.path.open("ab") as stream:
        stream.write(b"\n".join([*bad, b""]))
    await spool.add(two)
    with caplog.at_level(logging.ERROR):
        for _ in range(2):
            assert [record.owed for record in await spool.read()] == [one, two]
    aside = spool.path.with_name("spool.jsonl.bad")
    assert aside.read_bytes().splitlines() == bad
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600
    assert "7 lines of spool.jsonl cannot be read and are kept in spool.jsonl.bad" in caplog.text


async def test_where_it_is_found_again_what_was_on_its_way_goes_again_from_disk_too(
    spool: Spool, database: Database
) -> None:
    report = owe("report", kind=Kind.REPORT)
    await spool.add(report)
    await spool.begun(report.id, NOON)
    await carry(spool, Deliveries(database, uuid4(), ["telegram"]))
    row = await stored(database, report.id)
    assert (row["state"], row["repeat"]) == ("pending", True)


async def test_nothing_was_ever_spooled(spool: Spool) -> None:
    assert await spool.read() == []
    await spool.clear()


async def test_what_is_on_disk_comes_into_the_table_once(
    spool: Spool, deliveries: Deliveries, database: Database
) -> None:
    waits, refused, lost = owe("waits"), owe("refused"), owe("lost", kind=Kind.REPORT)
    again, edit, dead = owe("again", severity=Severity.CRITICAL), owe("edit", replaces="5"), owe("dead")
    for one in (waits, refused, lost, again, edit, dead):
        await spool.add(one)
    for one in (refused, lost, again, edit, dead):
        await spool.begun(one.id, NOON)
    await spool.result(refused.id, State.PENDING, "connection refused", NOON)
    await spool.result(dead.id, State.DEAD, "blocked", NOON)
    sent = await shown(spool, owe("sent"))

    async def rows() -> list[tuple[object, ...]]:
        table = [await stored(database, one.id) for one in (waits, refused, lost, again, edit, dead, sent)]
        return [
            (row["state"], row["repeat"], row["attempts"], row["reason"], row["platform_message_id"]) for row in table
        ]

    await carry(spool, deliveries)
    first = await rows()
    stopped = "the program stopped while this went out"
    assert first == [
        ("pending", False, 0, None, None),
        ("pending", False, 1, "connection refused", None),
        ("ambiguous", False, 1, stopped, None),
        ("pending", True, 1, stopped, None),
        ("pending", False, 1, stopped, None),
        ("dead", False, 1, "blocked", None),
        ("sent", False, 1, None, "700"),
    ]
    assert (await stored(database, sent.id))["sent_at"] == NOON + SECOND
    # Killed before the file was cleared: the next start carries it once more.
    await carry(spool, deliveries)
    assert await rows() == first
    await spool.clear()
    assert await spool.read() == []
    claims = await deliveries.claim("telegram", now=NOON + HOUR, limit=9)
    assert [one.owed for one in claims.claimed] == [again]


async def test_what_has_gone_on_since_it_was_carried_stays_as_it_is(
    spool: Spool, deliveries: Deliveries, database: Database
) -> None:
    again = owe("again", severity=Severity.CRITICAL)
    await spool.add(again)
    await spool.begun(again.id, NOON)
    await carry(spool, deliveries)
    assert len((await deliveries.claim("telegram", now=NOON + HOUR, limit=9)).claimed) == 1
    await carry(spool, deliveries)
    assert await states(database) == ["sending"]
    await deliveries.sent(again.id, "9", NOON + HOUR)
    await carry(spool, deliveries)
    assert await states(database) == ["sent"]


async def test_what_became_of_a_message_of_the_table_is_carried_too(
    spool: Spool, deliveries: Deliveries, database: Database
) -> None:
    owed = [owe(name, name, severity=Severity.WARNING) for name in ("sent", "dead", "again", "overdue", "unknown")]
    sent, dead, again, overdue, unknown = owed
    await deliveries.store(owed)
    assert len((await deliveries.claim("telegram", now=NOON, limit=9)).claimed) == 5
    await deliveries.recover(now=NOON + HOUR, everyone=False)
    await database.execute("UPDATE deliveries SET state = 'sending' WHERE id <> $1", overdue.id)
    assert (await stored(database, overdue.id))["state"] == "ambiguous"
    await spool.result(sent.id, State.SENT, "1", NOON)
    await spool.result(dead.id, State.DEAD, "blocked", NOON)
    await spool.result(again.id, State.PENDING, "connection refused", NOON)
    await spool.result(overdue.id, State.SENT, "2", NOON)
    await spool.begun(unknown.id, NOON)
    await carry(spool, deliveries)
    assert await states(database) == ["sent", "dead", "pending", "sent", "sending"]


async def test_a_message_that_the_table_got_after_all_is_not_doubled(
    spool: Spool, deliveries: Deliveries, database: Database
) -> None:
    """The connection was lost after the row was written, and before that was known."""
    owed = owe("one")
    await deliveries.store([owed])
    await shown(spool, owed)
    await carry(spool, deliveries)
    assert await states(database) == ["sent"]
    assert (await deliveries.claim("telegram", now=NOON + HOUR, limit=9)).claimed == ()


async def test_one_that_the_table_refuses_stops_no_others(
    spool: Spool, deliveries: Deliveries, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await database.execute("ALTER TABLE deliveries ADD CHECK (payload ->> 'title' <> 'odd')")
    await shown(spool, owe("one"))
    odd = await shown(spool, owe("odd"))
    await spool.add(owe("two"))
    await carry(spool, deliveries)
    assert await states(database) == ["sent", "pending"]
    assert f"message {odd.id} is on disk and cannot be stored" in caplog.text


async def test_what_the_table_refuses_is_kept_beside(spool: Spool, deliveries: Deliveries, database: Database) -> None:
    await database.execute("ALTER TABLE deliveries ADD CHECK (payload ->> 'title' <> 'odd')")
    await shown(spool, owe("one"))
    before = spool.path.read_bytes()
    odd = await shown(spool, owe("odd"))
    lines = spool.path.read_bytes().removeprefix(before)
    refused = await deliveries.carry(await spool.read(), NOON + HOUR)
    assert refused == {odd.id}
    await spool.clear(refused)
    assert await spool.read() == []
    assert spool.path.with_name("spool.jsonl.bad").read_bytes() == lines


async def test_files_that_take_long_are_carried_too(spool: Spool, database: Database, database_url: str) -> None:
    content = os.urandom(9 << 20)
    for number in range(3):
        file = Attachment("equity.csv", content, is_picture=False)
        await spool.add(owe(f"{number}", message=Message(f"{number}", attachment=file), kind=Kind.REPORT))
    await database.execute(BUSY_DISK)
    async with Database.open(database_url, statement_timeout_s=4) as hasty:
        assert await Deliveries(hasty, uuid4()).carry(await spool.read(), NOON) == frozenset()
    sizes = await database.fetch("SELECT payload ->> 'title' AS title, length(file) FROM deliveries ORDER BY seq")
    assert [tuple(row) for row in sizes] == [(f"{number}", len(content)) for number in range(3)]


async def test_thousands_are_carried_in_their_order(deliveries: Deliveries, database: Database) -> None:
    records = [SpoolRecord(one.id, one) for one in (owe(f"{number}") for number in range(1_203))]
    for _ in range(2):
        await deliveries.carry(records, NOON)
    rows = await database.fetch("SELECT id FROM deliveries ORDER BY seq")
    assert [row["id"] for row in rows] == [record.id for record in records]


async def test_what_became_of_it_after_the_clock_was_set_back_is_carried_too(
    spool: Spool, deliveries: Deliveries, database: Database
) -> None:
    new, old = owe("new", "1"), owe("old", "2", created_at=NOON - 2 * HOUR)
    await deliveries.store([new, old])
    assert len((await deliveries.claim("telegram", now=NOON, limit=9)).claimed) == 2
    set_back = NOON - HOUR
    for one in (new, old):
        await spool.result(one.id, State.PENDING, "connection refused", set_back)
    await deliveries.carry(await spool.read(), set_back + SECOND)
    assert await states(database) == ["pending", "pending"]
