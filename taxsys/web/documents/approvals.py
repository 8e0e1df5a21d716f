"""docs/approvals.md out of the declarations: who proposes what, who approves it, what voids it, how it takes effect."""

from collections.abc import Iterator, Mapping

from taxsys.platform.approvals.registry import ApprovalKind, all_kinds
from taxsys.platform.jobs.declaration import Job
from taxsys.platform.jobs.registry import declared_jobs
from taxsys.platform.rights import permissions as rights
from taxsys.platform.staff.catalogue import permission_get
from taxsys.web.documents.pages import table

PAGE = "approvals.md"
_INTRO = """# 二人で決めること（決裁・出力解放・届出の確認）

この文書は `manage.py approvals_doc` が宣言から作ります。手で直さないでください。

どの種類でも同じこと:

- 決裁するのは、起案者とは別の人です。同じ人の別の職員番号、起案者の代決者、前の版の起案者も決裁できません。
- 案件の本人とその代決者も、決裁できません。
- 承認が及ぶのは、画面に表示された内容（ハッシュ）だけです。内容は起案の時に固定されます。
- 起案者が異動・退職した、または起案の権限が終わった案件は、承認しようとした時に失効します。
- 決裁者の権限は、決裁の瞬間に確かめます。
- 差戻し・失効の後の起案は次の版になり、前の版との違いが示されます。
- 二人が同時に決裁したときは、先の一人だけが有効で、もう一人には誰がいつ処理したかが示されます。
- 代決できるのは、決裁者本人がその時に持つ権限の範囲だけです。代決者の代決者は決裁できません。
- 個人番号を扱う種類は代決できません。
"""
_KIND_HEAD = ("種類", "コード", "起案する権限", "決裁する権限", "代決", "失効させるもの（共通のもののほか）", "効力")
_JOB_HEAD = ("バッチ", "番号", "段階", "依頼する権限", "承認・解放する権限", "できないとき")
_REQUEST_HEAD = ("届出", "届け出る権限", "確認する権限", "できないとき")


def _title(code: object) -> str:
    return f"{permission_get(str(code)).title_ja}（`{code}`）"


def _kind_row(entry: ApprovalKind) -> tuple[str, ...]:
    effect = f"バッチ {entry.job_id}" if entry.job_id else "決裁と同時"
    return (
        entry.title_ja,
        f"`{entry.kind}`",
        _title(entry.proposes),
        _title(entry.permission),
        "可" if entry.allows_deputy else "不可",
        entry.voided_by_ja,
        effect,
    )


def _job_rows(jobs: tuple[Job, ...]) -> Iterator[tuple[str, ...]]:
    for job in jobs:
        if job.approval is not None:
            yield (
                job.name_ja,
                job.id,
                "開始前の承認",
                _title(job.permission),
                _title(job.approval),
                "依頼の取下げ（破棄）",
            )
        if job.release is not None:
            extra = "、未処理の検証結果など" if job.release.refuse else ""
            yield (
                job.name_ja, job.id, "出力解放", _title(job.permission), _title(job.release.permission),
                f"不合格の検査、試算、同じ内容の新しい実行、成果物の改変{extra}",
            )  # fmt: skip


def approvals_pages() -> Mapping[str, str]:
    """The page."""
    lines = [_INTRO, "## 決裁一覧で決めるもの", ""]
    lines += [*table(_KIND_HEAD, map(_kind_row, all_kinds())), ""]
    lines += ["## バッチで決めるもの", "", "依頼した人（同じ人の別の職員番号を含む）は承認・解放できません。", ""]
    lines += [*table(_JOB_HEAD, _job_rows(declared_jobs())), ""]
    lines += ["## 権限の届出", "", "所属長またはその代理が届け出て、別々の二人が確認します。", ""]
    asked = ("権限の付与・取消", _title(rights.REQUEST), _title(rights.CONFIRM), "届出者・対象者・確認した人とその代理")
    lines += [*table(_REQUEST_HEAD, [asked]), ""]
    return {PAGE: "\n".join(lines)}
