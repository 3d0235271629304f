#include "control/listing/ikev2_sa.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/ip.h"
#include "control/listing/text.h"

namespace control::listing {

namespace {

bool we_initiated(const IkeSaView& sa) { return sa.role == "initiator"; }
const SideView& initiator(const IkeSaView& sa) { return we_initiated(sa) ? sa.local : sa.remote; }
const SideView& responder(const IkeSaView& sa) { return we_initiated(sa) ? sa.remote : sa.local; }

std::string headline(const IkeSaView& sa) {
  return fmt::format("iip {} ispi {:x} rip {} rspi {:x}\n", initiator(sa).address,
                     parse_hex(sa.initiator_spi), responder(sa).address, parse_hex(sa.responder_spi));
}

// VPP prints nothing for a transform that is missing; the separating space stays.
std::string transform(std::string_view type, std::string_view name) {
  return name.empty() ? std::string() : fmt::format("{}:{}", type, vpp_ike_name(name));
}

// VPP knows one key exchange; additional ones (RFC 9370) follow in their order as ke1:, ke2:, …
std::string ike_transforms(const IkeSaView& sa) {
  std::string out = fmt::format(" {} {} {} {}", transform("encr", sa.encr), transform("prf", sa.prf),
                                transform("integ", sa.integ.value_or("")),
                                transform("dh-group", sa.ke.empty() ? "" : sa.ke.front()));
  for (std::size_t i = 1; i < sa.ke.size(); ++i) out += fmt::format(" ke{}:{}", i, sa.ke[i]);
  return out + "\n";
}

// VPP's clib drops the zero in front of the point.
std::string uptime(std::int64_t microseconds, std::int64_t seconds) {
  const std::int64_t us = microseconds != 0 ? microseconds : seconds * 1'000'000;
  const std::string whole = us < 1'000'000 ? "" : std::to_string(us / 1'000'000);
  return fmt::format("{}.{:06} (s)", whole, us % 1'000'000);
}

const char* vpp_state(const IkeSaView& sa) {
  if (sa.state == "connecting") return "SA_INIT";
  if (sa.state == "deleting") return "DELETED";
  if (sa.state == "established" || sa.state == "rekeying") return "AUTHENTICATED";
  return "UNKNOWN";
}

std::string identifier(const char* which, const SideView& side) {
  if (side.id.empty()) return fmt::format(" identifier ({}) none\n", which);
  const IdentityText id = split_identity(side.id);
  return fmt::format(" identifier ({}) id-type {} data {}\n", which, id.type, id.data);
}

// A pair of keys below each other, the second indented to stand below the first.
std::string key_pair(std::string_view indent, std::string_view label, std::string_view i,
                     std::string_view r) {
  return fmt::format("{0}{1}i:{2}\n{0}{3:{4}}r:{5}\n", indent, label, i, "", label.size(), r);
}

std::string shown(bool secrets, const std::string& key) {
  return secrets && !key.empty() ? key : std::string(kRedacted);
}

std::string ike_keys(const IkeSaView& sa, bool secrets) {
  const IkeKeyView keys = sa.keys.value_or(IkeKeyView{});
  const bool show = secrets && sa.keys;
  std::string out = fmt::format(" SK_d    {}\n", shown(show, keys.sk_d));
  if (sa.integ) out += key_pair(" ", "SK_a  ", shown(show, keys.sk_ai), shown(show, keys.sk_ar));
  out += key_pair(" ", "SK_e  ", shown(show, keys.sk_ei), shown(show, keys.sk_er));
  return out + key_pair(" ", "SK_p  ", shown(show, keys.sk_pi), shown(show, keys.sk_pr));
}

std::string child_keys(const IkeSaView& sa, const ChildView& child, bool secrets) {
  const KeyView k = child.keys.value_or(KeyView{});
  const bool show = secrets && child.keys, out_first = we_initiated(sa);
  std::string out = key_pair("    ", "SK_e  ", shown(show, out_first ? k.encr_out : k.encr_in),
                             shown(show, out_first ? k.encr_in : k.encr_out));
  if (child.integ)
    out += key_pair("    ", "SK_a  ", shown(show, out_first ? k.integ_out : k.integ_in),
                    shown(show, out_first ? k.integ_in : k.integ_out));
  return out;
}

// The first selector follows the colon, further ones begin at column 0, as VPP prints them.
std::string selectors(const char* which, const std::vector<std::string>& list) {
  std::string out = fmt::format("    traffic selectors ({}):", which);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const SelectorText ts = parse_selector(list[i]);
    out += fmt::format("{} type {} protocol_id {} addr {} - {} port {} - {}\n", i, ts.type, ts.protocol,
                       ts.first, ts.last, ts.first_port, ts.last_port);
  }
  return list.empty() ? out + "\n" : out;
}

std::string child_dump(const IkeSaView& sa, const ChildView& child, std::size_t index, bool secrets) {
  const bool ours = we_initiated(sa);
  std::string out =
      fmt::format("   child sa {}:\n    uptime: {}\n", index, uptime(child.installed_us, child.installed_s));
  out +=
      fmt::format("    {} {} {} \n", transform("encr", child.encr),
                  transform("integ", child.integ.value_or("")), transform("esn", child.esn ? "yes" : "no"));
  const std::string& spi_i = ours ? child.spi_in : child.spi_out;
  const std::string& spi_r = ours ? child.spi_out : child.spi_in;
  out += fmt::format("    spi(i) {:x} spi(r) {:x}\n", parse_hex(spi_i), parse_hex(spi_r));
  out += child_keys(sa, child, secrets);
  out += selectors("i", ours ? child.local_ts : child.remote_ts);
  return out + selectors("r", ours ? child.remote_ts : child.local_ts);
}

std::string stats(const IkeSaView& sa) {
  const bool up = sa.state != "connecting";
  IkeStatsView s;
  s.sa_init = s.sa_auth = up ? 1 : 0;  // an SA that is up took one of each
  if (sa.stats) s = *sa.stats;
  return fmt::format(
      "Stats:\n keepalives :{}\n rekey :{}\n SA init :{} (retransmit: {})\n retransmit: {}\n SA auth :{}\n",
      s.keepalives, s.rekeys, s.sa_init, s.sa_init_retransmits, s.retransmits, s.sa_auth);
}

std::string dump(const IkeSaView& sa, bool secrets) {
  std::string out = headline(sa) + ike_transforms(sa);
  out += fmt::format(" profile: {}\n state: {}\n uptime: {}\n\n", sa.profile, vpp_state(sa),
                     uptime(sa.established_us, sa.established_s));
  out += key_pair(" ", "nonce ", sa.nonce_i, sa.nonce_r);
  out += ike_keys(sa, secrets);
  out += identifier("i", initiator(sa)) + identifier("r", responder(sa));
  for (std::size_t i = 0; i < sa.children.size(); ++i) out += child_dump(sa, sa.children[i], i, secrets);
  return out + stats(sa) + "\n";
}

// Version 17.04 prints identities that are no text as the hex of their octets.
std::string wiki_identifier(const char* which, const SideView& side) {
  const IdentityText id = split_identity(side.id);
  std::string data = id.data;
  if (const auto address = base::IpAddress::parse(data)) data = base::to_hex(address->bytes());
  if (data.substr(0, 2) == "0x") data = data.substr(2);
  return fmt::format("  identifier ({}) {} {}\n", which, id.type, data);
}

// Each selector on a line of its own.
std::string wiki_selectors(const char* which, const std::vector<std::string>& list) {
  std::string out = fmt::format("    traffic selectors ({}):\n", which);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const SelectorText ts = parse_selector(list[i]);
    out += fmt::format("      {} type {} protocol_id {} addr {} - {} port {} - {}\n", i, ts.type, ts.protocol,
                       ts.first, ts.last, ts.first_port, ts.last_port);
  }
  return out;
}

