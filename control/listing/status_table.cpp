#include "control/listing/status_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "control/listing/text.h"

namespace control::listing {

namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kColumns = 8;
constexpr std::size_t kName = 0, kActual = 2, kPeer = 3;
using Row = std::array<std::string, kColumns>;

struct Line {
  Row row;
  std::string below;  // whole lines
  const char* colour = "";
};

const char* colour_of(const ProfileView& profile) {
  if (profile.actual == "up") return "\x1b[32m";
  if (profile.actual == "connecting") return "\x1b[33m";
  return profile.desired == "up" ? "\x1b[31m" : "";
}

std::string count_of(std::size_t n, const char* what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

// By profile the IKE SA that stands for it: the one with the most to show.
using MainSas = std::unordered_map<std::string_view, const IkeSaView*>;
MainSas main_sas(const StatusView& view) {
  MainSas out;
  for (const IkeSaView& sa : view.ike_sas) {
    const IkeSaView*& best = out[sa.profile];
    if (best == nullptr || (sa.state == "established" && best->state != "established")) best = &sa;
  }
  return out;
}

std::string joined(const std::vector<std::string>& list) {
  std::string out;
  for (const std::string& item : list) out += (out.empty() ? "" : ", ") + printable(item);
  return out;
}

// "  key  text", broken between words so that no line is longer than 80 columns where words allow it.
std::string wrapped(std::string_view key, std::string_view text) {
  std::string out, line = fmt::format("  {:<9} ", key);
  const std::size_t indent = std::min<std::size_t>(line.size(), 24);
  bool fresh = true;
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, space);
    text.remove_prefix(std::min(space + 1, text.size()));
    if (!fresh && line.size() + 1 + word.size() > kWidth) {
      out += line + "\n";
      line.assign(indent, ' ');
      fresh = true;
    }
    if (!fresh) line += ' ';
    line += word;
    fresh = false;
  }
  return out + line + "\n";
}

std::string child_line(const ChildView& child) {
  std::string how = child.state + ", " + child.protocol + " " + child.mode;
  if (child.encap == "udp") how += " over UDP";
  how += ", " + child.encr + (child.integ ? "/" + *child.integ : "") + (child.esn ? "/esn" : "");
  how += ", " + joined(child.local_ts) + " to " + joined(child.remote_ts);
  how += fmt::format(", in {} {}, out {} {}", child.packets_in, child.packets_in == 1 ? "packet" : "packets",
                     child.packets_out, child.packets_out == 1 ? "packet" : "packets");
  return wrapped(printable(child.name), how);
}

// When something is renewed next: the IKE SA or one of its children.
std::int64_t next_rekey(const IkeSaView& sa) {
  std::int64_t next = sa.rekey_in_s;
  if (sa.sums && sa.sums->rekey_in_s > 0)
    next = next > 0 ? std::min(next, sa.sums->rekey_in_s) : sa.sums->rekey_in_s;
  for (const ChildView& child : sa.children)
    if (child.rekey_in_s > 0) next = next > 0 ? std::min(next, child.rekey_in_s) : child.rekey_in_s;
  return next;
}

Line make_line(const ProfileView& profile, const IkeSaView* sa) {
  Line line{{printable(profile.name), profile.desired, profile.actual, "-", "-", "-", "-", "-"}, "", ""};
  line.colour = colour_of(profile);
  if (sa != nullptr) {
    std::uint64_t in = sa->sums ? sa->sums->bytes_in : 0, out = sa->sums ? sa->sums->bytes_out : 0;
    for (const ChildView& child : sa->children) {
      in += child.bytes_in;
      out += child.bytes_out;
    }
    line.row[kPeer] = printable(sa->remote.address);
    if (sa->state != "connecting") {
      line.row[4] = human_duration(sa->established_s);
      line.row[5] = human_bytes(in);
      line.row[6] = human_bytes(out);
      if (next_rekey(*sa) > 0) line.row[7] = human_duration(next_rekey(*sa));
    }
    for (const ChildView& child : sa->children) line.below += child_line(child);
    if (sa->sums)
      line.below += wrapped("children", fmt::format("{}, too many to name each", sa->sums->children));
  }
  if (profile.last_error)
    line.below += wrapped("error", profile.last_error->at + " " + printable(profile.last_error->reason));
  return line;
}

