"""An index over the names of a list: few candidates for a name, each compared in full.

A candidate shares words with the name asked for, the same or of nearly their spelling or sound, and enough of them that it could reach the
threshold; or it is the same name without spaces, has its letters as first letters, or is written in the other script with the same pinyin.
What the index finds is what comparing with every name of the list finds, but for words that are wrong in two letters and meet nothing else.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from rapidfuzz import fuzz, process
from rapidfuzz.distance.OSA import distance

from services.screening.domain.names.comparing import (
    CERTAIN,
    LENGTH_FOR_TWO_EDITS,
    LETTERS_ALIKE,
    ONLY_ONE_FIRM,
    ONLY_ONE_PERSON,
    SHORTEST_TO_MISSPELL,
    THRESHOLD,
    Basis,
    Compared,
    compare_prepared,
)
from services.screening.domain.names.identifiers import ONE_PER_PARTY
from services.screening.domain.names.prepared import Kind, Prepared, Script, Word, abbreviation_in, prepare, prepare_anew, sound_of


@dataclass(slots=True, frozen=True)
class NameEntry:
    """One party of a list with all the names it goes by, the main one first."""

    id: str
    names: tuple[str, ...]
    kind: Kind | None = None
    countries: tuple[str, ...] = ()
    identifiers: frozenset[tuple[str, str]] = frozenset()
    """Scheme and value as `identifiers_of` reads them."""
    list_name: str = ""


@dataclass(slots=True, frozen=True)
class Scored:
    """An entry that is, or may be, the party asked for; or, with a score below the threshold, the nearest one that isn't."""

    entry: NameEntry
    score: float
    basis: Basis
    asked: str
    """The value asked for that met …"""
    listed: str
    """… this value of the entry."""
    compared: Compared | None = None
    note: str = ""
    """What numbers and countries say beside the names."""

    @property
    def sentence(self) -> str:
        return " ".join(filter(None, (self.compared.sentence if self.compared else "", self.note)))


Identifiers = frozenset[tuple[str, str]]

COUNTRY_DIFFERS: Final = 0.05
"""What an inexact name loses where the countries of both sides are known and have none in common."""
NUMBER_DIFFERS: Final = 0.6
"""What a name can still reach where a number of which each legal person has but one differs."""
_NEAREST_TRIED: Final = 40
_WORDS_KEPT: Final = 50_000
_NO_WORDS: Final[tuple[list[int], list[str]]] = ([], [])
_NOTHING: Final[frozenset[int]] = frozenset()


