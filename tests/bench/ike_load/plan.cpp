#include "tests/bench/ike_load/plan.h"

namespace ike_load {
namespace {

// Address number `index` of a range; beyond its end it begins again.
base::IpAddress address_in(const base::AddressRange& range, std::uint64_t index) {
  const std::uint64_t last = range.last.low() - range.first.low();
  const std::uint64_t step = last == ~std::uint64_t{0} ? index : index % (last + 1);
  if (range.first.is_v4())
    return base::IpAddress::v4(range.first.v4_value() + static_cast<std::uint32_t>(step));
  return base::IpAddress::v6(range.first.high(), range.first.low() + step);
}

}  // namespace

bool is_private(const base::IpAddress& address) {
  for (const char* text :
       {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "::1/128", "fc00::/7"}) {
    if (base::Prefix::parse(text)->contains(address)) return true;
  }
  return false;
}

base::Result<ikev2::PeerConfig> pattern_of(const config::LoadResult& loaded) {
  std::string errors;
  for (const auto& diagnostic : loaded.diagnostics) {
    if (diagnostic.severity == config::Diagnostic::Severity::error) errors += diagnostic.text() + "\n";
  }
  if (!errors.empty()) return base::local_error(errors);
  if (loaded.config.peers.size() != 1) return base::local_error("the file must hold one profile");
  ikev2::PeerConfig profile = *loaded.config.peers.front();
  const auto* remote = std::get_if<base::IpAddress>(&profile.remote_address);
  if (!profile.local_address || remote == nullptr) {
    return base::local_error("the profile must give local.address and remote.address as addresses");
  }
  for (const auto& address : {*profile.local_address, *remote}) {
    if (!is_private(address)) return base::local_error(address.text() + " is no private address: refused");
  }
  // Handshakes begin when it is their turn, and none makes the responder forget another.
  for (auto& child : profile.children) child.start = ikev2::Start::none;
  profile.initial_contact = false;
  return profile;
}

base::Result<ikev2::PeerConfigPtr> profile_of(const Plan& plan, std::size_t index) {
  auto profile = std::make_shared<ikev2::PeerConfig>(plan.profile);
  const std::string number = std::to_string(index);
  profile->name = "h" + number;
  std::string identity = plan.identity;
  if (const auto star = identity.find('*'); star != std::string::npos) identity.replace(star, 1, number);
  ASSIGN_OR_RETURN(profile->local_id, ikev2::Identity::parse(identity));
  for (auto& child : profile->children) {
    if (child.local_ts.empty()) continue;
    const base::IpAddress own = address_in(child.local_ts.front().range, index);
    child.local_ts = {spd::TrafficSelector::of(own)};
  }
  return ikev2::PeerConfigPtr(std::move(profile));
}

}  // namespace ike_load
