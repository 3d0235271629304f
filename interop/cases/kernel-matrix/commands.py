"""commands.py DIRECTORY [REGEX] — writes for each row of rows.py whose name matches the commands of both sides, and prints a line for it:

    NUMBER|MTU|SOURCE|TARGET|LARGEST|TEXT|SAS|NAME

NUMBER.ours and NUMBER.undo are for `ikectl -f`, NUMBER.states and NUMBER.policies for `ip -batch` in the guest. SPI 1001 goes to the
kernel, 1000 comes from it; all SAs of a row that have one share it.
"""

import hashlib
import re
import sys
from pathlib import Path

from rows import rows

OURS = {4: "192.168.100.3", 6: "2001:db8::3"}
PEER = {4: "192.168.100.2", 6: "2001:db8::2"}
OURS_INSIDE = {4: ("192.168.124.1", "192.168.124.0/24"), 6: ("2001:db8:124::1", "2001:db8:124::/64")}
PEER_INSIDE = {4: ("192.168.125.1", "192.168.125.0/24"), 6: ("2001:db8:125::1", "2001:db8:125::/64")}
IP_IN_IP = {4: 4, 6: 41}  # protocol numbers
AROUND = 200  # octets that an outer header, IPComp, ESP and AH add together, at most

ENCR = {  # octets of salt, the kernel's name
    "null": (0, "ecb(cipher_null)"), "des": (0, "cbc(des)"), "3des": (0, "cbc(des3_ede)"), "aes-cbc": (0, "cbc(aes)"),
    "aes-ctr": (4, "rfc3686(ctr(aes))"), "aes-gcm": (4, "rfc4106(gcm(aes))"), "aes-ccm": (3, "rfc4309(ccm(aes))"),
    "aes-gmac": (4, "rfc4543(gcm(aes))"), "chacha20-poly1305": (4, "rfc7539esp(chacha20,poly1305)"),
}
KEY_BITS = {"null": 0, "des": 64, "3des": 192, "chacha20-poly1305": 256}
INTEG = {  # octets of the key, the kernel's name, bits of the ICV
    "md5-96": (16, "hmac(md5)", 96), "sha1-96": (20, "hmac(sha1)", 96), "sha2-256-96": (32, "hmac(sha256)", 96),
    "hmac-sha2-256-128": (32, "hmac(sha256)", 128), "hmac-sha2-384-192": (48, "hmac(sha384)", 192),
    "hmac-sha2-512-256": (64, "hmac(sha512)", 256), "aes-xcbc-96": (16, "xcbc(aes)", 96), "aes-cmac-96": (16, "cmac(aes)", 96),
}


class Cipher:
    def __init__(self, name):
        parts = name.split("-")
        self.kind = name if name in KEY_BITS else "-".join(parts[:2])
        self.bits = KEY_BITS.get(name) if name in KEY_BITS else int(parts[-1])
        self.icv_bits = 128 if len(parts) < 4 or name in KEY_BITS else int(parts[2]) * 8
        salt, self.kernel = ENCR[self.kind]
        self.octets = self.bits // 8 + salt
        self.aead = self.kind in ("aes-gcm", "aes-ccm", "aes-gmac", "chacha20-poly1305")


def key(row, direction, what, octets):
    """A key of its own for each row, direction and algorithm. Those are the test's, and protect nothing."""
    return hashlib.sha512(f"{row.name} {direction} {what}".encode()).hexdigest()[:2 * octets]


def esp_keys(row, direction):
    cipher = Cipher(row.esp[0])
    return key(row, direction, "encr", cipher.octets), key(row, direction, "integ", INTEG[row.esp[1]][0]) if row.esp[1] else ""


def ah_key(row, direction):
    return key(row, direction, "ah", INTEG[row.ah][0])


class Ends:
    """The addresses of a row, of one direction: `out` is from ours to the kernel."""

    def __init__(self, row, direction):
        here, there = OURS[row.outer], PEER[row.outer]
        self.source, self.destination = (here, there) if direction == "out" else (there, here)
        self.spi = 1001 if direction == "out" else 1000


