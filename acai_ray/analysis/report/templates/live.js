// Reloads a page that is being watched, when its reader does nothing with it, and puts the reader back in place.

(() => {
  "use strict";

  const QUIET_MS = 5000;
  const LOOK_MS = 500;
  const EVERY_MS = 1000 * Number(document.documentElement.dataset.reloadS);
  const USES = ["pointerdown", "pointermove", "wheel", "touchmove", "keydown", "input", "scroll"];

  let lastUse = -Infinity;
  let held = false;

  const used = () => (lastUse = performance.now());
  const parts = () => (typeof interactive === "undefined" ? null : interactive);

  function busy() {
    const reading = !getSelection().isCollapsed || document.hidden;
    return held || reading || performance.now() - lastUse < QUIET_MS || Boolean(parts()?.playing());
  }

  function place() {
    const open = [...document.querySelectorAll("details")].map((part) => part.open);
    return { x: scrollX, y: scrollY, open, parts: parts()?.keep() };
  }

  /** A hidden page has its old height only once its pictures are drawn, so the place is found again when it is ready. */
  async function restore({ x, y, open, parts: kept }) {
    document.querySelectorAll("details").forEach((part, i) => (part.open = open[i] ?? false));
    if (kept) await parts()?.restore(kept);
    scrollTo({ left: x, top: y, behavior: "instant" });
    lastUse = -Infinity;
  }

  function reloadWhenQuiet() {
    if (busy()) return setTimeout(reloadWhenQuiet, LOOK_MS);
    history.replaceState({ place: place() }, "");
    return location.reload();
  }

  for (const name of USES) addEventListener(name, used, { passive: true, capture: true });
  addEventListener("pointerdown", () => (held = true), { capture: true });
  for (const name of ["pointerup", "pointercancel", "blur"]) addEventListener(name, () => (held = false), { capture: true });
  history.scrollRestoration = "manual";
  if (history.state?.place) restore(history.state.place);
  setTimeout(reloadWhenQuiet, EVERY_MS);
})();
