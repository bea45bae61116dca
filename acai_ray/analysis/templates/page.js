// Brings the interactive parts to life and keeps map and explorer on the same run.

(() => {
  "use strict";

  const page = JSON.parse(theme.byId("page-data").textContent);
  const trialOf = (pair) => page.trials.findIndex((trial) => trial.pair === pair);
  const show = page.pairs.length ? explorer.create(page, (pair) => choose(trialOf(pair))) : () => {};
  const choose = runMap.create(page, (trial) => trial.pair === null || show(trial.pair));
  document.documentElement.classList.add("scripted");
  choose(Math.max(trialOf(0), 0));
})();
