#include "../support.h"

using namespace crypto;
using namespace crypto_test;

namespace {

struct Vector {
  const char* source;
  CipherSpec spec;
  const char *encr_key, *aad, *iv, *text, *sealed, *tag;  // encr_key with its salt behind it
};

// clang-format off
const Vector kVectors[] = {
    {"McGrew and Viega, The Galois/Counter Mode of Operation, test case 2", {Encr::aes_gcm_16, 128, Integ::none},
     "00000000000000000000000000000000" "00000000", "", "0000000000000000",
     "00000000000000000000000000000000", "0388dace60b6a392f328c2b971b2fe78", "ab6e47d42cec13bdf53a67b21257bddf"},
    {"McGrew and Viega, test case 4", {Encr::aes_gcm_16, 128, Integ::none},
     "feffe9928665731c6d6a8f9467308308" "cafebabe", "feedfacedeadbeeffeedfacedeadbeefabaddad2", "facedbaddecaf888",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657"
     "ba637b39",
     "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac97"
     "3d58e091",
     "5bc94fbc3221a5db94fae95ae7121a47"},
    {"McGrew and Viega, test case 16", {Encr::aes_gcm_16, 256, Integ::none},
     "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308" "cafebabe",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2", "facedbaddecaf888",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657"
     "ba637b39",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0a"
     "bcc9f662",
     "76fc6ece0f4e1768cddf8853bb2d551b"},
    {"draft-mcgrew-gcm-test-01, first ESP packet: ESN in the associated data", {Encr::aes_gcm_16, 128, Integ::none},
     "4c80cdefbb5d10da906ac73c3613a634" "2e443b68", "000043218765432100000000", "4956ed7e3b244cfe",
     "45000048699a000080114db7c0a80102c0a801010a9bf15638d301000001000000000000045f736970045f756470037369700963796265"
     "726369747902646b000021000101020201",
     "fecf537e729d5b07dc30df528dd22b768d1b98736696a6fd348509fa13ceac34cfa2436f14a3f3cf65925bf1f4a13c5d15b21e1884f5ff6"
     "247aeabb786b93bce61bc17d768fd9732",
     "459018148f6cbe722fd04796562dfdb4"},
    {"RFC 8439 2.8.2", {Encr::chacha20_poly1305, 0, Integ::none},
     "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f" "07000000", "50515253c0c1c2c3c4c5c6c7",
     "4041424344454647",
     "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a204966204920636f756c64206f6666"
     "657220796f75206f6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73637265656e20776f756c642062652069"
     "742e",
     "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b29"
     "05d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b"
     "6116",
     "1ae10b594f09e26a7e902ecbd0600691"},
    {"RFC 7634 appendix A", {Encr::chacha20_poly1305, 0, Integ::none},
     "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f" "a0a1a2a3", "0102030400000005",
     "1011121314151617",
     "45000054a6f200004001e778c6336405c000020508005b7a3a080000553bec100007362708090a0b0c0d0e0f101112131415161718191a1b"
     "1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363701020204",
     "24039428b97f417e3c13753a4f05087b67c352e6a7fab1b982d466ef407ae5c614ee8099d52844eb61aa95dfab4c02f72aa71e7c4c4f64c9"
     "befe2facc638e8f3cbec163fac469b502773f6fb94e664da9165b82829f641e0",
     "76aaa8266b7fb0f7b11b369907e1ad43"},
};
// clang-format on

}  // namespace

TEST_CASE("published AEAD packets are sealed to the very octets and opened again") {
  for (const Vector& v : kVectors) {
    INFO(v.source);
    const auto cipher = make_cipher(v.spec, hex(v.encr_key));
    for (const bool in_place : {true, false}) {
      INFO((in_place ? "in place" : "into another buffer"));
      Packet packet = packet_for(*cipher, hex(v.text));
      packet.aad = hex(v.aad);
      packet.iv = hex(v.iv);
      REQUIRE(seal(*cipher, packet, in_place));
      CHECK(base::to_hex(in_place ? packet.text : packet.output) == v.sealed);
      CHECK(base::to_hex(packet.tag) == v.tag);
      if (!in_place) CHECK(base::to_hex(packet.text) == v.text);  // the source is left alone

      packet.text = hex(v.sealed);
      REQUIRE(open(*cipher, packet, in_place));
      CHECK(base::to_hex(in_place ? packet.text : packet.output) == v.text);
      CHECK(base::to_hex(packet.tag) == v.tag);
    }
  }
}

TEST_CASE("an AEAD wants an IV of its own size and authenticates nothing behind the text") {
  const auto cipher = make_cipher({Encr::aes_gcm_16, 128, Integ::none}, counting(0, 20));
  CHECK_FALSE(cipher->iv_is_random());
  Packet packet = packet_for(*cipher, counting(0, 32));
  packet.iv.pop_back();
  CHECK_FALSE(seal(*cipher, packet));
  CHECK_FALSE(open(*cipher, packet));
  packet.iv = counting(0, 16);
  CHECK_FALSE(seal(*cipher, packet));
  packet.iv = counting(0, 8);
  packet.aad_tail = counting(0, 4);
  CHECK_FALSE(seal(*cipher, packet));
  CHECK_FALSE(open(*cipher, packet));
  packet.aad_tail.clear();
  CHECK(seal(*cipher, packet));
  CHECK(open(*cipher, packet));
}
