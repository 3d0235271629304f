#include "apps/daemon/logger.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>
#include <vector>

namespace {

using namespace daemon_app;
using base::LogLevel;

// 2026-11-22T10:00:00.123Z
const WallTime kMoment{std::chrono::milliseconds(1795341600123)};

struct Fixture {
  std::vector<std::string> lines;
  WallTime now = kMoment;
  Logger make(LogLevel level, LogFormat format = LogFormat::text, LogLimit limit = {}) {
    return Logger(
        level, format, [this](std::string_view line) { lines.emplace_back(line); }, [this] { return now; },
        limit);
  }
};

}  // namespace

TEST_CASE("a text line has time, level, event, message and fields") {
  const base::LogEvent event{
      LogLevel::info, "ready", "all is well", {{"version", "0.1.0"}, {"tun", "ipsec0"}}};
  CHECK(format_text(event, kMoment) ==
        "2026-11-22T10:00:00.123Z info  event=ready all is well version=0.1.0 tun=ipsec0");
}

TEST_CASE("values with blanks, quotes or nothing are quoted, and quotes inside are escaped") {
  const base::LogEvent event{LogLevel::error, "x", "", {{"a", "two words"}, {"b", ""}, {"c", "say \"hi\""}}};
  CHECK(format_text(event, kMoment) ==
        "2026-11-22T10:00:00.123Z error event=x a=\"two words\" b=\"\" c=\"say \\\"hi\\\"\"");
}

TEST_CASE("B069: octets of the network can forge no line, neither in a value nor in the message") {
  const base::LogEvent event{LogLevel::warning, "x", "evil\nline", {{"id", "a\nb\x1b[31m\xff"}}};
  const std::string line = format_text(event, kMoment);
  CHECK(line.find('\n') == std::string::npos);
  CHECK(line.find('\x1b') == std::string::npos);
  CHECK(line.find("evil\\x0aline") != std::string::npos);
  CHECK(line.find("id=\"a\\x0ab\\x1b[31m\\xff\"") != std::string::npos);
}

TEST_CASE("a value is capped at 512 octets") {
  const base::LogEvent event{LogLevel::info, "x", "", {{"id", std::string(5000, 'a')}}};
  const std::string line = format_text(event, kMoment);
  CHECK(line.find(std::string(kMaxLogValue, 'a') + "...") != std::string::npos);
  CHECK(line.find(std::string(kMaxLogValue + 1, 'a')) == std::string::npos);
}

TEST_CASE("a message is capped like a value, in both formats, and shows that it was") {
  const base::LogEvent event{LogLevel::info, "x", std::string(kMaxLogValue, 'a') + "bc", {{"id", "d"}}};
  const std::string kept = std::string(kMaxLogValue, 'a') + "...";
  CHECK(format_text(event, kMoment) == "2026-11-22T10:00:00.123Z info  event=x " + kept + " id=d");
  CHECK(nlohmann::json::parse(format_json(event, kMoment))["message"] == kept);
  const base::LogEvent whole{LogLevel::info, "x", std::string(kMaxLogValue, 'a'), {}};
  CHECK(nlohmann::json::parse(format_json(whole, kMoment))["message"] == whole.message);
}

TEST_CASE("a JSON line is one object with the same parts, whatever the octets") {
  const base::LogEvent event{LogLevel::info, "ready", "m", {{"id", "a\xff\nb"}, {"event", "forged"}}};
  const std::string line = format_json(event, kMoment);
  CHECK(line.find('\n') == std::string::npos);
  const auto json = nlohmann::json::parse(line);
  CHECK(json["time"] == "2026-11-22T10:00:00.123Z");
  CHECK(json["level"] == "info");
  CHECK(json["event"] == "ready");
  CHECK(json["message"] == "m");
  CHECK(json["id"].get<std::string>().starts_with("a"));
}

TEST_CASE("events above the level are not written") {
  Fixture f;
  Logger log = f.make(LogLevel::warning);
  log.write({LogLevel::info, "quiet", "", {}});
  log.write({LogLevel::error, "loud", "", {}});
  REQUIRE(f.lines.size() == 1);
  CHECK(f.lines[0] == "2026-11-22T10:00:00.123Z error event=loud\n");
}

TEST_CASE("B070: warnings of one event are limited, and the rest is told as suppressed") {
  Fixture f;
  Logger log = f.make(LogLevel::info, LogFormat::text, {2, std::chrono::seconds(10)});
  for (int i = 0; i < 7; ++i) log.write({LogLevel::warning, "refused", "no", {}});
  CHECK(f.lines.size() == 2);

  SECTION("another event has a limit of its own") {
    log.write({LogLevel::warning, "other", "", {}});
    CHECK(f.lines.size() == 3);
  }
  SECTION("errors and other levels are never held back") {
    log.write({LogLevel::error, "refused", "", {}});
    CHECK(f.lines.size() == 3);
  }
  SECTION("the next window starts with the count") {
    f.now += std::chrono::seconds(11);
    log.write({LogLevel::warning, "refused", "no", {}});
    REQUIRE(f.lines.size() == 4);
    CHECK(f.lines[2].find("suppressed=5") != std::string::npos);
  }
  SECTION("so does housekeeping, once, when nothing more comes") {
    log.flush_suppressed();
    CHECK(f.lines.size() == 2);
    f.now += std::chrono::seconds(11);
    log.flush_suppressed();
    log.flush_suppressed();
    REQUIRE(f.lines.size() == 3);
    CHECK(f.lines[2].find("suppressed 5 more of this event") != std::string::npos);
  }
}

TEST_CASE("levels and formats are read by the names that the arguments take") {
  CHECK(parse_log_level("trace") == LogLevel::trace);
  CHECK(parse_log_level("warning") == LogLevel::warning);
  CHECK_FALSE(parse_log_level("loud").has_value());
  CHECK(parse_log_format("json") == LogFormat::json);
  CHECK_FALSE(parse_log_format("xml").has_value());
}
