// SPDX-License-Identifier: MIT
// report.html from data made by hand: hostile names, numbers that are none, and what there may be one or none of.
#include "report/report.hpp"

#include <ferlab/formats/atomic_file.hpp>

#include <limits>

#include "report/html.hpp"
#include "report/make_report.hpp"
#include "report/picture.hpp"
#include "report/svg_chart.hpp"
#include "report/svg_plot.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace fer2013;
using Catch::Contains;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN(),
                 infinite = std::numeric_limits<double>::infinity();

/// Every element that begins ends, and in order.
bool balanced(const std::string& markup) {
  std::vector<std::string> open;
  for (std::size_t at = markup.find('<'); at != std::string::npos; at = markup.find('<', at + 1)) {
    const std::string tag = markup.substr(at + 1, markup.find('>', at) - at - 1);
    const std::string name = tag.substr(0, tag.find_first_of(" /", 1));
    if (tag[0] == '!' || name == "meta" || name == "img" || tag.back() == '/') continue;
    if (tag[0] != '/') {
      open.push_back(name);
    } else if (open.empty() || "/" + open.back() != tag) {
      UNSCOPED_INFO("<" << tag << "> ends " << (open.empty() ? "nothing" : open.back()));
      return false;
    } else {
      open.pop_back();
    }
  }
  return open.empty();
}

int times(const std::string& text, const std::string& part) {
  int n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

/// Of two classes; `probabilities` are those of class 0.
Report two_classes(const std::vector<float>& probabilities, std::vector<std::uint8_t> labels,
                   const std::vector<std::string>& names = {"cat", "dog"}) {
  std::vector<float> outputs;
  for (const float p : probabilities) outputs.insert(outputs.end(), {p, 1 - p});
  std::vector<std::uint8_t> pixels(labels.size() * 4, 7);
  const auto data = ferlab::data::Dataset::from_memory({2, 2, 1}, std::move(pixels), std::move(labels), {"a", "b"});
  return {.title = "title", .data = "data.csv", .score = make_score(data, "all rows", 0.5, 0.75, outputs, names)};
}

Curves curves(const std::vector<double>& losses) {
  Curves found;
  for (const double loss : losses) {
    ferlab::EpochResult epoch;
    epoch.epoch = int(found.history.epochs.size());
    epoch.loss = epoch.val_loss = loss;
    epoch.metrics[0] = epoch.val_metrics[0] = 0.5;
    found.history.epochs.push_back(epoch);
  }
  return found;
}

}  // namespace

TEST_CASE("what is text cannot become markup") {
  CHECK(html::escape("<script>alert('1')</script> & \"x\"") ==
        "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;x&quot;");
  CHECK(html::escape("caf\xc3\xa9 \xf0\x9f\x98\x80\n") == "caf\xc3\xa9 \xf0\x9f\x98\x80\n");
  const std::string replaced = "\xEF\xBF\xBD";
  CHECK(html::escape("a\xff"
                     "b") == "a" + replaced + "b");
  CHECK(html::escape("cut \xe2\x82") == "cut " + replaced + replaced);
  CHECK(html::escape("\xc0\xaf") == replaced + replaced);  // a longer way to write '/'
  CHECK(html::escape(std::string("\0\x1b", 2)) == replaced + replaced);
}

TEST_CASE("numbers are written as people read them") {
  CHECK(html::count(999) == "999");
  CHECK(html::count(1234567) == "1,234,567");
  CHECK(html::count(1, "row") == "1 row");
  CHECK(html::count(0, "row") == "0 rows");
  CHECK(html::number("%.1f %%", 12.34) == "12.3\u00a0%");
  CHECK(html::number("%.1f", not_a_number) == "–");
  CHECK(html::number("%.1f", -infinite) == "–");
}

TEST_CASE("axes have round ticks, whatever the numbers") {
  for (const auto& [low, high] : std::vector<std::pair<double, double>>{
           {0, 1}, {1.71, 2.08}, {3, 3}, {0, 0}, {-5, -4.99}, {1e-9, 2e-9}, {1e12, 1e12 + 1}, {-1e299, 1e299}}) {
    const Axis axis = Axis::around(low, high);
    CAPTURE(low, high, axis.low, axis.high, axis.step);
    CHECK(axis.low <= low);
    CHECK(axis.high >= high);
    CHECK(axis.low < axis.high);
    CHECK(axis.ticks().size() >= 2);
    CHECK(axis.ticks().size() <= 12);
    CHECK(axis.text(axis.low) != axis.text(axis.high));
  }
  CHECK(Axis::around(1.71, 2.08).text(1.8) == "1.8");
  CHECK(Axis::around(0, 0.002).text(0.0005) == "0.0005");
  CHECK(Axis::whole(1, 1).ticks() == std::vector<double>{1});
  CHECK(Axis::whole(1, 3).ticks() == std::vector<double>{1, 2, 3});
  for (const double tick : Axis::whole(1, 100).ticks()) CHECK(tick == std::floor(tick));
}

