"""Two names compared: a score from 0 to 1, which words met, and a sentence that says why.

What both names have counts for them by its weight; what only one has counts a little against, what each has in the other's stead counts
twice (`Bank of China (Hong Kong)` and `(Singapore)`). The score is the share of the first in all of it.
"""

from typing import Final, Literal, NamedTuple

from rapidfuzz.distance.OSA import distance

from services.screening.domain.names.prepared import Kind, Prepared, Segment, Word, prepare

Basis = Literal["identifier", "name", "alias", "abbreviation", "translation"]

THRESHOLD: Final = 0.7
"""From here on two names may be one party. See `tests/bench/names.py` for the data it was chosen on."""
CERTAIN: Final = 0.95
"""From here on the names are the same but for their form; below, a person decides."""

_INSTEAD_FIRM: Final = 2.0
_INSTEAD_PERSON: Final = 2.6
ONLY_ONE_FIRM: Final = 1.0
ONLY_ONE_PERSON: Final = 0.35
_ONLY_ONE_HAN: Final = 1.3
_OTHER_COUNTRYS_FORM: Final = 0.92
_OTHER_SCRIPT: Final = 0.85
_OTHER_SCRIPT_PERSON: Final = 0.78
_ABBREVIATED: Final = 0.72
_ONE_SPELLING: Final = 0.95
"""Of two spellings with one sound; also what an inexact name can reach at most."""
_INEXACT_AT_MOST: Final = 0.94
_JOINED: Final = 0.98
_LETTERS_OF_ABBREVIATION: Final = 4


class Meeting(NamedTuple):
    """A word, or words in one, of either name that count as the same, and how much."""

    left: str
    right: str
    similarity: float
    weight: float


class Compared(NamedTuple):
    """What the comparison of two names found. The sentence is made when it is asked for."""

    left: str
    right: str
    score: float
    basis: Basis
    meetings: tuple[Meeting, ...] = ()
    left_only: tuple[str, ...] = ()
    right_only: tuple[str, ...] = ()
    note: str = ""

    @property
    def sentence(self) -> str:
        return _sentence(self)


def compare(left: str, right: str, kind: Kind | None = None) -> Compared:
    """Two names by themselves; `kind` says what they name where that is known. The score is the same either way round."""
    person = None if kind is None else kind == "person"
    return compare_prepared(prepare(left, person), prepare(right, person))


def compare_prepared(left: Prepared, right: Prepared) -> Compared:
    """Like `compare`, for names made ready before."""
    if _order(left) <= _order(right):
        return _compare(left, right)
    found = _compare(right, left)
    return Compared(
        left.written,
        right.written,
        found.score,
        found.basis,
        tuple(Meeting(meeting.right, meeting.left, meeting.similarity, meeting.weight) for meeting in found.meetings),
        found.right_only,
        found.left_only,
        found.note,
    )


def _order(name: Prepared) -> tuple[str, str, str]:
    return name.key, name.joined, name.written


def _compare(left: Prepared, right: Prepared) -> Compared:
    if left.written == right.written:
        return Compared(left.written, right.written, 1.0, "name", note="The names are the same.")
    if not left.key or not right.key:
        return Compared(left.written, right.written, 0.0, "name", note="Nothing of one name can be compared.")
    if left.script == "han" and right.script == "han":
        return _compare_han(left, right)
    if left.script == "han" or right.script == "han":
        return _compare_across(left, right)
    return _compare_latin(left, right)


def _share(met: float, lost: float, left_only: float, right_only: float, instead: float, only_one: float) -> float:
    """The share of what met in all that was weighed; `lost` is what inexact spelling took from it."""
    smaller, larger = (left_only, right_only) if left_only < right_only else (right_only, left_only)
    return met / (met + lost + smaller * instead + (larger - smaller) * only_one)


# --- Latin script ------------------------------------------------------------------------------------------------------------------------


