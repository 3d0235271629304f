#include "ikev2/sa/transitions.h"

#include <array>

#include "ikev2/exchange/handlers.h"

namespace ikev2 {
namespace {

using enum ExchangeType;
using enum Trigger;

constexpr std::array kTransitions{
    // IKE_SA_INIT, ours
    on_completion<&on_resolved>(ike_sa_init, "knows where the peer is, and makes a key pair"),
    on_completion<&on_public_value>(ike_sa_init, "offers proposals, KEi and Ni"),
    on_message<&on_init_response>(response, ike_sa_init,
                                  "takes the choice, or tries again with a cookie or another group"),
    on_completion<&on_shared_secret>(ike_sa_init, "has the keys of the IKE SA, and asks for its AUTH value"),
    // IKE_SA_INIT, theirs (the request itself meets no state: exchange/ike_sa_init_responder)
    on_completion<&on_responder_ke>(ike_sa_init, "answers SAr1, KEr and Nr"),
    // IKE_AUTH, ours
    on_completion<&on_own_auth>(ike_auth, "proves who it is, and asks for the first child"),
    on_message<&on_auth_response>(response, ike_auth, "has the responder's identity and AUTH checked"),
    on_completion<&on_auth_verified>(ike_auth, "stands, and installs the first child"),
    // IKE_AUTH, theirs
    on_message<&on_auth_request>(request, ike_auth, "chooses the profile, and has AUTH checked"),
    on_completion<&on_auth_checked>(ike_auth, "believes the initiator, and asks for its own AUTH value"),
    on_completion<&on_answer_auth>(ike_auth, "stands, installs the first child, answers"),
    // CREATE_CHILD_SA, ours: a child
    on_completion<&on_child_public_value>(create_child_sa, "offers SA, Ni, KEi and selectors for a child"),
    on_message<&on_child_response>(response, create_child_sa,
                                   "takes the choice for the child, or tries again with another group"),
    on_completion<&on_child_secret>(create_child_sa, "has the keys of the child, and installs it"),
    // CREATE_CHILD_SA, ours: a new IKE SA
    on_completion<&on_rekey_public_value>(create_child_sa, "offers SA, Ni and KEi for a new IKE SA"),
    on_message<&on_rekey_response>(response, create_child_sa,
                                   "takes the choice for the IKE SA, or tries again with another group"),
    on_completion<&on_rekey_secret>(create_child_sa,
                                    "has the keys of the new IKE SA, and moves the children"),
    // CREATE_CHILD_SA, theirs
    on_message<&on_create_child_request>(request, create_child_sa,
                                         "chooses for a child, or for a new IKE SA, or refuses"),
    on_completion<&on_child_answer_ke>(create_child_sa, "answers SA, Nr, KEr, and installs the child"),
    on_completion<&on_rekey_answer_ke>(create_child_sa, "answers SA, Nr, KEr, and hands the children over"),
    // INFORMATIONAL, both
    on_message<&on_informational_request>(request, informational, "answers a probe, a DELETE, a notify"),
    on_message<&on_probe_answer>(response, informational, "the peer is alive"),
    on_message<&on_ike_delete_answer>(response, informational, "the IKE SA is deleted"),
    on_message<&on_child_delete_answer>(response, informational, "the child is deleted"),
    on_message<&on_update_answer>(response, informational, "the peer knows our new address"),
    on_message<&on_path_answer>(response, informational,
                                "the peer is at its new address; its children follow"),
    on_message<&on_addresses_told>(response, informational, "the peer knows our other addresses"),
};

std::string set_text(std::uint32_t set, const char* separator) {
  std::string text;
  for (std::size_t i = 0; i < std::size(kStateNames); ++i) {
    if ((set & (1U << i)) == 0) continue;
    if (!text.empty()) text += separator;
    text += kStateNames[i];
  }
  return text;
}

}  // namespace

std::string_view name(Trigger trigger) {
  switch (trigger) {
    case request:
      return "request";
    case response:
      return "response";
    case ke_done:
      return "key exchange done";
    case auth_done:
      return "AUTH done";
    case verify_done:
      return "AUTH checked";
    case resolve_done:
      return "address found";
  }
  return "";
}

std::span<const Row> transitions() { return kTransitions; }

const Row* find_row(Trigger trigger, ExchangeType exchange, const State& state) {
  for (const Row& row : kTransitions) {
    if (row.trigger == trigger && row.exchange == exchange && (row.from & (1U << state.index())) != 0)
      return &row;
  }
  return nullptr;
}

const Row* find_row(Trigger trigger, const State& state) {
  for (const Row& row : kTransitions) {
    if (row.trigger == trigger && (row.from & (1U << state.index())) != 0) return &row;
  }
  return nullptr;
}

std::string transitions_as_markdown() {
  std::string text =
      "# States of an exchange\n\nPrinted from the table in `ikev2/sa/transitions.cpp`; a test fails when "
      "this page is "
      "stale.\n\n| from | event | to | story |\n| --- | --- | --- | --- |\n";
  for (const Row& row : kTransitions) {
    text += "| " + set_text(row.from, ", ") + " | " + ikev2::name(row.exchange) + " " +
            std::string(name(row.trigger)) + " | " + set_text(row.to, ", ") + " | " + std::string(row.story) +
            " |\n";
  }
  return text;
}

std::string transitions_as_dot() {
  std::string text = "digraph exchanges {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n";
  for (const Row& row : kTransitions) {
    for (std::size_t to = 0; to < std::size(kStateNames); ++to) {
      if ((row.to & (1U << to)) == 0) continue;
      text += "  " + set_text(row.from, " ") + " -> " + std::string(kStateNames[to]) + " [label=\"" +
              ikev2::name(row.exchange) + " " + std::string(name(row.trigger)) + "\"];\n";
    }
  }
  return text + "}\n";
}

}  // namespace ikev2
