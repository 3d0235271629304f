// Every cipher that the provider makes, by the same measure.
#include <algorithm>

#include "../support.h"

using namespace crypto;
using namespace crypto_test;

namespace {

struct Row {
  CipherSpec spec;
  const char* sealed_sha1;  // of the ciphertext
  const char* tag;
};

// Computed with the Python package "cryptography" (that is, OpenSSL), and hmac and hashlib of Python itself;
// AES-XCBC-MAC by 12 lines of Python after RFC 3566 over OpenSSL's AES. Encryption key 00 01 02 …, salt
// b0 b1 …, integrity key 40 41 …, IV a0 a1 …, associated data 10 … 17, text 00 … 3f, aad_tail deadbeef (not
// for AEADs).
const Row kRows[] = {
    {{Encr::aes_cbc, 128, Integ::md5_96},
     "0163b36d915653eb828eb5efb664b3cec905cb76",
     "af663880b0e7834fc8ef496b"},
    {{Encr::aes_cbc, 192, Integ::md5_96},
     "54b11617c033853968edadd395219a0b4195ae22",
     "5bccf193e20938d824d2471c"},
    {{Encr::aes_cbc, 256, Integ::md5_96},
     "68cbe844241b577d94880e33086b92769ad61ba1",
     "88bf27ad07bdbee84c6ca059"},
    {{Encr::aes_cbc, 128, Integ::sha1_96},
     "0163b36d915653eb828eb5efb664b3cec905cb76",
     "685230f22c1b0cb019411ea6"},
    {{Encr::aes_cbc, 192, Integ::sha1_96},
     "54b11617c033853968edadd395219a0b4195ae22",
     "cd41e975cd3d1681a32161a0"},
    {{Encr::aes_cbc, 256, Integ::sha1_96},
     "68cbe844241b577d94880e33086b92769ad61ba1",
     "91fe077aef40c92c85577676"},
    {{Encr::aes_cbc, 128, Integ::hmac_sha2_256_128},
     "0163b36d915653eb828eb5efb664b3cec905cb76",
     "43e87743577dc8f5c34a9f69df0733f7"},
    {{Encr::aes_cbc, 128, Integ::hmac_sha2_256_96},
     "0163b36d915653eb828eb5efb664b3cec905cb76",
     "43e87743577dc8f5c34a9f69"},
    {{Encr::aes_cbc, 192, Integ::hmac_sha2_256_128},
     "54b11617c033853968edadd395219a0b4195ae22",
     "571cd6e9ab0a4d794428b5b4a92485aa"},
    {{Encr::aes_cbc, 256, Integ::hmac_sha2_256_128},
     "68cbe844241b577d94880e33086b92769ad61ba1",
     "4da4d62419e573a02315a1e10d4a9a2c"},
    {{Encr::aes_cbc, 128, Integ::hmac_sha2_384_192},
     "0163b36d915653eb828eb5efb664b3cec905cb76",
     "c17826eadd4b47bbad1d67a2a7a21ebca3b27ae2799568ab"},
    {{Encr::aes_cbc, 192, Integ::hmac_sha2_384_192},
     "54b11617c033853968edadd395219a0b4195ae22",
     "7165b1fa1c6c15380f0726027180de081e054313e170bbb3"},
    {{Encr::aes_cbc, 256, Integ::hmac_sha2_384_192},
     "68cbe844241b577d94880e33086b92769ad61ba1",
     "2d3c42e046521863d93aaff5a29d383cd4248ea0df99e6e1"},
    {{Encr::aes_cbc, 128, Integ::hmac_sha2_512_256},
     "0163b36d915653eb828eb5efb664b3cec905cb76",
     "b8ad793a232ff6b4eac18766c25cc7097c18fba32db9c37be3a726349b3e360e"},
    {{Encr::aes_cbc, 192, Integ::hmac_sha2_512_256},
     "54b11617c033853968edadd395219a0b4195ae22",
     "760adefd970121c160c1b594d5e399ed1f9a9f61014f8acf9c07e3eeec5016a0"},
    {{Encr::aes_cbc, 256, Integ::hmac_sha2_512_256},
     "68cbe844241b577d94880e33086b92769ad61ba1",
     "5ecc9d4c797488b25f8d8f001ab01d9ac80b9ea78f705cbe1b6b8c4432c39df7"},
    {{Encr::aes_cbc, 128, Integ::aes_xcbc_96},
     "0163b36d915653eb828eb5efb664b3cec905cb76",
     "c44a12ba8de077764ec795fa"},
    {{Encr::aes_cbc, 192, Integ::aes_xcbc_96},
     "54b11617c033853968edadd395219a0b4195ae22",
     "40131216b49562226c6d5817"},
    {{Encr::aes_cbc, 256, Integ::aes_xcbc_96},
     "68cbe844241b577d94880e33086b92769ad61ba1",
     "a62ac861364cb65b4c7a9238"},
    {{Encr::aes_cbc, 128, Integ::aes_cmac_96},
     "0163b36d915653eb828eb5efb664b3cec905cb76",
     "3de5c3fb5e6b4df15e001754"},
    {{Encr::aes_cbc, 192, Integ::aes_cmac_96},
     "54b11617c033853968edadd395219a0b4195ae22",
     "4cc54f23bf3279d0d89375d0"},
    {{Encr::aes_cbc, 256, Integ::aes_cmac_96},
     "68cbe844241b577d94880e33086b92769ad61ba1",
     "21bf9922d760d192d0d2bbf0"},
    {{Encr::des3, 0, Integ::sha1_96}, "75d0f34dd1a064c66320efd7b621012e975c8f42", "265cc59bea9de38eb256cacb"},
    {{Encr::des, 0, Integ::md5_96}, "a4404e2ac2ba5c75ea91096f49276250d359be1f", "b1ce86b5e75c18707b48d2e9"},
    {{Encr::null, 0, Integ::hmac_sha2_256_128},
     "c6138d514ffa2135bfce0ed0b8fac65669917ec7",
     "2a6216901d6f0107651249c857f9a588"},
    {{Encr::none, 0, Integ::sha1_96}, "c6138d514ffa2135bfce0ed0b8fac65669917ec7", "aec545a384eeb3ffbf94d6f4"},
    {{Encr::aes_ctr, 128, Integ::hmac_sha2_256_128},
     "13ac4c71754ce13b78eb51830a4317495768847d",
     "4e4e7a824054ae4cb68c749d77ea294e"},
    {{Encr::aes_ctr, 192, Integ::hmac_sha2_256_128},
     "740081eccc6915ab00aa15bf84b74e0116e359d0",
     "4f3708e88a1714047ec0a8a1f9511b0c"},
    {{Encr::aes_ctr, 256, Integ::hmac_sha2_256_128},
     "4e221c75d7e1f81ba924a333266a7c8dab6b7e77",
     "0db08cc07bb249466fb988a344cb95e7"},
    {{Encr::aes_ccm_8, 128, Integ::none}, "6d91be9f8d856e388fad2f8f4469d6d3ac1ba744", "b813d8e362d60bf4"},
    {{Encr::aes_gcm_8, 128, Integ::none}, "909be24a916829f5037d8d0ee92dff2958030e8a", "14c99d6ebf5a1035"},
    {{Encr::aes_ccm_12, 128, Integ::none},
     "6d91be9f8d856e388fad2f8f4469d6d3ac1ba744",
     "2f44273e88d79dc397719d01"},
    {{Encr::aes_gcm_12, 128, Integ::none},
     "909be24a916829f5037d8d0ee92dff2958030e8a",
     "14c99d6ebf5a1035e39bbfe4"},
    {{Encr::aes_ccm_16, 128, Integ::none},
     "6d91be9f8d856e388fad2f8f4469d6d3ac1ba744",
     "1466bc652277fbdd2a45b9eae33170c2"},
    {{Encr::aes_gcm_16, 128, Integ::none},
     "909be24a916829f5037d8d0ee92dff2958030e8a",
     "14c99d6ebf5a1035e39bbfe405a79545"},
    {{Encr::aes_gmac, 128, Integ::none},
     "c6138d514ffa2135bfce0ed0b8fac65669917ec7",
     "02799545e740b7d3b04c940fce60c4c2"},
    {{Encr::aes_ccm_8, 192, Integ::none}, "5fbc092e74eb445ea4a9d140c22a663ca2a6c050", "434e583eb0264302"},
    {{Encr::aes_gcm_8, 192, Integ::none}, "0ea93fb3b99859abeb5f3782d2365943f96d1533", "65c41f1b50e0a2c8"},
    {{Encr::aes_ccm_12, 192, Integ::none},
     "5fbc092e74eb445ea4a9d140c22a663ca2a6c050",
     "81c3f57401c130c35db8ef4d"},
    {{Encr::aes_gcm_12, 192, Integ::none},
     "0ea93fb3b99859abeb5f3782d2365943f96d1533",
     "65c41f1b50e0a2c805cb88f0"},
    {{Encr::aes_ccm_16, 192, Integ::none},
     "5fbc092e74eb445ea4a9d140c22a663ca2a6c050",
     "ff69b69b44433ce329a66a2718d6d347"},
    {{Encr::aes_gcm_16, 192, Integ::none},
     "0ea93fb3b99859abeb5f3782d2365943f96d1533",
     "65c41f1b50e0a2c805cb88f05857dcdc"},
    {{Encr::aes_gmac, 192, Integ::none},
     "c6138d514ffa2135bfce0ed0b8fac65669917ec7",
     "86a59a1664c85b9ad27cee8a8a312a2f"},
    {{Encr::aes_ccm_8, 256, Integ::none}, "06aebfe403c547e56dc097cd529a6a75d69d57bb", "f723b40906b1ef7f"},
    {{Encr::aes_gcm_8, 256, Integ::none}, "c9370b3975d4ec0aa80009fd610f51a0f5edfbaf", "da84e12b3e09cbc6"},
    {{Encr::aes_ccm_12, 256, Integ::none},
     "06aebfe403c547e56dc097cd529a6a75d69d57bb",
     "681befdece4b69804aeb86c3"},
    {{Encr::aes_gcm_12, 256, Integ::none},
     "c9370b3975d4ec0aa80009fd610f51a0f5edfbaf",
     "da84e12b3e09cbc6a265c5e8"},
    {{Encr::aes_ccm_16, 256, Integ::none},
     "06aebfe403c547e56dc097cd529a6a75d69d57bb",
     "7bbb9296eef834e45f5cee7ea4e6e0f7"},
    {{Encr::aes_gcm_16, 256, Integ::none},
     "c9370b3975d4ec0aa80009fd610f51a0f5edfbaf",
     "da84e12b3e09cbc6a265c5e8c9925663"},
    {{Encr::aes_gmac, 256, Integ::none},
     "c6138d514ffa2135bfce0ed0b8fac65669917ec7",
     "131506f859057113e6d5f2d3398a363c"},
    {{Encr::chacha20_poly1305, 0, Integ::none},
     "9c75eec2616396ec03fc40ebca491dc7c328e26d",
     "d50fec3adb915185f688ff8c6381d815"},
};

base::Bytes encr_key_for(const CipherSpec& spec) {
  const std::size_t salt = find(spec.encr)->salt;
  base::Bytes key = counting(0, encr_key_size(spec) - salt);
  base::append(key, counting(0xb0, salt));
  return key;
}

std::unique_ptr<Cipher> cipher_for(const CipherSpec& spec) {
  return make_cipher(spec, encr_key_for(spec), counting(0x40, integ_key_size(spec)));
}

Packet packet_of(const Cipher& cipher, const CipherSpec& spec, std::size_t length) {
  Packet packet = packet_for(cipher, counting(0, length));
  if (!spec.aead()) packet.aad_tail = hex("deadbeef");
  return packet;
}

std::string text_of(const CipherSpec& spec) {
  return name(spec.encr, spec.key_bits) + " with " + name(spec.integ);
}

}  // namespace

