"""入手方法: one of the eight of the assessment on every receipt, at every door (R-130)."""

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from certificates.models import CertificateRequest
from taxsys.platform.audit.context import using
from taxsys.platform.files.channels import ReceiptChannel
from taxsys.platform.files.errors import DuplicateFile, FileRefused
from taxsys.platform.files.forms import ReceiveForm
from taxsys.platform.files.models import ReceivedFile, RefusedAttempt
from taxsys.platform.files.services import file_receive
from tests.platform.actors import officer, staff_context

pytestmark = [pytest.mark.django_db, pytest.mark.req("R-130")]
EIGHT = {
    "紙", "電子記録媒体", "フラッシュメモリ", "専用線（eLTAX・国税連携・金融機関）", "庁内連携システム",
    "情報提供ネットワークシステム", "住民基本台帳ネットワークシステム", "マイナポータル申請管理",
}  # fmt: skip
# Records of something that reached the house. All others carry the receipt they came with.
RECEIPTS = (ReceivedFile, RefusedAttempt, CertificateRequest)


def _receive(channel: str, content: bytes = b"1") -> ReceivedFile:
    with using(staff_context(officer())):
        return file_receive(name="a.csv", content=content, format="cvs_csv/v1", sender="銀行", channel=channel)


def test_the_eight_ways_are_those_of_the_assessment() -> None:
    assert set(ReceiptChannel.labels) == EIGHT
    for model in RECEIPTS:
        assert list(model._meta.get_field("channel").choices) == ReceiptChannel.choices
    assert list(ReceiveForm().fields["channel"].choices) == ReceiptChannel.choices


def test_every_record_of_a_receipt_says_by_which_way_or_names_the_file_it_came_with() -> None:
    silent = []
    for model in apps.get_models():
        fields = {one.name: one for one in model._meta.concrete_fields}
        if model._meta.app_label in {"auth", "jobs", "outbox"} or not {
            "received_on",
            "received_at",
            "arrived_on",
        } & set(fields):
            continue
        names_file = any(one.remote_field and one.remote_field.model is ReceivedFile for one in fields.values())
        if not names_file and not (fields.get("channel") and fields["channel"].choices):
            silent.append(model._meta.label)
    # A bundle to be keyed (束) is paper by what it is. 提供の求め is a neighbour's question; how it came is its client.
    # The fee the prefecture pays is money: the day it came stands with its evidence.
    assert set(silent) == {"assessment.EntryBundle", "intermediary.ProvisionRequest", "remitting.FeeClaim"}


@pytest.mark.parametrize("channel", ReceiptChannel.values)
def test_each_of_them_is_taken_and_kept(channel: str) -> None:
    assert _receive(channel).get_channel_display() == ReceiptChannel(channel).label
    with pytest.raises(DuplicateFile):
        _receive(channel)
    assert RefusedAttempt.objects.get().channel == channel


@pytest.mark.parametrize("channel", ["", "fax", "bank", "LINE", "line "])
def test_a_way_that_nobody_declared_is_refused_and_nothing_is_kept(channel: str) -> None:
    with pytest.raises(FileRefused, match="入手方法"):
        _receive(channel)
    assert not ReceivedFile.objects.exists()
    received = _receive("paper")
    with pytest.raises(IntegrityError, match="files_received_channel_known"), transaction.atomic():
        ReceivedFile.objects.filter(pk=received.pk).update(channel=channel or "?")
