// KLIPS' listings: ipsec_spi(5), ipsec_spigrp(5), ipsec_eroute(5), ipsec_tncfg(5). SAs and policies of IKEv2
// stand in them beside those that are keyed by hand.
#pragma once

#include <string>

#include "control/manual_model.h"
#include "control/model.h"

namespace control::listing {

// proc: what /proc/net/ipsec_* of Openswan 2.6 printed. man: what the man pages show.
enum class KlipsFormat : std::uint8_t { proc, man };

// The tables as KLIPS has them, both origins in one.
struct KlipsTables {
  std::vector<ManualSaView> sas;
  std::vector<std::vector<std::string>> groups;
  std::vector<ManualPolicyView> eroutes;  // outbound ones, and inbound ones of tunnels
  struct Identities {
    std::string local, remote;
  };
  std::vector<Identities> identities;  // of eroutes
};
// "ipsec0 -> eth0 mtu=1438(1438) -> 1500"; NULL where the device is attached to nothing.
std::string tncfg_lines(const std::vector<ManualDeviceView>& devices);

// Of one child: the SA that goes out and the one that comes in, and an eroute for each pair of selectors.
std::vector<ManualSaView> child_sas(const IkeSaView& ike, const ChildView& child);
std::vector<ManualPolicyView> child_eroutes(const IkeSaView& ike, const ChildView& child);
KlipsTables::Identities child_identities(const std::string& local_id, const std::string& remote_id);

// One line each. `reference` counts SAs from 1.
std::string spi_line(const ManualSaView& sa, KlipsFormat format, std::uint64_t reference);
std::string spigrp_line(const std::vector<std::string>& group, KlipsFormat format);
std::string spigrp_line(const ManualSaView& alone, KlipsFormat format);
// Empty for an inbound one. With the identities behind, where asked for; the form of the man page always has
// them.
std::string eroute_line(const ManualPolicyView& eroute, const KlipsTables::Identities& identities,
                        KlipsFormat format, bool with_identities);

KlipsTables klips_tables(const StatusView& status, const ManualView& manual);

std::string spi_lines(const KlipsTables& tables, KlipsFormat format);
std::string spigrp_lines(const KlipsTables& tables, KlipsFormat format);
// With the identities behind each line, where asked for; the form of the man page always has them.
std::string eroute_lines(const KlipsTables& tables, KlipsFormat format, bool identities);

}  // namespace control::listing