TEST_CASE("a chart draws its lines and names each at its end") {
  const std::string svg = svg_chart({.id = "x",
                                     .title = "Loss",
                                     .series = {{"one", {3, 2, 1}}, {"two", {3, 2, 1}}},
                                     .mark = 2,
                                     .mark_label = "kept: epoch 2"});
  CHECK(balanced(svg));
  CHECK(times(svg, "<polyline") == 2);
  CHECK_THAT(svg, Contains(">one</text>") && Contains(">two</text>") && Contains(">kept: epoch 2</text>"));
  CHECK(times(svg, "<circle class=\"ring") == 2);
  CHECK_THAT(svg, Contains("role=\"img\"") && Contains("<title id=\"x-title\">Loss</title>") && Contains("<desc id="));
  CHECK_THAT(svg, Contains("one: 3 at first, 1 at the end, from 1 to 3."));

  const auto label_y = [&](const std::string& name) {  // the lines end in one point, their names do not
    const std::size_t at = svg.rfind("y=\"", svg.find(">" + name + "</text>"));
    return std::stod(svg.substr(at + 3));
  };
  CHECK(std::abs(label_y("one") - label_y("two")) >= 14);
}

TEST_CASE("a chart leaves out what is no number, and says so") {
  const std::string gap =
      svg_chart({.id = "x", .title = "Loss", .series = {{"a", {3, 2, not_a_number, 2, 1, infinite, 5}}}});
  CHECK(balanced(gap));
  CHECK(times(gap, "<polyline") == 2);
  CHECK(times(gap, "<circle class=\"dot") == 1);  // the last one is alone
  CHECK_THAT(gap, Contains("2 values not finite"));
  const std::string none =
      svg_chart({.id = "x", .title = "Loss", .series = {{"a", {not_a_number, not_a_number}}}, .mark = 1});
  CHECK_THAT(none, Contains("no finite values") && Contains("a: no finite value."));
  for (const std::string& svg : {gap, none, svg_chart({.id = "x"}), svg_chart({.id = "x", .series = {{"a", {}}}}),
                                 svg_chart({.id = "x", .series = {{"a", {1e300, -1e299, 0}}}})})
    CHECK_THAT(svg.substr(svg.find("</style>")), !Contains("nan") && !Contains("inf") && !Contains("–"));
}

TEST_CASE("one epoch is a dot at its tick") {
  const std::string svg = svg_chart({.id = "x", .series = {{"a", {0.5}}}, .mark = 1, .mark_label = "kept"});
  CHECK(times(svg, "<polyline") == 0);
  CHECK(times(svg, "<circle class=\"dot") == 1);
  CHECK_THAT(svg, Contains(">1</text>"));
}

TEST_CASE("a chart escapes its words") {
  const std::string svg = svg_chart({.id = "x", .title = "<b>", .x_label = "a & b", .series = {{"\"<i>\"", {1, 2}}}});
  CHECK(balanced(svg));
  CHECK_THAT(svg, !Contains("<b>") && !Contains("<i>") && Contains("a &amp; b"));
}

TEST_CASE("a picture is a URL of its own") {
  const std::string url = picture_url(2, 1, std::vector<std::uint8_t>{0, 255});
  CHECK_THAT(url, Catch::StartsWith("data:image/png;base64,iVBORw0KGgo"));  // a PNG's first bytes
  CHECK(url.substr(22).find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") ==
        std::string::npos);
  CHECK((url.size() - 22) % 4 == 0);
}

