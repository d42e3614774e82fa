// New critical alerts: a sound, if wanted, and their number in the title while nobody looks at the page.

import { setNews } from "../app/title.js";
import { preference } from "./preferences.js";

const NEW_MS = 120_000; // what was received longer ago is no news
const TONES = [[880, 0], [660, 0.18], [880, 0.36]]; // hertz, start in seconds
const REST_MS = 3_000; // a storm is one sound

const known = new Set();
let unseen = 0;
let soundedAt = 0;
let audio = null;

// Browsers play a sound only after a key or a click.
export function allowSound() {
  if (!preference("sound")) return;
  audio ??= new AudioContext();
  audio.resume();
}

export function notice(alerts) {
  const found = alerts.filter((alert) => isCritical(alert) && !known.has(alert.id));
  for (const alert of alerts) {
    if (isCritical(alert)) known.add(alert.id);
    else known.delete(alert.id);
  }
  const amount = found.filter((alert) => Date.now() - Date.parse(alert.last_occurrence_at) < NEW_MS).length;
  if (!amount) return;
  sound();
  if (!document.hidden) return;
  unseen += amount;
  setNews(unseen);
}

// Alerts that were read when the page began are no news.
export function remember(alerts) {
  for (const alert of alerts) if (isCritical(alert)) known.add(alert.id);
}

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
