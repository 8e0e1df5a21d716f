"""端末の画面: the allow-list, proposals for it, and stopping a terminal or a certificate at once."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from taxsys.platform import clock
from taxsys.platform.approvals.errors import ApprovalError
from taxsys.platform.audit.services import access_record
from taxsys.platform.rights import errors
from taxsys.platform.rights import terminals as desk
from taxsys.platform.rights.permissions import TERMINALS, VIEW
from taxsys.platform.rights.views.refusing import refused
from taxsys.platform.staff.access import requires
from taxsys.platform.staff.models import Room, Terminal, TerminalCertificate, Unit


def _units() -> list[tuple[str, str]]:
    return list(Unit.objects.filter(is_active=True).values_list("code", "name"))


class TerminalForm(forms.Form):
    """端末の登録・変更の届出."""

    code = forms.RegexField(
        label="端末番号",
        regex=r"^[A-Z0-9-]{2,20}$",
        help_text="半角の英大文字・数字・ハイフン。登録済みの番号は変更になります。",
    )
    name = forms.CharField(label="端末名", max_length=60)
    unit_code = forms.ChoiceField(label="設置所属", choices=_units)
    rooms = forms.MultipleChoiceField(label="設置場所", choices=Room.choices, widget=forms.CheckboxSelectMultiple)
    address = forms.GenericIPAddressField(label="登録アドレス", required=False)
    is_number_use = forms.BooleanField(label="番号利用端末（個人番号を扱える）", required=False)
    certificate = forms.CharField(
        label="端末証明書（PEM）",
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="秘密鍵は貼り付けないでください。証明書だけを登録します。",
    )

    def clean_certificate(self) -> desk.Certificate | None:
        """The certificate, read; None when the box is empty."""
        text = self.cleaned_data["certificate"].strip()
        if "PRIVATE KEY" in text:
            raise forms.ValidationError("秘密鍵が含まれています。登録しませんでした。その鍵は使わないでください。")
        try:
            return desk.certificate_read(text) if text else None
        except errors.NotGrantable as error:
            raise forms.ValidationError(error.message_ja) from error


@requires(VIEW)
@require_safe
def terminals(request: HttpRequest) -> HttpResponse:
    """端末の一覧: where the system may be used from."""
    now = clock.now()
    rows = [
        {
            "terminal": terminal,
            "rooms_ja": "・".join(Room(room).label for room in sorted(terminal.rooms)),
            "certificates": [
                {"row": row, "is_good": row.revoked_at is None and row.not_before <= now < row.not_after}
                for row in terminal.certificates.all()
            ],
        }
        for terminal in Terminal.objects.select_related("unit").prefetch_related("certificates")
    ]
    access_record(action="view", record_type="terminal", count=len(rows))
    return render(request, "rights/terminals.html", {"rows": rows, "tab": "terminals"})


@requires(TERMINALS)
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest) -> HttpResponse:
    """端末の登録・変更を届け出る."""
    actor: Any = request.user
    form = TerminalForm(request.POST or None, initial={"rooms": [Room.OFFICE]})
    if request.method == "POST" and form.is_valid():
        try:
            approval = desk.terminal_propose(desk.TerminalWanted(**form.cleaned_data), actor=actor)
        except errors.NotAppointed as error:
            raise refused(error) from error
        except (errors.RightsError, ApprovalError) as error:
            form.add_error(None, error.message_ja)
        else:
            access_record(action="create", record_type="approval", record_id=str(approval.pk), reason="terminal")
            messages.success(request, "届け出ました。別の権限管理者の決裁で使えるようになります。")
            return redirect("rights-terminals")
    status = 422 if request.method == "POST" else 200
    return render(request, "rights/terminal.html", {"form": form, "tab": "terminals"}, status=status)


@requires(TERMINALS)
@require_POST
def stop(request: HttpRequest, terminal_id: int) -> HttpResponse:
    """端末を止める."""
    actor: Any = request.user
    terminal = get_object_or_404(Terminal, pk=terminal_id)
    try:
        desk.terminal_stop(terminal, actor=actor)
    except errors.RightsError as error:
        raise refused(error) from error
    access_record(action="update", record_type="terminal", record_id=terminal.code, reason="stopped")
    messages.success(request, f"端末{terminal.code}を止めました。")
    return redirect("rights-terminals")


@requires(TERMINALS)
@require_POST
def revoke(request: HttpRequest, certificate_id: int) -> HttpResponse:
    """端末証明書を止める."""
    actor: Any = request.user
    certificate = get_object_or_404(TerminalCertificate.objects.select_related("terminal"), pk=certificate_id)
    try:
        desk.certificate_revoke(certificate, actor=actor)
    except errors.RightsError as error:
        raise refused(error) from error
    access_record(action="update", record_type="terminal_certificate", record_id=certificate.serial, reason="revoked")
    messages.success(request, f"端末{certificate.terminal.code}の証明書を止めました。")
    return redirect("rights-terminals")
