"""The OpenAPI document is that of the code, and says what the API does."""

from pathlib import Path
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.validation import validate_schema

from intermediary.items import ITEM_NAMES, titles_ja

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return schema


def test_the_document_in_docs_is_up_to_date(document: dict[str, Any]) -> None:
    written = (ROOT / "docs" / "api" / "openapi.yaml").read_bytes()
    assert OpenApiYamlRenderer().render(document, renderer_context={}) == written, "make docs writes it anew"


def test_the_document_is_valid_and_names_every_refusal(document: dict[str, Any]) -> None:
    validate_schema(document)
    lookup = document["paths"]["/api/v1/income/lookup"]["post"]
    assert set(lookup["responses"]) == {"200", "400", "401", "403", "404", "409", "422", "429"}
    assert lookup["security"] == [{"clientKey": []}]
    for status, response in lookup["responses"].items():
        assert list(response["content"]) == ["application/json" if status == "200" else "application/problem+json"]


def test_no_person_stands_in_an_address(document: dict[str, Any]) -> None:
    assert not [path for path in document["paths"] if "{" in path]
    assert not [
        parameter
        for path in document["paths"].values()
        for method in path.values()
        for parameter in method.get("parameters", ())
    ]


def test_every_item_of_the_dictionary_is_described_in_japanese(document: dict[str, Any]) -> None:
    items = document["components"]["schemas"]["IncomeItems"]["properties"]
    assert set(items) == ITEM_NAMES
    assert items["total_income"]["description"] == titles_ja()["total_income"] == "合計所得金額"
