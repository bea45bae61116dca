// The latent explorer: two real poses, the path between their codes, vanilla and regularized twins side by side.

const explorer = (() => {
  "use strict";

  const { byId, element, number } = theme;
  const ARMS = ["vanilla", "acai"];
  const armsOf = ({ pair }) => ARMS.filter((arm) => pair[arm] !== null); // a run without a twin stands alone
  const nameOf = (state, arm) => (arm === "vanilla" ? "vanilla" : state.pair.title);
  const WALK_MS = 4000;
  const PAUSE_MS = 400; // between the ten still pictures shown to readers who want no motion

  /**
   * Wire the explorer.
   * @param onChoose called with the place of a pair that the reader picks here
   * @returns `show` the pair with a place in `page.pairs`; `keep` what the reader has set, to `restore` it later;
   *   `playing` and `drawn`
   */
  function create(page, onChoose) {
    const state = {
      page,
      view: { turn: 0, tilt: 10, distance: 1.5 },
      ends: [0, 1],
      place: 0,
      networks: page.networks.map(() => null),
    };
    byId("explorer").hidden = false;
    state.scenes = Object.fromEntries(
      ARMS.map((arm) => [arm, scene.create(page, byId(`scene-${arm}`), (view) => turn(state, view, arm))]),
    );
    fillPairs(page, onChoose);
    fillPoses(state);
    wireControls(state);
    theme.onChange(() => drawAll(state));
    return {
      show: (pair) => showPair(state, pair),
      keep: () => keep(state),
      restore: (kept, choose) => restore(state, kept, choose),
      playing: () => Boolean(state.playing),
      drawn: () => drawAll(state),
    };
  }

  /** λ, and γ where the regularizer has one: ACAI. */
  function weights(title, lam, gamma) {
    return `λ = ${number(lam, 3)}${title === "ACAI" ? `, γ = ${number(gamma, 3)}` : ""}`;
  }

  /** The same, with the title of any other regularizer. */
  function setting(title, lam, gamma) {
    return `${title === "ACAI" ? "" : `${title}, `}${weights(title, lam, gamma)}`;
  }

  function keep({ pair, ends, random, spherical, place, view }) {
    return { name: pair.name, ends, random, spherical, place, view };
  }

  /** Set what `keep` gave, as far as this page has it. */
  function restore(state, { name, ends, random, spherical, place, view }, choose) {
    const pair = state.page.pairs.findIndex((twins) => twins.name === name);
    const radios = ["a", "b"].map((end, i) => byId(`pose-${end}-${ends[i]}`));
    Object.assign(state, { random, spherical, place, view });
    if (radios.every(Boolean)) {
      state.ends = ends;
      radios.forEach((radio) => (radio.checked = true));
      byId("pose-b-random").parentElement.hidden = !random;
    }
    turn(state, view);
    if (pair >= 0) choose(pair);
  }

  function fillPairs({ pairs }, onChoose) {
    const text = ({ title, latent_dim, lam, gamma, name, seed }) =>
      `d = ${latent_dim}, ${setting(title, lam, gamma)} (${name}, seed ${seed})`;
    const compare = (a, b) => a.latent_dim - b.latent_dim || a.lam - b.lam || a.gamma - b.gamma;
    const order = pairs.map((_, place) => place).sort((a, b) => compare(pairs[a], pairs[b]));
    byId("pair").append(...order.map((value) => element("option", { value }, text(pairs[value]))));
    byId("pair").addEventListener("change", (event) => onChoose(Number(event.target.value)));
  }

  // The two ends of the path.

  function fillPoses(state) {
    ["a", "b"].forEach((name, end) => {
      const pictures = state.page.poses.map((pose) => picture(state.page, pose));
      byId(`pose-${name}`).append(...pictures.map((drawn, place) => choice(state, name, end, place, drawn)));
    });
    const random = choice(state, "b", 1, "random", "random");
    random.hidden = true;
    byId("pose-b").prepend(random);
  }

  function choice(state, name, end, value, label) {
    const id = `pose-${name}-${value}`;
    const checked = state.ends[end] === value;
    const input = element("input", { type: "radio", name: `pose-${name}`, id, value, checked });
    input.setAttribute("aria-label", value === "random" ? "random code" : `real pose ${value + 1}`);
    input.addEventListener("change", () => {
      state.ends[end] = value;
      stop(state);
      newPath(state);
    });
    return element("label", { className: "choice" }, input, label);
  }

  /** A pose seen from the camera, as a small picture. */
  function picture({ bones, sides, colours }, pose) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "-1 -1 2 2");
    svg.setAttribute("aria-hidden", "true");
    bones.forEach(([parent, child], bone) => {
      const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
      const ends = { x1: pose[3 * parent], y1: pose[3 * parent + 1], x2: pose[3 * child], y2: pose[3 * child + 1] };
      Object.entries(ends).forEach(([name, value]) => line.setAttribute(name, value));
      line.setAttribute("stroke", colours[sides[bone]] ?? "currentColor");
      svg.append(line);
    });
    return svg;
  }

  function sample(state) {
    draw(state);
    state.ends[1] = "random";
    byId("pose-b-random").parentElement.hidden = false;
    byId("pose-b-random").checked = true;
    stop(state);
    state.place = 0;
    newPath(state);
    play(state);
  }

  /** A random code; it stays for all pairs with codes of its kind. */
  function draw(state) {
    state.random = acai.sample(network(state, "acai"));
    state.spherical = network(state, "acai").spherical;
  }

  // The path of both models.

  function network(state, arm) {
    const place = state.pair[arm];
    state.networks[place] ??= acai.readNetwork(state.page.networks[place], state.page.bones);
    return state.networks[place];
  }

  function code(state, arm, end) {
    return end === "random" ? state.random : network(state, arm).codes[end];
  }

  function showPair(state, place) {
    stop(state);
    state.pair = state.page.pairs[place];
    byId("pair").value = place;
    const { title, lam, gamma, runs } = state.pair;
    const { d, spherical } = network(state, "acai");
    if (state.random && (state.random.length !== d || state.spherical !== spherical)) draw(state);
    byId("side-vanilla").hidden = state.pair.vanilla === null;
    byId("name-vanilla").textContent = `vanilla, λ = 0 (run ${runs[0]})`;
    byId("name-acai").textContent = `${title}, ${weights(title, lam, gamma)} (run ${runs[1]})`;
    return newPath(state);
  }

  function newPath(state) {
    state.paths = {};
    for (const arm of armsOf(state)) {
      const [from, to] = state.ends.map((end) => code(state, arm, end));
      const poses = acai.decodePath(network(state, arm), from, to);
      state.paths[arm] = { poses, curve: acai.transitionCurve(poses) };
    }
    const all = [...state.page.poses, ...armsOf(state).flatMap((arm) => state.paths[arm].poses)];
    state.half = 1.05 * Math.max(...all.map((pose) => Math.max(...pose.map(Math.abs))));
    byId("path-numbers").textContent = `This path: ${armsOf(state).map((arm) => numbers(state, arm)).join("; ")}.`;
    return drawAll(state);
  }

  function numbers(state, arm) {
    const { curve } = state.paths[arm];
    const [detour, ratio] = [acai.anci(curve), acai.smoothnessRatio(curve)];
    return `${nameOf(state, arm)} ANCI ${number(detour, 3)}, smoothness ratio ${number(ratio, 3)}`;
  }

  /** The pose at the present place, which may lie between two points of the path. */
  function poseAt(state, arm) {
    const { place, ends } = state;
    if (Number.isInteger(place)) return state.paths[arm].poses[place];
    const own = network(state, arm);
    const z = acai.between(own, code(state, arm, ends[0]), code(state, arm, ends[1]), place / acai.STEPS);
    return acai.decode(own, z);
  }

  // Pictures.

  async function drawAll(state) {
    showPlace(state);
    await Promise.all([
      ...armsOf(state).map((arm) => state.scenes[arm].draw(poseAt(state, arm), state.half, { ...state.view })),
      drawCurve(state),
    ]);
    byId("explorer").dataset.ready = "yes";
  }

  function move(state) {
    showPlace(state);
    const arms = armsOf(state);
    const marks = arms.map((arm) => mark(state, arm));
    const dots = arms.map((_, place) => 1 + arms.length + place); // after the reference and the lines
    const curve = Plotly.restyle(byId("curve"), { x: marks.map((m) => m.x), y: marks.map((m) => m.y) }, dots);
    return Promise.all([...arms.map((arm) => state.scenes[arm].move(poseAt(state, arm))), curve]);
  }

  /** Turn the scenes; `dragged` is the one that the reader turns, which has turned itself. */
  function turn(state, view, dragged) {
    state.view = view;
    byId("turn").value = view.turn;
    byId("tilt").value = view.tilt;
    for (const arm of armsOf(state)) if (arm !== dragged) state.scenes[arm].turn(poseAt(state, arm), { ...view });
  }

  function step(state, arm) {
    const { curve } = state.paths[arm];
    return curve && curve[Math.max(Math.ceil(state.place), 1) - 1];
  }

  function showPlace(state) {
    const t = (state.place / acai.STEPS).toFixed(2);
    const steps = armsOf(state).map((arm) => `${nameOf(state, arm)} ${number(step(state, arm), 3)}`).join(", ");
    byId("place").value = state.place;
    byId("place").setAttribute("aria-valuetext", `t = ${t}; step length ${steps}`);
    byId("place-text").textContent = `t = ${t} · step length: ${steps}`;
  }

  function mark(state, arm) {
    return { x: [Math.max(state.place, 1)], y: [step(state, arm)] };
  }

  function drawCurve(state) {
    const { colours } = state.page;
    const x = Array.from({ length: acai.STEPS }, (_, t) => t + 1);
    const line = (arm) => ({
      ...{ type: "scatter", mode: "lines", x, y: state.paths[arm].curve ?? [], name: nameOf(state, arm), hoverinfo: "name+y" },
      line: { color: colours[arm], width: 2.5, dash: arm === "vanilla" ? "dash" : "solid" },
    });
    const dot = (arm) => ({
      ...{ type: "scatter", mode: "markers", ...mark(state, arm), showlegend: false, hoverinfo: "skip" },
      marker: { color: colours[arm], size: 12, line: { color: theme.colour("ink"), width: 1.5 } },
    });
    const even = { x: [1, acai.STEPS], y: [1, 1], mode: "lines", showlegend: false, hoverinfo: "skip" };
    const reference = { ...even, type: "scatter", line: { color: colours.reference, width: 1.5, dash: "dot" } };
    const traces = [reference, ...armsOf(state).map(line), ...armsOf(state).map(dot)];
    return Plotly.react(byId("curve"), traces, curveLayout(), theme.CONFIG);
  }

  function curveLayout() {
    return theme.layout({
      height: 260,
      margin: { l: 10, r: 10, t: 30, b: 10 },
      showlegend: true,
      legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", itemclick: false, itemdoubleclick: false },
      xaxis: theme.axis("step t along the path", { range: [0, acai.STEPS + 1] }),
      yaxis: theme.axis("normalised step length", { rangemode: "tozero" }),
    });
  }

  // Walking along the path.

  function wireControls(state) {
    byId("place").addEventListener("input", (event) => {
      stop(state);
      state.place = Number(event.target.value);
      move(state);
    });
    byId("play").addEventListener("click", () => (state.playing ? stop(state) : play(state)));
    byId("sample").addEventListener("click", () => sample(state));
    for (const name of ["turn", "tilt"]) {
      const turned = ({ target }) => turn(state, { ...state.view, [name]: Number(target.value) });
      byId(name).addEventListener("input", turned);
    }
  }

  function stop(state) {
    state.playing = null;
    state.place = Math.round(state.place);
    byId("play").textContent = "Play";
  }

  /** Walk to the end of the path, from its start if the end is reached. */
  async function play(state) {
    const walk = {};
    state.playing = walk;
    byId("play").textContent = "Pause";
    const from = state.place < acai.STEPS ? state.place : 0;
    const start = performance.now();
    while (state.playing === walk) {
      const gone = (acai.STEPS * ((await tick()) - start)) / WALK_MS;
      if (state.playing !== walk) return;
      state.place = Math.min(from + (theme.reducedMotion() ? 10 * Math.floor(gone / 10) : gone), acai.STEPS);
      await move(state);
      if (state.place === acai.STEPS) stop(state);
    }
  }

  function tick() {
    if (!theme.reducedMotion()) return new Promise(requestAnimationFrame);
    return new Promise((resolve) => setTimeout(() => resolve(performance.now()), PAUSE_MS));
  }

  return { create };
})();
