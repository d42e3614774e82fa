// Starts the page: log-in (login.js), then the alerts (alerts/section.js), the other sections and the live feed.

import * as alerts from "./alerts/section.js";
import { announceChanges } from "./app/changes.js";
import * as router from "./app/router.js";
import { beginSession, whenLoggedOut, whoAmI } from "./api.js";
import { showDatabase } from "./database.js";
import { byId, el } from "./dom.js";
import { localClock, utcClock, zone, zoneId } from "./format.js";
import * as live from "./live.js";
import { byProxy, showWays } from "./elsewhere.js";
import * as login from "./login.js";
import * as stale from "./stale.js";

const RETRY_MS = 5_000;
const THEMES = ["dark", "light", "contrast"];

let user = null;

function changed(found) {
  alerts.changed(found);
  announceChanges(found);
}

function reload() {
  alerts.refreshSoon();
  announceChanges([]);
}

async function lost() {
  const before = user;
  try {
    await whoAmI();
  } catch (error) {
    if (error.status === 401 && user === before) leave();
  }
}

function enter(who, { isNew = false } = {}) {
  if (who.must_enrol) {
    leave();
    login.showAccount(who);
    return;
  }
  user = who;
  beginSession();
  byId("login").hidden = true;
  byId("app").hidden = false;
  byId("leave").textContent = who.name;
  byId("leave").title = `${who.roles.join(", ")}: account, log out`;
  live.follow({ changed, reload, database: showDatabase, lost }, { isNew });
  if (!router.isAlerts()) alerts.refresh();
  router.enter(who);
}

function leave({ isOver = false } = {}) {
  if (isOver && user) byId("login-fault").textContent = "Your session has ended: log in again.";
  user = null;
  router.leave();
  live.stop();
  stale.forget();
  alerts.leave();
  byId("app").hidden = true;
  byId("login").hidden = false;
  if (!login.isLinkOpen()) byId("login-name").focus();
  showWays((who) => enter(who, { isNew: true }));
}

function setUpLogin() {
  login.setUp({ enter: (who) => enter(who, { isNew: true }), leave });
  byId("leave").addEventListener("click", () => user && login.showAccount(user));
  whenLoggedOut(leave);
}

// Resumes the session, if there is one, as soon as the server answers.
function begin() {
  if (login.isLinkOpen()) {
    byId("login").hidden = false;
    return;
  }
  whoAmI().then((who) => enter(who), async (error) => {
    const who = error.status === 401 ? await byProxy() : null;
    if (user) return;
    if (who) {
      enter(who);
      return;
    }
    leave();
    const isAway = error.status === 0 || error.status === 429 || error.status >= 500;
    const why = error.status === 503 ? "The database, which holds the keys, is away" : error.message;
    if (isAway) byId("login-fault").textContent = `${why}. Trying again…`;
    if (isAway) setTimeout(() => { if (!user) begin(); }, RETRY_MS);
  });
}

function setUpTheme() {
  const usual = matchMedia("(prefers-contrast: more)").matches ? "contrast" : matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark";
  const kept = localStorage.getItem("theme");
  document.documentElement.dataset.theme = THEMES.includes(kept) ? kept : usual;
  byId("theme").addEventListener("click", () => {
    const next = THEMES[(THEMES.indexOf(document.documentElement.dataset.theme) + 1) % THEMES.length];
    document.documentElement.dataset.theme = next;
    localStorage.setItem("theme", next);
  });
}

function tick() {
  const now = new Date();
  byId("clock").replaceChildren(`${localClock(now)} ${zone(now)}`, zone(now) === "UTC" ? "" : el("small", { text: utcClock(now) }));
  byId("clock").title = `Times are shown in your zone, ${zoneId() || zone(now)}`;
  live.watchSilence();
  alerts.tick({ isCut: stale.isCut() });
}

function setUp() {
  setUpTheme();
  setUpLogin();
  alerts.setUp({ user: () => user, isShown: router.isAlerts });
  router.setUp(alerts.showView);
  setInterval(tick, 1000);
  tick();
}

setUp();
begin();