TEST_CASE("every cipher agrees with an independent implementation") {
  for (const Row& row : kRows) {
    INFO(text_of(row.spec));
    const auto cipher = cipher_for(row.spec);
    CHECK(cipher->iv_size() == find(row.spec.encr)->iv);
    CHECK(cipher->block_size() == find(row.spec.encr)->block);
    CHECK(cipher->icv_size() == (row.spec.aead() ? find(row.spec.encr)->icv : find(row.spec.integ)->icv));
    CHECK(cipher->iv_is_random() == (find(row.spec.encr)->block > 1));  // CBC alone: RFC 3602 2
    Packet packet = packet_of(*cipher, row.spec, 64);
    REQUIRE(seal(*cipher, packet));
    CHECK(sha1(packet.text) == row.sealed_sha1);
    CHECK(base::to_hex(packet.tag) == row.tag);
    REQUIRE(open(*cipher, packet));
    CHECK(packet.text == counting(0, 64));
  }
}

TEST_CASE(
    "B043: the independent values cover every cipher, key length and integrity algorithm of the tables") {
  for (const auto& encr : all_encr()) {
    for (const std::uint16_t bits : encr.key_bits) {
      if ((bits != 0) != encr.takes_key_length()) continue;
      INFO(name(encr.id, bits));
      CHECK(std::any_of(std::begin(kRows), std::end(kRows), [&](const Row& row) {
        return row.spec.encr == encr.id && row.spec.key_bits == bits;
      }));
    }
  }
  for (const auto& integ : all_integ()) {
    INFO(integ.name);
    CHECK(std::any_of(std::begin(kRows), std::end(kRows),
                      [&](const Row& row) { return row.spec.integ == integ.id; }));
  }
}

