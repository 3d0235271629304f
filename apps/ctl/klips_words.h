// The words of KLIPS' commands: options with and without values, and the pieces that they share.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/ctl/commands.h"
#include "base/result.h"
#include "base/said.h"

namespace ctl {

class KlipsWords {
 public:
  // Options are those of `with_value` and of `flags`; each stands once. Words behind "--optionsfrom FILE"
  // come from that file, which has them with blanks between. What is no option stands in rest().
  static base::Result<KlipsWords> read(const std::vector<std::string>& words,
                                       const std::vector<std::string_view>& with_value,
                                       const std::vector<std::string_view>& flags);

  bool has(std::string_view name) const;
  std::optional<std::string> value(std::string_view name) const;
  const std::vector<std::string>& rest() const { return rest_; }
  // Those of `names` that are given.
  std::vector<std::string> which(const std::vector<std::string_view>& names) const;

 private:
  std::vector<std::pair<std::string, std::string>> options_;
  std::vector<std::string> rest_;
};

// The SA that --said names, or --af, --edst, --spi and --proto.
base::Result<base::Said> read_klips_sa(const KlipsWords& words);
// The same of four words: inet, ADDRESS, SPI, PROTOCOL.
base::Result<base::Said> read_klips_sa(const std::string& family, const std::string& destination,
                                       const std::string& spi, const std::string& protocol);
// "0x1f", "017", "31".
std::optional<std::uint64_t> read_c_number(std::string_view text);
// A key in "0x…" (hexadecimal) or "0s…" (base64), as hexadecimal. The error does not repeat it.
base::Result<std::string> read_klips_key(std::string_view option, const std::string& text);

// Sends one request and prints what it warns of, or why it was refused, behind the label where there is one.
int run_manual(const Invocation& invocation, Terminal& terminal, const KlipsWords& words,
               const std::string& command, nlohmann::json args);
int klips_usage(const Invocation& invocation, Terminal& terminal, const base::Error& error);

}  // namespace ctl
