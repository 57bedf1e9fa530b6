"""Postings as channels are handed them."""

from datetime import UTC, datetime

from chatops.messages import Attachment, Key, Message, Paragraph, Posting, Table

NOW = datetime(2026, 11, 21, 3, 14, 15, tzinfo=UTC)
FACTS = {"id": "0193", "number": 17, "version": 2, "state": "open", "severity": "critical", "rule": "health_factor"}
ALARM = Posting(
    Message(
        "CRITICAL: alpha SOL-1/bybit",
        (Paragraph("HF 0.148 of the borrowed leg"), Table(("HF   0.148", "left 9.1 %"))),
        facts=FACTS,
    ),
    keys=((Key("Ack", "token-1"), Key("Silence", "token-2")),),
)
CHART = Posting(
    Message("30 days", (Paragraph("+12.30 USD"),), attachment=Attachment("pnl.png", b"chart", is_picture=True))
)
WORDS = "HF 0.148 of the borrowed leg\n\nHF   0.148\nleft 9.1 %\n\nTo answer, write in a chat of the desk: /ack 17"
