"""`quarterdeck db backup` beside a desk that runs, and `db restore` into another place."""

from pathlib import Path

import pytest

from tests.faults.conftest import copy
from tests.faults.program import outcome, program


@pytest.fixture
def data_dir(folder: Path, made: Path) -> Path:
    """Of a demo that was run before."""
    copy(made, folder / "demo")
    return folder / "demo"


def settings(folder: Path, data_dir: Path) -> str:
    path = folder / f"{data_dir.name}.toml"
    path.write_text(f'[desk]\ndata_dir = "{data_dir}"\n')
    return str(path)


async def test_what_a_running_desk_knows_is_restored_elsewhere_whole(folder: Path, data_dir: Path) -> None:
    file = str(folder / "desk.backup")
    async with program("demo", "--data-dir", str(data_dir)) as running:
        running.type("/status\n")
        await running.says("paper is well")
        code, said = await outcome("db", "backup", file, "-c", settings(folder, data_dir))
        assert (code, "the database as it was at" in said) == (0, True), said
        (head,) = (line for line in said.splitlines() if line.startswith("The head of its record is "))
        code, said = await outcome("db", "restore", file, "-c", settings(folder, data_dir))
        assert (code, "Another desk" in said) == (1, True), said
        running.close_input()
        assert await running.ends() == 0, running.said
    code, said = await outcome("db", "restore", file, "-c", settings(folder, folder / "new"))
    assert (code, "Its record is whole" in said) == (0, True), said
    assert head.removeprefix("The head of its record is ") in said
