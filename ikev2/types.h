// Numbers of IKEv2 and their names, one list each (IANA "IKEv2 Parameters").
#pragma once

#include <cstdint>

#include "base/enum_names.h"

namespace ikev2 {

// The lists are tables, one value a line.
// clang-format off
#define IKEV2_EXCHANGES(X)                        \
  X(ike_sa_init, 34, "IKE_SA_INIT")               \
  X(ike_auth, 35, "IKE_AUTH")                     \
  X(create_child_sa, 36, "CREATE_CHILD_SA")       \
  X(informational, 37, "INFORMATIONAL")           \
  X(ike_session_resume, 38, "IKE_SESSION_RESUME") \
  X(ike_intermediate, 43, "IKE_INTERMEDIATE")     \
  X(ike_followup_ke, 44, "IKE_FOLLOWUP_KE")
IKEV2D_ENUM(ExchangeType, std::uint8_t, IKEV2_EXCHANGES)

#define IKEV2_PAYLOADS(X)   \
  X(none, 0, "none")        \
  X(sa, 33, "SA")           \
  X(ke, 34, "KE")           \
  X(idi, 35, "IDi")         \
  X(idr, 36, "IDr")         \
  X(cert, 37, "CERT")       \
  X(certreq, 38, "CERTREQ") \
  X(auth, 39, "AUTH")       \
  X(nonce, 40, "Nonce")     \
  X(notify, 41, "N")        \
  X(del, 42, "D")           \
  X(vendor, 43, "V")        \
  X(tsi, 44, "TSi")         \
  X(tsr, 45, "TSr")         \
  X(sk, 46, "SK")           \
  X(cp, 47, "CP")           \
  X(eap, 48, "EAP")         \
  X(skf, 53, "SKF")
IKEV2D_ENUM(PayloadType, std::uint8_t, IKEV2_PAYLOADS)

#define IKEV2_PROTOCOLS(X) \
  X(none, 0, "none")       \
  X(ike, 1, "IKE")         \
  X(ah, 2, "AH")           \
  X(esp, 3, "ESP")
IKEV2D_ENUM(ProtocolId, std::uint8_t, IKEV2_PROTOCOLS)

#define IKEV2_TRANSFORM_TYPES(X) \
  X(encr, 1, "encryption")       \
  X(prf, 2, "prf")               \
  X(integ, 3, "integrity")       \
  X(ke, 4, "key exchange")       \
  X(esn, 5, "sequence numbers")
IKEV2D_ENUM(TransformType, std::uint8_t, IKEV2_TRANSFORM_TYPES)

#define IKEV2_ID_TYPES(X)           \
  X(ipv4, 1, "ip4-addr")            \
  X(fqdn, 2, "fqdn")                \
  X(rfc822, 3, "rfc822")            \
  X(ipv6, 5, "ip6-addr")            \
  X(der_asn1_dn, 9, "der-asn1-dn")  \
  X(der_asn1_gn, 10, "der-asn1-gn") \
  X(key_id, 11, "key-id")           \
  X(null, 13, "null")
IKEV2D_ENUM(IdType, std::uint8_t, IKEV2_ID_TYPES)

#define IKEV2_AUTH_METHODS(X)                   \
  X(rsa_signature, 1, "rsa-sig")                \
  X(shared_key_mic, 2, "shared-key-mic")        \
  X(ecdsa_256, 9, "ecdsa-256")                  \
  X(ecdsa_384, 10, "ecdsa-384")                 \
  X(ecdsa_521, 11, "ecdsa-521")                 \
  X(null, 13, "null")                           \
  X(digital_signature, 14, "digital-signature")
IKEV2D_ENUM(AuthMethod, std::uint8_t, IKEV2_AUTH_METHODS)

#define IKEV2_NOTIFIES(X)                                                      \
  X(unsupported_critical_payload, 1, "UNSUPPORTED_CRITICAL_PAYLOAD")           \
  X(invalid_ike_spi, 4, "INVALID_IKE_SPI")                                     \
  X(invalid_major_version, 5, "INVALID_MAJOR_VERSION")                         \
  X(invalid_syntax, 7, "INVALID_SYNTAX")                                       \
  X(invalid_message_id, 9, "INVALID_MESSAGE_ID")                               \
  X(invalid_spi, 11, "INVALID_SPI")                                            \
  X(no_proposal_chosen, 14, "NO_PROPOSAL_CHOSEN")                              \
  X(invalid_ke_payload, 17, "INVALID_KE_PAYLOAD")                              \
  X(authentication_failed, 24, "AUTHENTICATION_FAILED")                        \
  X(single_pair_required, 34, "SINGLE_PAIR_REQUIRED")                          \
  X(no_additional_sas, 35, "NO_ADDITIONAL_SAS")                                \
  X(internal_address_failure, 36, "INTERNAL_ADDRESS_FAILURE")                  \
  X(failed_cp_required, 37, "FAILED_CP_REQUIRED")                              \
  X(ts_unacceptable, 38, "TS_UNACCEPTABLE")                                    \
  X(invalid_selectors, 39, "INVALID_SELECTORS")                                \
  X(unacceptable_addresses, 40, "UNACCEPTABLE_ADDRESSES")                      \
  X(unexpected_nat_detected, 41, "UNEXPECTED_NAT_DETECTED")                    \
  X(temporary_failure, 43, "TEMPORARY_FAILURE")                                \
  X(child_sa_not_found, 44, "CHILD_SA_NOT_FOUND")                              \
  X(state_not_found, 47, "STATE_NOT_FOUND")                                    \
  X(ts_max_queue, 48, "TS_MAX_QUEUE")                                          \
  X(initial_contact, 16384, "INITIAL_CONTACT")                                 \
  X(set_window_size, 16385, "SET_WINDOW_SIZE")                                 \
  X(additional_ts_possible, 16386, "ADDITIONAL_TS_POSSIBLE")                   \
  X(ipcomp_supported, 16387, "IPCOMP_SUPPORTED")                               \
  X(nat_detection_source_ip, 16388, "NAT_DETECTION_SOURCE_IP")                 \
  X(nat_detection_destination_ip, 16389, "NAT_DETECTION_DESTINATION_IP")       \
  X(cookie, 16390, "COOKIE")                                                   \
  X(use_transport_mode, 16391, "USE_TRANSPORT_MODE")                           \
  X(http_cert_lookup_supported, 16392, "HTTP_CERT_LOOKUP_SUPPORTED")           \
  X(rekey_sa, 16393, "REKEY_SA")                                               \
  X(esp_tfc_padding_not_supported, 16394, "ESP_TFC_PADDING_NOT_SUPPORTED")     \
  X(non_first_fragments_also, 16395, "NON_FIRST_FRAGMENTS_ALSO")               \
  X(mobike_supported, 16396, "MOBIKE_SUPPORTED")                               \
  X(additional_ip4_address, 16397, "ADDITIONAL_IP4_ADDRESS")                   \
  X(additional_ip6_address, 16398, "ADDITIONAL_IP6_ADDRESS")                   \
  X(no_additional_addresses, 16399, "NO_ADDITIONAL_ADDRESSES")                 \
  X(update_sa_addresses, 16400, "UPDATE_SA_ADDRESSES")                         \
  X(cookie2, 16401, "COOKIE2")                                                 \
  X(no_nats_allowed, 16402, "NO_NATS_ALLOWED")                                 \
  X(auth_lifetime, 16403, "AUTH_LIFETIME")                                     \
  X(multiple_auth_supported, 16404, "MULTIPLE_AUTH_SUPPORTED")                 \
  X(redirect_supported, 16406, "REDIRECT_SUPPORTED")                           \
  X(childless_ikev2_supported, 16418, "CHILDLESS_IKEV2_SUPPORTED")             \
  X(ikev2_fragmentation_supported, 16430, "IKEV2_FRAGMENTATION_SUPPORTED")     \
  X(signature_hash_algorithms, 16431, "SIGNATURE_HASH_ALGORITHMS")             \
  X(use_ppk, 16435, "USE_PPK")                                                 \
  X(ppk_identity, 16436, "PPK_IDENTITY")                                       \
  X(no_ppk_auth, 16437, "NO_PPK_AUTH")                                         \
  X(intermediate_exchange_supported, 16438, "INTERMEDIATE_EXCHANGE_SUPPORTED") \
  X(additional_key_exchange, 16441, "ADDITIONAL_KEY_EXCHANGE")                 \
  X(use_aggfrag, 16442, "USE_AGGFRAG")                                         \
  X(supported_auth_methods, 16443, "SUPPORTED_AUTH_METHODS")                   \
  X(sa_resource_info, 16444, "SA_RESOURCE_INFO")
IKEV2D_ENUM(NotifyType, std::uint16_t, IKEV2_NOTIFIES)
// clang-format on

// Types below 16384 report errors, RFC 7296 3.10.1.
constexpr bool is_error(NotifyType type) { return static_cast<std::uint16_t>(type) < 16384; }

}  // namespace ikev2
