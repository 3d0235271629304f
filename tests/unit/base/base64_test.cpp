#include "base/base64.h"

#include <catch2/catch_test_macros.hpp>

TEST_CASE("the vectors of RFC 4648 10 hold both ways") {
  const std::pair<std::string_view, std::string_view> vectors[] = {{"", ""},
                                                                   {"f", "Zg=="},
                                                                   {"fo", "Zm8="},
                                                                   {"foo", "Zm9v"},
                                                                   {"foob", "Zm9vYg=="},
                                                                   {"fooba", "Zm9vYmE="},
                                                                   {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, text] : vectors) {
    CHECK(base::to_base64(base::as_bytes(plain)) == text);
    const auto read = base::from_base64(text);
    REQUIRE(read);
    CHECK(base::as_text(*read) == plain);
  }
}

TEST_CASE("every octet survives in every place") {
  for (std::size_t size = 1; size < 7; ++size) {
    for (int value = 0; value < 256; ++value) {
      const base::Bytes octets(size, static_cast<std::uint8_t>(value));
      CHECK(base::from_base64(base::to_base64(octets)) == octets);
    }
  }
}

TEST_CASE("what is not exactly base64 is refused") {
  for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "Z===", "====", "Zg==Zg==", "Zm9v\n", "Zm 9", "Zm9-",
                           "Zh==", "Zm9=", "=Zg="}) {
    INFO(text);
    CHECK_FALSE(base::from_base64(text));
  }
}
