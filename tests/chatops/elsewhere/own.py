"""Databases as bots keep them: one of decisions, fills and daily summaries, one of order intents and positions."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

_DECISIONS = """
CREATE TABLE decisions (id INTEGER PRIMARY KEY, decided_at TEXT, asset TEXT, reason TEXT);
CREATE TABLE fills (
    id INTEGER PRIMARY KEY, position_id TEXT, symbol TEXT, venue TEXT, side TEXT, quantity REAL, price REAL,
    realized_pnl REAL, fee REAL, filled_at REAL);
CREATE TABLE daily_summaries (date TEXT PRIMARY KEY, realized_pnl TEXT, funding_pnl TEXT, fees TEXT);
"""
_INTENTS = """
CREATE TABLE order_intents (id INTEGER PRIMARY KEY, position_id TEXT, status TEXT, created_at TEXT);
CREATE TABLE positions (
    id TEXT PRIMARY KEY, symbol TEXT, opened_at TEXT, closed_at TEXT, realized_pnl TEXT, funding_pnl TEXT, fees TEXT,
    exit_reason TEXT);
"""


def made(path: Path, script: str, rows: Iterable[tuple[str, tuple[object, ...]]]) -> Path:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(script)
        for table, row in rows:
            connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
    return path


def of_decisions(path: Path, *rows: tuple[str, tuple[object, ...]]) -> Path:
    return made(path, _DECISIONS, rows)


def of_intents(path: Path, *rows: tuple[str, tuple[object, ...]]) -> Path:
    return made(path, _INTENTS, rows)
