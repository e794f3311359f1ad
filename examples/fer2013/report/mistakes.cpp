// SPDX-License-Identifier: MIT
#include "html.hpp"
#include "picture.hpp"
#include "sections.hpp"

namespace fer2013::sections {

using html::element, html::escape, html::count, html::number;

std::string mistakes(const Score& score) {
  std::string figures;
  for (const Mistake& m : score.mistakes) {
    const std::string truth = escape(score.class_names[std::size_t(m.truth)]),
                      predicted = escape(score.class_names[std::size_t(m.predicted)]);
    const std::string where = m.where.empty() ? "" : element("small", escape(m.where));
    figures += element(
        "figure", "<img src=\"" + picture_url(m.width, m.height, m.pixels) + "\" width=\"96\" height=\"96\" alt=\"" +
                      truth + ", taken for " + predicted + "\">" +
                      element("figcaption", truth + " → " + element("b", predicted) + ", " +
                                                element("small", number("%.1f %%", 100 * m.probability)) + where));
  }
  std::int64_t wrong = score.matrix.total();
  for (int c = 0; c < score.matrix.classes; ++c) wrong -= score.matrix.at(c, c);
  const std::string words =
      wrong == 0 ? "There are none: all images are right."
                 : "True class → <b>predicted class</b>, and the probability that the model gave to it: the " +
                       count(std::int64_t(score.mistakes.size())) + " it was most sure of, of " +
                       count(wrong, "mistake") + ".";
  return "<section aria-labelledby=\"mistakes\">" + element("h2 id=\"mistakes\"", "The most confident mistakes") +
         element("p", words) + element("div class=\"faces\"", figures) + "</section>\n";
}

}  // namespace fer2013::sections
