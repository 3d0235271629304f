#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <ostream>
#include <utility>

#include "apps/ctl/ask.h"
#include "apps/ctl/listing.h"
#include "apps/ctl/vpp.h"
#include "control/listing/ikev2_profile.h"
#include "control/listing/ipsec_sa.h"
#include "control/listing/ipsec_spd.h"
#include "control/listing/ipsec_tunnel.h"
#include "control/listing/text.h"

namespace ctl {

using control::listing::printable;
using control::listing::VppForm;
using nlohmann::json;

namespace {

std::optional<std::uint64_t> parse_index(const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// --format current|wiki. Nothing: refused.
std::optional<VppForm> form_of(const Invocation& invocation, Terminal& terminal) {
  const std::string form = invocation.option("--format").value_or("current");
  if (form == "current") return VppForm::current;
  if (form == "wiki") return VppForm::wiki;
  usage(invocation, terminal, "--format is current or wiki");
  return std::nullopt;
}

std::vector<control::listing::IpsecSa> sas_of(const json& row) {
  if (row.contains("manual"))
    return {control::listing::ipsec_sa(control::manual_sa_from_json(row["manual"]))};
  std::vector<control::listing::IpsecSa> out;
  if (!row.contains("ike_sa")) return out;
  const auto ike = control::ike_sa_from_json(row["ike_sa"]);
  for (const control::ChildView& child : ike.children)
    for (auto& sa : control::listing::ipsec_sas(ike, child)) out.push_back(std::move(sa));
  return out;
}

// SAs and policies as JSON, "sas", "spds", "policies" and "bindings": those of them that are asked for.
int print_models(const Invocation& invocation, Terminal& terminal, json args, bool with_sas) {
  JsonPrinter printer(terminal.out);
  const auto on_row = [&](const std::string&, const json& row) {
    for (const auto& sa : sas_of(row))
      printer.element("sas", control::listing::ipsec_sa_json(sa, invocation.secrets));
    if (row.contains("policy"))
      printer.element("policies", control::to_json(control::manual_policy_from_json(row["policy"])));
  };
  int status = kDone;
  const auto rest = list(invocation, terminal, std::move(args), on_row, status);
  if (!rest) return status;
  if (with_sas) printer.array("sas");
  printer.array("policies");
  for (const char* key : {"spds", "bindings"})
    printer.member(key, rest->contains(key) ? rest->at(key) : json::array());
  printer.end();
  return kDone;
}

// Rows of children, and the name of the device that carries them.
int show_children(const Invocation& invocation, Terminal& terminal,
                  const std::function<void(const std::string& device, const json& row)>& on_row) {
  int status = kDone;
  const auto models = list_models(invocation, terminal, json::object(), status);
  if (!models) return status;
  const std::string& device = models->status.data_path.device;
  list(
      invocation, terminal, {{"tables", {"ipsec_sas"}}, {"manual", false}},
      [&](const std::string&, const json& row) { on_row(device.empty() ? "ipsec0" : device, row); }, status);
  return status;
}

void print_tunnel(Terminal& terminal, const std::string& device, const json& row) {
  const auto pair = sas_of(row);
  if (pair.size() == 2) terminal.out << control::listing::ipsec_tunnel(device, pair[0], pair[1]);
}

const json kEverything = {{"tables", {"ipsec_sas", "policies"}}};

int show_all(const Invocation& invocation, Terminal& terminal) {
  control::listing::SpdPrinter spds;
  const auto on_row = [&](const std::string&, const json& row) {
    for (const auto& sa : sas_of(row)) terminal.out << control::listing::ipsec_sa_brief(sa);
    if (row.contains("spd")) terminal.out << spds.spd(row["spd"].get<std::uint32_t>());
    if (row.contains("policy")) terminal.out << spds.policy(control::manual_policy_from_json(row["policy"]));
  };
  int status = kDone;
  const auto rest = list(invocation, terminal, kEverything, on_row, status);
  if (!rest) return status;
  terminal.out << spds.end() << control::listing::ipsec_spd_bindings(control::manual_from_json(*rest));
  status = show_children(invocation, terminal, [&](const std::string& device, const json& row) {
    print_tunnel(terminal, device, row);
  });
  if (status == kDone) terminal.out << "IPSec async mode: off\n";
  return status;
}

int show_wiki(const Invocation& invocation, Terminal& terminal) {
  control::listing::WikiPrinter printer(invocation.secrets);
  const auto on_row = [&](const std::string& table, const json& row) {
    if (table == "manual_sas") terminal.out << printer.sa(control::manual_sa_from_json(row));
    if (row.contains("spd")) terminal.out << printer.spd(row["spd"].get<std::uint32_t>());
    if (row.contains("policy"))
      terminal.out << printer.policy(control::manual_policy_from_json(row["policy"]));
    if (const auto pair = sas_of(row); pair.size() == 2) terminal.out << printer.tunnel(pair[0], pair[1]);
  };
  int status = kDone;
  const json args = {
      {"tables", {"manual_sas", "policies", "ipsec_sas"}}, {"numbered", true}, {"manual", false}};
  if (list(invocation, terminal, args, on_row, status)) terminal.out << printer.end();
  return status;
}

}  // namespace

int run_show_ikev2_profile(const Invocation& invocation, Terminal& terminal) {
  const auto form = form_of(invocation, terminal);
  if (!form || !no_words(invocation, terminal)) return kUsage;
  JsonPrinter printer(terminal.out);
  const auto on_row = [&](const std::string&, const json& row) {
    if (invocation.json) return printer.element("profiles", row);
    terminal.out << control::listing::ikev2_profile(control::profile_configs_from_json(json::array({row})),
                                                    *form);
  };
  int status = kDone;
  if (!list(invocation, terminal, {{"tables", {"profile_configs"}}}, on_row, status)) return status;
  if (!invocation.json) return kDone;
  printer.array("profiles");
  printer.end();
  return kDone;
}

int run_show_ipsec_sa(const Invocation& invocation, Terminal& terminal) {
  bool detail = false;
  std::optional<std::uint64_t> index;
  if (!invocation.words.empty()) {
    const std::string& word = invocation.words.front();
    detail = word == "detail";
    if (!detail) index = parse_index(word);
    if (invocation.words.size() > 1 || (!detail && !index))
      return usage(invocation, terminal,
                   fmt::format("'{}' is not understood", printable(invocation.words.back())));
  }
  json args = {{"tables", {"ipsec_sas"}}};
  if (index) args["index"] = *index;
  int status = kDone;
  bool any = false;
  JsonPrinter printer(terminal.out);
  const auto on_row = [&](const std::string&, const json& row) {
    for (const auto& sa : sas_of(row)) {
      if (index && sa.index != *index) continue;
      any = true;
      if (invocation.json) {
        printer.element("sas", control::listing::ipsec_sa_json(sa, invocation.secrets));
      } else {
        terminal.out << (detail || index ? control::listing::ipsec_sa_detail(sa, invocation.secrets)
                                         : control::listing::ipsec_sa_brief(sa));
      }
    }
  };
  if (!list(invocation, terminal, std::move(args), on_row, status)) return status;
  if (index && !any)
    return refuse(invocation, terminal, kRefused, "not-found", fmt::format("No such SA index: {}", *index));
  if (!invocation.json) return kDone;
  printer.array("sas");
  printer.end();
  return kDone;
}

static int show_spds(const Invocation& invocation, Terminal& terminal, std::optional<std::uint64_t> wanted,
                     bool bindings) {
  json args = {{"tables", {"policies"}}};
  if (wanted) args["spd"] = *wanted;
  if (bindings) args.erase("tables");
  if (invocation.json && !wanted) return print_models(invocation, terminal, std::move(args), false);
  bool any = false;
  control::listing::SpdPrinter spds;
  JsonPrinter printer(terminal.out);
  const auto on_row = [&](const std::string&, const json& row) {
    if (row.contains("spd")) any = true;
    if (invocation.json) {
      if (row.contains("policy"))
        printer.element("policies", control::to_json(control::manual_policy_from_json(row["policy"])));
      return;
    }
    if (row.contains("spd")) terminal.out << spds.spd(row["spd"].get<std::uint32_t>());
    if (row.contains("policy")) terminal.out << spds.policy(control::manual_policy_from_json(row["policy"]));
  };
  int status = kDone;
  const auto rest = list(invocation, terminal, std::move(args), on_row, status);
  if (!rest) return status;
  if (wanted && !any)
    return refuse(invocation, terminal, kRefused, "not-found", fmt::format("no such spd-id: {}", *wanted));
  terminal.out << spds.end();
  if (bindings) terminal.out << control::listing::ipsec_spd_bindings(control::manual_from_json(*rest));
  if (!invocation.json) return kDone;
  printer.array("policies");
  for (const char* key : {"spds", "bindings"})
    if (rest->contains(key)) printer.member(key, rest->at(key));
  printer.end();
  return kDone;
}

int run_show_ipsec_spd(const Invocation& invocation, Terminal& terminal) {
  const bool bindings = invocation.words == std::vector<std::string>{"bindings"};
  std::optional<std::uint64_t> wanted;
  if (!bindings && !invocation.words.empty()) {
    wanted = parse_index(invocation.words.front());
    if (!wanted || invocation.words.size() > 1)
      return usage(invocation, terminal, "the number of an SPD, or bindings, may stand here");
  }
  return show_spds(invocation, terminal, wanted, bindings);
}

int run_show_ipsec(const Invocation& invocation, Terminal& terminal) {
  const auto form = form_of(invocation, terminal);
  if (!form || !no_words(invocation, terminal)) return kUsage;
  if (invocation.json) return print_models(invocation, terminal, kEverything, true);
  return *form == VppForm::wiki ? show_wiki(invocation, terminal) : show_all(invocation, terminal);
}

int run_show_ipsec_tunnel(const Invocation& invocation, Terminal& terminal) {
  if (!no_words(invocation, terminal)) return kUsage;
  if (invocation.json) return print_models(invocation, terminal, kEverything, true);
  return show_children(invocation, terminal, [&](const std::string& device, const json& row) {
    print_tunnel(terminal, device, row);
  });
}

int run_show_ipsec_interface(const Invocation& invocation, Terminal& terminal) {
  if (!no_words(invocation, terminal)) return kUsage;
  if (invocation.json) return print_models(invocation, terminal, kEverything, true);
  int status = kDone;
  const auto models = list_models(invocation, terminal, {{"tables", {"ike_sas"}}, {"brief", true}}, status);
  if (models) terminal.out << control::listing::ipsec_interface(models->status);
  return status;
}

// Those over IPv6 come last.
int run_show_ipsec_protect_hash(const Invocation& invocation, Terminal& terminal) {
  if (!no_words(invocation, terminal)) return kUsage;
  if (invocation.json) return print_models(invocation, terminal, kEverything, true);
  std::string v6;
  bool begun = false;
  const auto begin = [&] { terminal.out << (std::exchange(begun, true) ? "" : "IPv4:\n"); };
  const int status = show_children(invocation, terminal, [&](const std::string&, const json& row) {
    begin();
    for (const auto& sa : sas_of(row)) {
      if (!sa.inbound) continue;
      const std::string line = control::listing::ipsec_protect_hash_line(sa);
      if (sa.source.find(':') == std::string::npos) {
        terminal.out << line;
      } else {
        v6 += line;
      }
    }
  });
  if (status != kDone) return status;
  begin();
  terminal.out << "IPv6:\n" << v6;
  return kDone;
}

}  // namespace ctl
