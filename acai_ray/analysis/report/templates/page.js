// Brings the interactive parts to life and keeps map and explorer on the same run.

const interactive = (() => {
  "use strict";

  const page = JSON.parse(theme.byId("page-data").textContent);
  const trialOf = (pair) => page.trials.findIndex((trial) => trial.pair === pair);
  const named = (name) => page.trials.findIndex((trial) => trial.name === name);
  const twins = page.pairs.length ? explorer.create(page, (pair) => choose(trialOf(pair))) : null;
  const map = runMap.create(page, (trial) => twins && trial.pair !== null && twins.show(trial.pair));
  const choose = map.choose;
  document.documentElement.classList.add("scripted");
  choose(Math.max(trialOf(0), 0));

  /** What the reader has picked, by name, for numbers of trials change while a study grows. */
  function keep() {
    const { chosen, metric } = map.picked();
    return { trial: page.trials[chosen].name, metric, twins: twins?.keep() };
  }

  function restore(kept) {
    map.colour(kept.metric);
    if (twins && kept.twins) twins.restore(kept.twins, (name) => choose(trialOf(name)));
    const place = named(kept.trial);
    if (place >= 0) choose(place);
    return twins?.drawn();
  }

  return { keep, restore, playing: () => twins?.playing() ?? false };
})();
