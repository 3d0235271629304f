#include "../support.h"

using namespace crypto;
using namespace crypto_test;

namespace {

struct Vector {
  const char* source;
  CipherSpec spec;
  const char *encr_key, *iv, *text, *sealed;
};

// clang-format off
const Vector kVectors[] = {
    {"RFC 3602 4, case 1", {Encr::aes_cbc, 128, Integ::sha1_96}, "06a9214036b8a15b512e03d534120006",
     "3dafba429d9eb430b422da802c9fac41", "53696e676c6520626c6f636b206d7367", "e353779c1079aeb82708942dbe77181a"},
    {"RFC 3602 4, case 2", {Encr::aes_cbc, 128, Integ::sha1_96}, "c286696d887c9aa0611bbb3e2025a45a",
     "562e17996d093d28ddb3ba695a2e6f58", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
     "d296cd94c2cccf8a3a863028b5e1dc0a7586602d253cfff91b8266bea6d61ab1"},
    {"RFC 3602 4, case 3", {Encr::aes_cbc, 128, Integ::sha1_96}, "6c3ea0477630ce21a2ce334aa746c2cd",
     "c782dc4c098c66cbd9cd27d825682c81",
     "5468697320697320612034382d62797465206d657373616765202865786163746c7920332041455320626c6f636b7329",
     "d0a02b3836451753d493665d33f0e8862dea54cdb293abc7506939276772f8d5021c19216bad525c8579695d83ba2684"},
    {"RFC 3602 4, case 4", {Encr::aes_cbc, 128, Integ::sha1_96}, "56e47a38c5598974bc46903dba290349",
     "8ce82eefbea0da3c44699ed7db51b7d9",
     "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7"
     "d8d9dadbdcdddedf",
     "c30e32ffedc0774e6aff6af0869f71aa0f3af07a9a31a9c684db207eb0ef8e4e35907aa632c3ffdf868bb7b29d3d46ad83ce9f9a102ee99d"
     "49a53e87f4c3da55"},
    {"FIPS 81, table C1", {Encr::des, 0, Integ::sha1_96}, "0123456789abcdef", "1234567890abcdef",
     "4e6f77206973207468652074696d6520666f7220616c6c20", "e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6"},
    {"NIST SP 800-67 B.1, its first block under an IV of zeros", {Encr::des3, 0, Integ::sha1_96},
     "0123456789abcdef23456789abcdef01456789abcdef0123", "0000000000000000", "5468652071756663", "a826fd8ce53b855f"},
    {"RFC 3686 6, test vector 1 (key | nonce)", {Encr::aes_ctr, 128, Integ::sha1_96},
     "ae6852f8121067cc4bf7a5765577f39e" "00000030", "0000000000000000", "53696e676c6520626c6f636b206d7367",
     "e4095d4fb7a7b3792d6175a3261311b8"},
    {"RFC 3686 6, test vector 2", {Encr::aes_ctr, 128, Integ::sha1_96},
     "7e24067817fae0d743d6ce1f32539163" "006cb6db", "c0543b59da48d90b",
     "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
     "5104a106168a72d9790d41ee8edad388eb2e1efc46da57c8fce630df9141be28"},
};
// clang-format on

std::unique_ptr<Cipher> cbc_sha1() {
  return make_cipher({Encr::aes_cbc, 128, Integ::sha1_96}, counting(0, 16), counting(0x40, 20));
}

}  // namespace

TEST_CASE("published CBC and CTR texts are encrypted to the very octets and decrypted again") {
  for (const Vector& v : kVectors) {
    INFO(v.source);
    const auto cipher = make_cipher(v.spec, hex(v.encr_key), counting(0x40, 20));
    for (const bool in_place : {true, false}) {
      INFO((in_place ? "in place" : "into another buffer"));
      Packet packet = packet_for(*cipher, hex(v.text));
      packet.iv = hex(v.iv);
      REQUIRE(seal(*cipher, packet, in_place));
      CHECK(base::to_hex(in_place ? packet.text : packet.output) == v.sealed);
      packet.text = hex(v.sealed);
      REQUIRE(open(*cipher, packet, in_place));
      CHECK(base::to_hex(in_place ? packet.text : packet.output) == v.text);
    }
  }
}

