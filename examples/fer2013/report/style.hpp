// SPDX-License-Identifier: MIT
// How report.html looks: on a screen, a phone, in the dark, and in print.
#pragma once

namespace fer2013 {

/// Text has a contrast of 4.5:1 or more in both schemes, over shaded cells too.
inline constexpr const char* page_style = R"(
:root { color-scheme: light dark; --page: #ffffff; --ink: #1b1f24; --quiet: #59626d; --rule: #dfe3e8; --accent: #1f5fa8;
  --shade: 31 95 168; }
@media (prefers-color-scheme: dark) {
  :root { --page: #15181c; --ink: #e4e7eb; --quiet: #9aa4af; --rule: #2e343b; --accent: #82b4ee; --shade: 90 150 225; }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto,
  "Helvetica Neue", Arial, "DejaVu Sans", sans-serif; font-variant-numeric: tabular-nums; }
main { max-width: 66rem; margin: 0 auto; padding: 3rem 1.5rem 5rem; }
h1, dd, figcaption, .lead, tbody th, .confusion th { overflow-wrap: anywhere; }
h1 { margin: 0 0 .75rem; font-size: 1.75rem; line-height: 1.2; font-weight: 650; letter-spacing: -.01em; }
h2 { margin: 3.5rem 0 1.25rem; padding-top: 1.25rem; border-top: 1px solid var(--rule); font-size: 1.2rem;
  line-height: 1.3;
  font-weight: 650; }
h3 { margin: 1.75rem 0 .5rem; font-size: .9rem; font-weight: 650; }
h2 + h3 { margin-top: 0; }
p { max-width: 42rem; margin: 0 0 .75rem; }
small { font-size: .8125rem; }
.lead { font-size: 1.0625rem; }
.quiet, caption, dt, .note, small { color: var(--quiet); }
.quiet, caption, .note { font-size: .875rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(7rem, 1fr)); gap: 1.25rem 1.5rem;
  margin: 2rem 0 0; }
.figures dt { font-size: .875rem; }
.figures dd { margin: 0; font-size: 1.625rem; line-height: 1.25; font-weight: 600; letter-spacing: -.01em; }
.columns, .charts { display: grid; grid-template-columns: 1fr 1fr; gap: 2rem 3rem; align-items: start; }
.columns.uneven { grid-template-columns: 3fr 2fr; }
.columns > *, .charts > * { min-width: 0; }
.plot { display: block; width: 100%; max-width: 30rem; height: auto; }
.plot + p { margin-top: 1.25rem; }
.note { align-self: center; }
table { width: 100%; border-collapse: collapse; }
caption { padding: 0 0 .75rem; text-align: left; }
th, td { padding: .3rem .5rem; text-align: right; font-weight: 400; vertical-align: baseline; }
th:first-child, td:first-child { text-align: left; }
.list { font-size: .875rem; }
.list td { white-space: nowrap; }
.list tr > :first-child { padding-left: 0; }
.list tr > :last-child { padding-right: 0; }
.list thead th { border-bottom: 1px solid var(--quiet); color: var(--quiet); vertical-align: bottom; }
.list tbody tr + tr > * { border-top: 1px solid var(--rule); }
.list tfoot > tr > * { border-top: 1px solid var(--quiet); font-weight: 600; }
.kept > * { font-weight: 600; }
.confusion { table-layout: fixed; font-size: .875rem; }
.confusion thead td, .confusion tbody th { width: 5.25rem; padding-left: 0; }
.confusion thead th { padding: .25rem .125rem .5rem; text-align: center; }
.confusion tbody td { height: 3.25rem; padding: .25rem 0; border: 2px solid var(--page); text-align: center;
  vertical-align: middle; line-height: 1.25; background: rgb(var(--shade) / calc(.05 + .5 * var(--share))); }
.confusion tbody th { vertical-align: middle; }
.confusion .right { font-weight: 650; }
.confusion td small { display: block; color: inherit; font-weight: 400; font-size: .75rem; }
.none { color: var(--quiet); }
.wide { overflow-x: auto; }
.wide .list th { white-space: nowrap; }
details { margin-top: 1.5rem; }
summary { width: fit-content; color: var(--accent); cursor: pointer; font-size: .875rem; }
details[open] summary { margin-bottom: 1rem; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.faces { display: grid; grid-template-columns: repeat(auto-fill, minmax(6.5rem, 1fr)); gap: 1.5rem 1rem;
  margin-top: 1.5rem; }
figure { margin: 0; }
figure img { display: block; width: 6rem; height: 6rem; border-radius: 3px; image-rendering: pixelated; }
figcaption { margin-top: .4rem; font-size: .8125rem; line-height: 1.35; }
figcaption small { display: block; }
.facts { display: grid; grid-template-columns: minmax(6.5rem, 1fr) 2.6fr; gap: .3rem 1rem; margin: 0;
  font-size: .875rem; }
.facts dd { margin: 0; }
@media (max-width: 54rem) {
  .columns, .columns.uneven, .charts { grid-template-columns: minmax(0, 1fr); }
}
@media (max-width: 36rem) {
  main { padding: 1.75rem 1rem 3rem; }
  h1 { font-size: 1.4rem; }
  h2 { margin-top: 2.5rem; }
  .figures { grid-template-columns: 1fr 1fr; }
  th, td { padding-left: .25rem; padding-right: .25rem; }
  .confusion { font-size: .75rem; }
  .confusion thead td, .confusion tbody th { width: 3.9rem; padding-right: .25rem; }
  .confusion thead th { vertical-align: bottom; }
  .confusion thead span { writing-mode: vertical-rl; transform: rotate(180deg); max-height: 8rem; }
  .confusion tbody td { height: 2.75rem; border-width: 1px; }
  .confusion td small { font-size: .6875rem; }
  .faces { grid-template-columns: repeat(auto-fill, minmax(6rem, 1fr)); gap: 1.25rem .75rem; }
}
@media print {
  :root { --page: #ffffff; --ink: #000000; --quiet: #444444; --rule: #cccccc; }
  main { max-width: none; padding: 0; }
  section h2, figure, svg, tr { break-inside: avoid; }
  h2, h3, caption { break-after: avoid; }
  .confusion tbody td { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
)";

}  // namespace fer2013
