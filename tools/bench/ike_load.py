"""Many handshakes by tests/bench/ike_load, from gw-a with the responder on gw-b.

The initiators take one key pair for all and believe the responder unread (--light), so that they cost less than what is
measured."""

import json
import subprocess

from bed import BUILD, OUTER, Failure
from contenders.responders import LOAD_NET, PROPOSAL, QUIET

PROGRAM = BUILD / "tests" / "ike_load"
IN_FLIGHT = 64
PROFILE = """\
profiles:
  load:
    local: {{address: {here}, id: "fqdn:client.load", auth: {own}}}
    remote: {{address: {there}, id: "fqdn:responder.test", auth: {peer}}}
    ike: {{proposals: [{proposal}]}}
    liveness: {quiet}
    children: {{net: {{local_ts: [{net}], remote_ts: [192.168.125.0/24], proposals: [aes-gcm-128/no-esn]}}}}
"""


def available():
    """Whether this build has the program."""
    if not PROGRAM.exists():
        return False
    done = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=False)
    return done.returncode == 0 and "--in-flight" in done.stdout


def command(bed, proof, count, *more):
    """The words that make `count` handshakes, whose last line of output is JSON."""
    profile = bed.work / "load.yaml"
    text = PROFILE.format(here=OUTER["a"], there=OUTER["b"], own=proof.own("client"), peer=proof.peer(), proposal=PROPOSAL, quiet=QUIET,
                          net=LOAD_NET)
    profile.write_text(text, encoding="utf-8")
    profile.chmod(0o600)
    return [PROGRAM, profile, "-n", count, "--in-flight", IN_FLIGHT, "--id", proof.initiators, "--light", "--json", *more]


def result(text):
    """The JSON of a run in which no handshake failed."""
    found = json.loads(text.splitlines()[-1])
    if found["failed"]:
        raise Failure(f"{found['failed']} handshakes failed: {found['failures']}")
    return found
