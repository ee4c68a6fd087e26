"""CRLF2 by FISH and flow as tables: the union, and which of several results decides.

The trial counts a patient as tested with one usable result and as positive with one positive.
"""

from dataclasses import replace
from typing import cast

import pytest
from karyotype_records import karyotype
from report_examples import FISH
from tables import rows

from mrdkit.patient.before_treatment import BeforeTreatment
from mrdkit.patient.crlf2 import Crlf2Status, FishWord, FlowWord, combine_crlf2
from mrdkit.patient.crlf2_sources import crlf2_status
from mrdkit.patient.records import ExternalResult

UNION = """
    fish          | flow          | status        | tested | flags                           | why
    --------------+---------------+---------------+--------+---------------------------------+----------------------------------
    rearranged    | positive      | positive      | yes    | CONCORDANT                      |
    rearranged    | negative      | positive      | yes    | DISCORDANT                      | structure without surface protein
    rearranged    | not_done      | positive      | yes    | FISH_ONLY                       |
    rearranged    | indeterminate | positive      | yes    |                                 |
    normal        | positive      | positive      | yes    | DISCORDANT REFLEX_RNA           | point mutation or cryptic
    normal        | negative      | negative      | yes    | CONCORDANT                      |
    normal        | not_done      | negative      | yes    | FISH_ONLY                       |
    gain          | positive      | positive      | yes    | GAIN GAIN_ASSOCIATED_EXPRESSION | expressed with extra copies
    gain          | negative      | negative      | yes    | GAIN CONCORDANT                 | extra copies alone
    gain          | not_done      | negative      | yes    | GAIN FISH_ONLY                  |
    loss          | positive      | positive      | yes    | DISCORDANT REFLEX_RNA           |
    loss          | negative      | negative      | yes    | CONCORDANT                      |
    atypical      | positive      | positive      | yes    | FISH_ATYPICAL                   |
    atypical      | negative      | indeterminate | no     | FISH_ATYPICAL                   | neither known nor excluded
    atypical      | not_done      | indeterminate | no     | FISH_ATYPICAL FISH_ONLY         |
    indeterminate | positive      | positive      | yes    | FISH_INDETERMINATE              | only positive flow resolves it
    indeterminate | negative      | indeterminate | no     | FISH_INDETERMINATE              |
    indeterminate | not_done      | indeterminate | no     | FISH_INDETERMINATE FISH_ONLY    |
    not_done      | positive      | positive      | yes    | FLOW_ONLY                       |
    not_done      | negative      | negative      | yes    | FLOW_ONLY                       |
    not_done      | indeterminate | indeterminate | no     | FLOW_ONLY                       |
    not_done      | not_done      | not_tested    | no     |                                 |
"""


@pytest.mark.parametrize("row", rows(UNION))
def test_union(row: list[str]) -> None:
    fish, flow = cast("FishWord", row[0]), cast("FlowWord", row[1])
    status, tested, flags, why = row[2:]
    found = combine_crlf2(fish, flow)
    assert (found.status, found.tested) == (status, tested == "yes"), why
    assert " ".join(found.flags) == flags, why


WORDS = """
    FISH word                  | status        | why
    ---------------------------+---------------+----------------------------------------
    rearranged_split           | positive      |
    rearranged_deletion_5prime | positive      |
    rearranged_unspecified     | positive      |
    Rearranged Split           | positive      | spelling
    positive                   | positive      |
    atypical_loss_3prime       | indeterminate | neither known nor excluded
    abnormal_unspecified       | indeterminate |
    gain_not_rearranged        | negative      |
    loss_not_rearranged        | negative      |
    normal                     | negative      |
    negative                   | negative      |
    indeterminate              | indeterminate |
    insufficient               | indeterminate |
    conflict                   | indeterminate |
    needs_review               | indeterminate |
    sieht gut aus              | indeterminate | an unknown word is never normal
    not_evaluable              | not_tested    | no usable result
    pending                    | not_tested    |
    not_done                   | not_tested    |
    not_fish                   | not_tested    |
"""


@pytest.mark.parametrize(("word", "status", "why"), rows(WORDS))
def test_word(word: str, status: str, why: str) -> None:
    assert status_of(f"word:{word.replace(' ', '~')}").status == status, why


