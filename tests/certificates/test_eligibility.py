"""Who may have which certificate: the pure rule, over every kind of applicant (F-CT-010, F-CT-012, N-093)."""

import pytest

from certificates.rules.eligibility import SAY_NOT_HERE, EligibilityFacts, Standing, verdict

OWN = {"relation": "self", "is_identified": True, "is_applicant_subject": True}
CASES = [
    ("oneself", OWN, []),
    ("oneself without identification", {**OWN, "is_identified": False}, ["NOT_IDENTIFIED"]),
    ("somebody else calling himself the subject", {**OWN, "is_applicant_subject": False}, ["NOT_SELF"]),
    ("the dead do not ask", {**OWN, "is_subject_dead": True}, ["SUBJECT_DEAD"]),
    (
        "a member of the household with consent",
        {"relation": "household", "is_identified": True, "is_same_household": True, "has_consent": True},
        [],
    ),
    (
        "a member of the household without consent",
        {"relation": "household", "is_identified": True, "is_same_household": True},
        ["NO_CONSENT"],
    ),
    (
        "a relative of another household",
        {"relation": "household", "is_identified": True, "has_consent": True},
        ["NOT_SAME_HOUSEHOLD"],
    ),
    ("an agent with a mandate", {"relation": "agent", "is_identified": True, "authority": "mandate"}, []),
    ("an agent without", {"relation": "agent", "is_identified": True}, ["NO_MANDATE"]),
    (
        "an agent with the wrong paper",
        {"relation": "agent", "is_identified": True, "authority": "family_register"},
        ["NO_MANDATE"],
    ),
    (
        "an heir with the register",
        {"relation": "heir", "is_identified": True, "authority": "family_register", "is_subject_dead": True},
        [],
    ),
    (
        "an heir of the living",
        {"relation": "heir", "is_identified": True, "authority": "family_register"},
        ["SUBJECT_ALIVE"],
    ),
    (
        "an heir without the register",
        {"relation": "heir", "is_identified": True, "is_subject_dead": True},
        ["NO_FAMILY_REGISTER"],
    ),
    ("a guardian with the record", {"relation": "legal", "is_identified": True, "authority": "guardianship"}, []),
    ("a guardian without", {"relation": "legal", "is_identified": True}, ["NO_AUTHORITY"]),
    (
        "the opponent with a mandate",
        {"relation": "agent", "is_identified": True, "authority": "mandate", "is_opponent_side": True},
        ["OPPONENT"],
    ),
    (
        "an agent of a protected person",
        {"relation": "agent", "is_identified": True, "authority": "mandate", "is_subject_hidden": True},
        ["PROTECTED_NOT_SELF"],
    ),
    ("a held person", {**OWN, "is_held": True}, ["HELD"]),
    ("a year without any paper", {**OWN, "standing": Standing.NOT_FILED}, ["NOT_FILED"]),
    ("a year not decided yet", {**OWN, "standing": Standing.UNDECIDED}, ["UNDECIDED"]),
    ("a recalled decision", {**OWN, "standing": Standing.RECALLED}, ["RECALLED"]),
    ("a year taken over from the former system", {**OWN, "standing": Standing.TAKEN_OVER}, ["TAKEN_OVER"]),
    ("before the first day of issue", {**OWN, "is_issue_started": False}, ["NOT_STARTED"]),
]


@pytest.mark.req("R-118")
@pytest.mark.parametrize(("words", "facts", "stops"), CASES, ids=[case[0] for case in CASES])
def test_who_may_have_a_certificate(words: str, facts: dict[str, object], stops: list[str]) -> None:
    found = verdict(EligibilityFacts(**facts))  # type: ignore[arg-type]
    assert [one.code for one in found.findings if one.level == "stop"] == stops
    assert found.may_issue == (stops == [])


def test_a_protected_person_gets_her_own_paper_with_a_caution() -> None:
    found = verdict(EligibilityFacts(**OWN, is_subject_hidden=True))  # type: ignore[arg-type]
    assert found.may_issue
    assert found.codes == ["PROTECTED"]


@pytest.mark.parametrize("facts", [{"is_opponent_side": True}, {"is_subject_hidden": True}, {"is_held": True}])
def test_what_is_said_at_the_counter_tells_nothing_of_a_protection(facts: dict[str, bool]) -> None:
    found = verdict(
        EligibilityFacts(relation="agent", is_identified=True, authority="mandate", **facts)  # type: ignore[arg-type]
    )
    said = [one.say_ja for one in found.findings if one.level == "stop"]
    assert said == [SAY_NOT_HERE]
    assert all(word not in SAY_NOT_HERE for word in ("支援", "保護", "相手"))


def test_every_stop_says_what_to_do_and_stops_stand_first() -> None:
    found = verdict(EligibilityFacts(relation="self", is_identified=True, is_held=True, standing=Standing.NOT_FILED))
    assert [one.level for one in found.findings] == sorted(
        (one.level for one in found.findings), key=["stop", "caution", "ok"].index
    )
    assert all(one.todo_ja for one in found.findings if one.level == "stop")