TEST_CASE("what is sealed opens again, for every length, in place and between buffers, in batches") {
  for (const Row& row : kRows) {
    INFO(text_of(row.spec));
    const auto sender = cipher_for(row.spec);
    const auto receiver = cipher_for(row.spec);
    std::vector<std::size_t> lengths{1400, 1448, 4096, 9000, 65000};
    for (std::size_t length = 0; length <= 300; ++length) lengths.push_back(length);
    std::vector<Packet> packets;
    packets.reserve(lengths.size());
    for (const std::size_t length : lengths)
      packets.push_back(packet_of(*sender, row.spec, length - length % sender->block_size()));

    std::vector<CipherItem> items;
    for (Packet& packet : packets) items.push_back(packet.item(items.size() % 3 != 0));
    sender->seal(items);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < items.size(); ++i) {
      CipherItem& item = items[i];
      if (!item.ok) ++wrong;
      // Back from where it was sealed to, into the other buffer or in place.
      item.source = item.destination;
      if (i % 2 == 0)
        item.destination =
            item.source == packets[i].text.data() ? packets[i].output.data() : packets[i].text.data();
      item.ok = false;
    }
    receiver->open(items);
    for (const CipherItem& item : items)
      if (!item.ok || !base::equal({item.destination, item.length}, counting(0, item.length))) ++wrong;
    CHECK(wrong == 0);
  }
}

