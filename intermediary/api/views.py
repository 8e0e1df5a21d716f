"""庁内連携API: income items of people for neighbouring systems. People stand in the body, never in an address."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from intermediary.api import serializers as shapes
from intermediary.items import titles_ja
from intermediary.models import ProvisionRecord
from intermediary.permissions import PROVIDE_INCOME
from intermediary.selectors.register import rows_open_to
from intermediary.services.provision import Answer, Asked, Provided, call_count, income_provide
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import requires
from taxsys.platform.staff.models import ApiClient

Outcome = ProvisionRecord.Outcome
_MEDIA = "application/problem+json"
_ENDINGS = {
    Outcome.UNKNOWN: ("R404", "unknown_person"),
    Outcome.NO_DECISION: ("R404", "no_decision"),
    Outcome.HELD: ("R409-HELD", "reply_held"),
    Outcome.UNSETTLED: ("R409-UNSETTLED", "unsettled"),
}


def _problem(text: str) -> OpenApiResponse:
    return OpenApiResponse(shapes.ProblemSerializer, description=text)


_REFUSALS = {
    (400, _MEDIA): _problem("JSONとして読めない(R400)"),
    (401, _MEDIA): _problem("鍵がない・誤り・期限切れ(R401-CLIENT)"),
    (403, _MEDIA): _problem("権限なし(R403)、登録簿にない(R403-REGISTER)、認められていない項目(R403-ITEM)"),
    (422, _MEDIA): _problem("入力の誤り(R422)、個人番号による照会(R422-NUMBER)"),
    (429, _MEDIA): _problem("回数の超過(R429-RATE)"),
}


_NO_QUESTION = {key: _REFUSALS[key] for key in ((401, _MEDIA), (403, _MEDIA))}


def _client(request: Request) -> ApiClient:
    """The caller; the permission class lets nobody else through."""
    if not isinstance(request.user, ApiClient):
        raise Refused("R401-CLIENT", reason="client_key")
    return request.user


def _asked(values: dict[str, Any], person_nos: list[str]) -> Asked:
    return Asked(
        row_no=values["register_row"],
        reference=values["reference"],
        tax_year=values["tax_year"],
        known_on=values["known_on"],
        person_nos=tuple(person_nos),
        items=tuple(values["items"]),
    )


def _shown(answer: Answer) -> dict[str, Any]:
    return {
        "person_no": answer.person_no,
        "outcome": answer.outcome,
        "nondisclosed": answer.is_nondisclosed,
        "decision_version": answer.version,
        "decided_on": answer.decided_on,
        "items": dict(answer.items),
    }


def _frame(asked: Asked, provided: Provided) -> dict[str, Any]:
    return {
        "register_row": provided.row_no,
        "tax_year": asked.tax_year,
        "known_on": asked.known_on,
        "item_names": list(provided.items),
    }


@requires(PROVIDE_INCOME)
class IncomeLookup(APIView):
    """一人の所得・課税情報."""

    @extend_schema(
        operation_id="income_lookup",
        summary="一人の所得・課税情報を照会する",
        description="登録簿の行が認める項目だけを、基準日に決定されていた内容から返します。照会はすべて記録されます。",
        request=shapes.LookupSerializer,
        responses={
            200: shapes.LookupAnswerSerializer,
            **_REFUSALS,
            (404, _MEDIA): _problem("該当者なし・決定なし(R404)"),
            (409, _MEDIA): _problem(
                "自動応答不可(R409-HELD)、決定の処理中(R409-UNSETTLED)、照会番号の重なり(R409-REFERENCE)"
            ),
        },
    )
    def post(self, request: Request) -> Response:
        """Answer about one person; where there is nothing to answer, the refusal that says why."""
        client = _client(request)
        call_count(client)
        question = shapes.LookupSerializer(data=request.data)
        question.is_valid(raise_exception=True)
        asked = _asked(question.validated_data, [question.validated_data["person_no"]])
        provided = income_provide(client, asked)
        answer = provided.answers[0]
        if answer.outcome in _ENDINGS:
            code, reason = _ENDINGS[Outcome(answer.outcome)]
            raise Refused(code, reason=reason)
        return Response({**_frame(asked, provided), "answer": _shown(answer)})


@requires(PROVIDE_INCOME)
class IncomeQuery(APIView):
    """多人数の所得・課税情報."""

    @extend_schema(
        operation_id="income_query",
        summary="多人数の所得・課税情報を照会する",
        description="回答は照会の順で、回答できない人も outcome とともに必ず一件ずつ返します。",
        request=shapes.QuerySerializer,
        responses={
            200: shapes.QueryAnswerSerializer,
            **_REFUSALS,
            (409, _MEDIA): _problem("照会番号の重なり(R409-REFERENCE)"),
        },
    )
    def post(self, request: Request) -> Response:
        """Answer about up to as many people as the installation allows in one call."""
        client = _client(request)
        call_count(client)
        question = shapes.QuerySerializer(data=request.data)
        question.is_valid(raise_exception=True)
        asked = _asked(question.validated_data, question.validated_data["person_nos"])
        provided = income_provide(client, asked)
        return Response({**_frame(asked, provided), "answers": [_shown(one) for one in provided.answers]})


@requires(PROVIDE_INCOME)
class OwnRegisterRows(APIView):
    """この連携先に認められた登録簿の行."""

    @extend_schema(
        operation_id="register_rows",
        summary="この連携先に認められた登録簿の行と項目",
        responses={200: shapes.RegisterRowSerializer(many=True), **_NO_QUESTION},
    )
    def get(self, request: Request) -> Response:
        """The rows by which the caller may ask today, with the items of each."""
        rows = list(rows_open_to(_client(request).system, on=clock.today()))
        access_record(action="view", record_type="register_row", count=len(rows))
        titles = titles_ja()
        return Response(
            [
                {
                    "register_row": row.row_no,
                    "affair": row.affair,
                    "legal_base": row.legal_base,
                    "ordinance": row.ordinance,
                    "valid_from": row.valid_from,
                    "valid_to": row.valid_to,
                    "items": [{"name": name, "title": titles[name]} for name in row.items],
                }
                for row in rows
            ]
        )