def nets(row):
    if not row.tunnel:
        return OURS[row.inner], OURS[row.inner], PEER[row.inner], PEER[row.inner]
    return OURS_INSIDE[row.inner] + PEER_INSIDE[row.inner]


def protocols(row):
    """From inside to outside, without the tunnel."""
    return [name for name, is_there in (("comp", row.comp), ("esp", row.esp), ("ah", row.ah)) if is_there]


# Ours, in KLIPS' words.

def klips_sa(row, direction, protocol):
    ends = Ends(row, direction)
    words = f"spi --said {said(row, direction, protocol)} --src {ends.source}"
    if protocol == "tun":
        return f"{words} --ip{row.outer}" + ("" if protocols(row) else " --alone")
    if protocol == "comp":
        return f"{words} --comp deflate" + ("" if row.tunnel or row.esp or row.ah else " --alone")
    if protocol == "ah":
        return f"{words} --ah {row.ah} --authkey 0x{ah_key(row, direction)}"
    encr, integ = esp_keys(row, direction)
    words += f" --esp {'/'.join(filter(None, row.esp))}" + (f" --enckey 0x{encr}" if encr else "") + (f" --authkey 0x{integ}" if integ else "")
    return words + (" --natt nonesp" if row.udp else "")


def said(row, direction, protocol):
    ends = Ends(row, direction)
    return f"{protocol}{'.' if row.outer == 4 else ':'}{ends.spi:x}@{ends.destination}"


def klips(row):
    lines, (_, local, _, remote) = [], nets(row)
    group = (["tun"] if row.tunnel else []) + protocols(row)
    for direction in ("out", "in"):
        lines += [klips_sa(row, direction, protocol) for protocol in group]
        if len(group) > 1:
            lines.append("spigrp --said " + " ".join(said(row, direction, protocol) for protocol in group))
    lines.append(f"eroute --add --src {local} --dst {remote} --said {said(row, 'out', group[0])}")
    if row.tunnel and not (row.esp or row.ah):
        # What proves nothing brings in what is said, and no more.
        lines.append(f"eroute --addin --src {remote} --dst {local} --said {said(row, 'in', group[0])}")
    return lines, ["eroute --clear", "spi --clear"]


# Ours, in VPP's words, which alone have extended sequence numbers.

def vpp_sa(row, direction, number):
    ends = Ends(row, direction)
    words = f"ipsec sa add {number} spi {ends.spi} {protocols(row)[0]}"
    if row.ah:
        words += f" integ-alg {row.ah} integ-key {ah_key(row, direction)}"
    else:
        encr, integ = esp_keys(row, direction)
        words += f" crypto-alg {row.esp[0]} crypto-key {encr}" + (f" integ-alg {row.esp[1]} integ-key {integ}" if integ else "")
    if row.tunnel:
        words += f" tunnel-src {ends.source} tunnel-dst {ends.destination}"
    return words + " use-esn" + (" udp-encap" if row.udp else "")


def vpp(row):
    _, local, _, remote = nets(row)
    v6 = " ip6" if row.inner == 6 else ""
    sides = f"local-ip-range {span(local)} remote-ip-range {span(remote)}"
    lines = [vpp_sa(row, "out", 10), vpp_sa(row, "in", 20), "ipsec spd add 1", "set interface ipsec spd out0 1"]
    lines += [f"ipsec policy add spd 1{v6} priority 10 outbound action protect sa 10 {sides}",
              f"ipsec policy add spd 1{v6} priority 10 inbound action protect sa 20 {sides}"]
    return lines, ["ipsec spd del 1", "ipsec sa del 10", "ipsec sa del 20"]


def span(net):
    """An IPv4 network of 24 bits, an IPv6 one of 64, or an address, as VPP writes a range."""
    if "/" not in net:
        return f"{net} - {net}"
    if ":" in net:
        base = net.split("::/")[0]
        return f"{base}:: - {base}:0:ffff:ffff:ffff:ffff"
    base = net.rsplit(".", 1)[0]
    return f"{base}.0 - {base}.255"


# The kernel.