#: A source is `kind:word`, with `@visit` and `#specimen` where they matter; kinds: count, iscn, word, flow.
SOURCES = """
    sources                                               | status        | flags                                      | why
    ------------------------------------------------------+---------------+--------------------------------------------+--------------------------------------------
    count:normal#A iscn:split#A                           | negative      | FISH_ONLY FISH_SOURCES_CONFLICT REVIEW     | counts before ISCN
    iscn:split#A word:normal#A                            | positive      | FISH_ONLY FISH_SOURCES_CONFLICT REVIEW     | ISCN before words
    count:normal#A word:rearranged_split                  | negative      | FISH_ONLY FISH_SOURCES_CONFLICT REVIEW     | the only specimen of the visit
    count:normal#A word:rearranged_split#B                | positive      | FISH_ONLY                                  | another specimen
    count:rearranged_split#A iscn:split#A                 | positive      | FISH_ONLY                                  | they agree
    count:indeterminate#A iscn:split#A                    | positive      | FISH_ONLY                                  | what is open contradicts nothing
    iscn:split                                            | positive      | FISH_ONLY                                  | a normal karyotype with an abnormal tail
    iscn:normal                                           | negative      | FISH_ONLY                                  |
    iscn:kmt2a                                            | not_tested    |                                            | a result of another gene
    word:indeterminate word:normal@C1                     | indeterminate | FISH_INDETERMINATE FISH_ONLY               | a remission says nothing of the leukemia
    word:normal@C1                                        | negative      | FISH_ONLY FISH_NOT_AT_BASELINE             | known under treatment only
    word:normal word:rearranged_split@C5                  | positive      | FISH_ONLY                                  | a later positive, as at relapse
    word:not_done word:normal@C1                          | negative      | FISH_ONLY FISH_NOT_AT_BASELINE             | nothing at baseline
    word:not_evaluable                                    | not_tested    | FISH_NOT_EVALUABLE                         | delivered without a result
    word:pending flow:negative                            | negative      | FLOW_ONLY FISH_PENDING                     |
    flow:indeterminate flow:negative@C1                   | indeterminate | FLOW_ONLY                                  | as with FISH
    count:gain_not_rearranged flow:positive               | positive      | GAIN GAIN_ASSOCIATED_EXPRESSION            |
"""

STRINGS = {
    "split": "46,XX[20].nuc ish (CRLF2)×2(3′CRLF2 sep 5′CRLF2)×1[60/200]",
    "normal": "46,XX[20].nuc ish (CRLF2)×2[200]",
    "kmt2a": "46,XX[20].nuc ish (KMT2A)×2(5′KMT2A sep 3′KMT2A)×1[60/200]",
}


def status_of(sources: str) -> Crlf2Status:
    calls: list[object] = []
    external: list[ExternalResult] = []
    for source in sources.split():
        kind, _, rest = source.partition(":")
        rest, _, specimen = rest.partition("#")
        word, _, visit = rest.partition("@")
        visit = visit or "baseline"
        if kind == "count":
            of_specimen = replace(FISH.specimen, visit=visit, specimen_id=specimen or None)
            calls.append(replace(FISH, call=word, specimen=of_specimen))
        elif kind == "iscn":
            found = karyotype(STRINGS[word], visit=visit)
            calls.append(replace(found, specimen=replace(found.specimen, specimen_id=specimen or None)))
        else:
            external.append(delivered(kind, word.replace("~", " "), visit, specimen or None))
    return crlf2_status(calls, external, BeforeTreatment())


def delivered(kind: str, word: str, visit: str, specimen_id: str | None) -> ExternalResult:
    return ExternalResult(
        subject_id="S1",
        visit=visit,
        specimen_id=specimen_id,
        collected_on=None,
        assay="crlf2_flow" if kind == "flow" else "crlf2_fish",
        status=word,
        source="a test",
    )


@pytest.mark.parametrize(("sources", "status", "flags", "why"), rows(SOURCES))
def test_sources(sources: str, status: str, flags: str, why: str) -> None:
    found = status_of(sources)
    assert (found.status, " ".join(found.flags)) == (status, flags), why


def test_order_of_the_sources_does_not_matter() -> None:
    for row in rows(SOURCES):
        one, other = status_of(row[0]), status_of(" ".join(reversed(row[0].split())))
        assert (one.status, one.tested, one.flags) == (other.status, other.tested, other.flags)
