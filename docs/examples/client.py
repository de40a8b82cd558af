"""Follows streams of a Spate relay over any number of connections; one line of JSON per event.

    client.py [--binary] ws://HOST:PORT/api/v1/ws STREAM...

Written from docs/protocol.md. Needs the `websockets` package; with --binary also wire.py beside it.
"""
import asyncio, json, sys
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError

async def follow(url, streams, subprotocol, encode, decode):
    seen = {}  # stream -> (epoch, next offset): what is kept from one connection to the next

    def subscription(stream):
        epoch, offset = seen.get(stream, (None, 0))
        start = "earliest" if epoch is None else {"resume": {"epoch": epoch, "offset": offset}}
        return {"stream": stream, "start": start, "policy": "gap"}

    def lost(stream, start, end):
        print(f"{stream}: offsets {start} to {end - 1} are lost", file=sys.stderr)

    async for socket in connect(url, subprotocols=[subprotocol], max_size=16 << 20):
        names = {}  # id -> stream, for this connection
        wanted = [subscription(stream) for stream in streams]
        hello = {"protocol": 1, "build": "client.py", "credit_bytes": None, "streams": wanted}
        try:
            await socket.send(encode({"hello": hello}))
            async for frame in socket:
                ((kind, said),) = decode(frame).items()
                if kind == "data":
                    stream, base, (epoch, offset) = said["stream"], said["offset"], seen[said["stream"]]
                    if base > offset:
                        lost(stream, offset, base)
                    for number, event in enumerate(said["events"], base):
                        if number >= offset:
                            print(json.dumps({"stream": stream, "offset": number, "event": event}), flush=True)
                    seen[stream] = (epoch, max(offset, base + len(said["events"])))
                elif kind == "ok":
                    names[said["id"]] = said["stream"]
                    if said["mode"] in ("started", "reset"):
                        seen[said["stream"]] = (said["epoch"], said["next"])
                elif kind == "gap":
                    lost(names[said["stream"]], said["from"], said["to"])
                    seen[names[said["stream"]]] = (said["epoch"], said["to"])
                elif kind == "catalog":
                    for name in {new["name"] for new in said["streams"]} & set(streams) - set(names.values()):
                        await socket.send(encode({"subscribe": subscription(name)}))
        except ConnectionClosedError:
            pass  # the loop connects again, with back-off
        if socket.close_code in {1002, 1003, 1007, 1008, 1009, *range(4400, 4500)}:
            sys.exit(f"closed with {socket.close_code}: {socket.close_reason}")

if __name__ == "__main__":
    form = ("spate.v1.json", json.dumps, json.loads)
    if binary := sys.argv[1] == "--binary":
        import wire
        form = ("spate.v1", wire.encode, wire.decode)
    asyncio.run(follow(sys.argv[1 + binary], sys.argv[2 + binary:], *form))
