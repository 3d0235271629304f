#include "apps/ctl/klips_listing.h"

#include <ostream>

#include "apps/ctl/ask.h"
#include "control/listing/klips.h"

namespace ctl {

using control::listing::KlipsFormat;
using nlohmann::json;

namespace {

std::string lines(const control::listing::KlipsTables& tables, const control::ManualView& manual,
                  KlipsListing which, KlipsFormat format, bool identities) {
  switch (which) {
    case KlipsListing::tncfg:
      return control::listing::tncfg_lines(manual.devices);
    case KlipsListing::spi:
      return spi_lines(tables, format);
    case KlipsListing::spigrp:
      return spigrp_lines(tables, format);
    case KlipsListing::eroute:
      return eroute_lines(tables, format, identities);
  }
  return {};
}

// The part of the model that the listing is made of.
json part_of(const control::listing::KlipsTables& tables, const control::ManualView& manual,
             KlipsListing which) {
  control::ManualView view;
  view.devices = manual.devices;
  view.sas = tables.sas;
  view.groups = tables.groups;
  view.policies = tables.eroutes;
  json all = control::to_json(view);
  constexpr const char* kKeys[] = {"sas", "groups", "policies", "devices"};
  const char* const key = kKeys[static_cast<int>(which)];
  return {{key, std::move(all[key])}};
}

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
  int status = kDone;
  const auto listed = ask(invocation, terminal, "manual-list", json::object(), kQuick, status);
  if (!listed) return status;
  Invocation without_keys = invocation;
  without_keys.secrets = false;  // keys of children are not listed here
  const auto view = ask_status(without_keys, terminal, status);
  if (!view) return status;
  const control::ManualView manual = control::manual_from_json(*listed);
  const auto tables = control::listing::klips_tables(*view, manual);
  if (invocation.json) {
    print_json(terminal, part_of(tables, manual, which));
  } else {
    terminal.out << lines(tables, manual, which, format == "man" ? KlipsFormat::man : KlipsFormat::proc,
                          words->has("ids"));
  }
  return kDone;
}

}  // namespace ctl
