"""本人の記録の取りまとめ (証明): certificates issued about the person (R-283)."""

from uuid import UUID

from certificates.models import CertificateIssue
from taxsys.kernel import wareki
from taxsys.platform.registers.dossier import Asked, Column, PersonTable, Section, section_register
from taxsys.platform.ui.templatetags.house import wareki_year


def certificate_tables(asked: Asked) -> list[PersonTable]:
    """証明書の交付; of whoever asked only the relation, never the name."""
    issues = CertificateIssue.objects.filter(subject_id=UUID(asked.party_key)).order_by("-issued_at")
    return [
        PersonTable(
            "証明書の交付",
            (
                Column("交付日", 44),
                Column("証明書番号", 40, "key"),
                Column("年度", 30),
                Column("請求者の区分", 40),
                Column("通数", 20, is_number=True),
            ),
            [
                [
                    wareki.format_long(one.issued_on),
                    one.certificate_no,
                    wareki_year(one.tax_year),
                    one.get_relation_display(),
                    str(one.copies),
                ]
                for one in issues
            ],
        )
    ]


def section_of_certificates() -> None:
    """Register the section (AppConfig.ready)."""
    section_register(Section(name="certificates", title_ja="証明", order=50, tables=certificate_tables))
