// A network in virtual time: datagrams are lost, repeated, delayed and reordered by a seeded generator, and
// addresses may be translated. Nothing here reads a clock; the same seed gives the same run.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <random>
#include <set>

#include "base/ip.h"
#include "base/time.h"

namespace sim {

struct Weather {
  double loss = 0, repeat = 0;  // probabilities
  base::Duration min_delay = std::chrono::milliseconds(1), max_delay = std::chrono::milliseconds(1);
};

struct Flight {
  base::Instant arrives;
  std::uint64_t order = 0;  // of sending, for flights that arrive together
  base::Endpoint from, to;
  bool natt = false;
  base::Bytes message;
  bool operator>(const Flight& other) const {
    return std::tie(arrives, order) > std::tie(other.arrives, other.order);
  }
};

// Source translation in front of one or more inside addresses: every inside endpoint gets an outside port of
// its own, the same towards everyone. Ports may be forwarded by hand, for whoever is reached behind it.
class Nat {
 public:
  Nat(base::IpAddress inside, base::IpAddress outside) : inside_{inside}, outside_(outside) {}

  void add_inside(base::IpAddress inside) { inside_.insert(inside); }
  void forward(std::uint16_t port, const base::Endpoint& inside) { mapped_[inside] = port; }
  // Forgets every mapping that it has made: what leaves next gets another port.
  void rebind() { mapped_.clear(); }

  void outbound(Flight& flight) {
    if (!inside_.contains(flight.from.address)) return;
    auto [it, fresh] = mapped_.try_emplace(flight.from, next_);
    if (fresh) next_ += 1;
    flight.from = {outside_, it->second};
  }
  // False: nothing inside has opened that port.
  bool inbound(Flight& flight) const {
    if (flight.to.address != outside_) return true;
    for (const auto& [inside, outside_port] : mapped_) {
      if (outside_port != flight.to.port) continue;
      flight.to = inside;
      return true;
    }
    return false;
  }

 private:
  std::set<base::IpAddress> inside_;
  base::IpAddress outside_;
  std::map<base::Endpoint, std::uint16_t> mapped_;
  std::uint16_t next_ = 40000;
};

class VirtualNetwork {
 public:
  explicit VirtualNetwork(std::uint32_t seed) : random_(seed) {}

  Weather weather;
  std::optional<Nat> nat, other_nat;
  // Sees every datagram before the weather; false drops it. For stories about one particular message.
  std::function<bool(Flight&)> intercept;
  std::vector<Flight> log;  // everything that was sent, before loss

  void send(base::Instant now, Flight flight) {
    if (nat) nat->outbound(flight);
    if (other_nat) other_nat->outbound(flight);
    log.push_back(flight);
    if (intercept && !intercept(flight)) return;
    std::uniform_real_distribution<double> chance(0, 1);
    if (chance(random_) < weather.loss) return;
    put(now, flight);
    if (chance(random_) < weather.repeat) put(now, flight);
  }
  // Arrives at that moment, whatever the weather.
  void put_later(base::Instant arrives, Flight flight) {
    flight.arrives = arrives;
    flight.order = next_order_++;
    in_flight_.push(std::move(flight));
  }
  std::optional<base::Instant> next() const {
    if (in_flight_.empty()) return {};
    return in_flight_.top().arrives;
  }
  // The next datagram that has arrived by now; nullopt where the NAT swallowed it too.
  std::optional<Flight> deliver() {
    Flight flight = in_flight_.top();
    in_flight_.pop();
    if (nat && !nat->inbound(flight)) return {};
    if (other_nat && !other_nat->inbound(flight)) return {};
    return flight;
  }

 private:
  void put(base::Instant now, const Flight& flight) {
    std::uniform_int_distribution<std::int64_t> delay(weather.min_delay.count(), weather.max_delay.count());
    Flight copy = flight;
    copy.arrives = now + base::Duration(delay(random_));
    copy.order = next_order_++;
    in_flight_.push(std::move(copy));
  }

  std::mt19937 random_;
  std::priority_queue<Flight, std::vector<Flight>, std::greater<>> in_flight_;
  std::uint64_t next_order_ = 0;
};

}  // namespace sim
