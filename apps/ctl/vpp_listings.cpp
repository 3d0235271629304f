#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ostream>

#include "apps/ctl/ask.h"
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

// All that the listings are made of.
struct Models {
  control::StatusView status;
  control::ManualView manual;
};

std::optional<Models> ask_models(const Invocation& invocation, Terminal& terminal, int& status) {
  auto view = ask_status(invocation, terminal, status);
  if (!view) return std::nullopt;
  const auto manual = ask(invocation, terminal, "manual-list", json::object(), kQuick, status);
  if (!manual) return std::nullopt;
  return Models{std::move(*view), control::manual_from_json(*manual)};
}

json sas_json(const Models& models, bool secrets) {
  json list = json::array();
  for (const auto& sa : control::listing::ipsec_sas(models.status, models.manual))
    list.push_back(control::listing::ipsec_sa_json(sa, secrets));
  return list;
}

// A listing without words that `text` makes of the models; as JSON, the models themselves.
template <class Text>
int show(const Invocation& invocation, Terminal& terminal, Text text) {
  if (!no_words(invocation, terminal)) return kUsage;
  int status = kDone;
  const auto models = ask_models(invocation, terminal, status);
  if (!models) return status;
  if (!invocation.json) {
    terminal.out << text(*models);
    return kDone;
  }
  const json manual = control::to_json(models->manual);
  print_json(terminal, {{"sas", sas_json(*models, invocation.secrets)},
                        {"spds", manual.at("spds")},
                        {"policies", manual.at("policies")},
                        {"bindings", manual.at("bindings")}});
  return kDone;
}

}  // namespace

int run_show_ikev2_profile(const Invocation& invocation, Terminal& terminal) {
  const auto form = form_of(invocation, terminal);
  if (!form || !no_words(invocation, terminal)) return kUsage;
  int status = kDone;
  const auto result = ask(invocation, terminal, "ikev2_profile_dump", json::object(), kQuick, status);
  if (!result) return status;
  if (invocation.json) {
    print_json(terminal, *result);
  } else if (const auto list = result->find("profiles"); list != result->end()) {
    terminal.out << control::listing::ikev2_profile(control::profile_configs_from_json(*list), *form);
  }
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
  int status = kDone;
  const auto models = ask_models(invocation, terminal, status);
  if (!models) return status;
  auto sas = control::listing::ipsec_sas(models->status, models->manual);
  if (index) {
    std::erase_if(sas, [&](const control::listing::IpsecSa& sa) { return sa.index != *index; });
    if (sas.empty())
      return refuse(invocation, terminal, kRefused, "not-found", fmt::format("No such SA index: {}", *index));
  }
  json list = json::array();
  for (const control::listing::IpsecSa& sa : sas) {
    if (invocation.json) {
      list.push_back(control::listing::ipsec_sa_json(sa, invocation.secrets));
    } else {
      terminal.out << (detail || index ? control::listing::ipsec_sa_detail(sa, invocation.secrets)
                                       : control::listing::ipsec_sa_brief(sa));
    }
  }
  if (invocation.json) print_json(terminal, {{"sas", std::move(list)}});
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
  int status = kDone;
  const auto raw = ask(invocation, terminal, "manual-list", json::object(), kQuick, status);
  if (!raw) return status;
  const control::ManualView view = control::manual_from_json(*raw);
  if (wanted && std::find(view.spds.begin(), view.spds.end(), *wanted) == view.spds.end())
    return refuse(invocation, terminal, kRefused, "not-found", fmt::format("no such spd-id: {}", *wanted));
  if (invocation.json) {
    json policies = json::array();
    const json all = control::to_json(view);
    for (std::size_t i = 0; i < view.policies.size(); ++i) {
      if (view.policies[i].spd && (!wanted || *view.policies[i].spd == *wanted))
        policies.push_back(all.at("policies").at(i));
    }
    print_json(terminal,
               {{"spds", all.at("spds")}, {"policies", policies}, {"bindings", all.at("bindings")}});
    return kDone;
  }
  if (bindings) terminal.out << control::listing::ipsec_spd_bindings(view);
  for (const std::uint32_t spd : view.spds) {
    if (!bindings && (!wanted || *wanted == spd)) terminal.out << control::listing::ipsec_spd(view, spd);
  }
  return kDone;
}

int run_show_ipsec(const Invocation& invocation, Terminal& terminal) {
  const auto form = form_of(invocation, terminal);
  if (!form) return kUsage;
  return show(invocation, terminal, [&](const Models& models) {
    return *form == VppForm::wiki
               ? control::listing::ipsec_wiki(models.status, models.manual, invocation.secrets)
               : control::listing::ipsec_all(models.status, models.manual);
  });
}

int run_show_ipsec_tunnel(const Invocation& invocation, Terminal& terminal) {
  return show(invocation, terminal,
              [](const Models& models) { return control::listing::ipsec_tunnel(models.status); });
}

int run_show_ipsec_interface(const Invocation& invocation, Terminal& terminal) {
  return show(invocation, terminal,
              [](const Models& models) { return control::listing::ipsec_interface(models.status); });
}

int run_show_ipsec_protect_hash(const Invocation& invocation, Terminal& terminal) {
  return show(invocation, terminal,
              [](const Models& models) { return control::listing::ipsec_protect_hash(models.status); });
}

}  // namespace ctl
