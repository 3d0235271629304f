"""counts.py SPI_JSON XFRM_STATES SAS COUNT — a row's counters: SAS of ESP, AH and IPComp in each direction, each with COUNT packets at
least (IPComp: some, since what does not become smaller goes without), and no failure."""

import json
import re
import sys


def main():
    path, states, sas, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    wrong = []
    listed = [sa for sa in json.load(open(path))["sas"] if sa["protocol"] != "tun"]
    if len(listed) != 2 * sas:
        wrong.append(f"{len(listed)} SAs of ours")
    for sa in listed:
        failures = sa["integrity_errors"] + sa["replays"] + sa["other_errors"]
        if sa["packets"] < count or failures:
            wrong.append(f"our {sa['protocol']} {sa['spi']} has {sa['packets']} packets, {failures} failures")
    kernel = re.findall(r"proto (\w+) spi (\w+).*?(\d+)\(packets\).*?replay (\d+) failed (\d+)", open(states).read(), re.S)
    mine = [state for state in kernel if state[0] in ("esp", "ah", "comp")]
    if len(mine) != 2 * sas:
        wrong.append(f"{len(mine)} SAs of the kernel")
    for protocol, spi, packets, replay, failures in mine:
        if int(packets) < (1 if protocol == "comp" else count) or int(replay) or int(failures):
            wrong.append(f"the kernel's {protocol} {spi} has {packets} packets, {replay} replays, {failures} failures")
    print("; ".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