TEST_CASE("a flipped bit anywhere is noticed, and the next good packet still opens") {
  for (const Row& row : kRows) {
    INFO(text_of(row.spec));
    const auto cipher = cipher_for(row.spec);
    Packet good = packet_of(*cipher, row.spec, 64);
    REQUIRE(seal(*cipher, good));

    base::Bytes Packet::*const fields[] = {&Packet::text, &Packet::aad, &Packet::iv, &Packet::tag,
                                           &Packet::aad_tail};
    std::size_t tried = 0, accepted = 0;
    for (const auto field : fields) {
      for (std::size_t bit = 0; bit < 8 * (good.*field).size(); bit += 5) {
        Packet bad = good;
        (bad.*field)[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
        ++tried;
        if (open(*cipher, bad, bit % 2 == 0)) ++accepted;
      }
    }
    CHECK(tried > 100);
    CHECK(accepted == 0);

    Packet shorter = good;  // and so are octets that moved between the fields
    shorter.text.resize(shorter.text.size() - cipher->block_size());
    CHECK_FALSE(open(*cipher, shorter));
    REQUIRE(open(*cipher, good));
    CHECK(good.text == counting(0, 64));
  }
}

TEST_CASE("a bad packet in a batch leaves its neighbours alone") {
  for (const Row& row : kRows) {
    INFO(text_of(row.spec));
    const auto cipher = cipher_for(row.spec);
    std::vector<Packet> packets;
    for (int i = 0; i < 9; ++i) {
      packets.push_back(packet_of(*cipher, row.spec, 128));
      REQUIRE(seal(*cipher, packets.back()));
    }
    packets[4].tag[3] ^= 0x80;
    std::vector<CipherItem> items;
    for (Packet& packet : packets) items.push_back(packet.item(true));
    cipher->open(items);
    for (std::size_t i = 0; i < items.size(); ++i) {
      CHECK(items[i].ok == (i != 4));
      if (i != 4) CHECK(packets[i].text == counting(0, 128));
    }
  }
}

TEST_CASE("keys of other values do not open what was sealed") {
  for (const Row& row : kRows) {
    INFO(text_of(row.spec));
    const auto cipher = cipher_for(row.spec);
    auto encr_key = encr_key_for(row.spec);
    auto integ_key = counting(0x40, integ_key_size(row.spec));
    (row.spec.aead() ? encr_key : integ_key).front() ^= 2;
    const auto stranger = make_cipher(row.spec, encr_key, integ_key);
    Packet packet = packet_of(*cipher, row.spec, 64);
    REQUIRE(seal(*cipher, packet));
    CHECK_FALSE(open(*stranger, packet));
  }
}

TEST_CASE("the salt is part of the nonce of an AEAD") {
  for (const Row& row : kRows) {
    if (!row.spec.aead()) continue;
    INFO(text_of(row.spec));
    const auto cipher = cipher_for(row.spec);
    auto key = encr_key_for(row.spec);
    key.back() ^= 1;
    const auto stranger = make_cipher(row.spec, key);
    Packet packet = packet_of(*cipher, row.spec, 64);
    REQUIRE(seal(*cipher, packet));
    CHECK_FALSE(open(*stranger, packet));
  }
}

TEST_CASE("keys of a wrong size are refused as a matter of cryptography") {
  const auto provider = make_botan_provider();
  for (const Row& row : kRows) {
    INFO(text_of(row.spec));
    const auto encr_key = encr_key_for(row.spec);
    const auto integ_key = counting(0x40, integ_key_size(row.spec));
    const auto refuse = [&](const base::Bytes& encr, const base::Bytes& integ) {
      const auto made = provider->cipher(row.spec, encr, integ);
      REQUIRE(made.has_error());
      CHECK(made.error().family == base::ErrorFamily::crypto);
    };
    refuse(counting(0, encr_key.size() + 1), integ_key);
    refuse(encr_key, counting(0, integ_key.size() + 1));
    if (!encr_key.empty()) refuse(counting(0, encr_key.size() - 1), integ_key);
    if (!integ_key.empty()) refuse(encr_key, counting(0, integ_key.size() - 1));
    if (encr_key.size() > 4) refuse({}, integ_key);
  }
}

TEST_CASE("combinations that no protocol allows are refused as a local matter") {
  const auto provider = make_botan_provider();
  const CipherSpec refused[] = {
      {Encr::aes_cbc, 128, Integ::none},        // RFC 8221 4: encryption without authentication
      {Encr::null, 0, Integ::none},             // RFC 4303 1: neither
      {Encr::none, 0, Integ::none},             //
      {Encr::aes_gcm_16, 128, Integ::sha1_96},  // RFC 7296 3.3: an AEAD with another algorithm on top
      {Encr::aes_cbc, 0, Integ::sha1_96},       // no Key Length
      {Encr::aes_cbc, 64, Integ::sha1_96},      // a Key Length that does not exist
      {Encr::aes_gcm_16, 0, Integ::none},       //
      {Encr{1}, 0, Integ::sha1_96},             // unknown numbers
      {Encr::null, 0, Integ{77}},               //
  };
  for (const CipherSpec& spec : refused) {
    INFO(text_of(spec));
    const auto made =
        provider->cipher(spec, base::Bytes(encr_key_size(spec)), base::Bytes(integ_key_size(spec)));
    REQUIRE(made.has_error());
    CHECK(made.error().family == base::ErrorFamily::local);
  }
}
