"""Real purchase orders are of ordinary goods: nothing controlled may be seen in them."""

import re
from pathlib import Path

import pytest

from tests.unit.screening.recognition.making import goods

ORDERS = Path(__file__).parents[5] / "shared" / "samples" / "orders"
_WORD = re.compile(r"[A-Za-z]{2}")


def texts_of(document: str) -> list[str]:
    """Everything in an order file of whatever format that could be a text."""
    if "<" in document[:200]:
        return re.findall(r">([^<>]{3,300})<", document)
    if document.lstrip()[:1] in ("{", "["):
        return re.findall(r'"((?:[^"\\]|\\.){3,300})"', document)
    return re.split(r"[*~+:'|^\n\r;,]", document)


@pytest.mark.skipif(not ORDERS.is_dir(), reason="the sample orders are not beside the project")
def test_nothing_controlled_is_seen_in_ordinary_orders() -> None:
    files = [file for file in ORDERS.rglob("*") if file.is_file() and file.name != "MANIFEST.csv"]
    texts = {" ".join(text.split()) for file in files for text in texts_of(file.read_text(encoding="utf-8", errors="replace"))}
    spoken = [text for text in texts if len(text) >= 3 and _WORD.search(text) and "\ufffd" not in text]
    assert len(spoken) > 1000
    assert [text for text in spoken if goods(text).materials] == []
