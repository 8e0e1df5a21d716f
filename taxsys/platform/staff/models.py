"""職員・所属・権限・端末・連携先: who may do what, from where, and until when (R-013, R-067, R-218, R-227)."""

from datetime import date, datetime
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from taxsys.platform import clock


def open_period(on: date, start: str = "from_on", end: str = "to_on") -> Q:
    """Rows whose half-open period [start, end) covers the day `on`; an empty end is open."""
    return Q(**{f"{start}__lte": on}) & (Q(**{f"{end}__isnull": True}) | Q(**{f"{end}__gt": on}))


class Unit(models.Model):
    """所属: a division, branch office or contractor's room; permissions are granted per unit × function (R-013)."""

    class Kind(models.TextChoices):
        DIVISION = "division", "課"
        BRANCH = "branch", "支所・センター"
        CONTRACTOR = "contractor", "委託先"
        NEIGHBOUR = "neighbour", "関係部署"

    code = models.CharField("所属コード", max_length=20, unique=True)
    name = models.CharField("所属名", max_length=60)
    kind = models.CharField("種別", max_length=12, choices=Kind.choices, default=Kind.DIVISION)
    sort_order = models.PositiveIntegerField("並び順", default=0)
    is_active = models.BooleanField("有効", default=True)

    class Meta:
        verbose_name = "所属"
        ordering = ("sort_order", "code")

    def __str__(self) -> str:
        return self.name


class StaffManager(BaseUserManager["Staff"]):
    """Manager by staff number."""

    def get_by_natural_key(self, username: str | None) -> "Staff":
        """The officer with this staff number."""
        return self.get(staff_no=username)


class Staff(AbstractBaseUser):
    """職員: a person who signs in; officers of the city and people of contractors alike (R-181)."""

    class Kind(models.TextChoices):
        OFFICER = "officer", "職員"
        CONTRACTOR = "contractor", "委託先従事者"

    class Contract(models.TextChoices):
        OPERATION = "operation", "端末オペレーション"
        ENTRY = "entry", "データ入力"
        PRINTING = "printing", "印刷・封入封緘"
        MAINTENANCE = "maintenance", "保守"

    class Suspension(models.TextChoices):
        PASSWORD_EXPIRED = "password_expired", "パスワードの期限切れ"

    staff_no = models.CharField("職員番号", max_length=20, unique=True)
    person_no = models.CharField("個人の識別（同じ人の番号が複数あるとき）", max_length=40, blank=True)
    name = models.CharField("氏名", max_length=60)
    title = models.CharField("職名", max_length=30, blank=True)
    kind = models.CharField("種別", max_length=12, choices=Kind.choices, default=Kind.OFFICER)
    contract = models.CharField("委託", max_length=12, choices=Contract.choices, blank=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, verbose_name="所属", related_name="staff")
    transfer_unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, verbose_name="異動先", related_name="+", null=True, blank=True
    )
    transfer_on = models.DateField("異動日", null=True, blank=True)
    is_active = models.BooleanField("有効", default=True)
    valid_from = models.DateField("利用開始日")
    valid_to = models.DateField("利用終了日（この日から利用不可）", null=True, blank=True)
    suspended_reason = models.CharField("停止の理由", max_length=20, choices=Suspension.choices, blank=True)
    password_changed_at = models.DateTimeField("パスワード変更日時", null=True, blank=True)
    must_change_password = models.BooleanField("パスワードの変更が必要", default=False)
    reenabled_on = models.DateField("再開日", null=True, blank=True)
    acknowledged_on = models.DateField("守秘義務の確認日", null=True, blank=True)
    trained_on = models.DateField("研修の受講日", null=True, blank=True)
    emergency_until = models.DateTimeField("緊急時の権限の終了日時", null=True, blank=True)

    USERNAME_FIELD = "staff_no"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = StaffManager()

    class Meta:
        verbose_name = "職員"
        ordering = ("staff_no",)
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="staff_period_forward"
            ),
            models.CheckConstraint(
                condition=Q(transfer_on__isnull=True, transfer_unit__isnull=True)
                | Q(transfer_on__isnull=False, transfer_unit__isnull=False),
                name="staff_transfer_complete",
            ),
            models.CheckConstraint(
                condition=Q(kind="officer", contract="") | (Q(kind="contractor") & ~Q(contract="")),
                name="staff_contractor_has_a_contract",
            ),
        )

    def __str__(self) -> str:
        return self.staff_no

    def set_password(self, raw_password: str | None) -> None:
        """A new password begins its life now."""
        super().set_password(raw_password)
        self.password_changed_at = clock.now()

    @property
    def person_key(self) -> str:
        """The human behind the account: two accounts of one person share it, so that nobody is the own second pair."""
        return self.person_no or self.staff_no

    def unit_on(self, on: date | None = None) -> Unit:
        """The unit the officer belongs to on that day; the old unit ends at 00:00 of the transfer date (R-227)."""
        on = on or clock.today()
        if self.transfer_on is not None and self.transfer_unit is not None and on >= self.transfer_on:
            return self.transfer_unit
        return self.unit

    @property
    def is_in_emergency(self) -> bool:
        """Whether the emergency rights are in use this very moment; they end by themselves."""
        return self.emergency_until is not None and clock.now() < self.emergency_until

    def is_usable_on(self, on: date | None = None) -> bool:
        """Whether the account may be used on that day (active and inside its half-open period)."""
        on = on or clock.today()
        return self.is_active and self.valid_from <= on and (self.valid_to is None or on < self.valid_to)


