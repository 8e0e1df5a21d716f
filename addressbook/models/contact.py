"""対応記録: what was said with whom and when, at the counter or on the telephone; added to, never altered."""

from django.db import models

from addressbook.codes import ContactChannel
from addressbook.models.party import Party


class ContactNote(models.Model):
    """対応記録・メモ. The database refuses UPDATE and DELETE (migration 0004): a correction is a further note.

    `form_key` is the id of the form it came from: the same form sent twice is one note.
    """

    id = models.BigAutoField(primary_key=True)
    party = models.ForeignKey(
        Party, verbose_name="宛名", on_delete=models.PROTECT, related_name="contact_notes", db_index=False
    )
    contacted_on = models.DateField("対応日")
    channel = models.CharField("方法", max_length=8, choices=ContactChannel.choices)
    text = models.TextField("内容", max_length=2000)
    staff_no = models.CharField("職員番号", max_length=20)
    staff_name = models.CharField("職員氏名", max_length=100)
    unit_name = models.CharField("所属", max_length=60)
    form_key = models.UUIDField("入力の識別", unique=True)
    recorded_at = models.DateTimeField("記録日時")

    class Meta:
        verbose_name = "対応記録"
        indexes = [models.Index(fields=["party", "-contacted_on", "-id"], name="contactnote_party")]

    def __str__(self) -> str:
        return f"{self.party_id} {self.contacted_on}"
