"""検索: a certificate by its number, as printed or as a reader sends it."""

import re
from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from addressbook.disclosure import names_for
from certificates.models import CertificateIssue
from certificates.outputs import REGISTER
from certificates.permissions import VIEW_REGISTER
from taxsys.kernel import wareki
from taxsys.platform.search.registry import SearchProvider, SearchRow

NUMBER = re.compile(r"(\d{4})-?CT-?(\d{6})", re.IGNORECASE)


def _recognise(text: str) -> bool:
    return NUMBER.fullmatch(text) is not None


def _find(text: str, _staff: Any) -> Sequence[str]:
    match = NUMBER.fullmatch(text)
    if match is None:
        return []
    number = f"{match.group(1)}-CT-{match.group(2)}"
    return [str(pk) for pk in CertificateIssue.objects.filter(certificate_no=number).values_list("pk", flat=True)]


def _present(ids: Sequence[str], _staff: Any) -> Sequence[SearchRow]:
    issues = CertificateIssue.objects.select_related("void").in_bulk([int(one) for one in ids])
    names = names_for([issue.subject_id for issue in issues.values()], output=REGISTER)
    return [
        SearchRow(
            url=reverse("certificates-issue", args=[issue.pk]),
            cells=(
                issue.certificate_no,
                issue.printed_kind,
                names[issue.subject_id],
                wareki.format_short(issue.issued_on),
            ),
            badges=(("danger", "取消"),) if issue.is_void else (),
            subject=str(issue.subject_id),
        )
        for issue in (issues[int(one)] for one in ids if int(one) in issues)
    ]


PROVIDER = SearchProvider(
    kind="certificate",
    title_ja="証明書番号",
    permission=VIEW_REGISTER,
    order=40,
    recognise=_recognise,
    find=_find,
    present=_present,
    columns=("証明書番号", "種類", "対象者", "交付日"),
)
