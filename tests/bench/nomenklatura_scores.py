"""Scores name pairs with nomenklatura's logic-v2. Runs in an environment of its own: pairs as JSON on stdin, scores on stdout."""

import json
import sys

from followthemoney import model  # type: ignore[import-not-found, unused-ignore]
from nomenklatura.matching import get_algorithm  # type: ignore[import-not-found, unused-ignore]


def main() -> None:
    algorithm = get_algorithm("logic-v2")
    config = algorithm.default_config()
    scores = []
    for number, (schema, left, right) in enumerate(json.load(sys.stdin)):
        # It remembers entities by their id, so that each has to have one of its own.
        query, result = (
            model.get_proxy({"id": f"{number}-{side}", "schema": schema, "properties": {"name": [name]}})
            for side, name in (("left", left), ("right", right))
        )
        scores.append(algorithm.compare(query, result, config).score)
    json.dump(scores, sys.stdout)


main()