def _compare_latin(left: Prepared, right: Prepared) -> Compared:
    if left.plain == right.plain:
        return Compared(left.written, right.written, 1.0, "name", note=_SAME_NAME)
    if left.key == right.key:
        return Compared(
            left.written,
            right.written,
            _INEXACT_AT_MOST,
            "name",
            note="The names have the same words, some of them abbreviated or in another form.",
        )
    if left.joined == right.joined or left.joined_without_form == right.joined_without_form:
        return Compared(left.written, right.written, _JOINED, "name", note="The names are the same but for their spaces.")
    short, long = (left, right) if len(left.words) < len(right.words) else (right, left)
    if len(short.words) == 1 and _LETTERS_OF_ABBREVIATION <= len(short.key) == len(long.initials) and short.key == long.initials:
        return Compared(
            left.written,
            right.written,
            _ABBREVIATED,
            "abbreviation",
            note=f"{short.written!r} is made of the first letters of {long.written!r}.",
        )
    person = left.person is not False and right.person is not False
    meetings, left_rest, right_rest = align(left.words, right.words, person=person)
    if not meetings:
        return Compared(left.written, right.written, 0.0, "name", (), _texts(left_rest), _texts(right_rest))
    met = sum([meeting.weight * meeting.similarity for meeting in meetings])
    lost = sum([meeting.weight * (1 - meeting.similarity) for meeting in meetings])
    left_only, right_only = sum([word.weight for word in left_rest]), sum([word.weight for word in right_rest])
    if person:
        score = _share(met, lost, left_only, right_only, _INSTEAD_PERSON, ONLY_ONE_PERSON)
    else:
        score = _share(met, lost, left_only, right_only, _INSTEAD_FIRM, ONLY_ONE_FIRM)
    note = ""
    if left.family and right.family and left.family != right.family:
        score *= _OTHER_COUNTRYS_FORM
        note = f"One has a {left.family}, the other a {right.family} legal form."
    if left_rest or right_rest or lost:
        score = min(score, _INEXACT_AT_MOST)
    else:
        score = min(score, _JOINED if person else _INEXACT_AT_MOST)
        note = note or "The names have the same words in another order."
    if len(meetings) == 1 and person and (left_rest or right_rest or min(len(meetings[0].left), len(meetings[0].right)) == 1):
        score = min(score, _ONE_OF_SEVERAL)
    return Compared(left.written, right.written, score, "name", tuple(meetings), _texts(left_rest), _texts(right_rest), note)


_SAME_NAME: Final = "Legal forms, case and punctuation aside, the names are the same."
_ONE_OF_SEVERAL: Final = 0.6
"""One name of several says little of a person, and so does an initial by itself."""


def align(left: tuple[Word, ...], right: tuple[Word, ...], *, person: bool) -> tuple[list[Meeting], list[Word], list[Word]]:
    """Words of either side that count as the same, and what is left of both."""
    meetings: list[Meeting] = []
    right_rest = list(right)
    left_rest: list[Word] = []
    texts = [word.text for word in right]
    for word in left:
        text = word.text
        if text in texts:
            place = texts.index(text)
            other = right_rest.pop(place)
            del texts[place]
            meetings.append(Meeting(text, text, 1.0, max(word.weight, other.weight)))
        else:
            left_rest.append(word)
    if left_rest and right_rest:
        _meet_alike(meetings, left_rest, right_rest, person=person)
    if left_rest and right_rest and len(left_rest) + len(right_rest) > 2:
        _meet_joined(meetings, left_rest, right_rest)
        _meet_joined_other_way(meetings, left_rest, right_rest)
    return meetings, left_rest, right_rest


def _meet_alike(meetings: list[Meeting], left_rest: list[Word], right_rest: list[Word], *, person: bool) -> None:
    pairs = []
    for one in left_rest:
        for other in right_rest:
            likeness = similarity(one, other, person=person)
            if likeness > 0:
                pairs.append((-likeness, one.text, other.text, one, other))
    if not pairs:
        return
    if len(pairs) > 1:
        pairs.sort(key=lambda pair: pair[:3])
    for negative, _, _, one, other in pairs:
        if one in left_rest and other in right_rest:
            left_rest.remove(one)
            right_rest.remove(other)
            meetings.append(Meeting(one.text, other.text, -negative, max(one.weight, other.weight)))


