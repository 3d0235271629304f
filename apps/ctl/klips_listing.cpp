#include "apps/ctl/klips_listing.h"

#include <ostream>

#include "apps/ctl/ask.h"
#include "apps/ctl/listing.h"
#include "control/listing/klips.h"

namespace ctl {

using control::listing::KlipsFormat;
using nlohmann::json;

namespace {

// How a listing is made: the tables that it takes, and the array of its JSON.
struct Plan {
  json args;
  const char* array;
};

Plan plan_of(KlipsListing which) {
  switch (which) {
    case KlipsListing::spi:
      return {{{"tables", {"manual_sas", "ipsec_sas"}}, {"manual", false}}, "sas"};
    case KlipsListing::spigrp:
      return {{{"tables", {"groups", "manual_sas", "ipsec_sas"}}, {"manual", false}}, "groups"};
    case KlipsListing::eroute:
      return {{{"tables", {"eroutes"}}}, "policies"};
    default:
      return {json::object(), "devices"};
  }
}

// Prints a listing row by row.
class KlipsPrinter {
 public:
  KlipsPrinter(Terminal& terminal, bool as_json, KlipsListing which, KlipsFormat format, bool identities)
      : out_(terminal.out), json_(as_json), which_(which), format_(format), identities_(identities) {}

  void row(const std::string& table, const json& row) {
    if (table == "eroutes") return eroute(row);
    if (table == "groups") return group(row.get<std::vector<std::string>>());
    if (table == "manual_sas") return sa(control::manual_sa_from_json(row));
    if (!row.contains("ike_sa")) return;
    const auto ike = control::ike_sa_from_json(row["ike_sa"]);
    for (const control::ChildView& child : ike.children)
      for (const auto& one : control::listing::child_sas(ike, child)) sa(one);
  }
  void end(const json& rest) {
    const control::ManualView manual = control::manual_from_json(rest);
    const char* const array = plan_of(which_).array;
    if (!json_) {
      if (which_ == KlipsListing::tncfg) out_ << control::listing::tncfg_lines(manual.devices);
      return;
    }
    printer_.array(array);
    if (which_ == KlipsListing::tncfg)
      for (const auto& device : manual.devices) printer_.element(array, control::to_json(device));
    printer_.end();
  }

 private:
  void eroute(const json& row) {
    const auto policy = control::manual_policy_from_json(row.value("eroute", json::object()));
    if (json_) return printer_.element("policies", control::to_json(policy));
    const auto identities =
        control::listing::child_identities(row.value("local", ""), row.value("remote", ""));
    out_ << control::listing::eroute_line(policy, identities, format_, identities_);
  }
  void group(const std::vector<std::string>& saids) {
    if (json_) return printer_.element("groups", saids);
    out_ << control::listing::spigrp_line(saids, format_);
  }
  void sa(const control::ManualSaView& view) {
    if (which_ == KlipsListing::spi) {
      if (json_) return printer_.element("sas", control::to_json(view));
      out_ << control::listing::spi_line(view, format_, ++reference_);
    } else if (!json_ && !view.grouped) {
      out_ << control::listing::spigrp_line(view, format_);
    }
  }

  std::ostream& out_;
  JsonPrinter printer_{out_};
  const bool json_;
  const KlipsListing which_;
  const KlipsFormat format_;
  const bool identities_;
  std::uint64_t reference_ = 0;
};

}  // namespace

bool asks_for_listing(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--format" && i + 1 < words.size()) {
      ++i;
    } else if (words[i] != "--ids" && !words[i].starts_with("--format=")) {
      return false;
    }
  }
  return true;
}

int run_listing(const Invocation& invocation, Terminal& terminal, KlipsListing which) {
  std::vector<std::string_view> flags;
  if (which == KlipsListing::eroute) flags.emplace_back("ids");
  const auto words = KlipsWords::read(invocation.words, {"format"}, flags);
  if (words.has_error()) return klips_usage(invocation, terminal, words.error());
  const std::string format = words->value("format").value_or("proc");
  if (format != "proc" && format != "man") return usage(invocation, terminal, "--format is proc or man");
  KlipsPrinter printer(terminal, invocation.json, which,
                       format == "man" ? KlipsFormat::man : KlipsFormat::proc, words->has("ids"));
  int status = kDone;
  Invocation with_manual_keys = invocation;
  with_manual_keys.secrets = invocation.secrets && which == KlipsListing::spi;
  const auto rest = list(
      with_manual_keys, terminal, plan_of(which).args,
      [&](const std::string& table, const json& row) { printer.row(table, row); }, status);
  if (rest) printer.end(*rest);
  return status;
}

}  // namespace ctl
