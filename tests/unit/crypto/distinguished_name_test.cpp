#include "crypto/distinguished_name.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/unit/crypto/support.h"

using namespace crypto;
using crypto_test::hex;

namespace {

base::Bytes dn(std::string_view text) { return parse_dn(text).value(); }

}  // namespace

TEST_CASE("a name is written in the order of its text, and reads back as the same text") {
  CHECK(dn("C=CH, O=Ex, CN=a") ==
        hex("3026310b3009060355040613024348310b3009060355040a13024578310a3008060355040313"
            "0161"));
  for (const char* text : {"C=CH,O=Example,CN=left.example.com", "CN=a\\,b\\=c", "DC=example,DC=com,UID=joe",
                           "E=a@b.c", "1.2.3.4=x", "CN=a+O=b", "CN=M\\c3\\bcller"}) {
    CAPTURE(text);
    CHECK(dn_text(dn(text)) == text);
  }
}

TEST_CASE("texts that are no names are refused") {
  for (const char* text : {"", "CN", "CN=", "XX=a", "CN=a,", "CN=a,,O=b", "=a", "CN=a\\", "3.1=a", "1=a"}) {
    CAPTURE(text);
    CHECK(parse_dn(text).has_error());
  }
}

TEST_CASE("names compare without letter case, kind of string and repeated blanks (RFC 5280 7.1)") {
  CHECK(same_dn(dn("O=Example  Inc,CN=A"), dn("O=example inc,CN=a")));
  CHECK_FALSE(same_dn(dn("O=a,CN=b"), dn("CN=b,O=a")));
  CHECK_FALSE(same_dn(dn("O=a"), dn("O=a,CN=b")));
  // PrintableString, UTF8String and BMPString of "ab".
  const base::Bytes utf8 = hex("300d310b300906035504030c026162"),
                    bmp = hex("300f310d300b06035504031e0400610062");
  CHECK(same_dn(dn("CN=AB"), utf8));
  CHECK(same_dn(utf8, bmp));
  CHECK(dn_text(bmp) == "CN=ab");
}

TEST_CASE("a star stands for a value, and for nothing but a whole one") {
  CHECK(dn_matches(dn("O=Example,CN=*"), dn("O=example,CN=left")));
  CHECK_FALSE(dn_matches(dn("O=Example,CN=*"), dn("O=example")));
  CHECK_FALSE(dn_matches(dn("O=Example,CN=*"), dn("O=example,OU=left")));
  CHECK_FALSE(dn_matches(dn("O=Example,CN=a*"), dn("O=example,CN=ab")));
  CHECK(has_wildcard(dn("CN=*")));
  CHECK_FALSE(has_wildcard(dn("CN=a*")));
}

TEST_CASE("what is no DER is no name, equal to nothing, and safe to print") {
  for (const char* octets :
       {"", "30", "3003310100", "3080", "300d310b300906035504030c02616200", "30033101aa"}) {
    CAPTURE(octets);
    const base::Bytes broken = hex(octets);
    CHECK_FALSE(is_dn(broken));
    CHECK_FALSE(same_dn(broken, broken));
    CHECK(dn_text(broken) == "0x" + std::string(octets));
  }
  CHECK(dn_text(hex("300d310b300906035504030c021b5b")) == "CN=\\1b[");
}
