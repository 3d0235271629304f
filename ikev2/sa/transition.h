// Typed transitions: a handler names in its signature which states it leaves and which it may enter.
// Returning any other state does not compile, and the table's from and to sets are computed from the
// signature.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <variant>

#include "base/result.h"
#include "ikev2/event.h"
#include "ikev2/sa/state.h"

namespace ikev2 {

struct Context;

template <class S, class V>
struct IndexOf;
template <class S, class... Rest>
struct IndexOf<S, std::variant<S, Rest...>> {
  static constexpr std::size_t value = 0;
};
template <class S, class Head, class... Rest>
struct IndexOf<S, std::variant<Head, Rest...>> {
  static constexpr std::size_t value = 1 + IndexOf<S, std::variant<Rest...>>::value;
};
template <class S>
constexpr std::uint32_t bit = 1U << IndexOf<S, State>::value;

// What a handler may return, and nothing else.
template <class... To>
struct Next {
  static constexpr std::uint32_t mask = (bit<To> | ...);
  State value;
  template <class S>
  requires(std::is_same_v<S, To> || ...) Next(S s)
      : value(std::move(s)) {}  // NOLINT(google-explicit-constructor): `return Idle{};` is the point
};

// What a row waits for.
enum class Trigger : std::uint8_t { request, response, ke_done, auth_done, verify_done, resolve_done };

template <class Event>
constexpr Trigger completion_trigger() {
  if constexpr (std::is_same_v<Event, KeDone>) return Trigger::ke_done;
  if constexpr (std::is_same_v<Event, AuthDone>) return Trigger::auth_done;
  if constexpr (std::is_same_v<Event, VerifyDone>) return Trigger::verify_done;
  if constexpr (std::is_same_v<Event, ResolveDone>) return Trigger::resolve_done;
}

struct Row {
  Trigger trigger;
  ExchangeType exchange;   // of a message; of a completion: the exchange that it serves
  std::uint32_t from, to;  // sets of states
  base::Result<State> (*run)(State& state, void* event, Context& context);
  std::string_view story;  // log line and diagram label
};

template <class Handler>
struct Signature;
template <class From, class Event, class... To>
struct Signature<base::Result<Next<To...>> (*)(From&, Event&, Context&)> {
  using FromState = From;
  using EventType = Event;
  static constexpr std::uint32_t from = bit<From>, to = Next<To...>::mask;
};

template <auto Handler>
base::Result<State> run_handler(State& state, void* event, Context& context) {
  using S = Signature<decltype(Handler)>;
  auto next =
      Handler(std::get<typename S::FromState>(state), *static_cast<typename S::EventType*>(event), context);
  if (next.has_error()) return std::move(next).error();
  return std::move(next->value);
}

// A row for a message.
template <auto Handler>
constexpr Row on_message(Trigger trigger, ExchangeType exchange, std::string_view story) {
  using S = Signature<decltype(Handler)>;
  static_assert(std::is_same_v<typename S::EventType, Message>);
  return {trigger, exchange, S::from, S::to, &run_handler<Handler>, story};
}

// A row for the result of slow work.
template <auto Handler>
constexpr Row on_completion(ExchangeType exchange, std::string_view story) {
  using S = Signature<decltype(Handler)>;
  return {
      completion_trigger<typename S::EventType>(), exchange, S::from, S::to, &run_handler<Handler>, story};
}

// All rows, grouped by exchange.
std::span<const Row> transitions();
// The row for this message in this state, or nullptr.
const Row* find_row(Trigger trigger, ExchangeType exchange, const State& state);
// The row for this kind of completion in this state, or nullptr.
const Row* find_row(Trigger trigger, const State& state);

}  // namespace ikev2
