"""Responders for many initiators: on gw-b alone, with PSKs or with certificates of one CA that both sides know."""

from dataclasses import dataclass

from bed import BUILD, NET, OUTER, run
from contenders.ours import Ours
from contenders.strongswan import StrongSwan

SECRET = "benchmark-of-handshakes"
PROPOSAL = "aes-gcm-128/hmac-sha2-256/curve25519"
LOAD_NET = "10.64.0.0/10"


@dataclass(frozen=True)
class Proof:
    """How both sides prove who they are: `keys` is a type of `ikectl pki` or empty for PSKs, `scheme` what our profiles and `theirs` what
    strongSwan's call the signature. The initiators have one certificate, so one identity; without any, each has its own."""

    name: str
    keys: str = ""
    scheme: str = ""
    theirs: str = "psk"

    @property
    def initiators(self):
        return "fqdn:client.load" if self.keys else "fqdn:h*.load"

    def own(self, name):
        """`auth` of a profile for the side with that name (responder, client), as that side writes it about itself."""
        if not self.keys:
            return f"{{psk: {SECRET}}}"
        return f"{{signature: {{key: {name}.key, cert: {name}.pem, scheme: {self.scheme}}}}}"

    def peer(self):
        """`auth` of a profile for the other side."""
        return f"{{signature: {{ca: [root.pem], scheme: {self.scheme}}}}}" if self.keys else self.own("")

    def prepare(self, folder):
        """The CA, and a key and certificate for each side."""
        if not self.keys:
            return
        pki = (str(BUILD / "ikectl"), "pki")
        run(*pki, "ca", "--name", "O=Benchmark,CN=Root", "--type", self.keys, "--out", "root", cwd=folder)
        for name, identity in (("responder", "responder.test"), ("client", "client.load")):
            run(*pki, "cert", "--ca", "root", "--id", f"fqdn:{identity}", "--type", self.keys, "--out", name, cwd=folder)


PROOFS = {proof.name: proof for proof in (
    Proof("psk"), Proof("ecdsa", "ecdsa-256", "ecdsa-sha2-256", "pubkey"),
    Proof("rsa", "rsa-2048", "rsa-pss-sha2-256", "ike:rsa/pss-sha256"))}

QUIET = "{delay: 1h, timeout: 2h}"  # of liveness: questions to many silent peers are none of what is measured
OURS = """\
daemon:
  listen: [0.0.0.0]
  routes: {routes}
  limits: {{cookie_threshold: 4096, half_open_per_source: 4096, ike_per_identity: 4096, ike_per_profile: 200000}}
profiles:
  all:
    local: {{address: {address}, id: "fqdn:responder.test", auth: {own}}}
    remote: {{id: "fqdn:*.load", auth: {peer}}}
    ike: {{proposals: [{proposal}]}}
    liveness: {quiet}
    children: {{net: {{local_ts: [{net}], remote_ts: [{load_net}], proposals: [aes-gcm-128/no-esn]}}}}
"""
THEIRS = """\
connections {{
  all {{
    version = 2
    local_addrs = {address}
    proposals = aes128gcm16-prfsha256-curve25519
    unique = never
    local {{
      auth = {auth}
      id = responder.test
{certificate}
    }}
    remote {{
      auth = {auth}
      id = *.load
    }}
    children {{
      net {{
        local_ts = {net}
        remote_ts = {load_net}
        esp_proposals = aes128gcm16
      }}
    }}
  }}
}}
"""
THEIR_SECRETS = f"""\
secrets {{
  ike-1 {{
    secret = {SECRET}
  }}
}}
"""


class OursResponder(Ours):
    def __init__(self, name, label, proof, routes="true"):
        super().__init__(name, label)
        self.proof, self.routes = PROOFS[proof], routes

    def start(self, bed):
        self.proof.prepare(bed.work)
        self.start_side(bed, "b", OURS.format(address=OUTER["b"], own=self.proof.own("responder"), peer=self.proof.peer(),
                                              proposal=PROPOSAL, quiet=QUIET, routes=self.routes, net=NET["b"], load_net=LOAD_NET))


class StrongSwanResponder(StrongSwan):
    """With no bound on half-open SAs of one address, and a quiet log: the load comes from one address."""

    def __init__(self, name, label, proof):
        super().__init__(name, label)
        self.proof = PROOFS[proof]

    def start(self, bed):
        self.proof.prepare(bed.work)
        certificate = "      certs = responder.pem" if self.proof.keys else ""
        config = THEIRS.format(address=OUTER["b"], auth=self.proof.theirs, certificate=certificate, net=NET["b"], load_net=LOAD_NET)
        self.start_side(bed, "b", config if self.proof.keys else config + THEIR_SECRETS)

    def credentials(self, bed, folder):
        if not self.proof.keys:
            return
        for kind, file in (("private", "responder.key"), ("x509", "responder.pem"), ("x509ca", "root.pem")):
            (folder / kind).mkdir()
            (folder / kind / file).write_bytes((bed.work / file).read_bytes())

    def settings(self, folder, log):
        text = super().settings(folder, log)
        for word, value in (("charon {", "charon {\n  dos_protection = no"), ("ike = 2", "ike = 0"), ("cfg = 2", "cfg = 0"),
                            ("default = 1", "default = 1\n      net = 0\n      enc = 0\n      knl = 0")):
            text = text.replace(word, value)
        return text
