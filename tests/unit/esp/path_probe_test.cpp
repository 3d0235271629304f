#include "esp/path_probe.h"

#include <catch2/catch_test_macros.hpp>

TEST_CASE("a probe reads as it was written, whatever its length") {
  for (const auto kind : {esp::ProbeKind::question, esp::ProbeKind::answer}) {
    for (const std::size_t size : {20u, 21u, 1400u}) {
      base::Bytes text(size, 0xff);
      esp::write_probe({kind, 0x01020304, 1399}, text);
      const auto read = esp::read_probe(text);
      REQUIRE(read);
      CHECK(*read == esp::PathProbe{kind, 0x01020304, 1399});
      if (size > 20) CHECK(text.back() == 0);
    }
  }
}

TEST_CASE("a dummy packet that is shorter, or says something else, is no probe") {
  base::Bytes text(20);
  esp::write_probe({esp::ProbeKind::question, 7, 0}, text);
  for (std::size_t size = 0; size < 20; ++size)
    CHECK_FALSE(esp::read_probe(base::ByteSpan(text).first(size)));
  for (std::size_t i = 0; i < 12; ++i) {
    base::Bytes other = text;
    other[i] ^= 0x40;
    CHECK_FALSE(esp::read_probe(other));
  }
  text[11] = 0;
  CHECK_FALSE(esp::read_probe(text));
  text[11] = 3;
  CHECK_FALSE(esp::read_probe(text));
}

TEST_CASE("notes of one batch are bounded") {
  esp::ProbeNotes notes;
  for (int i = 0; i < 16; ++i) CHECK(notes.push({}));
  CHECK_FALSE(notes.push({}));
  CHECK(notes.size == 16);
}
