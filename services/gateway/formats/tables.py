"""CSV as spreadsheets and ERPs write it: which separator, which alphabet, which comma; rows with their numbers and their exact text."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from services.gateway.domain.received import Unreadable

SEPARATORS = (",", ";", "\t", "|")
BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))

DayOrder = Literal["YMD", "DMY", "MDY"]
DecimalMark = Literal[".", ","]


@dataclass(slots=True, frozen=True)
class Row:
    """`number` counts lines of the file from 1, as an editor shows them; `text` is the row as it stood."""

    number: int
    cells: list[str]
    text: str


@dataclass(slots=True, frozen=True)
class BadRow:
    """A row whose quoting cannot be understood."""

    number: int
    reason: str
    text: str


def decoded(data: bytes, charset: str | None) -> tuple[str, str]:
    """The text and the character set it was read in: the declared one, that of the byte order mark, UTF-8, or else Windows-1252."""
    for mark, name in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            charset = name
    try:
        text = data.decode(charset or "utf-8")
        if charset is not None:
            text.encode()  # alphabets of programming languages can write half a character, which no answer can carry
        return text, charset or "utf-8"
    except LookupError:
        raise Unreadable("CHARSET_UNKNOWN", f"The character set {charset} is not known; send UTF-8.", "row 1") from None
    except UnicodeError as error:
        if charset is not None:
            place = f" at byte {error.start}" if isinstance(error, UnicodeDecodeError) else ""
            raise Unreadable("CHARSET_WRONG", f"The text is not {charset}{place}; send UTF-8.", "row 1") from None
    return data.decode("cp1252", "replace"), "cp1252"


def separator_of(first_line: str) -> str:
    """The separator that the first line has most of, outside quotes."""
    unquoted = re.sub(r'"[^"]*"', "", first_line)
    return max(SEPARATORS, key=lambda each: (unquoted.count(each), -SEPARATORS.index(each)))


def rows(text: str, separator: str) -> Iterator[Row | BadRow]:
    """Rows that say anything, one at a time. A row in broken quoting costs itself and goes on at the next line."""
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    while True:
        number = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield BadRow(number, str(error), lines.taken())
            continue
        row_text = lines.taken()
        if any(cell.strip() for cell in cells):
            yield Row(number, [cell.strip() for cell in cells], row_text)


class _Lines:
    """Lines of a text, remembering those handed out since `taken` was last called."""

    def __init__(self, text: str) -> None:
        self._lines = iter(io.StringIO(text, newline=""))
        self._taken: list[str] = []
        self.number = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.number += 1
        self._taken.append(line)
        return line

    def taken(self) -> str:
        text = "".join(self._taken)
        self._taken.clear()
        return text


_PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_GROUPED_BY_COMMA = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_GROUPED_BY_POINT = re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d+)?")
_COMMA_NUMBER = re.compile(r"[+-]?\d+,\d+")


def number_text(written: str, decimal_mark: DecimalMark | None) -> str | None:
    """The number with a decimal point and without grouping; None where it could be two numbers (1,234). What is none comes back as it is.

    `decimal_mark` None: found out per number, which works for all but a lone comma before three digits.
    """
    text = re.sub(r"[\s\u00a0\u202f'’]", "", written)
    if decimal_mark == ",":
        if _GROUPED_BY_POINT.fullmatch(text) or _COMMA_NUMBER.fullmatch(text):
            return text.replace(".", "").replace(",", ".")
        return text if re.fullmatch(r"[+-]?\d+", text) else written
    if _PLAIN_NUMBER.fullmatch(text):
        return text
    if decimal_mark == ".":
        return text.replace(",", "") if _GROUPED_BY_COMMA.fullmatch(text) else written
    if _GROUPED_BY_COMMA.fullmatch(text):
        return None if text.count(",") == 1 and "." not in text else text.replace(",", "")
    if _GROUPED_BY_POINT.fullmatch(text) or _COMMA_NUMBER.fullmatch(text):
        return text.replace(".", "").replace(",", ".")
    return written


_ISO_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})([T ].*)?")
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
_LOCAL_DAY = re.compile(r"(\d{1,2})([-/.])(\d{1,2})[-/.](\d{4})")
_NAMED_DAY = re.compile(r"(\d{1,2})[-. ]+([^\W\d_]{3,9})[-., ]+(\d{4})")
_NAMED_MONTH_FIRST = re.compile(r"([^\W\d_]{3,9})\.? (\d{1,2}),? (\d{4})")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar",
            "feb february februar",
            "mar march mär mrz märz",
            "apr april",
            "may mai",
            "jun june juni",
            "jul july juli",
            "aug august",
            "sep sept september",
            "oct october okt oktober",
            "nov november",
            "dec december dez dezember",
        ),
        1,
    )
    for name in names.split()
}


def day_text(written: str, day_order: DayOrder | None) -> str | None:
    """The day as YYYY-MM-DD; None where it could be two days (03/04/2026). What is none comes back as it is.

    Points separate day, month, year in that order wherever they are used; slashes and hyphens don't tell without `day_order`. A month may
    be named, in English or German.
    """
    matched = _ISO_DAY.fullmatch(written) or _COMPACT_DAY.fullmatch(written)
    if matched:
        return f"{matched.group(1)}-{matched.group(2):0>2}-{matched.group(3):0>2}"
    named = _with_named_month(written)
    if named is not None:
        return named
    matched = _LOCAL_DAY.fullmatch(written)
    if not matched:
        return written
    first, mark, second, year = matched.groups()
    if day_order is None and mark != "." and int(first) <= 12 and int(second) <= 12 and first != second:
        return None
    month_first = day_order == "MDY" or (day_order is None and mark != "." and int(second) > 12)
    day, month = (second, first) if month_first else (first, second)
    return f"{year}-{month:0>2}-{day:0>2}"


def _with_named_month(written: str) -> str | None:
    if matched := _NAMED_DAY.fullmatch(written):
        day, name, year = matched.groups()
    elif matched := _NAMED_MONTH_FIRST.fullmatch(written):
        name, day, year = matched.groups()
    else:
        return None
    month = _MONTHS.get(name.casefold())
    return f"{year}-{month:02}-{day:0>2}" if month is not None else None


def normalised(header: str) -> str:
    """A column's name as the tables of known names have it: lower case, words joined by `_`."""
    return re.sub(r"\W+", "_", header.strip().casefold()).strip("_")


_CONSTITUENT = re.compile(r"(?P<substance>.+?)\s*(?:[:=]\s*|\s+)(?P<share>[<>≤≥~≈]?\s*\d.*(?:%|pp[mb]|g/kg).*)")


def composition(written: str) -> list[dict[str, str]]:
    """Constituents in one cell: "Dy2O3 99.5 wt%; Tb4O7 <0.01 wt%". One without a share is kept with the share "present"."""
    found = []
    for part in filter(None, (part.strip() for part in written.split(";"))):
        matched = _CONSTITUENT.fullmatch(part)
        found.append(matched.groupdict() if matched else {"substance": part, "share": "present"})
    return found