class NameIndex:
    """Built once for a version of a list. A search changes nothing but what the index remembers of words it has seen."""

    def __init__(self, entries: Iterable[NameEntry]) -> None:
        self.entries: tuple[NameEntry, ...] = tuple(entries)
        self._names: list[Prepared] = []
        self._entry_of: list[int] = []
        self._weights: list[float] = []
        self._by_identifier: dict[tuple[str, str], list[int]] = {}
        self._by_key: dict[str, list[int]] = {}
        self._by_joined: dict[str, list[int]] = {}
        self._by_initials: dict[str, list[int]] = {}
        self._by_pair: dict[str, list[int]] = {}
        self._words: list[Word] = []
        self._names_with: list[list[int]] = []
        self._word_number: dict[str, int] = {}
        self._by_sound: dict[str, list[int]] = {}
        self._by_end: dict[str, tuple[list[int], list[str]]] = {}
        self._by_deletion: dict[int, int | list[int]] = {}
        self._seen: dict[tuple[str, bool], frozenset[int]] = {}
        scripts: dict[str, dict[Script, int]] = {}
        totals: dict[str, int] = {}
        letters: dict[str, set[int]] = {}
        for number, entry in enumerate(self.entries):
            for pair in entry.identifiers:
                self._by_identifier.setdefault(pair, []).append(number)
            person = None if entry.kind is None else entry.kind == "person"
            held: set[Script] = set()
            for written in _with_abbreviations(entry.names):
                name = prepare_anew(written, person)
                held.add(name.script)
                if name.key:
                    self._add(number, name, letters)
            counts = scripts.setdefault(entry.list_name, {})
            totals[entry.list_name] = totals.get(entry.list_name, 0) + 1
            for script in held:
                counts[script] = counts.get(script, 0) + 1
        self._by_letter = {letter: frozenset(names) for letter, names in letters.items() if len(letter) == 1}
        """By letter the names of persons with a word that starts with it, which an initial may stand for …"""
        self._by_initial = {letter[0]: frozenset(names) for letter, names in letters.items() if len(letter) == 2}
        """… and those with it as an initial."""
        self.script_share: Mapping[str, Mapping[Script, float]] = {
            name: {script: count / totals[name] for script, count in counts.items()} for name, counts in scripts.items()
        }
        """By list and script, the share of its entries that have a name in the script."""

    def search(
        self,
        name: str,
        identifiers: Identifiers = frozenset(),
        country: str | None = None,
        kind: Kind | None = None,
        threshold: float = THRESHOLD,
    ) -> list[Scored]:
        """The entries that are, or may be, the party, each with the value that met best; the best first, then by id."""
        found: dict[int, Scored] = {}
        for pair in sorted(identifiers):
            for number in self._by_identifier.get(pair, ()):
                found.setdefault(number, _by_number(self.entries[number], name, pair))
        asked = prepare(name, None if kind is None else kind == "person")
        if asked.key:
            best: dict[int, tuple[float, Compared]] = {}
            for candidate in self._candidates(asked, threshold):
                compared = compare_prepared(asked, self._names[candidate])
                number = self._entry_of[candidate]
                if compared.score >= threshold and number not in found and (number not in best or compared.score > best[number][0]):
                    best[number] = compared.score, compared
            for number, (_, compared) in best.items():
                scored = _judged(self.entries[number], compared, identifiers, country)
                if scored.score >= threshold:
                    found[number] = scored
        return sorted(found.values(), key=lambda one: (-one.score, one.entry.id))

    def nearest(
        self, name: str, identifiers: Identifiers = frozenset(), country: str | None = None, kind: Kind | None = None
    ) -> Scored | None:
        """The entry that comes nearest, above the threshold or below, with why: the proof of a non-match. Takes some ten milliseconds."""
        hits = self.search(name, identifiers, country, kind)
        if hits:
            return hits[0]
        asked = prepare(name, None if kind is None else kind == "person")
        if not asked.key:
            return None
        near = set(self._candidates(asked, THRESHOLD / 2))
        texts = [one.joined for one in self._names]
        near.update(number for _, _, number in process.extract(asked.joined, texts, scorer=fuzz.ratio, limit=_NEAREST_TRIED))
        scored = [
            _judged(self.entries[self._entry_of[number]], compare_prepared(asked, self._names[number]), identifiers, country)
            for number in sorted(near)
        ]
        return max(scored, key=lambda one: one.score, default=None)

    # --- building ------------------------------------------------------------------------------------------------------------------------

    def _add(self, entry: int, name: Prepared, letters: dict[str, set[int]]) -> None:
        number = len(self._names)
        self._names.append(name)
        self._entry_of.append(entry)
        self._weights.append(name.weight)
        self._by_key.setdefault(name.key, []).append(number)
        if name.script == "han":
            for segment in name.segments:
                for pair in _pairs(segment.text):
                    self._by_pair.setdefault(pair, []).append(number)
                for text in (*((segment.pinyin,) if segment.pinyin else ()), *segment.meanings):
                    self._post(text, sound_of(text), number)
            for joined in _pinyin_joined(name):
                self._by_joined.setdefault(joined, []).append(number)
            return
        for joined in _joined_forms(name):
            self._by_joined.setdefault(joined, []).append(number)
        if len(name.initials) > 3:
            self._by_initials.setdefault(name.initials, []).append(number)
        for word in name.words:
            self._post(word.text, word.sound, number)
            if name.person is not False:
                letters.setdefault(word.text[0] if len(word.text) > 1 else word.text + ".", set()).add(number)

    def _post(self, text: str, sound: str, name: int) -> None:
        number = self._word_number.get(text)
        if number is None:
            number = self._word_number[text] = len(self._names_with)
            self._names_with.append([])
            self._words.append(Word(text, sound, 1.0))
            self._by_sound.setdefault(sound, []).append(number)
            if len(text) >= LENGTH_FOR_TWO_EDITS:
                for alike in _ends(text):
                    numbers, texts = self._by_end.setdefault(alike, ([], []))
                    numbers.append(number)
                    texts.append(text)
            for deletion in _deletions(text, sound):
                held = self._by_deletion.get(deletion)
                if held is None:
                    self._by_deletion[deletion] = number
                elif isinstance(held, int):
                    self._by_deletion[deletion] = [held, number]
                else:
                    held.append(number)
        names = self._names_with[number]
        if not names or names[-1] != name:
            names.append(name)

    # --- candidates ----------------------------------------------------------------------------------------------------------------------

    def _candidates(self, asked: Prepared, threshold: float) -> Iterator[int]:
        candidates = set(self._by_key.get(asked.key, ()))
        if asked.script == "han":
            candidates |= self._han_candidates(asked)
            yield from sorted(candidates)
            return
        for joined in _joined_forms(asked):
            candidates.update(self._by_joined.get(joined, ()))
        if len(asked.words) == 1:
            candidates.update(self._by_initials.get(asked.key, ()))
        elif len(asked.initials) > 3:
            candidates.update(self._by_key.get(asked.initials, ()))
        candidates |= self._with_enough_words(asked, threshold) - candidates
        yield from sorted(candidates)

    def _with_enough_words(self, asked: Prepared, threshold: float) -> set[int]:
        """Names of the list that meet enough of the words asked for to reach the threshold, were all of the meetings exact."""
        person = asked.person is not False
        only_one = ONLY_ONE_PERSON if person else ONLY_ONE_FIRM
        words, total = asked.words, asked.weight
        sets = [
            (1.0 if person and len(word.text) == 1 else word.weight, 1, names)
            for word in words
            if (names := self._names_near(word, person=person))
        ]
        for one, other in pairwise(words):
            number = self._word_number.get(one.text + other.text)
            if number is not None:
                sets.append((one.weight + other.weight, 2, frozenset(self._names_with[number])))
        sets.sort(key=lambda each: len(each[2]))
        # An initial on either side adds to words that meet, and is no reason to look at a name by itself.
        initials = [self._initials_for(word) for word in words if word.text[0].isalpha()] if person and len(words) > 1 else []
        remaining = sum([weight for weight, _, _ in sets]) + len(initials)
        weights = self._weights
        found: set[int] = set()
        looked_at: set[int] = set()
        for position, (weight, counts, names) in enumerate(sets):
            # Names that meet none of the words up to here but all of those from here on: could they reach the threshold?
            if remaining < threshold * (remaining + only_one * max(0.0, total - remaining)):
                break
            remaining -= weight
            others = sets[position + 1 :]
            # One word of several is not enough for a person, and not for a firm unless the others weigh little.
            if weight < threshold * (weight + (total - weight)):
                together: set[int] = set()
                for _, _, also in others:
                    together |= names & also
                for initial in initials:
                    together |= names & initial
                if counts > 1:
                    together |= names
                names = frozenset(together)
            for number in names:
                if number in looked_at:
                    continue
                looked_at.add(number)
                met, meetings = weight, counts
                for other_weight, other_counts, also in others:
                    if number in also:
                        met += other_weight
                        meetings += other_counts
                for initial in initials:
                    if number in initial:
                        met += 1.0
                        meetings += 1
                lacking, surplus = total - met, weights[number] - met
                if lacking < 0.0:
                    lacking = 0.0
                if surplus < 0.0:
                    surplus = 0.0
                rate = only_one if meetings > 1 else ONLY_ONE_FIRM
                against = lacking * 2.0 + (surplus - lacking) * rate if lacking < surplus else surplus * 2.0 + (lacking - surplus) * rate
                if met >= threshold * (met + against) - 0.001:
                    found.add(number)
        return found

    def _initials_for(self, word: Word) -> frozenset[int]:
        """Names of persons with the initial of a word, or with a word of that initial."""
        return (self._by_letter if len(word.text) == 1 else self._by_initial).get(word.text[0], _NOTHING)

    def _names_near(self, word: Word, *, person: bool) -> frozenset[int]:
        """The names that have the word or one of nearly its spelling or sound."""
        key = word.text, person
        names = self._seen.get(key)
        if names is None:
            if len(self._seen) >= _WORDS_KEPT:
                self._seen.clear()
            names = self._seen[key] = self._names_near_anew(word, person=person)
        return names

    def _names_near_anew(self, word: Word, *, person: bool) -> frozenset[int]:
        near = set(self._by_sound.get(word.sound, ()))
        exact = self._word_number.get(word.text)
        if exact is not None:
            near.add(exact)
        tried: set[int] = set()
        by_deletion = self._by_deletion
        for deletion in _deletions(word.text, word.sound):
            held = by_deletion.get(deletion)
            if held is not None:
                if isinstance(held, int):
                    tried.add(held)
                else:
                    tried.update(held)
        # What is near here meets in `similarity` but for the odd short word, which the full comparison tells.
        tried -= near
        if tried:
            words = self._words
            numbers = list(tried)
            near.update(_within(1, word.text, numbers, [words[number].text for number in numbers]))
            if len(word.sound) >= SHORTEST_TO_MISSPELL:
                near.update(_within(1, word.sound, numbers, [words[number].sound for number in numbers]))
        # A word that the list spells so, too, is hardly another one with two letters wrong.
        if person and exact is None and len(word.text) >= LENGTH_FOR_TWO_EDITS:
            for alike in _ends(word.text):
                near.update(_within(2, word.text, *self._by_end.get(alike, _NO_WORDS)))
        if not near:
            return _NOTHING
        return frozenset().union(*[self._names_with[number] for number in near])

    def _han_candidates(self, asked: Prepared) -> set[int]:
        found: set[int] = set()
        for joined in _pinyin_joined(asked):
            found.update(self._by_joined.get(joined, ()))
        apart = [segment for segment in asked.segments if not segment.meanings]
        for segment in apart or asked.segments:
            pairs = [self._by_pair[pair] for pair in _pairs(segment.text) if pair in self._by_pair]
            pairs.sort(key=len)
            for names in pairs[:3] if apart else pairs[:1]:
                found.update(names)
            number = self._word_number.get(segment.pinyin)
            if number is not None:
                found.update(self._names_with[number])
        if not apart and len(asked.segments) > 2:
            met = [
                frozenset().union(
                    *[self._names_with[number] for meaning in segment.meanings if (number := self._word_number.get(meaning)) is not None]
                )
                for segment in asked.segments
            ]
            found |= frozenset.intersection(*met)
        return found


