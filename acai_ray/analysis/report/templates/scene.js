// A skeleton in 3D that can be turned. Without WebGL it is the same lines in projection.

const scene = (() => {
  "use strict";

  const SIDES = ["trunk", "left", "right"];
  const DEGREE = Math.PI / 180;

  function hasWebGL() {
    const canvas = document.createElement("canvas");
    return Boolean(canvas.getContext("webgl2") || canvas.getContext("webgl"));
  }

  function sideColours({ colours }) {
    return { trunk: theme.colour("ink"), left: colours.left, right: colours.right };
  }

  /** A joint in the plot's axes, z up: the pose's x right, its z away, its y down. */
  function joint(pose, index) {
    return [pose[3 * index], pose[3 * index + 2], -pose[3 * index + 1]];
  }

  /** The bones of one side as a list of points for each axis, with a gap after each bone. */
  function lines({ bones, sides }, pose, side, project) {
    const points = bones.flatMap(([parent, child], bone) =>
      sides[bone] === side ? [project(joint(pose, parent)), project(joint(pose, child)), null] : [],
    );
    return [0, 1, 2].map((axis) => points.map((point) => (point ? point[axis] : null)));
  }

  /** Where the eye is: turned about the vertical from the camera's place, then raised. */
  function direction({ turn, tilt }) {
    const [t, p] = [turn * DEGREE, tilt * DEGREE];
    return [Math.sin(t) * Math.cos(p), -Math.cos(t) * Math.cos(p), Math.sin(p)];
  }

  function camera(view) {
    const [x, y, z] = direction(view).map((value) => value * view.distance);
    return { eye: { x, y, z }, center: { x: 0, y: 0, z: 0 }, up: { x: 0, y: 0, z: 1 } };
  }

  /** The view that a Plotly camera has. */
  function viewOf({ eye: { x, y, z } }) {
    const across = Math.hypot(x, y);
    return { turn: Math.atan2(x, -y) / DEGREE, tilt: Math.atan2(z, across) / DEGREE, distance: Math.hypot(x, y, z) };
  }

  /** Parallel projection along the view: right and up on the screen. */
  function projection(view) {
    const [t, p] = [view.turn * DEGREE, view.tilt * DEGREE];
    return ([x, y, z]) => [
      x * Math.cos(t) + y * Math.sin(t),
      -x * Math.sin(p) * Math.sin(t) + y * Math.sin(p) * Math.cos(t) + z * Math.cos(p),
    ];
  }

  function solidLayout(view, half) {
    const range = [-half, half];
    const hidden = { visible: false, range };
    const floor = { showbackground: true, backgroundcolor: theme.colour("panel") };
    const bare = { showticklabels: false, title: { text: "" }, showgrid: false, zeroline: false, showspikes: false };
    const axes = { xaxis: hidden, yaxis: hidden, zaxis: { range, ...floor, ...bare } };
    const manner = { aspectmode: "cube", dragmode: "turntable", camera: camera(view) };
    return theme.layout({ margin: { l: 0, r: 0, t: 0, b: 0 }, scene: { ...axes, ...manner }, hovermode: false });
  }

  function flatLayout(half) {
    const axis = { visible: false, fixedrange: true, range: [-half, half] };
    const yaxis = { ...axis, scaleanchor: "x" };
    return theme.layout({ margin: { l: 0, r: 0, t: 0, b: 0 }, xaxis: axis, yaxis, hovermode: false });
  }

  function trace(page, side, [x, y, z], solid) {
    const colour = sideColours(page)[side];
    const look = { mode: "lines", line: { color: colour, width: solid ? 9 : 4 }, hoverinfo: "skip" };
    return solid ? { type: "scatter3d", x, y, z, ...look } : { type: "scatter", x, y, ...look };
  }

  /**
   * Make a scene of an element.
   * @param onTurn called with the new view while the reader drags
   * @returns `draw(pose, half, view)`, which draws everything, and `move(pose)`, which is quick
   */
  function create(page, plot, onTurn) {
    const solid = hasWebGL();
    let current;
    let ownTurns = 0;
    const coordinates = (pose, side) => lines(page, pose, side, solid ? (point) => point : projection(current));

    async function draw(pose, half, view) {
      const first = !current;
      current = view;
      const traces = SIDES.map((side) => trace(page, side, coordinates(pose, side), solid));
      await Plotly.react(plot, traces, solid ? solidLayout(view, half) : flatLayout(half), theme.CONFIG);
      if (first && solid) ["plotly_relayouting", "plotly_relayout"].forEach((name) => plot.on(name, follow));
    }

    /** Tell of a drag. Our own turns raise the same event, late, and would throw the dragged scene back. */
    function follow({ "scene.camera": found }) {
      if (!found || ownTurns) return;
      current = viewOf(found);
      onTurn(current);
    }

    function move(pose) {
      const found = SIDES.map((side) => coordinates(pose, side));
      const update = Object.fromEntries(["x", "y", "z"].map((axis, i) => [axis, found.map((side) => side[i])]));
      if (!solid) delete update.z;
      return Plotly.restyle(plot, update, [0, 1, 2]);
    }

    async function turn(pose, view) {
      current = view;
      ownTurns++;
      await (solid ? Plotly.relayout(plot, { "scene.camera": camera(view) }) : move(pose));
      ownTurns--;
    }

    return { draw, move, turn };
  }

  return { create };
})();
