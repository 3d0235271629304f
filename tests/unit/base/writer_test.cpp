#include "base/writer.h"

#include <catch2/catch_test_macros.hpp>

using namespace base;

TEST_CASE("what a writer has written can be patched once lengths are known") {
  Bytes out{0xff};
  Writer w(out);
  CHECK(w.position() == 1);
  w.u8(1);
  w.u16(0);
  w.u32(0);
  w.u64(0x0102030405060708);
  w.bytes(Bytes{9, 10});
  w.zeros(2);
  w.patch_u8(1, 5);
  w.patch_u16(2, 0x0607);
  w.patch_u32(4, 0x08090a0b);
  CHECK(out == Bytes{0xff, 5, 6, 7, 8, 9, 10, 11, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 0});
  CHECK_THROWS(w.patch_u16(out.size() - 1, 0));
  CHECK_THROWS(w.patch_u32(out.size() - 3, 0));
}
