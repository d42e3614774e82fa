// System: the daemon's health, its accounts, what could not be delivered or understood, and who has changed what.

import { Head, html, loadStyles, mayUse, mayUseWhole, SectionNav } from "../../app/kit.js";
import { Asides } from "./asides.js";
import { Audit } from "./audit.js";
import { Doctor } from "./doctor.js";
import { Health } from "./health.js";
import { Keys } from "./keys.js";
import { Ledger } from "./ledger.js";
import { Roles } from "./roles.js";
import { Sessions } from "./sessions.js";
import { Settings } from "./settings.js";
import { Undelivered } from "./undelivered.js";
import { Users } from "./users.js";

await loadStyles(new URL("./system.css", import.meta.url));

const PAGES = [
  ["", "Health", Health, "system:read", "State and resources of the daemon"],
  ["messages", "Messages", Ledger, "system:read", "What became of every message: none is lost without a trace"],
  ["doctor", "Doctor", Doctor, "system:read", "Examines the daemon and its environment; each finding has its remedy"],
  ["undelivered", "Undelivered", Undelivered, "system:read", "Notifications that were given up"],
  ["set-aside", "Set aside", Asides, "system:read", "Messages that could not be processed: kept, and tried again on request"],
  ["users", "Users", Users, "users:read", "People who log in"],
  ["roles", "Roles", Roles, "users:read", "What users and keys may do, and the alerts to which it extends"],
  ["keys", "API keys", Keys, "users:read", "For programs; each key is shown once, when it is made"],
  ["sessions", "Sessions", Sessions, "users:read", "Browsers that are logged in"],
  ["audit", "Audit log", Audit, "audit:read", "Who has changed what, when and from where"],
  ["settings", "Settings", Settings, "system:read", "The settings in force, and where each comes from"],
];

export default function System({ parts: [name = "", item], query, user }) {
  const pages = PAGES.filter(([, , , needs]) => mayUseWhole(user, needs));
  const [at, title, Page, , about] = pages.find(([each]) => each === name) ?? pages[0];
  const pathTo = (page) => (page ? `/system/${page}` : "/system");
  return html`<${Head} title=${title} about=${about} />
    <${SectionNav} label="System" at=${pathTo(at)} ways=${pages.map(([page, text]) => [pathTo(page), text])} />
    <${Page} key=${at} item=${item} query=${query} user=${user} may=${(permission) => mayUse(user, permission)} />`;
}
