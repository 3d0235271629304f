"""Decoding with scapy, whose ESP and AH are its own."""

LEAST = 60  # samples that every version that Debian has must know
SELF_TEST = ("esp aes-gcm-16-128", "esp aes-cbc-256 sha1-96", "ah hmac-sha2-256-128")

ENCR = {"null": "NULL", "des": "DES", "3des": "3DES", "aes-cbc": "AES-CBC", "aes-ctr": "AES-CTR", "aes-gcm-16": "AES-GCM",
        "aes-ccm-16": "AES-CCM", "chacha20-poly1305": "CHACHA20-POLY1305"}
INTEG = {"none": "NULL", "md5-96": "HMAC-MD5-96", "sha1-96": "HMAC-SHA1-96", "hmac-sha2-256-128": "SHA2-256-128",
         "hmac-sha2-384-192": "SHA2-384-192", "hmac-sha2-512-256": "SHA2-512-256", "aes-cmac-96": "AES-CMAC-96"}

try:
    from scapy.layers import ipsec
    from scapy.layers.inet import IP
except ImportError:
    ipsec = None


def missing():
    return "" if ipsec else "scapy is not installed for this python3 (Debian: python3-scapy)"


def knows(sample):
    members = sample["members"]
    if len(members) != 1 or members[0]["transform"] not in ("esp", "ah"):
        return False
    sa = members[0]
    if INTEG.get(sa["integ"]) not in ipsec.AUTH_ALGOS:
        return False
    if sa["transform"] == "ah":
        return True
    algorithm = ipsec.CRYPT_ALGOS.get(ENCR.get(sa["encr"]))
    return algorithm is not None and (sa["encr"] == "null" or algorithm.cipher is not None)


def association(sample):
    sa = sample["members"][0]
    auth = {"auth_algo": INTEG[sa["integ"]], "auth_key": bytes.fromhex(sa["integ_key"])}
    outer = IP(sample["wire"])
    header = None if sample["transport"] else IP(src=outer.src, dst=outer.dst)
    esn = {"esn_en": True, "esn": 0} if sa["esn"] else {}
    if sa["transform"] == "ah":
        return ipsec.SecurityAssociation(ipsec.AH, spi=sa["spi"], tunnel_header=header, **auth, **esn)
    return ipsec.SecurityAssociation(ipsec.ESP, spi=sa["spi"], crypt_algo=ENCR[sa["encr"]],
                                     crypt_key=bytes.fromhex(sa["encr_key"]), tunnel_header=header, **auth, **esn)


def decode(samples):
    out = []
    for sample in samples:
        try:
            out.append(bytes(association(sample).decrypt(IP(sample["wire"]))))
        except Exception as error:  # scapy lets through whatever its libraries raise
            out.append(f"{type(error).__name__}: {error}")
    return out


def expected(sample):
    return sample["inner"]
