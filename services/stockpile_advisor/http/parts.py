"""What the routes work with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.stockpile_advisor.advice_book import AdviceBook
from services.stockpile_advisor.questions import Questions


@dataclass(slots=True, frozen=True)
class Parts:
    book: AdviceBook
    questions: Questions
    clock: Callable[[], datetime]
