"""Recognition: what the goods of a line are, as far as master data, attributes, tariff codes and text tell. Pure.

`recognise` never judges; the regulations do. It says what it saw, where, and how sure that is.
"""

from services.screening.domain.recognition.line import recognise

__all__ = ["recognise"]
