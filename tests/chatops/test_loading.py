"""While a program is loaded nobody looks for garbage; afterwards somebody does again."""

import gc
from collections.abc import Iterator

import pytest

from chatops.loading import loading


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_is_loaded_is_left_out_of_later_looks() -> None:
    with loading():
        assert not gc.isenabled()
        loaded = ["a module"]
    assert gc.isenabled()
    assert not any(one is loaded for one in gc.get_objects())


def test_what_cannot_be_loaded_keeps_nobody_from_looking() -> None:
    with pytest.raises(ImportError), loading():
        raise ImportError("no such module")
    assert gc.isenabled()
