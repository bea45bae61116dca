// What the interactive parts share: numbers as text, elements, and plots in the page's colours.

const theme = (() => {
  "use strict";

  const CONFIG = { displayModeBar: false, responsive: true, scrollZoom: false, doubleClick: false };

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  }

  /** Call back whenever the reader's scheme changes between light and dark. */
  function onChange(callback) {
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", callback);
  }

  function reducedMotion() {
    return matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  /** A Plotly layout on the page's own background. */
  function layout(rest) {
    return {
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { color: colour("ink"), family: "system-ui, sans-serif", size: 12 },
      hoverlabel: { bgcolor: colour("panel"), bordercolor: colour("soft"), font: { color: colour("ink") } },
      showlegend: false,
      dragmode: false,
      ...rest,
    };
  }

  function axis(title, rest) {
    const lines = { gridcolor: colour("faint"), linecolor: colour("soft"), zeroline: false, fixedrange: true };
    return { title: { text: title, standoff: 6 }, automargin: true, ...lines, ...rest };
  }

  /** A value with some significant digits and a true minus sign; a dash where there is none. */
  function number(value, digits = 4) {
    if (value === null || !Number.isFinite(value)) return "–";
    return String(Number(value.toPrecision(digits))).replace("-", "−");
  }

  function byId(id) {
    return document.getElementById(id);
  }

  /** A new element; its content is text or other elements, never markup. */
  function element(name, properties = {}, ...content) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...content);
    return made;
  }

  return { CONFIG, colour, onChange, reducedMotion, layout, axis, number, byId, element };
})();
