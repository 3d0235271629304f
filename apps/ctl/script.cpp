#include "apps/ctl/script.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <utility>

#include "apps/ctl/ask.h"
#include "apps/ctl/handlers.h"
#include "control/client.h"

namespace ctl {

namespace {

// Reads one line character by character.
class Splitter {
 public:
  base::Result<std::vector<std::string>> split(std::string_view line) {
    for (const char c : line) {
      if (escaped_) {
        take(c);
        escaped_ = false;
      } else if (quote_ != '\0') {
        in_quotes(c);
      } else if (c == '#' && !in_word_) {
        break;
      } else {
        outside(c);
      }
    }
    if (escaped_) return base::local_error("nothing stands behind the last \\");
    if (quote_ != '\0') return base::local_error(fmt::format("a closing {} is missing", quote_));
    end_word();
    return std::move(words_);
  }

 private:
  void take(char c) {
    word_ += c;
    in_word_ = true;
  }
  void end_word() {
    if (in_word_) words_.push_back(std::move(word_));
    word_.clear();
    in_word_ = false;
  }
  void in_quotes(char c) {
    if (c == quote_) {
      quote_ = '\0';
    } else if (c == '\\' && quote_ == '"') {
      escaped_ = true;
    } else {
      take(c);
    }
  }
  void outside(char c) {
    if (c == '\\') {
      escaped_ = true;
    } else if (c == '"' || c == '\'') {
      quote_ = c;
      in_word_ = true;  // '' is a word, an empty one
    } else if (c == ' ' || c == '\t' || c == '\r') {
      end_word();
    } else {
      take(c);
    }
  }

  std::vector<std::string> words_;
  std::string word_;
  bool in_word_ = false, escaped_ = false;
  char quote_ = '\0';
};

// All commands of one file ask by one connection.
class Borrowed {
 public:
  Borrowed(Terminal& terminal, control::Session& session)
      : terminal_(terminal), before_(std::exchange(terminal.session, &session)) {}
  ~Borrowed() { terminal_.session = before_; }
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;

 private:
  Terminal& terminal_;
  control::Session* const before_;
};

}  // namespace

base::Result<std::vector<std::string>> split_line(std::string_view line) { return Splitter().split(line); }

int run_line(std::string_view line, const Invocation& outer, Terminal& terminal) {
  auto words = split_line(line);
  if (words.has_error()) return refuse(outer, terminal, kUsage, "usage", words.error().reason);
  if (!words->empty() && words->front() == "ikectl") words->erase(words->begin());
  if (words->empty()) return kDone;
  std::vector<std::string> args = {"--socket", outer.socket};
  if (outer.json) args.emplace_back("--json");
  if (outer.secrets) args.emplace_back("--secrets");
  args.insert(args.end(), words->begin(), words->end());
  return run_command(args, terminal);
}

int run_stream(std::istream& in, const std::string& name, const Invocation& outer, Terminal& terminal) {
  int number = 0;
  control::Session session;
  const Borrowed borrowed(terminal, session);
  for (std::string line; std::getline(in, line);) {
    terminal.where = fmt::format("{}:{}: ", name, ++number);
    const int status = run_line(line, outer, terminal);
    terminal.out.flush();
    if (status != kDone) return status;
  }
  terminal.where.clear();
  if (in.bad()) return refuse(outer, terminal, kRefused, "failed", "cannot read " + name);
  return kDone;
}

int run_file(const Invocation& invocation, Terminal& terminal) {
  const std::string& path = *invocation.file;
  if (path == "-") return run_stream(std::cin, "standard input", invocation, terminal);
  errno = 0;
  std::ifstream in(path);
  if (!in)
    return refuse(invocation, terminal, kRefused, "failed",
                  fmt::format("cannot read {}: {}", path, std::strerror(errno)));
  return run_stream(in, path, invocation, terminal);
}

}  // namespace ctl