std::string wiki_child(const IkeSaView& sa, const ChildView& child, std::size_t index, bool secrets) {
  const bool ours = we_initiated(sa);
  std::string out =
      fmt::format("  child sa {}:\n    {} {} {} \n", index, transform("encr", child.encr),
                  transform("integ", child.integ.value_or("")), transform("esn", child.esn ? "yes" : "no"));
  out += fmt::format("    spi(i) {:x} spi(r) {:x}\n", parse_hex(ours ? child.spi_in : child.spi_out),
                     parse_hex(ours ? child.spi_out : child.spi_in));
  out += child_keys(sa, child, secrets);
  out += wiki_selectors("i", ours ? child.local_ts : child.remote_ts);
  return out + wiki_selectors("r", ours ? child.remote_ts : child.local_ts);
}

std::string indented(const std::string& lines) {
  std::string out;
  bool start = true;
  for (const char c : lines) {
    if (start) out += ' ';
    out += c;
    start = c == '\n';
  }
  return out;
}

// The transforms end in a space here; nonce and keys stand one column further in than in the current form.
std::string wiki_dump(const IkeSaView& sa, bool secrets) {
  std::string transforms = ike_transforms(sa);
  transforms.insert(transforms.size() - 1, " ");
  std::string out = " " + headline(sa) + transforms;
  out += indented(key_pair(" ", "nonce ", sa.nonce_i, sa.nonce_r) + ike_keys(sa, secrets));
  out += wiki_identifier("i", initiator(sa)) + wiki_identifier("r", responder(sa));
  for (std::size_t i = 0; i < sa.children.size(); ++i) out += wiki_child(sa, sa.children[i], i, secrets);
  return out + "\n";
}

}  // namespace

std::string ikev2_sa(const StatusView& view, const Ikev2SaOptions& options) {
  std::string out;
  for (const IkeSaView& sa : view.ike_sas) {
    if (options.responder_spi && parse_hex(sa.responder_spi) != *options.responder_spi) continue;
    if (options.wiki) {
      out += wiki_dump(sa, options.secrets);
      continue;
    }
    out += options.details || options.responder_spi ? dump(sa, options.secrets) : headline(sa);
  }
  return out;
}

}  // namespace control::listing
