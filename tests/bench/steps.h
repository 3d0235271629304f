// The steps of the data path, each as something that can be run again and again over the same number of
// packets: for the microbenchmarks and for counting instructions.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "crypto/provider.h"

namespace bench {

class Step {
 public:
  virtual ~Step() = default;
  virtual std::size_t packets() const = 0;  // of one run
  virtual void prepare() {}                 // before each run; not measured
  virtual void run() = 0;
  virtual bool good() const { return true; }  // whether all packets of all runs came through
};

// What makes a step, once it is wanted: some need long for it.
struct NamedStep {
  std::string name;
  std::function<std::unique_ptr<Step>()> make;
};

// The whole pipelines over `size` octets of inner packet: tunnel mode, ESP in UDP. `provider` outlives them.
std::unique_ptr<Step> make_seal(const crypto::Provider& provider, const crypto::CipherSpec& cipher,
                                std::size_t size);
std::unique_ptr<Step> make_open(const crypto::Provider& provider, const crypto::CipherSpec& cipher,
                                std::size_t size);
// The same, from packets that TSO left for us to segment, `size` octets in each, into trains.
std::unique_ptr<Step> make_seal_train(const crypto::Provider& provider, const crypto::CipherSpec& cipher,
                                      std::size_t size);

// Reading a packet and finding its policy, the last one of `policies`.
std::unique_ptr<Step> make_classify(std::size_t policies);
// Finding an inbound SA among `count`, in no order.
std::unique_ptr<Step> make_sad_lookup(std::size_t count);
// Checking and marking numbers that come in order.
std::unique_ptr<Step> make_replay(std::uint32_t window, bool esn);

// Joining the packets of one TCP stream, and cutting up what TSO hands over; `size` octets a packet.
std::unique_ptr<Step> make_coalesce(std::size_t size);
std::unique_ptr<Step> make_segment(std::size_t size);

}  // namespace bench
