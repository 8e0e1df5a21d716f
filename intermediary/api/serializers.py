"""What a neighbour may send and what it gets back; the OpenAPI document is generated from these."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from intermediary.items import FILED_ITEM, ITEM_NAMES, STATUS_ITEM, titles_ja
from intermediary.models import ProvisionRecord
from taxsys.kernel.checkdigits import my_number_valid
from taxsys.platform import clock
from taxsys.platform.refusals import FieldProblem, Refused

PERSON_NO = r"^[0-9A-Za-z]{1,15}$"


class StrictSerializer(serializers.Serializer):
    """Refuses what it does not know: a misspelt item must not be overlooked."""

    def to_internal_value(self, data: Any) -> Any:
        """Validated values. Raises ValidationError that names unknown members."""
        if isinstance(data, dict) and (unknown := sorted(set(map(str, data)) - set(self.fields))):
            raise serializers.ValidationError({name: ["知らない項目名です。"] for name in unknown})
        return super().to_internal_value(data)


class QuestionSerializer(StrictSerializer):
    """照会の共通部分."""

    register_row = serializers.RegexField(
        r"^[0-9A-Za-z-]{1,20}$", help_text="提供簿・移転簿の登録番号。この行が認める項目だけを返します。"
    )
    reference = serializers.RegexField(
        r"^[0-9A-Za-z_-]{1,40}$", help_text="連携先が付ける照会番号。同じ番号での再送は同じ内容に限ります。"
    )
    tax_year = serializers.IntegerField(min_value=2000, max_value=2100, help_text="課税年度(西暦)")
    known_on = serializers.DateField(
        required=False, help_text="基準日。この日の終わりに決定されていた内容を返します。省くと今日。"
    )
    items = serializers.ListField(
        child=serializers.ChoiceField(choices=sorted(ITEM_NAMES)),
        required=False,
        allow_empty=False,
        max_length=len(ITEM_NAMES),
        help_text="求める項目。省くと、登録簿の行が認める項目のすべて。",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A basis date of today or earlier, and no item named twice."""
        attrs.setdefault("known_on", clock.today())
        if attrs["known_on"] > clock.today():
            raise serializers.ValidationError({"known_on": ["基準日は今日以前の日にしてください。"]})
        items = attrs.setdefault("items", [])
        if len(set(items)) != len(items):
            raise serializers.ValidationError({"items": ["同じ項目が二度あります。"]})
        return attrs


def refuse_my_number(person_no: str, field: str) -> str:
    """A text that can be a My Number is never taken as a person number (N-025)."""
    if len(person_no) == 12 and my_number_valid(person_no):
        message = "個人番号では照会できません。宛名番号を指定してください。"
        raise Refused("R422-NUMBER", fields=[FieldProblem(field, message)], reason="number_in_question")
    return person_no


class LookupSerializer(QuestionSerializer):
    """一人の照会."""

    person_no = serializers.RegexField(PERSON_NO, help_text="宛名番号")

    def validate_person_no(self, value: str) -> str:
        """Not a My Number."""
        return refuse_my_number(value, "person_no")


class QuerySerializer(QuestionSerializer):
    """多人数の照会."""

    person_nos = serializers.ListField(
        child=serializers.RegexField(PERSON_NO),
        min_length=1,
        max_length=settings.TAXSYS_API_PERSONS_PER_CALL,
        help_text=f"宛名番号。一度に{settings.TAXSYS_API_PERSONS_PER_CALL}人まで。",
    )

    def validate_person_nos(self, value: list[str]) -> list[str]:
        """No My Number, nobody twice."""
        if len(set(value)) != len(value):
            raise serializers.ValidationError("同じ宛名番号が二度あります。")
        return [refuse_my_number(one, "person_nos") for one in value]


def _item_fields() -> dict[str, serializers.Field]:
    codes = {
        STATUS_ITEM: serializers.CharField(required=False, help_text="課税状況(1課税 2均等割のみ 3非課税)"),
        FILED_ITEM: serializers.CharField(required=False, help_text="申告の有無(1有 0無)"),
    }
    amounts = {
        name: serializers.IntegerField(required=False, help_text=title)
        for name, title in titles_ja().items()
        if name not in codes
    }
    return {**codes, **amounts}


# One member for each item of the dictionary, so that the OpenAPI document names them all.
IncomeItemsSerializer = type(
    "IncomeItemsSerializer", (serializers.Serializer,), {"__doc__": "登録簿の行が認める項目.", **_item_fields()}
)


class AnswerSerializer(serializers.Serializer):
    """一人の回答. `nondisclosed` は支援措置等の印で、必ず付く(N-097)."""

    person_no = serializers.CharField()
    outcome = serializers.ChoiceField(choices=ProvisionRecord.Outcome.choices)
    nondisclosed = serializers.BooleanField()
    decision_version = serializers.IntegerField(allow_null=True, help_text="賦課決定の版")
    decided_on = serializers.DateField(allow_null=True, help_text="決定年月日")
    items = IncomeItemsSerializer()


class LookupAnswerSerializer(serializers.Serializer):
    """一人の照会への回答."""

    register_row = serializers.CharField()
    tax_year = serializers.IntegerField()
    known_on = serializers.DateField()
    item_names = serializers.ListField(child=serializers.CharField())
    answer = AnswerSerializer()


class QueryAnswerSerializer(serializers.Serializer):
    """多人数の照会への回答. 回答は照会の順."""

    register_row = serializers.CharField()
    tax_year = serializers.IntegerField()
    known_on = serializers.DateField()
    item_names = serializers.ListField(child=serializers.CharField())
    answers = AnswerSerializer(many=True)


class RegisterItemSerializer(serializers.Serializer):
    """認められた項目."""

    name = serializers.CharField()
    title = serializers.CharField()


class RegisterRowSerializer(serializers.Serializer):
    """今日有効な登録簿の行."""

    register_row = serializers.CharField()
    affair = serializers.CharField(help_text="事務")
    legal_base = serializers.CharField(help_text="法令上の根拠")
    ordinance = serializers.CharField(help_text="条例の根拠")
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(allow_null=True)
    items = RegisterItemSerializer(many=True)


class FieldErrorSerializer(serializers.Serializer):
    """入力項目の誤り."""

    field = serializers.CharField()
    message = serializers.CharField()


class ProblemSerializer(serializers.Serializer):
    """拒否(RFC 9457). コードの一覧は docs/user/refusals.md."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    request_id = serializers.CharField()
    errors = FieldErrorSerializer(many=True, required=False)  # type: ignore[assignment]  # the member RFC 9457 users expect
