"""交付の可否 (who may have which certificate): pure answers over facts that the selectors gathered.

F-CT-010, F-CT-012, F-CT-013, N-093. The words for the screen tell the officer why; `say_ja` is what may be said to the
person at the counter, and never tells that a protection exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Level = Literal["ok", "caution", "stop"]


class Standing(StrEnum):
    """課税の状態 of the person and year."""

    DECIDED = "decided"
    NOT_FILED = "not_filed"
    UNDECIDED = "undecided"
    RECALLED = "recalled"
    TAKEN_OVER = "taken_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityFacts:
    """What the check looks at. `is_opponent_side`: the applicant is, bears the name of, or lives with an opponent named
    in a protection of the subject. `is_subject_hidden`: the subject or its household is protected.
    """

    relation: str
    is_identified: bool
    authority: str = ""
    has_consent: bool = False
    is_applicant_subject: bool = False
    is_same_household: bool = False
    is_subject_dead: bool = False
    is_subject_hidden: bool = False
    is_opponent_side: bool = False
    is_held: bool = False
    standing: Standing = Standing.DECIDED
    is_issue_started: bool = True
    is_under_correction: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """確認結果の一つ: level, stable code, what it is about, what was found, what to do or say."""

    level: Level
    code: str
    title_ja: str
    text_ja: str
    todo_ja: str = ""
    say_ja: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """All findings of one check, stops first."""

    findings: tuple[Finding, ...]

    @property
    def may_issue(self) -> bool:
        """Whether nothing stands against the paper."""
        return all(finding.level != "stop" for finding in self.findings)

    @property
    def codes(self) -> list[str]:
        """Codes of what was found beyond 'ok'."""
        return [finding.code for finding in self.findings if finding.level != "ok"]


SAY_NOT_HERE = "この証明書は、こちらではお渡しできません。"


def _stop(code: str, title_ja: str, text_ja: str, todo_ja: str, say_ja: str = "") -> Finding:
    return Finding("stop", code, title_ja, text_ja, todo_ja, say_ja)


def verdict(facts: EligibilityFacts) -> Verdict:
    """Check the person asking, then the person asked about, then the assessment."""
    found = [*_applicant(facts), *_subject(facts), *_assessment(facts)]
    order = {"stop": 0, "caution": 1, "ok": 2}
    return Verdict(tuple(sorted(found, key=lambda finding: order[finding.level])))


def _applicant(facts: EligibilityFacts) -> list[Finding]:
    if not facts.is_identified:
        return [
            _stop(
                "NOT_IDENTIFIED",
                "本人確認",
                "請求者の本人確認ができていません。",
                "確認書類の提示を求めてください。",
                "ご本人と確認できる書類をお持ちください。",
            )
        ]
    checks = {
        "self": _self,
        "household": _household,
        "agent": _agent,
        "heir": _heir,
        "legal": _legal,
    }
    return [checks[facts.relation](facts)]


def _self(facts: EligibilityFacts) -> Finding:
    if facts.is_subject_dead:
        return _stop("SUBJECT_DEAD", "請求者", "対象者は死亡しています。", "相続人としての請求か確かめてください。")
    if not facts.is_applicant_subject:
        return _stop("NOT_SELF", "請求者", "請求者と対象者が一致しません。", "請求者の区分を選び直してください。")
    return Finding("ok", "SELF", "請求者", "本人の請求です。")


def _household(facts: EligibilityFacts) -> Finding:
    if not facts.is_same_household:
        return _stop(
            "NOT_SAME_HOUSEHOLD",
            "請求者",
            "請求者は対象者と同じ世帯ではありません。",
            "委任状の提出を求め、代理人として受け付けてください。",
            "ご本人の委任状が必要です。",
        )
    if not facts.has_consent:
        return _stop(
            "NO_CONSENT",
            "請求者",
            "本人の同意を確認していません。",
            "同意を確かめて記録するか、委任状の提出を求めてください。",
            "ご本人の同意が必要です。",
        )
    return Finding("ok", "HOUSEHOLD", "請求者", "同一世帯の親族の請求で、本人の同意を確認しています。")


def _agent(facts: EligibilityFacts) -> Finding:
    if facts.authority != "mandate":
        return _stop(
            "NO_MANDATE",
            "請求者",
            "委任状がありません。",
            "委任状（原本）の提出を求めてください。",
            "ご本人の委任状が必要です。",
        )
    return Finding("ok", "AGENT", "請求者", "委任状による代理人の請求です。")


def _heir(facts: EligibilityFacts) -> Finding:
    if not facts.is_subject_dead:
        return _stop(
            "SUBJECT_ALIVE", "請求者", "対象者の死亡が宛名にありません。", "本人または代理人として受け付けてください。"
        )
    if facts.authority != "family_register":
        return _stop(
            "NO_FAMILY_REGISTER",
            "請求者",
            "相続人であることを示す書類がありません。",
            "戸籍謄本等の提示を求めてください。",
            "相続人と分かる戸籍謄本等が必要です。",
        )
    return Finding("ok", "HEIR", "請求者", "戸籍謄本等で相続人と確認しています。")


def _legal(facts: EligibilityFacts) -> Finding:
    if facts.authority not in {"guardianship", "family_register"}:
        return _stop(
            "NO_AUTHORITY",
            "請求者",
            "法定代理人であることを示す書類がありません。",
            "登記事項証明書（後見）または戸籍謄本（親権）の提示を求めてください。",
            "法定代理人と分かる書類が必要です。",
        )
    return Finding("ok", "LEGAL", "請求者", "書類で法定代理人と確認しています。")


def _subject(facts: EligibilityFacts) -> list[Finding]:
    found = []
    if facts.is_opponent_side:
        found.append(
            _stop(
                "OPPONENT",
                "支援措置",
                "請求者は支援措置の相手方またはその世帯員に当たります（同姓同名を含む）。",
                "交付せず、支援措置の担当に引き継いでください。対象者についての質問には一切答えないでください。",
                SAY_NOT_HERE,
            )
        )
    elif facts.is_subject_hidden and facts.relation in {"agent", "household", "heir"}:
        found.append(
            _stop(
                "PROTECTED_NOT_SELF",
                "支援措置",
                "対象者は支援措置の対象で、本人または法定代理人以外の請求です。",
                "交付せず、支援措置の担当に引き継いでください。",
                SAY_NOT_HERE,
            )
        )
    elif facts.is_subject_hidden:
        found.append(
            Finding(
                "caution",
                "PROTECTED",
                "支援措置",
                "対象者は支援措置の対象です。",
                "窓口で本人に直接渡してください。郵送はできません。住所の記載の要否を本人に確かめてください。",
            )
        )
    if facts.is_held:
        found.append(
            _stop(
                "HELD",
                "発行停止",
                "発行停止が設定されています。",
                "停止した所属に連絡し、解除を待ってください。",
                SAY_NOT_HERE,
            )
        )
    return found


def _assessment(facts: EligibilityFacts) -> list[Finding]:
    found = []
    if not facts.is_issue_started:
        found.append(
            _stop(
                "NOT_STARTED",
                "発行開始日",
                "この年度の証明はまだ発行できません。",
                "発行開始日を案内してください。",
                "この年度の証明書は、発行開始日から交付できます。",
            )
        )
    texts = {
        Standing.NOT_FILED: _stop(
            "NOT_FILED",
            "申告",
            "この年度の申告も課税資料もありません（未申告）。",
            "市民税・道民税の申告を案内してください。収入がなかった人も申告すると証明できます。",
            "市民税・道民税の申告をしていただくと交付できます。",
        ),
        Standing.UNDECIDED: _stop(
            "UNDECIDED",
            "課税",
            "課税資料はありますが、税額が決定していません。",
            "市民税課に決定の時期を確かめて案内してください。",
            "税額の決定後に交付できます。",
        ),
        Standing.RECALLED: _stop(
            "RECALLED",
            "課税",
            "決定が撤回され、計算をやり直しています。",
            "新しい決定の後に交付してください。",
            "税額の決定後に交付できます。",
        ),
    }
    texts[Standing.TAKEN_OVER] = _stop(
        "TAKEN_OVER",
        "課税",
        "この年度は前のシステムで決定した年度で、金額の明細をこのシステムで計算していません。",
        "前のシステムの台帳から証明してください。",
        "少しお時間をいただきます。",
    )
    if facts.standing in texts:
        found.append(texts[facts.standing])
    else:
        found.append(Finding("ok", "DECIDED", "課税", "税額が決定しています。"))
    if facts.is_under_correction:
        found.append(
            Finding(
                "caution",
                "UNDER_CORRECTION",
                "課税",
                "更正の起案が決裁を待っています。",
                "内容が変わる見込みを本人に伝えてから交付してください。",
            )
        )
    return found
