// The mathematics of the latent explorer: the decoder, great-circle paths and their step lengths.
// The same formulas as acai_ray.latent and acai_ray.metrics.paths; a test compares the numbers.

const acai = (() => {
  "use strict";

  const LEAKY_SLOPE = 0.2;
  const EQUAL = 1e-6; // cosines above 1 − this are clamped: the limit of equal codes
  const OPPOSITE = 1e-5; // cosines below −1 + this have no certain great circle
  const STEPS = 100;

  function halfToFloat(bits) {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 31) return fraction ? NaN : sign * Infinity;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }

  /** Base64 of little-endian float16 or float32 as a Float32Array. */
  function floats(text, precision) {
    const view = new DataView(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer);
    const half = precision === "float16";
    const found = new Float32Array(view.byteLength / (half ? 2 : 4));
    for (let i = 0; i < found.length; i++) {
      found[i] = half ? halfToFloat(view.getUint16(2 * i, true)) : view.getFloat32(4 * i, true);
    }
    return found;
  }

  /** A decoder as the page's data holds it, ready to run; `codes` are those of the real poses. */
  function readNetwork({ precision, layers, codes, spherical }, bones) {
    const d = layers[0].n_in;
    const flat = floats(codes, "float32");
    return {
      d,
      spherical,
      layers: layers.map(({ parameters, ...layer }) => ({ ...layer, parameters: floats(parameters, precision) })),
      neighbours: neighboursOf(bones),
      codes: Array.from({ length: flat.length / d }, (_, i) => flat.subarray(i * d, (i + 1) * d)),
    };
  }

  /** By joint, the joints at the other ends of its bones, with their weights in the normalised adjacency. */
  function neighboursOf(bones) {
    const joined = Array.from({ length: bones.length + 1 }, () => []);
    for (const [a, b] of bones) {
      joined[a].push(b);
      joined[b].push(a);
    }
    return joined.map((others) => others.map((joint) => ({ joint, weight: 1 / Math.sqrt(others.length * joined[joint].length) })));
  }

  function affine({ n_in, n_out, parameters }, x) {
    const y = Float64Array.from(parameters.subarray(n_in * n_out));
    for (let i = 0; i < n_in; i++) {
      for (let j = 0, at = i * n_out; j < n_out; j++, at++) y[j] += x[i] * parameters[at];
    }
    return y;
  }

  /** A graph convolution: the same affine map of every joint's channels and, beside them, its neighbours'. */
  function convolved(layer, neighbours, x) {
    const channels = layer.n_in / 2;
    const y = new Float64Array(neighbours.length * layer.n_out);
    neighbours.forEach((others, joint) => {
      const beside = new Float64Array(layer.n_in);
      for (let c = 0; c < channels; c++) {
        beside[c] = x[joint * channels + c];
        for (const other of others) beside[channels + c] += other.weight * x[other.joint * channels + c];
      }
      y.set(affine(layer, beside), joint * layer.n_out);
    });
    return y;
  }

  /** A code of length d to a pose: 51 numbers in metres, x right, y down, z away. */
  function decode(network, code) {
    const values = [code];
    for (const layer of network.layers) {
      const x = values.at(-1);
      let y = layer.graph ? convolved(layer, network.neighbours, x) : affine(layer, x);
      if (layer.activated) y = y.map((value) => (value > 0 ? value : LEAKY_SLOPE * value));
      if (layer.skip) y = mix(y, 1, values.at(-layer.skip), 1);
      values.push(y);
    }
    return values.at(-1);
  }

  function dot(a, b) {
    return a.reduce((sum, value, i) => sum + value * b[i], 0);
  }

  function unit(values) {
    const length = Math.hypot(...values);
    return values.map((value) => value / length);
  }

  /** wa · a + wb · b */
  function mix(a, wa, b, wb) {
    return Array.from(a, (value, i) => wa * value + wb * b[i]);
  }

  /** Spherical linear interpolation of unit codes, t from 0 to 1. */
  function slerp(z1, z2, t) {
    if (t === 0) return Array.from(z1);
    if (t === 1) return Array.from(z2);
    const cosine = dot(z1, z2);
    if (cosine < -1 + OPPOSITE) return detour(z1, z2, t);
    const angle = Math.acos(Math.min(cosine, 1 - EQUAL));
    return mix(z1, Math.sin((1 - t) * angle) / Math.sin(angle), z2, Math.sin(t * angle) / Math.sin(angle));
  }

  /** Two quarter circles from z1 to its opposite z2, through the coordinate axis most nearly perpendicular. */
  function detour(z1, z2, t) {
    const sizes = Array.from(z1, Math.abs);
    const axis = sizes.indexOf(Math.min(...sizes));
    const middle = unit(Array.from(z1, (value, i) => (i === axis ? 1 : 0) - z1[axis] * value));
    const along = Math.cos(Math.PI * t);
    return mix(mix(z1, Math.max(along, 0), z2, Math.max(-along, 0)), 1, middle, Math.sin(Math.PI * t));
  }

  /** The code at t on the path between two codes of a network: a great circle, or a straight line. */
  function between(network, z1, z2, t) {
    return network.spherical ? slerp(z1, z2, t) : mix(z1, 1 - t, z2, t);
  }

  /** The STEPS + 1 decoded poses between two codes. */
  function decodePath(network, z1, z2) {
    return Array.from({ length: STEPS + 1 }, (_, t) => decode(network, between(network, z1, z2, t / STEPS)));
  }

  /** Mean distance of the joints of two poses, in metres. */
  function mpjpe(a, b) {
    let sum = 0;
    for (let i = 0; i < a.length; i += 3) sum += Math.hypot(a[i] - b[i], a[i + 1] - b[i + 1], a[i + 2] - b[i + 2]);
    return (3 * sum) / a.length;
  }

  /** Step lengths of a path, 1 everywhere if it is straight and even; null if its end poses coincide. */
  function transitionCurve(poses) {
    const n = poses.length - 1;
    const chord = mpjpe(poses[0], poses[n]);
    return chord > 0 ? Array.from({ length: n }, (_, t) => (n * mpjpe(poses[t], poses[t + 1])) / chord) : null;
  }

  function anci(curve) {
    return curve && curve.reduce((sum, value) => sum + value, 0) / curve.length;
  }

  /** Longest step over shortest; null without a curve or with a still step. */
  function smoothnessRatio(curve) {
    return curve && Math.min(...curve) > 0 ? Math.max(...curve) / Math.min(...curve) : null;
  }

  /** A code of a network's prior: d normal numbers (Box–Muller), or their direction, which is uniform on the sphere. */
  function sample({ d, spherical }) {
    const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
    const z = Array.from({ length: d }, normal);
    return spherical ? unit(z) : z;
  }

  return { STEPS, readNetwork, decode, slerp, between, decodePath, mpjpe, transitionCurve, anci, smoothnessRatio, sample };
})();
