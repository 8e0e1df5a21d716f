"""還付の手紙の描画: the notice that money waits at the bank. Laid out as the letters of the debit desk."""

from __future__ import annotations

from collection.papers.debit_letter import DebitLetterDrawer


class RemittanceNoticeDrawer(DebitLetterDrawer):
    """還付金送金通知書の帳票 (L-CL-06)."""

    form_id = "L-CL-06"
    title_ja = "還付金送金通知書"
