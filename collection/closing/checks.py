"""締めの点検 (closing check list): what must be clean before a period is closed, what has to be explained.

Every check answers with a count, yen and words; it names places of work (days, channels, files, tills), never a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection
from django.db.models import Count, Sum
from django.urls import reverse

from collection.closing.law import check_limits
from collection.models import Channel, DebitBatch, DebitBatchState, Suspense
from collection.selectors.overdue import receipt_cut_off
from taxsys.platform.jobs.models import JobRun

PROOF_JOB = "B-CL-29"
_ANSWER_DAYS = 5
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Check:
    """点検一件: `is_required` must be clean; another that is not needs the closer's reason. `url`: where to work."""

    code: str
    title_ja: str
    is_ok: bool
    is_required: bool
    count: int
    yen: int
    detail_ja: str
    url: str = ""


def closing_checks(first_on: date, last_on: date) -> list[Check]:
    """The check list of a period, in the order of work."""
    return [
        _proof(last_on),
        *_receipts(last_on),
        *_bank(first_on, last_on),
        _suspense(last_on),
        _tills(first_on, last_on),
        _debits(last_on),
    ]


def _proof(last_on: date) -> Check:
    run = JobRun.objects.filter(job_id=PROOF_JOB, state="finished").order_by("-pk").first()
    is_late = run is not None and run.business_on >= last_on
    red = [gate.title_ja for gate in run.gates.filter(ok=False).order_by("pk")] if run else []
    if run is None:
        detail = "日次証明がまだ実行されていません。"
    elif not is_late:
        detail = f"前回の日次証明は{run.business_on}です。終期以後にもう一度実行してください。"
    else:
        detail = f"第{run.pk}号 {run.business_on}" + (f" 不一致: {'・'.join(red[:_SHOWN])}" if red else " 差額0円")
    return Check(
        "PROOF", "元帳の証明が一致している", is_late and not red, True, len(red), 0, detail, reverse("collection-proof")
    )


def _receipts(last_on: date) -> Iterator[Check]:
    cut_off = receipt_cut_off(last_on)
    names = "・".join(name for _format, name in cut_off.unposted_files[:_SHOWN])
    yield Check(
        "FILES", "取り込んでいない収納データがない", not cut_off.unposted_files, True, len(cut_off.unposted_files), 0,
        names, reverse("files"),
    )  # fmt: skip
    yield Check(
        "RECEIPTS", "受領額が消込・仮受・過誤納の計と一致する", cut_off.difference_yen == 0, True,
        int(cut_off.difference_yen != 0), cut_off.difference_yen, f"受領額{cut_off.received_yen:,}円",
        reverse("collection-home"),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class BankDifference:
    """A channel's day whose total at the bank differs, or has not been noted (`bank_yen` None)."""

    account_on: date
    channel: str
    received_yen: int
    bank_yen: int | None

    @property
    def channel_ja(self) -> str:
        """チャネル."""
        return str(Channel(self.channel).label)

    @property
    def difference_yen(self) -> int:
        """Bank less books."""
        return (self.bank_yen or 0) - self.received_yen


def bank_differences(first_on: date, last_on: date) -> list[BankDifference]:
    """Days and channels of a period where the bank's newest total is not what the books received, or is missing.

    Payments that were taken over (移行) were compared by the system they came from; shortfalls of withheld levies
    (配当割額等の控除不足額) come over no bank account.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT account_on, channel, coalesce(r.yen, 0)::bigint, b.yen
                 FROM (SELECT account_on, channel, sum(amount_yen) AS yen FROM collection_receipt
                        WHERE state = 'confirmed' AND channel NOT IN ('opening', 'withheld')
                          AND account_on BETWEEN %(first)s AND %(last)s GROUP BY 1, 2) AS r
                 FULL JOIN (SELECT DISTINCT ON (account_on, channel) account_on, channel, yen
                              FROM collection_banktotal WHERE account_on BETWEEN %(first)s AND %(last)s
                             ORDER BY account_on, channel, id DESC) AS b USING (account_on, channel)
                WHERE b.yen IS DISTINCT FROM coalesce(r.yen, 0) ORDER BY 1, 2""",
            {"first": first_on, "last": last_on},
        )
        return [BankDifference(*row) for row in cursor.fetchall()]


