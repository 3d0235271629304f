// `ikectl explain negotiate FILE PROFILE FILE PROFILE`.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <ostream>

#include "apps/ctl/ask.h"
#include "apps/ctl/handlers.h"
#include "apps/ctl/rehearsal.h"
#include "control/listing/text.h"
#include "crypto/botan/provider.h"
#include "crypto/botan/rng.h"

namespace ctl {

using control::listing::printable;
using nlohmann::json;

namespace {

struct Sides {
  RehearsalSide first, second;
};

// The reasons why the file or the profile is of no use go to standard error.
std::optional<RehearsalSide> load_side(const Invocation& invocation, Terminal& terminal, std::size_t at) {
  const std::string& path = invocation.words[at];
  const std::string& name = invocation.words[at + 1];
  config::LoadResult loaded = config::load(path);
  if (!loaded.ok()) {
    std::string first;
    for (const config::Diagnostic& diagnostic : loaded.diagnostics) {
      if (diagnostic.severity != config::Diagnostic::Severity::error) continue;
      if (first.empty()) first = diagnostic.text();
    }
    refuse(invocation, terminal, kRefused, "failed", first);
    return std::nullopt;
  }
  for (const ikev2::PeerConfigPtr& peer : loaded.config.peers) {
    if (peer->name != name) continue;
    const std::string file = std::filesystem::path(path).filename().string();
    return RehearsalSide{fmt::format("{} of {}", name, file), *peer, std::move(loaded.config.credentials)};
  }
  refuse(invocation, terminal, kRefused, "not-found", fmt::format("{} has no profile '{}'", path, name));
  return std::nullopt;
}

// One kind of transform: what was chosen, and what each side would take.
struct Row {
  const char* key;     // in JSON
  const char* title;   // in text
  std::string chosen;  // empty: nothing
  std::vector<std::string> first, second;
};

std::vector<std::string> names_of(const ikev2::Proposals& proposals, ikev2::TransformType type) {
  std::vector<std::string> names;
  for (const ikev2::Proposal& proposal : proposals) {
    for (const ikev2::Transform& transform : proposal.of(type)) {
      std::string name = ikev2::text(transform);
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
    }
  }
  return names;
}

std::string cipher_name(const crypto::CipherSpec& cipher) {
  return crypto::name(cipher.encr, cipher.key_bits);
}

std::string integ_of(const crypto::CipherSpec& cipher) {
  return cipher.integ == crypto::Integ::none ? "" : crypto::name(cipher.integ);
}

std::vector<Row> rows_of(const ikev2::Proposals& first, const ikev2::Proposals& second,
                         const std::function<std::string(ikev2::TransformType)>& chosen) {
  using Type = ikev2::TransformType;
  std::vector<Row> rows;
  for (const auto& [type, key, title] :
       {std::tuple(Type::encr, "encr", "encryption"), std::tuple(Type::integ, "integ", "integrity"),
        std::tuple(Type::prf, "prf", "PRF"), std::tuple(Type::ke, "ke", "key exchange"),
        std::tuple(Type::esn, "esn", "numbers")}) {
    Row row{key, title, chosen(type), names_of(first, type), names_of(second, type)};
    if (!row.chosen.empty() || !row.first.empty() || !row.second.empty()) rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<Row> ike_rows(const Rehearsal& result, const Sides& sides) {
  return rows_of(sides.first.peer.proposals, sides.second.peer.proposals,
                 [&](ikev2::TransformType type) -> std::string {
                   if (!result.ike_sa) return "";
                   const crypto::IkeSuite& suite = result.ike_sa->suite;
                   if (type == ikev2::TransformType::encr) return cipher_name(suite.cipher);
                   if (type == ikev2::TransformType::integ) return integ_of(suite.cipher);
                   if (type == ikev2::TransformType::prf) return crypto::name(suite.prf);
                   return type == ikev2::TransformType::ke ? crypto::name(suite.ke) : "";
                 });
}

// A child's key exchange is that of its first rekeying: the first child of an IKE SA has none.
std::vector<Row> child_rows(const RehearsedChild& child, const Sides& sides, bool swapped) {
  // The responder's child is not known where it refused: that of the same name, or its only one.
  const auto proposals_of = [](const ikev2::PeerConfig& peer, const std::string& name) {
    const ikev2::ChildConfig* found = peer.find_child(name);
    if (found == nullptr && peer.children.size() == 1) found = &peer.children.front();
    return found == nullptr ? ikev2::Proposals() : found->proposals;
  };
  const std::string& theirs = child.peer_name.empty() ? child.name : child.peer_name;
  const std::string& first = swapped ? theirs : child.name;
  const std::string& second = swapped ? child.name : theirs;
  return rows_of(proposals_of(sides.first.peer, first), proposals_of(sides.second.peer, second),
                 [&](ikev2::TransformType type) -> std::string {
                   if (!child.agreed) return "";
                   const crypto::ChildSuite& suite = child.agreed->suite;
                   if (type == ikev2::TransformType::encr && suite.cipher.encr != crypto::Encr::none)
                     return cipher_name(suite.cipher);
                   if (type == ikev2::TransformType::integ) return integ_of(suite.cipher);
                   if (type == ikev2::TransformType::esn) return suite.esn ? "esn" : "no-esn";
                   const bool ke = type == ikev2::TransformType::ke && child.rekey_ke != crypto::Ke::none;
                   return ke ? crypto::name(child.rekey_ke) : "";
                 });
}

json to_json(const std::vector<Row>& rows) {
  json out = json::object();
  for (const Row& row : rows)
    out[row.key] = {{"chosen", row.chosen.empty() ? json(nullptr) : json(row.chosen)},
                    {"first", row.first},
                    {"second", row.second}};
  return out;
}

json to_json(const RehearsedChild& child, const Sides& sides, bool swapped) {
  json out = {{"name", child.name},
              {"peer_name", child.peer_name.empty() ? json(nullptr) : json(child.peer_name)},
              {"agreed", child.agreed.has_value()},
              {"transforms", to_json(child_rows(child, sides, swapped))}};
  if (!child.agreed) return out;
  out["mode"] = child.agreed->mode == ikev2::Mode::transport ? "transport" : "tunnel";
  out["encap"] = child.agreed->udp_encap ? "udp" : "none";
  out["initiator_ts"] = json::array();
  out["responder_ts"] = json::array();
  for (const auto& selector : child.agreed->selectors.local) out["initiator_ts"].push_back(selector.text());
  for (const auto& selector : child.agreed->selectors.remote) out["responder_ts"].push_back(selector.text());
  out["rekey"] = {{"agreed", child.rekeyed},
                  {"reason", child.rekeyed ? json(nullptr) : json(child.rekey_reason)}};
  return out;
}

json to_json(const Rehearsal& result, const Sides& sides) {
  json children = json::array();
  for (const RehearsedChild& child : result.children)
    children.push_back(to_json(child, sides, result.swapped));
  json out = {
      {"agreed", result.agreed()},
      {"first", sides.first.title},
      {"second", sides.second.title},
      {"initiator", result.swapped ? "second" : "first"},
      {"ike_sa", {{"agreed", result.ike_sa != nullptr}, {"transforms", to_json(ike_rows(result, sides))}}},
      {"children", std::move(children)},
      {"reasons", result.reasons},
      {"notes", result.notes}};
  if (result.ike_sa) {
    out["ike_sa"]["initiator_id"] = result.ike_sa->local.id.text();
    out["ike_sa"]["responder_id"] = result.ike_sa->remote.id.text();
  }
  return out;
}

void print_rows(const std::vector<Row>& rows, std::ostream& out) {
  for (const Row& row : rows) {
    out << fmt::format("  {:<13}{}\n", row.title, row.chosen.empty() ? "-" : row.chosen);
    if (row.first.empty() && row.second.empty()) continue;  // the group of the IKE SA
    const auto list = [](const std::vector<std::string>& names) {
      return names.empty() ? std::string("-") : fmt::format("{}", fmt::join(names, " "));
    };
    if (row.first == row.second && row.first.size() == 1 && row.first[0] == row.chosen) continue;
    out << fmt::format("  {:<15}first:  {}\n", "", list(row.first))
        << fmt::format("  {:<15}second: {}\n", "", list(row.second));
  }
}

void print_child(const RehearsedChild& child, const Sides& sides, bool swapped, std::ostream& out) {
  out << fmt::format("\nchild {}: {}\n", child.name, child.agreed ? "agreed" : "not agreed");
  print_rows(child_rows(child, sides, swapped), out);
  if (!child.agreed) return;
  const bool transport = child.agreed->mode == ikev2::Mode::transport;
  out << fmt::format("  {:<13}{}{}\n", "mode", transport ? "transport" : "tunnel",
                     child.agreed->udp_encap ? ", in UDP" : "")
      << fmt::format("  {:<13}{}\n", "selectors",
                     printable(spd::text(child.agreed->selectors.local) +
                               " === " + spd::text(child.agreed->selectors.remote)))
      << fmt::format("  {:<13}{}\n", "first rekey",
                     !child.rekeyed                       ? "fails: " + printable(child.rekey_reason)
                     : child.rekey_ke == crypto::Ke::none ? std::string("works, without a key exchange")
                                                          : "works, with " + crypto::name(child.rekey_ke));
}

void print_text(const Rehearsal& result, const Sides& sides, std::ostream& out) {
  out << fmt::format("first:  {}{}\nsecond: {}{}\n", printable(sides.first.title),
                     result.swapped ? "" : " (initiates)", printable(sides.second.title),
                     result.swapped ? " (initiates)" : "");
  for (const std::string& note : result.notes) out << "note: " << printable(note) << "\n";
  out << "\nIKE SA: " << (result.ike_sa ? "agreed" : "not agreed") << "\n";
  print_rows(ike_rows(result, sides), out);
  if (result.ike_sa)
    out << fmt::format("  {:<13}{} and {}\n", "identities", printable(result.ike_sa->local.id.text()),
                       printable(result.ike_sa->remote.id.text()));
  for (const RehearsedChild& child : result.children) print_child(child, sides, result.swapped, out);
  for (const std::string& reason : result.reasons) out << "reason: " << printable(reason) << "\n";
}

// The first thing that stands between the two.
std::string why_not(const Rehearsal& result) {
  if (!result.reasons.empty()) return result.reasons.front();
  for (const RehearsedChild& child : result.children) {
    if (!child.agreed) return fmt::format("child {} does not come up", child.name);
    if (!child.rekeyed) return fmt::format("child {} cannot be rekeyed: {}", child.name, child.rekey_reason);
  }
  return "they do not agree";
}

}  // namespace

int run_explain_negotiate(const Invocation& invocation, Terminal& terminal) {
  if (invocation.words.size() != 4)
    return usage(invocation, terminal, "a file and a profile, twice, are needed");
  auto first = load_side(invocation, terminal, 0);
  auto second = first ? load_side(invocation, terminal, 2) : std::nullopt;
  if (!first || !second) return kRefused;
  Sides sides{{first->title, first->peer, {}}, {second->title, second->peer, {}}};
  const auto provider = crypto::make_botan_provider();
  const auto rng = crypto::make_system_rng();
  const Rehearsal result = rehearse(std::move(*first), std::move(*second), *provider, *rng);
  if (invocation.json) {
    print_json(terminal, to_json(result, sides));
  } else {
    print_text(result, sides, terminal.out);
  }
  if (result.agreed()) return kDone;
  terminal.err << "ikectl: " << printable(why_not(result)) << "\n";
  return kRefused;
}

}  // namespace ctl
