// Starts the page: log-in (login.js), then the list, the live feed and the keys.

import { tell } from "./app/changes.js";
import * as router from "./app/router.js";
import { getAlert, listAlerts, summary, whenLoggedOut, whoAmI } from "./api.js";
import * as commands from "./commands.js";
import { showDatabase, whenDatabaseChanges } from "./database.js";
import { closeDetail, openDetail, setUp as setUpDetail, shownAlert, shownId } from "./detail.js";
import { byId, el, toast } from "./dom.js";
import * as filters from "./filters.js";
import { localClock, utcClock, zone, zoneId } from "./format.js";
import { listen } from "./keys.js";
import * as live from "./live.js";
import { byProxy, showWays } from "./elsewhere.js";
import * as login from "./login.js";
import * as stale from "./stale.js";
import * as table from "./table.js";
import { query, readAddress, view, writeAddress } from "./view.js";

const REFRESH_MS = 1500; // minimum interval of reloads while changes arrive
const FALLBACK_MS = 30_000; // interval of reloads without changes
const RETRY_MS = 5_000;

let user = null;
let waiting = 0;
let refreshedAt = 0;
let reading = 0;

async function refresh() {
  clearTimeout(waiting);
  waiting = 0;
  refreshedAt = Date.now();
  const mine = ++reading;
  try {
    const isShown = router.isAlerts(); // another section needs the sums only
    const [page, sums] = await Promise.all([isShown ? listAlerts(query()) : null, summary()]);
    if (mine !== reading || !user) return;
    stale.wasRead();
    filters.paintSums(sums);
    if (!isShown) return;
    showDatabase(page.meta);
    if (!table.show(page.data, page.meta)) await table.refreshUnfolded();
  } catch (error) {
    if (mine !== reading || !user || error.status === 401) return;
    if (!error.status && !error.code) throw error; // a fault of the page itself
    stale.wasNotRead(error.message);
    waiting ||= setTimeout(refresh, RETRY_MS);
  }
}

function refreshSoon() {
  if (waiting) return;
  waiting = setTimeout(refresh, Math.max(150, refreshedAt + REFRESH_MS - Date.now()));
}

function changed(alerts) {
  for (const alert of alerts) table.patch(alert);
  if (alerts.some((alert) => alert.id === shownId())) openDetail(shownId(), { quietly: true });
  refreshSoon();
  tell(alerts);
}

function open(id) {
  if (!id) return;
  Object.assign(view, { alert: id });
  writeAddress();
  openDetail(id);
}

function close() {
  Object.assign(view, { alert: "" });
  writeAddress();
  closeDetail();
}

function back() {
  if (!byId("detail").hidden) close();
  else table.choose(null, { open: false });
}

function showNews() {
  if (table.showWaiting()) refreshSoon();
  else refresh();
  byId("scroll").scrollTop = 0;
}

// Reloads an alert that a command found changed.
async function look(id) {
  try {
    changed([await getAlert(id)]);
  } catch {
    refreshSoon(); // shows why nothing can be read
  }
}

function atHand() {
  // the row selected in the list, not what the pane still shows while the next alert is being read
  return table.chosenAlert() ?? (shownId() === table.chosenId() ? shownAlert() : null);
}

function enter(who, { isNew = false } = {}) {
  user = who;
  byId("login").hidden = true;
  byId("app").hidden = false;
  byId("leave").textContent = who.name;
  byId("leave").title = `${who.roles.join(", ")}: account, log out`;
  live.follow({ changed, reload: () => { refreshSoon(); tell([]); }, database: showDatabase, lost: () => whoAmI().catch((error) => { if (error.status === 401) leave(); }) }, { isNew });
  if (!router.isAlerts()) refresh();
  router.enter(who);
}

// Shows the view in the address: at the start, after another section, by Back.
function showView() {
  readAddress();
  filters.paint();
  refresh();
  if (!view.alert) closeDetail();
  else if (view.alert !== shownId()) openDetail(view.alert);
}

function leave() {
  user = null;
  router.leave();
  live.stop();
  stale.forget();
  closeDetail();
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

// Resumes a session, as soon as the server can tell whether there is one.
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
    const isAway = error.status === 503 || error.status === 0;
    const why = error.status ? "The database, which holds the keys, is away" : error.message;
    if (isAway) byId("login-fault").textContent = `${why}. Trying again…`;
    if (isAway) setTimeout(() => { if (!user) begin(); }, RETRY_MS);
  });
}

function setUpTheme() {
  const wanted = localStorage.getItem("theme") ?? (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark");
  document.documentElement.dataset.theme = wanted;
  byId("theme").addEventListener("click", () => {
    const next = document.documentElement.dataset.theme === "light" ? "dark" : "light";
    document.documentElement.dataset.theme = next;
    localStorage.setItem("theme", next);
  });
}

function tick() {
  const now = new Date();
  byId("clock").replaceChildren(`${localClock(now)} ${zone(now)}`, el("small", { text: utcClock(now) }));
  byId("clock").title = `Times are shown in your zone, ${zoneId() || zone(now)}`;
  live.watchSilence();
  table.showWaitingIfIdle();
  table.tickAges();
  if (user && now - refreshedAt > FALLBACK_MS) refreshSoon();
}

function setUp() {
  setUpTheme();
  setUpLogin();
  router.setUp(showView);
  commands.setUp(() => user, (alert) => changed([alert]), look);
  setUpDetail(commands.mayOperate, { ...commands, open: (id) => table.choose(id), close });
  filters.setUp(() => { table.forget(); byId("scroll").scrollTop = 0; refresh(); });
  table.whenChosen(open);
  whenDatabaseChanges(() => {
    refreshSoon();
    if (shownId()) openDetail(shownId(), { quietly: true });
  });
  byId("news").addEventListener("click", showNews);
  byId("help").addEventListener("click", () => byId("keys").showModal());
  listen({
    back,
    move: table.move,
    open: () => open(table.chosenAlert()?.id),
    fold: () => table.chosenAlert() && table.fold(table.chosenAlert().id),
    acknowledge: () => commands.acknowledge(atHand()),
    unacknowledge: () => commands.unacknowledge(atHand()),
    showNews,
    resolve: () => commands.resolve(atHand()),
    shelve: () => commands.shelve(atHand()),
    note: () => commands.note(atHand()),
  });
  setInterval(tick, 1000);
  tick();
}

setUp();
begin();