def similarity(one: Word, other: Word, *, person: bool) -> float:
    """How much two words count as one: 0 where they don't, 1 where they are spelt alike."""
    first, second = one.sound, other.sound
    if first == second:
        return 1.0 if one.text == other.text else _ONE_SPELLING
    text, against = one.text, other.text
    shorter = min(len(text), len(against))
    if shorter < SHORTEST_TO_MISSPELL:
        return _initial(text, against, person=person)
    edits = distance(text, against, score_cutoff=2)
    if edits != 1:
        # Two letters may be wrong where words sound nearly alike, or are a person's, long, and begin or end alike. Spellings of one sound
        # may differ in more.
        edits_of_sound = distance(first, second, score_cutoff=1) if min(len(first), len(second)) >= SHORTEST_TO_MISSPELL else 2
        if edits_of_sound < 2:
            edits = 2 if edits == 2 else 1
        elif edits > 2 or not person or shorter < LENGTH_FOR_TWO_EDITS or not _begin_or_end_alike(text, against):
            return 0.0
    return 0.0 if _has_digit_only(text, against) else _NEAR[shorter < 6, edits]


def _begin_or_end_alike(text: str, against: str) -> bool:
    return text[:LETTERS_ALIKE] == against[:LETTERS_ALIKE] or text[-LETTERS_ALIKE:] == against[-LETTERS_ALIKE:]


def _has_digit_only(text: str, against: str) -> bool:
    return (text[0] <= "9" and text.isdigit()) or (against[0] <= "9" and against.isdigit())


SHORTEST_TO_MISSPELL: Final = 4
LENGTH_FOR_TWO_EDITS: Final = 6
LETTERS_ALIKE: Final = 3
_NEAR: Final = {(True, 1): 0.84, (False, 1): 0.9, (True, 2): 0.75, (False, 2): 0.8}
"""By whether a word is short and how many letters are wrong."""


def _initial(first: str, second: str, *, person: bool) -> float:
    """A person's first letter for the name."""
    if not person or first[0] != second[0] or (len(first) != 1 and len(second) != 1) or not first[0].isalpha():
        return 0.0
    return 0.8


def _meet_joined(meetings: list[Meeting], whole_side: list[Word], parts_side: list[Word]) -> None:
    """Meets a word of one side with neighbours of the other that spell it together."""
    for whole in tuple(whole_side):
        parts = _spelling(whole.text, parts_side)
        if parts is not None:
            whole_side.remove(whole)
            meetings.append(Meeting(whole.text, " ".join([part.text for part in parts_side[parts]]), _ONE_SPELLING, max(1.0, whole.weight)))
            del parts_side[parts]


def _spelling(text: str, words: list[Word]) -> slice | None:
    """Where two or three neighbours spell a text together."""
    for size in (2, 3):
        for start in range(len(words) - size + 1):
            if words[start].text[0] == text[0] and "".join([word.text for word in words[start : start + size]]) == text:
                return slice(start, start + size)
    return None


def _meet_joined_other_way(meetings: list[Meeting], left_rest: list[Word], right_rest: list[Word]) -> None:
    before = len(meetings)
    _meet_joined(meetings, right_rest, left_rest)
    meetings[before:] = [Meeting(meeting.right, meeting.left, meeting.similarity, meeting.weight) for meeting in meetings[before:]]


def _texts(words: list[Word]) -> tuple[str, ...]:
    return tuple([word.text for word in words])


# --- Chinese script ----------------------------------------------------------------------------------------------------------------------


def _compare_han(left: Prepared, right: Prepared) -> Compared:
    if left.key == right.key:
        return Compared(
            left.written, right.written, 1.0, "name", note="Legal forms and the script's variants aside, the names are the same."
        )
    meetings: list[Meeting] = []
    left_rest, right_rest = list(left.segments), list(right.segments)
    for alike in (_same_segment, _alike_segment):
        for segment in tuple(left_rest):
            other = max(right_rest, key=lambda candidate: alike(segment, candidate), default=None)
            if other is not None and (likeness := alike(segment, other)) > 0:
                left_rest.remove(segment)
                right_rest.remove(other)
                meetings.append(Meeting(segment.text, other.text, likeness, max(segment.weight, other.weight)))
    left_texts, right_texts = tuple(s.text for s in left_rest), tuple(s.text for s in right_rest)
    if not meetings:
        return Compared(left.written, right.written, 0.0, "name", (), left_texts, right_texts)
    met = sum([meeting.weight * meeting.similarity for meeting in meetings])
    lost = sum([meeting.weight * (1 - meeting.similarity) for meeting in meetings])
    score = _share(met, lost, sum([s.weight for s in left_rest]), sum([s.weight for s in right_rest]), _INSTEAD_FIRM, _ONLY_ONE_HAN)
    return Compared(left.written, right.written, min(score, _INEXACT_AT_MOST), "name", tuple(meetings), left_texts, right_texts)