def _with_abbreviations(names: Iterable[str]) -> Iterator[str]:
    for name in dict.fromkeys(names):
        yield name
        if ("(" in name or "（" in name) and (short := abbreviation_in(name)) is not None:
            yield short


def _joined_forms(name: Prepared) -> set[str]:
    """A name without its spaces: as it stands, without legal form, and with the last word in front."""
    forms = {name.joined, name.joined_without_form}
    if 0 < len(name.words) < 5:
        texts = [word.text for word in name.words]
        forms.add("".join(texts))
        forms.add("".join([texts[-1], *texts[:-1]]))
        forms.add("".join([*texts[1:], texts[0]]))
    return forms


def _pinyin_joined(name: Prepared) -> set[str]:
    """What a name in Chinese script is in Latin script without spaces: each part that tells it apart, and all of it."""
    parts = {segment.pinyin for segment in name.segments if len(segment.pinyin) > 3}
    return parts | {whole} if (whole := "".join([segment.pinyin for segment in name.segments])) and len(whole) > 3 else parts


def _pairs(text: str) -> list[str]:
    return [text] if len(text) < 3 else [text[start : start + 2] for start in range(len(text) - 1)]


def _deletions(text: str, sound: str) -> set[int]:
    """A word and its sound, whole and without one of their letters, as hashes: words with an equal one are candidates, and are compared."""
    if len(text) < 4 or text.isdigit():
        return set()
    found = {hash(text[:place] + text[place + 1 :]) for place in range(len(text))}
    found.add(hash(text))
    if sound != text and len(sound) > 3:
        found.update([hash(sound[:place] + sound[place + 1 :]) for place in range(len(sound))])
        found.add(hash(sound))
    return found


