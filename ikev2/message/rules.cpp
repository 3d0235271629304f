// Which payload may and must stand in which message (RFC 7296 1.2 to 1.5 and appendix C).
#include "ikev2/message/rules.h"

#include <limits>

namespace ikev2 {
namespace {

constexpr unsigned kAny = std::numeric_limits<unsigned>::max();
enum class Way : std::uint8_t { request, response };

struct Rule {
  ExchangeType exchange;
  Way way;
  PayloadType type;
  unsigned min, max;
};

using E = ExchangeType;
using P = PayloadType;

// Notify, Vendor ID and payloads of unknown types may stand anywhere; so may Delete, which is looked at in
// INFORMATIONAL only.
constexpr Rule kRules[] = {
    {E::ike_sa_init, Way::request, P::sa, 1, 1},       {E::ike_sa_init, Way::request, P::ke, 1, 1},
    {E::ike_sa_init, Way::request, P::nonce, 1, 1},

    {E::ike_sa_init, Way::response, P::sa, 1, 1},      {E::ike_sa_init, Way::response, P::ke, 1, 1},
    {E::ike_sa_init, Way::response, P::nonce, 1, 1},   {E::ike_sa_init, Way::response, P::certreq, 0, kAny},

    {E::ike_auth, Way::request, P::idi, 0, 1},         {E::ike_auth, Way::request, P::cert, 0, kAny},
    {E::ike_auth, Way::request, P::certreq, 0, kAny},  {E::ike_auth, Way::request, P::idr, 0, 1},
    {E::ike_auth, Way::request, P::auth, 0, 1},        {E::ike_auth, Way::request, P::eap, 0, 1},
    {E::ike_auth, Way::request, P::cp, 0, 1},          {E::ike_auth, Way::request, P::sa, 0, 1},
    {E::ike_auth, Way::request, P::tsi, 0, 1},         {E::ike_auth, Way::request, P::tsr, 0, 1},

    {E::ike_auth, Way::response, P::idr, 0, 1},        {E::ike_auth, Way::response, P::cert, 0, kAny},
    {E::ike_auth, Way::response, P::auth, 0, 1},       {E::ike_auth, Way::response, P::eap, 0, 1},
    {E::ike_auth, Way::response, P::cp, 0, 1},         {E::ike_auth, Way::response, P::sa, 0, 1},
    {E::ike_auth, Way::response, P::tsi, 0, 1},        {E::ike_auth, Way::response, P::tsr, 0, 1},

    {E::create_child_sa, Way::request, P::sa, 1, 1},   {E::create_child_sa, Way::request, P::nonce, 1, 1},
    {E::create_child_sa, Way::request, P::ke, 0, 1},   {E::create_child_sa, Way::request, P::tsi, 0, 1},
    {E::create_child_sa, Way::request, P::tsr, 0, 1},

    {E::create_child_sa, Way::response, P::sa, 1, 1},  {E::create_child_sa, Way::response, P::nonce, 1, 1},
    {E::create_child_sa, Way::response, P::ke, 0, 1},  {E::create_child_sa, Way::response, P::tsi, 0, 1},
    {E::create_child_sa, Way::response, P::tsr, 0, 1},

    {E::informational, Way::request, P::cp, 0, 1},     {E::informational, Way::response, P::cp, 0, 1},
};

base::Error invalid_syntax(std::string reason) {
  base::Error error = base::malformed(std::move(reason));
  error.notify = static_cast<std::uint16_t>(NotifyType::invalid_syntax);
  return error;
}

bool spoken(ExchangeType exchange) {
  for (const Rule& rule : kRules) {
    if (rule.exchange == exchange) return true;
  }
  return false;
}

bool stands_anywhere(const Payload& payload) {
  return std::holds_alternative<NotifyPayload>(payload) || std::holds_alternative<VendorPayload>(payload) ||
         std::holds_alternative<DeletePayload>(payload) || std::holds_alternative<UnknownPayload>(payload);
}

const Rule* find_rule(ExchangeType exchange, Way way, PayloadType type) {
  for (const Rule& rule : kRules) {
    if (rule.exchange == exchange && rule.way == way && rule.type == type) return &rule;
  }
  return nullptr;
}

unsigned count_of(const Message& message, PayloadType type) {
  unsigned count = 0;
  for (const auto& payload : message.payloads) count += type_of(payload) == type ? 1 : 0;
  return count;
}

std::string title(const Message& message) {
  return name(message.header.exchange) + (message.header.response ? " response" : " request");
}

// RFC 7296 2.5: a payload of unknown type with the critical bit MUST be refused, its type being the data;
// without the bit it MUST be skipped.
base::Status check_critical(const Message& message) {
  for (const auto& payload : message.payloads) {
    const auto* unknown = std::get_if<UnknownPayload>(&payload);
    if (unknown == nullptr || !unknown->critical) continue;
    const auto type = static_cast<std::uint8_t>(unknown->type);
    base::Error error = base::malformed("critical payload of unknown type " + std::to_string(type));
    error.notify = static_cast<std::uint16_t>(NotifyType::unsupported_critical_payload);
    error.notify_data = {type};
    return error;
  }
  return {};
}

base::Status check_allowed(const Message& message, Way way) {
  for (const auto& payload : message.payloads) {
    if (stands_anywhere(payload)) continue;
    const Rule* rule = find_rule(message.header.exchange, way, type_of(payload));
    if (rule == nullptr) {
      return invalid_syntax(name(type_of(payload)) + " payload must not stand in an " + title(message));
    }
    if (rule->max != kAny && count_of(message, rule->type) > rule->max) {
      return invalid_syntax("more than one " + name(rule->type) + " payload in an " + title(message));
    }
  }
  return {};
}

// An answer of errors alone, or one that asks for the same request in another form (RFC 7296 1.2, 2.6).
bool needs_nothing(const Message& message) {
  if (!message.header.response) return false;
  return message.first_error() != nullptr || (message.header.exchange == ExchangeType::ike_sa_init &&
                                              message.find_notify(NotifyType::cookie) != nullptr);
}

base::Status check_required(const Message& message, Way way) {
  for (const Rule& rule : kRules) {
    if (rule.exchange != message.header.exchange || rule.way != way) continue;
    if (count_of(message, rule.type) < rule.min) {
      return invalid_syntax("no " + name(rule.type) + " payload in an " + title(message));
    }
  }
  return {};
}

// Payloads that only make sense together. RFC 7296 1.2 and 1.3.1: a child is asked for with SA, TSi and TSr;
// 2.16: a request of IKE_AUTH without IDi goes on with EAP or ends it with AUTH.
base::Status check_groups(const Message& message) {
  const bool sa = message.find<SaPayload>() != nullptr;
  const bool tsi = message.find_ts(PayloadType::tsi) != nullptr;
  const bool tsr = message.find_ts(PayloadType::tsr) != nullptr;
  if (tsi != tsr) return invalid_syntax("only one of TSi and TSr in an " + title(message));
  if (message.header.exchange != ExchangeType::ike_auth) return {};
  if (sa != tsi) return invalid_syntax("only one of SA and the traffic selectors in an " + title(message));
  const bool begins = message.find_id(PayloadType::idi) != nullptr;
  if (!message.header.response && !begins && message.find<EapPayload>() == nullptr &&
      message.find<AuthPayload>() == nullptr) {
    return invalid_syntax("no IDi payload in an " + title(message));
  }
  return {};
}

// RFC 7296 3.3.1: the SPI of an IKE proposal is empty in the initial exchange and has 8 octets in later ones.
base::Status check_ike_spi(const Message& message) {
  const auto* sa = message.find<SaPayload>();
  if (sa == nullptr) return {};
  const std::size_t size = message.header.exchange == ExchangeType::ike_sa_init ? 0 : 8;
  for (const Proposal& proposal : sa->proposals) {
    if (proposal.protocol == ProtocolId::ike && proposal.spi.size() != size) {
      return invalid_syntax("SPI of " + std::to_string(proposal.spi.size()) +
                            " octets in an IKE proposal of an " + title(message));
    }
  }
  return {};
}

}  // namespace

base::Status check_rules(const Message& message) {
  const Way way = message.header.response ? Way::response : Way::request;
  if (!spoken(message.header.exchange)) {
    return invalid_syntax("exchange " + name(message.header.exchange) + " is not spoken");
  }
  RETURN_IF_ERROR(check_critical(message));
  RETURN_IF_ERROR(check_allowed(message, way));
  RETURN_IF_ERROR(check_ike_spi(message));
  if (needs_nothing(message)) return {};
  RETURN_IF_ERROR(check_required(message, way));
  return check_groups(message);
}

}  // namespace ikev2
