"""ikev2d on both gateways, with AES-128-GCM in UDP unless told otherwise."""

import json

from bed import BUILD, NET, OUTER, Failure, other, run
from contenders.base import Contender
from machine import first_match

CONFIG = """\
daemon:
  listen: [0.0.0.0]
  crypto: {crypto}
  data_threads: {threads}
  offload: {{{offload}}}
  limits: {{children: {limit}}}
  routes: {routes}
profiles:
  pr1:
    local: {{address: {local}, auth: {{psk: benchmark}}}}
    remote: {{address: {remote}, auth: {{psk: benchmark}}}}
    ike: {{proposals: [aes-gcm-256/hmac-sha2-256/curve25519]}}
    encap: {encap}
    children:
      {children}
"""


class Ours(Contender):
    kind = "ikev2d"
    limit = 256  # of children
    routes = "true"

    def __init__(self, name, label, crypto="auto", threads="auto", encap="udp", suite="aes-gcm-128", off=()):
        super().__init__(name, label)
        self.crypto, self.threads, self.encap, self.suite, self.off = crypto, threads, encap, suite, off

    def missing(self):
        return None if (BUILD / "ikev2d").exists() else f"{BUILD / 'ikev2d'} is not built (./dev build)"

    def version(self):
        return first_match([str(BUILD / "ikev2d"), "--version"], r"(.+)")

    def config(self, side):
        offload = ", ".join(f"{name}: {str(name not in self.off).lower()}" for name in ("tso", "uso", "gso", "gro"))
        return CONFIG.format(crypto=self.crypto, threads=self.threads, offload=offload, encap=self.encap, limit=self.limit, routes=self.routes,
                             local=OUTER[side], remote=OUTER[other(side)], children="\n      ".join(self.children(side)))

    def children(self, side):
        """Lines of the profile, one for each child."""
        yield f"net: {self.child(NET[side], NET[other(side)])}"

    def child(self, local, remote, more=""):
        return f"{{local_ts: [{local}], remote_ts: [{remote}], proposals: [{self.suite}/no-esn]{more}}}"

    def ctl(self, bed, side, *command, within=60):
        return run(str(BUILD / "ikectl"), "-s", str(bed.work / f"{side}.sock"), *command, within=within)

    def start(self, bed):
        for side in ("b", "a"):
            self.start_side(bed, side, self.config(side))
        self.initiate(bed)
        self.check(bed)

    def initiate(self, bed):
        self.ctl(bed, "a", "initiate", "pr1")

    def start_side(self, bed, side, config):
        file = bed.work / f"{side}.yaml"
        file.write_text(config, encoding="utf-8")
        file.chmod(0o600)
        daemon = bed.daemon(f"gw-{side}", f"ikev2d-{side}", BUILD / "ikev2d", "-c", file, "-s", bed.work / f"{side}.sock",
                            "--log-level", "info")
        daemon.wait_line("event=ready", 15)

    def check(self, bed):
        """What was asked for is what is at work, or the figures would be another contender's."""
        data = json.loads(self.ctl(bed, "a", "--json", "status"))["data_path"]
        wrong = [name for name in self.off if name in data["offloads"]]
        if wrong or self.crypto not in ("auto", data["crypto"]) or self.threads not in ("auto", data["threads"]):
            raise Failure(f"{self.name}: the data path is {data}")

    def rekey(self, bed):
        self.ctl(bed, "a", "rekey", "pr1", "--child", "net")
