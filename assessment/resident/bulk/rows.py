"""The rows of a run: facts, results, collection shares and papers left out, by COPY of columns."""
# ruff: noqa: S608 -- the statements are put together from constants of this module; values travel as parameters

from collections.abc import Mapping, Sequence
from uuid import UUID

import numpy as np
from django.db import connection

from assessment.resident.collection_split import WAGE, Shares
from assessment.resident.facts import BuiltFacts
from taxsys.kernel.columns import Array, Batch
from taxsys.kernel.pipeline import GuardFailure
from taxsys.platform.among import uuid_array
from taxsys.platform.copying import (
    Raw,
    Same,
    bigint,
    bigint_array,
    bigint_arrays,
    copy_columns,
    text_array,
    text_column,
    uuid_column,
)

_MESSAGE_LENGTH = 200
_PERSON_TABLES = (
    "assessment_residentfacts", "assessment_residentresult", "assessment_collectionshare",
    "assessment_paperdifference",
)  # fmt: skip


def rows_clear(run_id: int, party_ids: Sequence[UUID]) -> None:
    """Take earlier rows of the run and of these people away, before they are written anew."""
    people = uuid_array(party_ids)
    with connection.cursor() as cursor:
        for table in _PERSON_TABLES:
            cursor.execute(f"DELETE FROM {table} WHERE run_id = %s AND party_id = ANY(%s::uuid[])", [run_id, people])
        cursor.execute(
            """DELETE FROM assessment_documentexclusion AS e USING assessment_sourcedocument AS d
                WHERE e.run_id = %s AND d.id = e.document_id AND d.party_id = ANY(%s::uuid[])""",
            [run_id, people],
        )


def facts_copy(run_id: int, built: BuiltFacts) -> None:
    """Facts of the people and the papers they came from."""
    with connection.cursor() as cursor:
        copy_columns(
            cursor,
            "assessment_residentfacts",
            {
                "run_id": Same(bigint(run_id)),
                "party_id": uuid_column(built.party_ids),
                "document_ids": Raw([bigint_array(one.adopted) for one in built.found]),
                **built.batch,
            },
        )


def results_copy(run_id: int, party_ids: Sequence[UUID], columns: Batch, *, stops: Mapping[int, GuardFailure]) -> None:
    """Result columns of the people; a stopped row has its code and reason."""
    codes, reasons = [b""] * len(party_ids), [b""] * len(party_ids)
    for row, failure in stops.items():
        codes[row], reasons[row] = failure.code.encode(), failure.message_ja[:_MESSAGE_LENGTH].encode()
    with connection.cursor() as cursor:
        copy_columns(
            cursor,
            "assessment_residentresult",
            {
                "run_id": Same(bigint(run_id)),
                "party_id": uuid_column(party_ids),
                "stop_code": Raw(codes),
                "stop_message_ja": Raw(reasons),
                **columns,
            },
        )


def shares_copy(run_id: int, built: BuiltFacts, rows: Array, shares: Sequence[Shares]) -> None:
    """Collection shares; `rows` are the rows of `built` that the positions of the shares count in."""
    with connection.cursor() as cursor:
        for share in shares:
            people = rows[share.rows].tolist()
            is_wage = share.method == WAGE
            payers = [built.found[row].withholder_id for row in people] if is_wage else []
            copy_columns(
                cursor,
                "assessment_collectionshare",
                {
                    "run_id": Same(bigint(run_id)),
                    "party_id": uuid_column([built.party_ids[row] for row in people]),
                    "method": Same(share.method.encode()),
                    "withholder_id": np.array(payers, dtype=np.int64) if is_wage else Same(None),
                    "employee_no": text_column([built.found[row].employee_no for row in people])
                    if is_wage
                    else Same(b""),
                    "city_yen": share.parts.city_yen,
                    "prefecture_yen": share.parts.prefecture_yen,
                    "forest_yen": share.parts.forest_yen,
                    "total_yen": share.parts.total_yen,
                    "due_keys": Same(text_array(share.keys)),
                    "instalments": bigint_arrays(share.instalments),
                    "pension_tax_yen": Same(bigint(0)) if share.pension_tax_yen is None else share.pension_tax_yen,
                },
            )


def exclusions_copy(run_id: int, built: BuiltFacts) -> None:
    """Papers that did not count, each with its reason and what was used instead."""
    left_out = [(paper, code, one.adopted) for one in built.found for paper, code in one.excluded]
    with connection.cursor() as cursor:
        copy_columns(
            cursor,
            "assessment_documentexclusion",
            {
                "run_id": Same(bigint(run_id)),
                "document_id": np.array([paper for paper, _, _ in left_out], dtype=np.int64),
                "reason_code": text_column([code for _, code, _ in left_out]),
                "adopted_documents": Raw([bigint_array(adopted) for _, _, adopted in left_out]),
            },
        )


def differences_copy(run_id: int, built: BuiltFacts) -> None:
    """Where the papers of a person disagree with each other or with the ledger of losses."""
    told = [
        (party, *one)
        for party, person in zip(built.party_ids, built.found, strict=True)
        for one in dict.fromkeys(person.differences)
    ]
    if not told:
        return
    with connection.cursor() as cursor:
        copy_columns(
            cursor,
            "assessment_paperdifference",
            {
                "run_id": Same(bigint(run_id)),
                "party_id": uuid_column([party for party, *_ in told]),
                "code": text_column([code for _, code, _, _ in told]),
                "stated_yen": np.array([stated for _, _, stated, _ in told], dtype=np.int64),
                "other_yen": np.array([other for _, _, _, other in told], dtype=np.int64),
            },
        )
