"""What lies beside the project and is never committed into it: a test that needs it is skipped where it is absent."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

_SHARED = Path(__file__).parents[2] / "shared"


def telegram_contract() -> dict[str, Any]:
    """What Telegram takes, refuses and says."""
    return _contract("telegram_contract.json")


def slack_contract() -> dict[str, Any]:
    """What Slack takes, refuses and says."""
    return _contract("slack_contract.json")


def market_file() -> Path:
    """The bars of Bybit and OKX."""
    path = Path(os.environ.get("QUARTERDECK_MARKET", _SHARED / "market")) / "bybit_okx_8h.csv"
    if not path.is_file():
        # Real prices are not ours to commit; CI has them.
        pytest.skip(f"{path.name} is not at hand: set QUARTERDECK_MARKET to the folder that holds it")
    return path


def _contract(name: str) -> dict[str, Any]:
    path = Path(os.environ.get("QUARTERDECK_CONTRACTS", _SHARED / "contracts")) / name
    if not path.is_file():
        # It is not ours to commit; CI has it.
        pytest.skip(f"{path.name} is not at hand: set QUARTERDECK_CONTRACTS to its folder")
    return dict(json.loads(path.read_text(encoding="utf-8")))
