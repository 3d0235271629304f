#include "apps/daemon/explain_packet.h"

#include "apps/daemon/packet_verdict.h"
#include "apps/daemon/request_args.h"
#include "base/bytes.h"

namespace daemon_app {
namespace {

using nlohmann::json;

constexpr std::size_t kOthers = 20;  // policies that do not match, and are told

json texts(const spd::TrafficSelectors& selectors) {
  json out = json::array();
  for (const auto& selector : selectors) out.push_back(selector.text());
  return out;
}

json to_json(const spd::Policy& policy) {
  return {{"name", policy.name},
          {"action", spd::name(policy.action)},
          {"priority", policy.priority},
          {"local", texts(policy.selectors.local)},
          {"remote", texts(policy.selectors.remote)}};
}

const char* protocol_of(const esp::SaParams& params) {
  switch (params.transform) {
    case esp::Transform::tun:
      return "tun";
    case esp::Transform::comp:
      return "comp";
    case esp::Transform::ah:
      return "ah";
    case esp::Transform::none:
    case esp::Transform::esp:
      break;
  }
  return params.suite.protocol == crypto::IpsecProtocol::ah ? "ah" : "esp";
}

json to_json(const esp::SaParams& params) {
  const std::string protocol = protocol_of(params);
  const auto& cipher = params.suite.cipher;
  json out = {{"protocol", protocol},
              {"spi", base::to_hex(params.spi.value, 8)},
              {"mode", params.mode == esp::Mode::transport ? "transport" : "tunnel"},
              {"encap", params.udp_encap ? "udp" : "none"},
              {"local", params.local.address.text()},
              {"remote", params.remote.address.text()},
              {"encr", nullptr},
              {"integ", nullptr}};
  if (protocol == "esp") out["encr"] = crypto::name(cipher.encr, cipher.key_bits);
  if (cipher.integ != crypto::Integ::none) out["integ"] = crypto::name(cipher.integ);
  return out;
}

// The SAs of the policy, and how much room they leave.
void add_bundle(const esp::Bundle& bundle, json& to) {
  for (const auto& sa : bundle.outbound) to["sas"].push_back(to_json(sa->params));
  if (bundle.outbound.empty()) return;
  const std::uint32_t outer = bundle.outbound.back()->params.outer_mtu;
  const std::uint32_t inner = esp::inner_mtu(bundle);
  to["outer_mtu"] = outer;
  to["inner_mtu"] = inner;
  to["overhead"] = outer > inner ? outer - inner : 0;
}

const char* outcome_of(const PacketVerdict& verdict, bool has_sas) {
  if (!verdict.policy) return "no policy takes it: it is dropped where it reaches the tunnel's device";
  switch (verdict.policy->action) {
    case spd::Action::bypass:
      return "it goes on its way in clear";
    case spd::Action::discard:
      return "it is dropped";
    case spd::Action::reject:
      return "it is dropped, and its sender is told so by ICMP";
    case spd::Action::trap:
      return "it waits, and asks for an SA";
    case spd::Action::hold:
      return "it waits for the SA that has been asked for";
    case spd::Action::protect:
      break;
  }
  return has_sas ? "it is protected" : "it is dropped: the policy has no SA";
}

json answer_of(const spd::PacketKey& packet, const PacketVerdict& verdict) {
  json others = json::array();
  for (const OtherPolicy& other : verdict.others) {
    json one = to_json(*other.policy);
    one["why_not"] = other.why;
    others.push_back(std::move(one));
  }
  return {{"packet",
           {{"src", packet.local.text()},
            {"dst", packet.remote.text()},
            {"protocol", packet.protocol},
            {"sport", packet.local_port},
            {"dport", packet.remote_port}}},
          {"policy", verdict.policy ? to_json(*verdict.policy) : json(nullptr)},
          {"reverse_policy", verdict.reverse ? to_json(*verdict.reverse) : json(nullptr)},
          {"sas", json::array()},
          {"others", std::move(others)},
          {"others_left_out", verdict.left_out}};
}

}  // namespace

void explain_packet(const control::Request& request, Dataplane& dataplane,
                    const std::shared_ptr<control::Responder>& responder) {
  const Args args(request.args);
  const auto packet = read_packet(args.text("src"), args.text("dst"), args.text("protocol"),
                                  args.number("sport"), args.number("dport"));
  if (packet.has_error()) return responder->finish(control::failed("usage", packet.error().reason));
  const auto verdict =
      std::make_shared<PacketVerdict>(judge(*dataplane.policies().snapshot(), *packet, kOthers));
  const auto answer = std::make_shared<json>(answer_of(*packet, *verdict));
  const auto finish = [verdict, answer, responder] {
    (*answer)["outcome"] = outcome_of(*verdict, !(*answer)["sas"].empty());
    responder->finish(control::succeeded(std::move(*answer)));
  };
  if (!verdict->policy || verdict->policy->action != spd::Action::protect) return finish();
  dataplane.read_bundle(
      verdict->policy->bundle,
      [answer](const esp::Bundle* bundle) {
        if (bundle != nullptr) add_bundle(*bundle, *answer);
      },
      finish);
}

}  // namespace daemon_app
