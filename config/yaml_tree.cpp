#include "config/yaml_tree.h"

#include <fmt/core.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <unordered_map>

#include "base/secret.h"

namespace config {

namespace {

constexpr std::size_t kDeepest = 32;           // levels; the format needs six
constexpr std::size_t kAliasedMost = 100'000;  // nodes that aliases may repeat

Place place_of(const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  return {std::max(mark.line, 0) + 1, std::max(mark.column, 0) + 1};
}

// Builds the tree from events; the stack holds the open maps and lists.
class Builder : public YAML::EventHandler {
 public:
  explicit Builder(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  YamlNodePtr root() const { return root_; }
  int documents() const { return documents_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 2) diagnostics_.error(place_of(mark), "expected one document and nothing behind it");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(make(YamlNode::Kind::null, mark), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                const std::string& value) override {
    auto node = make(YamlNode::Kind::scalar, mark);
    node->text = value;
    add(std::move(node), anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(YamlNode::Kind::sequence, mark, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(YamlNode::Kind::map, mark, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    std::shared_ptr<YamlNode> node;
    YAML::anchor_t anchor = 0;
    YamlNodePtr key;                                   // of a map, while its value is awaited
    std::unordered_map<std::string, Place> seen = {};  // keys of a map
  };

  static std::shared_ptr<YamlNode> make(YamlNode::Kind kind, const YAML::Mark& mark) {
    auto node = std::make_shared<YamlNode>();
    node->kind = kind;
    node->place = place_of(mark);
    return node;
  }
  void open(YamlNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (stack_.size() >= kDeepest) throw YAML::ParserException(mark, "nested too deeply");
    stack_.push_back({make(kind, mark), anchor, nullptr});
  }
  void close() {
    Frame frame = std::move(stack_.back());
    stack_.pop_back();
    add(std::move(frame.node), frame.anchor);
  }
  void add(std::shared_ptr<YamlNode> node, YAML::anchor_t anchor);
  void place_in_parent(YamlNodePtr node);
  void add_entry(Frame& frame, YamlNodePtr value);

  Diagnostics& diagnostics_;
  int documents_ = 0;
  std::size_t aliased_ = 0;
  YamlNodePtr root_;
  std::vector<Frame> stack_;
  std::map<YAML::anchor_t, YamlNodePtr> anchors_;
};

void Builder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end()) throw YAML::ParserException(mark, "an alias within what it names");
  aliased_ += found->second->weight;
  if (aliased_ > kAliasedMost) throw YAML::ParserException(mark, "aliases repeat too much");
  place_in_parent(found->second);
}

void Builder::add(std::shared_ptr<YamlNode> node, YAML::anchor_t anchor) {
  // A value that is not there has no place of its own: yaml-cpp gives that of the next token.
  if (node->is_null() && !stack_.empty() && stack_.back().key) node->place = stack_.back().key->place;
  if (anchor != 0) anchors_[anchor] = node;
  place_in_parent(std::move(node));
}

void Builder::place_in_parent(YamlNodePtr node) {
  if (stack_.empty()) {
    if (documents_ <= 1) root_ = std::move(node);
    return;
  }
  Frame& frame = stack_.back();
  frame.node->weight += node->weight;
  if (frame.node->is_sequence()) {
    frame.node->items.push_back(std::move(node));
  } else if (!frame.key) {
    frame.key = std::move(node);
  } else {
    add_entry(frame, std::move(node));
    frame.key = nullptr;
  }
}

void Builder::add_entry(Frame& frame, YamlNodePtr value) {
  const YamlNode& key = *frame.key;
  if (!key.is_scalar()) {
    diagnostics_.error(key.place, "a key must be a word");
    return;
  }
  const auto [first, is_new] = frame.seen.try_emplace(key.text, key.place);
  if (!is_new) {
    diagnostics_.error(key.place, fmt::format("{} is given twice: the first is in line {}", quote(key.text),
                                              first->second.line));
    return;
  }
  frame.node->entries.push_back({key.text, key.place, std::move(value)});
}

}  // namespace

YamlNode::~YamlNode() { base::wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()}); }

const YamlEntry* YamlNode::find(std::string_view key) const {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const YamlEntry& e) { return e.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

YamlNodePtr parse_yaml(const std::string& text, Diagnostics& diagnostics) {
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    Builder builder(diagnostics);
    // No further than the second: at a stray comma, yaml-cpp gives empty documents for ever.
    while (builder.documents() < 2 && parser.HandleNextDocument(builder)) {
    }
    return builder.root();
  } catch (const YAML::Exception& e) {
    diagnostics.error(place_of(e.mark), "not YAML: " + e.msg);
  } catch (const std::exception& e) {
    diagnostics.error({}, std::string("cannot be read as YAML: ") + e.what());
  }
  return nullptr;
}

std::string_view kind_name(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::null:
      return "nothing";
    case YamlNode::Kind::scalar:
      return "a single value";
    case YamlNode::Kind::sequence:
      return "a list";
    case YamlNode::Kind::map:
      break;
  }
  return "a map";
}

}  // namespace config
