"""中間サーバー連携: copies of the decided, their comparison with the books, and the first question of a neighbour."""

import json
from datetime import date

from django.test import Client
from django.utils.crypto import salted_hmac

from addressbook.models import Party
from intermediary.models import CopyBatch, CopyRecord, ProvisionRecord, RegisterRow
from intermediary.permissions import DECIDE_REGISTER, PROVIDE_INCOME
from intermediary.selectors.copies import holds_open
from intermediary.services.copies import batch_answered, batch_send
from intermediary.services.register import row_propose
from taxsys.platform.approvals.services import approval_decide
from taxsys.platform.files.models import OutgoingFile
from taxsys.platform.staff.services import api_client_create
from taxsys.web.demo.walk import TAX_YEAR, Demo, DemoStopped

STAGE = "副本・庁内連携"
SYSTEM = "kokuho"
LOOKUP = "/api/v1/income/lookup"
_ITEMS = (
    "status", "filed", "total_income_etc", "total_income", "salary_income", "pension_income", "business_income",
    "city_income", "city_per_capita",
)  # fmt: skip


def copies(demo: Demo) -> None:
    """The year's first copies: made, let go by a second person, sent, and acknowledged by the intermediary server."""
    _told(demo, date(TAX_YEAR, 6, 20))


def copies_since(demo: Demo) -> None:
    """What has changed since, and the comparison of every copy with the books: no difference."""
    day = date(TAX_YEAR, 11, 20)
    _told(demo, day)
    with demo.timed(STAGE):
        checked = demo.job("B-MN-06", {"tax_year": TAX_YEAR}, day)
    if not checked.gates.get(gate_id="copies_agree").ok:
        raise DemoStopped("副本と原本に差異があります。バッチの成果物「副本照合.csv」を確かめてください。")


def _told(demo: Demo, day: date) -> None:
    before = CopyRecord.objects.count()
    with demo.timed(STAGE):
        run = demo.job("B-PI-21", {}, day)
        demo.release(run)
        batch = CopyBatch.objects.get(job_run_id=run.pk)
        if batch.file_id:
            batch_send(batch.pk)
            batch_answered(batch.pk, OutgoingFile.State.ACKNOWLEDGED)
    demo.handled(STAGE, CopyRecord.objects.count() - before)


def neighbour(demo: Demo) -> None:
    """A register row is opened by two people, the health-insurance system gets its key and asks about one person."""
    day = date(TAX_YEAR, 11, 20)
    row = RegisterRow.objects.get(recipient="国民健康保険課", affair="国民健康保険料")
    content = {
        "row_no": row.row_no, "kind": row.kind, "recipient": row.recipient, "client_system": SYSTEM,
        "legal_base": row.legal_base, "ordinance": "個人番号利用条例3条1項（実演）", "affair": row.affair,
        "items": list(_ITEMS), "method": "api", "other_methods": ["file", "media"],
        "protected_rule": "held", "valid_from": f"{TAX_YEAR}-04-01",
        "valid_to": "",
    }  # fmt: skip
    with demo.timed(STAGE):
        with demo.desk(day, function_id=DECIDE_REGISTER.code):
            approval = row_propose(content, actor=demo.clerk)
        with demo.desk(day, who=demo.chief, function_id=DECIDE_REGISTER.code):
            approval_decide(approval.pk, decision="approve", actor=demo.chief, seen_hash=approval.content_hash)
            api_client_create(
                name="国民健康保険システム", system=SYSTEM, permissions=[PROVIDE_INCOME],
                valid_from=date(TAX_YEAR, 4, 1), key=neighbour_key(),
            )  # fmt: skip
        with demo.desk(day):
            answer = Client(SERVER_NAME="127.0.0.1").post(
                LOOKUP, json.dumps(_question()), content_type="application/json",
                headers={"Authorization": f"Bearer {neighbour_key()}"},
            )  # fmt: skip
    if answer.status_code != 200:
        raise DemoStopped(f"連携APIの照会が {answer.status_code} で断られました: {answer.content.decode()}")
    demo.say(f"  {day} 連携API 所得照会 {len(answer.json()['answer']['items'])}項目")


def neighbour_key() -> str:
    """The demonstration client's key, the same at every start of this folder and in no other."""
    return salted_hmac("taxsys.demo.kokuho", SYSTEM, algorithm="sha256").hexdigest()


def _question() -> dict[str, str | int]:
    """A question about the first person in order of number who may be answered automatically."""
    told = CopyRecord.objects.filter(tax_year=TAX_YEAR).exclude(party_id__in=holds_open())
    person = Party.objects.filter(pk__in=told.values("party_id")).order_by("person_no").first()
    row = RegisterRow.objects.filter(client_system=SYSTEM).first()
    if person is None or row is None:
        raise DemoStopped("連携APIの実演に使える人または登録簿の行がありません。")
    return {"register_row": row.row_no, "reference": "DEMO-1", "tax_year": TAX_YEAR, "person_no": person.person_no}


def example_lines(port: int) -> list[str]:
    """A working command line of the REST call, for the console."""
    body = json.dumps(_question())
    return [
        "連携API（国民健康保険システムの鍵で一人の所得項目を照会。説明 docs/api/openapi.yaml）:",
        f"  curl -s -H 'Authorization: Bearer {neighbour_key()}' -H 'Content-Type: application/json'"
        f" -d '{body}' http://127.0.0.1:{port}{LOOKUP}",
    ]


def rows() -> list[tuple[str, str]]:
    """Copies told, answers given."""
    files = OutgoingFile.objects.filter(kind="provision_copy")
    return [
        ("副本", f"{CopyRecord.objects.count():,}件 ファイル{files.count():,}件"),
        ("連携APIの回答", f"{ProvisionRecord.objects.filter(outcome='answered').count():,}人"),
    ]
