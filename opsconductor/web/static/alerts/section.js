// The section of the alerts: the list, the pane of one alert, commands and keys.

import * as commands from "../alert/commands.js";
import { closeDetail, openDetail, setUp as setUpDetail, shownAlert, shownId } from "../alert/detail.js";
import { getAlert } from "../api.js";
import { whenDatabaseChanges } from "../database.js";
import { byId } from "../dom.js";
import * as bulk from "./bulk.js";
import * as display from "./display.js";
import * as filters from "./filters.js";
import { listen } from "./keys.js";
import * as listing from "./listing.js";
import "./menus.js";
import * as reading from "./reading.js";
import * as saved from "./saved.js";
import * as selection from "./selection.js";
import { notice } from "./sound.js";
import * as table from "./table.js";
import { readAddress, view, writeAddress } from "./view.js";
import { paint, tickAges } from "./window.js";

const FALLBACK_MS = 30_000; // interval of reads without changes
const CUT_OFF_MS = 5_000; // and while the feed is cut
const OPENED = "alert opened"; // state of the step from the list to an alert

let isThere = () => false;

export const { refresh, refreshSoon } = reading;

// Handles changed alerts of the live feed, or of a command.
export function changed(alerts) {
  notice(alerts);
  for (const alert of alerts) table.patch(alert);
  paint();
  if (alerts.some((alert) => alert.id === shownId())) openDetail(shownId(), { quietly: true });
  reading.refreshSoon();
}

// Shows the view in the address: at the start, after another section, by Back.
export function showView() {
  const before = JSON.stringify({ ...view, alert: "", severity: [...view.severity] });
  readAddress();
  filters.paint();
  if (before !== JSON.stringify({ ...view, alert: "", severity: [...view.severity] })) startOver();
  else reading.refresh();
  if (!view.alert) closeDetail();
  else if (view.alert !== shownId()) openDetail(view.alert);
}

function startOver() {
  selection.clear();
  table.forget();
  reading.refresh();
}

function open(id) {
  if (!id) return;
  const isStep = !view.alert;
  view.alert = id;
  writeAddress({ isStep, state: isStep ? OPENED : history.state });
  openDetail(id);
}

function close() {
  const isUndone = view.alert && history.state === OPENED;
  view.alert = "";
  if (isUndone) history.back();
  else writeAddress();
  closeDetail();
}

export function leave() {
  closeDetail();
  selection.clear();
  table.forget();
  listing.clear();
  paint();
}

function back() {
  if (!byId("detail").hidden) close();
  else if (selection.amount()) selection.clear();
  else table.choose(null, { open: false });
}

function showNews() {
  if (table.showWaiting()) reading.refreshSoon();
  else reading.refresh();
  byId("scroll").scrollTop = 0;
}

// Reloads an alert that a command found changed.
async function look(id) {
  try {
    changed([await getAlert(id)]);
  } catch {
    reading.refreshSoon(); // shows why nothing can be read
  }
}

function atHand() {
  // the row chosen in the list, not what the pane still shows while the next alert is being read
  return table.chosenAlert() ?? (shownId() === table.chosenId() || !table.chosenId() ? shownAlert() : null);
}

export function tick({ isCut }) {
  table.showWaitingIfIdle();
  tickAges();
  if (isThere() && Date.now() - reading.readAt() > (isCut ? CUT_OFF_MS : FALLBACK_MS)) reading.refreshSoon();
}

const onSelectionOr = (name, act) => () => (bulk.isWanted() ? bulk.give(name) : act(atHand()));

export function setUp({ user, isShown }) {
  isThere = () => Boolean(user());
  table.setUp({ chose: open, under: reading.readUnder });
  reading.setUp(isThere, isShown);
  commands.setUp(user, (alert) => changed([alert]), look);
  bulk.setUp(user, reading.refreshSoon);
  setUpDetail(commands.mayOperate, { ...commands, open: (id) => table.choose(id), close });
  filters.setUp(startOver);
  saved.setUp();
  display.setUp();
  selection.whenSelected(paint);
  whenDatabaseChanges(() => {
    reading.refreshSoon();
    if (shownId()) openDetail(shownId(), { quietly: true });
  });
  byId("heads").addEventListener("change", ({ target }) => {
    if (target.id !== "select-all") return;
    if (target.checked) selection.selectEverything(listing.totalNow());
    else selection.clear();
  });
  byId("news").addEventListener("click", showNews);
  byId("help").addEventListener("click", () => byId("keys").showModal());
  listen({
    back,
    showNews,
    move: table.move,
    open: () => open(table.chosenAlert()?.id),
    fold: () => table.chosenId() && table.fold(table.chosenId()),
    select: () => table.chosenAlert() && selection.toggle(table.chosenAlert()),
    acknowledge: onSelectionOr("acknowledge", commands.acknowledge),
    unacknowledge: () => commands.unacknowledge(atHand()),
    resolve: onSelectionOr("resolve", commands.resolve),
    shelve: onSelectionOr("shelve", commands.shelve),
    note: onSelectionOr("notes", commands.note),
    assign: onSelectionOr("assign", commands.assign),
  });
}