class PasswordHistory(models.Model):
    """使ったパスワードのハッシュ: so that an officer does not take an earlier one again (R-220)."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="password_history")
    password_hash = models.CharField("ハッシュ", max_length=128)
    set_at = models.DateTimeField("記録日時", default=clock.now)

    class Meta:
        verbose_name = "パスワードの履歴"
        indexes = (models.Index(fields=("staff", "-set_at"), name="password_history_lookup"),)

    def __str__(self) -> str:
        return str(self.set_at)


class Role(models.Model):
    """役割: a named bundle of permission codes, from which grants are made."""

    code = models.CharField("役割コード", max_length=40, unique=True)
    name = models.CharField("役割名", max_length=60)

    class Meta:
        verbose_name = "役割"
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class RolePermission(models.Model):
    """役割に含まれる機能."""

    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="permissions")
    permission_code = models.CharField("機能", max_length=80)

    class Meta:
        verbose_name = "役割の機能"
        constraints = (models.UniqueConstraint(fields=("role", "permission_code"), name="role_permission_once"),)

    def __str__(self) -> str:
        return self.permission_code


class Grant(models.Model):
    """権限付与: staff × unit × permission × half-open period; acts only while the officer belongs to that unit."""

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="grants", verbose_name="職員")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="grants", verbose_name="所属")
    permission_code = models.CharField("機能", max_length=80)
    role = models.ForeignKey(Role, on_delete=models.PROTECT, null=True, blank=True, verbose_name="役割")
    from_on = models.DateField("開始日")
    to_on = models.DateField("終了日（この日から不可）", null=True, blank=True)
    granted_by = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="付与者"
    )
    granted_at = models.DateTimeField("付与日時", default=clock.now)
    approval_id = models.UUIDField("決裁", null=True, blank=True)

    class Meta:
        verbose_name = "権限付与"
        indexes = (models.Index(fields=("staff", "permission_code"), name="grant_lookup"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(to_on__isnull=True) | Q(to_on__gte=F("from_on")), name="grant_period_forward"
            ),
        )

    def __str__(self) -> str:
        return f"{self.staff_id}:{self.permission_code}"


class Room(models.TextChoices):
    """設置場所 of a terminal; contractors work only from the rooms of their contract (R-176, R-177)."""

    OFFICE = "office", "執務室"
    MACHINE = "machine", "庁内マシン室"
    ENTRY = "entry", "データ入力作業室"


def office_only() -> list[str]:
    """Where a terminal stands unless somebody says otherwise."""
    return [Room.OFFICE]


class Terminal(models.Model):
    """端末: the allow-list of places from which the system may be used (R-067, R-219)."""

    code = models.CharField("端末番号", max_length=20, unique=True)
    name = models.CharField("端末名", max_length=60)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="terminals", verbose_name="設置所属")
    address = models.GenericIPAddressField("登録アドレス", unique=True, null=True, blank=True)
    rooms = ArrayField(
        models.CharField(max_length=10, choices=Room.choices), verbose_name="設置場所", default=office_only
    )
    is_number_use = models.BooleanField("番号利用端末", default=False)
    is_active = models.BooleanField("有効", default=True)

    class Meta:
        verbose_name = "端末"
        ordering = ("code",)

    def __str__(self) -> str:
        return self.code


class TerminalCertificate(models.Model):
    """端末証明書: the certificate by which the proxy knows a terminal; registered by two, stopped by one."""

    terminal = models.ForeignKey(Terminal, on_delete=models.PROTECT, related_name="certificates", verbose_name="端末")
    fingerprint = models.CharField("指紋（SHA-256）", max_length=64, unique=True)
    serial = models.CharField("シリアル番号", max_length=40)
    subject = models.CharField("主体者", max_length=200)
    not_before = models.DateTimeField("有効期間の始め")
    not_after = models.DateTimeField("有効期間の終り")
    approval_id = models.UUIDField("決裁", null=True, blank=True)
    registered_at = models.DateTimeField("登録日時", default=clock.now)
    revoked_at = models.DateTimeField("停止日時", null=True, blank=True)
    revoked_by = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="停止した人"
    )

    class Meta:
        verbose_name = "端末証明書"
        ordering = ("terminal", "-not_after")
        constraints = (
            models.CheckConstraint(
                condition=Q(not_after__gt=F("not_before")), name="terminal_certificate_period_forward"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="terminal_certificate_revoked_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return self.serial


class ApiClient(models.Model):
    """連携先: a neighbouring system that calls the REST API with a key; only the hash of the key is kept."""

    name = models.CharField("連携先名", max_length=60)
    system = models.CharField("システムコード", max_length=40, unique=True)
    key_hash = models.CharField("鍵のハッシュ", max_length=64, unique=True)
    is_active = models.BooleanField("有効", default=True)
    valid_from = models.DateField("開始日")
    valid_to = models.DateField("終了日（この日から不可）", null=True, blank=True)

    class Meta:
        verbose_name = "連携先"
        ordering = ("system",)

    def __str__(self) -> str:
        return self.system

    # The two attributes by which Django REST framework tells an authenticated caller.
    is_authenticated = True
    is_anonymous = False

    def is_usable_on(self, on: date | None = None) -> bool:
        """Whether the client may call on that day."""
        on = on or clock.today()
        return self.is_active and self.valid_from <= on and (self.valid_to is None or on < self.valid_to)


class ApiClientGrant(models.Model):
    """連携先への権限付与: client × permission × half-open period."""

    client = models.ForeignKey(ApiClient, on_delete=models.PROTECT, related_name="grants", verbose_name="連携先")
    permission_code = models.CharField("機能", max_length=80)
    from_on = models.DateField("開始日")
    to_on = models.DateField("終了日（この日から不可）", null=True, blank=True)

    class Meta:
        verbose_name = "連携先の権限付与"
        constraints = (
            models.UniqueConstraint(fields=("client", "permission_code", "from_on"), name="client_grant_once"),
        )

    def __str__(self) -> str:
        return f"{self.client_id}:{self.permission_code}"


class OneTimeCode(models.Model):
    """確認コード: a short-lived second factor of the demonstration profile; only its keyed hash is kept."""

    class Purpose(models.TextChoices):
        SIGN_IN = "sign_in", "サインイン"
        STEP_UP = "step_up", "再確認"

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="one_time_codes")
    purpose = models.CharField("用途", max_length=10, choices=Purpose.choices)
    code_hash = models.CharField("ハッシュ", max_length=64)
    issued_at = models.DateTimeField("発行日時")
    expires_at = models.DateTimeField("期限")
    used_at = models.DateTimeField("使用日時", null=True, blank=True)
    failed_attempts = models.PositiveSmallIntegerField("誤入力回数", default=0)

    class Meta:
        verbose_name = "確認コード"
        indexes = (models.Index(fields=("staff", "purpose", "-issued_at"), name="one_time_code_lookup"),)

    def __str__(self) -> str:
        return self.purpose

    def is_open(self, at: datetime) -> bool:
        """Whether the code may still be tried: unused, not expired, fewer than five wrong tries."""
        return self.used_at is None and at < self.expires_at and self.failed_attempts < 5


class KeyEnrolment(models.Model):
    """鍵の登録の許し: opened by one person and approved by another; good for one key within half an hour."""

    class Purpose(models.TextChoices):
        ADDITIONAL = "additional", "登録"
        RECOVERY = "recovery", "再登録（今までの鍵は使えなくなります）"

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="key_enrolments", verbose_name="職員")
    purpose = models.CharField("目的", max_length=10, choices=Purpose.choices)
    opened_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="届出者")
    approved_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="決裁者")
    opened_at = models.DateTimeField("許可日時", default=clock.now)
    expires_at = models.DateTimeField("期限")
    used_at = models.DateTimeField("登録日時", null=True, blank=True)

    class Meta:
        verbose_name = "鍵の登録の許し"
        constraints = (
            models.CheckConstraint(
                condition=Q(opened_by__isnull=True, approved_by__isnull=True)
                | (~Q(opened_by=F("approved_by")) & ~Q(opened_by=F("staff")) & ~Q(approved_by=F("staff"))),
                name="key_enrolment_by_two_others",
            ),
        )

    def __str__(self) -> str:
        return self.purpose


class SecurityKey(models.Model):
    """鍵: the public half of a device-bound key of one officer; the private half never leaves the key."""

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="security_keys", verbose_name="職員")
    credential_id = models.CharField("鍵の識別子", max_length=1400, unique=True)
    public_key = models.CharField("公開鍵", max_length=2000)
    sign_count = models.BigIntegerField("使用回数")
    aaguid = models.CharField("機種", max_length=36)
    attestation_format = models.CharField("証明の形式", max_length=20)
    enrolment = models.OneToOneField(KeyEnrolment, on_delete=models.PROTECT, related_name="key")
    enrolled_at = models.DateTimeField("登録日時", default=clock.now)
    last_used_at = models.DateTimeField("最終使用日時", null=True, blank=True)
    revoked_at = models.DateTimeField("停止日時", null=True, blank=True)

    class Meta:
        verbose_name = "セキュリティキー"
        indexes = (models.Index(fields=("staff", "revoked_at"), name="security_key_lookup"),)

    def __str__(self) -> str:
        return self.aaguid


class KeyChallenge(models.Model):
    """鍵への問い: one open challenge per officer and purpose; it serves one answer."""

    class Purpose(models.TextChoices):
        SIGN_IN = "sign_in", "サインイン"
        STEP_UP = "step_up", "再確認"
        ENROL = "enrol", "登録"

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="key_challenges")
    purpose = models.CharField("用途", max_length=10, choices=Purpose.choices)
    challenge = models.CharField("問い", max_length=200)
    expires_at = models.DateTimeField("期限")

    class Meta:
        verbose_name = "鍵への問い"
        constraints = (models.UniqueConstraint(fields=("staff", "purpose"), name="key_challenge_one_open"),)

    def __str__(self) -> str:
        return self.purpose
