// ipsec_spi(5), ipsec_spigrp(5) and ipsec_tncfg(5).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "control/listing/klips.h"
#include "control/listing/klips_said.h"
#include "control/listing/text.h"

namespace control::listing {
namespace {

// "aes-gcm-16-256" -> "AES_GCM_16". AES in CBC mode is AES alone, as in KLIPS.
std::string cipher_part(std::string name) {
  for (const char* size : {"-128", "-192", "-256"}) {
    if (name.ends_with(size)) name.resize(name.size() - 4);
  }
  if (name == "aes-cbc") name = "aes";
  for (char& c : name) c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name.empty() ? "" : "_" + name;
}

std::string auth_part(const std::string& name) {
  constexpr std::array<std::pair<const char*, const char*>, 8> kNames = {
      {{"md5-96", "_HMAC_MD5"},
       {"sha1-96", "_HMAC_SHA1"},
       {"hmac-sha2-256-128", "_HMAC_SHA2_256"},
       {"sha2-256-96", "_HMAC_SHA2_256"},
       {"hmac-sha2-384-192", "_HMAC_SHA2_384"},
       {"hmac-sha2-512-256", "_HMAC_SHA2_512"},
       {"aes-xcbc-96", "_AES_XCBC"},
       {"aes-cmac-96", "_AES_CMAC"}}};
  for (const auto& [ours, klips] : kNames) {
    if (name == ours) return klips;
  }
  return cipher_part(name);
}

std::string transform(const ManualSaView& sa) {
  if (sa.protocol == "tun") return "IPIP";
  if (sa.protocol == "comp") return "COMP_DEFLATE";
  const std::string cipher = sa.protocol == "ah" ? "" : cipher_part(sa.encr);
  return (sa.protocol == "ah" ? "AH" : "ESP") + cipher + auth_part(sa.integ);
}

std::string number(const char* name, std::uint64_t value) {
  return value == 0 ? "" : fmt::format(" {}={}", name, value);
}

std::string window_part(const ManualSaView& sa) {
  if (sa.encr.empty() && sa.integ.empty()) return "";
  std::uint64_t bits = sa.replay_bits;
  if (sa.replay_window < 64) bits &= (std::uint64_t{1} << sa.replay_window) - 1;
  return number("ooowin", sa.replay_window) + number("ooo_errs", sa.errors.replays) +
         number("seq", sa.sequence) + (bits == 0 ? "" : fmt::format(" bit=0x{:x}", bits)) +
         number("max_seq_diff", sa.errors.widest_gap);
}

std::string life_field(const char* name, const LifeView& life, bool counted) {
  if (!counted && life.soft == 0 && life.hard == 0) return "";
  return fmt::format("{}({},{},{})", name, life.current, life.soft, life.hard);
}

// Counts of 1 are not worth a word to KLIPS.
std::string life_part(const ManualSaView& sa, KlipsFormat format) {
  const bool man = format == KlipsFormat::man;
  return " life(c,s,h)=" + life_field("alloc", sa.allocations, sa.allocations.current > 1) +
         life_field("bytes", sa.bytes_life, sa.bytes_life.current > 1) +
         life_field(man ? "add" : "addtime", sa.addtime, sa.addtime.current > 0) +
         (man && sa.idle_s ? " " : "") +
         life_field(man ? "use" : "usetime", sa.usetime, sa.idle_s.has_value()) +
         life_field("packets", sa.packets_life, sa.packets_life.current > 1);
}

std::string encap_part(const ManualSaView& sa) {
  return sa.udp_encap
             ? fmt::format(" natencap=nonesp natsport={} natdport={}", sa.source_port, sa.destination_port)
             : " natencap=none natsport=0 natdport=0";
}

}  // namespace

std::string spi_line(const ManualSaView& sa, KlipsFormat format, std::uint64_t reference) {
  const bool man = format == KlipsFormat::man, inbound = sa.inbound && !sa.outbound;
  const std::string policy = sa.flow ? " policy=" + *sa.flow : "";
  std::string line = klips_said(sa, format) + " " + transform(sa) + ":";
  // In the listing of the kernel the blank makes both directions equally wide.
  line += inbound ? (man ? " dir=in" : " dir=in ") : " dir=out";
  if (!sa.source.empty()) line += " src=" + sa.source;
  line += policy + window_part(sa) + (policy.empty() ? "" : " flags=0x8<>");
  line += number("alen", sa.integ_bits) + number("aklen", sa.integ_bits) +
          number("auth_errs", sa.errors.integrity) + number("eklen", sa.encr_bits) +
          number("encr_size_errs", sa.errors.size) + number("encr_pad_errs", sa.errors.padding);
  line += life_part(sa, format);
  if (sa.idle_s) line += fmt::format(" idle={}", *sa.idle_s);
  if (sa.plain != 0 || sa.compressed != 0) line += fmt::format(" ratio={}:{}", sa.plain, sa.compressed);
  if (!man) line += encap_part(sa) + fmt::format(" refcount={} ref={} refhim=0", sa.users + 1, reference);
  if (sa.keys && !sa.keys->encr.empty()) line += " enckey=0x" + sa.keys->encr;
  if (sa.keys && !sa.keys->integ.empty()) line += " authkey=0x" + sa.keys->integ;
  return line + "\n";
}

std::string spi_lines(const KlipsTables& tables, KlipsFormat format) {
  std::string out;
  std::uint64_t reference = 0;
  for (const ManualSaView& sa : tables.sas) out += spi_line(sa, format, ++reference);
  return out;
}

// A blank stands behind each name, the last one too.
std::string spigrp_line(const std::vector<std::string>& group, KlipsFormat format) {
  std::string out;
  for (const std::string& said : group) out += klips_said(said, format) + " ";
  return out + "\n";
}

std::string spigrp_line(const ManualSaView& alone, KlipsFormat format) {
  return klips_said(alone, format) + " \n";
}

// One line a group, and one for each SA that is in none.
std::string spigrp_lines(const KlipsTables& tables, KlipsFormat format) {
  std::string out;
  for (const auto& group : tables.groups) out += spigrp_line(group, format);
  for (const ManualSaView& sa : tables.sas) {
    if (!sa.grouped) out += spigrp_line(sa, format);
  }
  return out;
}

std::string tncfg_lines(const std::vector<ManualDeviceView>& devices) {
  std::string out;
  for (const ManualDeviceView& device : devices) {
    const bool attached = !device.physical.empty();
    out += fmt::format("{} -> {} mtu={}({}) -> {}\n", printable(device.name),
                       attached ? printable(device.physical) : "NULL", attached ? device.mtu : 0,
                       attached ? device.mtu : 0, device.physical_mtu);
  }
  return out;
}

}  // namespace control::listing
