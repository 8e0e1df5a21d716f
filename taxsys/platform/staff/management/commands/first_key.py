"""`manage.py first_key`: the first two keys of an installation, before anybody can agree on the screen."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from taxsys.platform.audit.context import AccessContext, using
from taxsys.platform.audit.services import access_record
from taxsys.platform.staff.enrolment import enrolment_open
from taxsys.platform.staff.models import KeyEnrolment, SecurityKey, Staff

ENOUGH = 2


class Command(BaseCommand):
    """最初の鍵の登録を許す."""

    help = "導入時に、最初の二人までの鍵の登録を許します（30分以内にサインインして登録します）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose key."""
        parser.add_argument("staff_no", help="職員番号")

    def handle(self, *args: Any, **options: Any) -> None:
        """Open the permission, unless two people can agree on the screen already."""
        owners = SecurityKey.objects.filter(revoked_at__isnull=True).values("staff_id").distinct().count()
        if owners >= ENOUGH:
            raise CommandError("鍵を持つ職員が二人いるため、画面の届出と決裁で登録してください。")
        staff = Staff.objects.filter(staff_no=options["staff_no"]).first()
        if staff is None or not staff.is_usable_on():
            raise CommandError(f"利用できる職員番号ではありません: {options['staff_no']}")
        enrolment_open(staff, purpose=KeyEnrolment.Purpose.ADDITIONAL)
        with using(AccessContext(actor_kind="system", actor_id="first_key")):
            access_record(action="create", record_type="key_enrolment", record_id=staff.staff_no, reason="first_key")
        self.stdout.write(f"職員番号 {staff.staff_no} は、30分以内のサインインで鍵を登録できます。")
