"""The rows of the matrix: what of ESP, AH and IPComp stands between ours and the kernel in each."""

from dataclasses import dataclass, replace

LARGE = 9400  # octets: the link's MTU, which carries packets of 9000 octets whole
SMALL = 1500


@dataclass(frozen=True)
class Row:
    name: str
    esp: tuple = ()  # (encryption, integrity or ""): names of profiles
    ah: str = ""  # integrity
    comp: bool = False
    tunnel: bool = True
    inner: int = 4  # families
    outer: int = 4
    esn: bool = False
    udp: bool = False
    mtu: int = LARGE

    @property
    def device(self):
        """Whether the kernel's tunnel is a device of its own, with transport mode around it, or nothing. Its IPComp in tunnel mode and its
        transport mode around that take one family alone; on the wire there is no difference."""
        return self.tunnel and (self.comp and self.inner != self.outer or not (self.comp or self.esp or self.ah))

    @property
    def alone(self):
        """Encryption without authentication, which is taken from keys set by hand, with a warning and without a replay window."""
        return bool(self.esp) and not self.esp[1] and self.esp[0] in ALONE

    @property
    def largest(self):
        """Octets of the largest payload. Transport mode takes whole packets alone (RFC 4303 3.3.4)."""
        return 9000 if self.tunnel or self.mtu == LARGE else 1300


INTEGRITY = ("md5-96", "sha1-96", "sha2-256-96", "hmac-sha2-256-128", "hmac-sha2-384-192", "hmac-sha2-512-256",
             "aes-xcbc-96", "aes-cmac-96")
ALONE = ("3des", "aes-cbc-256")
AEAD = ("aes-gcm-8", "aes-gcm-12", "aes-gcm-16", "aes-ccm-8", "aes-ccm-12", "aes-ccm-16", "aes-gmac")
GCM = ("aes-gcm-16-128", "")
CBC = ("aes-cbc-128", "sha1-96")


def ciphers():
    plain = [("null", "hmac-sha2-256-128"), ("des", "md5-96"), ("3des", "sha1-96"), ("chacha20-poly1305", "")]
    for kind, integ in (("aes-cbc", "hmac-sha2-256-128"), ("aes-ctr", "sha1-96"), *((kind, "") for kind in AEAD)):
        plain += [(f"{kind}-{bits}", integ) for bits in (128, 192, 256)]
    rows = [Row("esp " + "/".join(filter(None, esp)), esp=esp) for esp in plain]
    return rows + [Row(f"esp {cipher} alone", esp=(cipher, "")) for cipher in ALONE]


def integrities():
    rows = [Row(f"esp aes-cbc-128/{integ} transport", esp=("aes-cbc-128", integ), tunnel=False) for integ in INTEGRITY]
    rows += [Row(f"ah {integ} transport", ah=integ, tunnel=False) for integ in INTEGRITY]
    return rows + [Row(f"ah {integ} transport v6", ah=integ, tunnel=False, inner=6, outer=6) for integ in INTEGRITY]


def families(row):
    """A tunnel in the four mixtures."""
    return [replace(row, name=f"{row.name} {inner} in {outer}", inner=inner, outer=outer) for inner in (4, 6) for outer in (4, 6)]


def modes():
    rows = families(Row("esp aes-gcm-16-128", esp=GCM)) + families(Row("esp aes-cbc-128/sha1-96", esp=CBC))
    rows += families(Row("ah hmac-sha2-256-128", ah="hmac-sha2-256-128"))
    both = ((esp, v) for esp in (GCM, CBC) for v in (4, 6))
    return rows + [Row(f"esp {esp[0]} transport v{v}", esp=esp, tunnel=False, inner=v, outer=v) for esp, v in both]


def esn():
    rows = families(Row("esp aes-gcm-16-256 esn", esp=("aes-gcm-16-256", ""), esn=True))
    rows += families(Row("esp aes-cbc-256/hmac-sha2-512-256 esn", esp=("aes-cbc-256", "hmac-sha2-512-256"), esn=True))
    rows += families(Row("ah sha1-96 esn", ah="sha1-96", esn=True))
    rows += [Row("esp aes-ctr-128/sha1-96 esn", esp=("aes-ctr-128", "sha1-96"), esn=True),
             Row("esp aes-ccm-16-128 esn", esp=("aes-ccm-16-128", ""), esn=True),
             Row("esp aes-gmac-256 esn", esp=("aes-gmac-256", ""), esn=True),
             Row("esp chacha20-poly1305 esn", esp=("chacha20-poly1305", ""), esn=True)]
    for v in (4, 6):
        rows += [Row(f"esp aes-gcm-16-128 transport v{v} esn", esp=GCM, tunnel=False, inner=v, outer=v, esn=True),
                 Row(f"ah hmac-sha2-256-128 transport v{v} esn", ah="hmac-sha2-256-128", tunnel=False, inner=v, outer=v, esn=True)]
    return rows


def udp():
    rows = families(Row("udp esp aes-gcm-16-128", esp=GCM, udp=True)) + families(Row("udp esp aes-cbc-128/sha1-96", esp=CBC, udp=True))
    rows += [Row(f"udp esp aes-gcm-16-128 transport v{v}", esp=GCM, tunnel=False, inner=v, outer=v, udp=True) for v in (4, 6)]
    return rows + [Row("udp esp aes-gcm-16-128 esn", esp=GCM, udp=True, esn=True)]


def bundles():
    rows = families(Row("tun comp esp ah", esp=CBC, ah="sha1-96", comp=True))
    rows += families(Row("tun comp esp", esp=GCM, comp=True))
    rows += [Row("tun comp ah", ah="hmac-sha2-256-128", comp=True), Row("tun esp ah", esp=GCM, ah="hmac-sha2-256-128")]
    for v in (4, 6):
        rows += [Row(f"esp ah transport v{v}", esp=GCM, ah="sha1-96", tunnel=False, inner=v, outer=v),
                 Row(f"comp esp transport v{v}", esp=GCM, comp=True, tunnel=False, inner=v, outer=v),
                 Row(f"comp esp ah transport v{v}", esp=CBC, ah="sha1-96", comp=True, tunnel=False, inner=v, outer=v)]
    return rows + [Row("udp tun comp esp", esp=GCM, comp=True, udp=True)]


def plain():
    """Neither ESP nor AH around."""
    return families(Row("tun")) + families(Row("tun comp", comp=True)) + [
        Row(f"comp transport v{v}", comp=True, tunnel=False, inner=v, outer=v) for v in (4, 6)]


def fragments():
    """On a link of 1500 octets; last, since the guest's device cannot be made larger again."""
    rows = families(Row("mtu 1500 esp aes-gcm-16-128", esp=GCM)) + families(Row("mtu 1500 tun comp esp ah", esp=CBC, ah="sha1-96", comp=True))
    rows += families(Row("mtu 1500 ah sha1-96", ah="sha1-96"))
    rows += [Row("mtu 1500 tun 4 in 6", outer=6), Row("mtu 1500 tun comp 6 in 6", comp=True, inner=6, outer=6)]
    rows += [Row("mtu 1500 udp esp aes-gcm-16-128", esp=GCM, udp=True),
             Row("mtu 1500 esp aes-cbc-128/sha1-96 transport", esp=CBC, tunnel=False)]
    return [replace(row, mtu=SMALL) for row in rows]


def rows():
    table = ciphers() + integrities() + modes() + esn() + udp() + bundles() + plain() + fragments()
    assert len({row.name for row in table}) == len(table)
    return table
