#include <fmt/core.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "config/algorithm_names.h"
#include "config/proposal_text.h"
#include "crypto/algorithms.h"

namespace {

using ikev2::TransformType;

const char* const kFile = IKEV2D_SOURCE_DIR "/docs/algorithms.md";

const char* const kHead =
    "# Algorithms\n\n"
    "Generated from the tables of `crypto/algorithms.cpp` by the test `algorithms_doc_test.cpp`: run "
    "`unit_config` "
    "with\n`IKEV2D_UPDATE=1` to write it again. Names are those of proposals (`profiles.yaml(5)`); any of "
    "the other "
    "names\n(VPP's, strongSwan's) is read too, with the key length for the `*`. Sizes are octets. \"Weak\": "
    "taken when a "
    "profile names\nit, in no default, and warned of (RFC 8221, RFC 8247).\n";

const char* const kTail =
    "\n## Sequence numbers (transform type 5)\n\n"
    "`esn` (1) and `no-esn` (0), both ways, with every cipher above.\n\n"
    "## What the library lacks\n\n"
    "Everything is computed by Botan 3. What it has no name for, and what is done about it:\n\n"
    "| algorithm | what is done |\n|---|---|\n"
    "| AES-XCBC-MAC (RFC 3566, 4434) | the chaining is ours (`crypto/botan/xcbc.cpp`), over Botan's AES |\n"
    "| keys of any length for `aes128-xcbc` and `aes128-cmac` | fitted as RFC 4434 2 and RFC 4615 3 say "
    "(`crypto/botan/prf.cpp`) |\n"
    "| CBC over many packets at once | Botan's mode works on one; ours drives its block cipher "
    "(`crypto/botan/text_cipher.cpp`) |\n"
    "| `modp-768`, and groups 22 to 24 with their subgroups | constants of RFC 2409 and RFC 5114 "
    "(`crypto/botan/modp_groups_impl.h`) |\n"
    "| the check that a value of groups 22 to 24 lies in the subgroup | RFC 6989 2.2, in "
    "`crypto/botan/modp.cpp` |\n"
    "| `brainpool-224` | Botan has the curve, but not its fast arithmetic for it: slower than the others |\n"
    "| `sha2-256-96` | has no number: `sha2_256_96: true` in a child takes number 12 to mean it |\n"
    "| ML-KEM | known by name, and refused: no exchange that carries it is negotiated |\n\n"
    "A library that was built without one of the algorithms fails cleanly: the daemon looks for each of them "
    "when it "
    "starts,\nwarns of those that are missing, and leaves them out of what it offers and accepts.\n";

bool in_default(TransformType type, std::uint16_t id) {
  ikev2::Proposals all = config::default_ike_proposals();
  for (const auto& p : config::default_child_proposals()) all.push_back(p);
  return std::any_of(all.begin(), all.end(), [&](const ikev2::Proposal& p) {
    const auto list = p.of(type);
    return std::any_of(list.begin(), list.end(), [&](const ikev2::Transform& t) { return t.id == id; });
  });
}

std::string quoted(std::string_view names) {
  std::string out;
  std::stringstream words{std::string(names)};
  for (std::string word; words >> word;) out += (out.empty() ? "`" : " `") + word + "`";
  return out;
}

// The columns that all tables share, around the ones of their own.
template <class Row>
std::string line(TransformType type, const Row& row, const std::string& number, const std::string& sizes,
                 std::string note) {
  if (row.weak) note = "weak";
  if (in_default(type, static_cast<std::uint16_t>(row.id)) && !number.empty()) note = "default";
  return fmt::format("| {} | `{}` | {} | {} | {} | {} |\n", number, row.name, sizes, row.rfc, note,
                     quoted(row.other_names));
}

std::string encryption() {
  std::string out =
      "\n## Encryption (transform type 1)\n\n"
      "| number | name | key bits | salt | IV | block | ICV | RFC | note | other names |\n"
      "|---|---|---|---|---|---|---|---|---|---|\n";
  for (const auto& row : crypto::all_encr()) {
    if (row.id == crypto::Encr::none) continue;
    const std::string bits = row.takes_key_length() ? "128, 192, 256" : std::to_string(row.fixed_key_bits);
    out += line(TransformType::encr, row, std::to_string(static_cast<unsigned>(row.id)),
                fmt::format("{} | {} | {} | {} | {}", bits, row.salt, row.iv, row.block, row.icv),
                row.encrypts ? "" : "children only");
  }
  return out;
}

std::string prfs() {
  std::string out =
      "\n## PRF (transform type 2)\n\n"
      "| number | name | output | RFC | note | other names |\n|---|---|---|---|---|---|\n";
  for (const auto& row : crypto::all_prf()) {
    if (row.id == crypto::Prf::none) continue;
    out += line(TransformType::prf, row, std::to_string(static_cast<unsigned>(row.id)),
                std::to_string(row.output), "");
  }
  return out;
}

std::string integrity() {
  std::string out =
      "\n## Integrity (transform type 3)\n\n"
      "| number | name | key | ICV | RFC | note | other names |\n|---|---|---|---|---|---|---|\n";
  for (const auto& row : crypto::all_integ()) {
    if (row.id == crypto::Integ::none) continue;
    out +=
        line(TransformType::integ, row, row.numbered() ? std::to_string(static_cast<unsigned>(row.id)) : "",
             fmt::format("{} | {}", row.key, row.icv), row.numbered() ? "" : "`sha2_256_96: true`");
  }
  return out;
}

std::string key_exchange() {
  std::string out =
      "\n## Key exchange (transform type 4)\n\n"
      "| number | name | public value | secret | RFC | note | other names |\n|---|---|---|---|---|---|---|\n";
  for (const auto& row : crypto::all_ke()) {
    if (row.id == crypto::Ke::none) continue;
    out += line(TransformType::ke, row, std::to_string(static_cast<unsigned>(row.id)),
                fmt::format("{} | {}", row.public_size, row.secret_size),
                row.kind == crypto::KeKind::kem ? "refused" : "");
  }
  return out;
}

}  // namespace

TEST_CASE("docs/algorithms.md lists the algorithms as they are") {
  const std::string now = kHead + encryption() + prfs() + integrity() + key_exchange() + kTail;
  if (std::getenv("IKEV2D_UPDATE") != nullptr) std::ofstream(kFile) << now;
  std::ifstream file(kFile);
  std::stringstream text;
  text << file.rdbuf();
  CHECK(text.str() == now);
}

TEST_CASE("every other name of the tables stands for its row") {
  const auto check = [](std::string_view others, std::uint16_t bits, const std::string& name) {
    crypto::for_each_other_name(others, bits, [&](const std::string& other) {
      const auto found = config::find_algorithm(other);
      REQUIRE(found);
      CHECK(found->name == name);
    });
  };
  for (const auto& row : crypto::all_encr()) {
    for (const std::uint16_t bits : row.key_bits) {
      if (bits != 0 || !row.takes_key_length()) check(row.other_names, bits, crypto::name(row.id, bits));
    }
  }
  for (const auto& row : crypto::all_prf()) check(row.other_names, 0, std::string(row.name));
  for (const auto& row : crypto::all_integ()) check(row.other_names, 0, std::string(row.name));
  for (const auto& row : crypto::all_ke()) check(row.other_names, 0, std::string(row.name));
}
