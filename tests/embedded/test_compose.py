"""The compose file: all parts, one open door, secrets only from files. No container engine is needed to check this."""

import subprocess
from typing import Any

import pytest
import yaml

from taxsys.embedded.postgres import SILENT_LOG
from tests.architecture.source import ROOT

HOUSE = ("web", "worker", "scheduler", "migrate")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


def test_every_part_of_an_installation_is_there(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {*HOUSE, "postgres", "valkey", "proxy"}


def test_only_the_proxy_is_open_to_the_network(compose: dict[str, Any]) -> None:
    assert [name for name, service in compose["services"].items() if service.get("ports")] == ["proxy"]
    assert compose["networks"]["inside"]["internal"] is True
    outside = [name for name, service in compose["services"].items() if "outside" in service["networks"]]
    assert outside == ["proxy"]


def test_the_database_s_log_quotes_no_row_statement_or_parameter(compose: dict[str, Any]) -> None:
    command = compose["services"]["postgres"]["command"]
    assert {f"{name}={value}" for name, value in SILENT_LOG.items()} <= set(command)
    assert SILENT_LOG["log_error_verbosity"] == "terse"


def test_no_secret_stands_in_the_environment(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            if any(word in name for word in ("PASSWORD", "SECRET")):
                assert str(value).startswith("/run/secrets/"), name
            if name.endswith("DATABASE_URL") or name == "REDIS_URL":
                assert ":" not in str(value).split("://")[1].rpartition("@")[0]


def test_every_secret_used_is_declared_as_a_file(compose: dict[str, Any]) -> None:
    used = {secret for service in compose["services"].values() for secret in service.get("secrets", [])}
    assert used == set(compose["secrets"])
    assert all(secret["file"].startswith("./secrets/") for secret in compose["secrets"].values())


def test_only_the_migration_holds_the_owner_s_password(compose: dict[str, Any]) -> None:
    holders = [
        name for name, service in compose["services"].items() if "database_owner_password" in service.get("secrets", [])
    ]
    assert holders == ["migrate", "postgres"]


def test_mounted_files_of_the_repository_exist(compose: dict[str, Any]) -> None:
    mounts = [volume for service in compose["services"].values() for volume in service.get("volumes", [])]
    files = {mount.split(":")[0] for mount in mounts if mount.startswith(("./docker", "./taxsys"))}
    assert len(files) == 6
    assert [name for name in files if not (ROOT / name).is_file()] == []


def test_the_house_s_containers_have_no_more_rights_than_they_need(compose: dict[str, Any]) -> None:
    for name in HOUSE:
        service = compose["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_every_role_of_a_container_is_known_to_its_entrypoint(compose: dict[str, Any]) -> None:
    text = (ROOT / "docker" / "entrypoint.sh").read_text(encoding="utf-8")
    for name in HOUSE:
        assert f"\n  {compose['services'][name]['command'][0]})\n" in text


@pytest.mark.parametrize("name", ["entrypoint.sh", "database.sh", "valkey.sh"])
def test_scripts_are_sound_shell_and_executable(name: str) -> None:
    path = ROOT / "docker" / name
    assert path.stat().st_mode & 0o100
    assert subprocess.run(["sh", "-n", str(path)], check=False).returncode == 0


def test_an_unknown_role_is_refused() -> None:
    answer = subprocess.run(
        ["sh", str(ROOT / "docker" / "entrypoint.sh"), "shell"], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 64
    assert "unknown role: shell" in answer.stderr


def test_everything_the_image_copies_exists_and_may_enter_the_context() -> None:
    lines = (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8").splitlines()
    words = [line.split()[1:-1] for line in lines if line.startswith("COPY ") and "--from" not in line]
    sources = [source for line in words for source in line]
    allowed = {
        line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"
    }
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert {source.split("/")[0] for source in sources} - allowed == set()


@pytest.mark.req("R-219")
def test_the_proxy_replaces_what_a_client_says_about_its_terminal_and_asks_for_certificates_only_where_told(
    compose: dict[str, Any],
) -> None:
    headers = (ROOT / "docker" / "proxy-headers.conf").read_text(encoding="utf-8")
    for name in ("X-Forwarded-For", "X-Taxsys-Client-Verify", "X-Taxsys-Client-Certificate"):
        assert f"proxy_set_header {name} $" in headers
    server = (ROOT / "docker" / "proxy.conf").read_text(encoding="utf-8")
    assert server.count("include /etc/nginx/taxsys-terminals.conf;") == 1
    by_certificate = (ROOT / "docker" / "terminals-by-certificate.conf").read_text(encoding="utf-8")
    assert "ssl_verify_client optional;" in by_certificate
    by_address = (ROOT / "docker" / "terminals-by-address.conf").read_text(encoding="utf-8")
    assert "ssl_verify_client" not in by_address
    mounted = [volume for volume in compose["services"]["proxy"]["volumes"] if "taxsys-terminal" in volume]
    assert mounted == [
        "${TAXSYS_TERMINAL_CONF:-./docker/terminals-by-address.conf}:/etc/nginx/taxsys-terminals.conf:ro",
        "${TAXSYS_TERMINAL_CA:-/dev/null}:/etc/nginx/taxsys-terminal-ca.pem:ro",
    ]
