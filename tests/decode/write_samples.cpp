// Writes packets as they leave this data path, one JSON object a line, with their keys and what is in them:
// for scapy and tshark to decode (decode.py). All algorithms in tunnel mode, AH in both modes, ESN, and
// bundles.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "esp/transport.h"
#include "tests/dataplane/bundle_link.h"
#include "tests/dataplane/suites.h"

namespace {

using dataplane::BundleLink;
using esp::Transform;
using support::BundleShape;

constexpr std::uint32_t kFirstSpi = 0x1000, kSpisOfEach = 0x10;

std::string hex(const base::SecretBytes& key) { return base::to_hex(key.span()); }

// The IP header that a socket writes in front of ESP.
base::Bytes whole_packet(const BundleLink& link, const base::Frame& frame) {
  if (link.sent.whole.size() == 1) return base::to_bytes(frame.bytes());
  const esp::SaParams& params = link.out.back()->params;
  base::Bytes packet(esp::kMaxFixedHeader);
  packet.resize(esp::write_header(packet.data(), params.local.address, params.remote.address,
                                  base::ip_protocol::kEsp, frame.length));
  base::append(packet, frame.bytes());
  return packet;
}

nlohmann::json member(const esp::OutboundSa& sa) {
  const esp::SaParams& p = sa.params;
  nlohmann::json out{{"transform", esp::name(p.transform)}, {"spi", p.spi.value}, {"esn", p.suite.esn}};
  if (p.transform == Transform::esp) {
    out["encr"] = crypto::name(p.suite.cipher.encr, 0);
    out["key_bits"] = p.suite.cipher.key_bits;
    out["encr_key"] = hex(p.encr_key);
  }
  if (esp::has_cipher(p.transform)) {
    out["integ"] = crypto::name(p.suite.cipher.integ);
    out["integ_key"] = hex(p.integ_key);
  }
  return out;
}

// One packet by a bundle of that shape. `name` says what it is.
bool write(const std::string& name, BundleShape shape) {
  static std::uint32_t written = 0;
  shape.spi = kFirstSpi + kSpisOfEach * written++;
  BundleLink link(shape);
  const auto inner = link.even(200);
  link.give(inner);
  link.left.out.process(link.batch, link.sent);
  const auto& frames = link.sent.whole.size() == 1 ? link.sent.whole : link.sent.raw;
  if (frames.size() != 1) {
    std::fprintf(stderr, "%s: nothing was sent\n", name.c_str());
    return false;
  }
  nlohmann::json line{{"name", name},
                      {"transport", shape.transport},
                      {"wire", base::to_hex(whole_packet(link, frames[0]))},
                      {"inner", base::to_hex(inner)},
                      {"members", nlohmann::json::array()}};
  for (const auto& sa : link.out) line["members"].push_back(member(*sa));
  std::printf("%s\n", line.dump().c_str());
  return true;
}

bool write_suites() {
  bool good = true;
  for (const auto& suite : dataplane::all_suites()) {
    BundleShape shape{{Transform::esp}};
    shape.cipher = suite;
    good = write("esp " + dataplane::text(suite), shape) && good;
    shape.transport = true;
    good = write("esp transport " + dataplane::text(suite), shape) && good;
    if (suite.integ == crypto::Integ::none || suite.integ == crypto::Integ::hmac_sha2_256_128) {
      shape.transport = false;
      shape.esn = true;
      good = write("esp esn " + dataplane::text(suite), shape) && good;
    }
  }
  return good;
}

bool write_ah() {
  bool good = true;
  for (const auto& integ : crypto::all_integ()) {
    if (integ.id == crypto::Integ::none) continue;
    for (const bool transport : {false, true}) {
      BundleShape shape{{Transform::ah}};
      shape.ah = {crypto::Encr::none, 0, integ.id};
      shape.transport = transport;
      const std::string mode = transport ? "ah transport " : "ah ";
      good = write(mode + crypto::name(integ.id), shape) && good;
    }
  }
  return good;
}

bool write_bundles() {
  BundleShape shape{{Transform::tun, Transform::comp, Transform::esp, Transform::ah}};
  shape.cipher = {crypto::Encr::aes_cbc, 128, crypto::Integ::sha1_96};
  shape.ah = {crypto::Encr::none, 0, crypto::Integ::hmac_sha2_256_128};
  bool good = write("bundle", shape);
  shape.transforms = {Transform::tun, Transform::esp, Transform::ah};
  good = write("bundle", shape) && good;
  shape.transforms = {Transform::tun};
  good = write("bundle", shape) && good;
  shape.transforms = {Transform::tun, Transform::comp};
  return write("bundle", shape) && good;
}

}  // namespace

int main() {
  const bool suites = write_suites(), ah = write_ah(), bundles = write_bundles();
  return suites && ah && bundles ? 0 : 1;
}
