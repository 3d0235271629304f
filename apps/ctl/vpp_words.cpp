// ikev2 profile …, ikev2 set liveness.
#include "apps/ctl/vpp_words.h"

#include "apps/ctl/word_reader.h"

namespace ctl {

namespace {

using nlohmann::json;

constexpr std::uint64_t kMost32 = 0xffffffff;

base::Result<VppRequest> finished(WordReader& words, std::string command, json args) {
  RETURN_IF_ERROR(words.finish());
  return VppRequest{std::move(command), std::move(args)};
}

// "local" or "remote".
bool local_side(WordReader& words) {
  if (words.take("local")) return true;
  if (!words.take("remote")) words.fail("local or remote is missing");
  return false;
}

base::Result<VppRequest> auth(WordReader& words, json args) {
  if (words.take("shared-key-mic")) {
    args["auth_method"] = "shared-key-mic";
    const bool hex = words.take("hex");
    if (!hex && !words.take("string")) words.fail("string or hex is missing");
    args["is_hex"] = hex;
    args["data"] = words.word("the secret");
  } else if (words.take("rsa-sig")) {
    args["auth_method"] = "rsa-sig";
    if (!words.take("cert-file")) words.fail("cert-file is missing");
    args["data"] = words.word("the path of the certificate");
  } else {
    words.fail("shared-key-mic or rsa-sig is missing");
  }
  return finished(words, "ikev2_profile_set_auth", std::move(args));
}

base::Result<VppRequest> id(WordReader& words, json args) {
  args["is_local"] = local_side(words);
  args["id_type"] = words.word("the type of the identity");
  args["data"] = words.rest("the identity");
  return finished(words, "ikev2_profile_set_id", std::move(args));
}

base::Result<VppRequest> selector(WordReader& words, json args) {
  args["is_local"] = local_side(words);
  args.update({{"start_port", 0u}, {"end_port", 65535u}, {"protocol_id", 0u}});
  while (!words.at_end()) {
    if (words.take("ip-range")) {
      const auto [first, last] = words.range("ip-range");
      args["start_addr"] = first;
      args["end_addr"] = last;
    } else if (words.take("port-range")) {
      const auto [first, last] = words.range("port-range");
      const auto low = WordReader::parse(first), high = WordReader::parse(last);
      if (!low || !high) words.fail("port-range: two numbers are needed");
      args["start_port"] = low.value_or(0);
      args["end_port"] = high.value_or(0);
    } else if (words.take("protocol")) {
      args["protocol_id"] = words.number("protocol", 255);
    } else {
      words.not_understood();
    }
  }
  if (!args.contains("start_addr")) words.fail("ip-range is missing");
  return finished(words, "ikev2_profile_set_ts", std::move(args));
}

// VPP wants the interface; here the route to the peer decides, and it may be left out.
base::Result<VppRequest> responder(WordReader& words, json args) {
  const std::string first = words.word("the address of the responder");
  args["interface"] = words.at_end() ? "" : first;
  args["address"] = words.at_end() ? first : words.word("the address of the responder");
  return finished(words, "ikev2_set_responder", std::move(args));
}

// `kind` is ike or esp.
base::Result<VppRequest> transforms(WordReader& words, const std::string& kind, json args) {
  args["crypto_alg"] = words.word("the name of the cipher");
  while (!words.at_end()) {
    if (words.take(kind + "-integ-alg")) {
      args["integ_alg"] = words.word(kind + "-integ-alg");
    } else if (words.take(kind + "-dh")) {
      args["dh_group"] = words.word(kind + "-dh");
    } else if (kind == "ike" && words.take("ike-prf-alg")) {
      args["prf"] = words.word("ike-prf-alg");
    } else if (!args.contains("crypto_key_size")) {
      args["crypto_key_size"] = words.number("the key length in bits", 512);
    } else {
      words.not_understood();
    }
  }
  if (kind == "ike" && !args.contains("dh_group")) words.fail("ike-dh is missing");
  return finished(words, "ikev2_set_" + kind + "_transforms", std::move(args));
}

base::Result<VppRequest> lifetime(WordReader& words, json args) {
  args["lifetime"] = words.number("the lifetime in seconds", kMost32);
  args["lifetime_jitter"] = words.number("the jitter in seconds", kMost32);
  args["handover"] = words.number("the handover in seconds", kMost32);
  args["lifetime_maxdata"] = words.number("the most octets, 0 for any", ~std::uint64_t{0});
  return finished(words, "ikev2_set_sa_lifetime", std::move(args));
}

base::Result<VppRequest> set(WordReader& words, json args) {
  if (words.take("auth")) return auth(words, std::move(args));
  if (words.take("id")) return id(words, std::move(args));
  if (words.take("traffic-selector")) return selector(words, std::move(args));
  if (words.take("responder")) return responder(words, std::move(args));
  if (words.take("ike-crypto-alg")) return transforms(words, "ike", std::move(args));
  if (words.take("esp-crypto-alg")) return transforms(words, "esp", std::move(args));
  if (words.take("sa-lifetime")) return lifetime(words, std::move(args));
  if (words.take("udp-encap")) return finished(words, "ikev2_profile_set_udp_encap", std::move(args));
  if (words.take("tunnel")) {
    args["interface"] = words.word("the tunnel interface");
    return finished(words, "ikev2_set_tunnel_interface", std::move(args));
  }
  if (words.take("ipsec-over-udp")) {
    if (!words.take("port")) words.fail("port is missing");
    args["port"] = words.number("port", 65535);
    return finished(words, "ikev2_profile_set_ipsec_udp_port", std::move(args));
  }
  if (words.take("disable")) {
    if (!words.take("natt")) words.fail("natt is missing");
    return finished(words, "ikev2_profile_disable_natt", std::move(args));
  }
  words.not_understood();
  words.fail(
      "one of auth, id, traffic-selector, responder, ike-crypto-alg, esp-crypto-alg, sa-lifetime, tunnel, "
      "udp-encap, ipsec-over-udp, disable natt is missing");
  return finished(words, "", {});
}

}  // namespace

base::Result<VppRequest> ikev2_profile_request(const std::vector<std::string>& list) {
  WordReader words(list);
  const bool add = words.take("add");
  if (add || words.take("del")) {
    json args = {{"name", words.word("the name of the profile")}, {"is_add", add}};
    return finished(words, "ikev2_profile_add_del", std::move(args));
  }
  if (!words.take("set")) {
    words.not_understood();
    words.fail("add, del or set is missing");
    return finished(words, "", {});
  }
  json args = {{"name", words.word("the name of the profile")}};
  return set(words, std::move(args));
}

base::Result<VppRequest> ikev2_liveness_request(const std::vector<std::string>& list) {
  WordReader words(list);
  json args = {{"period", words.number("the period in seconds", kMost32)}};
  args["max_retries"] = words.number("the number of retries", kMost32);
  return finished(words, "ikev2_profile_set_liveness", std::move(args));
}

}  // namespace ctl
