"""A DNS server that lies as a test tells it: each name has a list of answers, and every query takes the next one."""

from __future__ import annotations

import socket
import struct
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from ipaddress import ip_address

SILENT = "silent"  # a name that is asked for and never answered
_A, _CNAME, _AAAA = 1, 5, 28
_NO_SUCH_NAME = 3

Zone = Mapping[str, Sequence[Sequence[str]]]  # name -> answers; an answer is addresses, or one other name


class NameServer:
    """Listens on one address, port 53. `asked` counts queries by (name, kind of address)."""

    def __init__(self, address: str, zone: Zone) -> None:
        self.asked: Counter[tuple[str, int]] = Counter()
        self._zone = zone
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, 53))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            query, sender = self._socket.recvfrom(512)
            if answer := self._answer(query):
                self._socket.sendto(answer, sender)

    def _answer(self, query: bytes) -> bytes:
        name, end = _name(query, 12)
        kind, _ = struct.unpack("!HH", query[end : end + 4])
        question = query[12 : end + 4]
        if name.startswith(SILENT):
            return b""
        records = self._records(name, kind)
        status = 0 if name in self._zone else _NO_SUCH_NAME
        head = struct.pack("!HHHHHH", int.from_bytes(query[:2], "big"), 0x8180 | status, 1, len(records), 0, 0)
        return head + question + b"".join(records)

    def _records(self, name: str, kind: int) -> list[bytes]:
        answers = self._zone.get(name)
        if not answers:
            return []
        turn = self.asked[name, kind]
        self.asked[name, kind] += 1
        answer = answers[min(turn, len(answers) - 1)]
        records = []
        for each in answer:
            if each in self._zone:  # another name of it
                records += [_record(_packed_name(name), _CNAME, _packed_name(each)), *self._records(each, kind)]
                continue
            address = ip_address(each)
            if kind == (_A if address.version == 4 else _AAAA):
                records.append(_record(_packed_name(name), kind, address.packed))
        return records


def _record(owner: bytes, kind: int, data: bytes) -> bytes:
    return owner + struct.pack("!HHIH", kind, 1, 0, len(data)) + data


def _packed_name(name: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def _name(message: bytes, at: int) -> tuple[str, int]:
    labels = []
    while length := message[at]:
        labels.append(message[at + 1 : at + 1 + length].decode("latin-1").lower())
        at += 1 + length
    return ".".join(labels), at + 1
