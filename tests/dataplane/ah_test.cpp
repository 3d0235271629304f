// AH, from one end to the other, and against packets that Python's hmac and cryptography modules signed.
#include <catch2/catch_test_macros.hpp>
#include <set>

#include "tests/dataplane/link.h"

namespace {

using crypto::Integ;
using dataplane::HostLink;
using esp::Counter;
using support::ip;

constexpr std::array kIntegs{Integ::md5_96,           Integ::sha1_96,           Integ::aes_xcbc_96,
                             Integ::aes_cmac_96,      Integ::hmac_sha2_256_128, Integ::hmac_sha2_384_192,
                             Integ::hmac_sha2_512_256};

support::SaShape ah(Integ integ, bool transport, bool v6 = false, bool esn = false) {
  support::SaShape shape;
  shape.protocol = crypto::IpsecProtocol::ah;
  shape.cipher = {crypto::Encr::none, 0, integ};
  shape.udp_encap = false;
  shape.outer_v6 = v6;
  shape.esn = esn;
  return transport ? support::between_hosts(shape) : shape;
}

base::Bytes hex(std::string_view text) {
  base::Bytes out;
  REQUIRE(base::from_hex(text, out));
  return out;
}

base::Bytes inner_of(const HostLink& link, std::size_t size) {
  if (link.shape.mode == esp::Mode::transport) return link.datagram(size);
  return support::udp_packet(ip("10.1.0.1"), ip("10.2.0.2"), 1000, 53, size);
}

// What arrives for the receiving end of `link`.
std::size_t receive(HostLink& link, base::ByteSpan octets) {
  link.wire.clear();
  auto frame = support::frame_of(link.pool, octets);
  frame.local = {link.theirs(), 0};
  frame.remote = {link.ours(), 0};
  link.wire.push(std::move(frame));
  link.open();
  return link.delivered.size();
}

// IPv4 in transport mode, HMAC-SHA1-96, with router alert and a route being recorded: covered are
//   45|00 0050 1234 0000 00 33 0000 addresses, router alert, eleven zeros, no operation; AH; payload
const char* const kWire4 =
    "49b90050123440004033f6b7c0000201c000020294040000070b04c0000209000000000111040000c000010100000001"
    "9d66f1add45638133d4058f903e8003500140000000102030405060708090a0b";
const char* const kInner4 =
    "49b90038123440004011f6f1c0000201c000020294040000070b04c0000209000000000103e800350014000000010203"
    "0405060708090a0b";
// IPv4 in an IPv6 tunnel, HMAC-SHA2-256-128, ESN with high half 7, four octets of padding behind the ICV,
// hop-by-hop options of which one may change.
const char* const kWire6 =
    "6a9122330050003920010db8000f0000000000000000000120010db8000f0000000000000000000233002602aabb0100"
    "04060000c0000101000000099a556848eec5140ea724a88f1071d1dc000000004500002800000000401166c00a010001"
    "0a02000203e8003500140000000102030405060708090a0b";
const char* const kInner6 =
    "4500002800000000401166c00a0100010a02000203e8003500140000000102030405060708090a0b";
// The same inner packet in an IPv4 tunnel with AES-CMAC-96, as the first packet of the SA leaves here.
const char* const kSent4 =
    "45000054000200004033f671c0000201c000020204040000c000010100000001ad59ffbca804f08c634de61d45000028"
    "00000000401166c00a0100010a02000203e8003500140000000102030405060708090a0b";

}  // namespace

