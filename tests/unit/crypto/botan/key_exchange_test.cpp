#include "crypto/key_exchange.h"

#include <algorithm>

#include "../support.h"

using namespace crypto;
using namespace crypto_test;

namespace {

// Both sides with their private values, as the source gives them: most significant octet first, save for
// Curve25519.
struct Exchange {
  const char* source;
  Ke method;
  const char *private_i, *public_i, *private_r, *public_r, *secret;
};

// clang-format off
const Exchange kExchanges[] = {
    {"RFC 5903 8.1", Ke::ecp_256,
     "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
     "dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c37725811805271a0461cdb8252d61f1c456fa3e59a"
     "b1f45b33accf5f58389e0577b8990bb3",
     "c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53",
     "d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc23e8157854c13c58d6a"
     "ac23f046ada30f8353e74f33039872ab",
     "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de"},
    {"RFC 5903 8.2", Ke::ecp_384,
     "099f3c7034d4a2c699884d73a375a67f7624ef7c6b3c0f160647b67414dce655e35b538041e649ee3faef896783ab194",
     "667842d7d180ac2cde6f74f37551f55755c7645c20ef73e31634fe72b4c55ee6de3ac808acb4bdb4c88732aee95f41aa"
     "9482ed1fc0eeb9cafc4984625ccfc23f65032149e0e144ada024181535a0f38eeb9fcff3c2c947dae69b4c634573a81c",
     "41cb0779b4bdb85d47846725fbec3c9430fab46cc8dc5060855cc9bda0aa2942e0308312916b8ed2960e4bd55a7448fc",
     "e558dbef53eecde3d3fccfc1aea08a89a987475d12fd950d83cfa41732bc509d0d1ac43a0336def96fda41d0774a3571"
     "dcfbec7aacf3196472169e838430367f66eebe3c6e70c416dd5f0c68759dd1fff83fa40142209dff5eaad96db9e6386c",
     "11187331c279962d93d604243fd592cb9d0a926f422e47187521287e7156c5c4d603135569b9e9d09cf5d4a270f59746"},
    {"RFC 5903 8.3", Ke::ecp_521,
     "0037ade9319a89f4dabdb3ef411aaccca5123c61acab57b5393dce47608172a095aa85a30fe1c2952c6771d937ba9777"
     "f5957b2639bab072462f68c27a57382d4a52",
     "0015417e84dbf28c0ad3c278713349dc7df153c897a1891bd98bab4357c9ecbee1e3bf42e00b8e380aeae57c2d107564"
     "941885942af5a7f4601723c4195d176ced3e017cae20b6641d2eeb695786d8c946146239d099e18e1d5a514c739d7cb4"
     "a10ad8a788015ac405d7799dc75e7b7d5b6cf2261a6a7f1507438bf01beb6ca3926f9582",
     "0145ba99a847af43793fdd0e872e7cdfa16be30fdc780f97bccc3f078380201e9c677d600b343757a3bdbf2a3163e4c2"
     "f869cca7458aa4a4effc311f5cb151685eb9",
     "00d0b3975ac4b799f5bea16d5e13e9af971d5e9b984c9f39728b5e5739735a219b97c356436adc6e95bb0352f6be64a6"
     "c2912d4ef2d0433ced2b6171640012d9460f015c68226383956e3bd066e797b623c27ce0eac2f551a10c2c724d985207"
     "7b87220b6536c5c408a1d2aebb8e86d678ae49cb57091f4732296579ab44fcd17f0fc56a",
     "01144c7d79ae6956bc8edb8e7c787c4521cb086fa64407f97894e5e6b2d79b04d1427e73ca4baa240a34786859810c06"
     "b3c715a3a8cc3151f2bee417996d19f3ddea"},
    {"RFC 7748 6.1", Ke::curve25519,
     "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
     "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
     "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
     "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
     "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"},
    // Python: pow(2, x, p), with p by the formula of RFC 3526 3.
    {"RFC 3526 3 by Python", Ke::modp_2048,
     "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20",
     "ce8736a3ad7c8260e0c5e5a457931ad19966d693e5c32414496b73d7f4e8bdaf51763d49d07a56b0a188048d61d52bd2"
     "a06e706a7a46664113e794057474d04c96b5bb151a50b27818a513cd8d6ecf037fc638b3b2f1084c58d4419735ba12c9"
     "a4391e2b3133bd660785e468569be85c7ad4f904d98a13f5e8695ff8cc5e22834228a8ea2c082ff49a07607e8e5c1278"
     "ce8091725678fde112491091bf4cf3b1759ccb32c1de0b90a074b1e3ffe179d71a292ff29ce9580c3a978793598c0e00"
     "8289e7ab7783b2b75caf9152267e8c981dbb28fde07f2e11ffe1e3984097d1602c61ffd0714d9523455377c177df3be6"
     "b3c81e69f762c04be910a225f323882d",
     "4142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f60",
     "19ac2b0268dfc42db67b83f69dafdbb1aec685adc6519fe0ab9287a3fe5aa8f1ca6033b0d966a4fa6c9ba7bbe2494708"
     "5a9a4f0118656e49cdbcbea98acf5ddb0c1cbe4a2d59b4889c5f9ad2e86f2aef3c4c0910d6047d84e723941cca8432f8"
     "d634a2d3835daf44ebc6e4a4bc19bfa477673ad317e393508073b9b95cff52a5945c9c45c2b72fdc9bc14a23a7522c4d"
     "5d61cef670864396bbac0e717ad4a948eee4e6cbbd2eb13e819615a25e4b63030a5c0a14dba00e0573934acb5ab20960"
     "425bd643a914b501f8a66be55ca66eb0df408180ae9a967554d90a05fe8ffc0fdebe55188df8f91456bfd08bec82c189"
     "2e5350695a200a18405f81d0abd3c4a3",
     "1d091c89554262052900d0ab9f49c801e034a04b9db6de06efa60314e1cef81ef07e49bef94a825e7ed5773d354dc560"
     "75dc45b08e6bdb23e8c65c79bd4cd9b7038d05e3a5a08a0551a52f4dc54cb0a8fcbba08f9008d7e07559177f3affeccc"
     "c04fd26612b813d1268aee13b39c1346bfad03c9e3fdb67c0564003071464cdf4a8c9afceaa20bc57888eed275a1c40b"
     "6c3eef4f561948de3b3158bbd22648edc728265f14e83a3ae1f7b4a6d6be24d76b37de0c427d7e35f64c1e812c5a9baa"
     "92b9614dcf2c8a908c43ddd73ee90044d74b2466fe213b501e64ad05fa8a98cf72a92cc59c30db5a760e008e676b1ad9"
     "427f99d34e71ede23ed0a5bdafa85ffd"},
};
// clang-format on

struct Fingerprints {
  Ke method;
  const char *public_sha1, *secret_sha1;
};

// Our private value is 01 02 03 …, the peer's 41 42 43 …; for ecp-521 both have a 00 in front. SHA-1 of our
// public value and of the secret.
// MODP: Python's pow(), with primes by the formulas of RFC 2409 6 and RFC 3526, and the groups of RFC 5114 as
// OpenSSL has them (dh_rfc5114). Others: the Python package "cryptography", that is OpenSSL.
const Fingerprints kFingerprints[] = {
    {Ke::modp_768, "e596c2579174bab04823afd5b0bbded226c421a4", "f8ea6e54cb7a806ab38eb6c375de081e2acb49a3"},
    {Ke::modp_1024, "4bb08d7cdc662f903d6fc370f7bcfa3d80606569", "36e1139ab24381f2f740d01b36362c26f05a8e8b"},
    {Ke::modp_1536, "0c385daa21e26a33351119ccb5b9bfd044b6a7fa", "b3cc57ea410b1416771411083a44de3c2a492145"},
    {Ke::modp_2048, "2bc32a0b97072770c875069a586869dbbb9e5ccc", "1dcba9f67bbca9352bae56eaaa06217d58b09b7a"},
    {Ke::modp_3072, "6d18a8978762f3590c0fb187fc46f5c2b9f89615", "68284144a70f841ba449907889f11779fa66d816"},
    {Ke::modp_4096, "7206d266826ca56b16a090e05337474632ecf42f", "d51c05c8318e796371b23841d1719f48623001ca"},
    {Ke::modp_6144, "617b8e40af2852f976c4822b126392bb11f80e5f", "524d3faef61ba1e9490e6017f114f85617f8fd54"},
    {Ke::modp_8192, "d32d13d283815c899e3080db912a78010d93db8f", "432543b37a282684b9cd63ff82f1d0690151dc9b"},
    {Ke::modp_1024_160, "7dad85489e7607ab53cb73942b7ea31aa35a41bd",
     "b7568b49a4a296e7ec6ea365ed474974edf17368"},
    {Ke::modp_2048_224, "1901971200fd672aa310464d7b498a61932cf90f",
     "9d19b88219dc46bd390b9055b138839ca66e915e"},
    {Ke::modp_2048_256, "b3a7bec597defad877b51bb7f6099dee54382f1e",
     "e13163e21ce5cbbea237f9be7b195ca774a6072c"},
    {Ke::ecp_192, "7f59ac04a1f61192ebb735d0f568780d32647a9b", "ef7e44f48b74b2022638e4231c5671e2a15cca85"},
    {Ke::ecp_224, "255e3cc00e58e66350b63bda4559e8368f28ec71", "e5b22f854b9646a41a407ce691b8db84cbb29012"},
    {Ke::ecp_256, "07ecd1065433acf201daaee34d06286771378944", "3dbf5acd9575bc577feb2a6cb28960afec06c186"},
    {Ke::ecp_384, "acb81d5402fea2b24533bdbb316cbce8ce5be9f0", "739f150d9195987b5bbf3d1b64f072994a6726f0"},
    {Ke::ecp_521, "eb3de112e034dcdcd7c972c3aef3c895beeafa5f", "b622e1fbf6a3878e49f64dc93fc4b1653805ef52"},
    {Ke::brainpool_256, "c379f87479b0ac0e4ac46192457d31709b540c10",
     "0da26602a6efecadcb7b4649b6481febed846a01"},
    {Ke::brainpool_384, "2651f869608c01a1fcca54c4f37a416e72c33da8",
     "5ce0b8b150567a5de27960f11d482361cc169d41"},
    {Ke::brainpool_512, "122a059523b72c7c082599a4e48740a300263df7",
     "3433b9cf6cc268f40fe5ca80578c5ac89046924d"},
    {Ke::curve25519, "06a04f25cc20b81824a897540c9485b4f681a915", "ca5d0805a872a627aa335a5f442195e39d76768e"},
};

std::unique_ptr<KeyExchange> start(Ke method, base::Bytes private_value) {
  ScriptedRng rng(std::move(private_value));
  auto made = make_botan_provider()->key_exchange(method, rng);
  INFO(name(method) << ": " << (made.has_error() ? made.error().reason : ""));
  REQUIRE(made.has_value());
  CHECK(rng.used_up());
  CHECK((*made)->method() == method);
  CHECK((*made)->public_value().size() == find(method)->public_size);
  return std::move(*made);
}

// Octets that count upwards from `first`, as many as the private value of the method takes.
base::Bytes private_value(Ke method, std::uint8_t first) {
  const auto modp_octets = [&]() -> std::size_t {
    switch (method) {
      case Ke::modp_768:
      case Ke::modp_1024:
        return 24;
      case Ke::modp_1536:
      case Ke::modp_2048_224:
        return 28;
      case Ke::modp_2048:
      case Ke::modp_2048_256:
        return 32;
      case Ke::modp_3072:
      case Ke::modp_4096:
        return 48;
      case Ke::modp_6144:
      case Ke::modp_8192:
        return 64;
      case Ke::modp_1024_160:
        return 20;
      default:
        return 0;
    }
  }();
  if (modp_octets != 0) return counting(first, modp_octets);
  auto octets = counting(first, find(method)->secret_size);
  if (method == Ke::ecp_521) {
    octets.pop_back();
    octets.insert(octets.begin(), 0);
  }
  return octets;
}

std::string agree(KeyExchange& exchange, base::ByteSpan peer) {
  auto secret = exchange.agree(peer);
  INFO((secret.has_error() ? secret.error().reason : ""));
  REQUIRE(secret.has_value());
  CHECK(secret->size() == find(exchange.method())->secret_size);
  return base::to_hex(*secret);
}

void check_refused(KeyExchange& exchange, base::ByteSpan peer) {
  INFO(name(exchange.method()) << ", public value " << base::to_hex(peer));
  const auto secret = exchange.agree(peer);
  REQUIRE(secret.has_error());
  CHECK(secret.error().family == base::ErrorFamily::crypto);
  CHECK_FALSE(secret.error().reason.empty());
}

// The prime of RFC 3526 3, compared with 2^2048 - 2^1984 - 1 + 2^64 * ([2^1918 pi] + 124476) in Python.
const char* const kModp2048 =
    "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd"
    "ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed"
    "ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf0598da48361c55d39a69163fa8fd24cf5f"
    "83655d23dca3ad961c62f356208552bb9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b"
    "e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf6955817183995497cea956ae515d2261898fa0510"
    "15728e5a8aacaa68ffffffffffffffff";

}  // namespace

