#include "config/manual_check.h"

#include <fmt/core.h>

#include <algorithm>

#include "config/algorithm_names.h"
#include "config/diagnostics.h"

namespace config {
namespace {

using ikev2::TransformType;

// The row of an algorithm, or why there is none.
base::Result<AlgorithmName> find_kind(std::string_view word, TransformType type, std::string_view kind) {
  const auto found = find_algorithm(word);
  if (!found) {
    const std::string sizes = missing_key_length(word);
    if (!sizes.empty()) return base::local_error(quote(word) + " needs a key length: " + sizes);
    return base::local_error(quote(word) + " is no algorithm" + algorithm_hint(word));
  }
  if (found->transform.type != type) {
    return base::local_error(fmt::format("{} is no algorithm for {}", quote(word), kind));
  }
  return *found;
}

bool is_transform(const ManualSa& sa) {
  return sa.protocol == base::ip_protocol::kEsp || sa.protocol == base::ip_protocol::kAh;
}

base::Status check_addresses(const ManualSa& sa) {
  const bool both = sa.source.is_set() && sa.destination.is_set();
  if (both && sa.source.family() != sa.destination.family()) {
    return base::local_error("source and destination are of different families");
  }
  if (!sa.destination.is_set() && (!sa.id || sa.mode == ikev2::Mode::tunnel)) {
    return base::local_error("the SA needs a destination");
  }
  if (sa.mode == ikev2::Mode::tunnel && !sa.source.is_set() && sa.id) {
    return base::local_error("a tunnel needs a source and a destination");
  }
  return {};
}

base::Status check_transform(const ManualSa& sa, std::vector<std::string>& warnings) {
  const bool ah = sa.protocol == base::ip_protocol::kAh;
  if (ah && sa.cipher.encr != crypto::Encr::none) return base::local_error("AH encrypts nothing");
  if (ah && sa.udp_encap) return base::local_error("AH cannot go inside UDP");
  crypto::CipherSpec spec = cipher_of(sa);
  if (ah) spec.encr = crypto::Encr::null;
  RETURN_IF_ERROR(crypto::check_keys(spec, sa.encr_key, sa.integ_key));
  if (spec.unauthenticated) {
    if (sa.esn) return base::local_error("extended numbers need authentication (RFC 4303 2.2.1)");
    warnings.emplace_back("nothing authenticates the packets: who sees them can change them (RFC 8221 4)");
  }
  // Without a window the numbers' high halves cannot be known (RFC 4303 2.2.1).
  if (sa.esn && sa.replay_window == 0) return base::local_error("extended numbers need a replay window");
  if (replay_window_of(sa) == 0) warnings.emplace_back("no replay protection");
  const crypto::EncrInfo* const encr = crypto::find(spec.encr);
  const crypto::IntegInfo* const integ = crypto::find(spec.integ);
  if (encr->weak) warnings.push_back(crypto::name(spec.encr, spec.key_bits) + " is weak (RFC 8221 5)");
  if (integ->weak) warnings.push_back(crypto::name(spec.integ) + " is weak (RFC 8221 6)");
  if (!ah && !encr->encrypts) warnings.emplace_back("the packets are not encrypted");
  return {};
}

base::Status check_limit(const ManualLimit& limit, std::string_view what) {
  if (limit.hard == 0 || limit.soft <= limit.hard) return {};
  return base::local_error(fmt::format("{}: the soft limit lies behind the hard one", what));
}

}  // namespace

base::Status set_algorithms(ManualSa& sa, std::string_view encr, std::string_view integ) {
  if (!encr.empty() && encr != "none") {
    ASSIGN_OR_RETURN(const AlgorithmName found, find_kind(encr, TransformType::encr, "encryption"));
    sa.cipher.encr = static_cast<crypto::Encr>(found.transform.id);
    sa.cipher.key_bits = found.transform.key_bits;
  }
  if (integ.empty() || integ == "none") return {};
  ASSIGN_OR_RETURN(const AlgorithmName found, find_kind(integ, TransformType::integ, "integrity"));
  // By name: one of them has no number.
  for (const crypto::IntegInfo& row : crypto::all_integ()) {
    if (row.name == found.name) sa.cipher.integ = row.id;
  }
  return {};
}

bool counts(const crypto::CipherSpec& spec) { return spec.aead() || spec.encr == crypto::Encr::aes_ctr; }

crypto::CipherSpec cipher_of(const ManualSa& sa) {
  crypto::CipherSpec spec = sa.cipher;
  if (sa.protocol == base::ip_protocol::kAh) spec.encr = crypto::Encr::none;
  const crypto::EncrInfo* const encr = crypto::find(spec.encr);
  spec.unauthenticated = sa.protocol == base::ip_protocol::kEsp && encr != nullptr && encr->encrypts &&
                         !encr->aead() && spec.integ == crypto::Integ::none;
  return spec;
}

std::uint32_t replay_window_of(const ManualSa& sa) {
  return cipher_of(sa).unauthenticated ? 0 : sa.replay_window;
}

spd::Action magic_action(const base::Said& said) {
  switch (static_cast<base::MagicSa>(said.spi.value)) {
    case base::MagicSa::pass:
      return spd::Action::bypass;
    case base::MagicSa::drop:
      return spd::Action::discard;
    case base::MagicSa::reject:
      return spd::Action::reject;
    case base::MagicSa::hold:
      return spd::Action::hold;
    case base::MagicSa::trap:
      return spd::Action::trap;
  }
  return spd::Action::discard;
}

std::string name_of(const ManualSa& sa) {
  return sa.id ? fmt::format("sa {}", *sa.id) : said_text(said_of(sa), base::SaidForm::hex);
}

base::Said said_of(const ManualSa& sa) { return {sa.protocol, sa.spi, sa.destination}; }

base::Status check_sa(const ManualSa& sa, std::vector<std::string>& warnings) {
  // "The SPI value of zero (0) ... MUST NOT be sent on the wire" (RFC 4303 2.1).
  if (sa.spi.value == 0) return base::local_error("an SPI of 0 is not valid");
  // "The set of SPI values in the range 1 through 255 are reserved" (RFC 4303 2.1).
  if (is_transform(sa) && sa.spi.value < 0x100)
    warnings.push_back(fmt::format("SPI 0x{:x} is reserved: SPIs begin at 0x100", sa.spi.value));
  RETURN_IF_ERROR(check_addresses(sa));
  RETURN_IF_ERROR(check_limit(sa.life.allocations, "allocations"));
  RETURN_IF_ERROR(check_limit(sa.life.bytes, "bytes"));
  RETURN_IF_ERROR(check_limit(sa.life.addtime, "addtime"));
  RETURN_IF_ERROR(check_limit(sa.life.usetime, "usetime"));
  RETURN_IF_ERROR(check_limit(sa.life.packets, "packets"));
  if (is_transform(sa) && sa.alone) {
    return base::local_error("alone is for tun and comp: esp and ah need no group");
  }
  if (is_transform(sa)) return check_transform(sa, warnings);
  if (sa.protocol != base::ip_protocol::kIpIp && sa.protocol != base::ip_protocol::kComp) {
    return base::local_error("the protocol of an SA is esp, ah, tun or comp");
  }
  if (!sa.encr_key.empty() || !sa.integ_key.empty()) {
    return base::local_error(base::said_protocol_name(sa.protocol) + " takes no keys");
  }
  if (sa.alone) warnings.emplace_back("the packets are in clear, neither encrypted nor authenticated");
  return {};
}

base::Status check_policy(const ManualPolicy& policy) {
  const auto& local = policy.local;
  const auto& remote = policy.remote;
  if (local.range.first.family() != remote.range.first.family()) {
    return base::local_error("the local and the remote addresses are of different families");
  }
  if (local.range.last < local.range.first || remote.range.last < remote.range.first) {
    return base::local_error("a range of addresses ends before it begins");
  }
  const bool named = !std::holds_alternative<std::monostate>(policy.sa);
  if (policy.action == spd::Action::protect && !named) return base::local_error("protect needs an SA");
  if (policy.action != spd::Action::protect && named) {
    return base::local_error(fmt::format("{} takes no SA", spd::name(policy.action)));
  }
  const bool waits = policy.action == spd::Action::trap || policy.action == spd::Action::hold;
  if (waits && policy.direction == spd::Direction::inbound) {
    return base::local_error("packets that come in cannot wait");
  }
  return {};
}

}  // namespace config
