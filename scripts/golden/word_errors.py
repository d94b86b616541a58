"""Word errors of random sentences by another algorithm: test/golden/word-errors.json.

    /usr/bin/python3 scripts/golden/word_errors.py test/golden/word-errors.json

It needs python3-levenshtein (Debian). The number of errors is Levenshtein.distance over words as characters. The fewest
substitutions with that many errors: Dijkstra's algorithm over positions in both sentences, costs (errors, substitutions).
"""

import hashlib
import heapq
import json
import pathlib
import random
import sys
from importlib.metadata import version

import Levenshtein

WORDS = "one two three four five six".split()
rng = random.Random(11)


def fewest(reference, hypothesis):
    """(errors, substitutions, deletions, insertions) on the shortest path from (0, 0) to the ends."""
    queue, seen = [((0, 0), (0, 0), (0, 0))], set()
    while queue:
        cost, place, (deletions, insertions) = heapq.heappop(queue)
        if place in seen:
            continue
        seen.add(place)
        r, h = place
        if place == (len(reference), len(hypothesis)):
            return cost[0], cost[1], deletions, insertions
        errors, substitutions = cost
        if r < len(reference):
            heapq.heappush(queue, ((errors + 1, substitutions), (r + 1, h), (deletions + 1, insertions)))
        if h < len(hypothesis):
            heapq.heappush(queue, ((errors + 1, substitutions), (r, h + 1), (deletions, insertions + 1)))
        if r < len(reference) and h < len(hypothesis):
            other = int(reference[r] != hypothesis[h])
            heapq.heappush(queue, ((errors + other, substitutions + other), (r + 1, h + 1), (deletions, insertions)))


def case(reference, hypothesis):
    errors, substitutions, deletions, insertions = fewest(reference, hypothesis)
    letters = {word: chr(97 + i) for i, word in enumerate(WORDS)}
    distance = Levenshtein.distance(*("".join(letters[w] for w in s) for s in (reference, hypothesis)))
    assert distance == errors, (reference, hypothesis)
    return [" ".join(reference), " ".join(hypothesis), len(reference), substitutions, deletions, insertions]


cases = [case(rng.choices(WORDS, k=rng.randrange(9)), rng.choices(WORDS, k=rng.randrange(9))) for _ in range(300)]
content = {
    "madeBy": {
        "script": "scripts/golden/word_errors.py",
        "sha256": hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest(),
        "python-Levenshtein": version("Levenshtein"),
        "seed": 11,
    },
    "columns": ["reference", "hypothesis", "words", "substitutions", "deletions", "insertions"],
}
lines = ",\n".join(json.dumps(row) for row in cases)
head = json.dumps(content, indent=1)[:-2]
pathlib.Path(sys.argv[1]).write_text('%s,\n "cases": [\n%s\n]}\n' % (head, lines))