using Widths = std::array<std::size_t, kColumns>;

Widths widths_of(const std::vector<Line>& lines, const Row& head) {
  Widths widths{};
  for (std::size_t c = 0; c < kColumns; ++c) {
    widths[c] = head[c].size();
    for (const Line& line : lines) widths[c] = std::max(widths[c], line.row[c].size());
  }
  // Long names and addresses move to a line of their own rather than push the rest out of sight.
  widths[kName] = std::min<std::size_t>(widths[kName], 14);
  std::size_t others = 2 * (kColumns - 1);
  for (std::size_t c = 0; c < kColumns; ++c) others += c == kPeer ? 0 : widths[c];
  const std::size_t room = others < kWidth ? kWidth - others : 0;
  widths[kPeer] = std::min(widths[kPeer], std::max(room, head[kPeer].size()));
  return widths;
}

std::string cells(const Row& row, const Widths& widths, const char* colour) {
  std::string out;
  for (std::size_t c = 0; c < kColumns; ++c) {
    const std::string padding(widths[c] > row[c].size() ? widths[c] - row[c].size() : 0, ' ');
    const bool painted = c == kActual && *colour != '\0';
    out += painted ? colour + row[c] + "\x1b[0m" : row[c];
    if (c + 1 < kColumns) out += padding + "  ";
  }
  return out + "\n";
}

std::string text_of(Line line, const Widths& widths, bool colour) {
  std::string out;
  if (line.row[kName].size() > widths[kName]) {
    out += line.row[kName] + "\n";
    line.row[kName].clear();
  }
  if (line.row[kPeer].size() > widths[kPeer]) {
    line.below.insert(0, wrapped("peer", line.row[kPeer]));
    line.row[kPeer] = "below";
  }
  return out + cells(line.row, widths, colour ? line.colour : "") + line.below;
}

// Who carries packets.
std::string data_path_line(const DataPathView& view) {
  std::string offloads;
  for (const std::string& name : view.offloads) offloads += (offloads.empty() ? "" : " ") + name;
  return fmt::format("packets: {}, {}, offloads {}\n", view.crypto, count_of(view.threads, "thread"),
                     offloads.empty() ? "none" : offloads);
}

}  // namespace

std::string status_table(const StatusView& view, bool colour) {
  std::size_t children = 0, up = 0;
  for (const IkeSaView& sa : view.ike_sas) children += sa.sums ? sa.sums->children : sa.children.size();
  const MainSas sas = main_sas(view);
  std::vector<Line> lines;
  for (const ProfileView& profile : view.profiles) {
    up += profile.actual == "up" ? 1 : 0;
    const auto sa = sas.find(profile.name);
    lines.push_back(make_line(profile, sa == sas.end() ? nullptr : sa->second));
  }
  std::string out = fmt::format("ikev2d {}, up {}: {} of {} up, {}, {}\n", view.version,
                                human_duration(view.uptime_s), up, count_of(lines.size(), "profile"),
                                count_of(view.ike_sas.size(), "IKE SA"), count_of(children, "child SA"));
  if (view.data_path.threads != 0) out += data_path_line(view.data_path);
  if (lines.empty()) return out;
  const Row head = {"PROFILE", "DESIRED", "ACTUAL", "PEER", "SINCE", "IN", "OUT", "REKEY"};
  const Widths widths = widths_of(lines, head);
  out += "\n" + cells(head, widths, "");
  for (const Line& line : lines) out += text_of(line, widths, colour);
  return out;
}

std::string counters(const StatusView& view) {
  std::string out = fmt::format("{:>16}  {:<16}  {}\n", "Count", "Node", "Reason");
  for (const CounterView& counter : view.counters) {
    const std::size_t dash = counter.name.find('-');
    const bool known = counter.name.substr(0, 3) == "in-" || counter.name.substr(0, 4) == "out-" ||
                       counter.name.substr(0, 4) == "tun-";
    const std::string node = known ? "esp-" + counter.name.substr(0, dash) : "ikev2d";
    const std::string reason = known ? counter.name.substr(dash + 1) : counter.name;
    out += fmt::format("{:>16}  {:<16}  {}\n", counter.value, node, reason);
  }
  return out;
}

}  // namespace control::listing
