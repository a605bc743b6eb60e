"""A writer of files in MaxMind's form (MMDB 2), as small as tests need.

    mmdb.write(path, {"192.0.2.0/24": mmdb.place(59.33, 18.07), ...}, bits=28, built=1795503600)
"""
import ipaddress, struct


class Double(float):
    pass


class Short(int):                            # what stands in 16 bits, and in 64: readers insist
    kind = 5


class Long(int):
    kind = 9


def place(latitude, longitude, country="SE", radius=20, **traits):
    return {"country": {"iso_code": country, "names": {"en": "x" * 300}}, "location": {"accuracy_radius": radius, "latitude": Double(latitude),
        "longitude": Double(longitude), "time_zone": "Europe/Stockholm"}, "subdivisions": [{"iso_code": "AB"}], "traits": traits}


def encode(value):
    def head(kind, n):
        more = b""
        if n >= 285:
            n, more = 30, struct.pack(">H", n - 285)
        elif n >= 29:
            n, more = 29, bytes([n - 29])
        return (bytes([kind << 5 | n]) if kind < 8 else bytes([n, kind - 7])) + more
    if isinstance(value, bool):
        return head(14, int(value))
    if isinstance(value, dict):
        return head(7, len(value)) + b"".join(encode(k) + encode(v) for k, v in value.items())
    if isinstance(value, list):
        return head(11, len(value)) + b"".join(map(encode, value))
    if isinstance(value, str):
        return head(2, len(value.encode())) + value.encode()
    if isinstance(value, Double):
        return head(3, 8) + struct.pack(">d", value)
    raw = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return head(getattr(value, "kind", 6), len(raw)) + raw


def write(path, networks, bits=24, built=1795503600, version=6, kind="Test-City"):
    tree, data, known = [[None, None]], b"", {}
    for text, record in networks.items():
        net = ipaddress.ip_network(text)
        length, number = net.prefixlen, int(net.network_address)
        if net.version == 4 and version == 6:
            length += 96
        width = 128 if version == 6 else 32
        at = 0
        for i in range(length):
            side = number >> (width - 1 - i) & 1
            if i == length - 1:
                raw = encode(record)
                if raw not in known:
                    known[raw] = len(data)
                    data += raw
                    if len(known) == 1:       # the second time by a pointer: 11 bits of where
                        known[raw] = len(data)
                        data += bytes([1 << 5 | 0, 0])
                tree[at][side] = ("data", known[raw])
            else:
                if not isinstance(tree[at][side], int):
                    tree.append([None, None])
                    tree[at][side] = len(tree) - 1
                at = tree[at][side]
    n, out = len(tree), b""
    for left, right in tree:
        a, b = [n if x is None else n + 16 + x[1] if isinstance(x, tuple) else x for x in (left, right)]
        if bits == 28:
            out += (a & 0xffffff).to_bytes(3, "big") + bytes([(a >> 24) << 4 | b >> 24]) + (b & 0xffffff).to_bytes(3, "big")
        else:
            out += a.to_bytes(bits // 8, "big") + b.to_bytes(bits // 8, "big")
    meta = {"binary_format_major_version": Short(2), "binary_format_minor_version": Short(0), "build_epoch": Long(built), "database_type": kind, "description": {"en": "test"},
        "ip_version": Short(version), "languages": ["en"], "node_count": n, "record_size": Short(bits)}
    with open(path, "wb") as f:
        f.write(out + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + encode(meta))