TEST_CASE("published key exchanges come to the public values and the secret of their source") {
  for (const Exchange& e : kExchanges) {
    INFO(e.source);
    const auto i = start(e.method, hex(e.private_i));
    const auto r = start(e.method, hex(e.private_r));
    CHECK(base::to_hex(i->public_value()) == e.public_i);
    CHECK(base::to_hex(r->public_value()) == e.public_r);
    CHECK(agree(*i, hex(e.public_r)) == e.secret);
    CHECK(agree(*r, hex(e.public_i)) == e.secret);
  }
}

TEST_CASE("X25519 maps the scalars and coordinates of RFC 7748 5.2") {
  const auto first =
      start(Ke::curve25519, hex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"));
  CHECK(agree(*first, hex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")) ==
        "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
  // A coordinate whose highest bit is set: it is masked, not refused.
  const auto second =
      start(Ke::curve25519, hex("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d"));
  CHECK(agree(*second, hex("e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493")) ==
        "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957");
}

TEST_CASE("every method agrees with an independent implementation, and with itself") {
  for (const Fingerprints& f : kFingerprints) {
    INFO(name(f.method));
    const auto ours = start(f.method, private_value(f.method, 0x01));
    const auto theirs = start(f.method, private_value(f.method, 0x41));
    CHECK(sha1(ours->public_value()) == f.public_sha1);
    const std::string secret = agree(*ours, theirs->public_value());
    CHECK(sha1(hex(secret)) == f.secret_sha1);
    CHECK(agree(*theirs, ours->public_value()) == secret);
  }
}

TEST_CASE("X448 agrees with an independent implementation") {
  // The Python package "cryptography", that is OpenSSL.
  const auto ours = start(Ke::curve448, private_value(Ke::curve448, 0x01));
  const auto theirs = start(Ke::curve448, private_value(Ke::curve448, 0x41));
  CHECK(
      base::to_hex(ours->public_value()) ==
      "bda7365ba1bd9a66f2ef38db6ec5ac5fad5452e990d8b2f88f721fd53363237e775f65205d1d4667d473f0e1f4c57694d2d802"
      "e8dff06026");
  CHECK(
      agree(*ours, theirs->public_value()) ==
      "8d7b06fdfdd74c9fa1fb430f0e99a98cad3c6bccc9834d701aa06665c5bacd856c35489d71c95db0a0ef6491e9eb554a560d2e"
      "2101e50748");
  CHECK(agree(*theirs, ours->public_value()) == agree(*ours, theirs->public_value()));
}

TEST_CASE("brainpool-224 agrees with itself") {
  const auto ours = start(Ke::brainpool_224, private_value(Ke::brainpool_224, 0x01));
  const auto theirs = start(Ke::brainpool_224, private_value(Ke::brainpool_224, 0x41));
  CHECK(agree(*ours, theirs->public_value()) == agree(*theirs, ours->public_value()));
}

TEST_CASE("B055: leading zero octets of a MODP public value and secret are kept, RFC 7296 2.14") {
  // Private values found by search with Python's pow(): the public value of the first begins with 00, and the
  // secret of the second with 01 02 … 20 begins with 0000 536b.
  const auto found = [](std::string_view start_hex) {
    auto octets = hex(start_hex);
    base::append(octets, counting(5, 28));
    return octets;
  };
  const auto zero_public = start(Ke::modp_2048, found("00000063"));
  CHECK(zero_public->public_value()[0] == 0);
  CHECK(zero_public->public_value()[1] != 0);
  CHECK(sha1(zero_public->public_value()) == "5f715aac3de47a069b2a2609bfa2c46979f3f8bc");

  const auto ours = start(Ke::modp_2048, private_value(Ke::modp_2048, 0x01));
  const auto theirs = start(Ke::modp_2048, found("00007a29"));
  const std::string secret = agree(*ours, theirs->public_value());
  CHECK(secret.starts_with("0000536be077"));
  CHECK(sha1(hex(secret)) == "b3f1b3469bb578112384807fdea48c40dee9f790");
  CHECK(agree(*theirs, ours->public_value()) == secret);
  // A peer's public value with leading zeros is of the full length, too, and is welcome.
  CHECK(agree(*ours, zero_public->public_value()) == agree(*zero_public, ours->public_value()));
}

TEST_CASE("B055: leading zero octets of coordinates are kept, RFC 5903 7") {
  // Found by search with OpenSSL: the private value 379 has such an x, 242 makes such a secret.
  const auto scalar = [](std::uint16_t value) {
    base::Bytes octets(32);
    base::store_be16(octets.data() + 30, value);
    return octets;
  };
  const auto zero_x = start(Ke::ecp_256, scalar(379));
  CHECK(base::to_hex(zero_x->public_value()) ==
        "005543894af3d00ed7d740abdbd75c96b06877b787db5f70eea78b90a8d7c00a"
        "bb4c85a3d8ea29efaafa24406912dd84d5b14dc32bf656ef6c6bd58a5d943f92");
  const auto ours = start(Ke::ecp_256, private_value(Ke::ecp_256, 0x01));
  const auto theirs = start(Ke::ecp_256, scalar(242));
  CHECK(agree(*ours, theirs->public_value()) ==
        "007ce8a22340d59f095497c0f1eb5ebb03d9b846e21ba05f7c8793152aa3c202");
}

TEST_CASE("B048: a public value of a wrong length is refused for every method") {
  for (const KeInfo& info : all_ke()) {
    if (info.public_size == 0) continue;
    const auto exchange = start(info.id, private_value(info.id, 0x01));
    const base::Bytes own = exchange->public_value();
    const base::ByteSpan all(own);
    check_refused(*exchange, {});
    check_refused(*exchange, all.first(1));
    check_refused(*exchange, all.first(all.size() - 1));
    base::Bytes prefixed{0};  // an integer of the same value, but one octet longer
    base::append(prefixed, all);
    check_refused(*exchange, prefixed);
    prefixed[0] = 4;  // RFC 5903 7: x | y, without the octet of SEC 1 in front
    check_refused(*exchange, prefixed);
  }
}

TEST_CASE("B049: MODP public values outside 1 < r < p-1 are refused, RFC 6989 2.1") {
  const auto exchange = start(Ke::modp_2048, private_value(Ke::modp_2048, 0x01));
  const auto p = hex(kModp2048);
  const auto with_last = [](base::Bytes octets, int add) {
    octets.back() = static_cast<std::uint8_t>(octets.back() + add);  // p ends in ff, so nothing is borrowed
    return octets;
  };
  base::Bytes zero(256), one(256), two(256), p_plus_1(p);
  one.back() = 1;
  two.back() = 2;
  for (std::size_t i = 256; i-- > 0 && ++p_plus_1[i] == 0;) {
  }
  check_refused(*exchange, zero);
  check_refused(*exchange, one);
  check_refused(*exchange, with_last(p, -1));
  check_refused(*exchange, p);
  check_refused(*exchange, p_plus_1);
  check_refused(*exchange, base::Bytes(256, 0xff));
  CHECK(exchange->agree(two).has_value());
  CHECK(exchange->agree(with_last(p, -2)).has_value());
}

TEST_CASE("B049: every MODP group refuses 0, 1 and all ones") {
  for (const KeInfo& info : all_ke()) {
    if (!info.name.starts_with("modp-")) continue;
    const auto exchange = start(info.id, private_value(info.id, 0x01));
    base::Bytes value(info.public_size);
    check_refused(*exchange, value);
    value.back() = 1;
    check_refused(*exchange, value);
    check_refused(*exchange, base::Bytes(info.public_size, 0xff));
  }
}

TEST_CASE("B050: groups with small subgroups refuse values of another order, RFC 6989 2.2") {
  for (const Ke method : {Ke::modp_1024_160, Ke::modp_2048_224, Ke::modp_2048_256}) {
    INFO(name(method));
    const auto exchange = start(method, private_value(method, 0x01));
    base::Bytes two(find(method)->public_size);
    two.back() = 2;  // in range; that it generates a larger group was computed with Python: pow(2, q, p) != 1
    check_refused(*exchange, two);
  }
}

TEST_CASE("B051: EC public values that are no points of the curve are refused, RFC 6989 2.3") {
  for (const KeInfo& info : all_ke()) {
    if (!info.name.starts_with("ecp-") && !info.name.starts_with("brainpool-")) continue;
    const auto exchange = start(info.id, private_value(info.id, 0x01));
    const base::Bytes own = exchange->public_value();
    check_refused(*exchange, base::Bytes(info.public_size));        // the usual stand-in for infinity
    check_refused(*exchange, base::Bytes(info.public_size, 0xff));  // coordinates over the prime
    for (const std::size_t at : {std::size_t{0}, own.size() / 2 - 1, own.size() / 2, own.size() - 1}) {
      base::Bytes off = own;
      off[at] ^= 1;
      check_refused(*exchange, off);
    }
    CHECK(exchange->agree(own).has_value());
  }
}

TEST_CASE("B052: X25519 and X448 refuse values of small order, RFC 8031 3") {
  const auto x25519 = start(Ke::curve25519, private_value(Ke::curve25519, 0x01));
  for (const char* value : {
           "0000000000000000000000000000000000000000000000000000000000000000",  // 0
           "0100000000000000000000000000000000000000000000000000000000000000",  // 1
           "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",  // order 8
           "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",  // order 8
           "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  // p - 1
           "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  // p, not canonical
           "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  // p + 1, not canonical
           "0000000000000000000000000000000000000000000000000000000000000080",  // 0 with the ignored bit
       })
    check_refused(*x25519, hex(value));

  const auto x448 = start(Ke::curve448, private_value(Ke::curve448, 0x01));
  base::Bytes value(56);
  check_refused(*x448, value);  // 0
  value[0] = 1;
  check_refused(*x448, value);  // 1
  value.assign(56, 0xff);
  value[0] = 0xfe;
  value[28] = 0xfe;
  check_refused(*x448, value);  // p - 1, with p = 2^448 - 2^224 - 1
}

TEST_CASE("an exchange still works after it refused a value") {
  for (const Ke method : {Ke::modp_2048, Ke::ecp_256, Ke::curve25519}) {
    const auto ours = start(method, private_value(method, 0x01));
    const auto theirs = start(method, private_value(method, 0x41));
    check_refused(*ours, base::Bytes(find(method)->public_size));
    CHECK(agree(*ours, theirs->public_value()) == agree(*theirs, ours->public_value()));
  }
}

TEST_CASE("private values come from the given generator and are uniform in range, by rejection") {
  // ecp-256: the order and zero are no private values; the next draw counts.
  auto script = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  base::append(script, base::Bytes(32));
  base::append(script, private_value(Ke::ecp_256, 0x01));
  CHECK(start(Ke::ecp_256, script)->public_value() ==
        start(Ke::ecp_256, private_value(Ke::ecp_256, 0x01))->public_value());
  // modp-2048: zero and one would give the value away.
  base::Bytes zero_then_good(32);
  base::append(zero_then_good, private_value(Ke::modp_2048, 0x01));
  CHECK(start(Ke::modp_2048, zero_then_good)->public_value() ==
        start(Ke::modp_2048, private_value(Ke::modp_2048, 0x01))->public_value());
}

TEST_CASE("B063: a generator that gives nothing but zeros is an error, not an endless loop") {
  class Zeros final : public base::Rng {
    void fill(base::MutableByteSpan out) override { std::ranges::fill(out, std::uint8_t{0}); }
  } zeros;
  const auto provider = make_botan_provider();
  CHECK(provider->key_exchange(Ke::modp_2048, zeros).has_error());
  CHECK(provider->key_exchange(Ke::ecp_256, zeros).has_error());
}

TEST_CASE("methods that cannot run are refused as a local matter") {
  const auto provider = make_botan_provider();
  ScriptedRng rng({});
  for (const Ke method : {Ke::none, Ke::ml_kem_512, Ke::ml_kem_768, Ke::ml_kem_1024, Ke{33}, Ke{65535}}) {
    INFO(name(method));
    const auto made = provider->key_exchange(method, rng);
    REQUIRE(made.has_error());
    CHECK(made.error().family == base::ErrorFamily::local);
  }
}
