"""Responders for many initiators with identities h*.load, all with one secret: on gw-b alone."""

from bed import NET, OUTER
from contenders.ours import Ours
from contenders.strongswan import StrongSwan

SECRET = "benchmark-of-handshakes"
PROPOSAL = "aes-gcm-128/hmac-sha2-256/curve25519"
LOAD_NET = "10.1.0.0/16"

OURS = f"""\
daemon:
  listen: [0.0.0.0]
  limits: {{cookie_threshold: 4096, half_open_per_source: 4096, ike_per_profile: 200000}}
profiles:
  all:
    local: {{address: {OUTER['b']}, id: "fqdn:responder.test", auth: {{psk: {SECRET}}}}}
    remote: {{id: "fqdn:*.load", auth: {{psk: {SECRET}}}}}
    ike: {{proposals: [{PROPOSAL}]}}
    children: {{net: {{local_ts: [{NET['b']}], remote_ts: [{LOAD_NET}], proposals: [aes-gcm-128/no-esn]}}}}
"""
THEIRS = f"""\
connections {{
  all {{
    version = 2
    local_addrs = {OUTER['b']}
    proposals = aes128gcm16-prfsha256-curve25519
    local {{ auth = psk
      id = responder.test
    }}
    remote {{ auth = psk
      id = *.load
    }}
    children {{
      net {{
        local_ts = {NET['b']}
        remote_ts = {LOAD_NET}
        esp_proposals = aes128gcm16
      }}
    }}
  }}
}}
secrets {{
  ike-1 {{ secret = {SECRET}
  }}
}}
"""


class OursResponder(Ours):
    def start(self, bed):
        self.start_side(bed, "b", OURS)


class StrongSwanResponder(StrongSwan):
    """With no bound on half-open SAs of one address, and a quiet log: the load comes from one address."""

    def start(self, bed):
        self.start_side(bed, "b", THEIRS)

    def settings(self, folder, log):
        text = super().settings(folder, log)
        for word, value in (("charon {", "charon {\n  dos_protection = no"), ("ike = 2", "ike = 0"), ("cfg = 2", "cfg = 0"),
                            ("default = 1", "default = 1\n      net = 0\n      enc = 0\n      knl = 0")):
            text = text.replace(word, value)
        return text
