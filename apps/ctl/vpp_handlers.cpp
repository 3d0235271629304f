#include <fmt/format.h>

#include <ostream>

#include "apps/ctl/arguments.h"
#include "apps/ctl/ask.h"
#include "apps/ctl/vpp.h"
#include "apps/ctl/vpp_words.h"

namespace ctl {

using nlohmann::json;

namespace {

// Asks for what the words have become, and prints what the daemon warns of.
int send(const Invocation& invocation, Terminal& terminal, const base::Result<VppRequest>& request,
         int timeout_s = kQuick) {
  if (request.has_error()) return usage(invocation, terminal, request.error().reason);
  int status = kDone;
  const auto result = ask(invocation, terminal, request->command, request->args, timeout_s, status);
  if (!result) return status;
  if (invocation.json) {
    print_json(terminal, result->is_object() ? *result : json::object());
    return kDone;
  }
  print_warnings(terminal, *result);
  return kDone;
}

// A command on the SA that one SPI names.
int send_spi(const Invocation& invocation, Terminal& terminal, const std::string& command) {
  const bool fits = invocation.words.size() == 1 && parse_spi(invocation.words.front());
  if (!fits) return usage(invocation, terminal, "one SPI of up to 16 hexadecimal digits is needed");
  const json args = {{"ispi", fmt::format("{:x}", *parse_spi(invocation.words.front()))}};
  return send(invocation, terminal, VppRequest{command, args}, invocation.timeout_s + kGrace);
}

}  // namespace

int run_ikev2_profile(const Invocation& invocation, Terminal& terminal) {
  return send(invocation, terminal, ikev2_profile_request(invocation.words));
}
int run_ikev2_liveness(const Invocation& invocation, Terminal& terminal) {
  return send(invocation, terminal, ikev2_liveness_request(invocation.words));
}
int run_ipsec_spd(const Invocation& invocation, Terminal& terminal) {
  return send(invocation, terminal, ipsec_spd_request(invocation.words));
}
int run_ipsec_sa(const Invocation& invocation, Terminal& terminal) {
  return send(invocation, terminal, ipsec_sa_request(invocation.words));
}
int run_interface_spd(const Invocation& invocation, Terminal& terminal) {
  return send(invocation, terminal, interface_spd_request(invocation.words));
}
int run_set_ipsec_sa(const Invocation& invocation, Terminal& terminal) {
  return send(invocation, terminal, set_ipsec_sa_request(invocation.words));
}

// VPP answers "policy-index:N".
int run_ipsec_policy(const Invocation& invocation, Terminal& terminal) {
  const auto request = ipsec_policy_request(invocation.words);
  if (request.has_error()) return usage(invocation, terminal, request.error().reason);
  int status = kDone;
  const auto result = ask(invocation, terminal, request->command, request->args, kQuick, status);
  if (!result) return status;
  if (invocation.json) {
    print_json(terminal, *result);
  } else if (const auto index = result->find("index");
             index != result->end() && index->is_number_unsigned()) {
    terminal.out << fmt::format("policy-index:{}\n", index->get<std::uint64_t>());
  }
  return kDone;
}

int run_ikev2_del_sa(const Invocation& invocation, Terminal& terminal) {
  return send_spi(invocation, terminal, "ikev2_initiate_del_ike_sa");
}
int run_ikev2_del_child_sa(const Invocation& invocation, Terminal& terminal) {
  return send_spi(invocation, terminal, "ikev2_initiate_del_child_sa");
}
int run_ikev2_rekey_child_sa(const Invocation& invocation, Terminal& terminal) {
  return send_spi(invocation, terminal, "ikev2_initiate_rekey_child_sa");
}

int run_ikev2_local_key(const Invocation& invocation, Terminal& terminal) {
  if (invocation.words.size() != 1) return usage(invocation, terminal, "one path is needed");
  return send(invocation, terminal,
              VppRequest{"ikev2_set_local_key", {{"key_file", invocation.words.front()}}});
}

}  // namespace ctl