TEST_CASE("every integrity algorithm carries both families, in both modes, with and without ESN") {
  for (const Integ integ : kIntegs) {
    for (const int bits : {0, 1, 2, 3, 4, 5, 6, 7}) {
      INFO(crypto::name(integ) << " bits " << bits);
      HostLink link(ah(integ, (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0));
      for (const std::size_t size : {0u, 1u, 3u, 64u, 1300u}) {
        auto packet = inner_of(link, size);
        const auto got = link.pass(packet);
        // An IPv4 packet without an identification gets one in transport mode.
        if (packet[0] == 0x45 && link.shape.mode == esp::Mode::transport) {
          CHECK(base::load_be16(&got.at(4)) != 0);
          std::copy_n(got.begin() + 4, 2, packet.begin() + 4);
          esp::finish_header(packet, 9, 17);
        }
        REQUIRE(base::to_hex(got) == base::to_hex(packet));
      }
      CHECK(link.sender->traffic.packets == 5);
      CHECK(link.receiver->traffic.packets == 5);
      CHECK(link.receiver->traffic.bytes == link.sender->traffic.bytes);
      CHECK(link.right.counters.get(Counter::in_bytes) == link.left.counters.get(Counter::out_bytes));
    }
  }
}

TEST_CASE(
    "an IPv4 packet signed elsewhere is accepted in transport mode, and so is what changed on its way") {
  HostLink link(ah(Integ::sha1_96, true));
  auto changed = hex(kWire4);
  changed[1] = 0;    // DSCP
  changed[6] = 0;    // DF
  changed[8] = 9;    // TTL
  changed[10] = 77;  // checksum
  changed[26] = 8;   // the recorded route goes on
  REQUIRE(receive(link, changed) == 1);
  CHECK(link.delivered[0].bytes()[9] == 17);
  CHECK(receive(link, hex(kWire4)) == 0);
  CHECK(link.right.counters.get(Counter::in_replay) == 1);
  HostLink again(ah(Integ::sha1_96, true));
  REQUIRE(receive(again, hex(kWire4)) == 1);
  CHECK(base::to_hex(again.delivered[0].bytes()) == kInner4);
}

TEST_CASE("B143: every octet that AH covers is covered, and the mutable ones alone are not") {
  const auto genuine = hex(kWire4);
  // TOS, flags, TTL, checksum, and the recorded route, whose kind and length do not count either.
  const std::set<std::size_t> mutable_octets{1, 6, 8, 10, 11, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34};
  for (std::size_t at = 0; at < genuine.size(); ++at) {
    INFO("octet " << at);
    HostLink link(ah(Integ::sha1_96, true));
    auto changed = genuine;
    changed[at] ^= at == 6 ? 0x40 : 0x01;  // DF
    const bool passes = receive(link, changed) == 1;
    CHECK(passes == mutable_octets.contains(at));
    if (passes) continue;
    const auto count = [&](Counter c) { return link.right.counters.get(c); };
    CHECK(count(Counter::in_integrity) + count(Counter::in_runt) + count(Counter::in_no_sa) +
              count(Counter::in_ah_header) + count(Counter::in_replay) ==
          1);
    CHECK(link.receiver->window.highest() == 0);
  }
}

TEST_CASE("an IPv6 packet with hop-by-hop options, padding and ESN, signed elsewhere, is accepted") {
  HostLink link(ah(Integ::hmac_sha2_256_128, false, true, true));
  REQUIRE(link.receiver->window.update((std::uint64_t{7} << 32) + 1));
  REQUIRE(receive(link, hex(kWire6)) == 1);
  CHECK(base::to_hex(link.delivered[0].bytes()) == kInner6);
  CHECK(link.receiver->window.highest() == (std::uint64_t{7} << 32) + 9);
  HostLink low(ah(Integ::hmac_sha2_256_128, false, true, true));
  CHECK(receive(low, hex(kWire6)) == 0);  // of subspace 0 it is not
  CHECK(low.right.counters.get(Counter::in_integrity) == 1);
}

TEST_CASE("what leaves in an IPv4 tunnel is the packet that was signed elsewhere, octet by octet") {
  HostLink link(ah(Integ::aes_cmac_96, false));
  link.give(hex(kInner6));
  link.seal();
  REQUIRE(link.wire.size() == 1);
  CHECK(base::to_hex(link.wire[0].bytes()) == kSent4);
}

TEST_CASE("AH in transport mode stands behind what routers read, and before destination options") {
  HostLink link(ah(Integ::hmac_sha2_256_128, true, true));
  auto packet = link.datagram(8);
  const base::Bytes extensions{60, 0, 1, 4, 0, 0, 0, 0, 17, 0, 1, 4, 0, 0, 0, 0};
  packet.insert(packet.begin() + 40, extensions.begin(), extensions.end());
  esp::finish_header(packet, 6, 0);
  link.give(packet);
  link.left.out.process(link.batch, link.sent);
  REQUIRE(link.sent.whole.size() == 1);
  const auto octets = base::to_bytes(link.sent.whole[0].bytes());
  CHECK(octets[6] == 0);
  CHECK(octets[40] == 51);
  CHECK(octets[48] == 60);          // what AH names
  CHECK(octets[49] == 32 / 4 - 2);  // its length
  CHECK(base::load_be16(&octets[4]) == octets.size() - 40);
  REQUIRE(receive(link, octets) == 1);
  CHECK(base::to_hex(link.delivered[0].bytes()) == base::to_hex(packet));
}

TEST_CASE("an AH of a wrong length, a cut packet and a stranger are counted and dropped") {
  HostLink link(ah(Integ::sha1_96, true));
  auto wrong = hex(kWire4);
  wrong[37] = 5;
  CHECK(receive(link, wrong) == 0);
  wrong[37] = 200;
  CHECK(receive(link, wrong) == 0);
  CHECK(link.right.counters.get(Counter::in_ah_header) == 2);
  auto stranger = hex(kWire4);
  stranger[40] ^= 1;
  CHECK(receive(link, stranger) == 0);
  CHECK(link.right.counters.get(Counter::in_no_sa) == 1);
  const auto whole = hex(kWire4);
  for (std::size_t size = 1; size < whole.size(); ++size) {
    CHECK(receive(link, base::ByteSpan(whole).first(size)) == 0);
  }
  CHECK(link.right.counters.get(Counter::in_runt) == whole.size() - 1);
  CHECK(link.receiver->traffic.packets == 0);
}

TEST_CASE("AH keeps the replay window, and refuses another selector's packets after the check") {
  HostLink link(ah(Integ::hmac_sha2_512_256, false));
  link.give(inner_of(link, 10));
  link.seal();
  const auto octets = base::to_bytes(link.wire[0].bytes());
  CHECK(receive(link, octets) == 1);
  CHECK(receive(link, octets) == 0);
  CHECK(link.right.counters.get(Counter::in_replay) == 1);
  link.receiver->params.selectors.remote = {spd::TrafficSelector::parse("10.9.0.0/16").value()};
  CHECK(link.pass(inner_of(link, 10)).empty());
  CHECK(link.right.counters.get(Counter::in_selector) == 1);
}

TEST_CASE("AH and ESP with one SPI are two SAs") {
  HostLink link(ah(Integ::sha1_96, false));
  auto esp_shape = link.shape;
  esp_shape.protocol = crypto::IpsecProtocol::esp;
  esp_shape.cipher = {crypto::Encr::aes_gcm_16, 128, Integ::none};
  esp_shape.child = 2;
  REQUIRE(link.right.receive_by(esp_shape, dataplane::provider()));
  CHECK_FALSE(link.pass(inner_of(link, 10)).empty());
}

TEST_CASE("AH takes no fragments in transport mode, and no header that it does not understand") {
  HostLink link(ah(Integ::sha1_96, true));
  auto fragment = link.datagram(40);
  base::store_be16(&fragment[6], 0x2000);
  CHECK(link.pass(fragment).empty());
  CHECK(link.left.counters.get(Counter::out_fragment) == 1);
  auto odd = link.datagram(40);
  const base::Bytes option{0x94, 9, 0, 0};  // longer than there is room
  odd.insert(odd.begin() + 20, option.begin(), option.end());
  odd[0] = 0x46;
  esp::finish_header(odd, 9, 17);
  CHECK(link.pass(odd).empty());
  CHECK(link.left.counters.get(Counter::out_header) == 1);
}

TEST_CASE("AH makes no packet longer than the length field of IP can say") {
  for (const bool v6 : {false, true}) {
    HostLink link(ah(Integ::sha1_96, true, v6));
    const std::size_t headers = (v6 ? 40 : 20) + 8 + 24;  // IP, UDP, AH
    const auto longest = link.datagram(65535 - headers);
    CHECK((link.pass(longest) == longest));
    CHECK(link.pass(link.datagram(65536 - headers)).empty());
    CHECK(link.left.counters.get(Counter::out_too_big) == 1);
  }
}
