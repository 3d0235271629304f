#include "base/packet.h"

#include <catch2/catch_test_macros.hpp>
#include <set>
#include <thread>

using namespace base;

TEST_CASE("a pool gives out each of its buffers once, then none, and takes them back") {
  PacketPool pool(3);
  std::vector<BufferRef> taken;
  std::set<std::uint8_t*> different;
  for (int i = 0; i < 3; ++i) {
    taken.push_back(pool.take());
    REQUIRE(taken.back());
    different.insert(taken.back().data());
  }
  CHECK(different.size() == 3);
  CHECK_FALSE(pool.take());
  std::uint8_t* const returned = taken[1].data();
  taken[1].reset();
  CHECK(pool.take().data() == returned);
}

TEST_CASE("a shared buffer returns to its pool with its last handle, also from another thread") {
  PacketPool pool(1);
  BufferRef first = pool.take();
  BufferRef second = first.share();
  CHECK(second.data() == first.data());
  first.reset();
  CHECK_FALSE(pool.take());
  std::thread other([handle = std::move(second)]() mutable { handle.reset(); });
  other.join();
  CHECK(pool.take());
}

TEST_CASE("a frame of several segments cuts them at its stride, the last one shorter") {
  PacketPool pool(1);
  Frame frame;
  frame.buffer = pool.take();
  frame.set_single(kHeadroom, 10);
  CHECK(frame.count == 1);
  CHECK(frame.segment(0).size() == 10);
  CHECK(frame.headroom() == kHeadroom);
  CHECK(frame.tailroom() == kBufferCapacity - kHeadroom - 10);
  frame.stride = 4;
  frame.count = 3;
  CHECK(frame.segment(1).data() == frame.data() + 4);
  CHECK(frame.segment(1).size() == 4);
  CHECK(frame.segment(2).size() == 2);
}

TEST_CASE("a full batch leaves the frame with its owner, and clearing gives the buffers back") {
  PacketPool pool(PacketBatch::kCapacity + 1);
  PacketBatch batch;
  for (std::size_t i = 0; i < PacketBatch::kCapacity; ++i) {
    Frame frame;
    frame.buffer = pool.take();
    REQUIRE(batch.push(std::move(frame)));
  }
  Frame one_more;
  one_more.buffer = pool.take();
  CHECK(batch.full());
  CHECK_FALSE(batch.push(std::move(one_more)));
  CHECK(one_more.buffer);  // NOLINT(bugprone-use-after-move): a refused frame stays whole
  CHECK_FALSE(pool.take());
  batch.clear();
  CHECK(batch.empty());
  CHECK(pool.take());
}
