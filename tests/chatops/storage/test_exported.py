"""An export proves itself without a database: whatever byte, row or order of it is changed, it is found."""

import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatops.guard.audit import GENESIS, Asked, Step, StepName, link, standing
from chatops.guard.exports import Opening
from chatops.guard.verifying import BEGINNING, Broken, Chained, Head, Logged, Whole
from chatops.storage.export_files import (
    ASKS_FILE,
    MANIFEST,
    STEPS_FILE,
    ExportFormat,
    export_files,
)
from chatops.storage.exported import NoExport, verify_export
from chatops.storage.placed import AlreadyThere

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
#: What a spreadsheet would run, what breaks lines and cells, what has no letter.
NASTY = ("=1+1", "+1", "-1", "@x", "\t", "\r\n", "'", "''=", 'a "b", c', "für 💥\n\n", "", ",", "\ufffd")
FORMATS = tuple(ExportFormat)


def record(asks: int) -> tuple[list[Chained], list[Logged]]:
    """Asks of three steps each, the first of all before the others' last."""
    events: list[Chained] = []
    log: list[Logged] = []
    told: list[tuple[Asked, list[Step]]] = []

    def append(step: Step) -> None:
        previous = events[-1].hash if events else GENESIS
        events.append(Chained(len(events) + 1, step, previous, link(previous, step.canonical())))

    for number in range(asks):
        nasty = NASTY[number % len(NASTY)]
        at = AT + timedelta(seconds=number)
        id_ = uuid.UUID(int=number)
        asked = Asked(
            id_,
            at,
            "memory",
            None if number % 3 else "ada",
            nasty,
            "desk",
            nasty or None,
            "status",
            {"reason": nasty, "n": 0.1},
            None,
        )
        steps = [
            Step(id_, at, StepName.RECEIVED, nasty, asked.facts()),
            Step(id_, at, StepName.RUNNING, "ada"),
        ]
        for step in steps:
            append(step)
        told.append((asked, steps))
    for asked, steps in told:
        steps.append(
            Step(
                asked.id,
                AT,
                StepName.FINISHED,
                "ada",
                {"outcome": "done", "answer": asked.sender_id, "latency_ms": 0.25},
            )
        )
        append(steps[-1])
        log.append(Logged(asked.id, asked.facts(), standing(steps)))
    return events, log


def written(path: Path, form: ExportFormat, *, asks: int = len(NASTY), first: int = 1) -> Path:
    """An export of all, or of the part from this step on."""
    events, log = record(asks)
    part = events[first - 1 :]
    begins = BEGINNING if first == 1 else Head(first - 1, events[first - 2].hash)
    head = Head(events[-1].seq, events[-1].hash) if events else BEGINNING
    with export_files(path, form) as files:
        files.open(Opening(AT, None, begins, head))
        for event in part:
            files.step(event)
        for ask in log:
            files.ask(ask)
        files.close(len(part), len(log))
    return path


@pytest.fixture(scope="module", params=FORMATS)
def export(request: pytest.FixtureRequest) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="qd-export-") as folder:
        yield written(Path(folder) / "export", request.param)


def files_of(export: Path) -> list[Path]:
    return sorted(export.iterdir()) if export.is_dir() else [export]


async def broken(export: Path) -> Broken:
    found = await verify_export(export)
    assert isinstance(found, Broken), found
    return found


@contextmanager
def changed(file: Path, change: Callable[[bytes], bytes]) -> Iterator[None]:
    """While the block runs, this file is another."""
    before = file.read_bytes()
    after = change(before)
    assert after != before
    file.write_bytes(after)
    yield
    file.write_bytes(before)


async def with_change(export: Path, file: Path, change: Callable[[bytes], bytes]) -> Broken:
    """What is said of the export with this change of this file of it."""
    with changed(file, change):
        return await broken(export)


def half_of(path: Path, form: ExportFormat) -> None:
    """An export that breaks off."""
    with export_files(path, form, force=True) as files:
        files.open(Opening(AT, None, BEGINNING, BEGINNING))
        raise KeyError


async def test_what_nobody_touched_is_whole(export: Path) -> None:
    found = await verify_export(export)
    assert found == Whole(3 * len(NASTY), len(NASTY), Head(0, ""))
    assert found.head.seq == 3 * len(NASTY)


@pytest.mark.parametrize("form", FORMATS)
async def test_an_empty_record_can_be_exported_too(tmp_path: Path, form: ExportFormat) -> None:
    assert await verify_export(written(tmp_path / "export", form, asks=0)) == Whole(0, 0, BEGINNING)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_any_other_byte_is_found(export: Path, data: st.DataObject) -> None:
    file = data.draw(st.sampled_from(files_of(export)))
    content = file.read_bytes()
    place = data.draw(st.integers(0, len(content) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda one: one != content[place]))
    found = await with_change(export, file, lambda all_: all_[:place] + bytes([byte]) + all_[place + 1 :])
    assert found.where


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_a_row_that_is_missing_doubled_or_exchanged_is_found(export: Path, data: st.DataObject) -> None:
    file = data.draw(st.sampled_from([one for one in files_of(export) if one.read_bytes().count(b"\n") > 2]))
    lines = file.read_bytes().splitlines(keepends=True)
    place = data.draw(st.integers(0, len(lines) - 2).filter(lambda one: lines[one] != lines[one + 1]))
    change = data.draw(
        st.sampled_from(
            [
                [*lines[:place], *lines[place + 1 :]],
                [*lines[: place + 1], lines[place], *lines[place + 1 :]],
                [*lines[:place], lines[place + 1], lines[place], *lines[place + 2 :]],
                lines[: place + 1],
            ]
        )
    )
    assert (await with_change(export, file, lambda _: b"".join(change))).where