TEST_CASE("the ICV is the truncated HMAC over aad, IV, ciphertext and aad_tail") {
  const auto prf = make_botan_provider()->prf(Prf::hmac_sha1);
  REQUIRE(prf.has_value());
  const auto cipher = cbc_sha1();
  CHECK(cipher->iv_is_random());
  CHECK(cipher->icv_size() == 12);
  Packet packet = packet_for(*cipher, counting(0, 48));
  packet.aad_tail = hex("00000007");
  REQUIRE(seal(*cipher, packet));
  const auto mac = (*prf)->compute(counting(0x40, 20), {packet.aad, packet.iv, packet.text, packet.aad_tail});
  CHECK(base::equal(packet.tag, mac.span().first(12)));
}

TEST_CASE("encryption alone is for keys set by hand that ask for it, and not for counter mode (RFC 3686 5)") {
  const auto provider = make_botan_provider();
  CipherSpec spec{Encr::aes_cbc, 128, Integ::none};
  CHECK(provider->cipher(spec, counting(0, 16), {}).has_error());
  spec.unauthenticated = true;
  const auto cipher = std::move(provider->cipher(spec, counting(0, 16), {})).value();
  CHECK(cipher->icv_size() == 0);
  Packet packet = packet_for(*cipher, counting(7, 48));
  REQUIRE(seal(*cipher, packet));
  CHECK(packet.text != counting(7, 48));
  REQUIRE(open(*cipher, packet, true));
  CHECK(packet.text == counting(7, 48));
  CipherSpec counter{Encr::aes_ctr, 128, Integ::none};
  counter.unauthenticated = true;
  CHECK(provider->cipher(counter, counting(0, 20), {}).has_error());
  CipherSpec nothing{Encr::null, 0, Integ::none};
  nothing.unauthenticated = true;
  CHECK(provider->cipher(nothing, {}, {}).has_error());
}

TEST_CASE("a text that is no multiple of the block, or an IV of a wrong size, is refused") {
  const auto cipher = cbc_sha1();
  for (const std::size_t length : {1u, 15u, 17u, 47u}) {
    Packet packet = packet_for(*cipher, counting(0, length));
    CHECK_FALSE(seal(*cipher, packet));
    CHECK_FALSE(open(*cipher, packet));
  }
  Packet packet = packet_for(*cipher, counting(0, 32));
  packet.iv = counting(0, 8);
  CHECK_FALSE(seal(*cipher, packet));
  CHECK_FALSE(open(*cipher, packet));
}

TEST_CASE("nothing is decrypted where the ICV is wrong, RFC 4303 3.4.4.1") {
  const auto cipher = cbc_sha1();
  Packet packet = packet_for(*cipher, counting(0, 64));
  REQUIRE(seal(*cipher, packet));
  packet.tag[0] ^= 1;
  const auto before = packet.text;
  CHECK_FALSE(open(*cipher, packet, true));
  CHECK(packet.text == before);
}

TEST_CASE("packets of many lengths, encrypted together, come out as each of them alone") {
  const auto cipher = cbc_sha1();
  // Lanes end at different times; an odd one in the middle is refused without harm to its neighbours.
  const std::size_t lengths[] = {16,  0,   4096, 64, 33, 1440, 16, 32, 48,  64, 80, 1408,
                                 512, 528, 0,    16, 16, 16,   16, 16, 640, 64, 48, 32};
  std::vector<Packet> packets;
  for (const std::size_t length : lengths) {
    packets.push_back(packet_for(*cipher, counting(static_cast<std::uint8_t>(length), length)));
    packets.back().iv = counting(static_cast<std::uint8_t>(packets.size()), 16);
  }
  auto alone = packets;
  std::vector<CipherItem> items;
  for (Packet& packet : packets) items.push_back(packet.item(items.size() % 2 == 0));
  cipher->seal(items);
  for (std::size_t i = 0; i < items.size(); ++i) {
    INFO("packet " << i << " of " << lengths[i] << " octets");
    CHECK(items[i].ok == (lengths[i] % 16 == 0));
    CHECK(seal(*cipher, alone[i]) == items[i].ok);
    if (!items[i].ok) continue;
    CHECK(base::equal({items[i].destination, items[i].length}, alone[i].text));
    CHECK(packets[i].tag == alone[i].tag);
  }
}
