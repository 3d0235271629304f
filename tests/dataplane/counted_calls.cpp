// The functions that are counted stand here in front of those of the libraries.
#include "tests/dataplane/counted_calls.h"

#include <dlfcn.h>
#include <pthread.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::uint64_t> allocations{0}, locks{0}, throws{0};

void count(std::atomic<std::uint64_t>& calls) { calls.fetch_add(1, std::memory_order_relaxed); }

void* counted(std::size_t size) {
  count(allocations);
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void* counted(std::size_t size, std::align_val_t alignment) {
  count(allocations);
  const auto unit = static_cast<std::size_t>(alignment);
  void* const memory = std::aligned_alloc(unit, (size + unit - 1) / unit * unit);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

namespace dataplane {

Calls calls_so_far() { return {allocations.load(), locks.load(), throws.load()}; }

}  // namespace dataplane

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void* operator new(std::size_t size, std::align_val_t alignment) { return counted(size, alignment); }
void* operator new[](std::size_t size, std::align_val_t alignment) { return counted(size, alignment); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return counted(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return counted(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
namespace {

// The function of that name in the libraries behind this program.
template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  count(locks);
  static std::atomic<int (*)(pthread_mutex_t*)> original{nullptr};
  if (original == nullptr) original = next<int(pthread_mutex_t*)>("pthread_mutex_lock");
  return original.load()(mutex);
}

int pthread_rwlock_rdlock(pthread_rwlock_t* lock) noexcept {
  count(locks);
  static std::atomic<int (*)(pthread_rwlock_t*)> original{nullptr};
  if (original == nullptr) original = next<int(pthread_rwlock_t*)>("pthread_rwlock_rdlock");
  return original.load()(lock);
}

int pthread_rwlock_wrlock(pthread_rwlock_t* lock) noexcept {
  count(locks);
  static std::atomic<int (*)(pthread_rwlock_t*)> original{nullptr};
  if (original == nullptr) original = next<int(pthread_rwlock_t*)>("pthread_rwlock_wrlock");
  return original.load()(lock);
}

[[noreturn]] void __cxa_throw(void* object, void* type, void (*destroy)(void*)) {
  count(throws);
  next<void(void*, void*, void (*)(void*))>("__cxa_throw")(object, type, destroy);
  std::abort();  // never: it does not return
}
}
#endif