def _ends(text: str) -> tuple[str, str]:
    """Its first letters, and its last ones: words with two letters wrong have one of them in common."""
    return text[:LETTERS_ALIKE], "-" + text[-LETTERS_ALIKE:]


def _within(edits: int, text: str, numbers: list[int], texts: list[str]) -> list[int]:
    """The numbers whose texts differ from a text in no more letters than `edits`."""
    return (
        [numbers[place] for _, _, place in process.extract(text, texts, scorer=distance, score_cutoff=edits, limit=None)] if texts else []
    )


def _by_number(entry: NameEntry, asked: str, pair: tuple[str, str]) -> Scored:
    scheme, value = pair
    return Scored(
        entry,
        1.0,
        "identifier",
        f"{scheme} {value}",
        f"{scheme} {value}",
        None,
        f"{asked!r} and {entry.names[0]!r} have the same {scheme}, {value}.",
    )


def _judged(entry: NameEntry, compared: Compared, identifiers: Identifiers, country: str | None) -> Scored:
    """What numbers and countries add to the comparison of the names."""
    score, basis = compared.score, compared.basis
    notes = []
    if basis == "name" and compared.right != entry.names[0]:
        basis = "abbreviation" if compared.right == abbreviation_in(entry.names[0]) else "alias"
    if score < CERTAIN and country is not None and entry.countries and country not in entry.countries:
        score = max(0.0, score - COUNTRY_DIFFERS)
        notes.append(f"One is in {country}, the other in {', '.join(entry.countries)}.")
    if identifiers and entry.identifiers:
        for scheme in sorted(ONE_PER_PARTY):
            ours, theirs = ({value for name, value in side if name == scheme} for side in (identifiers, entry.identifiers))
            if ours and theirs and not ours & theirs:
                score = min(score, NUMBER_DIFFERS)
                notes.append(
                    f"Their {scheme} differ ({', '.join(sorted(ours))} and {', '.join(sorted(theirs))}), which makes them two parties."
                )
    return Scored(entry, score, basis, compared.left, compared.right, compared, " ".join(notes))
