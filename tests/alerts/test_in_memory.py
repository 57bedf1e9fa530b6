import pytest

from alerts.in_memory import InMemoryAlerts
from alerts.store import AlertStore, StoreAway
from tests.alerts.store_contract import StoreContract, alert, beginning


class TestInMemory(StoreContract):
    @pytest.fixture
    def store(self) -> AlertStore:
        return InMemoryAlerts()


async def test_one_that_is_away_says_so_and_stores_nothing() -> None:
    store = InMemoryAlerts()
    fence = await store.take_over()
    store.away = True
    with pytest.raises(StoreAway):
        await store.advance(fence, [beginning(alert())])
    store.away = False
    assert await store.load() == []