TEST_CASE("hostile names and paths are text in every part of the page") {
  Report report = two_classes({0.9f, 0.2f, 0.8f}, {0, 0, 1}, {"<script>alert(1)</script>", "\"><img src=x> & \xff"});
  report.title = report.data = report.net = report.score.rows = "<svg onload='x'>\xfe";
  report.layers = {{"<hr>", {1, 1, 2}, 3}};
  report.facts = {{"<u>", {{"<s>", "</main><a href=\"x\">"}}}};
  report.curves = curves({1, 2});
  report.curves->kept_for = "<em>";
  report.curves->notes = {"<em>"};
  const std::string page = to_html(report);
  CHECK(balanced(page));
  for (const char* tag : {"<script", "<img src=x", "<svg onload", "<hr>", "<u>", "<s>", "<a ", "<em>"})
    CHECK_THAT(page, !Contains(tag));
  CHECK(page.find_first_of("\xff\xfe") == std::string::npos);
  CHECK(times(page, "</main>") == 1);
}

TEST_CASE("a score that is all right has no mistakes to show") {
  const std::string page = to_html(two_classes({0.9f, 0.2f}, {0, 1}));
  CHECK(balanced(page));
  CHECK_THAT(page, Contains("There are none: all images are right.") && !Contains("<img"));
}

TEST_CASE("a class without images has a dash where there is nothing to divide") {
  const std::string page = to_html(two_classes({0.9f, 0.8f}, {0, 0}));
  CHECK(balanced(page));
  CHECK_THAT(page, Contains("dog</th><td>–</td><td>–</td><td>–</td><td>0</td>"));
  CHECK_THAT(page, Contains("–: no image to divide by"));
}

TEST_CASE("the most confident mistakes come first, 24 at most") {
  std::vector<float> probabilities;
  for (int i = 0; i < 40; ++i) probabilities.push_back(0.55f + 0.01f * float(i));
  probabilities.push_back(float(not_a_number));
  const Report report = two_classes(probabilities, std::vector<std::uint8_t>(41, 1));
  REQUIRE(report.score.mistakes.size() == 24);
  CHECK(report.score.mistakes[0].probability == Approx(0.94));
  CHECK(report.score.mistakes[23].probability == Approx(0.71));
  const std::string page = to_html(report);
  CHECK(times(page, "<figure>") == 24);
  CHECK_THAT(page, Contains("the 24 it was most sure of, of 41 mistakes"));
  CHECK_THAT(page, Contains("alt=\"dog, taken for cat\""));
}

TEST_CASE("a model that gives no numbers is reported all the same") {
  Report report = two_classes({float(not_a_number), float(not_a_number)}, {0, 1});
  report.score.loss = not_a_number;
  report.curves = curves({not_a_number, not_a_number, infinite});
  const std::string page = to_html(report);
  CHECK(balanced(page));
  CHECK_THAT(page,
             Contains("a loss of no number") && Contains("no finite values") && Contains("no probabilities to judge"));
  CHECK_THAT(page.substr(page.find("</style>")), !Contains("nan") && !Contains("inf<"));
}

TEST_CASE("curves of no epoch and of one") {
  Report report = two_classes({0.9f}, {0});
  for (const std::vector<double>& losses : {std::vector<double>{}, {1.0}}) {
    report.curves = curves(losses);
    CHECK(balanced(to_html(report)));
  }
}

TEST_CASE("the epoch that was kept is the first of the best") {
  ferlab::History history;
  history.metrics = {ferlab::detail::metric_info<ferlab::Accuracy>()};
  for (const double accuracy : {0.2, 0.5, 0.4, 0.5}) {
    ferlab::EpochResult epoch;
    epoch.epoch = int(history.epochs.size());
    epoch.val_metrics[0] = accuracy;
    epoch.val_loss = accuracy == 0.4 ? 0.1 : not_a_number;
    history.epochs.push_back(epoch);
  }
  const TrainOptions options;
  const ferlab::FitOptions fitting;
  const auto kept = [&](const ferlab::Monitor& monitor) {
    return training_report({options, fitting, history, monitor}, two_classes({0.9f}, {0}).score, {}).curves->kept;
  };
  CHECK(kept(ferlab::val_accuracy) == 1);
  CHECK(kept(ferlab::val_loss) == 2);
}

TEST_CASE("the page is written whole, into folders that are made") {
  const ferlab::test::TemporaryFolder folder;
  const Report report = two_classes({0.9f}, {0});
  const std::string path = write_report(folder / "new/er", report);
  CHECK(ferlab::test::read_file(path) == to_html(report));
  CHECK_THROWS_AS(write_report(path, report), ferlab::IoError);  // a file where a folder should be
}
