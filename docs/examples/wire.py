"""spate.v1 frames to and from the messages of spate.v1.json, for client.py. Times stay integers."""
import itertools, struct

FIELDS = {}  # stream id -> (name, field names)
START, POLICY, MODE = ("live", "earliest", "last", "resume"), ("gap", "close"), ("started", "resumed", "gap", "reset")

def varint(number):
    return bytes([number]) if number < 128 else bytes([number & 127 | 128]) + varint(number >> 7)

def subscription(said):
    name, start = said["stream"].encode(), said["start"]
    place = [] if isinstance(start, str) else start["resume"].values()
    kind = START.index(start if isinstance(start, str) else "resume")
    numbers = [kind, *place, POLICY.index(said["policy"]), 0, 0]  # all fields, no filter
    return b"".join([varint(len(name)), name, *map(varint, numbers)])

def encode(message):
    if "subscribe" in message:
        return b"\x01\x01" + subscription(message["subscribe"])
    streams = message["hello"]["streams"]  # protocol 1, no build, no credit limit
    return b"\x01\x00\x01\x00\x00" + varint(len(streams)) + b"".join(map(subscription, streams))

class Reader:
    def __init__(self, data, at=0): self.data, self.at = data, at
    def take(self, size): self.at += size; return self.data[self.at - size:self.at]
    def varint(self): byte = self.take(1)[0]; return byte if byte < 128 else byte - 128 + (self.varint() << 7)
    def zigzag(self): number = self.varint(); return number >> 1 ^ -(number & 1)
    def deltas(self, rows): return list(itertools.accumulate(self.zigzag() for _ in range(rows)))
    def text(self): return self.take(self.varint()).decode()
    def many(self, read): return [read() for _ in range(self.varint())]
    def bits(self, rows): return [byte >> bit & 1 for byte in self.take((rows + 7) // 8) for bit in range(8)][:rows]
    def field(self): return self.text(), self.varint(), self.varint(), self.take(1)[0] and self.text()
    def stream(self):  # its name, id and three more numbers, and its schema's field names
        name, numbers, _ = self.text(), [self.varint() for _ in range(4)], (self.varint(), self.text(), self.varint())
        return name, numbers, [field[0] for field in self.many(self.field)]
    def column(self, rows):
        self.take(-self.at % 8)
        kind, has_validity, _, size = struct.unpack("<BBHI", self.take(8))
        end, words = self.at + size, self.many(self.text) if kind == 4 else []
        code = f"<{rows}{'B' if len(words) <= 256 else 'I'}"
        values = (struct.unpack(f"<{rows}d", self.take(size)) if kind == 1 else
                  self.deltas(rows) if kind in (2, 6) else list(map(bool, self.bits(rows))) if kind == 3 else
                  [words[index] for index in struct.unpack(code, self.take(end - self.at))] if kind == 4 else
                  [self.text() for _ in range(rows)])
        return values, self.bits(rows) if has_validity else [1] * rows

def decode(frame):
    if frame[0] == 2:
        _, _, _, number, epoch, base, rows, columns, sealed = struct.unpack_from("<BBHIQQIIq", frame)
        reader, (name, fields) = Reader(frame, 44), FIELDS[number]
        events = [{"time": time} for time in reader.deltas(rows)]
        for field in fields[:columns]:
            for event, value, present in zip(events, *reader.column(rows)):
                event.update({field: value} if present else {})
        return {"data": {"stream": name, "epoch": epoch, "offset": base, "sealed": sealed, "events": events}}
    reader = Reader(frame, 2)
    if frame[1] == 1:
        streams = reader.many(reader.stream)
        FIELDS.update({numbers[0]: (name, fields) for name, numbers, fields in streams})
        return {"catalog": {"streams": [{"name": name} for name, *_ in streams]}}
    if frame[1] == 2:
        name, (number, epoch, start, mode), fields = reader.stream()
        FIELDS[number] = (name, fields)
        return {"ok": {"stream": name, "id": number, "epoch": epoch, "next": start, "mode": MODE[mode]}}
    if frame[1] == 3:
        return {"gap": dict(zip(("stream", "epoch", "from", "to"), (reader.varint() for _ in range(4))))}
    return {("welcome", "", "", "", "behind", "error")[frame[1]]: {}}