async def test_the_bad_row_is_named(tmp_path: Path) -> None:
    export = written(tmp_path / "export", ExportFormat.JSON)
    found = await with_change(export, export, lambda all_: all_.replace(b'"by":"ada"', b'"by":"eve"', 1))
    assert found.where == "command_events seq 2"
    found = await with_change(
        export, export, lambda all_: all_.replace(b'"outcome":"done","platform"', b'"outcome":"failed","platform"', 1)
    )
    assert found.where.startswith("command_log 00000000")
    assert "outcome is 'failed', the steps say 'done'" in found.why
    found = await with_change(export, export, lambda all_: all_.replace(b'"kind":"ask"', b'"kind" :"ask"', 1))
    assert found.where == "export row 41"
    folder = written(tmp_path / "folder", ExportFormat.CSV)
    found = await with_change(folder, folder / STEPS_FILE, lambda all_: all_.replace(b',"ada",', b',"eve",', 1))
    assert found.where == "command_events seq 2"
    found = await with_change(folder, folder / ASKS_FILE, lambda all_: all_.replace(b'"done"', b'"failed"', 1))
    assert found.where.startswith("command_log 00000000")
    found = await with_change(folder, folder / MANIFEST, lambda all_: all_.replace(b"2026-01-02", b"2025-01-02"))
    assert found == Broken("export.jsonl row 2", "what stands before it is not, byte for byte, what was written")


async def test_a_chain_made_anew_from_some_row_on_does_not_meet_the_head_that_was_noted(tmp_path: Path) -> None:
    events, _ = record(3)
    forged = [*events[:-1], replace(events[-1], step=replace(events[-1].step, by="eve"))]
    forged[-1] = replace(forged[-1], hash=link(forged[-1].prev_hash, forged[-1].step.canonical()))
    with export_files(tmp_path / "export", ExportFormat.JSON) as files:
        files.open(Opening(AT, None, BEGINNING, Head(events[-1].seq, events[-1].hash)))
        for event in forged:
            files.step(event)
        files.close(len(forged), 0)
    assert (await broken(tmp_path / "export")).where == "command_events after seq 9"


@pytest.mark.parametrize("form", FORMATS)
async def test_a_part_is_proven_from_the_link_that_it_says_it_begins_after(tmp_path: Path, form: ExportFormat) -> None:
    events, _ = record(len(NASTY))
    first = 2 * len(NASTY) - 1
    export = written(tmp_path / "export", form, first=first)
    found = await verify_export(export)
    assert isinstance(found, Whole)
    assert (found.steps, found.asks, found.earlier) == (len(NASTY) + 2, len(NASTY), len(NASTY) - 1)
    assert found.begins == Head(first - 1, events[first - 2].hash)


@pytest.mark.parametrize("form", FORMATS)
async def test_nothing_is_written_over_and_half_of_it_never_stands_there(tmp_path: Path, form: ExportFormat) -> None:
    path = written(tmp_path / "export", form)
    before = [file.read_bytes() for file in files_of(path)]
    with pytest.raises(AlreadyThere, match="--force"), export_files(path, form):
        pass
    with pytest.raises(KeyError):
        half_of(path, form)
    assert [file.read_bytes() for file in files_of(path)] == before
    with export_files(path, form, force=True) as files:
        files.open(Opening(AT, None, BEGINNING, BEGINNING))
        files.close(0, 0)
    assert await verify_export(path) == Whole(0, 0, BEGINNING)
    assert {file.stat().st_mode & 0o077 for file in files_of(path)} == {0}


async def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    folder = written(tmp_path / "export", ExportFormat.CSV)
    text = (folder / ASKS_FILE).read_text() + (folder / STEPS_FILE).read_text()
    assert '"\'=1+1"' in text
    assert not [cell for cell in text.split(",") if cell.lstrip('"')[:1] in ("=", "+", "@")]


async def test_what_is_no_export_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(NoExport, match="There is no"):
        await verify_export(tmp_path / "nowhere")
    with pytest.raises(NoExport, match=r"export\.jsonl"):
        await verify_export(tmp_path)
    (tmp_path / "other").write_bytes(b"\xff\xfe\n{}\n")
    assert (await broken(tmp_path / "other")).where == "other row 1"
    (tmp_path / "empty").write_bytes(b"")
    assert (await broken(tmp_path / "empty")).where == "empty row 0"
