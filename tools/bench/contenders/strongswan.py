"""strongSwan with its userspace data plane (kernel-libipsec, ESP in UDP), as the interop cases run it."""

import os
import re
import shutil
import time

from bed import NET, OUTER, ROOT, Failure, other, run
from contenders.base import Contender
from machine import first_match

CHARON = "/usr/lib/ipsec/charon"
TEMPLATE = ROOT / "interop" / "peers" / "strongswan" / "strongswan.conf.in"
CONFIG = """\
connections {{
  pr1 {{
    version = 2
    local_addrs = {local}
    remote_addrs = {remote}
    encap = yes
    proposals = aes256gcm16-prfsha256-curve25519
    local {{ auth = psk
    }}
    remote {{ auth = psk
    }}
    children {{
      net {{
        local_ts = {local_net}
        remote_ts = {remote_net}
        esp_proposals = {suite}
      }}
    }}
  }}
}}
secrets {{
  ike-1 {{ secret = benchmark
  }}
}}
"""


class StrongSwan(Contender):
    kind = "strongSwan"

    def __init__(self, name, label, suite="aes128gcm16"):
        super().__init__(name, label)
        self.suite = suite

    def missing(self):
        if os.access(CHARON, os.X_OK) and shutil.which("swanctl"):
            return None
        return "strongSwan is missing: install strongswan-charon, strongswan-swanctl and libcharon-extra-plugins"

    def version(self):
        return first_match(["swanctl", "--help"], r"(strongSwan \d\S+)")

    def swan(self, bed, side, command, *more):
        folder = bed.work / side
        environment = dict(os.environ, STRONGSWAN_CONF=str(folder / "strongswan.conf"), SWANCTL_DIR=str(folder / "swanctl"))
        return run("swanctl", command, "--uri", f"unix://{folder}/run/charon.vici", *more, env=environment)

    def start(self, bed):
        for side in ("b", "a"):
            self.start_side(bed, side, CONFIG.format(local=OUTER[side], remote=OUTER[other(side)], local_net=NET[side],
                                                     remote_net=NET[other(side)], suite=self.suite))
        self.swan(bed, "a", "--initiate", "--child", "net", "--timeout", "10")

    def settings(self, folder, log):
        """strongswan.conf, as the interop cases have it."""
        text = TEMPLATE.read_text(encoding="utf-8")
        for word, value in (("@RUN@", folder / "run"), ("@LOG@", log), ("@FRAGMENT_SIZE@", 1280)):
            text = text.replace(word, str(value))
        return text

    def credentials(self, bed, folder):
        """Puts keys and certificates where swanctl looks for them, in folders of its own."""

    def start_side(self, bed, side, config):
        folder, log = bed.work / side, bed.work / f"charon-{side}.txt"
        (folder / "run").mkdir(parents=True)
        (folder / "swanctl").mkdir()
        (folder / "swanctl" / "swanctl.conf").write_text(config, encoding="utf-8")
        self.credentials(bed, folder / "swanctl")
        (folder / "strongswan.conf").write_text(self.settings(folder, log), encoding="utf-8")
        # /var/run is compiled in; a mount of its own hides the machine's.
        daemon = bed.daemon(f"gw-{side}", f"charon-{side}", "unshare", "-m", "sh", "-c",
                            f"mount --bind '{folder}/run' /var/run && exec {CHARON}",
                            env=dict(os.environ, STRONGSWAN_CONF=str(folder / "strongswan.conf")))
        daemon.wait_line(r"spawning \d+ worker threads", 15, log)
        self.swan(bed, side, "--load-all")

    def rekey(self, bed):
        before = self.newest(bed)
        self.swan(bed, "a", "--rekey", "--child-id", str(before))
        end = time.monotonic() + 5
        while self.newest(bed) <= before:  # --rekey only asks for it
            if time.monotonic() > end:
                raise Failure("strongSwan does not rekey")
            time.sleep(0.05)

    def newest(self, bed):
        """The number of the child that was made last; those that it replaced stay in the list for some seconds, and a child
        that is being rekeyed is not INSTALLED."""
        return max(map(int, re.findall(r"^\s+net: #(\d+),.*INSTALLED", self.swan(bed, "a", "--list-sas"), re.M)), default=0)