def _same_segment(one: Segment, other: Segment) -> float:
    return 1.0 if one.text == other.text else 0.0


def _alike_segment(one: Segment, other: Segment) -> float:
    if one.meanings and other.meanings:
        return 0.9 if one.meanings & other.meanings else 0.0
    if one.meanings or other.meanings:
        return 0.0
    length = min(len(one.text), len(other.text))
    if length < 4 or abs(len(one.text) - len(other.text)) > 1:
        return 0.0
    edits = distance(one.text, other.text, score_cutoff=1)
    if edits > 1:
        return 0.0
    # One foreign name is often written with characters of one sound; of short names two different ones differ in a character, too.
    return 0.85 if one.pinyin == other.pinyin else 0.8 if length > 5 else 0.0


# --- Chinese against Latin ---------------------------------------------------------------------------------------------------------------


def _compare_across(left: Prepared, right: Prepared) -> Compared:
    """A Chinese name against one in Latin script, by its pinyin and by what its terms mean: enough to ask, never enough to be certain."""
    han, latin = (left, right) if left.script == "han" else (right, left)
    rest = list(latin.words)
    met: list[tuple[str, str, float]] = []
    unmet: list[Segment] = []
    apart_met = 0
    for segment in sorted(han.segments, key=lambda one: bool(one.meanings)):
        found = _pinyin_in(segment.pinyin, rest) if segment.pinyin else []
        if not found and segment.meanings:
            found = [word for word in rest if word.text in segment.meanings][:1]
        if not found:
            unmet.append(segment)
            continue
        apart_met += not segment.meanings
        for word in found:
            rest.remove(word)
        met.append((segment.text, " ".join([word.text for word in found]), max(segment.weight, sum([word.weight for word in found]))))
    evidence = sum([weight for _, _, weight in met])
    if not met or (not apart_met and (len(met) < _TERMS_THAT_TELL or unmet or rest)):
        score = 0.0 if not met else min(_TOO_LITTLE, evidence / (evidence + len(unmet) + len(rest)))
    else:
        at_most = _OTHER_SCRIPT_PERSON if len(han.segments) == 1 else _OTHER_SCRIPT
        share = _share(evidence, 0.0, sum([s.weight for s in unmet]), sum([w.weight for w in rest]), _INSTEAD_FIRM, ONLY_ONE_FIRM)
        score = at_most * share
    meetings = tuple(Meeting(h, w, 1.0, weight) if left is han else Meeting(w, h, 1.0, weight) for h, w, weight in met)
    han_only, latin_only = tuple(s.text for s in unmet), _texts(rest)
    sides = (han_only, latin_only) if left is han else (latin_only, han_only)
    return Compared(left.written, right.written, score, "translation", meetings, *sides)


_TERMS_THAT_TELL: Final = 3
_TOO_LITTLE: Final = 0.5
_LETTERS_OF_PINYIN: Final = 4


def _pinyin_in(pinyin: str, words: list[Word]) -> list[Word]:
    """The neighbouring words that spell a pinyin together, a family name in front or behind."""
    if len(pinyin) < _LETTERS_OF_PINYIN:
        return []
    for size in range(1, min(4, len(words)) + 1):
        for start in range(len(words) - size + 1):
            part = words[start : start + size]
            texts = [word.text for word in part]
            if "".join(texts) == pinyin or (size > 1 and "".join([texts[-1], *texts[:-1]]) == pinyin):
                return part
    return []


# --- Sentences ---------------------------------------------------------------------------------------------------------------------------


def _sentence(found: Compared) -> str:
    parts = [found.note] if found.note else []
    if found.meetings:
        parts.append(
            "; ".join(_meeting_text(meeting, across=found.basis == "translation") for meeting in found.meetings).capitalize() + "."
        )
    elif not found.note:
        parts.append("No word of one name is in the other.")
    for written, only in ((found.left, found.left_only), (found.right, found.right_only)):
        if only:
            parts.append(f"Only {written!r} has {', '.join(map(repr, only))}.")
    return " ".join(parts)


def _meeting_text(meeting: Meeting, *, across: bool) -> str:
    if across:
        return f"{meeting.left!r} may stand for {meeting.right!r}"
    if meeting.left == meeting.right:
        return f"both have {meeting.left!r}"
    return f"{meeting.left!r} is close to {meeting.right!r} ({meeting.similarity:.2f})"
