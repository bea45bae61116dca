// The map of the runs: λ × γ, one panel a latent size, coloured by a metric; and a list that picks the same trials.

const runMap = (() => {
  "use strict";

  const { byId, element, number } = theme;

  /**
   * Draw the map and wire its controls.
   * @param page what the page's data holds
   * @param onChoose called with a trial whenever one is chosen
   * @returns `choose` the trial with a place in `page.trials`, `colour` by the metric with a place in `page.metrics`,
   *   and what is `picked`
   */
  function create(page, onChoose) {
    const state = { page, metric: 0, chosen: null, axes: axes(page.trials) };
    const choose = (place) => {
      state.chosen = place;
      byId("map-trial").value = place;
      describe(page, page.trials[place]);
      draw(state);
      onChoose(page.trials[place]);
    };
    byId("map").hidden = false;
    fillMetrics(page);
    fillTrials(page.trials);
    state.panels = panels(page.trials, choose);
    const colour = (metric) => {
      state.metric = metric;
      byId("map-metric").value = metric;
      draw(state);
    };
    byId("map-metric").addEventListener("change", (event) => colour(Number(event.target.value)));
    byId("map-trial").addEventListener("change", (event) => choose(Number(event.target.value)));
    theme.onChange(() => draw(state));
    return { choose, colour, picked: () => ({ chosen: state.chosen, metric: state.metric }) };
  }

  /** The setting, with the title of another regularizer than ACAI, which alone has a γ. */
  function setting({ title, lam, gamma }) {
    const named = title === "ACAI" || title === "vanilla";
    return named ? `λ = ${number(lam, 3)}, γ = ${number(gamma, 3)}` : `${title}, λ = ${number(lam, 3)}`;
  }

  function fillMetrics({ metrics }) {
    byId("map-metric").append(...metrics.map((text, value) => element("option", { value }, text)));
  }

  function fillTrials(trials) {
    for (const size of sizes(trials)) {
      const group = element("optgroup", { label: `d = ${size}` });
      trials.forEach((trial, value) => {
        if (trial.latent_dim !== size) return;
        const phase = trial.phase === "confirm" ? ", confirmation" : "";
        const only = trial.pair === null ? " · numbers only" : "";
        group.append(element("option", { value }, `${setting(trial)} (${trial.name}${phase})${only}`));
      });
      byId("map-trial").append(group);
    }
  }

  function sizes(trials) {
    return [...new Set(trials.map((trial) => trial.latent_dim))];
  }

  /** The λ axis, where λ = 0 stands on it, its ticks; the γ axis, and whether γ varies. */
  function axes(trials) {
    const weights = trials.map((trial) => trial.lam).filter((lam) => lam > 0);
    const [low, high] = weights.length ? [Math.min(...weights), Math.max(...weights)] : [0.01, 1];
    const zero = low * 10 ** -Math.max(0.5, 0.15 * Math.log10(high / low));
    const gammas = trials.map((trial) => trial.gamma).filter((gamma) => gamma !== null);
    const byGamma = new Set(trials.filter((trial) => trial.lam > 0).map((trial) => trial.gamma)).size > 1;
    const range = [Math.log10(zero) - 0.3, Math.log10(high) + 0.3];
    const gammaRange = padded(Math.min(...gammas), Math.max(...gammas));
    return { zero, range, ticks: ticks(low, high), byGamma, gammaRange };
  }

  function padded(low, high) {
    const pad = 0.08 * (high - low);
    return [low - pad, high + pad];
  }

  function ticks(low, high) {
    const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
    const decades = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => 10 ** (first + i));
    return decades.length > 1 ? decades : [...new Set([low, high])];
  }

  function panels(trials, choose) {
    return sizes(trials).map((size) => {
      const plot = element("div", { className: "panel" });
      plot.setAttribute("role", "img");
      plot.setAttribute("aria-label", `Trials with d = ${size}; choose them in the list “Trial”`);
      const title = element("h3");
      byId("map-panels").append(element("div", {}, title, plot));
      return { size, title, plot, choose };
    });
  }

  function draw(state) {
    const { page, metric } = state;
    const wish = page.better[metric] ? `${page.better[metric]} is better` : "exploratory";
    byId("scale-name").textContent = `${page.metrics[metric]} on ${page.split} poses, ${wish}`;
    for (const panel of state.panels) drawPanel(state, panel);
  }

  /** One panel; its colours span its own values, for many metrics compare within one latent size only. */
  function drawPanel(state, { size, title, plot, choose }) {
    const { page, metric, axes, chosen } = state;
    const places = page.trials.flatMap((trial, place) => (isShown(trial, metric, size) ? [place] : []));
    const values = places.map((place) => page.trials[place].values[metric]);
    const range = values.length ? [Math.min(...values), Math.max(...values)] : [0, 1];
    title.textContent = `d = ${size}: ${values.length ? `${number(range[0])} to ${number(range[1])}` : "not measured"}`;
    const traces = [dots(state, places, range), ring(state, isPlaced(axes, page.trials[chosen], size) ? [chosen] : [])];
    const first = !plot.data;
    Plotly.react(plot, traces, panelLayout(axes, page.metrics[metric]), theme.CONFIG);
    if (first) plot.on("plotly_click", ({ points }) => choose(points[0].customdata));
  }

  function isShown(trial, metric, size) {
    return trial.dot && trial.latent_dim === size && trial.lam !== null && trial.values[metric] !== null;
  }

  /** Whether a trial has a place in a panel; where γ does not vary, one that is no dot has none. */
  function isPlaced({ byGamma }, trial, size) {
    return trial?.latent_dim === size && (trial.dot || byGamma);
  }

  function positions({ page, metric, axes }, places) {
    const trials = places.map((place) => page.trials[place]);
    return {
      x: trials.map((trial) => trial.lam || axes.zero),
      y: trials.map((trial) => (axes.byGamma ? trial.gamma : trial.values[metric])),
      trials,
    };
  }

  function dots(state, places, [cmin, cmax]) {
    const { x, y, trials } = positions(state, places);
    const values = trials.map((trial) => trial.values[state.metric]);
    return {
      ...{ type: "scatter", mode: "markers", x, y, customdata: places, hoverinfo: "text" },
      hovertext: trials.map((trial, i) => `${setting(trial)}: ${number(values[i])}`),
      marker: {
        ...{ color: values, colorscale: "Viridis", cmin, cmax, opacity: 1 },
        size: trials.map((trial) => (trial.pair === null ? 11 : 15)),
        symbol: trials.map((trial) => (trial.lam === 0 ? "square" : "circle")),
        line: {
          color: trials.map((trial) => theme.colour(trial.pair === null ? "soft" : "ink")),
          width: trials.map((trial) => (trial.pair === null ? 0.7 : 1.8)),
        },
      },
    };
  }

  function ring(state, places) {
    const { x, y } = positions(state, places);
    const marker = { symbol: "circle-open", size: 26, line: { width: 3 }, color: theme.colour("link") };
    return { type: "scatter", mode: "markers", x, y, marker, hoverinfo: "skip" };
  }

  function panelLayout(axes, metric) {
    const places = [axes.zero, ...axes.ticks];
    const text = ["0", ...axes.ticks.map((tick) => number(tick, 3))];
    return theme.layout({
      height: 270,
      margin: { l: 10, r: 10, t: 8, b: 10 },
      hovermode: "closest",
      xaxis: theme.axis("λ", { type: "log", range: axes.range, tickvals: places, ticktext: text }),
      yaxis: theme.axis(axes.byGamma ? "γ" : metric, axes.byGamma ? { range: axes.gammaRange } : {}),
    });
  }

  /** The chosen trial in words and numbers. */
  function describe(page, trial) {
    const { name, title, phase, latent_dim, done, split, note, values, twins } = trial;
    const what = `d = ${latent_dim}, ${setting(trial)}; ${done}; ${split} poses`;
    byId("chosen-name").textContent = `Trial ${name} (${phase}): ${what}.`;
    byId("chosen-arm").textContent = title;
    byId("chosen-note").textContent = note || "It is shown in the explorer below.";
    byId("chosen-values").replaceChildren(...page.metrics.map((text, i) => row(text, twins?.[i] ?? null, values[i])));
  }

  function row(name, vanilla, value) {
    const difference = vanilla === null || value === null ? null : value - vanilla;
    const sign = difference > 0 ? "+" : "";
    const texts = [number(vanilla), number(value), sign + number(difference, 3)];
    return element("tr", {}, element("th", { scope: "row" }, name), ...texts.map((text) => element("td", {}, text)));
  }

  return { create };
})();
