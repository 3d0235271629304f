// Probes of the path through a tunnel: ESP's dummy packets (RFC 4303 2.6) whose text says what they are for.
//
// Another ikev2d answers a probe by a dummy packet of its own; everybody else discards both "without
// indicating an error". So probes can go to any peer, and what answers is authenticated.
//
//   | "ikev2d-path" 11 | kind 1 | id 4 | size 4 | zeros up to the size that is asked for |
//
// Packets grow in steps of the cipher's block: `size` is what the question became on the wire, and the answer
// repeats it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/strong.h"

namespace esp {

enum class ProbeKind : std::uint8_t { question = 1, answer = 2 };

struct PathProbe {
  ProbeKind kind = ProbeKind::question;
  std::uint32_t id = 0;
  std::uint32_t size = 0;  // octets of the outer packet of the question
  bool operator==(const PathProbe&) const = default;
};
constexpr std::uint32_t kProbeText = 20;  // octets, at least

// Fills all of `text`, which has kProbeText octets or more.
void write_probe(const PathProbe& probe, base::MutableByteSpan text);
// Of the text of a dummy packet; nullopt for a plain one.
std::optional<PathProbe> read_probe(base::ByteSpan text);

// A probe that has come, and by which child.
struct ProbeNote {
  base::ChildId child;
  PathProbe probe;
};

// What one batch has brought; those beyond its room are not answered, and asked again.
struct ProbeNotes {
  std::array<ProbeNote, 16> notes{};
  std::size_t size = 0;
  bool push(const ProbeNote& note) {
    if (size == notes.size()) return false;
    notes[size++] = note;
    return true;
  }
};

}  // namespace esp
