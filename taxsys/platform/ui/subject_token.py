"""対象の札 (subject token): a form says, signed, about whom or what it was shown and in which state.

A save in a window whose subject or state is no longer the record's is refused, so that nothing lands at the wrong
person and nobody overwrites what somebody else did meanwhile (incident I13; ui §4).
"""

from django.core import signing
from django.http import HttpRequest

from taxsys.platform.refusals import Refused

FIELD = "subject_token"
_SALT = "taxsys.subject"
_MAX_AGE_SECONDS = 12 * 60 * 60
_CHANGED = "表示した後に、対象の内容が変わったため、登録しませんでした。"
_OTHER = "画面の対象と、登録しようとした対象が違うため、登録しませんでした。"


def subject_token(request: HttpRequest, *, form: str, subject: str, version: str) -> str:
    """The token of a form: what it is about (a surrogate id, never a name), in which state, shown to whom."""
    officer = getattr(request.user, "staff_no", "")
    return signing.dumps({"form": form, "subject": subject, "version": version, "officer": officer}, salt=_SALT)


def subject_check(request: HttpRequest, *, form: str, subject: str, version: str, changed_ja: str = "") -> None:
    """Compare the posted token with the record as it is now. Raises Refused R409; `changed_ja` says who changed it."""
    try:
        seen = signing.loads(request.POST.get(FIELD, ""), salt=_SALT, max_age=_MAX_AGE_SECONDS)
    except signing.BadSignature as error:
        raise Refused("R409", "画面が古くなったため、登録しませんでした。", reason="token") from error
    if (seen["form"], seen["subject"], seen["officer"]) != (form, subject, getattr(request.user, "staff_no", "")):
        raise Refused("R409", _OTHER, reason="other_subject")
    if seen["version"] != version:
        raise Refused("R409", changed_ja or _CHANGED, reason="stale")