def _bank(first_on: date, last_on: date) -> Iterator[Check]:
    found = bank_differences(first_on, last_on)
    wrong = [one for one in found if one.bank_yen is not None]
    missing = [one for one in found if one.bank_yen is None]
    yield Check(
        "BANK", "指定金融機関の入金額と一致する", not wrong, True, len(wrong),
        sum(abs(one.difference_yen) for one in wrong),
        "・".join(f"{one.account_on} {one.channel_ja} {one.difference_yen:,}円" for one in wrong[:_SHOWN]),
        reverse("collection-day") + (f"?on={wrong[0].account_on}" if wrong else ""),
    )  # fmt: skip
    yield Check(
        "BANK-NOTED", "指定金融機関の入金額が記録されている", not missing, False, len(missing),
        sum(one.received_yen for one in missing),
        "・".join(f"{one.account_on} {one.channel_ja}" for one in missing[:_SHOWN]),
        reverse("collection-day") + (f"?on={missing[0].account_on}" if missing else ""),
    )  # fmt: skip


def _suspense(last_on: date) -> Check:
    days = check_limits().suspense_days
    old = Suspense.objects.filter(remaining_yen__gt=0, opened_on__lt=last_on - timedelta(days=days))
    sums = old.aggregate(n=Count("pk"), yen=Sum("remaining_yen"))
    return Check(
        "SUSPENSE", f"{days}日を超えた仮受（不明金）がない", sums["n"] == 0, False, sums["n"],
        int(sums["yen"] or 0), "",
        reverse("collection-suspense"),
    )  # fmt: skip


def _tills(first_on: date, last_on: date) -> Check:
    """窓口: every officer who took money on a day has closed the till of that day."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT x.paid_on, x.staff_no, sum(x.yen)::bigint
                 FROM (SELECT r.paid_on, split_part(r.external_key, ':', 2) AS staff_no, r.amount_yen AS yen
                         FROM collection_receipt AS r
                        WHERE r.channel = 'counter' AND r.external_key LIKE 'till:%%' AND r.state = 'confirmed'
                          AND r.paid_on BETWEEN %s AND %s
                       UNION ALL
                       SELECT p.paid_on, c.paid_by, p.amount_yen
                         FROM payouts_counterpayout AS c JOIN collection_refundpayment AS p ON p.id = c.payment_id
                        WHERE p.state = 'paid' AND p.paid_on BETWEEN %s AND %s) AS x
                WHERE NOT EXISTS (SELECT FROM collection_tillclosing AS t
                                   WHERE t.closed_for = x.paid_on AND t.staff_no = x.staff_no)
                GROUP BY 1, 2 ORDER BY 1, 2""",
            [first_on, last_on, first_on, last_on],
        )
        rows = cursor.fetchall()
    return Check(
        "TILL", "窓口がすべて締められている", not rows, True, len(rows), sum(row[2] for row in rows),
        "・".join(f"{row[0]} 職員{row[1]}" for row in rows[:_SHOWN]), reverse("collection-closing"),
    )  # fmt: skip


def _debits(last_on: date) -> Check:
    waiting = DebitBatch.objects.filter(
        state=DebitBatchState.SENT, debit_on__lte=last_on - timedelta(days=_ANSWER_DAYS)
    )
    sums = waiting.aggregate(n=Count("pk"), yen=Sum("request_yen"))
    return Check(
        "DEBIT", "口座振替の結果がそろっている", sums["n"] == 0, False, sums["n"], int(sums["yen"] or 0),
        "・".join(f"引落日{batch.debit_on}" for batch in waiting.order_by("debit_on")[:_SHOWN]), reverse("files"),
    )  # fmt: skip
