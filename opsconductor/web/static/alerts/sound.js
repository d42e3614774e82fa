// New critical alerts: a sound, if wanted, and their number in the title while the page is hidden.

import { setNews } from "../app/title.js";
import { preference } from "./preferences.js";

const NEW_MS = 120_000; // what was received longer ago is no news
const TONES = [[880, 0], [660, 0.18], [880, 0.36]]; // hertz, start in seconds
const START_MS = 3_000; // until the list has been read
const REST_MS = 3_000; // a storm is one sound
const MOST_KNOWN = 50_000; // closed ones too: one that comes back is news
const DROPPED = 5_000; // of the oldest at once: one by one each would search the places of those before it

const known = new Map(); // id -> whether it was critical when it was last seen, which is the order
const startedAt = Date.now();
let unseen = 0;
let soundedAt = 0;
let audio = null;

// Browsers play a sound only after a key or a click.
export function allowSound() {
  if (!preference("sound")) return;
  audio ??= new AudioContext();
  audio.resume();
}

// Takes in alerts of the feed or of a list. News: one that has become critical, or that has just been received so.
export function notice(alerts) {
  const amount = alerts.filter(isNews).length;
  for (const alert of alerts) remember(alert);
  if (!amount) return;
  sound();
  if (!document.hidden) return;
  unseen += amount;
  setNews(unseen);
}

function remember(alert) {
  known.delete(alert.id);
  known.set(alert.id, isCritical(alert));
  if (known.size <= MOST_KNOWN) return;
  for (const id of [...known.keys()].slice(0, DROPPED)) known.delete(id);
}

function isNews(alert) {
  if (!isCritical(alert)) return false;
  return known.has(alert.id) ? !known.get(alert.id) : Date.now() - Date.parse(alert.received_at) < NEW_MS && isStarted();
}

// What was there when the page was opened is no news.
const isStarted = () => Date.now() - startedAt > START_MS;

const isCritical = (alert) => alert.severity === "critical" && alert.status === "active";

function sound() {
  if (!preference("sound") || audio?.state !== "running" || Date.now() - soundedAt < REST_MS) return;
  soundedAt = Date.now();
  for (const [hertz, start] of TONES) {
    const from = audio.currentTime + start;
    const tone = new OscillatorNode(audio, { frequency: hertz });
    const level = new GainNode(audio, { gain: 0 });
    level.gain.setValueAtTime(0, from);
    level.gain.linearRampToValueAtTime(0.25, from + 0.02);
    level.gain.exponentialRampToValueAtTime(0.001, from + 0.17);
    tone.connect(level).connect(audio.destination);
    tone.start(from);
    tone.stop(from + 0.18);
  }
}

for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, allowSound, { passive: true });
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  unseen = 0;
  setNews(0);
});
