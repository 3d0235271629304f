#!/usr/bin/env python3
"""Checks every #include of the repository against the table of layers (docs/architecture.md, "Layers").

    level 4   apps
    level 3   config     control
    level 2   ikev2      esp      tun
    level 1   crypto     spd
    level 0   base

Prints FILE:LINE: what is wrong; exit status 1 when anything is. --self-test proves that it can fail.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# folder -> what it may include of ours: whole folders, or single headers
OURS = {
    "base": ["base/"],
    "crypto": ["base/", "crypto/"],
    "spd": ["base/", "spd/"],
    "ikev2": ["base/", "crypto/", "spd/", "ikev2/"],
    "esp": ["base/", "crypto/", "spd/", "esp/"],
    "tun": ["base/", "tun/"],
    # config.h is made of the other three, plain structs all of them
    "config": ["base/", "crypto/", "spd/", "config/", "tun/options.h", "ikev2/config.h", "ikev2/identity.h",
               "ikev2/types.h", "ikev2/negotiate/proposal.h"],
    "control": ["base/", "control/"],
    "apps": ["base/", "crypto/", "spd/", "ikev2/", "esp/", "tun/", "config/", "control/", "apps/"],
}
ANYTHING = ("tests", "interop")

# library headers -> the path patterns that may include them (tests and interop may always)
LIBRARIES = [
    ("Botan", r"botan/", [r"crypto/botan/"]),
    ("ipsec-mb", r"intel-ipsec-mb", [r"crypto/ipsec_mb/"]),
    ("yaml-cpp", r"yaml-cpp/", [r"config/"]),
    ("nlohmann/json", r"nlohmann/", [r"control/", r"apps/"]),
    ("Boost.Asio", r"boost/asio", [r"tun/", r"control/(server|client|connection)\.(h|cpp)$", r"apps/"]),
    ("libtins", r"tins/", [r"apps/"]),
    ("libmnl", r"libmnl/", [r"tun/netlink", r"tun/guard"]),
    ("CLI11", r"CLI/", [r"apps/"]),
    ("zlib", r"zlib\.h", [r"esp/ipcomp\.cpp$"]),
    ("libedit", r"(editline/|histedit\.h)", [r"apps/ctl/"]),
    ("Catch2", r"catch2/", []),
    ("Boost.System", r"boost/(system|assert)/", [r"base/", r"apps/"]),
    ("fmt", r"fmt/", [r""]),
    ("Boost", r"boost/", [r"tun/", r"control/", r"apps/"]),
]

CORE = ("base", "crypto", "spd", "ikev2", "esp")  # reads no clock, no socket, no file, starts no thread
SYSTEM = re.compile(r"^(sys|net|netinet|netinet6|arpa|linux|asm|netpacket|poll|unistd|fcntl|pthread|signal|ifaddrs|netdb"
                    r"|sched|dirent|pwd|grp|termios|syslog|time)(/|\.h$)")
CORE_STD = {"thread", "mutex", "shared_mutex", "condition_variable", "future", "fstream", "iostream", "filesystem",
            "random", "ctime", "cstdio", "csignal", "stop_token", "semaphore", "latch", "barrier", "syncstream"}
PURE = {("base/ip.cpp", "arpa/inet.h")}  # inet_pton and inet_ntop: text only
NO_SUCH = {"ranges", "format", "expected"}  # clang 14 or g++ 12 cannot compile them

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def check_ours(folder, target):
    if not any(target.startswith(allowed) if allowed.endswith("/") else target == allowed for allowed in OURS[folder]):
        return f"{folder}/ must not include {target}"
    if target.startswith("crypto/botan/") and folder not in ("crypto", "apps"):
        return f"{target}: only crypto/ and the composition in apps/ may know the adapter"
    return None


def check_library(path, target):
    for name, pattern, allowed in LIBRARIES:
        if re.match(pattern, target):
            return None if any(re.match(p, path) for p in allowed) else f"{name} ({target}) is not allowed here"
    return None


def check_system(path, target):
    folder = path.split("/")[0]
    if target in NO_SUCH:
        return f"<{target}> does not compile with every supported compiler"
    if (path, target) in PURE:
        return None
    if folder in CORE and (SYSTEM.match(target) or target in CORE_STD):
        return f"<{target}>: the core reads no clock, socket or file and starts no thread"
    return None


def check_include(path, target):
    """The complaint about one include of one file, or None."""
    folder = path.split("/")[0]
    if folder in ANYTHING or folder not in OURS:
        return None
    first = target.split("/")[0]
    if first in ANYTHING:
        return f"production code must not include {target}"
    if first in OURS:
        return check_ours(folder, target)
    return check_library(path, target) or check_system(path, target)


def sources():
    listing = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", "*.h", "*.cpp", "*.def"],
                             cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [line for line in listing.splitlines() if (ROOT / line).is_file()]


def self_test():
    wrong = [("esp/inbound.cpp", "ikev2/engine.h"), ("ikev2/engine.cpp", "esp/sa.h"), ("ikev2/engine.cpp", "tun/options.h"),
             ("tun/shard.cpp", "spd/spd.h"), ("crypto/prf_plus.cpp", "botan/hash.h"), ("spd/spd.cpp", "crypto/suite.h"),
             ("control/server.cpp", "ikev2/status.h"), ("config/load_yaml.cpp", "ikev2/engine.h"), ("apps/x.cpp", "tests/support/y.h"),
             ("esp/outbound.cpp", "boost/asio.hpp"), ("control/protocol.h", "boost/asio.hpp"), ("ikev2/engine.cpp", "sys/socket.h"),
             ("esp/inbound.cpp", "tins/tins.h"), ("base/ip.cpp", "thread"), ("apps/ctl/main.cpp", "yaml-cpp/yaml.h")]
    right = [("esp/inbound.cpp", "crypto/cipher.h"), ("crypto/botan/prf.cpp", "botan/mac.h"), ("tun/netlink.cpp", "libmnl/libmnl.h"),
             ("config/build.cpp", "ikev2/config.h"), ("control/server.cpp", "boost/asio.hpp"), ("tests/unit/esp/x_test.cpp", "tins/tins.h"),
             ("apps/daemon/daemon.cpp", "esp/inbound.h"), ("ikev2/engine.cpp", "vector"), ("tun/udp_socket.cpp", "sys/socket.h")]
    bad = [pair for pair in wrong if not check_include(*pair)] + [pair for pair in right if check_include(*pair)]
    for pair in bad:
        print(f"self test: {pair[0]} including {pair[1]} is judged wrongly")
    return 1 if bad else 0


def main():
    if "--self-test" in sys.argv:
        return self_test()
    complaints = 0
    for path in sources():
        for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), 1):
            match = INCLUDE.match(line)
            complaint = check_include(path, match.group(2)) if match else None
            if complaint:
                print(f"{path}:{number}: {complaint}")
                complaints += 1
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(self_test() or main())
