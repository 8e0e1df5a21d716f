"""控え: copies of the data elsewhere, until when they live, and their destruction (R-188, R-191, R-193)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.retention.certificates import certificate_make
from taxsys.platform.retention.errors import CopyClosed, RetentionError
from taxsys.platform.retention.models import BackupCopy, ErasureCertificate
from taxsys.platform.retention.periods import backup_days
from taxsys.platform.staff.models import Staff


class RegionRefused(RetentionError):
    """A copy may lie only where the installation says that data is stored, and that is in Japan (R-188)."""

    code = "K0008"
    message_ja = (
        "この保管地域は、設定（TAXSYS_STORAGE_REGIONS）にありません。控えは国内の登録済みの地域に置いてください。"
    )
    field = "region"


@transaction.atomic
def copy_record(*, label: str, region: str, taken_at: datetime) -> BackupCopy:
    """控えを登録する; the same label again answers the row. Raises RegionRefused."""
    if region not in settings.TAXSYS_STORAGE_REGIONS:
        raise RegionRefused
    day = timezone.localdate(taken_at)
    made, is_new = BackupCopy.objects.get_or_create(
        label=label,
        defaults={"region": region, "taken_at": taken_at, "expires_on": day + timedelta(days=backup_days(day))},
    )
    if is_new:
        access_record(action="create", record_type="backup_copy", record_id=str(made.pk))
    return made


@transaction.atomic
def copy_destroy(copy_id: int, *, method: str, actor: Staff) -> ErasureCertificate:
    """控え・媒体・旧環境を廃棄した記録と証明書. Raises CopyClosed."""
    copy = BackupCopy.objects.select_for_update().get(pk=copy_id)
    if copy.destroyed_on is not None:
        raise CopyClosed
    copy.destroyed_on = timezone.localdate(clock.now())
    copy.destroyed_by = actor.staff_no
    copy.save(update_fields=("destroyed_on", "destroyed_by"))
    access_record(action="delete", record_type="backup_copy", record_id=str(copy.pk))
    facts = {
        "label": copy.label,
        "region": copy.region,
        "taken": timezone.localtime(copy.taken_at).isoformat(timespec="seconds"),
        "method": method,
        "operator": actor.staff_no,
        "ended": copy.destroyed_on.isoformat(),
    }
    return certificate_make(
        kind=ErasureCertificate.Kind.MEDIUM, subject_key=f"copy:{copy.pk}", facts=facts, copies_gone=copy.destroyed_on
    )


def overdue_copies() -> int:
    """Copies past their day that nobody destroyed: each is an erasure that has not reached them."""
    today = timezone.localdate(clock.now())
    return BackupCopy.objects.filter(expires_on__lt=today, destroyed_on__isnull=True).count()
