// Counts what this program does that the data path must not do for a packet: allocate, lock, throw.
#pragma once

#include <cstdint>
#include <ostream>

namespace dataplane {

struct Calls {
  std::uint64_t allocations = 0;  // operator new of any kind
  // Mutexes and read-write locks of POSIX, which std::mutex and the libraries take. Not counted, always 0,
  // under sanitizers, which stand in between themselves.
  std::uint64_t locks = 0;
  std::uint64_t throws = 0;  // the same
  bool operator==(const Calls&) const = default;
};

// Of all threads, since the program began.
Calls calls_so_far();
inline Calls operator-(const Calls& a, const Calls& b) {
  return {a.allocations - b.allocations, a.locks - b.locks, a.throws - b.throws};
}
inline Calls& operator+=(Calls& a, const Calls& b) {
  a = {a.allocations + b.allocations, a.locks + b.locks, a.throws + b.throws};
  return a;
}
inline std::ostream& operator<<(std::ostream& out, const Calls& calls) {
  return out << calls.allocations << " allocations, " << calls.locks << " locks, " << calls.throws
             << " exceptions";
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kCountsLocksAndThrows = false;
#else
constexpr bool kCountsLocksAndThrows = true;
#endif

}  // namespace dataplane
