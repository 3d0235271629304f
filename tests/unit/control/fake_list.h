// The command "list" of a daemon (apps/daemon/listing/lister.h), answered from views in memory: each row in a
// part of its own.
#pragma once

#include <memory>

#include "control/listing/klips.h"
#include "control/manual_model.h"
#include "control/model.h"
#include "control/server.h"

namespace sample {

using nlohmann::json;

inline json rest_of(const control::StatusView& status, const control::ManualView& manual) {
  json out = control::to_json(status), tables = control::to_json(manual);
  out.erase("profiles");
  out.erase("ike_sas");
  for (const char* key : {"spds", "bindings", "devices"}) out[key] = tables[key];
  return out;
}

// One child each, in front of those that are keyed by hand.
inline json ipsec_rows(const control::StatusView& status, const control::ManualView& manual,
                       bool with_manual) {
  json out = json::array();
  for (const control::IkeSaView& sa : status.ike_sas) {
    for (const control::ChildView& child : sa.children) {
      control::IkeSaView one = sa;
      one.children = {child};
      out.push_back({{"ike_sa", control::to_json(one)}});
    }
  }
  if (with_manual)
    for (const control::ManualSaView& sa : manual.sas) out.push_back({{"manual", control::to_json(sa)}});
  return out;
}

inline json policy_rows(const control::ManualView& manual) {
  json out = json::array();
  for (const std::uint32_t spd : manual.spds) {
    out.push_back({{"spd", spd}});
    for (const control::ManualPolicyView& policy : manual.policies)
      if (policy.spd == spd) out.push_back({{"policy", control::to_json(policy)}});
  }
  return out;
}

inline json eroute_rows(const control::StatusView& status, const control::ManualView& manual) {
  json out = json::array();
  for (const control::ManualPolicyView& policy : manual.policies)
    if (!policy.spd) out.push_back({{"eroute", control::to_json(policy)}});
  for (const control::IkeSaView& sa : status.ike_sas)
    for (const control::ChildView& child : sa.children)
      for (const auto& eroute : control::listing::child_eroutes(sa, child))
        out.push_back(
            {{"eroute", control::to_json(eroute)}, {"local", sa.local.id}, {"remote", sa.remote.id}});
  return out;
}

inline void fake_list(const control::Request& request, const control::StatusView& status,
                      const control::ManualView& manual,
                      const std::shared_ptr<control::Responder>& responder) {
  const json whole = control::to_json(status), tables = control::to_json(manual);
  for (const json& name : request.args.value("tables", json::array())) {
    const json rows = name == "ipsec_sas"    ? ipsec_rows(status, manual, request.args.value("manual", true))
                      : name == "policies"   ? policy_rows(manual)
                      : name == "eroutes"    ? eroute_rows(status, manual)
                      : name == "manual_sas" ? tables["sas"]
                      : name == "groups"     ? tables["groups"]
                                             : whole.value(name.get<std::string>(), json::array());
    for (const json& row : rows) {
      if (request.args.contains("rspi") &&
          row.value("responder_spi", "") != request.args["rspi"].get<std::string>())
        continue;
      responder->send(control::write_part({{name.get<std::string>(), json::array({row})}}));
    }
  }
  responder->finish(control::succeeded(rest_of(status, manual)));
}

}  // namespace sample
