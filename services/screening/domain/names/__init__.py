"""Names of parties: how two of them compare, and who on a list goes by a name.

`compare` scores two names; `NameIndex` holds the names of a list and finds those that reach `THRESHOLD`. From `CERTAIN` on names are the
same but for their form; between the two a person decides.
"""

from services.screening.domain.names.comparing import CERTAIN, THRESHOLD, Compared, compare
from services.screening.domain.names.identifiers import identifiers_of
from services.screening.domain.names.index import NameEntry, NameIndex, Scored
from services.screening.domain.names.prepared import name_key, script_of

__all__ = ["CERTAIN", "THRESHOLD", "Compared", "NameEntry", "NameIndex", "Scored", "compare", "identifiers_of", "name_key", "script_of"]
