"""Stands between a virtual card and the reader: notes what goes over the wire, cuts it, or changes it."""

import select
import socket
import threading

FIRST_PORT = 35963  # vpcd's first slot; slot n listens on this port + n
ANSWER_TO_RESET = b"\x04"


def take(connection, count):
    """So many bytes, or None when the other side has gone."""
    taken = b""
    while len(taken) < count:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)  # else the driver waits 40 ms for each answer
        piece = connection.recv(count - len(taken))
        if not piece:
            return None
        taken += piece
    return taken


def receive(connection):
    """One message: two bytes of length, most significant first, and so many bytes; None at the end."""
    try:
        length = take(connection, 2)
        return None if length is None else take(connection, int.from_bytes(length, "big"))
    except OSError:
        return None


def send(connection, message):
    """Sends one message; False when the other side has gone."""
    try:
        connection.sendall(len(message).to_bytes(2, "big") + message)
    except OSError:
        return False
    return True


def connect_to_reader(slot):
    """A connection to a slot of vpcd's."""
    reader = socket.create_connection(("127.0.0.1", FIRST_PORT + slot))
    reader.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return reader


def await_empty_poll(slot):
    """Waits until the reader itself has looked into the slot and found no card.

    The service calls a slot empty as soon as a client stumbles over the missing card, up to one poll (400 ms) before it
    looks by itself; a card that comes back in between is never announced.
    """
    with connect_to_reader(slot) as reader:
        while receive(reader) not in (ANSWER_TO_RESET, None):
            pass


class Wire(threading.Thread):
    """Passes messages between one card and one slot, and keeps commands and answers.

    `before(number, command)` is called before the card sees a command, `after(number, command, answer)` before the reader
    sees its answer; commands count from 1. Each gives the bytes to pass on, or None to cut the wire.
    """

    def __init__(self, slot, before=None, after=None):
        super().__init__(daemon=True)
        self.slot = slot
        self.before = before or (lambda number, command: command)
        self.after = after or (lambda number, command, answer: answer)
        self.commands = []
        self.answers = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.start()

    def run(self):
        """Until one side goes or the wire is cut."""
        card, _ = self.listener.accept()
        card.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self.listener, card, connect_to_reader(self.slot) as reader:
            while self.pass_on(reader, card):
                pass

    def pass_on(self, reader, card):
        """One message and its answer; False at the end."""
        ready, _, _ = select.select([reader, card], [], [])
        if card in ready:  # a card says nothing unasked: it was pulled
            return False
        message = receive(reader)
        if message is None:
            return False
        if len(message) == 1:
            if not send(card, message):
                return False
            answer = receive(card) if message == ANSWER_TO_RESET else b""
            return answer is not None and (not answer or send(reader, answer))
        self.commands.append(message)
        number = len(self.commands)
        passed = self.before(number, message)
        if passed is None or not send(card, passed):
            return False
        answer = receive(card)
        if answer is None:
            return False
        self.answers.append(answer)
        shown = self.after(number, message, answer)
        return shown is not None and send(reader, shown)


class RogueCard(threading.Thread):
    """A card of our own making: an answer to reset and a function from command to answer; none where it gives None."""

    def __init__(self, slot, answer_to_reset, answer):
        super().__init__(daemon=True)
        self.answer_to_reset = answer_to_reset
        self.answer = answer
        self.reader = connect_to_reader(slot)
        self.start()

    def run(self):
        """Until the card is pulled."""
        while True:
            message = receive(self.reader)
            if message is None:
                return
            if message == ANSWER_TO_RESET:
                send(self.reader, self.answer_to_reset)
            elif len(message) > 1:
                answer = self.answer(message)
                if answer is not None:
                    send(self.reader, answer)

    def pull(self):
        """Takes the card out."""
        self.reader.shutdown(socket.SHUT_RDWR)
        self.reader.close()
        self.join()
