"""Judges what was found by the list of what is meant.

Judge(run)
    .judge(url, theirs, ours)   the Findings that nothing explains
    .unused()                   what is meant in such a run, and did not occur
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from .compare import Finding, compared
from .differences import DIFFERENCES
from .entry import Difference, Run
from .rewrites import REWRITES
from .rules import RULES


class Judge:
    """One comparison."""

    def __init__(self, run: Run) -> None:
        self.rewrites = [entry for entry in REWRITES if entry.applies(run)]
        self.differences = [entry for entry in DIFFERENCES if entry.applies(run)]
        self.rules = [rule for rule in RULES if rule.applies(run)]
        self.used: set[tuple[int, str]] = set()
        self.known: dict[tuple[str, str, str], list[tuple[Difference, str]]] = {}

    def judge(self, url: str, theirs: Any, ours: Any) -> list[Finding]:
        """Compare two documents. Returns: what nothing explains."""
        plugin = url.split("/")[1]
        wrapped = {plugin: copy.deepcopy(theirs)}
        for rewrite in self.rewrites:
            self.used.update((id(rewrite), path) for path in rewrite.rewrite(wrapped))
        return [found for found in compared(url, plugin, wrapped[plugin], ours) if not self.explained(found)]

    def explained(self, finding: Finding) -> bool:
        """Tell whether something explains it. All that does is used."""
        by = [
            (entry, path)
            for entry, path in self.candidates(finding)
            if finding.kind != "value" or entry.same(finding.theirs, finding.ours)
        ]
        self.used.update((id(entry), path) for entry, path in by)
        return finding.kind == "same" or bool(by) or self.alike(finding)

    def candidates(self, finding: Finding) -> list[tuple[Difference, str]]:
        """What is listed for such a finding, each with the path that fits."""
        place = (finding.path, finding.kind, finding.where)
        if place not in self.known:
            self.known[place] = [
                (entry, path) for entry in self.differences for path in entry.paths if entry.concerns(finding, path)
            ]
        return self.known[place]

    def alike(self, finding: Finding) -> bool:
        """Tell whether the values are alike by a rule."""
        alike = (rule for rule in self.rules if finding.kind == "value" and rule.same(finding.theirs, finding.ours))
        rule = next(alike, None)
        if rule:
            self.used.add((id(rule), ""))
        return rule is not None

    def unused(self) -> Iterator[str]:
        """What did not occur, in a line each."""
        for entry in (*self.rewrites, *self.differences):
            for path in entry.paths:
                if (id(entry), path) not in self.used:
                    yield f"{path}: {entry.reason}"
        yield from (rule.reason for rule in self.rules if (id(rule), "") not in self.used)
