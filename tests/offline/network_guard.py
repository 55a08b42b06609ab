"""Close a Python process to the network, the machine itself excepted.

The tests do this to themselves and, through `sitecustomize` on PYTHONPATH, to every notebook kernel
and Python program that they start: a lesson that reaches for the internet fails on every machine,
not only where there is none. The guard is an audit hook, which Python code cannot go around;
`.ci/run` adds a network namespace without devices where the system permits it, for compiled code.
"""

import sys

LOOPBACK_NAMES = {"localhost", "ip6-localhost", ""}
_closed = False


def close_network() -> None:
    """From now on, connecting or looking up a name outside this machine raises an OSError."""
    global _closed
    if not _closed:
        sys.addaudithook(_refuse_outside)
        _closed = True


def _refuse_outside(event: str, arguments: tuple) -> None:
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        if isinstance(address, tuple) and not _is_this_machine(address[0]):
            raise ConnectionRefusedError(_explanation(f"{address[0]}:{address[1]}"))
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
        if host is not None and not _is_this_machine(host):
            import socket

            raise socket.gaierror(socket.EAI_FAIL, _explanation(host))


def _is_this_machine(host: str | bytes) -> bool:
    import ipaddress
    import socket

    name = host.decode(errors="replace") if isinstance(host, bytes) else str(host)
    if name in LOOPBACK_NAMES or name == socket.gethostname():
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _explanation(destination: str | bytes) -> str:
    return (
        f"the tests close the network, and this reached for {destination!r}: lessons work offline"
    )
