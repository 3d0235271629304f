#include "base/base64.h"

#include <array>

namespace base {
namespace {

constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::uint8_t kNone = 0xff;
constexpr std::array<std::uint8_t, 256> kValues = [] {
  std::array<std::uint8_t, 256> out{};
  out.fill(kNone);
  for (std::size_t i = 0; i < kLetters.size(); ++i)
    out[static_cast<unsigned char>(kLetters[i])] = static_cast<std::uint8_t>(i);
  return out;
}();

std::uint8_t value_of(char letter) { return kValues[static_cast<unsigned char>(letter)]; }

}  // namespace

std::string to_base64(ByteSpan bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t left = bytes.size() - at;
    std::uint32_t three = std::uint32_t{bytes[at]} << 16;
    if (left > 1) three |= std::uint32_t{bytes[at + 1]} << 8;
    if (left > 2) three |= bytes[at + 2];
    out += kLetters[three >> 18];
    out += kLetters[three >> 12 & 63];
    out += left > 1 ? kLetters[three >> 6 & 63] : '=';
    out += left > 2 ? kLetters[three & 63] : '=';
  }
  return out;
}

std::optional<Bytes> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return {};
  std::size_t missing = 0;
  while (missing < 2 && missing < text.size() && text[text.size() - 1 - missing] == '=') ++missing;
  Bytes out;
  out.reserve(text.size() / 4 * 3);
  for (std::size_t at = 0; at < text.size(); at += 4) {
    const std::size_t letters = at + 4 == text.size() ? 4 - missing : 4;
    std::uint32_t three = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const std::uint8_t value = i < letters ? value_of(text[at + i]) : 0;
      if (value == kNone) return {};
      three = three << 6 | value;
    }
    if ((three & ((std::uint32_t{1} << (8 * (4 - letters))) - 1)) != 0) return {};
    for (std::size_t i = 0; i + 1 < letters; ++i)
      out.push_back(static_cast<std::uint8_t>(three >> (16 - 8 * i)));
  }
  return out;
}

}  // namespace base
