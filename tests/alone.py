"""`python -m tests.alone REPORT -- command …`: run a command where there is no network but loopback.

The command gets a network namespace of its own. Beside loopback it holds one device, the way to everywhere else, which
leads into this process: whatever anything in there sends to another address is written to REPORT (JSON), and nothing
answers. Where even that device cannot be made, other addresses are unreachable and the report says so.
"""

import ctypes
import fcntl
import ipaddress
import json
import os
import selectors
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
_SIOCADDRT, _SIOCGIFFLAGS, _SIOCSIFFLAGS, _SIOCSIFADDR, _TUNSETIFF = 0x890B, 0x8913, 0x8914, 0x8916, 0x400454CA
_UP_RUNNING, _TUN_PLAIN = 0x41, 0x1001  # IFF_UP | IFF_RUNNING; IFF_TUN | IFF_NO_PI
_OUTSIDE = "192.0.2.1"  # of the range kept for examples (RFC 5737)
_libc = ctypes.CDLL(None, use_errno=True)


def _unshare(flags: int) -> None:
    if _libc.unshare(flags) != 0:
        raise OSError(ctypes.get_errno(), "network namespaces are not permitted here")


def enter() -> None:
    """Put this process into a network namespace of its own; raises OSError where that is not permitted."""
    uid, gid = os.geteuid(), os.getegid()
    if uid == 0 and _permitted(lambda: _unshare(CLONE_NEWNET)):
        _unshare(CLONE_NEWNET)
        return
    _unshare(CLONE_NEWUSER | CLONE_NEWNET)
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1", encoding="ascii")


def _permitted(attempt: Callable[[], None]) -> bool:
    """Whether `attempt` succeeds, tried in a process of its own."""
    child = os.fork()
    if child == 0:
        try:
            attempt()
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def is_permitted() -> bool:
    """Whether this machine lets us have a network namespace."""
    return _permitted(enter)


def _up(name: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sH14x", name, _UP_RUNNING))


def way_out() -> int | None:
    """The device that leads everywhere else, as a descriptor to read packets from; None where it cannot be made."""
    try:
        device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        name = fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH14x", b"outside", _TUN_PLAIN))[:16]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            address = struct.pack("HH4s8x", socket.AF_INET, 0, socket.inet_aton(_OUTSIDE))
            fcntl.ioctl(control, _SIOCSIFADDR, struct.pack("16s16s", name, address))
            _up(name)
            anywhere = struct.pack("HH4s8x", socket.AF_INET, 0, b"\0\0\0\0")
            called = ctypes.create_string_buffer(name)
            route = struct.pack("@L16s16s16sH6xL8xH6xPLLH6x", 0, anywhere, anywhere, anywhere, 1, 0, 0,
                                ctypes.addressof(called), 0, 0, 0)  # fmt: skip
            fcntl.ioctl(control, _SIOCADDRT, route)
    except OSError as error:
        sys.stderr.write(f"no way out to watch ({error}); other addresses are unreachable\n")
        return None
    return device


def described(packet: bytes) -> str:
    """`udp 192.0.2.53:53` for one packet; empty for what the kernel itself says to its neighbours over IPv6."""
    if packet[0] >> 4 == 4:
        header, protocol, target = (packet[0] & 15) * 4, packet[9], ipaddress.ip_address(packet[16:20])
    else:
        header, protocol, target = 40, packet[6], ipaddress.ip_address(packet[24:40])
        if target.is_multicast:
            return ""
    port = int.from_bytes(packet[header + 2 : header + 4], "big") if protocol in {6, 17} else 0
    return f"{ {6: 'tcp', 17: 'udp'}.get(protocol, f'protocol {protocol}') } {target}:{port}"


def watched(command: list[str], device: int | None) -> tuple[int, list[str]]:
    """Run the command to its end; its status, and what it sent out."""
    sent: list[str] = []
    process = subprocess.Popen(command)
    with selectors.DefaultSelector() as selector:
        if device is not None:
            selector.register(device, selectors.EVENT_READ)
        while process.poll() is None:
            for _key, _events in selector.select(0.2):
                sent.append(described(os.read(device or 0, 65536)))
    return process.returncode, [one for one in sent if one]


def main(arguments: list[str]) -> int:
    """Entry; the command's status, 125 where namespaces are not permitted."""
    report, command = Path(arguments[0]), arguments[2:]
    try:
        enter()
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 125
    _up(b"lo")
    device = way_out()
    status, sent = watched(command, device)
    report.write_text(json.dumps({"is_watched": device is not None, "sent": sent}), encoding="utf-8")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