def kernel_algorithms(row, direction, protocol):
    if protocol == "comp":
        return "comp deflate"
    if protocol == "ah":
        _, name, bits = INTEG[row.ah]
        return f"auth-trunc {name} 0x{ah_key(row, direction)} {bits}"
    cipher, (encr, integ) = Cipher(row.esp[0]), esp_keys(row, direction)
    if cipher.aead:
        return f"aead {cipher.kernel} 0x{encr} {cipher.icv_bits}"
    if not integ:
        return f"enc {cipher.kernel} 0x{encr}"
    _, name, bits = INTEG[row.esp[1]]
    return f"enc {cipher.kernel} {'0x' + encr if encr else chr(34) * 2} auth-trunc {name} 0x{integ} {bits}"


def makes_tunnel(row, protocol):
    return row.tunnel and not row.device and protocol == protocols(row)[0]


def kernel_state(row, direction, protocol):
    ends, innermost = Ends(row, direction), makes_tunnel(row, protocol)
    words = f"xfrm state add src {ends.source} dst {ends.destination} proto {protocol} spi {ends.spi}"
    words += f" mode {'tunnel' if innermost else 'transport'}"
    if protocol != "comp":
        words += " replay-window " + ("64 flag esn" if row.esn else "0" if row.alone else "32")
    if innermost and row.inner != row.outer:
        words += " flag af-unspec"  # without it the kernel takes only the family of the outer header inside
    if protocol == "ah" and row.outer == 4:
        words += " flag align4"  # RFC 4302 3.3.3.2.1: over IPv4 a multiple of 32 bits
    words += f" {kernel_algorithms(row, direction, protocol)}"
    return words + (" encap espinudp 4500 4500 0.0.0.0" if row.udp and protocol == "esp" else "")


def kernel_policy(row, direction):
    """What goes out of ours comes in there."""
    ends, (_, local, _, remote) = Ends(row, direction), nets(row)
    source, destination = (local, remote) if direction == "out" else (remote, local)
    if row.device:
        source, destination = ends.source, f"{ends.destination} proto {IP_IN_IP[row.inner]}"
    words = f"xfrm policy add dir {'in' if direction == 'out' else 'out'} src {source} dst {destination}"
    for protocol in protocols(row):
        mode = "tunnel" if makes_tunnel(row, protocol) else "transport"
        words += f" tmpl src {ends.source} dst {ends.destination} proto {protocol} mode {mode}"
        if protocol == "comp" and direction == "out":
            words += " level use"  # what does not become smaller comes without (RFC 3173 2.2)
    return words


def kernel_policies(row):
    return [kernel_policy(row, direction) for direction in ("out", "in")] if protocols(row) else []


def kernel_device(row):
    """A device t0 for the tunnel. Its MTU leaves room for what comes around it."""
    if not row.device:
        return []
    ours_net, (source, _) = OURS_INSIDE[row.inner][1], PEER_INSIDE[row.inner]
    kind = {(4, 4): "ipip", (6, 4): "sit", (4, 6): "ip6tnl mode ipip6", (6, 6): "ip6tnl mode ip6ip6"}[row.inner, row.outer]
    limit = " encaplimit none" if row.outer == 6 else ""
    return [f"link add t0 type {kind} local {PEER[row.outer]} remote {OURS[row.outer]}{limit}",
            f"link set t0 mtu {row.mtu - AROUND} up", f"route add {ours_net} dev t0 src {source}"]


def main():
    directory = Path(sys.argv[1])
    chosen = [row for row in rows() if re.search(sys.argv[2] if len(sys.argv) > 2 else "", row.name)]
    for number, row in enumerate(chosen):
        ours, undo = vpp(row) if row.esn else klips(row)
        files = {"ours": ours, "undo": undo,
                 "states": [kernel_state(row, direction, protocol) for direction in ("out", "in") for protocol in protocols(row)],
                 "policies": kernel_device(row) + kernel_policies(row)}
        for name, lines in files.items():
            (directory / f"{number}.{name}").write_text("\n".join(lines) + "\n")
        here, _, there, _ = nets(row)
        text = "--text" if row.comp else ""
        print(number, row.mtu, here, there, row.largest, text, len(protocols(row)), row.name, sep="|")


if __name__ == "__main__":
    main()
