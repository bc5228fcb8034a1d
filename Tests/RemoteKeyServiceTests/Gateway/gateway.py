"""A gateway for tests: mutual TLS by Python, one plan a line on standard input for each connection, one line on standard output for
what happened. It knows no key: what it answers stands in the plan."""

import socket
import ssl
import sys

LIMIT = 20


def exactly(stream, count):
    """So many bytes, or fewer when the other side has ended."""
    found = b""
    while len(found) < count:
        piece = stream.recv(count - len(found))
        if not piece:
            break
        found += piece
    return found


def until_end(stream):
    """Waits until the other side ends the connection."""
    try:
        while stream.recv(4096):
            pass
    except OSError:
        pass


def say(*words):
    """A line of what happened."""
    print(*words, flush=True)


def serve(connection, context, plan, rest):
    """One connection by its plan."""
    if plan == "drop":
        return say("dropped")
    if plan == "mute":
        until_end(connection)
        return say("was left")
    with context.wrap_socket(connection, server_side=True) as stream:
        say("greeted", stream.version(), dict(pair[0] for pair in stream.getpeercert()["subject"])["commonName"])
        if plan == "greet":
            return until_end(stream)
        head = exactly(stream, 2)
        if len(head) < 2:
            return say("was asked nothing")
        say("asked", exactly(stream, int.from_bytes(head, "big")).decode())
        if plan == "answer":
            stream.sendall(len(rest).to_bytes(2, "big") + rest.encode())
        elif plan == "trickle":
            for byte in len(rest).to_bytes(2, "big") + rest.encode():
                stream.sendall(bytes([byte]))
        elif plan == "raw":
            stream.sendall(bytes.fromhex(rest))
        elif plan == "part":
            # the beginning of an answer, and then the end or nothing more
            stream.sendall(bytes.fromhex(rest.split()[0]))
        if plan == "hang" or rest.endswith(" hang"):
            until_end(stream)
            return say("was left")
        if plan not in ("cut", "part"):
            until_end(stream)
        return None


def main():
    """Serves on a port that the system chooses until standard input ends."""
    authorities, certificate, key = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(authorities)
    context.verify_mode = ssl.CERT_REQUIRED
    with socket.create_server(("127.0.0.1", 0)) as server:
        say("port", server.getsockname()[1])
        for line in sys.stdin:
            plan, _, rest = line.rstrip("\n").partition(" ")
            connection, _ = server.accept()
            connection.settimeout(LIMIT)
            with connection:
                try:
                    serve(connection, context, plan, rest)
                except OSError as error:
                    say("failed", getattr(error, "reason", None) or type(error).__name__)
            say("closed")


main()
